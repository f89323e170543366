//! A real Alertmanager as the sender.

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
    for host in ["db-1", "db-2"] {
        for alertmanager in [&one, &two] {
            let labels = format!("{{\"alertname\":\"Disk\",\"host\":\"{host}\"}}");
            alertmanager.send(&labels, Some("2026-01-01T00:00:00Z"));
        }
    }
    bench.until_states(&["resolved", "resolved"]);
    let mut done: Vec<String> = bench.read("done").lines().map(str::to_owned).collect();
    done.sort();
    done.dedup();
    assert_eq!(done, ["db-1", "db-2"]);
    drop(server);
}
