//! The history of a real Prometheus: `1h ago`, `over` and `for` on backfilled blocks.

use crate::cli::shell::Shell;
use crate::support::{Prometheus, Setup};

/// A sample each 15s over the last two hours: 100ms until 30 minutes ago, then 800ms for 20 minutes, then 200ms.
/// `holey` lacks the ten minutes of half an hour ago.
fn past(now: i64) -> String {
    let mut latency = String::from("# TYPE latency gauge\n");
    let mut holey = String::from("# TYPE holey gauge\n");
    for at in (now - 7200..=now).step_by(15) {
        let value = match now - at {
            ago if ago > 1800 => "0.1",
            ago if ago > 600 => "0.8",
            _ => "0.2",
        };
        latency.push_str(&format!("latency {value} {at}\n"));
        if !(1200..=2400).contains(&(now - at)) {
            holey.push_str(&format!("holey 0.1 {at}\n"));
        }
    }
    latency + &holey
}

fn server() -> Option<(Prometheus, Shell)> {
    let past = past(jiff::Timestamp::now().as_second());
    let prometheus = Prometheus::start(&Setup { past: &past, ..Setup::default() })?;
    let shell = Shell::new();
    shell.write(
        "rbl.toml",
        format!("[providers.prometheus]\ntype = \"prometheus\"\nurl = \"{}\"\n", prometheus.url()),
    );
    Some((prometheus, shell))
}

const HEAD: &str = "runbook \"The past\"\nowner \"a\"\nmetric p99 in ms from prometheus \"1000 * latency\"\n\
                    metric holey in s from prometheus \"holey\"\n";

#[test]
fn what_was_is_read_as_of_then() {
    let Some((_prometheus, shell)) = server() else { return };
    let body = "\
record \"now #{p99}, then #{p99 1h ago}, before that #{p99 20m ago}\"
record \"max #{max(p99 over 25m)}, min #{min(p99 over 5m)}, avg #{avg(p99 over 9m)}, q #{quantile(0.1, p99 over 8m)}\"
check p99 1h ago < 101ms
check p99 - p99 1h ago > 99ms
check p99 < 201ms for 5m
check p99 < 201ms for 25m else { record \"not for 25m\" }
check p99 == 200ms or max(p99 over 25m) > 799ms
check p99 3h ago < 1s unknown { record \"3h ago: #{p99 3h ago}\" }
check holey < 1s for 45m else { record \"a hole is a no\" } unknown { record \"a hole is unknown\" }
";
    shell.write("past.rb", format!("{HEAD}{body}"));
    let run = shell.rbl("run past.rb --format json").code(0);
    let events = run.json();
    let records: Vec<&str> = events
        .iter()
        .filter(|event| event["type"] == "recorded")
        .map(|event| event["text"].as_str().unwrap())
        .collect();
    assert_eq!(
        records,
        [
            "now 200ms, then 100ms, before that 800ms",
            "max 800ms, min 200ms, avg 200ms, q 200ms",
            "not for 25m",
            "3h ago: no data",
            "a hole is unknown",
        ],
        "{}",
        run.out
    );
}

#[test]
fn a_past_that_decides_wrongly_stops_the_run() {
    let Some((_prometheus, shell)) = server() else { return };
    shell.write("past.rb", format!("{HEAD}check p99 1h ago > 500ms\naction `touch reached`\n"));
    let run = shell.rbl("run past.rb").code(4);
    assert!(run.out.contains("100ms") && !shell.path().join("reached").exists(), "{run:?}");
}
