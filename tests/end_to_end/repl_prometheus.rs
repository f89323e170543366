//! A session with a real Prometheus that stops and restarts, and with a server that accepts and never answers.

use std::net::{Ipv4Addr, TcpListener};

use super::pane::Pane;
use crate::cli::shell::Shell;
use crate::support::{Exporter, Prometheus, Setup};

/// A folder that reads from this server, with this time-out.
fn reading(url: &str, timeout: &str) -> Shell {
    let shell = Shell::new();
    let text =
        format!("[providers.prometheus]\ntype = \"prometheus\"\nurl = \"{url}\"\ntimeout = \"{timeout}\"\n");
    shell.write("rbl.toml", text);
    shell
}

#[test]
fn a_server_that_is_killed_and_comes_back() {
    let exporter = Exporter::start();
    exporter.set("checkout_latency_seconds{quantile=\"0.99\"}", 0.812);
    let at = jiff::Timestamp::now().as_second() - 150;
    let past = format!("# TYPE backup_duration_seconds gauge\nbackup_duration_seconds 42 {at}\n");
    let setup = Setup { scrape: vec![exporter.address()], past: &past, ..Setup::default() };
    let Some(mut server) = Prometheus::start(&setup) else { return };
    let shell = reading(&server.url(), "10s");
    // What was scraped is available before the session asks for names.
    let probe = "metric lag in s from prometheus \"checkout_latency_seconds\"\n\
                 wait until lag > 0s within 40s every 200ms\n";
    shell.write("warm.rb", format!("runbook \"warm\"\nowner \"a\"\n{probe}")).rbl("run warm.rb").code(0);

    let Some(pane) = Pane::open(100, shell.path(), "repl") else { return };
    pane.wait_for("rbl>");
    pane.type_line(":metrics checkout");
    pane.wait_for("prometheus  checkout_latency_seconds");
    pane.type_keys("metric p99 in s from prometheus \"checkout_la");
    pane.key("Tab");
    pane.wait_for("from prometheus \"checkout_latency_seconds");
    pane.type_keys("\"");
    pane.key("Enter");
    pane.wait_for_times("rbl>", 3);

    // A scrape that takes longer than a second on a busy machine is a reading without data: the next one is there again.
    let screen = pane.type_until("p99", "1 series");
    let line = screen.lines().find(|line| line.contains("1 series")).unwrap();
    assert!(line.starts_with("812ms   duration · prometheus · "), "{line}");
    assert!(line.contains(" · now · ") || line.contains("s old · "), "scraped every second: {line}");
    pane.type_line("metric backup in s from prometheus \"backup_duration_seconds\"");
    let screen = pane.type_until("backup", "42s   duration · prometheus · ");
    let line = screen.lines().find(|line| line.starts_with("42s ")).unwrap();
    // After five minutes there is no value any more.
    assert!(
        [" · 2m", " · 3m", " · 4m", " · 5m"].iter().any(|age| line.contains(age)),
        "two minutes and a half, and what this took: {line}"
    );
    assert!(line.contains("s old · 1 series"), "{line}");
    pane.type_until("p99 < 500ms", "no   p99 = 812ms (prometheus, ");

    server.kill();
    let screen = pane.type_until("p99", "connection refused");
    let why = screen.lines().find(|line| line.contains("connection refused")).unwrap();
    assert!(why.starts_with("unknown   "), "{why}");
    // What it proposes may be printed a moment later.
    pane.wait_for("try: ");
    pane.type_line("3 + 4");
    pane.wait_for("7   number");

    server.restart();
    exporter.set("checkout_latency_seconds{quantile=\"0.99\"}", 0.3);
    shell.write("back.rb", format!("runbook \"back\"\nowner \"a\"\n{}", probe.replace("> 0s", "< 0.5s")));
    shell.rbl("run back.rb").code(0);
    pane.type_until("p99", "300ms   duration · prometheus · ");
    pane.key("C-d");
    pane.ended(0);
}

#[test]
fn names_come_from_a_server_that_was_not_there_at_first() {
    let exporter = Exporter::start();
    exporter.set("checkout_latency_seconds", 0.812);
    let setup = Setup { scrape: vec![exporter.address()], ..Setup::default() };
    let Some(mut server) = Prometheus::start(&setup) else { return };
    server.kill();
    let shell = reading(&server.url(), "10s");
    let Some(pane) = Pane::open(100, shell.path(), "repl") else { return };
    pane.wait_for("rbl>");
    pane.type_line(":metrics");
    pane.wait_for("connection refused");
    server.restart();
    shell.write(
        "warm.rb",
        "runbook \"warm\"\nowner \"a\"\nmetric lag in s from prometheus \"checkout_latency_seconds\"\n\
         wait until lag > 0s within 40s every 200ms\n",
    );
    shell.rbl("run warm.rb").code(0);
    pane.type_line(":metrics checkout");
    pane.wait_for("prometheus  checkout_latency_seconds");
    pane.key("C-d");
    pane.ended(0);
}

/// Accepts every connection and never sends anything.
fn silent() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for connection in listener.incoming() {
            kept.push(connection);
        }
    });
    url
}

/// The server has ten minutes, and the test waits one minute: anything that waited for the server would be too late.
#[test]
fn a_server_that_never_answers_holds_nobody_up() {
    let shell = reading(&silent(), "10m");
    let Some(pane) = Pane::open(100, shell.path(), "repl") else { return };
    pane.wait_for("rbl>");
    // While the names are being fetched, keys still work, also the one that would complete a name.
    pane.type_keys("metric p99 in s from prometheus \"http");
    pane.key("Tab");
    pane.type_keys("_x\"");
    pane.wait_for("from prometheus \"http_x\"");
    pane.key("Enter");
    pane.wait_for_times("rbl>", 2);
    pane.type_line("3 + 4");
    pane.wait_for("7   number");

    pane.type_line("p99");
    pane.wait_for("reading p99 from prometheus");
    pane.key("C-c");
    pane.wait_for("broken off");
    pane.wait_for_times("rbl>", 4);
    pane.type_line("5 + 6");
    pane.wait_for("11   number");

    pane.type_line(":metrics");
    pane.wait_for("asking for the names of metrics");
    pane.key("C-c");
    pane.wait_for_times("rbl>", 6);
    assert!(!pane.screen().contains("has not said yet"), "{}", pane.screen());
    pane.type_line("7 + 8");
    pane.wait_for("15   number");
    pane.key("C-d");
    pane.ended(0);
}
