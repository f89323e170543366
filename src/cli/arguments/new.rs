//! The arguments of `rbl new`.

use std::path::PathBuf;

use clap::Args;

/// `rbl new`
#[derive(Debug, Args)]
pub(crate) struct New {
    /// Where to write it
    #[arg(default_value = "runbook.rb")]
    pub file: PathBuf,
}
