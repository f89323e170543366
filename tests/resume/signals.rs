//! A run that nobody sits at and that a signal ends: its cleanup runs, and its owner is paged.

use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::cli::shell::Shell;

/// Starts the run, sends it a signal once its action has begun, and returns its exit code and what it printed.
fn ended_by(shell: &Shell, words: &str, signal: rustix::process::Signal) -> (Option<i32>, String) {
    let mut command = shell.command(words);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let child = command.spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    while !shell.path().join("begun").exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), signal).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

const TEXT: &str =
    "runbook \"R\"\nowner \"api-oncall\"\naction `touch begun; sleep 40` finally `echo x >> cleaned`\n";

#[test]
fn its_cleanup_runs_and_its_owner_is_paged() {
    use rustix::process::Signal;
    for (name, signal) in [("SIGTERM", Signal::TERM), ("SIGHUP", Signal::HUP)] {
        for words in ["run a.rb --no-input", "run a.rb --no-input --no-journal"] {
            let shell = Shell::new();
            shell.write("a.rb", TEXT);
            let (code, out) = ended_by(&shell, words, signal);
            assert_eq!(code, Some(5), "{words}: {out}");
            assert!(shell.path().join("cleaned").exists(), "{words}: {out}");
            let page = format!("{name} ended the run before its end: broken off by {name}");
            assert!(out.contains(&page) && out.contains("api-oncall"), "{words}: {out}");
            if !words.contains("--no-journal") {
                assert!(shell.rbl("show last").code(0).out.contains("api-oncall"));
                shell.rbl("show last --verify").code(0);
                shell.rbl("replay last").code(5);
            }
        }
    }
}

/// Where the page does not arrive, the run says so in the loudest way that it has.
#[test]
fn where_nobody_can_be_paged_it_has_failed() {
    let shell = Shell::new();
    shell.write("a.rb", TEXT);
    shell.write("rbl.toml", "[teams.api-oncall]\ntype = \"exec\"\ncommand = [\"false\"]\n");
    let (code, out) = ended_by(&shell, "run a.rb --no-input", rustix::process::Signal::TERM);
    assert_eq!(code, Some(6), "{out}");
    assert!(out.contains("nobody could be paged"), "{out}");
}

/// Whoever interrupts a nested run interrupts the whole, and the owner is paged once.
#[test]
fn a_nested_run_pages_once() {
    let shell = Shell::new();
    shell.write("a.rb", TEXT);
    shell.write("b.rb", "runbook \"B\"\nowner \"outer\"\nrun \"a.rb\" else { \"no\" }\n");
    let (code, out) = ended_by(&shell, "run b.rb --no-input --format json", rustix::process::Signal::TERM);
    assert_eq!(code, Some(5), "{out}");
    assert_eq!(out.matches("\"type\":\"escalated\"").count(), 1, "{out}");
}
