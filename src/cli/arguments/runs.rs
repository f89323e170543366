//! The arguments of `rbl runs`.

use clap::{Args, ValueEnum};

use rbl_runtime::journal::State;

/// `rbl runs`
#[derive(Debug, Args)]
#[command(
    after_help = "The newest first. Exit codes: 0, also where there is none; 2 the journal cannot be read."
)]
pub(crate) struct Runs {
    /// Only runs in this state
    #[arg(long, value_name = "STATE", value_parser = clap::builder::PossibleValuesParser::new(State::WORDS))]
    pub state: Option<String>,
    /// Only runs with this text in their title or file name
    #[arg(long, value_name = "TEXT")]
    pub runbook: Option<String>,
    /// Only runs that started within this time, or since this day: `2d`, `2026-11-01`
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// How runs are printed
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: RunsFormat,
}

/// How runs are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunsFormat {
    /// For people
    Pretty,
    /// One JSON object for each run
    Json,
}
