//! `run`: a runbook as part of another.

use rbl_runtime::{EventKind, Interrupt, Outcome, Parked};

use super::{told_with, world};

const OTHER: &str = "runbook \"Other\"\nowner \"other-oncall\"\nparam name = \"x\"\n";

#[test]
fn it_runs_with_its_own_names_and_params() {
    let other = format!("{OTHER}let mine = 1\n\"in #{{name}}\"");
    let told = told_with(
        "let mine = 2\nrun \"o.rb\" with (name: \"n#{mine}\")\n\"behind #{mine}\"",
        &[("o.rb", &other)],
        world(),
    )
    .ends(Outcome::Resolved);
    assert_eq!(told.prose(), ["in n2", "behind 2"]);
    let depths: Vec<u32> = told
        .events
        .iter()
        .filter(|event| matches!(event.kind, EventKind::Prose { .. }))
        .map(|event| event.depth)
        .collect();
    assert_eq!(depths, [1, 0]);
    let files: Vec<_> = told
        .events
        .iter()
        .filter(|event| matches!(event.kind, EventKind::Prose { .. }))
        .map(|event| event.place.as_ref().unwrap().file.to_string())
        .collect();
    assert_eq!(files, ["o.rb", "main.rb"]);
}

#[test]
fn resolve_and_stop_end_the_included_one_only() {
    let resolve = format!("{OTHER}resolve \"done\"");
    let told = told_with("run \"o.rb\"\n\"behind\"", &[("o.rb", &resolve)], world()).ends(Outcome::Resolved);
    assert_eq!(told.prose(), ["behind"]);
    let stop = format!("{OTHER}stop \"enough\"");
    let told = told_with("run \"o.rb\" else { \"else\" }\n\"behind\"", &[("o.rb", &stop)], world())
        .ends(Outcome::Escalated);
    assert_eq!(told.prose(), ["else", "behind"]);
    assert_eq!(told.deeds(), ["page other-oncall: enough"], "its own owner");
    let told = told_with("run \"o.rb\"\n\"behind\"", &[("o.rb", &stop)], world()).ends(Outcome::Escalated);
    assert!(told.prose().is_empty());
    assert_eq!(told.deeds().len(), 2, "the owner of each: neither was told about the other's stop");
    assert!(told.deeds()[1].starts_with("page api-oncall: "), "{:?}", told.deeds());
}

#[test]
fn without_an_owner_that_of_the_caller_is_paged() {
    let told = told_with("run \"o.rb\" else { }", &[("o.rb", "runbook \"Other\"\nstop \"x\"")], world());
    assert_eq!(told.deeds(), ["page api-oncall: x"]);
}

#[test]
fn its_cleanup_runs_when_it_ends() {
    let other = format!("{OTHER}action `a` finally `fa` undo `ua`");
    let told =
        told_with("action `b` finally `fb`\nrun \"o.rb\"\n\"behind\"\nstop", &[("o.rb", &other)], world());
    assert_eq!(
        told.deeds(),
        ["act b", "act a", "act fa", "page api-oncall: the runbook says to stop here", "act fb"]
    );
}

#[test]
fn an_abort_goes_through_all() {
    let other = format!("{OTHER}action `a` finally `fa`\nwait 1m");
    let told = told_with(
        "action `b` undo `ub`\nrun \"o.rb\" else { \"else\" }",
        &[("o.rb", &other)],
        world().aborts("sleep"),
    )
    .ends(Outcome::Aborted);
    assert_eq!(told.deeds(), ["act b", "act a", "act fa", "act ub"]);
    assert!(told.prose().is_empty());
    let aborted = told.events.iter().filter(|event| matches!(event.kind, EventKind::Aborted { .. })).count();
    assert_eq!(aborted, 1);
}

#[test]
fn a_parked_one_parks_all() {
    let other = format!("{OTHER}action `a` finally `fa`\nwait 1m");
    let told = told_with(
        "action `b` undo `ub`\nrun \"o.rb\"",
        &[("o.rb", &other)],
        world().breaks_in("sleep", Interrupt::Parked(Parked::Until(super::ScriptedWorld::start()))),
    )
    .ends(Outcome::Waiting);
    assert_eq!(told.ended.pending, ["fa", "ub"]);
}

#[test]
fn keys_differ_by_where_it_is_run() {
    let other = format!("{OTHER}action `a`");
    let told = told_with("run \"o.rb\"\nrun \"o.rb\"", &[("o.rb", &other)], world());
    let keys: Vec<_> = told
        .world
        .effects
        .iter()
        .filter_map(|effect| if let rbl_runtime::Effect::Act(act) = effect { Some(&act.key) } else { None })
        .collect();
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn a_library_has_its_own_text() {
    let library = "metric p99 in ms from prometheus \"p99\"\ndefine kick(what) as `kick #{what}`\n\
        let base = 5\nlet slow(limit) = p99 > limit * base\n";
    let told = told_with(
        "use \"lib.rb\"\nif slow(100ms) { action kick(\"it\") }",
        &[("lib.rb", library)],
        world().reading("p99", 800.0),
    )
    .ends(Outcome::Resolved);
    assert_eq!(told.deeds(), ["act kick(what: \"it\")"]);
    let decision = told.events.iter().find_map(|event| match &event.kind {
        EventKind::Decided(decision) => Some(decision.clone()),
        _ => None,
    });
    assert_eq!(decision.unwrap().operands[0].text, "p99");
}
