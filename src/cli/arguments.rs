//! The commands of `rbl`, and the flags that stand before them. The arguments of a command stand with the command.

use std::ffi::{OsStr, OsString};

use clap::{Parser, Subcommand, ValueEnum};

use super::abort::AbortArguments;
use super::acknowledge::AcknowledgeArguments;
use super::answer::AnswerArguments;
use super::ast::AstArguments;
use super::check::CheckArguments;
use super::completions::CompletionsArguments;
use super::connections::ConnectionsArguments;
use super::diff::DiffArguments;
use super::doctor::DoctorArguments;
use super::explain::ExplainArguments;
use super::export::ExportArguments;
use super::fmt::FmtArguments;
use super::freeze::FreezeArguments;
use super::hooks::HooksArguments;
use super::import::ImportArguments;
use super::man::ManArguments;
use super::new::NewArguments;
use super::paths::PathsArguments;
use super::plan::PlanArguments;
use super::prune::StoreArguments;
use super::repl::ReplArguments;
use super::replay::ReplayArguments;
use super::report::ReportArguments;
use super::resume::ResumeArguments;
#[cfg(feature = "server")]
use super::route::RouteArguments;
use super::run::RunArguments;
use super::runs::RunsArguments;
#[cfg(feature = "server")]
use super::serve::ServeArguments;
use super::show::ShowArguments;
use super::site::SiteArguments;
use super::test::TestArguments;
use rbl_terminal::Color;

/// Check and run runbooks: ordered lists of checks and actions that start from one trigger.
#[derive(Debug, Parser)]
#[command(
    name = "rbl",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "`rbl FILE.rb` is short for `rbl run FILE.rb`. A FILE `-` is standard input."
)]
pub(super) struct Cli {
    /// Whether to use colours; they never carry meaning alone
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true
    )]
    #[arg(help = "Whether to use colours: auto, always or never")]
    pub(super) color: ColorChoice,

    /// The command to run.
    #[command(subcommand)]
    pub(super) command: CliCommand,
}

/// The commands of `rbl`.
#[derive(Debug, Subcommand)]
pub(super) enum CliCommand {
    /// Run a runbook
    Run(RunArguments),
    /// Show what a run would do now, and every way it can continue; nothing is done
    Plan(PlanArguments),
    /// Try the language one statement at a time, or step through a runbook
    Repl(ReplArguments),
    /// Resume a run that was cut off or parked
    Resume(ResumeArguments),
    /// Answer the question a run waits for, and resume the run
    Answer(AnswerArguments),
    /// End a run: what it does is broken off, and it cleans up
    Abort(AbortArguments),
    /// Acknowledge the page that a run waits for
    Acknowledge(AcknowledgeArguments),
    /// List the runs of this machine
    Runs(RunsArguments),
    /// Show what happened in a run
    Show(ShowArguments),
    /// Show figures over the runs: how they ended, how long that took, what is left to people
    Report(ReportArguments),
    /// Remove old runs
    Store(StoreArguments),
    /// Try everything that is configured, and say what is wrong
    Doctor(DoctorArguments),
    /// Let every run only look, wherever it is executed, until that is ended
    Freeze(FreezeArguments),
    /// Replay a recorded run, or compare a changed runbook with it
    Replay(ReplayArguments),
    /// Take alerts in through webhooks, start runbooks, and execute whatever is due
    #[cfg(feature = "server")]
    Serve(ServeArguments),
    /// Show which runbooks an alert would start
    #[cfg(feature = "server")]
    Route(RouteArguments),
    /// List what came in through the hooks of the server, and what became of it
    Hooks(HooksArguments),
    /// Find mistakes in runbooks without running them
    Check(CheckArguments),
    /// Test runbooks in simulated time
    Test(TestArguments),
    /// Print runbooks in the one style
    Fmt(FmtArguments),
    /// Show how a change affects the paths: ends, actions and longest times that differ
    Diff(DiffArguments),
    /// Print the page of a diagnostic
    Explain(ExplainArguments),
    /// List every path through a runbook, with its end and its longest time
    Paths(PathsArguments),
    /// Show what is configured, and test whether it answers
    #[command(visible_alias = "providers")]
    Connections(ConnectionsArguments),
    /// Write a first runbook that works
    New(NewArguments),
    /// Turn documents into runbooks, and report what was taken from which line
    Import(ImportArguments),
    /// Print a runbook as a document: a checklist, a page, a picture
    Export(ExportArguments),
    /// Write a static site of all runbooks, with a search that needs no server
    Site(SiteArguments),
    /// Print the syntax tree of a runbook as JSON
    Ast(AstArguments),
    /// Print completions for a shell
    Completions(CompletionsArguments),
    /// Print the manual page
    Man(ManArguments),
}

/// Inserts the command `run` where a file comes first: `rbl FILE.rb …` is `rbl run FILE.rb …`, as in the `#!` line of
/// a runbook.
pub(super) fn with_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let mut at = 1;
    while let Some(argument) = arguments.get(at) {
        let text = argument.to_string_lossy();
        match text.as_ref() {
            "--color" => at += 2,
            _ if text.starts_with("--color=") => at += 1,
            _ => {
                if is_runbook(argument) {
                    arguments.insert(at, "run".into());
                }
                break;
            }
        }
    }
    arguments
}

fn is_runbook(argument: &OsStr) -> bool {
    let path = std::path::Path::new(argument);
    let extension = rbl_project::files::is_runbook(path);
    // A file of any name may begin with the `#!` line; the kernel passes a path with a slash in it, or the name as
    // typed.
    argument == "-" || extension || (argument.to_string_lossy().contains('/') && path.is_file())
}

/// The values of `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum ColorChoice {
    /// Where a terminal shows it, and `NO_COLOR` does not forbid it.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl From<ColorChoice> for Color {
    fn from(when: ColorChoice) -> Self {
        match when {
            ColorChoice::Auto => Self::Auto,
            ColorChoice::Always => Self::Always,
            ColorChoice::Never => Self::Never,
        }
    }
}

/// Reads `--color` before the other arguments, so that errors about those are coloured too.
pub(super) fn color(arguments: &[OsString]) -> Color {
    let mut found = Color::Auto;
    let mut words = arguments.iter().skip(1).map(|it| it.to_string_lossy());
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--color") {
            Some("") => words.next().map(std::borrow::Cow::into_owned),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None if word == "--" => break,
            None => None,
        };
        if let Some(color) = value.and_then(|it| ColorChoice::from_str(&it, true).ok()).map(Color::from) {
            found = color;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<OsString> {
        text.split_whitespace().map(Into::into).collect()
    }

    #[test]
    fn a_runbook_alone_is_run() {
        let read = |text: &str| with_command(words(text));
        assert_eq!(read("rbl a.rb --confirm"), words("rbl run a.rb --confirm"));
        assert_eq!(read("rbl --color never a.rbl"), words("rbl --color never run a.rbl"));
        assert_eq!(read("rbl --color=never - x"), words("rbl --color=never run - x"));
        assert_eq!(read("rbl check a.rb"), words("rbl check a.rb"));
        assert_eq!(read("rbl --help"), words("rbl --help"));
        assert_eq!(read("rbl"), words("rbl"));
    }

    #[test]
    fn colour_is_known_before_the_rest() {
        assert_eq!(color(&words("rbl --color always chekc")), Color::Always);
        assert_eq!(color(&words("rbl check --color=never")), Color::Never);
        assert_eq!(color(&words("rbl check")), Color::Auto);
        assert_eq!(color(&words("rbl run x -- --color=never")), Color::Auto);
    }
}
