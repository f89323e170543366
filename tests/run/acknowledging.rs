//! Pages that wait to be acknowledged, and who is paged for what nobody handles.

use rbl_runtime::{EventKind, Interrupt, Outcome, Parked};

use super::{told, world};

const PAGE: &str = "escalate to \"db\" because \"lag\" acknowledged within 15m else { \"else\" }\n\"behind\"";

#[test]
fn it_waits_until_somebody_has_acknowledged() {
    let told = told(PAGE, world().acknowledges("db", 120.0)).ends(Outcome::Escalated);
    assert_eq!(told.deeds(), ["page db: lag", "acknowledge db 900"]);
    assert_eq!(told.prose(), ["behind"]);
    let acknowledged = told.events.iter().find_map(|event| match &event.kind {
        EventKind::Acknowledged { answer: Ok(author), elapsed, .. } => Some((author.by.clone(), *elapsed)),
        _ => None,
    });
    assert_eq!(acknowledged, Some((Some("bo".into()), 120.0)));
}

#[test]
fn too_late_takes_else_and_without_one_the_owner_hears_of_it() {
    let late = told(PAGE, world().acknowledges("db", 901.0)).ends(Outcome::Escalated);
    assert_eq!(late.prose(), ["else", "behind"]);
    let unhandled =
        told("escalate to \"db\" acknowledged within 15m\n\"behind\"", world()).ends(Outcome::Escalated);
    assert_eq!(unhandled.deeds().len(), 3);
    let page = unhandled.deeds()[2];
    assert!(page.starts_with("page api-oncall: the page to db was not acknowledged within 15m"), "{page}");
    let owner = told("escalate to owner acknowledged within 15m", world()).ends(Outcome::Escalated);
    assert_eq!(
        owner.deeds(),
        ["page api-oncall: ", "acknowledge api-oncall 900"],
        "the owner was paged already"
    );
}

#[test]
fn what_was_not_delivered_is_not_waited_for() {
    let told = told(PAGE, world().undeliverable("db"));
    assert_eq!(told.deeds(), ["page db: lag"]);
    assert_eq!(told.prose(), ["else", "behind"]);
}

#[test]
fn a_wait_of_unknown_length_pages_nobody_first() {
    let text = "metric m in s from prometheus \"m\"\nescalate to \"db\" acknowledged within m";
    let told = told(text, world()).ends(Outcome::Escalated);
    assert_eq!(told.deeds().len(), 1);
    assert!(told.deeds()[0].starts_with("page api-oncall: the duration is unknown"), "{:?}", told.deeds());
}

#[test]
fn it_can_be_parked_and_aborted() {
    let until = super::ScriptedWorld::start();
    let parked = Interrupt::Parked(Parked::Acknowledgement { team: "db".into(), until, asks_at: None });
    let waiting = told(PAGE, world().breaks_in("acknowledge", parked)).ends(Outcome::Waiting);
    assert!(waiting.ended.message.contains("db has acknowledged the page"), "{}", waiting.ended.message);
    told(PAGE, world().aborts("acknowledge")).ends(Outcome::Aborted);
}

#[test]
fn what_nobody_handles_pages_the_owner_unless_the_owner_was_paged() {
    let fails = || world().fails("x", "no");
    let other =
        told("escalate to \"imoc\" because \"we begin\"\naction `x`", fails()).ends(Outcome::Escalated);
    assert_eq!(other.deeds().len(), 3);
    assert!(other.deeds()[2].starts_with("page api-oncall: the action `x` failed"), "{:?}", other.deeds());
    for owner in ["owner", "\"api-oncall\""] {
        let own =
            told(&format!("escalate to {owner} because \"a\"\naction `x`"), fails()).ends(Outcome::Escalated);
        assert_eq!(own.deeds(), ["page api-oncall: a", "act x"]);
    }
    let dead = told(
        "escalate to owner because \"a\" else { escalate to \"imoc\" because \"b\" }\naction `x`",
        fails().undeliverable("api-oncall"),
    )
    .ends(Outcome::Escalated);
    assert_eq!(dead.deeds().len(), 4, "a page that did not arrive does not count: {:?}", dead.deeds());
    assert!(dead.ended.message.ends_with("the owner could not be paged"), "{}", dead.ended.message);
    // The author's own `stop` is content with any page.
    let stop = told("escalate to \"imoc\" because \"b\"\nstop \"enough\"", world()).ends(Outcome::Escalated);
    assert_eq!(stop.deeds(), ["page imoc: b"]);
}
