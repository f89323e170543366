//! What `rbl man` takes.

use clap::Args;

/// `rbl man`
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// A command, for its own page
    pub command: Option<String>,
}
