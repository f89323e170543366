//! Measures how many megabytes of runbooks one processor parses, checks and formats in a second, and the cost of a
//! decision.
//!
//! `cargo bench --bench throughput`. Processor time of this thread, so that other work on the machine does not count;
//! the median of several passes, each of which reads every runbook once.
#![allow(clippy::unwrap_used)] // a measurement that cannot be made is of no use

#[path = "runbooks/alone.rs"]
mod alone;
mod decisions;
mod runbooks;

use std::hint::black_box;

use rbl_check::promql::QueryStyle;
use rbl_check::{check, promql};
use rbl_runtime::{NoObserver, Start, run};
use rbl_syntax::source::{Source, SourceId};
use rbl_syntax::{MetricQuery, Queries, QueryPart, parse, print};
use rustix::time::{ClockId, clock_gettime};

use alone::{Alone, catalogue};
use decisions::{AND_A_CALL, READING_AND_A_CALL, Ready, TWO_COMPARISONS};
use runbooks::{ALL, DENSE_LINES, Mix, WITH_PROMQL, WITHOUT_PROMQL};

const RUNBOOKS: usize = 1_000;
const PASSES: usize = 9;
const DECISIONS: usize = 10_000;

fn main() {
    println!("{RUNBOOKS} different runbooks each; MB a second of processor time, median of {PASSES} passes");
    println!(
        "{:<30} {:>9} {:>8} {:>14} {:>13} {:>8} {:>13}",
        "mix", "bytes", "parse", "parse + check", "of it PromQL", "format", "of it queries"
    );
    for mix in [WITH_PROMQL, WITHOUT_PROMQL, ALL, DENSE_LINES] {
        row(mix);
    }
    println!("\none decision, in ns of processor time");
    for line in [TWO_COMPARISONS, AND_A_CALL, READING_AND_A_CALL] {
        let program = decisions::program(line, DECISIONS);
        let (start, mut world) = (Start::default(), Ready::default());
        let run = seconds(|| drop(black_box(run(black_box(&program), &start, &mut world, &mut NoObserver))));
        println!("{line:<46} {:>6.0}", run * 1e9 / DECISIONS as f64);
    }
}

fn row(mix: Mix) {
    let texts = mix.runbooks(RUNBOOKS);
    let sources: Vec<Source> =
        texts.iter().enumerate().map(|(at, text)| Source::new(format!("{at}.rb"), text.as_str())).collect();
    let catalogue = catalogue();
    for source in &sources {
        let checked = check(source.clone(), source.name(), &mut Alone, &catalogue);
        assert!(checked.program.is_some(), "{:?}\n{}", checked.diagnostics, source.text());
    }
    let bytes: usize = texts.iter().map(String::len).sum();
    let queries: Vec<String> = texts.iter().flat_map(|text| queries(text)).collect();

    let parsing = seconds(|| texts.iter().for_each(|text| drop(black_box(parse(SourceId(0), text)))));
    let checking = seconds(|| {
        for source in &sources {
            black_box(check(source.clone(), source.name(), &mut Alone, &catalogue));
        }
    });
    let promql = seconds(|| {
        for query in &queries {
            black_box(promql::validate(&[promql::PromqlPart::Text(query)])).unwrap();
        }
    });
    // As `rbl fmt` does it: format, parse again and compare.
    let style = QueryStyle { catalogue: &catalogue };
    let formatting = seconds(|| formatted(&texts, &style));
    let without_queries = seconds(|| formatted(&texts, &AsWritten));
    let rate = |seconds: f64| bytes as f64 / 1e6 / seconds;
    println!(
        "{:<30} {bytes:>9} {:>8.1} {:>14.1} {:>12.0}% {:>8.1} {:>12.0}%",
        mix.name,
        rate(parsing),
        rate(checking),
        100.0 * promql / checking,
        rate(formatting),
        100.0 * (formatting - without_queries) / formatting
    );
}

/// Leaves every query as written.
struct AsWritten;

impl Queries for AsWritten {
    fn lay_out(&self, _query: &MetricQuery<'_>) -> Option<Vec<QueryPart>> {
        None
    }
}

fn formatted(texts: &[String], queries: &dyn Queries) {
    for text in texts {
        black_box(print(SourceId(0), text, queries)).unwrap();
    }
}

/// The PromQL of a runbook, with its values filled in.
fn queries(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once("from prometheus ") {
        let quote = if behind.starts_with("\"\"\"") { "\"\"\"" } else { "\"" };
        let mut parts = behind.splitn(3, quote);
        let query = parts.nth(1).unwrap_or_default();
        let mut plain = String::new();
        for (at, part) in query.split("#{").enumerate() {
            plain.push_str(if at == 0 { part } else { part.split_once('}').map_or(part, |(_, rest)| rest) });
        }
        found.push(plain);
        rest = behind;
    }
    found
}

/// The median processor time of the work, in seconds.
fn seconds(mut work: impl FnMut()) -> f64 {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    };
    work();
    let mut passes: Vec<f64> = (0..PASSES)
        .map(|_| {
            let before = now();
            work();
            now() - before
        })
        .collect();
    passes.sort_by(f64::total_cmp);
    passes.get(PASSES / 2).copied().unwrap_or_default()
}
