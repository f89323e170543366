//! What `rbl run` takes.

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
    /// Never ask: what needs a person parks the run
    #[arg(long)]
    pub no_input: bool,
    /// Write nothing down: the run cannot be gone on with or shown later
    #[arg(long)]
    pub no_journal: bool,
    /// Who answers; else the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub person: Option<String>,
    /// How the run is told: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub format: Option<RunFormat>,
}

/// What a run begins with.
#[derive(Debug, Args)]
pub(crate) struct Begins {
    /// The runbook, or `-`
    pub file: String,
    /// Give a parameter its value (repeatable)
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub params: Vec<String>,
    /// Take parameters from a JSON or TOML file; `--param` goes before it
    #[arg(long = "params", value_name = "FILE")]
    pub params_file: Option<PathBuf>,
    /// The alert that started it: an Alertmanager webhook body; its labels fill the parameters
    #[arg(long, value_name = "FILE")]
    pub alert: Option<PathBuf>,
}

/// How a run is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunFormat {
    /// For a person at a terminal
    Pretty,
    /// One line an event, with the time
    Plain,
    /// One JSON object an event
    Json,
}
