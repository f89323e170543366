//! `rbl check [PATH…]`: finds mistakes in runbooks without running them.

use std::cell::Cell;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::check_cache::{self, CheckedBefore};
use super::configurations::Configurations;
use super::fix::{FixMode, FixedFiles, fix};
use super::input_files::{TargetFile, targets};
use super::metric_queries::MetricQueries;
use super::{CliContext, CommandResult};
use crate::Exit;
use clap::{Args, ValueEnum};
use rbl_check as check;
use rbl_check::paths::over_budget;
use rbl_check::{FileKind, Program};
use rbl_project::Refusal;
use rbl_project::files;
use rbl_project::files::{Files, UnreadableFile};
use rbl_project::parallel;
use rbl_project::recording_loader::RecordingLoader;
use rbl_project::source_cache::SourceCache;
use rbl_report::findings::print::FindingsFormat;
use rbl_report::findings::report::{FindingsReport, ReportFormat};
use rbl_report::findings::{FindingsSummary, Github, Junit, Sarif};
use rbl_report::paths;
use rbl_syntax::counted;
use rbl_syntax::diagnostic::{Code, Diagnostic, Severity};
use rbl_syntax::harmless;
use rbl_syntax::source::{Source, Sources, Span};

/// `rbl check`
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 nothing to report, 1 findings or a difference, 2 no runbook found.")]
#[allow(clippy::struct_excessive_bools)] // each is a flag of its own
pub(crate) struct CheckArguments {
    /// Runbooks, or folders: every runbook below them that `.gitignore` does not exclude
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<String>,
    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,
    /// Also query the providers for each metric now; no action is run
    #[arg(long)]
    pub online: bool,
    /// Report an error where the longest path through a runbook may take longer than this: `45m`
    #[arg(long, value_name = "DURATION", value_parser = seconds)]
    pub budget: Option<f64>,
    /// Fix what can have one meaning only, and write the file; the rest is reported
    #[arg(long)]
    pub fix: bool,
    /// Show the changes of `--fix` as a diff; alone it writes nothing and reports nothing else
    #[arg(long, conflicts_with = "format")]
    pub diff: bool,
    /// Rule files of Prometheus: report alerts without a runbook, runbooks that no rule starts, and thresholds that differ
    #[arg(long, value_name = "RULES")]
    pub alerts: Vec<String>,
    /// How findings are printed
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: CheckFormat,
    /// Check every file, also those that had no findings and have not changed since
    #[arg(long)]
    pub no_cache: bool,
}

/// Parses a duration of the language, to seconds.
fn seconds(text: &str) -> Result<f64, String> {
    rbl_project::setting::Seconds::parse(text).map(|it| it.0)
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people, with the source lines
    Pretty,
    /// One line for each finding
    Short,
    /// One JSON object for each finding
    Json,
    /// Annotations of a GitHub workflow
    Github,
    /// One SARIF 2.1.0 document
    Sarif,
    /// One JUnit XML document
    Junit,
}

/// The size of each runbook is printed for at most this many files: more do not fit on a screen.
const COUNTED: usize = 20;

/// What the check looks at besides the text.
#[derive(Debug, Clone, Copy)]
struct CheckOptions<'a> {
    /// Limit for the longest path, in seconds.
    budget: Option<f64>,
    /// Whether the size of each runbook is printed.
    counts: bool,
    /// The providers, if they are queried too.
    online: Option<&'a MetricQueries>,
    /// The files that had no findings before.
    before: Option<&'a CheckedBefore>,
}

/// The result of checking one file.
#[derive(Debug)]
enum FileCheck {
    /// The file was checked. For a runbook without errors, also its size, as a line of text.
    Checked(CheckFindings, Option<String>),
    /// The file is Ruby, and was not named on the command line.
    Ruby,
    /// The file was named on the command line, but cannot be read.
    Refused(Refusal),
}

/// The findings, and the sources they refer to.
#[derive(Debug, Default)]
pub(super) struct CheckFindings {
    pub(super) sources: Arc<Sources>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Checks all target files, and prints the findings.
pub(super) fn check(asked: &CheckArguments, context: &mut CliContext) -> CommandResult {
    let (targets, mut refusals) = targets(&asked.paths);
    let configurations = Configurations::default();
    let mode = FixMode { write: asked.fix, diff: asked.diff };
    let fixed = if asked.fix || asked.diff {
        fix(&targets, &configurations, mode, context, &mut refusals)
    } else {
        FixedFiles::default()
    };
    if asked.diff && !asked.fix && !targets.is_empty() {
        for refusal in &refusals {
            context.err.line(&refusal.to_string());
        }
        return Ok(match (refusals.is_empty(), fixed.files) {
            (false, _) => Exit::Cannot,
            (true, 0) => Exit::Fine,
            (true, _) => Exit::Findings,
        });
    }
    // The fixed text of standard input is the result, so everything else goes to standard error.
    if asked.fix && !asked.diff && fixed.stdin.is_some() {
        std::mem::swap(&mut context.out, &mut context.err);
        std::mem::swap(&mut context.terminal.stdout, &mut context.terminal.stderr);
        let done = report(asked, &targets, &fixed, &configurations, refusals, context);
        std::mem::swap(&mut context.out, &mut context.err);
        std::mem::swap(&mut context.terminal.stdout, &mut context.terminal.stderr);
        return done;
    }
    let checked = report(asked, &targets, &fixed, &configurations, refusals, context)?;
    if asked.alerts.is_empty() {
        return Ok(checked);
    }
    let lines = super::site::alert_lines(&asked.alerts, &targets)?;
    for line in &lines {
        context.out.line(&harmless(line));
    }
    Ok(if checked == Exit::Fine && !lines.is_empty() { Exit::Findings } else { checked })
}

/// Checks the files as they are now, and prints the findings.
fn report(
    asked: &CheckArguments,
    targets: &[TargetFile],
    fixed: &FixedFiles,
    configurations: &Configurations,
    mut refusals: Vec<Refusal>,
    context: &mut CliContext,
) -> CommandResult {
    let cache = Arc::default();
    let online = asked.online.then(MetricQueries::new);
    // Few files are checked faster than a cache is read, and the providers may answer differently each time.
    let caches = targets.len() > COUNTED && !asked.online && !asked.no_cache;
    let before = caches.then(|| check_cache::open(asked.budget)).flatten();
    let look = CheckOptions {
        budget: asked.budget,
        counts: asked.format == CheckFormat::Pretty && targets.len() <= COUNTED,
        online: online.as_ref(),
        before: before.as_ref(),
    };
    let outcomes = each(targets, |target| file(target, fixed, configurations, &cache, look));
    if let Some(before) = before {
        before.save();
    }
    let shape = match asked.format {
        CheckFormat::Pretty => ReportFormat::Findings(FindingsFormat::Pretty(context.terminal.stdout)),
        CheckFormat::Short => ReportFormat::Findings(FindingsFormat::Short),
        CheckFormat::Json => ReportFormat::Findings(FindingsFormat::Json),
        CheckFormat::Github => ReportFormat::Github(Github::default()),
        CheckFormat::Sarif => ReportFormat::Sarif(Sarif::default()),
        CheckFormat::Junit => ReportFormat::Junit(Junit::default()),
    };
    let in_workflow = std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true");
    let step_summary = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
    let mut report = FindingsReport::new(shape, in_workflow, step_summary.map(PathBuf::from));
    let mut summary = FindingsSummary::default();
    let mut reported = HashSet::new();
    let mut ruby = 0;
    let mut runbooks = Vec::new();
    for (file, findings) in configurations.findings(&mut refusals) {
        print_new(&file, findings, asked.strict, &mut report, context, &mut summary, &mut reported);
    }
    for (target, outcome) in targets.iter().zip(outcomes) {
        match outcome {
            FileCheck::Checked(findings, runbook) => {
                summary.files += 1;
                runbooks.extend(runbook);
                let file = if target.path == "-" { files::STDIN } else { &target.path };
                print_new(file, findings, asked.strict, &mut report, context, &mut summary, &mut reported);
            }
            FileCheck::Ruby => ruby += 1,
            FileCheck::Refused(refusal) => refusals.push(refusal),
        }
    }
    for runbook in &runbooks {
        context.out.line(&harmless(runbook));
    }
    report.end(&summary, &refusals, &mut context.out, &mut context.err);
    close(&summary, ruby, &report, context);
    for line in online.iter().flat_map(MetricQueries::left_out) {
        context.err.line(&line);
    }
    for refusal in &refusals {
        context.err.line(&refusal.to_string());
    }
    if !refusals.is_empty() {
        return Ok(Exit::Cannot);
    }
    if summary.files == 0 {
        let refusal = Refusal::new(format!("no runbook found in {}", asked.paths.join(", ")));
        return Err(match ruby {
            0 => {
                refusal.help("a runbook is a file that ends in `.rb` or `.rbl`; `rbl new` writes a first one")
            }
            _ => refusal.help("the `.rb` files there are Ruby; `rbl new` writes a first runbook"),
        });
    }
    Ok(if summary.errors > 0 { Exit::Findings } else { Exit::Fine })
}

/// Prints the closing line: as a result for people and machines, on standard error for an editor or beside a
/// document.
fn close(summary: &FindingsSummary, ruby: usize, report: &FindingsReport, context: &mut CliContext) {
    let skipped = match ruby {
        0 => String::new(),
        more => format!(" ({} left out)", counted(more, "file of Ruby", "files of Ruby")),
    };
    context.out.flush();
    if report.closes_in_json() {
        context.out.line(&summary.json());
    } else if report.closes_in_results() {
        if summary.files > 0 || !summary.is_clean() {
            context.out.line(&format!("{summary}{skipped}"));
        }
    } else if summary.files > 0 {
        context.err.line(&format!("{summary}{skipped}"));
    }
    context.out.flush();
}

/// Prints the findings that were not printed before: a mistake in a library is found again in each runbook that uses
/// it.
fn print_new(
    file: &str,
    mut findings: CheckFindings,
    strict: bool,
    report: &mut FindingsReport,
    context: &mut CliContext,
    summary: &mut FindingsSummary,
    reported: &mut HashSet<(String, u32, u32, &'static str, String)>,
) {
    findings.diagnostics.retain(|it| {
        let span = it.place().map(|place| place.span).unwrap_or_default();
        let file =
            it.place().and_then(|place| findings.sources.get(place.source)).map(|it| it.name().to_owned());
        let key = (file.unwrap_or_default(), span.start, span.end, it.code.name(), it.message.clone());
        reported.insert(key)
    });
    if strict {
        for diagnostic in &mut findings.diagnostics {
            if diagnostic.severity == Severity::Warning {
                diagnostic.severity = Severity::Error;
            }
        }
    }
    let CheckFindings { sources, diagnostics } = &findings;
    report.file(file, diagnostics, sources, &mut context.out, &mut context.err, summary);
}

/// Runs `of` on each target, in parallel where there are several cores. The results are in the order of the targets.
pub(super) fn each<T: Send>(targets: &[TargetFile], of: impl Fn(&TargetFile) -> T + Sync) -> Vec<T> {
    parallel::each(targets, of)
}

fn file(
    target: &TargetFile,
    fixed: &FixedFiles,
    configurations: &Configurations,
    cache: &Arc<SourceCache>,
    look: CheckOptions<'_>,
) -> FileCheck {
    let read = match &fixed.stdin {
        Some(stdin) if target.path == "-" => stdin.clone(),
        _ => target.read(),
    };
    let named = match read {
        Ok(named) => named,
        Err(why @ UnreadableFile::Closed(_)) if target.named => {
            return FileCheck::Refused(why.refusal(&target.path));
        }
        Err(why) => return FileCheck::Checked(unreadable(&target.path, &why), None),
    };
    let configured = match configurations.of(named.folder()) {
        Ok(configured) => configured,
        Err(refusal) => return FileCheck::Refused(refusal),
    };
    // A broken configuration hides findings.
    let before = look.before.filter(|_| target.path != "-" && configured.connections.is_some());
    if before.is_some_and(|before| before.is_clean(&named, &configured)) {
        return FileCheck::Checked(CheckFindings::default(), None);
    }
    let read = cache.checked(&named.identity, &named.shown, &named.text);
    let config_file = configured.file.as_deref().unwrap_or_default();
    let asking = look.online.zip(configured.connections.as_ref());
    let ask =
        asking.map(|(online, config)| move |program: &Program| online.ask(program, config, config_file));
    let mut loader = RecordingLoader::new(Files::sharing(Arc::clone(cache), &named));
    let depends_on_day = Cell::new(false);
    let today = || {
        depends_on_day.set(true);
        jiff::Zoned::now().date()
    };
    let catalogue = &configured.catalogue;
    let program_wanted = look.counts || look.budget.is_some() || ask.is_some();
    let (sources, mut diagnostics, runbook) = if program_wanted {
        let ask = ask.as_ref().map(|ask| ask as check::AskProviders<'_>);
        let checked = check::check_asking(&read, &mut loader, catalogue, Some(&today), ask);
        let runbook = checked.program.filter(|_| checked.kind == FileKind::Runbook);
        (checked.sources, checked.diagnostics, runbook)
    } else {
        let found = check::findings(&read, &mut loader, catalogue, Some(&today));
        (found.sources, found.diagnostics, None)
    };
    let is_ruby = |it: &Diagnostic| it.code == Code::SYNTAX_RUBY;
    if !target.named && diagnostics.iter().any(is_ruby) {
        return FileCheck::Ruby;
    }
    let budgeted = runbook.as_ref().zip(look.budget);
    diagnostics.extend(budgeted.and_then(|(program, budget)| over_budget(program, catalogue, budget)));
    let runbook = runbook.filter(|_| look.counts);
    let runbook = runbook.map(|program| paths::how_much(&named.shown, &program, catalogue));
    if configured.connections.is_none() {
        // A broken `rbl.toml` leaves its names unknown. Its own findings are reported, not those that follow from it.
        let unconfigured = [Code::NAME_PROVIDER, Code::NAME_EXECUTOR, Code::NAME_TEAM, Code::NAME_CHANNEL];
        diagnostics.retain(|it| !unconfigured.contains(&it.code));
    }
    if diagnostics.is_empty()
        && !depends_on_day.get()
        && let Some((before, read)) = before.zip(loader.into_read())
    {
        before.keep(&named, &configured, read);
    }
    // The sources are kept only to show the lines of a finding.
    let sources = if diagnostics.is_empty() { Arc::default() } else { sources };
    FileCheck::Checked(CheckFindings { sources, diagnostics }, runbook)
}

/// Reports a file that cannot be read as a finding, so that the other files are still checked.
pub(super) fn unreadable(path: &str, why: &UnreadableFile) -> CheckFindings {
    let (before, message, label) = match why {
        UnreadableFile::NotText { what, looks, before } => (before.as_str(), what.as_str(), *looks),
        UnreadableFile::Closed(why) => ("", "the file cannot be read", why.as_str()),
    };
    let mut sources = Sources::new();
    let id = sources.add(Source::new(if path == "-" { files::STDIN } else { path }, before));
    let end = u32::try_from(before.len()).unwrap_or_default();
    let diagnostic = Diagnostic::new(Code::SYNTAX_FILE, message, Span::new(end, end).in_source(id), label);
    CheckFindings { sources: sources.into(), diagnostics: vec![diagnostic] }
}
