//! The arguments of `rbl runs`.

use clap::{Args, ValueEnum};

use crate::journal::State;

/// `rbl runs`
#[derive(Debug, Args)]
#[command(
    after_help = "The newest first. Exit codes: 0, also where there is none; 2 the journal cannot be read."
)]
pub(in crate::front::cli) struct Runs {
    /// Only runs in this state
    #[arg(long, value_name = "STATE", value_parser = clap::builder::PossibleValuesParser::new(State::WORDS))]
    pub(in crate::front::cli) state: Option<String>,
    /// Only runs with this text in their title or file name
    #[arg(long, value_name = "TEXT")]
    pub(in crate::front::cli) runbook: Option<String>,
    /// Only runs that started within this time, or since this day: `2d`, `2026-11-01`
    #[arg(long, value_name = "WHEN")]
    pub(in crate::front::cli) since: Option<String>,
    /// How runs are printed
    #[arg(long, value_enum, default_value = "pretty")]
    pub(in crate::front::cli) format: RunsFormat,
}

/// How runs are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::front::cli) enum RunsFormat {
    /// For people
    Pretty,
    /// One JSON object for each run
    Json,
}
