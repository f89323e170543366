//! The arguments of `rbl run`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `rbl run`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 resolved, 2 cannot be done, 3 the runbook has errors and nothing was run, 4 \
                        escalated,\n5 waiting or aborted, 6 failed and nobody could be paged, 70 a bug in rbl."
)]
pub(in crate::front::cli) struct Run {
    #[command(flatten)]
    pub(in crate::front::cli) begins: Begins,
    /// Ask before every action
    #[arg(long, conflicts_with = "no_input")]
    pub(in crate::front::cli) confirm: bool,
    /// Never ask: a question parks the run
    #[arg(long)]
    pub(in crate::front::cli) no_input: bool,
    /// Record nothing: the run cannot be resumed or shown later
    #[arg(long)]
    pub(in crate::front::cli) no_journal: bool,
    /// Name of the person who answers; the default is the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub(in crate::front::cli) person: Option<String>,
    /// How the run is shown: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub(in crate::front::cli) format: Option<RunFormat>,
}

/// The runbook, its parameters and its alert: what a run starts with.
#[derive(Debug, Args)]
pub(in crate::front::cli) struct Begins {
    /// The runbook, or `-`
    pub(in crate::front::cli) file: String,
    /// Give a parameter its value (repeatable)
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(in crate::front::cli) params: Vec<String>,
    /// Read parameters from a JSON or TOML file; `--param` overrides them
    #[arg(long = "params", value_name = "FILE")]
    pub(in crate::front::cli) params_file: Option<PathBuf>,
    /// The alert that triggered the run: an Alertmanager webhook body; its labels fill the parameters
    #[arg(long, value_name = "FILE")]
    pub(in crate::front::cli) alert: Option<PathBuf>,
}

/// How a run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::front::cli) enum RunFormat {
    /// For a person at a terminal
    Pretty,
    /// One line for each event, with the time
    Plain,
    /// One JSON object for each event
    Json,
}
