//! The Prometheus provider against a real Prometheus.

use std::time::{Duration, Instant};

use rbl_runtime::{Datum, Piece, ReadTime};
use rbl_syntax::value::ReasonKind;

use super::{at, hostile, now, provider, read, read_pieces, text, value};
use crate::support::{Exporter, Prometheus, Setup};

/// The start of the history in these tests.
const START: f64 = 1_790_000_000.0;

/// The exposition format's spelling of a label's value.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn past() -> String {
    let mut past = String::from("# TYPE depth gauge\n");
    for shard in ["a", "b"] {
        for minute in 0..11 {
            let value = if shard == "a" { minute } else { 100 + minute };
            past.push_str(&format!(
                "depth{{shard=\"{shard}\"}} {value} {}\n",
                START + f64::from(minute * 60)
            ));
        }
    }
    past.push_str("# TYPE odd gauge\n");
    for (kind, value) in
        [("nan", "NaN"), ("plus", "+Inf"), ("minus", "-Inf"), ("tiny", "1e-09"), ("huge", "1.5e+21")]
    {
        past.push_str(&format!("odd{{kind=\"{kind}\"}} {value} {START}\n"));
    }
    past.push_str("# TYPE named gauge\n");
    for (index, name) in hostile().iter().enumerate() {
        past.push_str(&format!("named{{name=\"{}\"}} {index} {}\n", escaped(name), START));
    }
    past
}

#[test]
fn the_past_is_read_as_it_was() {
    let past = past();
    let Some(server) = Prometheus::start(&Setup { past: &past, ..Setup::default() }) else { return };
    let it = provider(&format!("[providers.it]\ntype = \"prometheus\"\nurl = \"{}/\"", server.url()));
    let then = |query: &str, seconds: f64| {
        read_pieces(&it, vec![text(query)], ReadTime::At(at(START + seconds))).map(|reading| reading.samples)
    };

    assert!(it.test().unwrap().starts_with("Prometheus "), "{:?}", it.test());

    // At a time: the newest sample before it, with its own age.
    let found = then("depth{shard=\"a\"}", 150.0).unwrap();
    assert_eq!((found[0].value, found[0].at), (2.0, Some(at(START + 120.0))));
    assert_eq!(found[0].labels.get("shard").unwrap(), "a");
    // The age of an expression is unknown.
    let found = then("sum(depth)", 0.0).unwrap();
    assert_eq!((found[0].value, found[0].at), (100.0, None));
    // By a label: one series for each.
    let mut shards: Vec<String> = then("max by (shard) (depth)", 60.0)
        .unwrap()
        .iter()
        .map(|sample| format!("{}={}", sample.labels["shard"], sample.value))
        .collect();
    shards.sort();
    assert_eq!(shards, ["a=1", "b=101"]);
    // No data.
    assert!(then("depth{shard=\"c\"}", 0.0).unwrap().is_empty());
    // A scalar is one sample without labels.
    let found = then("scalar(depth{shard=\"a\"})", 60.0).unwrap();
    assert_eq!((found[0].value, found[0].labels.len()), (1.0, 0));
    // The numbers that JSON does not have.
    let odd = |kind: &str| then(&format!("odd{{kind=\"{kind}\"}}"), 0.0).unwrap()[0].value;
    assert!(odd("nan").is_nan());
    assert_eq!(odd("plus"), f64::INFINITY);
    assert_eq!(odd("minus"), f64::NEG_INFINITY);
    assert_eq!((odd("tiny"), odd("huge")), (1e-9, 1.5e21));

    // A window includes both its ends, and gives its step.
    let window = |seconds: f64, end: f64| ReadTime::Window { end: at(START + end), seconds };
    let series = read_pieces(&it, vec![text("depth{shard=\"a\"}")], window(300.0, 600.0)).unwrap().series;
    assert_eq!(series.len(), 1);
    let points = &series[0].points;
    assert_eq!((series[0].step, points.len()), (15.0, 21));
    assert_eq!((points[0].at, points[0].value), (at(START + 300.0), 5.0));
    assert_eq!((points[20].at, points[20].value), (at(START + 600.0), 10.0));
    // A gap is a gap: the last sample counts for five minutes, then there are no points.
    let series = read_pieces(&it, vec![text("depth")], window(3600.0, 3600.0)).unwrap().series;
    assert_eq!(series.len(), 2);
    assert!(series[0].points.last().unwrap().at <= at(START + 900.0));
    // A month is asked for in no more points than the server returns.
    let month = read_pieces(&it, vec![text("depth")], window(86_400.0 * 30.0, 600.0)).unwrap().series;
    assert!(month[0].step >= 86_400.0 * 30.0 / 11_000.0);

    // Values arrive as one value, whatever they contain.
    let exactly = |name: &str, before: &str, after: &str| {
        let pieces = vec![text(before), value(name), text(after)];
        let found = read_pieces(&it, pieces, ReadTime::At(at(START))).unwrap().samples;
        assert_eq!(found.len(), 1, "{name:.40}");
        (found[0].value, found[0].labels["name"].to_string())
    };
    for (index, name) in hostile().iter().enumerate() {
        for (before, after) in [
            ("named{name=\"", "\"}"),
            ("named{name='", "'}"),
            ("named{name=`", "`}"),
            ("named{name=~\"", "\"}"),
            ("named{name=~`x?", "`}"),
        ] {
            // Not every version of Prometheus compiles a pattern of a hundred thousand characters.
            if before.contains('~') && name.len() > 10_000 {
                continue;
            }
            assert_eq!(
                exactly(name, before, after),
                (index as f64, name.clone()),
                "{before}{name:.40}{after}"
            );
        }
    }
    let list = Piece::Value(Datum::List(vec![Datum::Text("a\nb".into()), Datum::Text(".*".into())]));
    let pieces = vec![text("count(named{name=~\""), list, text("\"})")];
    assert_eq!(read_pieces(&it, pieces, ReadTime::At(at(START))).unwrap().samples[0].value, 2.0);
    let pieces = vec![
        text("max_over_time(depth{shard='a'}["),
        Piece::Value(Datum::Duration(150.0)),
        text("] offset "),
        Piece::Value(Datum::Duration(60.0)),
        text(") + "),
        Piece::Value(Datum::Number(-0.5)),
    ];
    assert_eq!(read_pieces(&it, pieces, ReadTime::At(at(START + 300.0))).unwrap().samples[0].value, 3.5);

    // Errors of Prometheus itself, each in its own words.
    for (query, words) in [
        ("depth{", "Prometheus cannot read the query"),
        ("sum(depth) + on() depth", "Prometheus cannot evaluate the query"),
        ("depth[5m]", "the query gives a range of samples"),
        ("\"text\"", "the query gives text, not a number"),
    ] {
        let reason = then(query, 0.0).unwrap_err();
        assert_eq!(reason.kind, ReasonKind::ProviderError, "{query}: {reason}");
        assert!(reason.text.contains(words), "{query}: {reason}");
    }
    let reason = read_pieces(&it, vec![text("depth[5m]")], window(300.0, 600.0)).unwrap_err();
    assert!(reason.text.contains("Prometheus cannot read the query"), "{reason}");

    // Under a path prefix.
    let astray =
        provider(&format!("[providers.it]\ntype = \"prometheus\"\nurl = \"{}/wrong\"", server.url()));
    let reason = read(&astray, "up").unwrap_err();
    assert!(
        reason.text.contains("404 Not Found") && reason.text.contains("is the url's path right?"),
        "{reason}"
    );

    // `max_age`: the age of a plain selector is known, and checked.
    let strict = provider(&format!(
        "[providers.it]\ntype = \"prometheus\"\nurl = \"{}\"\nmax_age = \"2m\"",
        server.url()
    ));
    let aged = |seconds: f64| {
        read_pieces(&strict, vec![text("depth{shard='a'} # now")], ReadTime::At(at(START + seconds)))
    };
    assert!(aged(700.0).is_ok());
    let reason = aged(780.0).unwrap_err();
    assert_eq!(
        (reason.kind, reason.text.as_str()),
        (ReasonKind::Stale, "the newest sample is 3m old, max_age is 2m")
    );
    let reason = read_pieces(&strict, vec![text("depth")], ReadTime::At(at(START + 780.0))).unwrap_err();
    assert!(reason.text.contains("(shard=a)") || reason.text.contains("(shard=b)"), "{reason}");
}

/// Asks until the answer is this, and gives up after 60 s.
fn until(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !so() {
        assert!(Instant::now() < deadline, "not within 60s: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_living_server_changes_and_dies() {
    let exporter = Exporter::start();
    exporter.set("queue_depth{shard=\"a\"}", 5);
    exporter.set("queue_depth{shard=\"b\"}", 6);
    let setup = Setup { scrape: vec![exporter.address()], ..Setup::default() };
    let Some(mut server) = Prometheus::start(&setup) else { return };
    let it = provider(&format!(
        "[providers.it]\ntype = \"prometheus\"\nurl = \"{}\"\nmax_age = \"1m\"",
        server.url()
    ));
    // After a scrape that took longer than a second there is no series, until the next one.
    let samples = |query: &str| read(&it, query).map(|reading| reading.samples).unwrap_or_default();
    let is = |query: &str, wanted: f64| samples(query).iter().map(|it| it.value).eq([wanted]);
    until("scraped", || samples("queue_depth").len() == 2);
    let mut scraped = None;
    until("scraped again", || {
        scraped = samples("queue_depth{shard='a'}").first().map(|sample| sample.at.unwrap());
        scraped.is_some()
    });
    assert!(now().since(scraped.unwrap()).base < 60.0);

    exporter.set("queue_depth{shard=\"a\"}", 7);
    until("changed", || is("queue_depth{shard='a'}", 7.0));
    exporter.remove("queue_depth{shard=\"b\"}");
    until("gone", || samples("queue_depth").len() == 1);
    exporter.fail(true);
    until("down", || is("up", 0.0));
    assert!(read(&it, "queue_depth").unwrap().samples.is_empty());

    server.kill();
    let reason = read(&it, "up").unwrap_err();
    assert_eq!(reason.kind, ReasonKind::Unreachable);
    assert!(reason.text.starts_with("connection refused by 127.0.0.1:"), "{reason}");
    assert!(it.test().is_err());
}

#[test]
fn a_query_that_takes_too_long_is_given_up_by_either_side() {
    let setup = Setup { arguments: vec!["--query.timeout=50ms"], ..Setup::default() };
    let Some(server) = Prometheus::start(&setup) else { return };
    let it = provider(&format!("[providers.it]\ntype = \"prometheus\"\nurl = \"{}\"", server.url()));
    let long = "sum(count_over_time(vector(1)[30d:1s]))";
    let reason = read(&it, long).unwrap_err();
    assert_eq!(reason.kind, ReasonKind::TimedOut, "{reason}");
    assert!(reason.text.starts_with("Prometheus gave up on the query"), "{reason}");
}
