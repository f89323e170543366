//! Uncertain actions: the process was cut off between their start and their end, so whether they were done is unknown.

use crate::{Act, ActTarget, Acted, Answer, AnswerAuthor, Ask, AskKind};
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind, Time};

/// The possible answers of a person.
pub const WAS_IT_DONE: [&str; 3] = ["done", "not done", "cannot tell"];

/// Whether a question is *was it done?* of the journal itself.
pub fn asks_whether_done(kind: &AskKind) -> bool {
    matches!(kind, AskKind::Choice(among) if among.iter().map(String::as_str).eq(WAS_IT_DONE))
}

/// The longest wait for an answer; after it, whether the action was done stays unknown.
const WITHIN: f64 = 30.0 * 60.0;

/// How to proceed with an uncertain action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Repeat it: its author said that repeating is safe, or a person does it and knows.
    Again,
    /// Ask a person.
    Ask,
}

/// Chooses how to proceed; never guesses.
pub(super) fn remedy(act: &Act) -> Remedy {
    if act.tries > 1 || matches!(act.target, ActTarget::Instruction(_)) { Remedy::Again } else { Remedy::Ask }
}

/// The question *was it done?*, with everything that is known; `living`: what of it still runs.
pub(super) fn question(act: &Act, begun: Time, living: Option<&str>) -> Ask {
    let living = match living {
        Some(living) if act.host.is_none() => format!("; it still runs: {living}"),
        Some(living) => format!("; it may still run there: {living} has not ended"),
        None => on_the_host(act),
    };
    let place = act.host.as_ref().map_or_else(String::new, |host| format!(" on {host}"));
    Ask {
        kind: AskKind::Choice(WAS_IT_DONE.map(str::to_owned).into()),
        prompt: format!(
            "was it done? `{}`{place} was started at {begun} and cut off; its idempotency key is {}{living}",
            act.title, act.key
        ),
        by: None,
        within: WITHIN,
        showing: Vec::new(),
        links: act.links.clone(),
        permits: None,
    }
}

/// What nobody here can know of an action on another host; empty for one of this machine.
pub(super) fn on_the_host(act: &Act) -> String {
    let unknown = |host| format!("; whether the first try still runs on {host} is unknown");
    act.host.as_ref().map_or_else(String::new, unknown)
}

/// The answer of a person.
#[allow(clippy::large_enum_variant)] // One at a time.
pub(super) enum UncertainAnswer {
    /// It was done, or that is unknown: the result of the action.
    Over(Acted),
    /// It was not done: it is done now.
    NotDone,
}

/// Interprets the answer.
pub(super) fn verdict(answer: &Answer) -> UncertainAnswer {
    let [done, not_done, _] = WAS_IT_DONE;
    match answer {
        Answer::Text(text, said) if text == done => {
            UncertainAnswer::Over(acted(Ok(()), said, "it had been done when the run was cut off"))
        }
        Answer::Text(text, _) if text == not_done => UncertainAnswer::NotDone,
        Answer::Unknown(reason, said) if reason.kind == ReasonKind::NoAnswer => {
            let why = format!("the run was cut off, and nobody said whether it was done: {}", reason.text);
            UncertainAnswer::Over(acted(Err(Reason::new(ReasonKind::NotSure, why)), said, ""))
        }
        Answer::Yes(said)
        | Answer::No(said)
        | Answer::Unknown(_, said)
        | Answer::Text(_, said)
        | Answer::SecretKept(said) => {
            let why = "the run was cut off, and whether it was done is unknown";
            UncertainAnswer::Over(acted(Err(Reason::new(ReasonKind::NotSure, why)), said, ""))
        }
    }
}

/// The result of an action that may not be done again, because an earlier try of it cannot be ended.
pub(super) fn still_runs(living: &str) -> Acted {
    let why = format!("not done again: {living} of the first try still runs, and cannot be ended");
    acted(Err(Reason::new(ReasonKind::NotRun, why)), &AnswerAuthor::default(), "")
}

fn acted(result: Result<(), Reason>, said: &AnswerAuthor, words: &str) -> Acted {
    let remark = match (&said.remark, words) {
        (Some(remark), "") => Some(remark.clone()),
        (Some(remark), words) => Some(format!("{words}: {remark}")),
        (None, "") => None,
        (None, words) => Some(words.to_owned()),
    };
    Acted { result, output: CommandOutput::default(), by: said.by.clone(), remark }
}
