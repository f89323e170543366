//! What `rbl run` takes.

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
    /// Never ask: what needs a person parks the run
    #[arg(long)]
    pub(in crate::front::cli) no_input: bool,
    /// Write nothing down: the run cannot be gone on with or shown later
    #[arg(long)]
    pub(in crate::front::cli) no_journal: bool,
    /// Who answers; else the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub(in crate::front::cli) person: Option<String>,
    /// How the run is told: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub(in crate::front::cli) format: Option<RunFormat>,
}

/// What a run begins with.
#[derive(Debug, Args)]
pub(in crate::front::cli) struct Begins {
    /// The runbook, or `-`
    pub(in crate::front::cli) file: String,
    /// Give a parameter its value (repeatable)
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(in crate::front::cli) params: Vec<String>,
    /// Take parameters from a JSON or TOML file; `--param` goes before it
    #[arg(long = "params", value_name = "FILE")]
    pub(in crate::front::cli) params_file: Option<PathBuf>,
    /// The alert that started it: an Alertmanager webhook body; its labels fill the parameters
    #[arg(long, value_name = "FILE")]
    pub(in crate::front::cli) alert: Option<PathBuf>,
}

/// How a run is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::front::cli) enum RunFormat {
    /// For a person at a terminal
    Pretty,
    /// One line an event, with the time
    Plain,
    /// One JSON object an event
    Json,
}
