//! S6: many alerts at once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::server::hostile::resident;
use crate::server::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

/// How many alerts come in, from how many senders at once.
const ALERTS: usize = 1000;
const SENDERS: usize = 20;

/// Each of a thousand deliveries is answered quickly, at most `workers` runs are executed, and every alert has its run in the end.
#[test]
fn s6_a_storm_is_answered_and_kept_and_no_more_runs_than_workers_are_executed() {
    let bench = ServerBench::new("workers = 4", "");
    // Shorter than what gives up its place, so that every run that is executed counts.
    bench.runbook("a.rb", "\"A\"", "action `sleep 0.05; echo x >> done`\nresolve \"done\"");
    let server = bench.start();
    let (next, slowest) = (AtomicUsize::new(0), std::sync::Mutex::new(Duration::ZERO));
    let over = AtomicBool::new(false);
    let most = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let (mut most, mut queued) = (0.0_f64, false);
            while !over.load(Ordering::Relaxed) {
                let (_, text) = server.get("/metrics").unwrap();
                let value = |name: &str| {
                    let line = text.lines().find_map(|line| line.strip_prefix(name));
                    line.map_or(0.0, |value| value.trim().parse::<f64>().unwrap())
                };
                most = most.max(value("rbl_workers_busy "));
                queued |= value("rbl_runs{state=\"new\"} ") > 0.0;
                std::thread::sleep(Duration::from_millis(100));
            }
            (most, queued)
        });
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= ALERTS {
                            return;
                        }
                        let begun = Instant::now();
                        bench.delivered(&delivery(&[alert("A", "firing", "", &number.to_string(), T)]));
                        let mut slowest = slowest.lock().unwrap();
                        *slowest = (*slowest).max(begun.elapsed());
                    }
                })
            })
            .collect();
        for sender in senders {
            sender.join().unwrap();
        }
        // Nothing is resolved yet that was not executed: what waits is in the store, and shown as what it is.
        bench.until("a run waits for a worker and says so", || {
            bench.shell.rbl("runs --limit 1").code(0).out.contains("for a worker, after ")
                || bench.read("done").lines().count() == ALERTS
        });
        let patience = Instant::now() + Duration::from_mins(5);
        while bench.read("done").lines().count() < ALERTS {
            assert!(Instant::now() < patience, "{} have run\n{}", bench.read("done").len() / 2, bench.log());
            std::thread::sleep(Duration::from_millis(200));
        }
        over.store(true, Ordering::Relaxed);
        watcher.join().unwrap()
    });
    let slowest = slowest.into_inner().unwrap();
    assert!(slowest < Duration::from_secs(20), "an answer took {slowest:?}");
    // On a busy machine an action may take so long that its run gives up its place; afterwards it counts beside the one that got it.
    assert!(most.0 <= 8.0, "{} were executed at once", most.0);
    assert!(most.1, "some had to wait for a worker");
    assert!(resident(server.id()) < 300, "{} MB", resident(server.id()));
    bench.until("every run has ended", || {
        let mut states: BTreeMap<String, usize> = BTreeMap::new();
        for run in bench.shell.rbl("runs --all --format json").code(0).json() {
            *states.entry(run["state"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        states == BTreeMap::from([("resolved".to_owned(), ALERTS)])
    });
}

/// Above the most deliveries that may wait, they are refused with a time to come again, counted, and the fallback team is paged
/// once. What was kept before is worked on.
#[test]
fn s6_at_the_cap_deliveries_are_refused_counted_and_somebody_is_paged_once() {
    let lead =
        "[teams]\nfallback = \"lead\"\n[teams.lead]\ntype = \"exec\"\ncommand = [\"sh\", \"page.sh\"]\n";
    let bench = ServerBench::new("", lead);
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let server = bench.start();
    bench.delivered(&delivery(&[alert("A", "firing", "", "1", T)]));
    bench.until_settled();
    server.kill();
    let journal = bench.journal();
    let waiting = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 160000) \
                   INSERT INTO delivery (hook, at, alerts) SELECT hook, at, alerts FROM delivery JOIN n";
    assert_eq!(journal.execute(waiting, []).unwrap(), 160_000);
    drop(journal);
    let server = bench.start();
    let one = delivery(&[alert("A", "firing", "", "1", T)]);
    let mut refused = 0;
    // It works on what waits meanwhile.
    for _ in 0..3 {
        let head = "POST /hooks/alertmanager HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
        let answer = bench.answer(head, one.as_bytes()).unwrap();
        if answer.starts_with("HTTP/1.1 503") {
            refused += 1;
            assert!(answer.to_lowercase().contains("retry-after: 5"), "{answer}");
            assert!(answer.contains("too many deliveries wait: send it again"), "{answer}");
        }
    }
    assert!(refused > 0);
    bench.until("the fallback is paged", || !bench.pages().is_empty());
    let (_, metrics) = server.get("/metrics").unwrap();
    let counted = format!("rbl_deliveries_total{{hook=\"alertmanager\",result=\"refused\"}} {refused}\n");
    assert!(metrics.contains(&counted), "{metrics}");
    let pages = bench.pages();
    assert_eq!(pages.len(), 1, "{pages:?}");
    assert!(pages[0].contains("are not taken (503)"), "{pages:?}");
}

/// A thousand alerts that join one run are reported to it one by one, and none of that reads all those before it: an alert that
/// comes behind them starts its run soon.
#[test]
fn s6_a_storm_that_joins_one_run_keeps_no_other_alert_waiting() {
    let bench = ServerBench::new("", "");
    bench.runbook(
        "a.rb",
        "\"A\" by cluster",
        "check \"Is it real?\" within 1h else { stop \"no\" }\nresolve \"done\"",
    );
    bench.runbook("b.rb", "\"B\"", "action `echo b >> done`\nresolve \"done\"");
    let _server = bench.start();
    let alerts: Vec<String> = (0..1000)
        .map(|it| alert("A", "firing", &format!("\"cluster\":\"eu\",\"host\":\"h{it}\""), &it.to_string(), T))
        .collect();
    bench.delivered(&delivery(&alerts));
    bench.delivered(&delivery(&[alert("B", "firing", "", "b", T)]));
    bench.until("the alert behind them has its run", || bench.read("done") == "b\n");
    bench.until_states(&["waiting", "resolved"]);
    let shown = bench.shell.rbl("show last --format json").code(0);
    assert!(shown.out.contains("\"B\""), "{}", shown.out);
}
