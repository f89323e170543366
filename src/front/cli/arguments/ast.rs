//! The arguments of `rbl ast`.

use clap::Args;

/// `rbl ast`
#[derive(Debug, Args)]
pub(in crate::front::cli) struct Ast {
    /// The file, or `-`
    #[arg(required_unless_present = "schema")]
    pub(in crate::front::cli) file: Option<String>,
    /// Print the JSON schema of the tree
    #[arg(long, conflicts_with = "file")]
    pub(in crate::front::cli) schema: bool,
}
