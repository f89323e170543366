//! The arguments of `rbl replay`.

use clap::Args;

use super::run::RunFormat;

/// `rbl replay`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: of one run those of `rbl run`, 1 where something differs; of a folder 0, or 1 where anything differs. 2: \
                        there is\nno such run, or it cannot be read."
)]
pub(in crate::front::cli) struct Replay {
    /// A run (its id, the start of its id, or `last`), an exported run, or a folder of them (`*.rblrun`)
    #[arg(value_name = "RUN|FILE|FOLDER")]
    pub(in crate::front::cli) what: String,
    /// Compare this runbook with the recording: what it would have done, up to what was not recorded
    #[arg(long = "with", value_name = "RUNBOOK")]
    pub(in crate::front::cli) with: Option<String>,
    /// Print the run as a test that passes
    #[arg(long, conflicts_with_all = ["with", "format"])]
    pub(in crate::front::cli) as_test: bool,
    /// How the run is shown: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub(in crate::front::cli) format: Option<RunFormat>,
}
