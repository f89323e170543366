//! The arguments of `rbl providers`.

use clap::{Args, Subcommand};

/// `rbl providers`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Providers {
    /// The subcommand; without one, everything that is configured is listed.
    #[command(subcommand)]
    pub action: Option<ProvidersAction>,
}

/// The subcommands of `rbl providers`.
#[derive(Debug, Subcommand)]
pub(crate) enum ProvidersAction {
    /// Ask one provider whether it answers
    Test {
        /// The name of a provider in `rbl.toml`
        name: String,
    },
}
