//! What `rbl replay` takes.

use clap::Args;

use super::run::RunFormat;

/// `rbl replay`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: of one run those of `rbl run`, 1 where something differs; of a folder 0, or 1 where anything differs. 2: \
                        there is\nno such run, or it cannot be read."
)]
pub(crate) struct Replay {
    /// A run (its id, the beginning of it, or `last`), an exported run, or a folder of them (`*.rblrun`)
    #[arg(value_name = "RUN|FILE|FOLDER")]
    pub what: String,
    /// Hold this runbook against the recording: what it would have done, up to what was not recorded
    #[arg(long = "with", value_name = "RUNBOOK")]
    pub with: Option<String>,
    /// Print the run as a test that passes
    #[arg(long, conflicts_with_all = ["with", "format"])]
    pub as_test: bool,
    /// How the run is told: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub format: Option<RunFormat>,
}
