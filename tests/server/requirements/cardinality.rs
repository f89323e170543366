//! S18: how many series the metrics have does not depend on what is sent.

use std::collections::BTreeSet;

use crate::server::api::{call, token};
use crate::server::bench::RunningServer;
use crate::server::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

/// The series of the metrics, by name and labels, without how often each status was answered.
fn series(server: &RunningServer<'_>) -> BTreeSet<String> {
    // Figures that the journal does not give in time are left out.
    let is_whole = |text: &String| text.lines().any(|line| line.starts_with("rbl_journal_up 1"));
    let mut tries = std::iter::repeat_with(|| server.get("/metrics").unwrap().1).take(10);
    let text = tries.find(is_whole).expect("the journal answers");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned())).collect()
}

/// Names of alerts, labels, addresses, tokens, runs and answers of all kinds: the series stay those of the configuration.
#[test]
fn s18_what_is_sent_makes_no_series() {
    let bench = ServerBench::new("body = \"64kB\"", "");
    bench.runbook("a.rb", "=~ \".*\" by host", "resolve \"done\"");
    bench.runbook("b.rb", "\"B\"", "if \"Is it real?\" within 1h { record \"x\" }\nresolve \"done\"");
    let all = token(&bench, "ana --may look,answer,start,admin --person ana");
    let server = bench.start();
    bench.delivered(&delivery(&[alert("B", "firing", "\"host\":\"first\"", "first", T)]));
    bench.until("one has run, and one asks", || {
        let states = bench.states();
        states.len() == 2 && ["resolved", "waiting"].iter().all(|it| states.iter().any(|state| state == it))
    });
    let of = |code: &str| format!("rbl_http_responses_total{{code=\"{code}\"}}");
    let before = series(&server);
    for number in 0..20 {
        let label = format!("\"host\":\"h{number}\",\"l{number}\":\"x\"");
        bench.delivered(&delivery(&[alert(&format!("N{number}"), "firing", &label, &number.to_string(), T)]));
        bench.request(&format!("POST /hooks/h{number} HTTP/1.1\r\nHost: localhost"), b"{}").unwrap();
        bench.request(&format!("GET /p{number} HTTP/1.1\r\nHost: localhost"), b"").unwrap();
        bench.request(&format!("M{number} / HTTP/1.1\r\nHost: localhost"), b"").unwrap();
        call(&bench, &format!("rbl_{number}"), "GET /runs", None);
        call(&bench, &all, &format!("GET /runs/run{number}?x{number}=1"), None);
    }
    bench.deliver("{").unwrap();
    bench.deliver(&"x".repeat(70_000)).unwrap();
    bench.until("all have run", || bench.states().iter().filter(|it| *it == "resolved").count() == 21);
    let mut added: BTreeSet<String> = series(&server).difference(&before).cloned().collect();
    // One for each status that is answered.
    for code in ["400", "401", "404", "405", "413"] {
        added.remove(&of(code));
    }
    assert_eq!(added, BTreeSet::new());
    let names: BTreeSet<String> = before
        .iter()
        .filter_map(|it| it.split_once('{').map(|(_, labels)| labels.to_owned()))
        .flat_map(|labels| {
            labels.split(',').filter_map(|it| Some(it.split_once('=')?.0.to_owned())).collect::<Vec<_>>()
        })
        .collect();
    let known =
        ["cause", "code", "file", "hook", "kind", "le", "outcome", "result", "state", "to", "version"];
    let strange: Vec<&String> = names.iter().filter(|it| !known.contains(&it.as_str())).collect();
    assert_eq!(strange, Vec::<&String>::new());
}
