//! What `rbl man` takes.

use clap::Args;

/// `rbl man`
#[derive(Debug, Args)]
pub(in crate::front::cli) struct Man {
    /// A command, for its own page
    pub(in crate::front::cli) command: Option<String>,
}
