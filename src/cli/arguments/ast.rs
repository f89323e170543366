//! The arguments of `rbl ast`.

use clap::Args;

/// `rbl ast`
#[derive(Debug, Args)]
pub(crate) struct Ast {
    /// The file, or `-`
    #[arg(required_unless_present = "schema")]
    pub file: Option<String>,
    /// Print the JSON schema of the tree
    #[arg(long, conflicts_with = "file")]
    pub schema: bool,
}
