//! The arguments of `rbl replay`.

use clap::Args;

use super::run::RunFormat;

/// `rbl replay`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: of one run those of `rbl run`, 1 where something differs; of a folder 0, or 1 where anything differs. 2: \
                        there is\nno such run, or it cannot be read."
)]
pub(crate) struct Replay {
    /// A run (its id, the start of its id, or `last`), an exported run, or a folder of them (`*.rblrun`)
    #[arg(value_name = "RUN|FILE|FOLDER")]
    pub what: String,
    /// Compare this runbook with the recording: what it would have done, up to what was not recorded
    #[arg(long = "with", value_name = "RUNBOOK")]
    pub with: Option<String>,
    /// Print the run as a test that passes
    #[arg(long, conflicts_with_all = ["with", "format"])]
    pub as_test: bool,
    /// How the run is shown: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub format: Option<RunFormat>,
}
