//! The arguments of `rbl fmt`.

use clap::Args;

/// `rbl fmt`
#[derive(Debug, Args)]
#[command(
    after_help = "A file with mistakes is left as it is. Exit codes: 0 done, 1 mistakes, or with --check or --diff \
                        files in\nanother style, 2 a file cannot be read or written, 70 a bug in rbl."
)]
pub(crate) struct Fmt {
    /// Runbooks, or folders: every runbook below them; `-` prints standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<String>,
    /// Write nothing; list the files that would change
    #[arg(long)]
    pub check: bool,
    /// Write nothing; show what would change
    #[arg(long)]
    pub diff: bool,
}
