//! When the answers that people sent decide a question: the first one, or as many approvals as its team wants.
//!
//! Of a question with a quorum one refusal refuses; who is not sure neither approves nor refuses, and others still can.

use super::Signal;
use crate::{Answer, AnswerAuthor, Reply};
use rbl_syntax::value::Time;

/// What one person's answer means for a question with a quorum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Vote {
    Approves,
    Refuses,
    NotSure,
}

impl Vote {
    fn of(reply: &Reply) -> Self {
        // Only questions for yes or no have a quorum: anything else decides at once.
        let Reply::Answered(answer) = reply else { return Self::Refuses };
        if matches!(answer, Answer::Yes(_)) {
            Self::Approves
        } else if matches!(answer, Answer::Unknown(..)) {
            Self::NotSure
        } else {
            Self::Refuses
        }
    }
}

/// The signal with which a question is decided; `None`: it is not yet. All `signals` are about this question, in the order of
/// their arrival.
pub fn deciding<'s>(signals: impl IntoIterator<Item = &'s Signal>, quorum: u32) -> Option<&'s Signal> {
    let mut signals = signals.into_iter();
    if quorum <= 1 {
        return signals.next();
    }
    let mut approvals = 0;
    signals.find(|signal| match reply_of(signal).map(|reply| Vote::of(&reply)) {
        Some(Vote::Approves) => {
            approvals += 1;
            approvals >= quorum
        }
        Some(Vote::NotSure) | None => false,
        Some(Vote::Refuses) => true,
    })
}

/// The answer of the people together, and when it was complete; `None`: the question is not decided yet.
pub(super) fn decided(signals: &[&Signal], quorum: u32) -> Option<(Reply, Time)> {
    let last = deciding(signals.iter().copied(), quorum)?;
    let reply = reply_of(last)?;
    if quorum <= 1 || Vote::of(&reply) != Vote::Approves {
        return Some((reply, last.at));
    }
    let all = approvals(signals.iter().copied());
    let said: Vec<AnswerAuthor> = all.into_iter().take(quorum as usize).collect();
    let names: Vec<&str> = said.iter().filter_map(|said| said.by.as_deref()).collect();
    let remark = |said: &AnswerAuthor| {
        let (by, remark) = (said.by.as_deref().unwrap_or("somebody"), said.remark.as_ref()?);
        Some(format!("{by}: {remark}"))
    };
    let remarks: Vec<String> = said.iter().filter_map(remark).collect();
    let author = AnswerAuthor {
        by: Some(names.join(" and ")),
        vouched: said.iter().all(|said| said.vouched),
        remark: (!remarks.is_empty()).then(|| remarks.join("; ")),
    };
    Some((Reply::Answered(Answer::Yes(author)), last.at))
}

/// Those who have approved so far, in their order.
pub fn approvals<'s>(signals: impl IntoIterator<Item = &'s Signal>) -> Vec<AnswerAuthor> {
    let author = |signal: &Signal| {
        let Reply::Answered(answer) = reply_of(signal)? else { return None };
        if let Answer::Yes(author) = answer { Some(author) } else { None }
    };
    signals.into_iter().filter_map(author).collect()
}

/// The reply that a signal holds.
pub(super) fn reply_of(signal: &Signal) -> Option<Reply> {
    serde_json::from_str(&signal.data).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::value::{Reason, ReasonKind};

    fn signal(number: u64, name: &str, answer: impl FnOnce(AnswerAuthor) -> Answer) -> Signal {
        let remark = (name == "ben").then(|| "looks right".to_owned());
        let author = AnswerAuthor { by: Some(name.into()), vouched: true, remark };
        Signal {
            number,
            name: format!("7/{name}").into(),
            data: serde_json::to_string(&Reply::Answered(answer(author))).unwrap(),
            at: Time::parse("2026-11-29T03:00:00Z").unwrap(),
        }
    }

    fn not_sure(author: AnswerAuthor) -> Answer {
        Answer::Unknown(Reason::new(ReasonKind::NotSure, "not sure"), author)
    }

    fn number(signals: &[Signal], quorum: u32) -> Option<u64> {
        deciding(signals, quorum).map(|it| it.number)
    }

    #[test]
    fn the_first_answer_decides_unless_several_have_to_approve() {
        let all = [signal(1, "ana", not_sure), signal(2, "ben", Answer::Yes), signal(3, "cy", Answer::Yes)];
        assert_eq!([1, 2, 3].map(|quorum| number(&all, quorum)), [Some(1), Some(3), None]);
        let refused =
            [signal(1, "ana", Answer::Yes), signal(2, "ben", Answer::No), signal(3, "cy", Answer::Yes)];
        assert_eq!(number(&refused, 2), Some(2), "one refusal refuses");
        assert_eq!(number(&[], 1), None);
    }

    #[test]
    fn the_answer_of_several_names_all_of_them() {
        let all = [signal(1, "ana", Answer::Yes), signal(2, "cy", not_sure), signal(3, "ben", Answer::Yes)];
        let all: Vec<&Signal> = all.iter().collect();
        let Some((Reply::Answered(Answer::Yes(author)), _)) = decided(&all, 2) else { panic!() };
        assert_eq!(author.by.as_deref(), Some("ana and ben"));
        assert_eq!((author.vouched, author.remark.as_deref()), (true, Some("ben: looks right")));
        assert_eq!(decided(&all, 3), None);
        assert_eq!(approvals(all).len(), 2);
    }
}
