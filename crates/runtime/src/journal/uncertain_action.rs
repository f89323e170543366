//! Actions of which nobody knows whether they were done: the process was cut off between their start and their end.

use crate::{Act, ActTarget, Acted, Answer, Ask, AskKind, Said};
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind, Time};

/// What a person can say to it.
pub const WAS_IT_DONE: [&str; 3] = ["done", "not done", "cannot tell"];

/// The longest that a person is waited for who is there; after it the run is parked at the question, never decided.
const WITHIN: f64 = 30.0 * 60.0;

/// What is done about an action that was begun and not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// It is done again: its author said that repeating is safe, or a person does it and knows.
    Again,
    /// A person is asked.
    Ask,
}

/// Never a guess.
pub(super) fn remedy(act: &Act) -> Remedy {
    if act.tries > 1 || matches!(act.target, ActTarget::Instruction(_)) { Remedy::Again } else { Remedy::Ask }
}

/// *Was it done?*, with everything that is known.
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

/// What a person said to it.
pub(super) enum Verdict {
    /// It was done, or nobody can tell: what comes of the action.
    Over(Acted),
    /// It was not done: it is done now.
    NotDone,
    /// Nobody answered: the question stays open.
    Unanswered,
}

/// Reads the answer.
pub(super) fn verdict(answer: &Answer) -> Verdict {
    let [done, not_done, _] = WAS_IT_DONE;
    match answer {
        Answer::Text(text, said) if text == done => {
            Verdict::Over(acted(Ok(()), said, "it had been done when the run was cut off"))
        }
        Answer::Text(text, _) if text == not_done => Verdict::NotDone,
        Answer::Unknown(reason, _) if reason.kind == ReasonKind::NoAnswer => Verdict::Unanswered,
        answer => {
            let why = "the run was cut off, and nobody can tell whether it was done";
            Verdict::Over(acted(Err(Reason::new(ReasonKind::NotSure, why)), answer.said(), ""))
        }
    }
}

fn acted(result: Result<(), Reason>, said: &Said, words: &str) -> Acted {
    let remark = match (&said.remark, words) {
        (Some(remark), "") => Some(remark.clone()),
        (Some(remark), words) => Some(format!("{words}: {remark}")),
        (None, "") => None,
        (None, words) => Some(words.to_owned()),
    };
    Acted { result, output: CommandOutput::default(), by: said.by.clone(), remark }
}
