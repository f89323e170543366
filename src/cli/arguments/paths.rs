//! The arguments of `rbl paths`.

use clap::{Args, ValueEnum};

/// `rbl paths`
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 they are listed, 2 cannot be done, 3 the runbook has errors.")]
pub(crate) struct Paths {
    /// The runbook, or `-`
    pub file: String,
    /// Show this path in full
    pub number: Option<u64>,
    /// How paths are printed
    #[arg(long, value_enum, default_value = "text")]
    pub format: PathsFormat,
}

/// How paths are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PathsFormat {
    /// For people
    Text,
    /// One JSON object for each path
    Json,
    /// A drawing in Mermaid's language
    Mermaid,
    /// A drawing in Graphviz's language
    Dot,
}
