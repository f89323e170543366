//! What an alert starts, and what it does not.

use std::time::Duration;

use super::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

fn firing(name: &str, fingerprint: &str) -> String {
    alert(name, "firing", "", fingerprint, T)
}

fn resolved(name: &str, fingerprint: &str) -> String {
    alert(name, "resolved", "", fingerprint, T)
}

#[test]
fn s1_every_alert_is_judged_by_its_own_status() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let server = bench.start();
    bench.delivered(&delivery(&[firing("A", "1"), resolved("A", "2"), firing("A", "3")]));
    bench.until_states(&["resolved", "resolved"]);
    bench.until_settled();
    assert_eq!(bench.became(), ["started", "resolved", "started"]);
    drop(server);
}

#[test]
fn s2_a_delivery_of_resolved_alerts_starts_nothing() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let _server = bench.start();
    bench.delivered(&delivery(&[resolved("A", "1")]));
    bench.until_settled();
    assert_eq!((bench.became(), bench.states()), (vec!["resolved".to_owned()], vec![]));
}

/// Redeliveries, while the server is killed again and again: one run, and its action is done once.
#[test]
fn s3_an_episode_starts_one_run_whatever_is_delivered_again() {
    let bench = ServerBench::new("", "");
    // A kill may cut the action off: it may be repeated, and counts once for each run.
    bench.runbook("a.rb", "\"A\"", "action `touch done.$RBL_RUN` retry 1\nresolve \"done\"");
    for _ in 0..5 {
        let server = bench.start();
        for minute in 0..10 {
            let starts = format!("2026-11-29T03:0{minute}:00Z");
            bench.delivered(&delivery(&[alert("A", "firing", "", "1", &starts)]));
        }
        server.kill();
    }
    let _server = bench.start();
    bench.until_settled();
    bench.until_states(&["resolved"]);
    let became = bench.became();
    assert_eq!(became.iter().filter(|it| *it == "started").count(), 1);
    assert_eq!(became.iter().filter(|it| *it == "repeated").count(), 49);
    // After the resolve, the next one is another episode.
    bench.delivered(&delivery(&[resolved("A", "1")]));
    bench.delivered(&delivery(&[alert("A", "firing", "", "1", "2026-11-29T05:00:00Z")]));
    bench.until_states(&["resolved", "resolved"]);
    let files = std::fs::read_dir(bench.shell.path())
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap());
    assert_eq!(files.filter(|it| it.starts_with("done.")).count(), 2);
}

#[test]
fn s3_alerts_with_the_same_values_of_by_join_one_run() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\" by cluster", "wait 1s\nresolve \"done\"");
    let _server = bench.start();
    let of = |cluster: &str, status: &str, fingerprint: &str| {
        alert("A", status, &format!("\"cluster\":\"{cluster}\""), fingerprint, T)
    };
    bench.delivered(&delivery(&[of("eu", "firing", "1"), of("us", "firing", "2"), of("eu", "firing", "3")]));
    bench.delivered(&delivery(&[firing("A", "4")]));
    bench.until_settled();
    assert_eq!(bench.became(), ["started", "started", "started", "joined"]);
    assert_eq!(bench.states().len(), 3, "eu, us, and those without a cluster");
    let runs = bench.runs();
    let eu = runs[0]["run"].as_str().unwrap().to_owned();
    let shown = bench.shell.rbl("hooks --format json").json();
    let joined = shown.iter().find(|it| it["became"] == "joined").unwrap();
    assert_eq!(joined["run"], eu);
    let shown = bench.shell.rbl(&format!("show {eu}")).out;
    let lines: Vec<&str> =
        shown.lines().filter(|line| line.starts_with("  A (cluster=eu): firing")).collect();
    assert_eq!(lines.len(), 2, "{shown}");
}

/// What was started goes on to its end, and the alert is known to be resolved.
#[test]
fn s4_a_resolve_kills_nothing() {
    let bench = ServerBench::new("", "");
    let body = "action `touch begun; until test -f go; do sleep 0.1; done; echo x >> done` finally `echo y >> done`\nwait until not alert.firing within 20s\nresolve \"done\"";
    bench.runbook("a.rb", "\"A\"", body);
    let _server = bench.start();
    bench.delivered(&delivery(&[firing("A", "1")]));
    bench.until("it acts", || bench.shell.path().join("begun").exists());
    bench.delivered(&delivery(&[resolved("A", "1")]));
    bench.until_settled();
    bench.until_states(&["running"]);
    bench.shell.write("go", "");
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("done"), "x\ny\n");
}

/// `alert.firing` is read from the deliveries where no Alertmanager is configured.
#[test]
fn an_alert_fires_as_long_as_it_was_not_resolved() {
    let bench = ServerBench::new("", "");
    bench.runbook(
        "a.rb",
        "\"A\"",
        "if alert.firing { wait until not alert.firing within 25s every 1s }\nresolve \"over\"",
    );
    let _server = bench.start();
    bench.delivered(&delivery(&[firing("A", "1")]));
    bench.until_states(&["running"]);
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(bench.states(), ["running"], "{}", bench.log());
    bench.delivered(&delivery(&[resolved("A", "1")]));
    bench.until_states(&["resolved"]);
}

#[test]
fn s5_an_alert_that_still_fires_after_its_run_reaches_the_owner_once() {
    let bench = ServerBench::new("quiet = \"1s\"", "");
    bench.runbook("a.rb", "\"A\"", "resolve \"one good sample\"");
    let _server = bench.start();
    bench.delivered(&delivery(&[firing("A", "1")]));
    bench.until("the owner is paged", || bench.pages().len() == 1);
    let page = bench.pages().pop().unwrap();
    assert!(page.starts_with("A still fires ") && page.contains("has ended (resolved)"), "{page}");
    bench.delivered(&delivery(&[firing("A", "1")]));
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(bench.pages().len(), 1);
    bench.until_states(&["resolved", "escalated"]);
}

#[test]
fn s5_a_runbook_runs_once_more_where_that_is_configured() {
    let bench = ServerBench::new("quiet = \"1s\"\nagain = \"run\"", "");
    bench.runbook("a.rb", "\"A\"", "action `echo x >> done`\nresolve \"done\"");
    let _server = bench.start();
    bench.delivered(&delivery(&[firing("A", "1")]));
    bench.until_states(&["resolved", "resolved"]);
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(bench.read("done"), "x\nx\n", "once more, and not for ever");
}

/// One label off: the nearest trigger and the label, from the server and without one.
#[test]
fn s11_what_starts_nothing_is_listed_with_the_nearest_trigger() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\" where severity = \"page\"", "resolve \"done\"");
    let _server = bench.start();
    let body = delivery(&[
        alert("A", "firing", "\"severity\":\"info\"", "1", T),
        alert("Z", "firing", "", "2", T),
        alert("A", "firing", "\"severity\":\"page\",\"host\":\"x\"", "3", T),
    ]);
    bench.delivered(&body);
    bench.until_settled();
    assert_eq!(bench.became(), ["unmatched", "unmatched", "started"]);
    let why = "the trigger wants `severity = \"page\"`, and this alert has `info`";
    let hooks = bench.shell.rbl("hooks").code(0).out;
    assert!(hooks.contains(&format!("unmatched    nearest a.rb: {why}")), "{hooks}");
    assert!(hooks.contains("no trigger is for an alert of this name"), "{hooks}");
    bench.shell.write("body.json", &body);
    let route = bench.shell.rbl("route body.json").code(0).out;
    assert!(
        route.contains(&format!("A (severity=info)\n  starts nothing; the nearest is a.rb: {why}\n")),
        "{route}"
    );
    assert!(route.contains("Z\n  starts nothing: no trigger"), "{route}");
    assert!(route.contains("A (host=x, severity=page)\n  starts a.rb\n"), "{route}");
    bench.shell.write("other.json", delivery(&[firing("Z", "1")]));
    bench.shell.rbl("route other.json").code(1);
    let none = bench.shell.feed("route -", "[]").code(1);
    assert_eq!(none.err, "there is no alert in `-`\n");
}

#[test]
fn a_runbook_that_cannot_start_pages_its_owner() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "param host: text\nresolve \"done on #{host}\"");
    bench.runbook("b.rb", "\"B\"", "param kind: text among [\"x\", \"y\"]\nresolve \"#{kind}\"");
    bench.runbook("c.rb", "\"C\"", "check there_is_no_such_name < 5m");
    let _server = bench.start();
    bench.delivered(&delivery(&[
        firing("A", "1"),
        alert("B", "firing", "\"kind\":\"z\"", "2", T),
        firing("C", "3"),
    ]));
    bench.until_states(&["escalated", "escalated", "escalated"]);
    bench.until_settled();
    assert_eq!(bench.became(), ["not_started", "not_started", "not_started"]);
    let mut pages = bench.pages();
    pages.sort();
    assert!(pages[0].ends_with("no value for the parameter `host`"), "{pages:?}");
    assert!(pages[1].contains("`kind`: `z`"), "{pages:?}");
    assert!(
        pages[2].contains("its text has errors: ") && pages[2].contains("there_is_no_such_name"),
        "{pages:?}"
    );
    let titles: Vec<String> = bench.runs().iter().map(|it| it["runbook"].to_string()).collect();
    assert_eq!(titles, ["\"a.rb\"", "\"b.rb\"", "\"c.rb\""]);
}

#[test]
fn a_limit_that_is_reached_pages_the_owner_once() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "limit 2 runs in 1h\naction `echo x >> done`\nresolve \"done\"");
    let _server = bench.start();
    let many: Vec<String> = (0..6).map(|it| firing("A", &it.to_string())).collect();
    bench.delivered(&delivery(&many));
    bench.until("the owner is paged", || !bench.pages().is_empty());
    bench.until_settled();
    bench.until("all have ended", || bench.states().iter().all(|it| it == "resolved" || it == "escalated"));
    assert_eq!(bench.read("done"), "x\nx\n");
    assert_eq!(bench.pages().len(), 1, "{:?}", bench.pages());
    assert!(bench.pages()[0].contains("it ran 2 times within 1h"), "{:?}", bench.pages());
}

/// A page of rbl that comes back as an alert starts nothing: there is no feedback.
#[test]
fn an_alert_of_rbl_itself_starts_nothing() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "=~ \".*\"", "resolve \"done\"");
    let _server = bench.start();
    let own = "\"dedup_key\":\"20261122-134512-7f3a9c/stopped\"";
    bench.delivered(&delivery(&[
        alert("A", "firing", own, "1", T),
        alert("A", "firing", "\"rbl_run\":\"x\"", "2", T),
        alert("A", "firing", "\"instance\":\"20261122-134512\"", "3", T),
    ]));
    bench.until_settled();
    assert_eq!(bench.became(), ["own", "own", "started"]);
}
