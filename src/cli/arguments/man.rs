//! The arguments of `rbl man`.

use clap::Args;

/// `rbl man`
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The command to print the page of
    pub command: Option<String>,
}
