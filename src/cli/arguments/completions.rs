//! The arguments of `rbl completions`.

use clap::Args;

/// `rbl completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
