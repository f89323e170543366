//! The arguments of `rbl completions`.

use clap::Args;

/// `rbl completions`
#[derive(Debug, Args)]
pub(in crate::front::cli) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(in crate::front::cli) shell: clap_complete::Shell,
}
