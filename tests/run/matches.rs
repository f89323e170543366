//! `match`: values, lists, texts, comparisons, ranges; menus.

use rbl_runtime::{Answer, AskKind, Effect, Outcome};
use rbl_syntax::value::{Reason, ReasonKind};

use super::scripted_world::{output, said};
use super::{told, world};

#[test]
fn the_first_arm_that_fits() {
    let body = |subject: &str| {
        format!(
            "metric age in s from prometheus \"age\"\nlet subject = {subject}\n\
             match subject {{\n  < 1m {{ \"young\" }}\n  1m..5m {{ \"middle\" }}\n  10m {{ \"ten\" }}\n  [20m, 30m] {{ \"listed\" }}\n\
             >= 2h {{ \"old\" }}\n  else {{ \"other\" }}\n  unknown {{ \"unknown\" }}\n}}"
        )
    };
    let said = |subject: &str| told(&body(subject), world().reading("age", 240.0)).prose()[0].to_owned();
    assert_eq!(said("30s"), "young");
    assert_eq!(said("5m"), "middle");
    assert_eq!(said("10m"), "ten");
    assert_eq!(said("0.5h"), "listed");
    assert_eq!(said("3h"), "old");
    assert_eq!(said("11m"), "other");
    assert_eq!(said("age"), "middle");
    assert_eq!(told(&body("age"), world()).prose(), ["unknown"]);
}

#[test]
fn texts_and_what_commands_print() {
    let body = "match `status`.text {\n  \"ok\", \"fine\" { \"good\" }\n  contains \"timeout\" { \"slow\" }\n  matches \"^5..$\" { \"error\" }\n  else { \"else\" }\n}";
    let said = |text: &str| told(body, world().probe("status", output(0, text))).prose()[0].to_owned();
    assert_eq!(said("ok\n"), "good");
    assert_eq!(said("fine"), "good");
    assert_eq!(said("a timeout here"), "slow");
    assert_eq!(said("503"), "error");
    assert_eq!(said("200"), "else");
}

#[test]
fn nothing_fits_and_no_else_stops() {
    let told = told("let x = 3\nmatch x { 1 { } 2 { } }", world()).ends(Outcome::Escalated);
    assert_eq!(told.unhandled(), ["`x` is 3, which no arm fits, and the match has no `else`"]);
}

#[test]
fn a_menu_for_a_person() {
    let body = "match \"What now?\" {\n  \"restart\" { \"r\" }\n  \"wait\", \"nothing\" { \"w\" }\n  unknown { \"u\" }\n}";
    let told = told(body, world().text("What now?", "nothing"));
    let Effect::Ask(ask) = &told.world.effects[0] else { panic!() };
    assert_eq!(ask.kind, AskKind::Choice(vec!["restart".into(), "wait".into(), "nothing".into()]));
    assert_eq!(told.prose(), ["w"]);
    assert_eq!(super::told(body, world()).prose(), ["u"]);
    let unsure = Answer::Unknown(Reason::new(ReasonKind::NotSure, "not sure"), said("ana"));
    assert_eq!(super::told(body, world().answer("What now?", unsure)).prose(), ["u"]);
}

#[test]
fn an_arm_that_cannot_be_told_is_not_passed_over() {
    let told = told(
        "metric limit in s from prometheus \"limit\"\nmatch 5m { < limit { \"a\" } else { \"b\" } unknown { \"c\" } }",
        world(),
    );
    assert_eq!(told.prose(), ["c"]);
}

#[test]
fn the_arm_that_was_taken_is_told() {
    let condition = |body: &str| {
        let told = told(&format!("let log = \"oom killed\"\n{body}"), world().text("Which #1?", "b"));
        let conditions = told.events.iter().filter_map(|event| match &event.kind {
            rbl_runtime::EventKind::Decided(decision) => Some(decision.condition.clone()),
            _ => None,
        });
        conditions.collect::<Vec<_>>().pop().unwrap()
    };
    assert_eq!(condition("match log {\n  contains \"oom\" { }\n  else { }\n}"), "log contains \"oom\"");
    assert_eq!(condition("match log {\n  \"oom killed\" { }\n  else { }\n}"), "log is \"oom killed\"");
    assert_eq!(
        condition("let n = 1\nmatch \"Which ##{n}?\" {\n  \"a\" { }\n  \"b\" { }\n  unknown { }\n}"),
        "\"Which #1?\" is \"b\""
    );
}
