//! The arguments of `rbl plan`.

use clap::Args;

use super::run::{Begins, RunFormat};

/// `rbl plan`
#[derive(Debug, Args)]
#[command(
    after_help = "Metrics are read; no action, question, wait, page or record is made. Exit codes: 0 planned, 2 cannot be \
                        done, 3 the\nrunbook has errors and nothing was planned."
)]
pub(in crate::front::cli) struct Plan {
    #[command(flatten)]
    pub(in crate::front::cli) begins: Begins,
    /// Run probes too: commands that, as their author says, only look
    #[arg(long)]
    pub(in crate::front::cli) probe: bool,
    /// How the plan is shown: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub(in crate::front::cli) format: Option<RunFormat>,
}
