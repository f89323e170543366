//! `rbl answer RUN ANSWER`: answers the question a run waits for, and resumes the run.

use super::arguments::Answer;
use super::turn::{self, Runs, Turn};
use super::{Context, Done};
use crate::cli::store;
use rbl_engine::GivenAnswer;
use rbl_project::Refusal;

/// Records the answer, if it fits the question and nobody has answered before, and resumes the run.
pub(super) fn answer(asked: &Answer, context: &mut Context) -> Done {
    let runs = Runs::here()?;
    let summary = runs.find(&asked.run)?;
    let name = turn::name(asked.person.as_ref());
    let given = GivenAnswer { text: &asked.said, remark: asked.remark.as_deref(), name: &name };
    let engine = store::engine(&runs.folder)?;
    engine.answer(&runs.look, &summary, &given)?;
    let turn = Turn { name, confirm: false, no_input: asked.no_input, format: asked.format };
    turn::go_on(engine, &summary.run, &turn, context).map_err(|refusal| Refusal {
        message: format!("the answer is recorded, but the run is not resumed here: {}", refusal.message),
        help: refusal.help,
    })
}
