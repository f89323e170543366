//! Every command and flag, with the words that `--help` shows.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::front::Color;

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
    /// Try the language a statement at a time, or step through a runbook
    Repl(Repl),
    /// Find mistakes in runbooks without running them
    Check(Check),
    /// Print the page of a diagnostic
    Explain(Explain),
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
    /// Ask before every action
    #[arg(long, conflicts_with = "no_input")]
    pub(super) confirm: bool,
    /// Never ask: what needs a person parks the run
    #[arg(long)]
    pub(super) no_input: bool,
    /// Who answers; else the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub(super) person: Option<String>,
    /// How the run is told: pretty on a terminal, else plain
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

/// `rbl check`
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 nothing to report, 1 findings, 2 no runbook found.")]
pub(super) struct Check {
    /// Runbooks, or folders: every runbook below them that `.gitignore` does not leave out
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<String>,
    /// Take warnings as errors
    #[arg(long)]
    pub(super) strict: bool,
    /// How findings are printed
    #[arg(long, value_enum, default_value = "pretty")]
    pub(super) format: CheckFormat,
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
