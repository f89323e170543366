//! Uncertain actions: the process was cut off between their start and their end, so whether they were done is unknown.

use crate::{Act, ActTarget, Acted, Answer, AnswerAuthor, Ask, AskKind};
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind, Time};

/// The possible answers of a person.
pub const WAS_IT_DONE: [&str; 3] = ["done", "not done", "cannot tell"];

/// The longest wait for a person who is there; after it the run is parked at the question, never decided.
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

/// The question *was it done?*, with everything that is known.
pub(super) fn question(act: &Act, begun: Time) -> Ask {
    let place = act.host.as_ref().map_or_else(String::new, |host| format!(" on {host}"));
    Ask {
        kind: AskKind::Choice(WAS_IT_DONE.map(str::to_owned).into()),
        prompt: format!(
            "was it done? `{}`{place} was started at {begun} and cut off; its idempotency key is {}",
            act.title, act.key
        ),
        by: None,
        within: WITHIN,
        showing: Vec::new(),
        links: act.links.clone(),
    }
}

/// The answer of a person.
pub(super) enum UncertainAnswer {
    /// It was done, or that is unknown: the result of the action.
    Over(Acted),
    /// It was not done: it is done now.
    NotDone,
    /// Nobody answered: the question stays open.
    Unanswered,
}

/// Interprets the answer.
pub(super) fn verdict(answer: &Answer) -> UncertainAnswer {
    let [done, not_done, _] = WAS_IT_DONE;
    match answer {
        Answer::Text(text, said) if text == done => {
            UncertainAnswer::Over(acted(Ok(()), said, "it had been done when the run was cut off"))
        }
        Answer::Text(text, _) if text == not_done => UncertainAnswer::NotDone,
        Answer::Unknown(reason, _) if reason.kind == ReasonKind::NoAnswer => UncertainAnswer::Unanswered,
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

fn acted(result: Result<(), Reason>, said: &AnswerAuthor, words: &str) -> Acted {
    let remark = match (&said.remark, words) {
        (Some(remark), "") => Some(remark.clone()),
        (Some(remark), words) => Some(format!("{words}: {remark}")),
        (None, "") => None,
        (None, words) => Some(words.to_owned()),
    };
    Acted { result, output: CommandOutput::default(), by: said.by.clone(), remark }
}
