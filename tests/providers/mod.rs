//! Metric providers against the real system, or a faithful server on loopback.

mod alertmanager;
mod cloudwatch;
mod configuration;
mod dns;
pub mod documents;
mod elasticsearch;
mod exec;
mod failures;
mod file;
mod http;
mod http_client;
mod kubernetes;
mod loki;
mod online;
mod online_executors;
mod partial;
mod people;
mod postgres;
mod prometheus;
mod prometheus_faults;
mod promql;
mod reported;
mod sql;
mod systemd;
mod tcp;
mod tls;

use std::path::Path;
use std::sync::Arc;

use rbl_runtime::{CommandLine, Datum, Piece, Read, ReadTime, Reading};
use rbl_syntax::source::{Source, Sources};
use rbl_syntax::value::{Reason, Time};
use rbl_world::Connections;
use rbl_world::provider::Provider;

/// The provider `NAME` of a configuration.
fn provider_in(configuration: &str, name: &str, base: &Path) -> Arc<dyn Provider> {
    let source = Source::new("rbl.toml", configuration);
    let id = Sources::new().add(source.clone());
    let config = Connections::read(&source, id, base).unwrap_or_else(|found| panic!("{found:#?}"));
    Arc::clone(&config.providers.get(name).expect("the provider is configured").it)
}

/// The provider `it` of a configuration.
fn provider(configuration: &str) -> Arc<dyn Provider> {
    provider_in(configuration, "it", Path::new("."))
}

fn text(text: &str) -> Piece {
    Piece::Text(text.to_owned())
}

fn value(text: &str) -> Piece {
    Piece::Value(Datum::Text(text.to_owned()))
}

fn now() -> Time {
    Time(jiff::Timestamp::now())
}

fn at(seconds: f64) -> Time {
    Time::from_unix(seconds).unwrap()
}

/// Reads a query of these pieces.
fn read_pieces(provider: &Arc<dyn Provider>, pieces: Vec<Piece>, time: ReadTime) -> Result<Reading, Reason> {
    let query = CommandLine(pieces);
    let read = Read {
        metric: "m".into(),
        arguments: Vec::new(),
        provider: "it".into(),
        query,
        of: rbl_syntax::tree::MetricType::Number,
        by: Vec::new(),
        time,
    };
    provider.read(&read, now())
}

/// Reads a query without values as a metric of this type, now.
fn typed(
    provider: &Arc<dyn Provider>,
    of: rbl_syntax::tree::MetricType,
    query: &str,
) -> Result<Reading, Reason> {
    let read = Read {
        metric: "m".into(),
        arguments: Vec::new(),
        provider: "it".into(),
        query: CommandLine(vec![text(query)]),
        of,
        by: Vec::new(),
        time: ReadTime::Now,
    };
    provider.read(&read, now())
}

/// Reads a query without values, now.
fn read(provider: &Arc<dyn Provider>, query: &str) -> Result<Reading, Reason> {
    read_pieces(provider, vec![text(query)], ReadTime::Now)
}

/// The one number of a query, now.
fn one(provider: &Arc<dyn Provider>, query: &str) -> f64 {
    let reading = read(provider, query).unwrap_or_else(|reason| panic!("{query}: {reason}"));
    assert_eq!(reading.samples.len(), 1, "{query}: {reading:?}");
    reading.samples[0].value
}

/// Values that would do harm if they were read as anything but a value.
fn hostile() -> Vec<String> {
    let mut all: Vec<String> = [
        "; rm -rf /",
        "\"",
        "'",
        "`",
        "a\nb",
        "\\",
        "\\\"",
        "{}",
        "\"} or vector(1) #",
        ".*",
        "$1",
        "#{x}",
        "é\u{7f}\u{1}",
        "a b",
        "../..",
        "%2e",
    ]
    .map(str::to_owned)
    .into();
    all.push("x".repeat(100_000));
    all
}
