//! Pipes that close, disks that are full, and runs that are killed.

use std::fs::OpenOptions;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::cli::shell::Shell;

/// Waits until the condition holds.
#[track_caller]
pub fn eventually(what: &str, mut is: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !is() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a process exists, and is not a zombie.
pub fn alive(pid: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit(')').next().is_some_and(|rest| {
        let state = rest.trim_start().chars().next();
        state.is_some_and(|state| state != 'Z' && state != 'X')
    })
}

#[test]
fn whoever_reads_three_lines_has_three_lines() {
    let shell = Shell::new();
    let steps: String = (0..200).map(|n| format!("\"line {n}\"\n")).collect();
    shell.write("a.rb", format!("runbook \"a\"\nowner \"a\"\n{steps}action `touch reached`\n"));
    for words in ["run a.rb", "run a.rb --format json", "ast a.rb", "check a.rb --format json", "man"] {
        let binary = env!("CARGO_BIN_EXE_rbl");
        let line = format!("{{ {binary} {words}; echo $? >code; }} | head -3");
        let output = Command::new("sh")
            .args(["-c", &line])
            .current_dir(shell.path())
            .env("XDG_STATE_HOME", shell.state())
            .output()
            .unwrap();
        assert_eq!(output.stderr, b"", "{words}: {}", String::from_utf8_lossy(&output.stderr));
        let code = std::fs::read_to_string(shell.path().join("code")).unwrap();
        assert_eq!(code, "0\n", "{words}");
    }
    assert!(shell.path().join("reached").exists(), "a run does not hang on its readers");
}

#[test]
fn a_full_disk_is_said_and_stops_nothing() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        eprintln!("skipped: this machine has no /dev/full");
        return;
    }
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"a\"\nowner \"a\"\naction `touch reached`\n\"text\"\n");
    let to_full = |words: &str| {
        let _ = std::fs::remove_file(shell.path().join("reached"));
        let full = OpenOptions::new().write(true).open(full).unwrap();
        let output = shell.command(words).stdout(Stdio::from(full)).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for words in ["run a.rb", "run a.rb --format json", "run a.rb --format pretty"] {
        let (code, err) = to_full(words);
        assert_eq!(code, Some(0), "{words}: {err}");
        assert!(shell.path().join("reached").exists(), "{words}");
        assert_eq!(err.matches("cannot write").count(), 1, "{words}: {err}");
        assert!(err.contains("No space left"), "{words}: {err}");
    }
    for words in ["ast a.rb", "check a.rb", "man", "--help"] {
        let (code, err) = to_full(words);
        assert!(code != Some(70) && code.is_some(), "{words}: {code:?} {err}");
        assert!(!err.contains("panic"), "{words}: {err}");
    }
    let errors = OpenOptions::new().write(true).open(full).unwrap();
    let output = shell.command("run a.rb").stderr(Stdio::from(errors)).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let errors = OpenOptions::new().write(true).open(full).unwrap();
    let output = shell.command("run nowhere.rb").stderr(Stdio::from(errors)).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

/// A run that is killed (SIGKILL) cannot end anything itself: its guard ends what it had begun, as on another host, and
/// nothing after that is begun.
#[test]
fn a_run_that_is_killed_takes_its_command_with_it() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"a\"\naction `trap 'touch asked' TERM; echo $$ > pid; sleep 60 & wait; sleep 60; touch over` \
         finally `touch cleaned`\naction `touch next`\n",
    );
    let mut child = shell.command("run a.rb").spawn().unwrap();
    let pid = || std::fs::read_to_string(shell.path().join("pid")).unwrap_or_default().trim().to_owned();
    eventually("it is guarded", || !pid().is_empty() && guards_of(&pid()) == 1);
    child.kill().unwrap();
    child.wait().unwrap();
    eventually("the command is ended", || !alive(&pid()));
    eventually("the guard is over", || guards_of(&pid()) == 0);
    // A shell that does not come to its trap within the grace period is killed without it.
    let mut left = vec!["a.rb", "pid"];
    left.extend(shell.path().join("asked").exists().then_some("asked"));
    super::hostile::only(&shell, &left);
}

/// A command that ends by itself leaves its background processes alone, and no guard behind.
#[test]
fn a_guard_is_gone_with_its_command() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"a\"\naction `echo $$ > pid; (sleep 1; touch later) >/dev/null 2>&1 & sleep 0.8`\naction `sleep 0.8`\n",
    );
    shell.rbl("run a.rb").code(0);
    let pid = std::fs::read_to_string(shell.path().join("pid")).unwrap().trim().to_owned();
    assert_eq!(guards_of(&pid), 0);
    eventually("it went on", || shell.path().join("later").exists());
}

/// The number of processes that wait for the end of the run to end this group.
fn guards_of(group: &str) -> usize {
    let commands = std::fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| {
        std::fs::read(entry.ok()?.path().join("cmdline"))
            .ok()
            .map(|words| String::from_utf8_lossy(&words).into_owned())
    });
    commands
        .filter(|words| words.contains("while read -r rbl_p") && words.contains(&format!("\0rbl\0{group}\0")))
        .count()
}
