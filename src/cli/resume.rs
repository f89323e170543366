//! `rbl resume RUN`: resumes a run that was cut off or parked, from its record.

use super::run::RunFormat;
use super::turn::{self, Runs, Turn};
use super::{Context, Done};
use clap::Args;

/// `rbl resume`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: those of `rbl run`; of a run that has ended, its own. 2: somebody else holds it, or it cannot be \
                        resumed.\n5: it waits, for a time that has not come or an answer."
)]
pub(crate) struct Resume {
    /// The run: its id, the start of its id, or `last`
    pub run: String,
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

/// Resumes the run, if that is possible now.
pub(super) fn resume(asked: &Resume, context: &mut Context) -> Done {
    let runs = Runs::here()?;
    let summary = runs.find(&asked.run)?;
    if let Some(exit) = turn::stands_in_the_way(&summary, context)? {
        return Ok(exit);
    }
    let turn = Turn {
        name: turn::name(asked.person.as_ref()),
        confirm: asked.confirm,
        no_input: asked.no_input,
        format: asked.format,
    };
    turn::go_on(&runs.folder, &summary.run, &turn, context)
}
