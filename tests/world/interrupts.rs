//! Ctrl-C and the other signals.

use std::io::{PipeWriter, Write, pipe};
use std::thread;
use std::time::{Duration, Instant};

use rbl_runtime::{Answer, AskKind, Effect, Interrupt, Parked, Purpose, Reply, Sleep, World};
use rbl_world::{CancelSender, StopSignal};

use super::bench::{Bench, alive, command, eventually, question};

fn sleep(seconds: f64) -> Effect {
    Effect::Sleep(Sleep { seconds, purpose: Purpose::Wait })
}

fn later(milliseconds: u64, what: impl FnOnce() + Send + 'static) {
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(milliseconds));
        what();
    });
}

fn press(stop: CancelSender, milliseconds: u64, signal: StopSignal) {
    later(milliseconds, move || stop.send(signal).unwrap());
}

/// Sends the signal once that holds, however long it takes until then.
fn press_once(
    stop: CancelSender,
    signal: StopSignal,
    what: &'static str,
    holds: impl FnMut() -> bool + Send + 'static,
) {
    thread::spawn(move || {
        eventually(what, holds);
        stop.send(signal).unwrap();
    });
}

fn with_keyboard() -> (Bench, PipeWriter) {
    let (keyboard, typing) = pipe().unwrap();
    (Bench::with_keyboard(keyboard.into()), typing)
}

fn set_aside() -> Interrupt {
    Interrupt::Parked(Parked::ByHand)
}

#[test]
fn without_a_terminal_a_signal_aborts_at_once() {
    for (signal, name) in [
        (StopSignal::Interrupt, "SIGINT"),
        (StopSignal::Terminate, "SIGTERM"),
        (StopSignal::HangUp, "SIGHUP"),
    ] {
        let mut bench = Bench::alone();
        press(bench.stop, 100, signal);
        let begun = Instant::now();
        let interrupt = bench.live.perform(&sleep(60.0)).unwrap_err();
        assert_eq!(interrupt, Interrupt::Aborted { by: name.into() });
        assert!(begun.elapsed() < Duration::from_secs(40));
    }
}

#[test]
fn an_abort_ends_the_group_of_the_running_command() {
    let directory = tempfile::tempdir().unwrap();
    let pids = directory.path().join("pids");
    let text = format!("sleep 300 & echo $! >{0}; echo $$ >>{0}; wait", pids.display());
    let mut bench = Bench::alone();
    let seen = pids.clone();
    press_once(bench.stop, StopSignal::Terminate, "both have begun", move || {
        std::fs::read_to_string(&seen).is_ok_and(|text| text.lines().count() == 2)
    });
    let interrupt = bench.live.perform(&Effect::Act(command(&text, 60.0))).unwrap_err();
    assert_eq!(interrupt, Interrupt::Aborted { by: "SIGTERM".into() });
    let pids = std::fs::read_to_string(pids).unwrap();
    eventually("the group is gone", || pids.lines().all(|pid| !alive(pid)));
}

#[test]
fn ctrl_c_asks_and_yes_aborts() {
    let (mut bench, mut typing) = with_keyboard();
    press(bench.stop, 100, StopSignal::Interrupt);
    let screen = bench.screen.clone();
    thread::spawn(move || {
        eventually("it asks", || screen.text().contains("[y/N]"));
        typing.write_all(b"y\n").unwrap();
    });
    let interrupt = bench.live.perform(&sleep(60.0)).unwrap_err();
    assert_eq!(interrupt, Interrupt::Aborted { by: "ana".into() });
    assert!(
        bench.screen.text().contains("Abort this run? Its finally and undo actions will still run. [y/N]")
    );
}

#[test]
fn no_goes_on_and_a_running_command_never_stopped() {
    let (mut bench, mut typing) = with_keyboard();
    let directory = tempfile::tempdir().unwrap();
    let (go, over) = (directory.path().join("go"), directory.path().join("over"));
    let text = format!(
        "echo first; while ! test -e {}; do sleep 0.05; done; echo last; touch {}",
        go.display(),
        over.display()
    );
    let (stop, screen) = (bench.stop, bench.screen.clone());
    let person = thread::spawn(move || {
        eventually("it runs", || screen.text().contains("| first"));
        stop.send(StopSignal::Interrupt).unwrap();
        eventually("it asks", || screen.text().contains("[y/N]"));
        std::fs::write(go, "").unwrap();
        eventually("it went on to its end", || over.exists());
        // Nothing comes that could be waited for.
        thread::sleep(Duration::from_millis(500));
        assert!(!screen.text().contains("last"), "held while the question stands: {}", screen.text());
        let answered = Instant::now();
        typing.write_all(b"n\n").unwrap();
        // The keyboard stays.
        (answered, typing)
    });
    let acted = super::bench::acted(bench.live.perform(&Effect::Act(command(&text, 120.0))).unwrap());
    let ended = Instant::now();
    let (answered, _typing) = person.join().unwrap();
    assert!(acted.result.is_ok());
    assert_eq!(acted.output.stdout, "first\nlast\n");
    assert!(ended >= answered, "the answer is waited for");
    let screen = bench.screen.text();
    assert!(screen.find("[y/N]").unwrap() < screen.find("| last").unwrap(), "{screen}");
}

#[test]
fn a_second_ctrl_c_sets_the_run_aside() {
    let (mut bench, _typing) = with_keyboard();
    bench.stop.send(StopSignal::Interrupt).unwrap();
    let screen = bench.screen.clone();
    press_once(bench.stop, StopSignal::Interrupt, "it asks", move || screen.text().contains("[y/N]"));
    assert_eq!(bench.live.perform(&sleep(60.0)).unwrap_err(), set_aside());
}

#[test]
fn after_an_abort_the_world_still_acts_and_the_next_ctrl_c_parks() {
    let mut bench = Bench::alone();
    bench.stop.send(StopSignal::Interrupt).unwrap();
    assert!(matches!(bench.live.perform(&sleep(60.0)), Err(Interrupt::Aborted { .. })));
    assert!(bench.live.perform(&Effect::Act(command("true", 5.0))).is_ok());
    bench.stop.send(StopSignal::Interrupt).unwrap();
    assert_eq!(bench.live.perform(&Effect::Now).unwrap_err(), set_aside());
    bench.live.begin();
    bench.stop.send(StopSignal::Interrupt).unwrap();
    assert!(matches!(bench.live.perform(&Effect::Now), Err(Interrupt::Aborted { .. })));
}

#[test]
fn ctrl_c_at_a_question_comes_back_to_it() {
    let (mut bench, mut typing) = with_keyboard();
    let screen = bench.screen.clone();
    press_once(bench.stop, StopSignal::Interrupt, "it prompts", move || screen.text().contains("    > "));
    let screen = bench.screen.clone();
    later(0, move || {
        eventually("it asks", || screen.text().contains("[y/N]"));
        typing.write_all(b"n\n").unwrap();
        eventually("it comes back", || screen.text().matches("    > ").count() == 2);
        typing.write_all(b"y it did\n").unwrap();
        thread::sleep(Duration::from_secs(5));
    });
    let reply = bench.live.perform(&Effect::Ask(question(AskKind::YesNo, 60.0))).unwrap();
    let Reply::Answered(Answer::Yes(said)) = reply else { panic!("{reply:?}") };
    assert_eq!(said.remark.as_deref(), Some("it did"));
}
