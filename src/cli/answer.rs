//! `rbl answer RUN ANSWER`: answers the question a run waits for, and resumes the run.

use super::resuming::{self, FolderJournal, ResumeSettings};
use super::run::RunFormat;
use super::{CliContext, CommandResult};
use crate::Exit;
use crate::cli::remote::ServerArgument;
use crate::cli::store;
use crate::cli::store::StoreArgument;
use clap::Args;
use rbl_engine::{AnswerInput, AnswerWay, OpenQuestion};
use rbl_project::Refusal;
use rbl_syntax::clean;

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
    /// The number of the question, as the message names it that asks: where the run asks something else by now, the answer does not
    /// count for that. Without it: whatever the run asks
    #[arg(long, value_name = "N")]
    pub question: Option<String>,
    /// A remark to record with the answer
    #[arg(long, value_name = "TEXT")]
    pub remark: Option<String>,
    /// Name of the person who answers; the default is the system's user
    #[arg(long = "as", value_name = "NAME", conflicts_with = "server")]
    pub person: Option<String>,
    /// Answer what is asked of a team past a server that executes the run: why. It is part of the story
    #[arg(long, value_name = "REASON", conflicts_with = "server")]
    pub break_glass: Option<String>,
    /// Never ask what comes next, and do not sit out a wait: park the run instead
    #[arg(long, conflicts_with = "server")]
    pub no_input: bool,
    /// How the run is shown: pretty on a terminal, else plain
    #[arg(long, value_enum, conflicts_with = "server")]
    pub format: Option<RunFormat>,
    #[command(flatten)]
    pub store: StoreArgument,
    #[command(flatten)]
    pub server: ServerArgument,
}

/// What was done, where the run cannot be resumed.
const RECORDED: &str = "the answer is recorded";

/// Records the answer, if it fits the question and nobody has answered before, and resumes the run.
pub(super) fn answer(asked: &AnswerArguments, context: &mut CliContext) -> CommandResult {
    if let Some(server) = asked.server.open()? {
        let run = server.find(&asked.run)?.run;
        let waits = server.answer((&run, asked.question.as_deref()), &asked.said, asked.remark.as_deref())?;
        context.out.line(&match waits {
            Some(waits) => format!("answered; run {run} waits for others: {}", clean(&waits)),
            None => format!("answered; the server continues run {run}"),
        });
        return Ok(Exit::Fine);
    }
    let runs = FolderJournal::here(&asked.store)?;
    let summary = runs.find(&asked.run)?;
    let name = resuming::name(asked.person.as_ref());
    let has_server = store::has_server(&runs.folder)?;
    let way = way(asked, has_server)?;
    let given = AnswerInput { text: &asked.said, remark: asked.remark.as_deref(), name: &name, way };
    let engine = store::engine(&runs.folder)?;
    let question = match &asked.question {
        Some(question) => OpenQuestion::named(&runs.look, &summary, way, question)?,
        None => OpenQuestion::of(&runs.look, &summary, way)?,
    };
    let taken = engine.answer(&runs.look, &question, &given)?;
    if let Some(waits) = taken.waits {
        context.out.line(&format!("answered by {name}; run {} waits for others: {waits}", summary.run));
        if has_server {
            return Ok(Exit::Fine);
        }
        // It takes note of the answer, and asks nobody here: this person has answered.
        let turn = ResumeSettings { name, confirm: false, no_input: true, format: asked.format };
        return resuming::go_on_after(RECORDED, engine, (&runs.look, &summary.run), &turn, context);
    }
    if has_server {
        context.out.line(&format!("answered by {name}; the server continues run {}", summary.run));
        return Ok(Exit::Fine);
    }
    let turn = ResumeSettings { name, confirm: false, no_input: asked.no_input, format: asked.format };
    resuming::go_on_after(RECORDED, engine, (&runs.look, &summary.run), &turn, context)
}

/// How the answer comes: whether a server could have been asked who gives it.
fn way(asked: &AnswerArguments, has_server: bool) -> Result<AnswerWay<'_>, Refusal> {
    match (asked.break_glass.as_deref().map(str::trim), has_server) {
        (Some(""), _) => Err(Refusal::new("`--break-glass` is empty")
            .help("say why the server cannot be used: it is kept in the story of the run")),
        (Some(_), false) => Err(Refusal::new("no server executes the runs of this journal")
            .help("answer without `--break-glass`: it is needed for answers past a server only")),
        (Some(reason), true) => Ok(AnswerWay::BreakGlass(reason)),
        (None, true) => Ok(AnswerWay::BesideServer),
        (None, false) => Ok(AnswerWay::Here),
    }
}
