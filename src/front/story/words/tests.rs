//! The words of a run.

use super::{Mark, say};
use crate::run::{Answer, Compared, Decision, Delivery, EventKind, Operand, Origin, Said, Shown, Then};
use crate::value::{Quantity, Reason, ReasonKind, Unit, Value, Verdict};

fn milliseconds(value: f64) -> Shown {
    Shown::of(&Value::Quantity(Quantity::of(value, Unit::parse("ms").unwrap()).unwrap()))
}

fn p99(verdict: Verdict, value: Shown, then: Then) -> EventKind {
    let compared = Compared {
        op: "<".into(),
        text: "500ms".into(),
        value: milliseconds(500.0),
        verdict: verdict.clone(),
    };
    EventKind::Decided(Decision {
        condition: "p99 < 500ms".into(),
        verdict,
        operands: vec![Operand {
            text: "p99".into(),
            value,
            from: Origin::Provider("prometheus".into()),
            measured: None,
            compared: Some(compared),
        }],
        then,
    })
}

#[test]
fn a_decision_says_the_value_that_decided_and_what_happens_next() {
    let words =
        say(&p99(Verdict::No, milliseconds(812.0), Then::Arm { arm: "else".into(), line: 14 })).unwrap();
    assert_eq!((words.mark, words.word, words.text.as_str()), (Mark::No, "no", "p99 < 500ms"));
    assert_eq!(words.notes, ["p99 = 812ms, not < 500ms", "going on with `else` at line 14"]);

    let words = say(&p99(Verdict::Yes, milliseconds(120.0), Then::GoesOn)).unwrap();
    assert_eq!((words.word, words.notes), ("yes", vec!["p99 = 120ms".to_owned()]));
}

#[test]
fn an_unknown_says_its_reason_once() {
    let reason = Reason::new(ReasonKind::Unreachable, "connection refused");
    let value = Shown::of(&Value::unknown(reason.clone()));
    let words = say(&p99(Verdict::unknown(reason), value, Then::Stops)).unwrap();
    assert_eq!((words.mark, words.word), (Mark::Unknown, "unknown"));
    assert_eq!(words.notes, ["p99: connection refused"]);
}

#[test]
fn who_was_not_told_is_said() {
    let page = |reached_others| EventKind::Escalated {
        team: Some("db".into()),
        reason: "pool at 97%".into(),
        delivered: Ok(Delivery { by: "on this terminal".into(), reached_others, reference: None }),
        asked_for: true,
        then: Then::GoesOn,
    };
    let words = say(&page(false)).unwrap();
    assert_eq!(words.notes, ["on this terminal: nobody else was told", "pool at 97%"]);
    assert_eq!(say(&page(true)).unwrap().notes, ["by on this terminal", "pool at 97%"]);
}

#[test]
fn an_answer_says_who_and_whether_a_list_vouches() {
    let said = Said { by: Some("ana".into()), vouched: true, remark: Some("seen it".into()) };
    let kind = EventKind::Answered { prompt: "Is it real?".into(), answer: Answer::Yes(said) };
    let words = say(&kind).unwrap();
    assert_eq!(words.text, "\"Is it real?\"");
    assert_eq!(words.notes, ["by ana, a member of the team", "\"seen it\""]);
}
