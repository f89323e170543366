//! The arguments of `rbl resume`.

use clap::Args;

use super::run::RunFormat;

/// `rbl resume`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: those of `rbl run`; of a run that has ended, its own. 2: somebody else holds it, or it cannot be \
                        resumed.\n5: it waits, for a time that has not come or an answer.\nWith --due: 2 if a run could not be \
                        resumed, else the first of 6, 4 and 5 that a run ended with, else 0."
)]
pub(crate) struct Resume {
    /// The run: its id, the start of its id, or `last`
    #[arg(required_unless_present = "due")]
    pub run: Option<String>,
    /// Resume every run of the journal that is due, a line each: those whose time has come, that were answered, or whose
    /// process died. Asks nobody, as with `--no-input`, and ends when nothing is due
    #[arg(long, conflicts_with_all = ["run", "confirm", "format"])]
    pub due: bool,
    /// Ask before every action, as if the run had started with this flag
    #[arg(long, conflicts_with = "no_input")]
    pub confirm: bool,
    /// Never ask, and do not sit out a wait: park the run instead
    #[arg(long)]
    pub no_input: bool,
    /// Name of the person who answers; the default is the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub person: Option<String>,
    /// How the run is shown: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub format: Option<RunFormat>,
}
