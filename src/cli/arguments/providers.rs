//! What `rbl providers` takes.

use clap::{Args, Subcommand};

/// `rbl providers`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Providers {
    /// What to do with them.
    #[command(subcommand)]
    pub action: Option<ProvidersAction>,
}

/// What can be done with what is configured.
#[derive(Debug, Subcommand)]
pub(crate) enum ProvidersAction {
    /// Ask one whether it answers
    Test {
        /// A provider of `rbl.toml`
        name: String,
    },
}
