//! `rbl resume RUN`: resumes a run that was cut off or parked, from its record; with `--due` every one that is due.

use super::arguments::Resume;
use super::due::due;
use super::turn::{self, Runs, Turn};
use super::{Context, Done};
use crate::cli::store;

/// Resumes the run, if that is possible now.
pub(super) fn resume(asked: &Resume, context: &mut Context) -> Done {
    // One of the two is given: the arguments require it.
    let Some(run) = asked.run.as_ref().filter(|_| !asked.due) else { return due(asked, context) };
    let runs = Runs::here()?;
    let summary = runs.find(run)?;
    if let Some(exit) = turn::stands_in_the_way(&summary, context)? {
        return Ok(exit);
    }
    let turn = Turn {
        name: turn::name(asked.person.as_ref()),
        confirm: asked.confirm,
        no_input: asked.no_input,
        format: asked.format,
    };
    turn::go_on(store::engine(&runs.folder)?, &summary.run, &turn, context)
}
