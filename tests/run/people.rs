//! Questions to people: who may answer them, and what is shown.

use rbl_runtime::{AskKind, Effect, EventKind, Outcome};
use rbl_syntax::value::{SecretRef, Value};

use super::scripted_world::output;
use super::{told, world};

fn asks(told: &super::Told) -> Vec<&rbl_runtime::Ask> {
    told.world
        .effects
        .iter()
        .filter_map(|effect| if let Effect::Ask(ask) = effect { Some(ask) } else { None })
        .collect()
}

#[test]
fn a_question_with_everything() {
    let told = told(
        "metric p99 in ms from prometheus \"p99\"\nlink \"dash\" \"https://d\"\n\
         check \"May #{1 + 1} nodes go?\" by \"sre\" within 5m showing p99, p99 over 1h, `kubectl get pods` else { }",
        world()
            .reading("p99", 5.0)
            .window("p99", &[Some(1.0), Some(2.0)])
            .probe("kubectl get pods", output(0, "a\nb"))
            .no("May 2 nodes go?"),
    )
    .ends(Outcome::Resolved);
    let ask = asks(&told)[0];
    assert_eq!((ask.by.as_deref(), ask.kind.clone()), (Some("sre"), AskKind::YesNo));
    assert!((ask.within - 300.0).abs() < 1e-9);
    let titles: Vec<&str> = ask.showing.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["p99", "p99 over 1h", "`kubectl get pods`"]);
    assert!(matches!(ask.showing[0].value, Value::Sample(_)));
    assert_eq!(ask.showing[1].window().unwrap()[0].points.len(), 2);
    assert_eq!(ask.showing[2].value.to_string(), "a\nb");
    assert_eq!(ask.links.len(), 1);
}

#[test]
fn ask_for_a_text_a_choice_and_a_secret() {
    let told = told(
        "let a = ask \"Cause?\"\nlet b = ask \"Which?\" among [\"x\", \"y\"]\nlet c = ask secret \"Token?\"\n\
         \"#{a} #{b}\"\naction `login #{c}`",
        world()
            .text("Cause?", "deploy")
            .text("Which?", "y")
            .answer("Token?", rbl_runtime::Answer::SecretKept(rbl_runtime::AnswerAuthor::default())),
    );
    assert_eq!(told.prose(), ["deploy y"]);
    assert_eq!(asks(&told)[1].kind, AskKind::Choice(vec!["x".into(), "y".into()]));
    let AskKind::Secret(key) = &asks(&told)[2].kind else { panic!() };
    let Some(Effect::Act(act)) = told.world.effects.last() else { panic!() };
    let rbl_runtime::ActTarget::Command(command) = &act.target else { panic!() };
    let handed = rbl_runtime::Datum::Secret(SecretRef::Asked(key.clone()));
    assert_eq!(command.0[1], rbl_runtime::Piece::Value(handed));
}

#[test]
fn no_answer_is_unknown() {
    let told = told("let a = ask \"Cause?\" within 1m\n\"#{a}\"", world());
    assert_eq!(told.prose(), ["no answer"]);
    assert!((told.world.clock - 60.0).abs() < 1e-9);
}

#[test]
fn the_remark_is_kept_in_the_story() {
    let remark = rbl_runtime::AnswerAuthor {
        by: Some("ana".into()),
        vouched: true,
        remark: Some("it is the deploy".into()),
    };
    let told =
        told("check \"Real?\"\nescalate to owner", world().answer("Real?", rbl_runtime::Answer::Yes(remark)));
    let Some(Effect::Page(page)) = told.world.effects.last() else { panic!() };
    assert_eq!(page.story, ["line 3: asked \"Real?\": yes (ana: it is the deploy)"]);
}

#[test]
fn an_instruction_that_is_skipped_has_failed() {
    let told =
        told("action \"Look\" showing 1 + 1 else { \"else\" }", world().fails("Look", "skipped by ana"));
    assert_eq!(told.prose(), ["else"]);
    let Effect::Act(act) = &told.world.effects[0] else { panic!() };
    assert_eq!(act.showing[0].value.to_string(), "2");
}

#[test]
fn answers_are_told_with_who_gave_them() {
    let told = told("check \"Real?\"", world().yes("Real?"));
    let answered = told.events.iter().any(|event| {
        matches!(&event.kind, EventKind::Answered { answer: rbl_runtime::Answer::Yes(said), .. } if said.by.as_deref() == Some("ana") && said.vouched)
    });
    assert!(answered);
}

#[test]
fn a_decision_tells_what_was_asked_and_what_was_said_besides() {
    let said =
        rbl_runtime::AnswerAuthor { by: Some("bo".into()), vouched: false, remark: Some("a deploy".into()) };
    let no = rbl_runtime::Answer::No(said);
    let body = "let role = \"primary\"\ncheck \"Is the #{role} well?\" by \"payments\" within 1m";
    let told = told(body, world().answer("Is the primary well?", no));
    let decision = told.events.iter().find_map(|event| match &event.kind {
        EventKind::Decided(decision) => Some(decision),
        _ => None,
    });
    let decision = decision.unwrap();
    assert_eq!(decision.condition, "\"Is the primary well?\"");
    assert_eq!(decision.operands[0].text, "\"Is the primary well?\"");
    let rbl_runtime::Origin::Person { name, team, vouched, remark } = &decision.operands[0].from else {
        panic!()
    };
    assert_eq!((name.as_deref(), team.as_deref(), *vouched), (Some("bo"), Some("payments"), false));
    assert_eq!(remark.as_deref(), Some("a deploy"));
    assert_eq!(
        told.unhandled(),
        ["`\"Is the primary well?\"` is no (bo said no: a deploy), and the check has no `else`"]
    );
}

#[test]
fn nobody_types_the_secret_in_time() {
    let told = told("let token = ask secret \"Token?\" within 1m\naction `use #{token}`", world());
    let told = told.ends(Outcome::Escalated);
    assert!(told.unhandled()[0].contains("`token` is unknown: no answer"), "{:?}", told.unhandled());
}
