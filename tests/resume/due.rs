//! `rbl resume --due`: what is due is resumed once, and everything else is left alone.

use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_runtime::Outcome;
use rbl_runtime::journal::{Options, Store};
use rbl_store::Sqlite;
use rbl_syntax::value::Time;

use super::bench::{Shared, begun, drive_in, start_at};
use super::scripted_world::ScriptedWorld;
use crate::cli::shell::Shell;

const HEAD: &str = "runbook \"R\"\nowner \"api-oncall\"\n";
const AN_HOUR: f64 = 3_600.0;

/// A run of this id that was parked this many seconds ago, by a wait or a question of the text.
pub(super) fn parked_ago(shell: &Shell, run: &str, file: &str, text: &str, seconds: f64) {
    let text = format!("{HEAD}{text}");
    shell.write(file, &text);
    let mut begun = begun(&text);
    begun.run = run.into();
    begun.sources[0].name = file.into();
    begun.sources[0].identity = shell.path().join(file).to_string_lossy().as_ref().into();
    let then = Time(jiff::Timestamp::now()).plus(-seconds).unwrap();
    let mut world = Shared::new(ScriptedWorld::new());
    world.absent = true;
    world.later(then.since(ScriptedWorld::start()).base);
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(&shell.state().join("rbl")).unwrap());
    start_at(&*store, &begun, then);
    let (ended, _, stopped) =
        drive_in(&store, &begun, &world, |options| Options { parks_sleeps: true, ..options });
    assert_eq!((ended.outcome, stopped), (Outcome::Waiting, None));
}

/// A run of this id that was parked an hour ago, by a wait of the text.
fn parked_long_ago(shell: &Shell, run: &str, file: &str, text: &str) {
    parked_ago(shell, run, file, text, AN_HOUR);
}

fn spawn(shell: &Shell, words: &str) -> Child {
    let mut command = shell.command(words);
    command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command.spawn().unwrap()
}

/// A process that runs this until a file exists.
fn spawn_until(shell: &Shell, words: &str, file: &str) -> Child {
    let child = spawn(shell, words);
    let until = Instant::now() + Duration::from_secs(30);
    while !shell.path().join(file).exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    child
}

fn states(shell: &Shell) -> Vec<String> {
    let runs = shell.rbl("runs --format json").code(0).json();
    runs.iter().map(|run| run["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn without_a_journal_nothing_is_due_and_none_is_made() {
    let shell = Shell::new();
    let none = shell.rbl("resume --due").code(0);
    assert_eq!((none.out.as_str(), none.err.as_str()), ("", ""));
    assert!(!shell.state().join("rbl").exists());
    let both = shell.rbl("resume last --due").code(2);
    assert!(both.err.contains("cannot be used with"), "{both:?}");
    shell.rbl("resume").code(2);
}

#[test]
fn what_is_due_is_resumed_and_the_rest_is_left_alone() {
    let shell = Shell::new();
    parked_long_ago(&shell, "r1", "a.rb", "wait 10m\naction `echo x >> done`\n");
    parked_long_ago(&shell, "r2", "b.rb", "wait 10m\ncheck \"Is it well?\" else { stop \"no\" }\n");
    parked_long_ago(&shell, "r3", "c.rb", "wait 3h\naction `echo y >> done`\n");
    parked_long_ago(
        &shell,
        "r4",
        "d.rb",
        "check \"Who?\" within 3h else { stop \"no\" }\naction `echo z >> done`\n",
    );
    shell.write("a.rb", "runbook \"Other\"\nresolve\n");
    let due = shell.rbl("resume --due --as bo").code(5);
    let mut lines: Vec<&str> = due.out.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "r1  resolved   a.rb: every step is done",
            "r2  waiting    b.rb: waiting for an answer: \"Is it well?\"",
        ]
    );
    assert_eq!(
        due.err,
        "run r1: a.rb has changed since the run began: it continues with its original text\n"
    );
    assert_eq!(std::fs::read_to_string(shell.path().join("done")).unwrap(), "x\n");
    assert_eq!(states(&shell), ["waiting", "waiting", "waiting", "resolved"]);
    assert!(shell.rbl("show r1").code(0).out.contains("bo"));
    let again = shell.rbl("resume --due").code(0);
    assert_eq!((again.out.as_str(), again.err.as_str()), ("", ""));
    shell.rbl("show r1 --verify").code(0);
    shell.rbl("replay r1").code(0);
}

#[test]
fn a_run_whose_process_died_is_resumed_and_one_that_lives_is_not() {
    let shell = Shell::new();
    shell.write(
        "dead.rb",
        format!(
            "{HEAD}action `test -e first || {{ touch first; sleep 40; }}` retry 1\naction `echo x >> done`\n"
        ),
    );
    shell.write("lives.rb", format!("{HEAD}action `touch second; sleep 4`\naction `echo y >> lived`\n"));
    let mut dead = spawn_until(&shell, "run dead.rb --no-input", "first");
    let mut lives = spawn_until(&shell, "run lives.rb --no-input", "second");
    dead.kill().unwrap();
    dead.wait().unwrap();
    let due = shell.rbl("resume --due").code(0);
    assert!(due.out.ends_with("  resolved   dead.rb: every step is done\n"), "{due:?}");
    assert_eq!(due.out.lines().count(), 1, "{due:?}");
    assert_eq!(std::fs::read_to_string(shell.path().join("done")).unwrap(), "x\n");
    assert!(lives.wait().unwrap().success());
    assert_eq!(std::fs::read_to_string(shell.path().join("lived")).unwrap(), "y\n");
}

#[test]
fn an_uncertain_action_waits_for_a_person() {
    let shell = Shell::new();
    shell.write("a.rb", format!("{HEAD}action `touch first; sleep 40`\naction `echo x >> done`\n"));
    let mut dead = spawn_until(&shell, "run a.rb --no-input", "first");
    dead.kill().unwrap();
    dead.wait().unwrap();
    let due = shell.rbl("resume --due").code(5);
    assert!(due.out.contains("  waiting    a.rb: waiting for an answer: \"was it done?"), "{due:?}");
    assert_eq!(shell.rbl("resume --due").code(0).out, "", "nobody has answered yet");
    shell.rbl("answer last done --no-input").code(0);
    assert_eq!(std::fs::read_to_string(shell.path().join("done")).unwrap(), "x\n");
}

#[test]
fn one_that_cannot_be_resumed_does_not_keep_the_others_waiting() {
    let shell = Shell::new().env("RBL_TEST_TOKEN", "s3cr3t-7f3a");
    parked_long_ago(&shell, "r1", "infra/a.rb", "wait 10m\naction `echo x >> ../done`\n");
    shell.write("infra/rbl.toml", "[teams.dba]\ntype = \"telepathy\"\n");
    parked_long_ago(&shell, "r2", "b.rb", "wait 10m\naction `echo y >> done`\n");
    shell.write(
        "c.rb",
        format!(
            "{HEAD}param word = \"x\"\nsecret token from env \"RBL_TEST_TOKEN\"\n\
             action `touch first; echo #{{token}}; sleep 40` retry 1\n\"#{{word}}\"\n"
        ),
    );
    let mut dead = spawn_until(&shell, "run c.rb --no-input --param word=s3cr3t-7f3a", "first");
    dead.kill().unwrap();
    dead.wait().unwrap();
    let due = shell.rbl("resume --due").code(2);
    assert_eq!(due.out, "r2  resolved   b.rb: every step is done\n", "{due:?}");
    assert!(due.err.contains("run r1 is not resumed: the configuration has mistakes"), "{due:?}");
    assert!(due.err.contains("was a secret, which is never recorded"), "{due:?}");
    assert!(!due.err.contains("s3cr3t"), "{due:?}");
    assert_eq!(states(&shell), ["stuck", "resolved", "waiting"]);
    let listed = shell.rbl("runs --format json").code(0);
    assert!(listed.out.contains("the value of the parameter `word` was a secret"), "{listed:?}");
    // The one is tried again in a minute; the other only by its id.
    let again = shell.rbl("resume --due").code(0);
    assert_eq!((again.out.as_str(), again.err.as_str()), ("", ""));
    shell.rbl("resume last").code(2);
}

#[test]
fn two_at_once_resume_each_run_once() {
    let shell = Shell::new();
    for run in 0..9 {
        parked_long_ago(
            &shell,
            &format!("r{run}"),
            &format!("{run}.rb"),
            &format!("wait 10m\naction `echo {run} >> done; sleep 0.2`\n"),
        );
    }
    let mut children: Vec<Child> = (0..3).map(|_| spawn(&shell, "resume --due")).collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    let done = std::fs::read_to_string(shell.path().join("done")).unwrap();
    let mut done: Vec<&str> = done.lines().collect();
    done.sort_unstable();
    assert_eq!(done, ["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
    assert!(states(&shell).iter().all(|state| state == "resolved"));
}

#[test]
fn a_signal_ends_the_runs_and_nothing_more_is_claimed() {
    let shell = Shell::new();
    // More than are resumed at once: also where the signal comes so late that some have given up their places.
    for run in 0..30 {
        let text = format!(
            "wait 10m\naction `touch begun; echo {run} >> undone; sleep 40` undo `echo {run} >> cleaned`\n"
        );
        parked_long_ago(&shell, &format!("r{run}"), &format!("{run}.rb"), &text);
    }
    let mut child = spawn_until(&shell, "resume --due", "begun");
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(5));
    let states = states(&shell);
    assert!(states.iter().any(|state| state == "aborted"), "{states:?}");
    assert!(states.iter().all(|state| state != "running" && state != "cut-off"), "{states:?}");
    assert!(states.iter().filter(|state| *state == "waiting").count() >= 2, "{states:?}");
}
