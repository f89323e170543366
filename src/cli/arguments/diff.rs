//! The arguments of `rbl diff`.

use clap::{Args, ValueEnum};

/// `rbl diff`
#[derive(Debug, Args)]
#[command(
    after_help = "A file is a path, `-`, or `REVISION:PATH` in the git repository you are in: `rbl diff main:docs/rb/x.rb docs/rb/x.rb`.\nExit codes: 0 the same, 1 they differ, 2 cannot be done, 3 one of them has errors."
)]
pub(crate) struct Diff {
    /// The old version
    pub old: String,
    /// The new version
    pub new: String,
    /// How the differences are printed; `markdown` is a comment for a pull request
    #[arg(long, value_enum, default_value = "text")]
    pub format: DiffFormat,
}

/// How differences are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people
    Text,
    /// A comment for a pull request
    Markdown,
    /// One JSON object for each path
    Json,
}
