//! The arguments of `rbl man`.

use clap::Args;

/// `rbl man`
#[derive(Debug, Args)]
pub(in crate::front::cli) struct Man {
    /// The command to print the page of
    pub(in crate::front::cli) command: Option<String>,
}
