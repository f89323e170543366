//! `rbl paths FILE [N]`: lists every path through a runbook.

use super::run::program_of;
use super::{CliContext, CommandResult};
use crate::Exit;
use clap::{Args, ValueEnum};
use rbl_check::paths::Paths;
use rbl_documents::flow::FlowPicture;
use rbl_project::Refusal;
use rbl_project::files::{Files, NamedFile};
use rbl_report::paths;
use rbl_report::paths::PathsLayout;
use rbl_syntax::counted;
use rbl_syntax::source::SourceId;
use rbl_world::Configured;

/// `rbl paths`
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 they are listed, 2 cannot be done, 3 the runbook has errors.")]
pub(crate) struct PathsArguments {
    /// The runbook, or `-`
    pub file: String,
    /// Show this path in full
    pub number: Option<u64>,
    /// How paths are printed
    #[arg(long, value_enum, default_value = "text")]
    pub format: PathsFormat,
}

/// How paths are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PathsFormat {
    /// For people
    Text,
    /// One JSON object for each path
    Json,
    /// A drawing in Mermaid's language
    Mermaid,
    /// A drawing in Graphviz's language
    Dot,
}

/// Prints all paths, or path N in full.
pub(super) fn paths(asked: &PathsArguments, context: &mut CliContext) -> CommandResult {
    let named = NamedFile::read(&asked.file).map_err(|why| why.refusal(&asked.file))?;
    let configured = Configured::find(&named.folder())?;
    let Some(program) = program_of(&named, &mut Files::new(&named), &configured, "no paths", context)? else {
        return Ok(Exit::Errors);
    };
    let paths = Paths::of(&program, &configured.catalogue());
    let title = paths.title(&program);
    let style = context.terminal.stdout;
    let look = PathsLayout { unicode: style.unicode, width: style.width };
    if let Some(number) = asked.number {
        let of = paths.total().paths;
        let described = paths.path(u128::from(number)).and_then(|path| paths.describe(&path));
        let Some(described) = described else {
            if u128::from(number) <= of && number > 0 {
                let most = Paths::LONGEST;
                return Err(Refusal::new(format!(
                    "path {number} is too long to be shown: more than {most} places"
                )));
            }
            let refusal = Refusal::new(format!(
                "there is no path {number}: the runbook has {}",
                counted(of, "path", "paths")
            ));
            return Err(refusal.help(format!("`rbl paths {}` lists them", asked.file)));
        };
        match asked.format {
            PathsFormat::Text => {
                context.out.text(&paths::full(u128::from(number), of, &described, &named.shown, look));
            }
            PathsFormat::Json => context.out.line(&paths::json_of(u128::from(number), &described)),
            PathsFormat::Mermaid | PathsFormat::Dot => {
                return Err(Refusal::new("a single path cannot be drawn: it has no arms")
                    .help("leave the number out, or take `--format text`"));
            }
        }
        return Ok(Exit::Fine);
    }
    match asked.format {
        PathsFormat::Text => context.out.text(&paths::list(&title, &named.shown, &paths, look)),
        PathsFormat::Json => paths::json(&title, &named.shown, &paths, |line| context.out.line(line)),
        PathsFormat::Mermaid => context.out.text(&picture(&named).mermaid()),
        PathsFormat::Dot => context.out.text(&picture(&named).dot()),
    }
    Ok(Exit::Fine)
}

/// The flow of the runbook as a person would draw it.
fn picture(named: &NamedFile) -> FlowPicture {
    let text = rbl_syntax::normal(&named.text);
    FlowPicture::of(&rbl_syntax::parse(SourceId(0), &text).file, &text)
}
