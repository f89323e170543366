//! What `rbl resume` takes.

use clap::Args;

use super::run::RunFormat;

/// `rbl resume`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: those of `rbl run`; of a run that has ended, its own. 2: somebody else drives it, or it cannot be gone on \
                        with.\n5: it waits, for a time that has not come or an answer."
)]
pub(crate) struct Resume {
    /// The run: its id, the beginning of it, or `last`
    pub run: String,
    /// Ask before every action, as if the run had begun with it
    #[arg(long, conflicts_with = "no_input")]
    pub confirm: bool,
    /// Never ask, and do not sit out a wait: both park the run
    #[arg(long)]
    pub no_input: bool,
    /// Who answers; else the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub person: Option<String>,
    /// How the run is told: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub format: Option<RunFormat>,
}
