//! `rbl check --online`: queries the providers for each metric, and reports which ones a run could not read. No
//! action and no probe is run.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use smol_str::SmolStr;

use super::executor_queries::ExecutorQueries;

use rbl_check::{MetricDeclared, Program, ProviderAnswers, Runbook};
use rbl_runtime::{CommandLine, Datum, Piece, Read, ReadTime, Reading, value_of_reading};
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::Place;
use rbl_syntax::tree::{Expr, ExprKind, Part};
use rbl_syntax::value::{Dimension, Quantity, Reason, ReasonKind, Time, Unit, Value};
use rbl_world::Connections;
use rbl_world::provider::Described;

/// The number of concurrent queries, limited so that a check is no load test.
const AT_ONCE: usize = 4;
/// The time limit for all queries.
const LONGEST: Duration = Duration::from_mins(1);
/// An answer that takes longer is reported: the time-outs are only a few times longer, and an incident slows
/// everything down.
const SLOW: Duration = Duration::from_secs(3);

/// The queries made so far. A query that several runbooks share is made once.
#[derive(Debug)]
pub(super) struct MetricQueries {
    began: Instant,
    answers: Mutex<HashMap<String, TimedReading>>,
    /// The metrics that were not queried, each with the reason, as lines of text.
    left_out: Mutex<Vec<String>>,
    executors: ExecutorQueries,
}

/// The findings about a metric, or why it was not queried.
type MetricReport = Result<Vec<Diagnostic>, String>;

/// The reading, the description of the metric, and the time they took.
type TimedReading = (Result<Reading, Reason>, Option<Described>, Duration);

impl MetricQueries {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            answers: Mutex::default(),
            left_out: Mutex::default(),
            executors: ExecutorQueries::default(),
        }
    }

    /// The metrics that were not queried, with the reasons.
    pub(super) fn left_out(&self) -> Vec<String> {
        self.left_out.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Queries every metric of a runbook and its libraries. Returns what a run could not read.
    pub(super) fn ask(&self, program: &Program, config: &Connections, config_file: &str) -> ProviderAnswers {
        let Some(runbook) = program.runbook(program.main()) else { return ProviderAnswers::default() };
        let mut metrics: Vec<&Arc<MetricDeclared>> = runbook.metrics.values().collect();
        metrics.sort_by_key(|metric| (metric.source, metric.declaration.span.start));
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<(usize, MetricReport)>> = Mutex::default();
        let work = || {
            while let Some((at, metric)) = {
                let at = next.fetch_add(1, Ordering::Relaxed);
                metrics.get(at).map(|metric| (at, *metric))
            } {
                let found = self.metric(metric, runbook, config, config_file);
                done.lock().unwrap_or_else(PoisonError::into_inner).push((at, found));
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..AT_ONCE.min(metrics.len()) {
                scope.spawn(work);
            }
            work();
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(at, _)| *at);
        let mut answers = ProviderAnswers::default();
        for (at, found) in done {
            match found {
                Ok(mut found) => {
                    if !found.iter().any(|finding| finding.code == Code::PROVIDER_ANSWER) {
                        answers.answered.extend(metrics.get(at).map(|metric| named(metric)));
                    }
                    answers.findings.append(&mut found);
                }
                Err(why) => {
                    let mut left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
                    if !left_out.contains(&why) {
                        left_out.push(why);
                    }
                }
            }
        }
        let time_left = LONGEST.saturating_sub(self.began.elapsed());
        for (place, found) in self.executors.ask(runbook, config, config_file, time_left) {
            match found {
                Ok(mut found) => {
                    answers.answered.insert(place);
                    answers.findings.append(&mut found);
                }
                Err(why) => {
                    let mut left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
                    if !left_out.contains(&why) {
                        left_out.push(why);
                    }
                }
            }
        }
        answers
    }

    /// The findings about one metric, or why it was not queried.
    fn metric(
        &self,
        metric: &MetricDeclared,
        runbook: &Runbook,
        config: &Connections,
        config_file: &str,
    ) -> MetricReport {
        let declaration = &metric.declaration;
        let name = &declaration.name.text;
        let not_asked = |why: &str| Err(format!("`{name}` was not queried: {why}"));
        // The check itself reports a provider that is not configured.
        let Some(provider) = config.providers.get(&declaration.provider.text) else { return Ok(Vec::new()) };
        let query = match query(metric, runbook) {
            Ok(query) => query,
            Err(needs) => return not_asked(&format!("`{needs}` has no value before the run")),
        };
        let key = format!("{config_file}\0{}\0{:?}\0{query:?}", declaration.provider.text, declaration.of);
        let known = self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let (answer, described, took) = if let Some(known) = known {
            known
        } else {
            if self.began.elapsed() > LONGEST {
                return not_asked("the minute for all queries was over");
            }
            let by = declaration.by.iter().map(|label| label.text.clone()).collect();
            let provider_name = declaration.provider.text.clone();
            let read = Read {
                metric: name.clone(),
                arguments: Vec::new(),
                provider: provider_name,
                query,
                of: declaration.of,
                by,
                time: ReadTime::Now,
            };
            let began = Instant::now();
            let answer = provider.it.read(&read, Time(jiff::Timestamp::now()));
            let took = began.elapsed();
            // A provider may be able to read a metric that it cannot describe, and reading is what counts.
            let described =
                answer.as_ref().ok().and_then(|_| provider.it.describe(&read.query).ok().flatten());
            let answer = (answer, described, took);
            self.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(key, answer.clone());
            answer
        };
        let place = named(metric);
        let mut findings = match answer {
            Err(reason) => vec![finding(name, &declaration.provider.text, &reason, place)],
            Ok(reading) => lacks(metric, reading, place),
        };
        // The names of absent series say nothing.
        let described = described.filter(|_| findings.iter().all(|it| it.code != Code::PROVIDER_NO_DATA));
        findings.extend(described.and_then(|described| unfit(metric, &described, place)));
        let timed_out = findings.iter().any(|finding| finding.code == Code::PROVIDER_SLOW);
        if took > SLOW && !timed_out {
            findings.push(slow(name, took, place));
        }
        Ok(findings)
    }
}

/// The place of the metric's name in its declaration.
fn named(metric: &MetricDeclared) -> Place {
    metric.declaration.name.span.in_source(metric.source)
}

/// What a run could not use in this reading.
fn lacks(metric: &MetricDeclared, reading: Reading, place: Place) -> Vec<Diagnostic> {
    let (name, provider) = (&metric.declaration.name.text, &metric.declaration.provider.text);
    match value_of_reading(metric, reading) {
        Value::Unknown(reason) => vec![finding(name, provider, &reason, place)],
        Value::List(values) => {
            let unknown = values.iter().find_map(|value| match value {
                Value::Unknown(reason) => Some(reason),
                _ => None,
            });
            unknown.map(|reason| finding(name, provider, reason, place)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Converts a reason that a run would have for `unknown` to a finding.
fn finding(name: &str, provider: &str, reason: &Reason, place: Place) -> Diagnostic {
    let (code, message, label, help) = match reason.kind {
        ReasonKind::NoData | ReasonKind::Empty => (
            Code::PROVIDER_NO_DATA,
            format!("no data for `{name}` now"),
            "unknown in a run".to_owned(),
            format!("ask `{provider}` for it by hand: is the name right, and is it measured here?"),
        ),
        ReasonKind::ManySeries | ReasonKind::NoField => (
            Code::PROVIDER_SERIES,
            format!("`{name}` would be unknown in every run"),
            reason.text.clone(),
            "put `sum(…)` or `max(…)` around the query, or name the labels that differ: `by LABEL`"
                .to_owned(),
        ),
        ReasonKind::NotANumber | ReasonKind::Infinite | ReasonKind::Stale | ReasonKind::NoValue => (
            Code::PROVIDER_VALUE,
            format!("`{name}` has no value that can be compared now"),
            reason.text.clone(),
            "write an `unknown` arm for it, or a query that always has a value".to_owned(),
        ),
        ReasonKind::TimedOut => (
            Code::PROVIDER_SLOW,
            format!("`{name}` took longer than its time-out"),
            reason.text.clone(),
            format!("make a recording rule of it, or give `[providers.{provider}]` a longer `timeout`"),
        ),
        ReasonKind::Partial => (
            Code::PROVIDER_ANSWER,
            format!("`{provider}` answers `{name}` with a part of its data"),
            "unknown in a run".to_owned(),
            format!(
                "{}; if a part will do, write `partial = \"accept\"` in `[providers.{provider}]`",
                reason.text
            ),
        ),
        _ => (
            Code::PROVIDER_ANSWER,
            format!("`{provider}` does not answer for `{name}`"),
            "unknown in a run".to_owned(),
            format!("its answer: {}", reason.text),
        ),
    };
    let diagnostic = Diagnostic::new(code, message, place, label).help(help);
    if code == Code::PROVIDER_ANSWER {
        diagnostic.help(format!("rbl connections test {provider}"))
    } else {
        diagnostic
    }
}

fn slow(name: &str, took: Duration, place: Place) -> Diagnostic {
    let took = Quantity::seconds(took.as_secs_f64());
    Diagnostic::new(
        Code::PROVIDER_SLOW,
        format!("`{name}` took {took} to read"),
        place,
        "slower still in an incident",
    )
    .help("make a recording rule of it, or ask for less")
}

/// Compares the provider's description of a metric with its declaration.
fn unfit(metric: &MetricDeclared, described: &Described, place: Place) -> Option<Diagnostic> {
    let (name, provider) = (&metric.declaration.name.text, &metric.declaration.provider.text);
    if described.grows {
        let message = format!("`{name}` is a counter: it only grows");
        let diagnostic =
            Diagnostic::new(Code::PROVIDER_MEASURE, message, place, format!("`{provider}` says so"));
        return Some(diagnostic.help("ask how fast it grows: `sum(rate(NAME[5m]))`"));
    }
    let spelling = match described.unit.as_str() {
        "nanoseconds" => "ns",
        "microseconds" => "us",
        "milliseconds" | "millis" | "ms" => "ms",
        "seconds" => "s",
        "minutes" => "m",
        "hours" => "h",
        "days" => "d",
        "bytes" => "B",
        "ratio" => "ratio",
        "percent" | "percentage" => "%",
        _ => return None,
    };
    let unit = Unit::parse(spelling).ok().filter(|unit| *unit != metric.unit)?;
    let is_written = metric.declaration.unit.is_some();
    if described.by_name && is_written {
        // The query contains the name, so the check has already compared the two.
        return None;
    }
    if !is_written && spelling == "ratio" {
        // A ratio is a plain number.
        return None;
    }
    let (declared, label) = if is_written {
        (format!("in {}", String::from(metric.unit)), "every comparison is off")
    } else {
        ("a plain number".to_owned(), "its unit is not written")
    };
    let message = format!("`{name}` is {declared}; `{provider}` counts {}", described.unit);
    let mut diagnostic = Diagnostic::new(Code::PROVIDER_MEASURE, message, place, label);
    if described.by_name {
        diagnostic = diagnostic.help(format!("its name there ends in `_{}`", described.unit));
    }
    Some(diagnostic.help(format!("write `in {}`", String::from(unit))))
}

/// The query, with parameters replaced by their defaults. The error is the name that has no value before a run.
fn query(metric: &MetricDeclared, runbook: &Runbook) -> Result<CommandLine, SmolStr> {
    let own = |name: &SmolStr| metric.declaration.params.iter().any(|param| param.text == *name);
    let pieces = metric.declaration.query.parts.iter().map(|part| match part {
        Part::Literal { text, .. } => Ok(Piece::Text(text.to_string())),
        Part::Value(Expr { kind: ExprKind::Name(name), .. }) if !own(&name.text) => {
            let value = default_of(&name.text, runbook);
            value.and_then(datum).map(Piece::Value).ok_or_else(|| name.text.clone())
        }
        Part::Value(Expr { kind: ExprKind::Name(name), .. }) => Err(name.text.clone()),
        Part::Value(expr) => datum(expr).map(Piece::Value).ok_or_else(|| SmolStr::new_static("#{…}")),
    });
    Ok(CommandLine(pieces.collect::<Result<_, _>>()?))
}

fn default_of<'r>(name: &SmolStr, runbook: &'r Runbook) -> Option<&'r Expr> {
    let param = runbook.params.iter().find(|param| param.declaration.name.text == *name);
    let constant = || runbook.constants.iter().find(|it| it.declaration.name.text == *name);
    match param {
        Some(param) => param.declaration.default.as_ref(),
        None => constant().map(|it| &it.declaration.value),
    }
}

/// The value of a literal.
fn datum(expr: &Expr) -> Option<Datum> {
    match &expr.bare().kind {
        ExprKind::Text(text) => text.literal().map(|text| Datum::Text(text.to_owned())),
        ExprKind::Bool { value } => Some(Datum::Bool(*value)),
        ExprKind::Number { value, unit, .. } => {
            let base = value * unit.factor();
            let dimension = unit.dimension();
            Some(if dimension == Dimension::DURATION {
                Datum::Duration(base)
            } else if dimension == Dimension::DATA {
                Datum::Data(base)
            } else if dimension == Dimension::NUMBER || dimension == Dimension::RATIO {
                Datum::Number(base)
            } else {
                return None;
            })
        }
        ExprKind::List { items } => items.iter().map(datum).collect::<Option<Vec<_>>>().map(Datum::List),
        _ => None,
    }
}
