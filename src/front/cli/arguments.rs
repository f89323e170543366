//! Every command and flag, with the words that `--help` shows.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::front::Color;
use crate::journal::State;

/// Check and run runbooks: ordered lists of checks and actions that hang off one trigger.
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
    pub(super) color: Color,

    /// What is to be done.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What `rbl` can do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run a runbook
    Run(Run),
    /// Show what a run would do now, and every way it can go on; nothing is done
    Plan(Plan),
    /// Try the language a statement at a time, or step through a runbook
    Repl(Repl),
    /// Go on with a run that was cut off or set aside
    Resume(Resume),
    /// Answer the question at which a run waits, and go on with it
    Answer(Answer),
    /// List the runs of this machine
    Runs(Runs),
    /// Tell what happened in a run
    Show(Show),
    /// Tell a recorded run again, or hold a changed runbook against it
    Replay(Replay),
    /// Find mistakes in runbooks without running them
    Check(Check),
    /// Rehearse runbooks: run their tests in simulated time
    Test(Test),
    /// Print runbooks in the one style
    Fmt(Fmt),
    /// Show what a change does to the paths: ends, actions and longest times that differ
    Diff(Diff),
    /// Print the page of a diagnostic
    Explain(Explain),
    /// List every path through a runbook, with its end and its longest time
    Paths(Paths),
    /// Show what is configured, and ask whether it answers
    Providers(Providers),
    /// Write a first runbook that runs
    New(New),
    /// Print the syntax tree of a runbook as JSON
    Ast(Ast),
    /// Print completions for a shell
    Completions(Completions),
    /// Print the manual page
    Man(Man),
}

/// `rbl run`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 resolved, 2 cannot be done, 3 the runbook has errors and nothing was run, 4 \
                        escalated,\n5 waiting or aborted, 6 failed and nobody could be paged, 70 a bug in rbl."
)]
pub(super) struct Run {
    #[command(flatten)]
    pub(super) begins: Begins,
    /// Ask before every action
    #[arg(long, conflicts_with = "no_input")]
    pub(super) confirm: bool,
    /// Never ask: what needs a person parks the run
    #[arg(long)]
    pub(super) no_input: bool,
    /// Write nothing down: the run cannot be gone on with or shown later
    #[arg(long)]
    pub(super) no_journal: bool,
    /// Who answers; else the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub(super) person: Option<String>,
    /// How the run is told: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub(super) format: Option<RunFormat>,
}

/// What a run begins with.
#[derive(Debug, Args)]
pub(super) struct Begins {
    /// The runbook, or `-`
    pub(super) file: String,
    /// Give a parameter its value (repeatable)
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(super) params: Vec<String>,
    /// Take parameters from a JSON or TOML file; `--param` goes before it
    #[arg(long = "params", value_name = "FILE")]
    pub(super) params_file: Option<PathBuf>,
    /// The alert that started it: an Alertmanager webhook body; its labels fill the parameters
    #[arg(long, value_name = "FILE")]
    pub(super) alert: Option<PathBuf>,
}

/// `rbl plan`
#[derive(Debug, Args)]
#[command(
    after_help = "Readings are taken; no action, question, wait, page or record is. Exit codes: 0 planned, 2 cannot be \
                        done, 3 the\nrunbook has errors and nothing was planned."
)]
pub(super) struct Plan {
    #[command(flatten)]
    pub(super) begins: Begins,
    /// Run probes too: commands that only look, as their author says
    #[arg(long)]
    pub(super) probe: bool,
    /// How the plan is told: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub(super) format: Option<RunFormat>,
}

/// `rbl repl`
#[derive(Debug, Args)]
#[command(
    after_help = "Actions, pages and records only say what they would do until `:arm`. Not a terminal: reads statements \
                  from standard input.\nExit codes: 0, else that of the worst input: 2 a command that cannot be done, \
                  3 a mistake, 4 a run would stop\nand page its owner, 5 nobody was there to answer."
)]
pub(super) struct Repl {
    /// A runbook to load
    pub(super) file: Option<String>,
    /// Who answers; else the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub(super) person: Option<String>,
}

/// `rbl resume`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: those of `rbl run`; of a run that has ended, its own. 2: somebody else drives it, or it cannot be gone on \
                        with.\n5: it waits, for a time that has not come or an answer."
)]
pub(super) struct Resume {
    /// The run: its id, the beginning of it, or `last`
    pub(super) run: String,
    /// Ask before every action, as if the run had begun with it
    #[arg(long, conflicts_with = "no_input")]
    pub(super) confirm: bool,
    /// Never ask, and do not sit out a wait: both park the run
    #[arg(long)]
    pub(super) no_input: bool,
    /// Who answers; else the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub(super) person: Option<String>,
    /// How the run is told: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub(super) format: Option<RunFormat>,
}

/// `rbl answer`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: those of `rbl run`, which goes on. 2: the answer does not fit, or there is nothing to answer."
)]
pub(super) struct Answer {
    /// The run: its id, the beginning of it, or `last`
    pub(super) run: String,
    /// What is answered: yes, no, "not sure"; a text or one of the menu; done, failed, skipped; done, "not done", "cannot tell"
    #[arg(value_name = "ANSWER")]
    pub(super) said: String,
    /// What is to be remembered of it, in words
    #[arg(long, value_name = "TEXT")]
    pub(super) remark: Option<String>,
    /// Who answers; else the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub(super) person: Option<String>,
    /// Never ask what comes next, and do not sit out a wait: both park the run
    #[arg(long)]
    pub(super) no_input: bool,
    /// How the run is told: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub(super) format: Option<RunFormat>,
}

/// `rbl replay`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: of one run those of `rbl run`, 1 where something differs; of a folder 0, or 1 where anything differs. 2: \
                        there is\nno such run, or it cannot be read."
)]
pub(super) struct Replay {
    /// A run (its id, the beginning of it, or `last`), an exported run, or a folder of them (`*.rblrun`)
    #[arg(value_name = "RUN|FILE|FOLDER")]
    pub(super) what: String,
    /// Hold this runbook against the recording: what it would have done, up to what was not recorded
    #[arg(long = "with", value_name = "RUNBOOK")]
    pub(super) with: Option<String>,
    /// How the run is told: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub(super) format: Option<RunFormat>,
}

/// How a run is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RunFormat {
    /// For a person at a terminal
    Pretty,
    /// One line an event, with the time
    Plain,
    /// One JSON object an event
    Json,
}

/// `rbl runs`
#[derive(Debug, Args)]
#[command(
    after_help = "The newest first. Exit codes: 0, also where there is none; 2 the journal cannot be read."
)]
pub(super) struct Runs {
    /// Only those that stand so
    #[arg(long, value_name = "STATE", value_parser = clap::builder::PossibleValuesParser::new(State::WORDS))]
    pub(super) state: Option<String>,
    /// Only those with this in their title or file
    #[arg(long, value_name = "TEXT")]
    pub(super) runbook: Option<String>,
    /// Only those that began within this time, or since this day: `2d`, `2026-11-01`
    #[arg(long, value_name = "WHEN")]
    pub(super) since: Option<String>,
    /// How they are printed
    #[arg(long, value_enum, default_value = "pretty")]
    pub(super) format: RunsFormat,
}

/// How runs are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RunsFormat {
    /// For people
    Pretty,
    /// One JSON object a run
    Json,
}

/// `rbl show`
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0, 1 what was written down is not whole, 2 there is no such run.")]
pub(super) struct Show {
    /// Its id, the beginning of it, or `last`
    #[arg(value_name = "RUN")]
    pub(super) run: String,
    /// How it is told
    #[arg(long, value_enum, default_value = "pretty")]
    pub(super) format: ShowFormat,
    /// Only say whether what was written down is whole
    #[arg(long, conflicts_with = "format")]
    pub(super) verify: bool,
}

/// How a run is told from its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ShowFormat {
    /// For people
    Pretty,
    /// For a post-mortem
    Markdown,
    /// One JSON object a record: all of the run, to be kept as a `.rblrun`
    Json,
}

/// `rbl check`
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 nothing to report, 1 findings or a difference, 2 no runbook found.")]
#[allow(clippy::struct_excessive_bools)] // each is a flag of its own
pub(super) struct Check {
    /// Runbooks, or folders: every runbook below them that `.gitignore` does not leave out
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<String>,
    /// Take warnings as errors
    #[arg(long)]
    pub(super) strict: bool,
    /// Ask the providers for each metric too, now; nothing acts
    #[arg(long)]
    pub(super) online: bool,
    /// An error where the longest path through a runbook may take longer than this: `45m`
    #[arg(long, value_name = "DURATION", value_parser = seconds)]
    pub(super) budget: Option<f64>,
    /// Mend what can have one meaning only, and write it; what is left is reported
    #[arg(long)]
    pub(super) fix: bool,
    /// Show what `--fix` changes, as a diff; alone it writes nothing and reports nothing else
    #[arg(long, conflicts_with = "format")]
    pub(super) diff: bool,
    /// How findings are printed
    #[arg(long, value_enum, default_value = "pretty")]
    pub(super) format: CheckFormat,
}

/// `rbl fmt`
#[derive(Debug, Args)]
#[command(
    after_help = "A file with mistakes is left as it is. Exit codes: 0 done, 1 mistakes, or with --check or --diff \
                        files in\nanother style, 2 a file cannot be read or written, 70 a bug in rbl."
)]
pub(super) struct Fmt {
    /// Runbooks, or folders: every runbook below them; `-` prints standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<String>,
    /// Write nothing; list the files that would change
    #[arg(long)]
    pub(super) check: bool,
    /// Write nothing; show what would change
    #[arg(long)]
    pub(super) diff: bool,
}

/// A duration as the language writes it, in seconds.
fn seconds(text: &str) -> Result<f64, String> {
    crate::world::setting::Seconds::parse(text).map(|it| it.0)
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// For people, with the lines it is about
    Pretty,
    /// One line a finding
    Short,
    /// One JSON object a finding
    Json,
    /// Annotations of a GitHub workflow
    Github,
    /// One SARIF 2.1.0 document
    Sarif,
    /// One JUnit XML document
    Junit,
}

/// `rbl test`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all passed, 1 a test failed, 2 no test found, 3 a runbook or a test has errors."
)]
pub(super) struct Test {
    /// Runbooks and files of tests, or folders: everything below them that `.gitignore` does not leave out
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<String>,
    /// Run only the tests that have this in their title
    #[arg(long, value_name = "TEXT")]
    pub(super) filter: Option<String>,
    /// How the tests are told
    #[arg(long, value_enum, default_value = "pretty")]
    pub(super) format: TestFormat,
}

/// How tests are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TestFormat {
    /// For people: what failed, with its story
    Pretty,
    /// One JSON object a test
    Json,
    /// The XML that build servers read
    Junit,
    /// The Test Anything Protocol
    Tap,
}

/// `rbl paths`
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 they are listed, 2 cannot be done, 3 the runbook has errors.")]
pub(super) struct Paths {
    /// The runbook, or `-`
    pub(super) file: String,
    /// Show this path in full
    pub(super) number: Option<u64>,
    /// How they are printed
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: PathsFormat,
}

/// `rbl diff`
#[derive(Debug, Args)]
#[command(
    after_help = "A file is a path, `-`, or `REVISION:PATH` in the git repository you are in: `rbl diff main:docs/rb/x.rb docs/rb/x.rb`.\nExit codes: 0 the same, 1 they differ, 2 cannot be done, 3 one of them has errors."
)]
pub(super) struct Diff {
    /// The old version
    pub(super) old: String,
    /// The new version
    pub(super) new: String,
    /// How the differences are printed; `markdown` is a comment for a pull request
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: DiffFormat,
}

/// How differences are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffFormat {
    /// For people
    Text,
    /// A comment for a pull request
    Markdown,
    /// One JSON object a path
    Json,
}

/// How paths are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PathsFormat {
    /// For people
    Text,
    /// One JSON object a path
    Json,
    /// A drawing, in Mermaid's language
    Mermaid,
    /// A drawing, in Graphviz's language
    Dot,
}

/// `rbl explain`
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A code such as `unit/missing`; without one, all codes are listed
    pub(super) code: Option<String>,
}

/// `rbl providers`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Providers {
    /// What to do with them.
    #[command(subcommand)]
    pub(super) action: Option<ProvidersAction>,
}

/// What can be done with what is configured.
#[derive(Debug, Subcommand)]
pub(super) enum ProvidersAction {
    /// Ask one whether it answers
    Test {
        /// A provider of `rbl.toml`
        name: String,
    },
}

/// `rbl new`
#[derive(Debug, Args)]
pub(super) struct New {
    /// Where to write it
    #[arg(default_value = "runbook.rb")]
    pub(super) file: PathBuf,
}

/// `rbl ast`
#[derive(Debug, Args)]
pub(super) struct Ast {
    /// The file, or `-`
    #[arg(required_unless_present = "schema")]
    pub(super) file: Option<String>,
    /// Print the JSON schema of the tree
    #[arg(long, conflicts_with = "file")]
    pub(super) schema: bool,
}

/// `rbl completions`
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

/// `rbl man`
#[derive(Debug, Args)]
pub(super) struct Man {
    /// A command, for its own page
    pub(super) command: Option<String>,
}

/// `rbl FILE.rb …` is `rbl run FILE.rb …`: what the `#!` line of a runbook comes to.
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
    let extension = path.extension().is_some_and(|it| it == "rb" || it == "rbl");
    // The `#!` line may stand in a file of any name; the kernel hands over a path with a slash in it or as typed.
    argument == "-" || extension || (argument.to_string_lossy().contains('/') && path.is_file())
}

/// `--color`, before the rest is read: mistakes in the rest are coloured too.
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
        if let Some(color) = value.and_then(|it| Color::from_str(&it, true).ok()) {
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
