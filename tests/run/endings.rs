//! No silent end: how a run ends, and who is notified.

use rbl_runtime::{EventKind, Outcome};

use super::{told, world};

#[test]
fn the_end_of_the_body_is_an_end() {
    assert_eq!(told("\"hello\"", world()).ends(Outcome::Resolved).ended.message, "every step is done");
    told("escalate to \"db\"", world()).ends(Outcome::Escalated);
}

#[test]
fn resolve_ends_at_once_and_well() {
    let told = told(
        "escalate to \"db\" because \"fyi\"\nif true { resolve \"over: #{1 + 1}\" }\n\"behind\"",
        world(),
    )
    .ends(Outcome::Resolved);
    assert!(told.prose().is_empty());
    assert_eq!(told.ended.message, "over: 2");
}

#[test]
fn stop_calls_the_owner_unless_somebody_was() {
    assert_eq!(
        told("stop \"enough\"", world()).ends(Outcome::Escalated).deeds(),
        ["page api-oncall: enough"]
    );
    let told = told("escalate to \"db\" because \"b\"\nstop \"enough\"", world()).ends(Outcome::Escalated);
    assert_eq!(told.deeds(), ["page db: b"]);
}

#[test]
fn a_run_that_can_page_nobody_says_so() {
    let no_owner = told("runbook \"R\"\nstop", world()).ends(Outcome::Failed);
    assert!(no_owner.ended.message.ends_with("nobody could be paged"), "{}", no_owner.ended.message);
    let kinds = no_owner.events.iter().map(|event| &event.kind);
    let escalated: Vec<_> =
        kinds.filter(|kind| matches!(kind, EventKind::Escalated { team: None, .. })).collect();
    assert_eq!(escalated.len(), 1);
    let dead = told("stop", world().undeliverable("api-oncall")).ends(Outcome::Failed);
    assert!(dead.ended.paged.is_empty());
}

#[test]
fn an_undeliverable_page_takes_else() {
    let world = || world().undeliverable("db");
    let told =
        told("escalate to \"db\" else { escalate to owner because \"db is not to be reached\" }", world())
            .ends(Outcome::Escalated);
    assert_eq!(told.deeds(), ["page db: ", "page api-oncall: db is not to be reached"]);
    let unhandled = super::told("escalate to \"db\"", world()).ends(Outcome::Escalated);
    assert_eq!(
        unhandled.deeds()[1],
        "page api-oncall: `db` could not be paged (connection refused), and the escalate has no `else`"
    );
}

#[test]
fn a_page_on_this_terminal_only_says_that_nobody_else_was_told() {
    let told = told("escalate to \"db\"", world().only_terminal()).ends(Outcome::Escalated);
    assert!(!told.ended.paged[0].delivery.reached_others);
}

#[test]
fn a_record_that_fails_stops_nothing() {
    let told = told("record \"p99 is fine\" to \"incidents\"\nrecord \"here\"", world().no_channels())
        .ends(Outcome::Resolved);
    assert_eq!(told.deeds(), ["record p99 is fine to incidents", "record here"]);
}

#[test]
fn a_page_carries_title_severity_and_links() {
    let told = told(
        "runbook \"Latency\"\nowner \"o\"\nseverity \"sev2\"\nlink \"dash\" \"https://d\"\nescalate to owner",
        world(),
    );
    let Some(rbl_runtime::Effect::Page(page)) = told.world.effects.last() else { panic!() };
    assert_eq!((page.runbook.as_str(), page.severity.as_deref()), ("Latency", Some("sev2")));
    assert_eq!(page.links, [("dash".to_owned(), "https://d".to_owned())]);
}

/// What the runbook says about its alert goes into the page and the story; nothing in it is executed.
#[test]
fn a_page_carries_what_the_runbook_says_about_its_alert() {
    let told = told(
        "runbook \"Latency\"\nabout \"\"\"\n  # Impact\n\n  Users wait.\n\"\"\"\nowner \"o\"\nescalate to owner because \"a\\nb\"",
        world(),
    );
    let Some(rbl_runtime::Effect::Page(page)) = told.world.effects.last() else { panic!() };
    assert_eq!(page.about.as_deref(), Some("# Impact\n\nUsers wait."));
    assert_eq!(page.reason, "a\nb", "its lines are kept");
    let begun = told.events.iter().find_map(|event| match &event.kind {
        rbl_runtime::EventKind::Started { about, .. } => about.clone(),
        _ => None,
    });
    assert_eq!(begun, page.about);
}

#[test]
fn no_step_starts_after_the_window_has_closed() {
    // The world's clock begins on a Friday at 10:00.
    let text = "runbook \"R\"\nowner \"o\"\ntrigger schedule \"0 9 * * *\" for 90m\n\
        step \"one\" { wait 40m }\nstep \"two\" { \"two\" }";
    let told = told(text, world()).ends(Outcome::Escalated);
    assert_eq!(
        told.unhandled(),
        ["the maintenance window closed at 2026-05-01T10:30:00Z: the step \"two\" was not started"]
    );
    let open = super::told(&text.replace("40m", "20m"), world()).ends(Outcome::Resolved);
    assert_eq!(open.prose(), ["two"]);
    let zone = text.replace("\"0 9 * * *\"", "\"0 11 * * *\" in \"Europe/Berlin\"");
    assert_eq!(super::told(&zone, world()).unhandled().len(), 1);
}

#[test]
fn steps_are_scopes_and_bare_lets_are_not() {
    let told = told(
        "let a = 1\n\"#{a}\"\nlet b = a + 1\nstep \"S\" { let c = b + 1\n\"#{c}\" }\nstep \"T\" { let c = 9\n\"#{b} #{c}\" }",
        world(),
    );
    assert_eq!(told.prose(), ["1", "3", "2 9"]);
    let titles: Vec<_> = told
        .events
        .iter()
        .filter_map(
            |event| if let EventKind::StepStarted { title, .. } = &event.kind { title.clone() } else { None },
        )
        .collect();
    assert_eq!(titles, ["S", "T"]);
}
