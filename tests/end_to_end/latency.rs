//! `examples/api-latency.rb` against a real Prometheus that scrapes numbers which change during the run.
//!
//! The example is run unchanged where it ends soon. Where it waits, a copy is run that differs only in these durations:
//! see [`SHORTER`].

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::pane::Pane;
use crate::cli::shell::Shell;
use crate::support::{Exporter, Prometheus, Setup, write_program};

const EXAMPLE: &str = include_str!("../../examples/api-latency.rb");

/// What is replaced in the copy; each has to be in the example. A window is long enough to hold several scrapes, one a second, also
/// where a busy machine leaves some out.
const SHORTER: &[(&str, &str)] = &[
    ("[5m]", "[12s]"),
    ("within 10m else", "within 60s every 1s else"),
    ("for 5m within 1h every 30s", "for 2s within 60s every 1s"),
];

fn shorter() -> String {
    SHORTER.iter().fold(EXAMPLE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

/// A service whose requests are slow, or fast once the file `fast` exists.
struct Service {
    shell: Shell,
    prometheus: Prometheus,
    exporter: Arc<Exporter>,
    over: Arc<AtomicBool>,
}

impl Service {
    /// With a `kubectl` that does this, after it has recorded its arguments.
    fn start(kubectl: &str) -> Option<Self> {
        Self::start_with(kubectl, &[])
    }

    /// The same, with these files from the beginning.
    fn start_with(kubectl: &str, files: &[&str]) -> Option<Self> {
        let exporter = Arc::new(Exporter::start());
        let prometheus = Prometheus::start(&Setup { scrape: vec![exporter.address()], ..Setup::default() })?;
        let shell = Shell::new();
        for file in files {
            shell.write(file, "");
        }
        std::fs::create_dir(shell.path().join("bin")).unwrap();
        let script = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" >> arguments\n{kubectl}\n");
        write_program(&shell.path().join("bin/kubectl"), &script);
        let path = format!("{}/bin:{}", shell.path().display(), std::env::var("PATH").unwrap());
        let shell = shell.env("PATH", &path);
        shell.write("shorter.rb", shorter()).write("api-latency.rb", EXAMPLE);
        shell.write(
            "rbl.toml",
            format!(
                "[providers.prometheus]\ntype = \"prometheus\"\nurl = \"{}\"\ntimeout = \"10s\"\nmax_age = \"2m\"\n\
                 [teams.api-oncall]\ntype = \"terminal\"\n[teams.database-oncall]\ntype = \"terminal\"\n\
                 [channels.incidents]\ntype = \"terminal\"\n",
                prometheus.url()
            ),
        );
        let over = Arc::new(AtomicBool::new(false));
        serve(Arc::clone(&exporter), shell.path().join("fast"), Arc::clone(&over));
        let service = Self { shell, prometheus, exporter, over };
        Some(service)
    }

    /// Reports a deploy this many minutes ago; then waits until Prometheus has scraped enough for a rate.
    fn deployed(&self, minutes_ago: i64) {
        let at = jiff::Timestamp::now().as_second() - minutes_ago * 60;
        self.exporter.set("deploy_timestamp_seconds{service=\"api\"}", at);
        let probe = "metric rate from prometheus \"min(rate(http_request_duration_seconds_bucket{le='1'}[12s]))\"\n\
                     metric deploy from prometheus \"max(deploy_timestamp_seconds)\"\n\
                     wait until rate > 0 and deploy > 0 within 40s every 200ms\n";
        self.shell.write("warm.rb", format!("runbook \"warm\"\nowner \"a\"\n{probe}"));
        self.shell.rbl("run warm.rb").code(0);
    }

    fn arguments(&self) -> String {
        std::fs::read_to_string(self.shell.path().join("arguments")).unwrap_or_default()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

/// Counts requests: of 800ms, and once the file exists of 50ms. Then they are so many more that the slow ones, which a window
/// still holds, are less than a hundredth of it after two seconds.
fn serve(exporter: Arc<Exporter>, fast: PathBuf, over: Arc<AtomicBool>) {
    thread::spawn(move || {
        let (mut quick, mut all) = (0, 0);
        while !over.load(Ordering::SeqCst) {
            if fast.exists() {
                all += 10_000;
                quick += 10_000;
            } else {
                all += 10;
            }
            for (le, count) in [("0.1", quick), ("0.5", quick), ("1", all), ("+Inf", all)] {
                let series = format!("http_request_duration_seconds_bucket{{service=\"api\",le=\"{le}\"}}");
                exporter.set(&series, count);
            }
            thread::sleep(Duration::from_millis(100));
        }
    });
}

#[test]
fn a_latency_that_is_back_needs_nothing() {
    let Some(service) = Service::start_with("", &["fast"]) else { return };
    service.deployed(12);
    let run = service.shell.rbl("run api-latency.rb").code(0);
    assert!(run.out.contains("p99 < 500ms; p99 = ") && run.out.contains("nothing to do"), "{run:?}");
    assert_eq!(service.arguments(), "");
}

#[test]
fn a_rollback_that_helps_ends_resolved() {
    let Some(service) = Service::start("touch fast") else { return };
    service.deployed(12);
    let path = service.shell.path().join("bin");
    let environment = format!("PATH={}:$PATH", path.display());
    let Some(pane) = Pane::with(100, service.shell.path(), &environment, "run shorter.rb") else { return };
    pane.wait_for("? What was the cause?");
    pane.wait_for("type the answer");
    pane.type_line("bad deploy");
    let screen = pane.ended(0);
    assert_eq!(service.arguments(), "rollout\nundo\ndeployment/api\n");
    for words in [
        "– no        p99 < 500ms",
        "deploy_age < 30m",
        "deploy_age = 12m",
        "✔ done      rollback(service: \"api\")",
        "Cause: bad deploy",
        "✔ RESOLVED",
    ] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    assert!(!screen.contains("PAGE"), "{screen}");
}

#[test]
fn a_rollback_that_does_not_help_pages_the_owner() {
    let Some(service) = Service::start("") else { return };
    service.deployed(12);
    let text = shorter().replace("within 60s every 1s else", "within 3s every 1s else");
    service.shell.write("shorter.rb", text);
    let run = service.shell.rbl("run shorter.rb --format json").code(4);
    assert_eq!(service.arguments(), "rollout\nundo\ndeployment/api\n");
    let events = run.json();
    let paged: Vec<_> = events.iter().filter(|event| event["type"] == "escalated").collect();
    assert_eq!(paged[0]["team"], "api-oncall", "{paged:?}");
    let reason = paged[0]["reason"].as_str().unwrap();
    let still = reason.strip_prefix("p99 is still ").unwrap().strip_suffix(" after the rollback").unwrap();
    let milliseconds: f64 = still.strip_suffix("ms").unwrap_or("1000").parse().unwrap();
    assert!((500.0..=1000.0).contains(&milliseconds), "{reason}");
    assert_eq!(events.last().unwrap()["outcome"], "escalated");
}

#[test]
fn a_prometheus_that_dies_is_no_good_news() {
    let gate = "while ! test -e dead; do sleep 0.05; done";
    let Some(mut service) = Service::start(gate) else { return };
    service.deployed(12);
    let text = shorter().replace("within 60s every 1s else", "within 2s every 1s else");
    service.shell.write("shorter.rb", text);
    let mut child = service.shell.command("run shorter.rb --format json").spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut events: Vec<serde_json::Value> = Vec::new();
    let mut killed = false;
    for line in &mut lines {
        events.push(serde_json::from_str(&line.unwrap()).unwrap());
        // From here on the run waits for its command, which waits for the file below: no reading is in progress that
        // could be interrupted, and the next one gets no answer.
        if !killed && events.last().is_some_and(|event| event["type"] == "action_started") {
            service.prometheus.kill();
            killed = true;
            std::fs::write(service.shell.path().join("dead"), "").unwrap();
        }
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{events:#?}");
    assert!(killed);
    let paged: Vec<_> = events.iter().filter(|event| event["type"] == "escalated").collect();
    assert_eq!(paged.len(), 1, "{paged:?}");
    assert_eq!(paged[0]["team"], "api-oncall");
    assert!(paged[0]["reason"].as_str().unwrap().contains("connection refused"), "{paged:?}");
    assert!(is_dead(&service.prometheus.url()));
}

fn is_dead(url: &str) -> bool {
    std::net::TcpStream::connect(url.trim_start_matches("http://")).is_err()
}

#[test]
fn the_copy_is_the_example_but_for_its_durations() {
    let changed = shorter().lines().zip(EXAMPLE.lines()).filter(|(copy, example)| copy != example).count();
    assert_eq!(changed, SHORTER.len());
}
