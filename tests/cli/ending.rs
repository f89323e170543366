//! Every ending of `run --format json`: each line is an object, the first says what began, the last how it ended.

use std::process::Stdio;

use serde_json::Value;

use super::shell::Shell;

const HEAD: &str = "runbook \"a\"\nowner \"a\"\n";

#[track_caller]
fn well_formed(lines: &[Value], outcome: &str) {
    assert!(lines.iter().all(|line| line["type"].is_string() && line["at"].is_string()), "{lines:#?}");
    let of = |name: &str| lines.iter().filter(|line| line["type"] == name).count();
    assert_eq!((of("started"), of("ended")), (1, 1), "{lines:#?}");
    assert_eq!(lines[0]["type"], "started");
    let last = lines.last().unwrap();
    assert_eq!((&last["type"], &last["outcome"]), (&"ended".into(), &outcome.into()), "{lines:#?}");
}

#[test]
fn every_ending_is_told_by_the_last_line() {
    for (body, code, outcome) in [
        ("resolve \"well\"\n", 0, "resolved"),
        ("check `true`\n", 0, "resolved"),
        ("escalate to owner because \"not well\"\n", 4, "escalated"),
        // What no arm handles pages the owner.
        ("action `exit 3`\naction `true`\n", 4, "escalated"),
        ("check \"Is it well?\"\n", 5, "waiting"),
        ("action `true` finally `exit 3`\ncheck \"Is it well?\"\n", 5, "waiting"),
    ] {
        let shell = Shell::new();
        shell.write("a.rb", format!("{HEAD}{body}"));
        well_formed(&shell.rbl("run a.rb --format json --no-input").code(code).json(), outcome);
    }
}

#[test]
fn a_run_that_nobody_can_be_told_of_has_failed() {
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"a\"\naction `exit 3`\n");
    well_formed(&shell.rbl("run a.rb --format json").code(6).json(), "failed");
}

#[test]
fn a_run_that_is_asked_to_stop_is_aborted() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        format!("{HEAD}action `touch begun; sleep 60` finally `touch cleaned`\naction `touch next`\n"),
    );
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::INT] {
        let child = shell.command("run a.rb --format json").stdin(Stdio::null()).spawn().unwrap();
        crate::end_to_end::streams::eventually("it has begun", || shell.path().join("begun").exists());
        let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(5), "{output:?}");
        let lines: Vec<Value> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        well_formed(&lines, "aborted");
        assert!(shell.path().join("cleaned").exists() && !shell.path().join("next").exists());
        std::fs::remove_file(shell.path().join("begun")).unwrap();
        std::fs::remove_file(shell.path().join("cleaned")).unwrap();
    }
}
