//! `rbl fmt [PATH…]`: formats runbooks in the one style.

use std::path::Path;

use similar::TextDiff;

use super::check::unreadable;
use super::input_files::{TargetFile, targets};
use super::{CliContext, CommandResult};
use crate::{Exit, bug};
use clap::Args;
use rbl_check::promql::QueryStyle;
use rbl_project::Refusal;
use rbl_project::files::{NamedFile, UnreadableFile};
use rbl_project::replace::replace;
use rbl_report::findings::FindingsSummary;
use rbl_report::findings::print;
use rbl_report::findings::print::FindingsFormat;
use rbl_syntax as syntax;
use rbl_syntax::Unprintable;
use rbl_syntax::counted;
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::harmless;
use rbl_syntax::source::{Source, SourceId, Sources};
use rbl_world::Configured;

/// `rbl fmt`
#[derive(Debug, Args)]
#[command(
    after_help = "A file with mistakes is left as it is. Exit codes: 0 done, 1 mistakes, or with --check or --diff \
                        files in\nanother style, 2 a file cannot be read or written, 70 a bug in rbl."
)]
pub(crate) struct FmtArguments {
    /// Runbooks, or folders: every runbook below them is rewritten; `-` reads standard input and prints it
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<String>,
    /// Write nothing; list the files that would change
    #[arg(long)]
    pub check: bool,
    /// Write nothing; show what would change
    #[arg(long)]
    pub diff: bool,
}

/// Counts for the closing line.
#[derive(Debug, Default)]
struct FmtTally {
    files: usize,
    changed: usize,
    with_mistakes: usize,
    ruby: usize,
    bugs: usize,
}

/// Formats all target files. A file with mistakes is left unchanged.
pub(super) fn fmt(asked: &FmtArguments, context: &mut CliContext) -> CommandResult {
    let (targets, mut refusals) = targets(&asked.paths);
    let mut tally = FmtTally::default();
    for target in &targets {
        if let Err(refusal) = file(asked, target, context, &mut tally) {
            refusals.push(refusal);
        }
    }
    close(asked, &tally, context);
    for refusal in &refusals {
        context.err.line(&refusal.to_string());
    }
    if tally.bugs > 0 {
        return Ok(Exit::Bug);
    }
    if !refusals.is_empty() {
        return Ok(Exit::Cannot);
    }
    if tally.files == 0 {
        return Err(Refusal::new(format!("no runbook found in {}", asked.paths.join(", "))));
    }
    let only_looked = asked.check || asked.diff;
    let findings = tally.with_mistakes > 0 || only_looked && tally.changed > 0;
    Ok(if findings { Exit::Findings } else { Exit::Fine })
}

fn file(
    asked: &FmtArguments,
    target: &TargetFile,
    context: &mut CliContext,
    tally: &mut FmtTally,
) -> Result<(), Refusal> {
    let named = match target.read() {
        Ok(named) => named,
        Err(why @ UnreadableFile::Closed(_)) => return Err(why.refusal(&target.path)),
        Err(why) => {
            let found = unreadable(&target.path, &why);
            tally.files += 1;
            print_mistakes(&found.diagnostics, &found.sources, context, tally);
            return Ok(());
        }
    };
    let catalogue = Configured::find(&named.folder())?.catalogue();
    let text = syntax::normal(&named.text);
    let printed = match syntax::print(SourceId(0), &text, &QueryStyle { catalogue: &catalogue }) {
        Ok(printed) => printed,
        Err(Unprintable::Findings(diagnostics)) => {
            if !target.named && diagnostics.iter().any(|it| it.code == Code::SYNTAX_RUBY) {
                tally.ruby += 1;
                return Ok(());
            }
            let mut sources = Sources::new();
            sources.add(Source::new(named.shown.as_str(), &*text));
            tally.files += 1;
            print_mistakes(&diagnostics, &sources, context, tally);
            return Ok(());
        }
        Err(Unprintable::Differs(how)) => {
            tally.files += 1;
            tally.bugs += 1;
            let what = format!("the formatted text of {} does not mean the same: {how}", named.shown);
            context.out.flush();
            context.err.text(&bug::left_as_it_is(&what));
            return Ok(());
        }
    };
    tally.files += 1;
    let changes = printed != named.text;
    tally.changed += usize::from(changes);
    if asked.diff {
        if changes {
            diff(&named, &printed, context);
        }
    } else if asked.check {
        if changes {
            context.out.line(&harmless(&named.shown));
        }
    } else if target.path == "-" {
        context.out.text(&printed);
    } else if changes {
        replace(Path::new(&target.path), &named.text, &printed).map_err(|why| {
            tally.changed -= 1;
            Refusal::new(format!("cannot write `{}`: {why}", target.path)).help("it was left unchanged")
        })?;
        context.out.line(&harmless(&named.shown));
    }
    Ok(())
}

/// Prints the lines that would change, in the format of `diff -u`.
fn diff(named: &NamedFile, printed: &str, context: &mut CliContext) {
    let diff = TextDiff::from_lines(named.text.as_str(), printed);
    let name = named.shown.as_str();
    let (before, after) = (format!("a/{name}"), format!("b/{name}"));
    let text = diff.unified_diff().context_radius(3).header(&before, &after).to_string();
    for line in text.split_inclusive('\n') {
        context.out.line(&harmless(line.trim_end_matches(['\n', '\r'])));
    }
}

fn print_mistakes(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    context: &mut CliContext,
    tally: &mut FmtTally,
) {
    tally.with_mistakes += 1;
    let form = FindingsFormat::Pretty(context.terminal.stderr);
    context.out.flush();
    print::print(diagnostics, sources, form, &mut context.err, &mut FindingsSummary::default());
}

/// Prints the closing line on standard error: the files are the result.
fn close(asked: &FmtArguments, tally: &FmtTally, context: &mut CliContext) {
    context.out.flush();
    // Used as a filter, only the formatted text is wanted.
    if tally.files == 0 || asked.paths == ["-"] {
        return;
    }
    let files = |count: usize| counted(count, "file", "files");
    let mut said = match tally.changed {
        0 => format!("{} looked at, nothing to change", files(tally.files)),
        changed if asked.check || asked.diff => format!("{} of {} would change", changed, files(tally.files)),
        changed => format!("{} of {} changed", changed, files(tally.files)),
    };
    if tally.with_mistakes > 0 {
        said = format!("{said}; {} with mistakes left as they are", files(tally.with_mistakes));
    }
    if tally.ruby > 0 {
        said = format!("{said} ({} of Ruby left out)", files(tally.ruby));
    }
    context.err.line(&said);
}
