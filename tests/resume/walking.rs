//! A run that is cut off and resumed: what is done again, what is asked about, what is reported.

use std::sync::Arc;

use rbl_runtime::journal::{Memory, Stage, Stopped, Store, compare, open};
use rbl_runtime::layers::asking;
use rbl_runtime::{Answer, EventKind, Outcome, Parked, Reply};

use super::bench::{Shared, Turn, begun, catch_up, cut, drive, drive_with, start, told_again};
use super::scripted_world::{ScriptedWorld, said};

const HEAD: &str = "runbook \"R\"\nowner \"api-oncall\"\n";

fn world() -> ScriptedWorld {
    ScriptedWorld::new()
}

fn first(text: &str, world: &Shared) -> (Arc<Memory>, Turn) {
    // Answers come at the time of the simulated run.
    let store = Arc::new(Memory::new(ScriptedWorld::start));
    let begun = begun(&format!("{HEAD}{text}"));
    start(&store, &begun);
    let turn = drive(&store, &begun, world);
    (store, turn)
}

/// The run of a text, cut off after the first record whose data begin with this, and resumed.
fn cut_behind(
    text: &str,
    behind: &str,
    scripted: impl Fn() -> ScriptedWorld,
    says: &'static str,
) -> (Shared, Turn) {
    let (_, whole) = first(text, &Shared::new(scripted()));
    let at = whole.records.iter().position(|it| it.data.starts_with(behind)).unwrap();
    let records = &whole.records[..=at];
    let mut world = Shared::new(scripted());
    catch_up(&world, records);
    world.says = says;
    let begun = begun(&format!("{HEAD}{text}"));
    let store = cut(&begun, records);
    let turn = drive(&store, &begun, &world);
    (world, turn)
}

const ACT: &str = "{\"type\":\"intent\",\"intent\":{\"effect\":\"act\"";

fn acts(world: &Shared) -> Vec<String> {
    world.log().into_iter().filter(|line| line.starts_with("act ")).collect()
}

#[test]
fn an_action_that_was_cut_off_is_asked_about() {
    let text = "action `a` as out else { \"no\" }\naction `b`\n";
    let (world, turn) = cut_behind(text, ACT, world, "done");
    assert_eq!(acts(&world), ["act b"]);
    assert_eq!(turn.ended.outcome, Outcome::Resolved);
    let asked = world.log().into_iter().find(|line| line.starts_with("ask was it done?")).unwrap();
    assert!(
        asked.contains("`a` was started at 2026-05-01T10:00:00Z") && asked.contains("key is r1/0."),
        "{asked}"
    );
    let done = turn.events.iter().find_map(|event| match &event.kind {
        EventKind::ActionEnded { title, by, remark, .. } if title == "a" => {
            Some((by.clone(), remark.clone()))
        }
        _ => None,
    });
    assert_eq!(done.unwrap().0.as_deref(), Some("ana"));
}

#[test]
fn not_done_is_done_now_and_cannot_tell_is_a_failure() {
    let text = "action `a` else { \"no\" }\naction `b`\n";
    let (world1, turn) = cut_behind(text, ACT, world, "not done");
    assert_eq!(
        (acts(&world1), turn.ended.outcome),
        (vec!["act a".into(), "act b".into()], Outcome::Resolved)
    );
    let (world2, turn) = cut_behind(text, ACT, world, "cannot tell");
    assert_eq!(acts(&world2), ["act b"]);
    assert!(turn.events.iter().any(|it| matches!(&it.kind, EventKind::Prose { text } if text == "no")));
}

#[test]
fn with_retry_it_is_done_again_with_the_same_key() {
    let (world, turn) = cut_behind("action `a` retry 2\n", ACT, world, "done");
    assert_eq!(world.log(), ["act a"]);
    assert!(turn.events.iter().any(
        |it| matches!(&it.kind, EventKind::Noted { text } if text.contains("done again, because it has `retry`"))
    ));
}

#[test]
fn an_instruction_is_given_again_and_a_page_is_sent_again() {
    let (world1, _) = cut_behind("action \"Look\"\n", ACT, world, "done");
    assert_eq!(world1.log(), ["act Look"]);
    let page = "{\"type\":\"intent\",\"intent\":{\"effect\":\"page\"";
    let (world2, turn) = cut_behind("escalate to owner because \"x\"\n", page, world, "done");
    assert_eq!((world2.log(), turn.ended.outcome), (vec!["page api-oncall: x".into()], Outcome::Escalated));
}

#[test]
fn what_was_answered_is_not_done_again_nor_told_again() {
    let reply = "{\"type\":\"reply\",\"answer\":{\"reply\":\"acted\"";
    let (world, turn) = cut_behind("action `a`\naction `b`\n", reply, world, "done");
    // `a` once, by the process that caught up; `b` by the run that continued.
    assert_eq!(world.log(), ["act a", "act b"]);
    let started = turn.events.iter().filter(|it| matches!(it.kind, EventKind::ActionStarted { .. })).count();
    assert_eq!(started, 1, "{:#?}", turn.events);
}

#[test]
fn a_question_that_nobody_is_there_for_parks_and_an_answer_goes_on() {
    let mut world = Shared::new(world());
    world.absent = true;
    let text = "check \"Is it well?\" within 30m else { stop \"no\" }\naction `b`\n";
    let (store, turn) = first(text, &world);
    let until = ScriptedWorld::start().plus(1_800.0);
    assert_eq!(turn.ended.parked, Some(Parked::Person { question: "Is it well?".into(), until }));
    let stands = open(&turn.records).unwrap().unwrap();
    assert!(matches!(&stands.stage, Stage::Question(ask) if ask.prompt == "Is it well?"));
    // Answered in time, and resumed nine hours later: it counts.
    world.later(9.0 * 3600.0);
    let reply = Reply::Answered(Answer::Yes(said("bo")));
    store.signal("r1", &stands.seq.to_string(), &serde_json::to_string(&reply).unwrap()).unwrap();
    let turn = drive(&store, &begun(&format!("{HEAD}{text}")), &world);
    assert_eq!((turn.ended.outcome, world.log()), (Outcome::Resolved, vec!["act b".into()]));
}

#[test]
fn a_question_that_is_gone_on_with_too_late_has_no_answer() {
    let mut world = Shared::new(world());
    world.absent = true;
    let text = "check \"Is it well?\" within 30m else { \"no\" } unknown { \"nobody\" }\n";
    let (store, _) = first(text, &world);
    world.later(600.0);
    let begun = begun(&format!("{HEAD}{text}"));
    let parked = drive(&store, &begun, &world);
    assert_eq!(parked.ended.outcome, Outcome::Waiting);
    world.later(1300.0);
    let turn = drive(&store, &begun, &world);
    assert_eq!(turn.ended.outcome, Outcome::Resolved);
    let told = |text: &str| {
        turn.events.iter().any(|it| matches!(&it.kind, EventKind::Prose { text: told } if told == text))
    };
    assert!(told("nobody"), "{:#?}", turn.events);
}

#[test]
fn a_wait_parks_where_nobody_watches_and_goes_on_when_its_time_has_come() {
    let world = Shared::new(world());
    let begun = begun(&format!("{HEAD}wait 30s\nwait 10m\naction `b`\n"));
    let store = Arc::new(Memory::new(rbl_world::clock::now));
    start(&store, &begun);
    let drive = || {
        drive_with(&store, &begun, &world, |options| rbl_runtime::journal::Options {
            parks_sleeps: true,
            ..options
        })
    };
    let until = |seconds| Some(Parked::Until(ScriptedWorld::start().plus(seconds).unwrap()));
    assert_eq!(drive().ended.parked, until(630.0));
    world.later(300.0);
    assert_eq!(drive().ended.parked, until(630.0));
    world.later(-3600.0);
    // The clock went back: no more than the whole wait is left.
    assert_eq!(drive().ended.parked, until(30.0 + 300.0 - 3600.0 + 600.0));
    world.later(3600.0 + 301.0);
    assert_eq!(drive().ended.outcome, Outcome::Resolved);
    assert_eq!(world.log(), ["sleep 30", "act b"]);
}

#[test]
fn another_text_is_never_gone_on_with() {
    let (_, whole) = first("action `a`\naction `b`\n", &Shared::new(world()));
    let other = begun(&format!("{HEAD}action `a`\naction `c`\n"));
    let store = cut(&other, &whole.records[..whole.records.len() - 2]);
    let world = Shared::new(world());
    let turn = drive(&store, &other, &world);
    let Some(Stopped::Stuck(difference)) = turn.stopped else { panic!("{:?}", turn.stopped) };
    assert!(
        difference.was.contains("action_started") && difference.now.contains("action_started")
            || difference.to_string().contains('b'),
        "{difference}"
    );
    assert!(world.log().is_empty(), "{:?}", world.log());
}

#[test]
fn a_replay_tells_the_same() {
    let text = "metric age in s from prometheus \"age\"\ncheck age < 5s else { \"old\" }\naction `a`\nwait 5s\nrecord \"done\"\n";
    let (_, whole) = first(text, &Shared::new(world().reading("age", 9.0)));
    let begun = begun(&format!("{HEAD}{text}"));
    let (replayed, events) = told_again(&begun, &whole.records);
    assert_eq!((replayed.difference, replayed.cut_off, &replayed.ended), (None, false, &whole.ended));
    assert_eq!(events, whole.events);
    // Up to the last record.
    let (replayed, events) = told_again(&begun, &whole.records[..whole.records.len() / 2]);
    assert!(replayed.cut_off && replayed.difference.is_none());
    assert_eq!(events, whole.events[..events.len()]);
}

/// Approved, refused, and nobody there to answer; every action asked about before or not.
#[test]
fn what_was_asked_before_an_action_is_told_again_and_held_against_another_text() {
    let text = "action `a` by \"dba\" within 5m else { \"not done\" }\naction `b` else { \"not done\" }\n";
    let approval = "dba: is this to be done? a";
    let answers: [fn(ScriptedWorld, &str) -> ScriptedWorld; 3] =
        [|world, asked| world.yes(asked), |world, asked| world.no(asked), |world, _| world];
    for (confirm, answer) in [false, true].into_iter().flat_map(|it| answers.map(|answer| (it, answer))) {
        let begun = rbl_runtime::journal::Begun { confirm, ..begun(&format!("{HEAD}{text}")) };
        let store = Arc::new(Memory::new(rbl_world::clock::now));
        start(&store, &begun);
        let asked = ["Do this now? a", approval, "Do this now? b"];
        let scripted = asked.into_iter().fold(world(), answer);
        // Running it replays every turn, and checks that it is the same.
        let whole = drive(&store, &begun, &Shared::new(scripted));
        let count = |what: &str| whole.records.iter().filter(|it| it.data.contains(what)).count();
        assert!(count("is this to be done") + count("Do this now") > 0, "nobody was asked");

        let against = |text: &str| {
            let other = super::bench::begun(&format!("{HEAD}{text}")).program().unwrap();
            compare(&other, &begun.start(), &|world| asking(world, confirm), &whole.records)
        };
        let same = against(text);
        assert_eq!((&same.first, &same.stops), (&None, &None), "confirm: {confirm}");
        assert_eq!(same.ended.as_ref(), Some(&whole.ended));
        assert!(against("action `c`\n").first.is_some());
    }
}

#[test]
fn an_approval_that_came_the_next_morning_is_told_again() {
    let mut world = Shared::new(world());
    world.absent = true;
    let text = "action `a` by \"dba\" within 12h\naction `b`\n";
    let (store, turn) = first(text, &world);
    let asked = "dba: is this to be done? a".to_owned();
    let until = ScriptedWorld::start().plus(12.0 * 3_600.0);
    assert_eq!((turn.ended.parked, world.log()), (Some(Parked::Person { question: asked, until }), vec![]));
    world.later(9.0 * 3600.0);
    let reply = Reply::Answered(Answer::Yes(said("bo")));
    let seq = open(&turn.records).unwrap().unwrap().seq.to_string();
    store.signal("r1", &seq, &serde_json::to_string(&reply).unwrap()).unwrap();
    let turn = drive(&store, &begun(&format!("{HEAD}{text}")), &world);
    assert_eq!((turn.ended.outcome, world.log()), (Outcome::Resolved, vec!["act a".into(), "act b".into()]));
}

/// The seq of the last acknowledgement that was begun.
fn waits_for(turn: &Turn) -> String {
    match open(&turn.records).unwrap().unwrap() {
        pending if matches!(pending.stage, Stage::Acknowledgement(_)) => pending.seq.to_string(),
        other => panic!("{other:?}"),
    }
}

const ACKNOWLEDGED: &str = "action `a` {\nescalate to \"db\" acknowledged within 15m else { \"late\" }\naction `b`\n} finally `f`\naction `c`\n";

#[test]
fn a_run_is_parked_until_its_page_is_acknowledged() {
    let begun = begun(&format!("{HEAD}{ACKNOWLEDGED}"));
    let store = Arc::new(Memory::new(ScriptedWorld::start));
    start(&store, &begun);
    let world = Shared::new(world());
    let parks = |options| rbl_runtime::journal::Options { parks_sleeps: true, ..options };
    let turn = drive_with(&store, &begun, &world, parks);
    assert!(matches!(&turn.ended.parked, Some(Parked::Acknowledgement { team, .. }) if team == "db"));
    assert_eq!(turn.ended.pending, ["f"], "parking is not leaving");
    assert_eq!(acts(&world), ["act a"]);
    // Resumed too early, it waits again.
    let turn = drive_with(&store, &begun, &world, parks);
    assert_eq!(turn.ended.outcome, Outcome::Waiting);
    let reply = serde_json::to_string(&Reply::Acknowledged(Ok(said("bo")))).unwrap();
    store.signal("r1", &waits_for(&turn), &reply).unwrap();
    let turn = drive_with(&store, &begun, &world, parks);
    assert_eq!(turn.ended.outcome, Outcome::Escalated);
    assert_eq!(acts(&world), ["act a", "act b", "act f", "act c"]);
}

#[test]
fn a_page_that_nobody_acknowledges_in_time_takes_else_when_the_run_is_resumed() {
    let begun = begun(&format!("{HEAD}{ACKNOWLEDGED}"));
    let store = Arc::new(Memory::new(rbl_world::clock::now));
    start(&store, &begun);
    let world = Shared::new(world());
    let parks = |options| rbl_runtime::journal::Options { parks_sleeps: true, ..options };
    drive_with(&store, &begun, &world, parks);
    world.later(901.0);
    let turn = drive_with(&store, &begun, &world, parks);
    let late =
        turn.events.iter().any(|event| matches!(&event.kind, EventKind::Prose { text } if text == "late"));
    assert!(late && turn.ended.outcome == Outcome::Escalated, "{turn:#?}");
    assert_eq!(acts(&world), ["act a", "act b", "act f", "act c"]);
}

#[test]
fn a_block_that_was_cut_off_is_put_back_when_the_run_is_resumed() {
    let text = "action `a` { action `b` } finally `f`\naction `c`\n";
    let (world, turn) = cut_behind(text, ACT, world, "done");
    assert_eq!(acts(&world), ["act b", "act f", "act c"]);
    assert_eq!(turn.ended.outcome, Outcome::Resolved);
}
