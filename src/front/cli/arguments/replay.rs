//! What `rbl replay` takes.

use clap::Args;

use super::run::RunFormat;

/// `rbl replay`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: of one run those of `rbl run`, 1 where something differs; of a folder 0, or 1 where anything differs. 2: \
                        there is\nno such run, or it cannot be read."
)]
pub(in crate::front::cli) struct Replay {
    /// A run (its id, the beginning of it, or `last`), an exported run, or a folder of them (`*.rblrun`)
    #[arg(value_name = "RUN|FILE|FOLDER")]
    pub(in crate::front::cli) what: String,
    /// Hold this runbook against the recording: what it would have done, up to what was not recorded
    #[arg(long = "with", value_name = "RUNBOOK")]
    pub(in crate::front::cli) with: Option<String>,
    /// Print the run as a test that passes
    #[arg(long, conflicts_with_all = ["with", "format"])]
    pub(in crate::front::cli) as_test: bool,
    /// How the run is told: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub(in crate::front::cli) format: Option<RunFormat>,
}
