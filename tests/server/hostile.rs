//! Bad deliveries: clear answers, nothing started, nothing lost, memory bounded.

use std::io::Write;
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use super::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

/// Resident memory in MB.
fn resident(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[test]
fn bodies_that_are_none_are_refused_and_start_nothing() {
    let bench = ServerBench::new("body = \"1MiB\"", "");
    bench.runbook("a.rb", "=~ \".*\"", "resolve \"done\"");
    let _server = bench.start();
    let whole = delivery(&[alert("A", "firing", "", "1", T)]);
    for body in [&whole[..whole.len() - 2], "", "[]", "null", "{\"version\":\"4\"}", "\u{fffd}"] {
        let (code, text) = bench.deliver(body).unwrap();
        assert_eq!(code, 400, "{body}: {text}");
        assert!(text.contains("\"error\":"), "{text}");
    }
    for wrong in ["{\"alertname\":7}", "[]", "{\"alertname\":null}", "\"x\""] {
        let body = format!("{{\"version\":\"4\",\"alerts\":[{{\"labels\":{wrong}}}]}}");
        assert_eq!(bench.deliver(&body).unwrap().0, 400, "{wrong}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(bench.deliver(&deep).unwrap().0, 400);
    let large = format!("{{\"version\":\"4\",\"alerts\":[],\"x\":\"{}\"}}", "x".repeat(2 << 20));
    assert_eq!(bench.deliver(&large).unwrap().0, 413);
    assert_eq!(bench.states().len(), 0);
    assert_eq!(bench.deliver("{\"version\":\"4\",\"alerts\":[]}").unwrap().0, 200);
}

#[test]
fn ten_thousand_alerts_in_one_delivery_are_taken() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\" where host = \"h7\"", "resolve \"done\"");
    let server = bench.start();
    let alerts: Vec<String> = (0..10_000)
        .map(|it| alert("A", "firing", &format!("\"host\":\"h{it}\""), &it.to_string(), T))
        .collect();
    bench.delivered(&delivery(&alerts));
    bench.until_states(&["resolved"]);
    assert!(resident(server.id()) < 300, "{} MB", resident(server.id()));
}

/// Labels are data, wherever they are shown.
#[test]
fn labels_made_of_shell_html_and_terminal_codes_stay_data() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "param host: text\naction `printf '%s' #{host} > done`\nresolve \"done\"");
    let _server = bench.start();
    let evil = r"'; touch owned; echo <script>\u001b[31m$(touch owned)`touch owned`";
    bench.delivered(&delivery(&[alert("A", "firing", &format!("\"host\":\"{evil}\""), "1", T)]));
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("owned"), "");
    assert!(!bench.shell.path().join("owned").exists());
    assert!(bench.read("done").contains("$(touch owned)"));
    let hooks = bench.shell.rbl("hooks --format json").out + &bench.shell.rbl("hooks").out;
    assert!(!hooks.contains('\u{1b}') && !bench.log().contains('\u{1b}'), "{hooks}");
}

#[test]
fn s10_a_thousand_connections_that_send_nothing_keep_nobody_out() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let server = bench.start();
    let raised = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    rustix::process::setrlimit(
        rustix::process::Resource::Nofile,
        rustix::process::Rlimit { current: raised.maximum, ..raised },
    )
    .unwrap();
    let silent: Vec<TcpStream> = (0..1000)
        .map(|number| {
            let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, bench.port)).unwrap();
            if number % 2 == 0 {
                connection.write_all(b"POST /hooks/alertmanager HTTP/1.1\r\nHost: ").unwrap();
            }
            connection
        })
        .collect();
    assert_eq!(server.get("/-/ready").unwrap().0, 200);
    bench.delivered(&delivery(&[alert("A", "firing", "", "1", T)]));
    bench.until_states(&["resolved"]);
    assert!(resident(server.id()) < 300, "{} MB", resident(server.id()));
    std::thread::sleep(Duration::from_millis(100));
    drop(silent);
}
