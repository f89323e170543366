//! The arguments of `rbl run`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `rbl run`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 resolved, 2 cannot be done, 3 the runbook has errors and nothing was run, 4 \
                        escalated,\n5 waiting or aborted, 6 failed and nobody could be paged, 70 a bug in rbl."
)]
pub(crate) struct Run {
    #[command(flatten)]
    pub begins: Begins,
    /// Ask before every action
    #[arg(long, conflicts_with = "no_input")]
    pub confirm: bool,
    /// Never ask: a question parks the run
    #[arg(long)]
    pub no_input: bool,
    /// Record nothing: the run cannot be resumed or shown later
    #[arg(long)]
    pub no_journal: bool,
    /// Name of the person who answers; the default is the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub person: Option<String>,
    /// How the run is shown: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub format: Option<RunFormat>,
}

/// The runbook, its parameters and its alert: what a run starts with.
#[derive(Debug, Args)]
pub(crate) struct Begins {
    /// The runbook, or `-`
    pub file: String,
    /// Give a parameter its value (repeatable)
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub params: Vec<String>,
    /// Read parameters from a JSON or TOML file; `--param` overrides them
    #[arg(long = "params", value_name = "FILE")]
    pub params_file: Option<PathBuf>,
    /// The alert that triggered the run: an Alertmanager webhook body; its labels fill the parameters
    #[arg(long, value_name = "FILE")]
    pub alert: Option<PathBuf>,
}

/// How a run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunFormat {
    /// For a person at a terminal
    Pretty,
    /// One line for each event, with the time
    Plain,
    /// One JSON object for each event
    Json,
}
