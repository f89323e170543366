//! What `rbl show` takes.

use clap::{Args, ValueEnum};

/// `rbl show`
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0, 1 what was written down is not whole, 2 there is no such run.")]
pub(crate) struct Show {
    /// Its id, the beginning of it, or `last`
    #[arg(value_name = "RUN")]
    pub run: String,
    /// How it is told
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: ShowFormat,
    /// Only say whether what was written down is whole
    #[arg(long, conflicts_with = "format")]
    pub verify: bool,
}

/// How a run is told from its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowFormat {
    /// For people
    Pretty,
    /// For a post-mortem
    Markdown,
    /// One JSON object a record: all of the run, to be kept as a `.rblrun`
    Json,
}
