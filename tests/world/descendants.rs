//! The end of a command is the end of everything that came of it, whatever it made itself.

use std::path::Path;
use std::time::{Duration, Instant};

use rbl_syntax::value::ReasonKind;

use super::bench::{Bench, alive, eventually, line};
use crate::cli::shell::Shell;

/// Programs that leave their group, their session, their parent or their environment. Each appends the number of
/// its last process to the file `$1`, and would run for five minutes.
const ESCAPES: [&str; 11] = [
    "sleep 300 & echo $! >>$F; wait",
    "timeout 100 sh -c 'echo $$ >>$F; exec sleep 300'",
    "timeout 100 sh -c 'trap \"\" TERM; echo $$ >>$F; while :; do sleep 1; done'",
    "bash -c 'set -m; sleep 300 & echo $! >>$F; wait'",
    "setsid sh -c 'echo $$ >>$F; exec sleep 300'",
    "setsid sh -c 'trap \"\" TERM HUP; echo $$ >>$F; while :; do sleep 1; done'",
    "setsid sh -c 'echo $$ >>$F; exec sleep 300' & sleep 300",
    "nohup sh -c 'echo $$ >>$F; exec sleep 300' >/dev/null 2>&1 & sleep 300",
    "(setsid sh -c '(echo $$ >>$F; exec sleep 300) &' &) ; sleep 300",
    "env -i F=$F setsid sh -c 'echo $$ >>$F; exec sleep 300' & sleep 300",
    "exec sh -c 'sleep 300 & echo $! >>$F; exec timeout 200 sleep 300'",
];

fn pids(file: &Path) -> Vec<String> {
    std::fs::read_to_string(file).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// The number of processes that wait for the end of this rbl, to end its commands then.
fn guards_of(rbl: u32) -> usize {
    let read = |folder: &Path, name: &str| {
        std::fs::read(folder.join(name)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    let is_guard = |folder: &Path| {
        let words = read(folder, "cmdline").unwrap_or_default();
        let stat = read(folder, "stat").unwrap_or_default();
        // Behind the name in parentheses: its state, then its parent.
        let parent = stat.rsplit(')').next().unwrap_or_default().split_whitespace().nth(1);
        words.contains("while read -r rbl_p") && parent == Some(rbl.to_string().as_str())
    };
    let processes = std::fs::read_dir("/proc").unwrap();
    processes.filter(|entry| entry.as_ref().is_ok_and(|entry| is_guard(&entry.path()))).count()
}

#[test]
fn a_time_out_ends_what_left_the_group_or_the_session() {
    let directory = tempfile::tempdir().unwrap();
    let escapes = ESCAPES.iter().enumerate();
    let ended: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = escapes
            .map(|(number, escape)| {
                let file = directory.path().join(number.to_string());
                scope.spawn(move || {
                    let text = format!("F={}; export F; {escape}", file.display());
                    let begun = Instant::now();
                    let output = Bench::alone().probe(line(&text, ""), 4.0);
                    (escape, file, output, begun.elapsed())
                })
            })
            .collect();
        started.into_iter().map(|it| it.join().unwrap()).collect()
    });
    for (escape, file, output, took) in ended {
        let trouble = output.trouble.unwrap();
        assert_eq!(
            (trouble.kind, trouble.text.as_str()),
            (ReasonKind::TimedOut, "timed out after 4s"),
            "{escape}"
        );
        assert!(took < Duration::from_mins(1), "{escape}: {took:?}");
        let pids = pids(&file);
        assert!(!pids.is_empty(), "{escape} did not begin");
        assert!(pids.iter().all(|pid| !alive(pid)), "{escape} lives on: {pids:?}");
    }
}

/// As `systemctl start` and its like do: what an action leaves when it ends by itself is meant to stay.
#[test]
fn a_daemon_survives_the_action_that_started_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pid");
    let mut bench = Bench::alone();
    let text = format!("setsid sleep 300 >/dev/null 2>&1 & echo $! >{}", file.display());
    assert_eq!(bench.probe(line(&text, ""), 20.0).status, Some(0));
    // The time-out of a later command is not its end.
    assert!(bench.probe(line("timeout 9 sleep 8", ""), 0.3).trouble.is_some());
    let pid = &pids(&file)[0];
    assert!(alive(pid));
    assert!(std::process::Command::new("kill").arg(pid).status().unwrap().success());
}

/// A process that gave up its parent, its session, its group and its environment.
const DAEMON: &str = "env -i setsid sh -c '(echo $$; sleep 300 & echo $!; wait) >>pids &'";

/// An action that leaves the daemon, and a probe that says whether it runs.
fn a_daemon_is_left() -> String {
    format!(
        "runbook \"it\"\nowner \"o\"\naction `{DAEMON}; sleep 300` within 4s else {{ \"given up\" }}\n\
         let left = `for p in $(cat pids); do grep -l sleep /proc/$p/comm; done; true`\n\"left: #{{left}}.\"\n"
    )
}

#[test]
fn rbl_finds_a_daemon_that_left_everything_behind() {
    let shell = Shell::new();
    shell.write("it.rb", a_daemon_is_left());
    let ended = shell.rbl("run it.rb --no-input").code(0);
    assert!(ended.out.contains("timed out after 4s"), "{}", ended.out);
    assert!(ended.out.contains("left: ."), "{}", ended.out);
    let pids = pids(&shell.path().join("pids"));
    assert_eq!(pids.len(), 2, "{}", ended.out);
    assert!(pids.iter().all(|pid| !alive(pid)));
}

#[test]
fn a_command_that_left_its_group_is_never_running_twice() {
    let shell = Shell::new();
    let book = "runbook \"it\"\nowner \"o\"\naction `timeout 100 sh -c 'echo $$ >>pids; sleep 63; true'` within 3s retry 2 every 1s else { \"given up\" }\n";
    shell.write("it.rb", book);
    let ended = shell.rbl("run it.rb --no-input").code(0);
    assert!(ended.out.contains("given up"), "{}", ended.out);
    let pids = pids(&shell.path().join("pids"));
    assert_eq!(pids.len(), 3);
    assert!(pids.iter().all(|pid| !alive(pid)));
}

#[test]
fn a_killed_rbl_takes_the_descendants_with_it() {
    let shell = Shell::new();
    shell.write(
        "it.rb",
        "runbook \"it\"\nowner \"o\"\naction `timeout 400 sh -c 'echo $$ >pids; sleep 300; true'`\n",
    );
    let mut child = shell.command("run it.rb --no-input").spawn().unwrap();
    let file = shell.path().join("pids");
    eventually("it has begun", || !pids(&file).is_empty());
    // That is so once it has run for a while.
    eventually("it is guarded", || guards_of(child.id()) == 1);
    child.kill().unwrap();
    child.wait().unwrap();
    let pid = &pids(&file)[0];
    eventually("it is gone", || !alive(pid));
}

/// It cannot be found any more once rbl is gone: it was noted while rbl was there.
#[test]
fn a_killed_rbl_takes_the_daemon_with_it_that_left_everything_behind() {
    let shell = Shell::new();
    shell.write("it.rb", a_daemon_is_left().replace("within 4s", "within 5m"));
    let mut child = shell.command("run it.rb --no-input").spawn().unwrap();
    let file = shell.path().join("pids");
    eventually("it has begun", || pids(&file).len() == 2);
    eventually("it is guarded", || guards_of(child.id()) == 1);
    // What its guard was told of it cannot be seen.
    std::thread::sleep(Duration::from_millis(2500));
    child.kill().unwrap();
    child.wait().unwrap();
    eventually("all of it is gone", || pids(&file).iter().all(|pid| !alive(pid)));
}

/// As in `docker exec`: the session that rbl is in was begun outside of the container, and has the number 0 in it.
#[test]
fn a_session_that_was_begun_outside_of_the_container_ends_its_commands_too() {
    let shell = Shell::new();
    shell.write("it.rb", a_daemon_is_left());
    let container = ["--user", "--map-root-user", "--pid", "--fork", "--mount-proc"];
    let unshare = |words: &[&str]| shell.prepared("unshare").args(container).args(words).output();
    if !unshare(&["true"]).is_ok_and(|ended| ended.status.success()) {
        eprintln!("skipped: no container can be made here with `unshare {}`", container.join(" "));
        return;
    }
    let output = unshare(&[env!("CARGO_BIN_EXE_rbl"), "run", "it.rb", "--no-input"]).unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(out.contains("timed out after 4s") && out.contains("left: ."), "{out}");
}

/// With a terminal a program would ask there, and wait.
#[test]
fn a_command_has_no_controlling_terminal() {
    let mut bench = Bench::alone();
    let begun = Instant::now();
    let output = bench.probe(line("read -r x </dev/tty", ""), 300.0);
    assert!(output.trouble.is_none() && !matches!(output.status, Some(0) | None), "{output:?}");
    let asks = bench.probe(line("echo $GIT_TERMINAL_PROMPT $SSH_ASKPASS_REQUIRE", ""), 300.0);
    assert_eq!(asks.stdout, "0 never\n");
    assert!(begun.elapsed() < Duration::from_mins(1));
}
