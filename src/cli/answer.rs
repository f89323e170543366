//! `rbl answer RUN ANSWER`: answers the question a run waits for, and resumes the run.

use super::resuming::{self, FolderJournal, ResumeSettings};
use super::run::RunFormat;
use super::{CliContext, CommandResult};
use crate::cli::store;
use clap::Args;
use rbl_engine::AnswerInput;
use rbl_project::Refusal;

/// `rbl answer`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: those of `rbl run`. 2: the answer does not fit, or there is nothing to answer."
)]
pub(crate) struct AnswerArguments {
    /// The run: its id, the start of its id, or `last`
    pub run: String,
    /// The answer: yes, no, "not sure"; a text or an item of the menu; done, failed, skipped; done, "not done",
    /// "cannot tell"
    #[arg(value_name = "ANSWER")]
    pub said: String,
    /// A remark to record with the answer
    #[arg(long, value_name = "TEXT")]
    pub remark: Option<String>,
    /// Name of the person who answers; the default is the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub person: Option<String>,
    /// Never ask what comes next, and do not sit out a wait: park the run instead
    #[arg(long)]
    pub no_input: bool,
    /// How the run is shown: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub format: Option<RunFormat>,
}

/// Records the answer, if it fits the question and nobody has answered before, and resumes the run.
pub(super) fn answer(asked: &AnswerArguments, context: &mut CliContext) -> CommandResult {
    let runs = FolderJournal::here()?;
    let summary = runs.find(&asked.run)?;
    let name = resuming::name(asked.person.as_ref());
    let given = AnswerInput { text: &asked.said, remark: asked.remark.as_deref(), name: &name };
    let engine = store::engine(&runs.folder)?;
    engine.answer(&runs.look, &summary, &given)?;
    let turn = ResumeSettings { name, confirm: false, no_input: asked.no_input, format: asked.format };
    resuming::go_on(engine, &summary.run, &turn, context).map_err(|refusal| Refusal {
        message: format!("the answer is recorded, but the run is not resumed here: {}", refusal.message),
        help: refusal.help,
    })
}
