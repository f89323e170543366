//! The arguments of `rbl explain`.

use clap::Args;

/// `rbl explain`
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A code such as `unit/missing`; without one, all codes are listed
    pub code: Option<String>,
}
