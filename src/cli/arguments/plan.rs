//! The arguments of `rbl plan`.

use clap::Args;

use super::run::{Begins, RunFormat};

/// `rbl plan`
#[derive(Debug, Args)]
#[command(
    after_help = "Metrics are read; no action, question, wait, page or record is made. Exit codes: 0 planned, 2 cannot be \
                        done, 3 the\nrunbook has errors and nothing was planned."
)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub begins: Begins,
    /// Run probes too: commands that, as their author says, only look
    #[arg(long)]
    pub probe: bool,
    /// How the plan is shown: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub format: Option<RunFormat>,
}
