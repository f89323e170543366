//! S7: how often a runbook runs is counted in the store.

use crate::server::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

/// A server that restarts has not forgotten how often a runbook ran, within the hour and within the day.
#[test]
fn s7_a_limit_holds_over_restarts() {
    let bench = ServerBench::new("", "");
    let limits = "limit 2 runs in 1h\nlimit 3 runs in 1d\n";
    bench.runbook("a.rb", "\"A\"", &format!("{limits}action `echo x >> done`\nresolve \"done\""));
    let refused = || bench.became().iter().filter(|it| *it == "not_started").count();
    for number in 1..=4 {
        let server = bench.start();
        bench.delivered(&delivery(&[alert("A", "firing", "", &number.to_string(), T)]));
        bench.until_settled();
        bench.until("its run is over", || {
            bench.states().iter().all(|it| it == "resolved" || it == "escalated")
        });
        server.kill();
    }
    assert_eq!((bench.read("done").as_str(), refused()), ("x\nx\n", 2));
    assert_eq!(bench.pages().len(), 1, "the owner hears of it once in the window: {:?}", bench.pages());
    assert!(bench.pages()[0].contains("it ran 2 times within 1h"), "{:?}", bench.pages());
    // An hour later one more may run, and then the day is full.
    let journal = bench.journal();
    assert!(journal.execute("UPDATE tally SET at = at - 3700000", []).unwrap() >= 2);
    drop(journal);
    for number in 5..=6 {
        let server = bench.start();
        bench.delivered(&delivery(&[alert("A", "firing", "", &number.to_string(), T)]));
        bench.until_settled();
        bench.until("its run is over", || {
            bench.states().iter().all(|it| it == "resolved" || it == "escalated")
        });
        server.kill();
    }
    assert_eq!(bench.read("done"), "x\nx\nx\n");
    assert!(bench.pages().last().unwrap().contains("it ran 3 times within 1d"), "{:?}", bench.pages());
}
