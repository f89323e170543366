//! A question that nobody answers while the run is parked: when its time is over, the run goes on without an answer.

use super::due::parked_ago;
use crate::cli::shell::Shell;

const HEAD: &str = "runbook \"R\"\nowner \"api-oncall\"\n";

/// A run that was parked at a question this many seconds ago.
fn asked_ago(shell: &Shell, run: &str, text: &str, seconds: f64) {
    parked_ago(shell, run, &format!("{run}.rb"), text, seconds);
}

/// Every door through which a person is asked.
#[test]
fn every_parked_question_ends_with_its_time() {
    let shell = Shell::new();
    let doors = [
        (
            "r1",
            "check \"Is it well?\" within 30m else { stop \"no\" } unknown { action `echo r1 >> over` }\n",
        ),
        (
            "r2",
            "let x = ask \"Why?\" within 30m\nif x == \"a\" { stop \"no\" } unknown { action `echo r2 >> over` }\n",
        ),
        (
            "r3",
            "match \"Which?\" within 30m { \"a\" { stop \"no\" } \"b\" { stop \"no\" } unknown { action `echo r3 >> over` } }\n",
        ),
        ("r4", "action \"Look at it\" within 30m else { action `echo r4 >> over` }\n"),
        ("r5", "action `echo no >> over` by \"dba\" within 30m else { action `echo r5 >> over` }\n"),
        (
            "r6",
            "wait until \"Is it well?\" within 30m every 1m else { stop \"no\" } unknown { action `echo r6 >> over` }\n",
        ),
    ];
    for (run, text) in doors {
        asked_ago(&shell, run, text, 3_600.0);
    }
    // One whose time is not over.
    asked_ago(
        &shell,
        "r7",
        "check \"Is it well?\" within 2h else { stop \"no\" } unknown { stop \"nobody\" }\n",
        3_600.0,
    );
    let listed = shell.rbl("runs --format json").code(0).json();
    assert!(listed.iter().all(|run| run["state"] == "waiting" && run["waits_on"] == "person"), "{listed:?}");
    assert!(listed.iter().all(|run| run["until"].is_string()), "{listed:?}");
    assert!(shell.rbl("runs").code(0).out.contains("until "));
    shell.rbl("resume --due").code(0);
    let mut over: Vec<String> =
        std::fs::read_to_string(shell.path().join("over")).unwrap().lines().map(str::to_owned).collect();
    over.sort();
    assert_eq!(over, ["r1", "r2", "r3", "r4", "r5", "r6"]);
    for (run, _) in doors {
        shell.rbl(&format!("show {run} --verify")).code(0);
        shell.rbl(&format!("replay {run}")).code(0);
    }
    assert!(shell.rbl("replay r5").out.contains("not approved: no answer within 30m"));
    let left = shell.rbl("runs --format json --state waiting").code(0).json();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["run"], "r7");
    // It is asked again by its id, and stays parked until the same time.
    shell.rbl("resume r7 --no-input").code(5);
    let again = shell.rbl("runs --format json --state waiting").code(0).json();
    assert_eq!(again[0]["until"], left[0]["until"]);
    assert_eq!(again[0]["records"], left[0]["records"], "nothing happened");
    shell.rbl("answer r7 yes --no-input").code(0);
}

/// A question in a runbook that another one runs.
#[test]
fn a_question_of_a_nested_run_ends_with_its_time() {
    let shell = Shell::new();
    shell.write(
        "inner.rb",
        "runbook \"Inner\"\ncheck \"Is it well?\" within 2s else { stop \"no\" } unknown { action `echo x >> over` }\n",
    );
    shell.write("outer.rb", format!("{HEAD}run \"inner.rb\"\naction `echo y >> over`\n"));
    shell.rbl("run outer.rb --no-input").code(5);
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    let due = shell.rbl("resume --due").code(0);
    assert!(due.out.contains("  resolved   outer.rb"), "{due:?}");
    assert_eq!(std::fs::read_to_string(shell.path().join("over")).unwrap(), "x\ny\n");
}

/// An answer that is recorded and not taken by the run is shown as such, whoever was killed in between.
#[test]
fn a_run_that_was_answered_is_shown_as_to_be_resumed() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        format!("{HEAD}check \"Is it well?\" else {{ stop \"no\" }}\naction `echo x >> done`\n"),
    );
    shell.rbl("run a.rb --no-input").code(5);
    // Right after the answer is committed, the process dies: it writes for the first time there.
    let mut command = shell.command("answer last yes --no-input");
    let killed = command.env("RBL_FAULT_AT", "1").status().unwrap();
    assert_eq!(killed.code(), None, "{killed:?}");
    let listed = shell.rbl("runs --format json").code(0).json();
    assert_eq!(listed[0]["state"], "answered", "{listed:?}");
    assert!(shell.rbl("runs").code(0).out.contains("rbl resume continues it"));
    let shown = shell.rbl("show last").code(0).out;
    assert!(shown.contains("has not been resumed since") && shown.contains("rbl resume "), "{shown}");
    assert_eq!(shell.rbl("runs --format json --state answered").json().len(), 1);
    let again = shell.rbl("answer last no --no-input").code(2);
    assert!(again.err.contains("already answered"), "{again:?}");
    shell.rbl("resume --due").code(0);
    assert_eq!(std::fs::read_to_string(shell.path().join("done")).unwrap(), "x\n");
}

/// An answer that comes after the time of its question is refused, and the run goes on without one: whoever asked said how long
/// an answer counts.
#[test]
fn a_late_answer_does_not_count() {
    let shell = Shell::new();
    let doors = [
        ("r1", "action `touch dropped` by \"dba\" within 30m else { action `echo r1 >> over` }\n", "yes"),
        (
            "r2",
            "check \"Drop?\" within 30m else { stop } unknown { action `echo r2 >> over` }\naction `echo r2 >> after`\n",
            "yes",
        ),
        ("r3", "action \"Look at it\" within 30m else { action `echo r3 >> over` }\n", "done"),
        (
            "r4",
            "let x = ask \"Why?\" within 30m\nif x == \"a\" { action `touch dropped` } unknown { action `echo r4 >> over` }\n",
            "a",
        ),
    ];
    for (run, text, answer) in doors {
        asked_ago(&shell, run, text, 3_600.0);
        let refused = shell.rbl(&format!("answer {run} {answer} --as ana --no-input")).code(2);
        assert!(
            refused.err.contains("too late: run ") && refused.err.contains("now has none"),
            "{refused:?}"
        );
        assert!(refused.err.contains(&format!("rbl resume {run}")), "{refused:?}");
    }
    shell.rbl("resume --due").code(0);
    let mut over: Vec<String> =
        std::fs::read_to_string(shell.path().join("over")).unwrap().lines().map(str::to_owned).collect();
    over.sort();
    assert_eq!(over, ["r1", "r2", "r3", "r4"]);
    assert!(!shell.path().join("dropped").exists());
}

/// The same where the answer was recorded by somebody who did not look at the time: the story says that it came too late.
#[test]
fn a_late_answer_in_the_record_does_not_count() {
    let shell = Shell::new();
    asked_ago(
        &shell,
        "r1",
        "action `touch dropped` by \"dba\" within 30m else { action `echo r1 >> over` }\n",
        3_600.0,
    );
    let folder = shell.state().join("rbl");
    let look = rbl_store::SqliteReader::open(&folder).unwrap();
    let (records, _) = rbl_runtime::journal::RunQuery::read(&look, "r1").unwrap();
    let open = rbl_runtime::journal::open(&records).unwrap().unwrap();
    let yes = rbl_runtime::Answer::Yes(super::scripted_world::said("bo"));
    let reply = serde_json::to_string(&rbl_runtime::Reply::Answered(yes)).unwrap();
    let store = rbl_store::Sqlite::open(&folder).unwrap();
    rbl_runtime::journal::Store::signal(&store, "r1", &open.seq.to_string(), &reply).unwrap();
    drop((look, store));
    shell.rbl("resume r1 --no-input").code(0);
    assert_eq!(std::fs::read_to_string(shell.path().join("over")).unwrap(), "r1\n");
    assert!(!shell.path().join("dropped").exists());
    assert!(shell.rbl("show r1").code(0).out.contains("too late, it does not count"));
    shell.rbl("replay r1").code(0);
}
