//! Crashes, stops and changes of the runbooks.

use std::time::{Duration, Instant};

use super::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

fn firing(fingerprint: &str) -> String {
    delivery(&[alert("A", "firing", "", fingerprint, T)])
}

#[test]
fn s9_what_was_acknowledged_starts_after_a_crash() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "action `echo x >> done`\nresolve \"done\"");
    for number in 0..10 {
        let server = bench.start();
        bench.delivered(&firing(&number.to_string()));
        server.kill();
    }
    let _server = bench.start();
    bench.until("every alert has its run", || {
        bench.became().iter().filter(|it| *it == "started").count() == 10
    });
    bench.until("every run has ended or asks whether its action was done", || {
        bench.states().iter().all(|it| it == "resolved" || it == "waiting")
    });
    assert_eq!(bench.states().len(), 10);
}

/// A run is parked before its next step, and the next server resumes it: each step is done once.
#[test]
fn s19_a_stop_loses_no_step_and_repeats_none() {
    let bench = ServerBench::new("", "");
    let steps: String = (3..=6).map(|it| format!("action `echo {it} >> done`\n")).collect();
    // It stops in the second step, however long that takes.
    let gate = "touch begun; until test -f go; do sleep 0.1; done";
    let steps = format!("action `echo 1 >> done`\naction `{gate}; echo 2 >> done`\n{steps}");
    bench.runbook("a.rb", "\"A\"", &format!("{steps}resolve \"done\""));
    let server = bench.start();
    bench.delivered(&firing("1"));
    bench.until("it does something", || bench.shell.path().join("begun").exists());
    server.begin_stop();
    bench.shell.write("go", "");
    let begun = Instant::now();
    assert_eq!(server.ended().code(), Some(0), "{}", bench.log());
    assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
    let before = bench.read("done");
    assert!(before.lines().count() < 6, "{before}");
    assert_eq!(bench.states(), ["waiting"], "{}", bench.log());
    let _server = bench.start();
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("done"), "1\n2\n3\n4\n5\n6\n");
}

#[test]
fn a_second_server_on_the_same_journal_is_refused() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let server = bench.start();
    let second = bench.shell.rbl("serve --listen 127.0.0.1:0").code(2);
    assert!(second.err.contains("another server uses the journal"), "{}", second.err);
    server.kill();
    drop(bench.start());
}

/// A changed runbook counts for the next run; a broken one keeps its last version.
#[test]
fn runbooks_are_read_again_when_they_change() {
    let bench = ServerBench::new("", "");
    let version =
        |text: &str| bench.runbook("a.rb", "\"A\"", &format!("action `echo {text} >> done`\nresolve \"x\""));
    version("one");
    let server = bench.start();
    bench.delivered(&firing("1"));
    bench.until("the first version ran", || bench.read("done") == "one\n");
    version("two");
    let loads = |count: usize| bench.log().matches("of which").count() >= count;
    bench.until("it is read again", || loads(2));
    bench.delivered(&firing("2"));
    bench.until("the second version ran", || bench.read("done") == "one\ntwo\n");
    bench.runbook("a.rb", "\"A\"", "check there_is_no_such_name < 5m");
    server.signal(rustix::process::Signal::HUP);
    bench.until("it is known to be broken", || bench.log().contains("its last version stays in force"));
    bench.delivered(&firing("3"));
    bench.until("the second version ran again", || bench.read("done") == "one\ntwo\ntwo\n");
}
