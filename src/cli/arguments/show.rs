//! The arguments of `rbl show`.

use clap::{Args, ValueEnum};

/// `rbl show`
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0, 1 the record is not intact, 2 there is no such run.")]
pub(crate) struct Show {
    /// The id of a run, the start of it, or `last`
    #[arg(value_name = "RUN")]
    pub run: String,
    /// How the run is shown
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: ShowFormat,
    /// Only check whether the record is intact
    #[arg(long, conflicts_with = "format")]
    pub verify: bool,
}

/// How a run is shown from its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowFormat {
    /// For people
    Pretty,
    /// For a post-mortem
    Markdown,
    /// One JSON object for each record: the whole run, to be kept as a `.rblrun`
    Json,
}
