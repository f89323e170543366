//! A real Alertmanager as the sender.

use std::time::Duration;

use crate::support::Alertmanager;

use super::ServerBench;

fn configuration(port: u16) -> String {
    format!(
        "route: {{ receiver: rbl, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 2s }}
receivers:
- name: rbl
  webhook_configs:
  - url: http://127.0.0.1:{port}/hooks/alertmanager
    send_resolved: true
    http_config: {{ authorization: {{ credentials: s3cret }} }}
"
    )
}

/// Two Alertmanagers that know nothing of each other deliver the same alerts again and again, while the server is killed:
/// one run for each alert, and each action is done once.
#[test]
fn s3_two_real_alertmanagers_and_a_server_that_is_killed_start_one_run_for_each_alert() {
    let hook = "[hooks.alertmanager]\ntype = \"alertmanager\"\ntoken = { file = \"token\" }\n";
    let bench = ServerBench::new("", hook);
    bench.shell.write("token", "s3cret\n");
    bench.runbook("a.rb", "\"Disk\"", "param host: text\naction `echo #{host} >> done` retry 1\nwait until not alert.firing within 5m every 1s\nresolve \"over\"");
    let mut server = bench.start();
    let configuration = configuration(bench.port);
    let Some(one) = Alertmanager::start_with(&configuration) else { return };
    let Some(two) = Alertmanager::start_with(&configuration) else { return };
    for host in ["db-1", "db-2"] {
        for alertmanager in [&one, &two] {
            alertmanager.send(&format!("{{\"alertname\":\"Disk\",\"host\":\"{host}\"}}"), None);
        }
    }
    for _ in 0..5 {
        let deliveries = bench.became().len();
        bench.until("more is delivered", || bench.became().len() > deliveries);
        server.kill();
        server = bench.start();
    }
    bench.until("both act", || bench.read("done").lines().count() >= 2);
    bench.until_settled();
    assert_eq!(bench.became().iter().filter(|it| *it == "started").count(), 2);
    assert_eq!(bench.states().len(), 2);
    // It ends now: what one of them still delivers as firing has begun before that, and is late.
    let now = jiff::Timestamp::now().to_string();
    for host in ["db-1", "db-2"] {
        for alertmanager in [&one, &two] {
            let labels = format!("{{\"alertname\":\"Disk\",\"host\":\"{host}\"}}");
            alertmanager.send(&labels, Some(&now));
        }
    }
    bench.until_states(&["resolved", "resolved"]);
    let mut done: Vec<String> = bench.read("done").lines().map(str::to_owned).collect();
    done.sort();
    done.dedup();
    assert_eq!(done, ["db-1", "db-2"]);
    drop(server);
}

/// A group that fires with a resolved alert in it: the firing ones start runs, the resolved one does not.
#[test]
fn s1_a_real_group_of_firing_and_resolved_alerts_starts_a_run_for_each_firing_one() {
    let hook = "[hooks.alertmanager]\ntype = \"alertmanager\"\ntoken = { file = \"token\" }\n";
    let bench = ServerBench::new("", hook);
    bench.shell.write("token", "s3cret\n");
    bench.runbook("a.rb", "\"Disk\"", "param host: text\naction `echo #{host} >> done`\nresolve \"over\"");
    let _server = bench.start();
    let configuration = configuration(bench.port).replace("group_interval: 1s", "group_interval: 4s");
    let Some(alertmanager) = Alertmanager::start_with(&configuration) else { return };
    let labels = |host: &str| format!("{{\"alertname\":\"Disk\",\"host\":\"{host}\"}}");
    alertmanager.send(&labels("db-1"), None);
    bench.until("the first one has run", || bench.read("done") == "db-1\n");
    // All of this is in the next delivery of the group: it is sent as one request, in which only the last alert has an end.
    let alerts = ["db-2", "db-3", "db-1"].map(labels).join("},{\"labels\":");
    alertmanager.send(&alerts, Some("2026-01-01T00:00:00Z"));
    bench.until("the others have run", || bench.read("done").lines().count() == 3);
    bench.until_settled();
    let deliveries = bench.shell.rbl("hooks --limit 1000000 --format json").code(0).json();
    let mixed = |became: &str| deliveries.iter().filter(|it| it["became"] == became).count();
    assert_eq!((mixed("started"), mixed("resolved")), (3, 1), "{deliveries:?}");
    let at = |host: &str, became: &str| {
        let is_it = |it: &&serde_json::Value| {
            it["alert"]["alert"]["labels"]["host"] == host && it["became"] == became
        };
        let found = deliveries.iter().find(is_it);
        found.unwrap()["at"].clone()
    };
    assert_eq!(at("db-1", "resolved"), at("db-2", "started"), "they came in one delivery");
    bench.until_states(&["resolved", "resolved", "resolved"]);
}

/// Two Alertmanagers in a cluster deliver the same alerts with repeats, to a server that is killed ten times at any moment: one run
/// for each episode, each action once, and another run only when an alert fires anew.
#[test]
fn s3_a_real_cluster_and_ten_kills_start_one_run_for_each_episode() {
    let hook = "[hooks.alertmanager]\ntype = \"alertmanager\"\ntoken = { file = \"token\" }\n";
    let bench = ServerBench::new("", hook);
    bench.shell.write("token", "s3cret\n");
    let body = "param host: text\naction `mkdir #{host}.done` retry 2 every 1s else { record \"it was done\" }\n\
                wait until not alert.firing within 10m every 1s\nresolve \"over\"";
    bench.runbook("a.rb", "\"Disk\"", body);
    bench.runbook(
        "b.rb",
        "\"Load\" by rack",
        "wait until not alert.firing within 10m every 1s\nresolve \"over\"",
    );
    let mut server = bench.start();
    let Some(cluster) = Alertmanager::cluster(&configuration(bench.port)) else { return };
    bench.until("they know each other", || cluster.iter().all(|it| it.peers() == 2));
    let hosts = ["db-1", "db-2", "db-3"];
    let send = |name: &str, host: &str, ends: Option<&str>| {
        let rack = if host == "db-3" { "r2" } else { "r1" };
        let labels = format!("{{\"alertname\":\"{name}\",\"host\":\"{host}\",\"rack\":\"{rack}\"}}");
        for alertmanager in &cluster {
            alertmanager.send(&labels, ends);
        }
    };
    for host in hosts {
        send("Disk", host, None);
        send("Load", host, None);
    }
    // Also before the first delivery, while it starts runs, and while it executes them.
    for kill in 0..10 {
        std::thread::sleep(Duration::from_millis(150 * (kill % 5)));
        if kill >= 5 {
            let deliveries = bench.became().len();
            bench.until("more is delivered", || bench.became().len() > deliveries);
        }
        server.kill();
        server = bench.start();
    }
    let started = || bench.became().iter().filter(|it| *it == "started").count();
    bench.until("every episode has its run", || started() == 5);
    bench.until_settled();
    let deliveries = bench.became().len();
    assert!(deliveries > 12, "there were repeats: {deliveries}");
    assert_eq!((started(), bench.states().len()), (5, 5), "three hosts, two racks");
    bench.until("each acted", || {
        hosts.iter().all(|it| bench.shell.path().join(format!("{it}.done")).is_dir())
    });
    // It ends now: what the other one still delivers as firing has begun before that, and is late.
    let now = jiff::Timestamp::now().to_string();
    for host in hosts {
        send("Disk", host, Some(&now));
        send("Load", host, Some(&now));
    }
    bench.until_states(&["resolved"; 5]);
    // Longer than the time after which they repeat what still fires.
    bench.until("both are silent", || {
        let deliveries = bench.became().len();
        std::thread::sleep(Duration::from_secs(3));
        let open = "SELECT count(*) FROM episode WHERE closed IS NULL";
        let open = bench.journal().query_row(open, [], |row| row.get::<_, i64>(0));
        open.is_ok_and(|open| open == 0) && bench.became().len() == deliveries
    });
    send("Disk", "db-1", None);
    bench.until("an alert that fires anew has a run of its own", || started() == 6);
    bench.until_settled();
    assert_eq!(bench.states().len(), 6);
    drop(server);
}
