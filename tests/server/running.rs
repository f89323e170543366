//! Workers: how many runs are executed at once, and what long commands do to the others.

use std::time::{Duration, Instant};

use super::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

fn many(name: &str, count: usize) -> String {
    let alerts: Vec<String> =
        (0..count).map(|it| alert(name, "firing", "", &format!("{name}{it}"), T)).collect();
    delivery(&alerts)
}

#[test]
fn long_commands_do_not_keep_other_runs_from_their_deadlines() {
    let bench = ServerBench::new("workers = 2", "");
    bench.runbook("long.rb", "\"Long\"", "action `sleep 90`\nresolve \"done\"");
    bench.runbook("short.rb", "\"Short\"", "action `echo x >> done`\nresolve \"done\"");
    let _server = bench.start();
    bench.delivered(&many("Long", 6));
    bench.until("all long ones run", || bench.states().iter().filter(|it| *it == "running").count() == 6);
    let begun = Instant::now();
    bench.delivered(&many("Short", 1));
    bench.until("the short one has ended", || bench.read("done") == "x\n");
    // The long ones began at most half a minute before this.
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
}

#[test]
fn no_more_actions_than_configured_are_done_at_once() {
    let bench = ServerBench::new("actions = 2", "");
    let body = "action `echo + >> log; sleep 1; echo - >> log`\nresolve \"done\"";
    bench.runbook("a.rb", "\"A\"", body);
    let _server = bench.start();
    bench.delivered(&many("A", 6));
    bench.until("all have ended", || bench.states().iter().filter(|it| *it == "resolved").count() == 6);
    let (mut now, mut most) = (0_i32, 0);
    for line in bench.read("log").lines() {
        now += if line == "+" { 1 } else { -1 };
        most = most.max(now);
    }
    assert_eq!((now, most), (0, 2));
}

/// A run that waits is a row: it survives the server, and is resumed in time by the next one.
#[test]
fn a_run_that_waits_holds_no_thread_and_is_resumed_in_time() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "wait 61s\nresolve \"done\"");
    let server = bench.start();
    bench.delivered(&many("A", 20));
    bench.until("all wait", || bench.states().iter().filter(|it| *it == "waiting").count() == 20);
    let tasks = || std::fs::read_dir(format!("/proc/{}/task", server.id())).unwrap().count();
    // One that waits already is let go a moment later.
    bench.until("no thread is held", || tasks() < 20);
    // Nor does one that polls, in between.
    let loaded = bench.log().matches("of which").count();
    bench.runbook("b.rb", "\"B\"", "wait until `test -e there` within 10m every 4s\nresolve \"done\"");
    bench.until("it is read", || bench.log().matches("of which").count() > loaded);
    bench.delivered(&many("B", 20));
    // The others may be over by now.
    let of_b =
        |state: &str| bench.runs().iter().filter(|it| it["file"] == "b.rb" && it["state"] == state).count();
    bench.until("all poll", || of_b("waiting") == 20);
    bench.until("no thread is held", || tasks() < 20);
    bench.shell.write("there", "");
    bench.until("all have seen it", || of_b("resolved") == 20);
}

/// A question of a run that nobody sits at is answered from a terminal, and the server goes on.
#[test]
fn an_answer_reaches_a_run_of_the_server() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "if \"Is it real?\" { action `echo x >> done` }\nresolve \"done\"");
    let _server = bench.start();
    bench.delivered(&many("A", 1));
    bench.until_states(&["waiting"]);
    let answered = bench.shell.rbl("answer last yes --as ana").code(0);
    assert!(answered.out.contains("the server continues run"), "{} {}", answered.out, answered.err);
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("done"), "x\n");
    bench.runbook("a.rb", "\"A\"", "if \"Is it real?\" { action `echo x >> done` }\nresolve \"done\"");
    bench.delivered(&delivery(&[alert("A", "firing", "", "other", T)]));
    bench.until_states(&["resolved", "waiting"]);
    let aborted = bench.shell.rbl("abort last --because enough --as bo").code(0);
    assert!(aborted.out.contains("the server"), "{} {}", aborted.out, aborted.err);
    bench.until_states(&["resolved", "aborted"]);
}
