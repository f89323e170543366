//! People at a terminal, and absent people.

use std::collections::BTreeSet;
use std::io::{PipeWriter, Read, Write, pipe};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rbl_runtime::{
    ActTarget, Answer, AskKind, Delivery, Effect, Evidence, Interrupt, Page, Parked, RecordEffect, Reply,
    World,
};
use rbl_syntax::value::{Point, Quantity, Reason, ReasonKind, SecretRef, Series, Time, Unit, Value};
use rbl_terminal::Look;
use rbl_world::{Outlet, team::Pager};

use super::bench::{Bench, act, builder, line, question};

/// Types these lines, each when the prompt has appeared that many times.
fn typed(lines: &[&str]) -> Bench {
    let (keyboard, typing) = pipe().unwrap();
    let bench = Bench::with_keyboard(keyboard.into());
    type_at_prompts(&bench, typing, lines);
    bench
}

fn type_at_prompts(bench: &Bench, mut typing: PipeWriter, lines: &[&str]) {
    let screen = bench.screen.clone();
    let lines: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
    thread::spawn(move || {
        for (index, line) in lines.iter().enumerate() {
            while screen.text().matches("    > ").count() <= index {
                thread::sleep(Duration::from_millis(5));
            }
            typing.write_all(line.as_bytes()).unwrap();
        }
        thread::sleep(Duration::from_secs(20));
    });
}

#[test]
fn yes_with_a_remark_and_who_said_it() {
    let mut bench = typed(&["maybe", "y looks like \x1b[2Ja deploy"]);
    let Answer::Yes(said) = bench.ask(question(AskKind::YesNo, 60.0)).unwrap() else { panic!() };
    assert_eq!(said.by.as_deref(), Some("ana"));
    assert_eq!((said.vouched, said.remark.as_deref()), (false, Some("looks like a deploy")));
    let screen = bench.screen.text();
    assert!(screen.contains("? Did a deploy finish?"), "{screen}");
    assert!(screen.contains("please begin with y, n or ?"), "{screen}");
    assert!(screen.contains("1m 00s left: y yes - n no - ? not sure"), "{screen}");
}

#[test]
fn not_sure_is_unknown_and_silence_too() {
    let answer = typed(&["? the dashboard is down"]).ask(question(AskKind::YesNo, 60.0)).unwrap();
    let Answer::Unknown(reason, said) = answer else { panic!("{answer:?}") };
    assert_eq!((reason.kind, reason.text.as_str()), (ReasonKind::NotSure, "not sure"));
    assert_eq!(said.remark.as_deref(), Some("the dashboard is down"));

    let answer = typed(&[]).ask(question(AskKind::YesNo, 0.4)).unwrap();
    let Answer::Unknown(reason, said) = answer else { panic!("{answer:?}") };
    assert_eq!((reason.kind, reason.text.as_str()), (ReasonKind::NoAnswer, "no answer within 400ms"));
    assert_eq!(said.by, None);
}

#[test]
fn the_end_of_input_is_never_a_loop() {
    let ended = || {
        let (keyboard, typing) = pipe().unwrap();
        drop(typing);
        Bench::with_keyboard(keyboard.into())
    };
    let answer = ended().ask(question(AskKind::YesNo, 60.0)).unwrap();
    assert!(matches!(answer, Answer::Unknown(reason, _) if reason.kind == ReasonKind::NotSure));
    for kind in [AskKind::Text, AskKind::Choice(vec!["a".into()]), AskKind::Secret("k".into())] {
        let answer = ended().ask(question(kind, 60.0)).unwrap();
        assert!(matches!(answer, Answer::Unknown(reason, _) if reason.kind == ReasonKind::NotSure));
    }
    let acted = ended().act(act(ActTarget::Instruction("Drain it".into()), 60.0)).unwrap();
    assert_eq!(acted.result.unwrap_err().text, "skipped");
}

#[test]
fn texts_and_choices() {
    let answer = typed(&["", "bad deploy"]).ask(question(AskKind::Text, 60.0)).unwrap();
    assert!(matches!(answer, Answer::Text(text, _) if text == "bad deploy"));
    let choices = AskKind::Choice(vec!["deploy".into(), "hardware".into()]);
    let mut bench = typed(&["3", "2"]);
    let answer = bench.ask(question(choices, 60.0)).unwrap();
    assert!(matches!(answer, Answer::Text(text, _) if text == "hardware"));
    assert!(bench.screen.text().contains("     1  deploy\n     2  hardware\n"), "{}", bench.screen.text());
}

#[test]
fn an_instruction_is_done_failed_or_skipped() {
    let instruct = |lines: &[&str], within| {
        typed(lines).act(act(ActTarget::Instruction("Drain the node".into()), within)).unwrap()
    };
    let done = instruct(&["ok", "done, took a while"], 60.0);
    assert_eq!((done.result.is_ok(), done.by.as_deref()), (true, Some("ana")));
    assert_eq!(done.remark.as_deref(), Some("took a while"));
    assert_eq!(instruct(&["f no rights"], 60.0).result.unwrap_err().text, "failed: no rights");
    assert_eq!(instruct(&["s"], 60.0).result.unwrap_err().text, "skipped");
    let silent = instruct(&[], 0.3).result.unwrap_err();
    assert_eq!((silent.kind, silent.text.as_str()), (ReasonKind::NoAnswer, "no answer within 300ms"));
}

#[test]
fn only_members_answer_for_a_team() {
    let by_team = || rbl_runtime::Ask { by: Some("dba".into()), ..question(AskKind::YesNo, 60.0) };
    let with_members = |members: &[&str]| {
        let (keyboard, typing) = pipe().unwrap();
        let (builder, screen, stop) = builder(Some(keyboard.into()), Look::default());
        let members = members.iter().map(ToString::to_string).collect();
        let live = builder.team("dba", Arc::new(Unreached), members).build();
        let bench = Bench { live, screen, stop };
        type_at_prompts(&bench, typing, &["y"]);
        bench
    };
    let Answer::Yes(said) = with_members(&["bo", "ana"]).ask(by_team()).unwrap() else { panic!() };
    assert!(said.vouched);
    let Answer::Yes(said) = with_members(&[]).ask(by_team()).unwrap() else { panic!() };
    assert!(!said.vouched);
    let mut bench = with_members(&["bo", "cy"]);
    let interrupt = bench.ask(by_team()).unwrap_err();
    assert_eq!(interrupt, Interrupt::Parked(Parked::person("Did a deploy finish?")));
    assert!(bench.screen.text().contains("only bo, cy can answer this, and you are ana"));
}

#[test]
fn an_action_by_a_team_is_approved_first() {
    let by_team =
        |text: &str| rbl_runtime::Act { by: Some("dba".into()), ..super::bench::command(text, 60.0) };
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("done");
    let touch = format!("touch {}", file.display());
    let refused = typed(&["n not now"]).act(by_team(&touch)).unwrap();
    assert_eq!(refused.result.unwrap_err().text, "not approved by ana");
    assert_eq!((refused.remark.as_deref(), file.exists()), (Some("not now"), false));
    let approved = typed(&["y"]).act(by_team(&touch)).unwrap();
    assert_eq!((approved.result.is_ok(), approved.by.as_deref(), file.exists()), (true, Some("ana"), true));
}

#[test]
fn evidence_comes_first() {
    let unit = Unit::parse("ms").unwrap();
    let point = |n: u32| Point {
        at: Time::from_unix(1_000_000.0 + f64::from(n) * 15.0).unwrap(),
        value: Quantity::of(f64::from(n), unit).ok(),
    };
    let window = Series {
        labels: rbl_syntax::value::Labels::new(),
        points: (0..40).map(point).collect(),
        step: 15.0,
        from: None,
        to: None,
    };
    let showing = vec![
        Evidence { title: "p99 over 10m".into(), value: Value::Window([window].into()) },
        Evidence { title: "the pods".into(), value: Value::text("web-1\nweb-2") },
    ];
    let (keyboard, typing) = pipe().unwrap();
    let look = Look { unicode: true, ..Look::default() };
    let (builder, screen, stop) = builder(Some(keyboard.into()), look);
    let mut bench = Bench { live: builder.build(), screen, stop };
    type_at_prompts(&bench, typing, &["y"]);
    bench.ask(rbl_runtime::Ask { showing, ..question(AskKind::YesNo, 60.0) }).unwrap();
    let screen = bench.screen.text();
    let at = |text: &str| screen.find(text).unwrap_or_else(|| panic!("{text}: {screen}"));
    assert!(at("p99 over 10m") < at("39ms ┤") && at("39ms ┤") < at("min 0ms · max 39ms · last 39ms · 9m45s"));
    assert!(at("│  web-2") < at("    > "));
}

#[test]
fn a_secret_is_typed_unseen_and_shown_again_afterwards() {
    let (master, slave) = terminal();
    let echo = |terminal: &OwnedFd| {
        let modes = rustix::termios::tcgetattr(terminal).unwrap().local_modes;
        modes.contains(rustix::termios::LocalModes::ECHO)
    };
    let watched = slave.try_clone().unwrap();
    let mut bench = Bench::with_keyboard(slave);
    let typing = std::fs::File::from(master.try_clone().unwrap());
    let hidden_when_typed = thread::spawn(move || {
        super::bench::eventually("the echo is off", || !echo(&watched));
        (&typing).write_all(b"hunter-two\n").unwrap();
        watched
    });
    let answer = bench.ask(question(AskKind::Secret("k".into()), 60.0)).unwrap();
    assert!(matches!(answer, Answer::SecretKept(said) if said.by.as_deref() == Some("ana")));
    let watched = hidden_when_typed.join().unwrap();
    assert!(echo(&watched), "the echo is back");
    let secret = rbl_runtime::Datum::Secret(SecretRef::Asked("k".into()));
    let mut command = line("test @ = hunter-two && echo same", "");
    command.0[1] = rbl_runtime::Piece::Value(secret);
    assert_eq!(bench.probe(command, 5.0).stdout, "same\n");
    drop(watched);
    let mut seen = [0; 4096];
    let length = std::fs::File::from(master).read(&mut seen).unwrap_or(0);
    assert!(!String::from_utf8_lossy(&seen[..length]).contains("hunter"));
}

#[test]
fn the_echo_is_back_after_an_abort_and_after_a_time_out() {
    for signal in [Some(rbl_world::StopSignal::Terminate), None] {
        let (_master, slave) = terminal();
        let watched = slave.try_clone().unwrap();
        let before = rustix::termios::tcgetattr(&watched).unwrap().local_modes;
        let mut bench = Bench::with_keyboard(slave);
        if let Some(signal) = signal {
            let stop = std::mem::replace(&mut bench.stop, Bench::alone().stop);
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(200));
                stop.send(signal).unwrap();
            });
        }
        let _ = bench.ask(question(AskKind::Secret("k".into()), 0.6));
        assert_eq!(rustix::termios::tcgetattr(&watched).unwrap().local_modes, before);
    }
}

/// The seconds left that were drawn over others: saved, one line up, cleared, written.
fn drawn_over(screen: &str) -> BTreeSet<u32> {
    let drawn = screen.split("\x1b7\x1b[1A\r\x1b[2K    ").skip(1);
    drawn.filter_map(|rest| rest.split_once("s left: ")?.0.parse().ok()).collect()
}

#[test]
fn a_countdown_leaves_what_is_typed_alone() {
    let (keyboard, mut typing) = pipe().unwrap();
    let look = Look { moves: true, ..Look::default() };
    let (builder, screen, stop) = builder(Some(keyboard.into()), look);
    let mut bench = Bench { live: builder.build(), screen, stop };
    let seen = bench.screen.clone();
    let person = thread::spawn(move || {
        // Whichever two they are: on a busy machine one may be skipped.
        super::bench::eventually("it counts down", || drawn_over(&seen.text()).len() >= 2);
        typing.write_all(b"y\n").unwrap();
        typing
    });
    let answer = bench.ask(question(AskKind::YesNo, 20.3)).unwrap();
    let typing = person.join().unwrap();
    assert!(matches!(answer, Answer::Yes(_)), "{answer:?}");
    let begun = Instant::now();
    bench.ask(question(AskKind::YesNo, 1.2)).unwrap();
    drop(typing);
    assert!(begun.elapsed() >= Duration::from_millis(1200));
    let screen = bench.screen.text();
    // And restored.
    assert!(drawn_over(&screen).iter().all(|seconds| *seconds <= 20), "{screen:?}");
    assert!(screen.contains("\x1b8"), "{screen:?}");
    assert!(screen.rfind("\x1b[?7h") > screen.rfind("\x1b[?7l"), "the lines wrap again");
}

/// A team that nobody pages here.
struct Unreached;

impl Pager for Unreached {
    fn page(&self, _: &Page, _: &Outlet) -> Result<Delivery, Reason> {
        Err(Reason::new(ReasonKind::Unreachable, "not paged in this test"))
    }

    fn test(&self) -> Result<String, Reason> {
        Ok("nothing to reach".into())
    }
}

#[test]
fn who_is_not_there_parks_the_run() {
    let mut bench = Bench::alone();
    let parked = Interrupt::Parked(Parked::person("Did a deploy finish?"));
    assert_eq!(bench.ask(question(AskKind::YesNo, 60.0)).unwrap_err(), parked);
    let interrupt = bench.act(act(ActTarget::Instruction("Drain it".into()), 60.0)).unwrap_err();
    assert_eq!(interrupt, Interrupt::Parked(Parked::person("Drain it")));
}

#[test]
fn pages_and_records_without_anything_configured_are_loud_and_honest() {
    let mut bench = Bench::alone();
    let page = Page {
        team: "api-oncall".into(),
        reason: "p99 is still 812ms\nsince 03:12\n  - on db-1".into(),
        runbook: "API latency".into(),
        severity: Some("sev2".into()),
        story: (1..=25).map(|n| format!("did {n}")).collect(),
        links: vec![("Dashboard".into(), "https://g.example".into())],
        about: Some("# Impact\n\nUsers wait.".into()),
        key: "k".into(),
        again: false,
    };
    let reply = bench.live.perform(&Effect::Page(page)).unwrap();
    let delivery = Delivery::by("on this terminal", false);
    assert_eq!(reply, Reply::Delivered(Ok(delivery.clone())));
    let screen = bench.screen.text();
    for part in [
        "PAGE for api-oncall [sev2]: p99 is still 812ms",
        "Nobody but this terminal was told",
        "did 25",
        "(5 earlier lines)",
        "Dashboard: https://g.example",
        "since 03:12",
        "  - on db-1",
        "# Impact",
        "Users wait.",
    ] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    let record = RecordEffect {
        thread: None,
        pages: Vec::new(),
        channel: Some("incidents".into()),
        text: "over".into(),
        runbook: "r".into(),
        key: "k".into(),
        question: None,
        again: false,
    };
    assert_eq!(bench.live.perform(&Effect::Record(record)).unwrap(), Reply::Delivered(Ok(delivery)));
    assert!(bench.screen.text().contains("RECORD for incidents"));
}

fn terminal() -> (OwnedFd, OwnedFd) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = std::fs::OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    (master, slave.into())
}
