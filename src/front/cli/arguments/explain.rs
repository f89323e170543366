//! The arguments of `rbl explain`.

use clap::Args;

/// `rbl explain`
#[derive(Debug, Args)]
pub(in crate::front::cli) struct Explain {
    /// A code such as `unit/missing`; without one, all codes are listed
    pub(in crate::front::cli) code: Option<String>,
}
