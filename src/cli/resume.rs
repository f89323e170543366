//! `rbl resume RUN`: goes on with a run that was cut off or set aside, from what was written down.

use super::arguments::Resume;
use super::turn::{self, Runs, Turn};
use super::{Context, Done};

/// Goes on with it, if that can be done now.
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
