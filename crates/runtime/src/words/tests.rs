//! The words of a run.

use super::{Mark, say};
use crate::{Answer, AnswerAuthor, Compared, Decision, Delivery, EventKind, Operand, Origin, Shown, Then};
use rbl_syntax::value::{Quantity, Reason, ReasonKind, Unit, Value, Verdict};

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
        neutral: false,
    })
}

#[test]
fn a_decision_says_the_value_that_decided_and_what_happens_next() {
    let words =
        say(&p99(Verdict::No, milliseconds(812.0), Then::Arm { arm: "else".into(), line: 14 })).unwrap();
    assert_eq!((words.mark, words.word, words.text.as_str()), (Mark::No, "no", "p99 < 500ms"));
    assert_eq!(words.notes, ["p99 = 812ms, not < 500ms", "continuing in `else` at line 14"]);

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
        delivered: Ok(Delivery::by("on this terminal", reached_others)),
        asked_for: true,
        then: Then::GoesOn,
    };
    let words = say(&page(false)).unwrap();
    assert_eq!(words.notes, ["on this terminal: nobody else was told", "pool at 97%"]);
    assert_eq!(say(&page(true)).unwrap().notes, ["by on this terminal", "pool at 97%"]);
}

#[test]
fn an_answer_says_who_and_whether_a_list_vouches() {
    let said = AnswerAuthor { by: Some("ana".into()), vouched: true, remark: Some("seen it".into()) };
    let kind = EventKind::Answered { prompt: "Is it real?".into(), answer: Answer::Yes(said) };
    let words = say(&kind).unwrap();
    assert_eq!(words.text, "\"Is it real?\"");
    assert_eq!(words.notes, ["by ana, a member of the team", "\"seen it\""]);
}

#[test]
fn what_a_person_said_besides_is_told_with_whether_a_list_vouches() {
    let said = |vouched, team: Option<&str>| {
        let from = Origin::Person {
            name: Some("bo".into()),
            team: team.map(str::to_owned),
            vouched,
            remark: Some("looks like a deploy".into()),
        };
        let value = Shown::of(&Value::text("yes"));
        let operand = Operand { text: "\"Is it real?\"".into(), value, from, measured: None, compared: None };
        super::operands(&Decision {
            condition: "\"Is it real?\"".into(),
            verdict: Verdict::Yes,
            operands: vec![operand],
            then: Then::GoesOn,
            neutral: false,
        })
    };
    assert_eq!(said(false, None), ["bo said yes: looks like a deploy"]);
    assert_eq!(said(true, Some("db")), ["bo (a member of db) said yes: looks like a deploy"]);
    assert_eq!(said(false, Some("db")), ["bo (db has no list of members) said yes: looks like a deploy"]);
}

#[test]
fn of_a_long_output_the_first_line_is_told() {
    let output = "NAME READY\na 1/1\nb 1/1\n";
    let kind = EventKind::Let { name: "pods".into(), value: Shown::of(&Value::text(output.trim())) };
    assert_eq!(say(&kind).unwrap().text, "pods = NAME READY (and 2 more lines)");
}

#[test]
fn a_literal_has_no_value_behind_it() {
    let count = |value: f64| Shown::of(&Value::Quantity(Quantity::number(value)));
    let compared =
        Compared { op: "<".into(), text: "1_000".into(), value: count(1000.0), verdict: Verdict::No };
    let operand = Operand {
        text: "backlog".into(),
        value: count(4000.0),
        from: Origin::Runbook,
        measured: None,
        compared: Some(compared),
    };
    let decision = Decision {
        condition: "backlog < 1_000".into(),
        verdict: Verdict::No,
        operands: vec![operand],
        then: Then::GoesOn,
        neutral: false,
    };
    assert_eq!(super::operands(&decision), ["backlog = 4000, not < 1_000"]);
}

#[test]
fn a_match_says_its_arm_once() {
    let decision = Decision {
        condition: "log.text contains \"oom\"".into(),
        verdict: Verdict::Yes,
        operands: Vec::new(),
        then: Then::Arm { arm: "contains \"oom\"".into(), line: 9 },
        neutral: false,
    };
    let words = say(&EventKind::Decided(decision)).unwrap();
    assert_eq!(
        (words.text.as_str(), words.notes),
        ("log.text contains \"oom\"", vec!["continuing at line 9".into()])
    );
}
