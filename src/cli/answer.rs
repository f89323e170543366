//! `rbl answer RUN ANSWER`: answers the question a run waits for, and resumes the run.

use super::run::RunFormat;
use super::turn::{self, Runs, Turn};
use super::{Context, Done};
use crate::cli::store;
use clap::Args;
use rbl_project::Refusal;
use rbl_project::files;
use rbl_runtime::answer;
use rbl_runtime::journal::{Accepted, Open, RunQuery, Signal, Stage, State, Store, open};
use rbl_runtime::{Acted, Reply};
use rbl_world::Configured;
use rbl_world::team::{Members, Standing};

/// `rbl answer`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: those of `rbl run`. 2: the answer does not fit, or there is nothing to answer."
)]
pub(crate) struct Answer {
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
pub(super) fn answer(asked: &Answer, context: &mut Context) -> Done {
    let runs = Runs::here()?;
    let summary = runs.find(&asked.run)?;
    let run = summary.run.as_str();
    if let State::Running { by } = &summary.state {
        return Err(Refusal::new(format!("run {run} is held by {by}, and asks its questions there"))
            .help("answer it there; once the run is parked, it can be answered from here"));
    }
    if let State::Ended { outcome, .. } = &summary.state {
        return Err(Refusal::new(format!("run {run} has ended, {outcome}: there is nothing to answer"))
            .help(format!("rbl show {run}")));
    }
    let (records, signals) = runs.look.read(run).map_err(|why| store::refusal(&why))?;
    let Some(stands) = open(&records).map_err(Refusal::new)? else {
        return Err(nothing_asked(run));
    };
    let name = turn::name(asked.person.as_ref());
    let begun = turn::begun(&records)?;
    let identity = begun.sources.first().map_or(".", |source| source.identity.as_str());
    let configured = Configured::find(&files::folder(identity))?;
    let members = turn::connections(&configured)?.members.clone();
    if let Some(first) = first(&signals, &stands) {
        return Err(already(run, &first));
    }
    let reply = fitting(asked, run, &stands, &name, &members)?;
    let data = serde_json::to_string(&reply).map_err(|why| Refusal::new(why.to_string()))?;
    let store = store::open(&runs.folder)?;
    let told = store.signal(run, &stands.seq.to_string(), &data).map_err(|why| store::refusal(&why))?;
    drop(store);
    match told {
        Accepted::Accepted => {}
        Accepted::Ended => return Err(Refusal::new(format!("run {run} has ended in the meantime"))),
        Accepted::Duplicate => {
            let (_, signals) = runs.look.read(run).map_err(|why| store::refusal(&why))?;
            let first = first(&signals, &stands).unwrap_or_else(|| "somebody".into());
            return Err(already(run, &first));
        }
    }
    let turn = Turn { name, confirm: false, no_input: asked.no_input, format: asked.format };
    turn::go_on(&runs.folder, run, &turn, context).map_err(|refusal| Refusal {
        message: format!("the answer is recorded, but the run is not resumed here: {}", refusal.message),
        help: refusal.help,
    })
}

fn nothing_asked(run: &str) -> Refusal {
    Refusal::new(format!("run {run} waits for no answer")).help(format!("resume it: rbl resume {run}"))
}

fn already(run: &str, first: &str) -> Refusal {
    Refusal::new(format!("run {run} is already answered by {first}"))
        .help(format!("resume it: rbl resume {run}"))
}

/// The answer that came first, and who gave it.
fn first(signals: &[Signal], stands: &Open) -> Option<String> {
    let signal = signals.iter().find(|signal| signal.name == stands.seq.to_string())?;
    let (by, what) = match serde_json::from_str(&signal.data).ok()? {
        Reply::Answered(answer) => {
            let what = match &answer {
                rbl_runtime::Answer::Yes(_) => "yes".to_owned(),
                rbl_runtime::Answer::No(_) => "no".to_owned(),
                rbl_runtime::Answer::Unknown(reason, _) => reason.text.clone(),
                rbl_runtime::Answer::Text(text, _) => text.clone(),
                rbl_runtime::Answer::SecretKept(_) => "a secret".to_owned(),
            };
            (answer.said().by.clone(), what)
        }
        Reply::Acted(acted) => (acted.by, acted.result.map_or_else(|why| why.text, |()| "done".into())),
        _ => return None,
    };
    Some(format!("{} at {}: {what}", by.as_deref().unwrap_or("somebody"), signal.at))
}

/// Converts the text to the kind of answer that the question asks for.
fn fitting(
    asked: &Answer,
    run: &str,
    stands: &Open,
    name: &str,
    members: &Members,
) -> Result<Reply, Refusal> {
    let text = asked.said.as_str();
    let misfit =
        |prompt: &str, why: String| Refusal::new(format!("`{text}` does not answer \"{prompt}\"")).help(why);
    let allowed = |team: Option<&str>| match members.standing(team, name) {
        Standing::May { vouched } => Ok(vouched),
        Standing::MayNot(members) => {
            Err(Refusal::new(format!("only {} can answer this, and you are {name}", members.join(", ")))
                .help("give the name by --as"))
        }
    };
    match &stands.stage {
        Stage::Question(ask) => {
            let vouched = allowed(ask.by.as_deref())?;
            if matches!(ask.kind, rbl_runtime::AskKind::Secret(_)) {
                return Err(Refusal::new(
                    "a secret is never written to the journal, so it cannot be answered from here",
                )
                .help(format!("type it at a terminal: rbl resume {run}")));
            }
            let mut answer =
                answer::answer(&ask.kind, text, name, vouched).map_err(|why| misfit(&ask.prompt, why))?;
            if let Some(remark) = &asked.remark {
                answer.remark(remark);
            }
            Ok(Reply::Answered(answer))
        }
        Stage::Instruction(act) => {
            allowed(act.by.as_deref())?;
            let acted = answer::did(text, name).map_err(|why| misfit(&act.title, why))?;
            let remark = match (&acted.remark, &asked.remark) {
                (Some(one), Some(two)) => Some(format!("{one}: {two}")),
                (one, two) => one.clone().or_else(|| two.clone()),
            };
            Ok(Reply::Acted(Acted { remark, ..acted }))
        }
        Stage::Action(act) => {
            Err(Refusal::new(format!("run {run} was cut off while it did `{}`", act.title))
                .help(format!("resume it, and say whether that was done: rbl resume {run}")))
        }
        Stage::Other(_) => Err(nothing_asked(run)),
    }
}
