//! Looking back: windows (`p99 over 30m`) and conditions over them (`p99 < 500ms for 10m`).
//!
//! How a condition is looked at in the past: it is walked once to find the metrics in it, their windows are read, and
//! then it is walked once for each sample, with every metric answering from its window.

use std::sync::Arc;

use super::Reading;
use super::exit::Walk;
use super::expression::unknown;
use super::interpreter::Interpreter;
use super::metric::{ReadingKey, When, label_key, several};
use super::trace::TracedFrom;
use crate::check::MetricDeclared;
use crate::source::Span;
use crate::syntax::tree::{Expr, ExprKind};
use crate::value::{Labels, Point, Quantity, Reason, ReasonKind, Sample, Series, Time, Value, Verdict};

/// A distance of two samples that is greater than this many steps is a gap.
const GAP_STEPS: f64 = 1.5;

/// How metrics answer while a condition is looked at in the past.
#[derive(Debug)]
pub(super) enum Sampling {
    /// They are only written down.
    Finding(Vec<ReadingKey>),
    /// They answer as of a time, from their windows.
    At(Time, Arc<[(ReadingKey, Arc<[Series]>)]>),
}

impl Sampling {
    /// The moment that is looked at.
    pub(super) fn moment(&self) -> Option<Time> {
        if let Self::At(time, _) = self { Some(*time) } else { None }
    }
}

impl<'p> Interpreter<'p, '_> {
    /// A metric's value while the past is looked at.
    pub(super) fn sampled(&mut self, key: ReadingKey) -> Value {
        match &mut self.sampling {
            Some(Sampling::Finding(keys)) => {
                if !keys.contains(&key) {
                    keys.push(key);
                }
                unknown(ReasonKind::NoHistory, "not looked at yet")
            }
            Some(Sampling::At(time, windows)) => {
                let Some((_, series)) = windows.iter().find(|(kept, _)| *kept == key) else {
                    return unknown(ReasonKind::NoHistory, "no history");
                };
                time.plus(-key.when.ago).map_or_else(
                    || unknown(ReasonKind::NoHistory, "no history"),
                    |at| value_at(&key.metric, series, at),
                )
            }
            None => unknown(ReasonKind::NoHistory, "no history"),
        }
    }

    /// `COND for D`: it held at every sample of the last D. One sample where it did not is a no; a gap is unknown.
    pub(super) fn held(&mut self, expr: &'p Expr, condition: &'p Expr, duration: &'p Expr) -> Walk<Verdict> {
        let seconds = match self.seconds(duration)? {
            Ok(seconds) => seconds,
            Err(reason) => return Ok(Verdict::unknown(reason)),
        };
        let tracing = std::mem::replace(&mut self.tracing, false);
        let looked_back = self.look_back(expr.span, condition, seconds);
        self.tracing = tracing;
        let (verdict, shown) = looked_back?;
        if let Some(sampling) = shown {
            // The sample that decided is looked at once more, to have its operands.
            self.sampling = Some(sampling);
            let again = self.verdict(condition);
            self.sampling = None;
            again?;
        } else {
            let value = match &verdict {
                Verdict::Yes => Value::text("yes at every sample"),
                Verdict::No => Value::text("no"),
                Verdict::Unknown(reason) => Value::Unknown(reason.clone()),
            };
            self.traced(expr, &value, TracedFrom::Runbook);
        }
        Ok(verdict)
    }

    /// The verdict, and where the sample lies that decided it, if one did.
    fn look_back(
        &mut self,
        span: Span,
        condition: &'p Expr,
        seconds: f64,
    ) -> Walk<(Verdict, Option<Sampling>)> {
        let windows = match self.windows(span, seconds, |this| this.verdict(condition).map(|_| ()))? {
            Ok(windows) => windows,
            Err(reason) => return Ok((Verdict::unknown(reason), None)),
        };
        let mut first_unknown = None;
        for time in grid(&windows) {
            self.sampling = Some(Sampling::At(time, windows.clone()));
            let verdict = self.verdict(condition);
            self.sampling = None;
            match verdict? {
                Verdict::Yes => {}
                Verdict::No => return Ok((Verdict::No, Some(Sampling::At(time, windows)))),
                Verdict::Unknown(reason) => {
                    first_unknown.get_or_insert((reason, time));
                }
            }
        }
        let end = self.now()?;
        if let Some(gap) = windows.iter().find_map(|(key, series)| gap_in(key, series, end, seconds)) {
            return Ok((Verdict::unknown(gap), None));
        }
        Ok(match first_unknown {
            None => (Verdict::Yes, None),
            Some((reason, time)) => (Verdict::Unknown(reason), Some(Sampling::At(time, windows))),
        })
    }

    /// The windows of all metrics that a walk comes by; the inner error is why one of them is not known.
    #[allow(clippy::type_complexity)] // a list of metrics and their windows
    fn windows(
        &mut self,
        span: Span,
        seconds: f64,
        walk: impl FnOnce(&mut Self) -> Walk<()>,
    ) -> Walk<Result<Arc<[(ReadingKey, Arc<[Series]>)]>, Reason>> {
        if self.sampling.is_some() {
            return Ok(Err(Reason::new(ReasonKind::NoHistory, "a look back within a look back")));
        }
        self.sampling = Some(Sampling::Finding(Vec::new()));
        let walked = walk(self);
        let Some(Sampling::Finding(keys)) = self.sampling.take() else {
            return Ok(Err(Reason::new(ReasonKind::NoHistory, "no history")));
        };
        walked?;
        if keys.is_empty() {
            return Ok(Err(Reason::new(ReasonKind::NoHistory, "there is no metric to look back at")));
        }
        let mut windows = Vec::with_capacity(keys.len());
        for key in keys {
            let when = When { over: Some(seconds), ..key.when };
            let window = ReadingKey { when, ..key.clone() };
            match self.kept_reading(span, window)? {
                Value::Window(series) => windows.push((key, series)),
                Value::Unknown(reason) => return Ok(Err((*reason).clone())),
                _ => return Ok(Err(Reason::new(ReasonKind::NoHistory, "no history"))),
            }
        }
        Ok(Ok(windows.into()))
    }

    /// `X over D`: the window of a metric, or of what is computed from metrics, sample by sample.
    pub(super) fn window_of(&mut self, of: &'p Expr, seconds: f64) -> Walk<Value> {
        let tracing = std::mem::replace(&mut self.tracing, false);
        let windows = self.windows(of.span, seconds, |this| this.value(of).map(|_| ()));
        self.tracing = tracing;
        let windows = match windows? {
            Ok(windows) => windows,
            Err(reason) => return Ok(Value::unknown(reason)),
        };
        let value = if let ([(key, series)], true) = (&*windows, self.is_metric(of)) {
            let provider = key.metric.declaration.provider.text.clone();
            let value = Value::Window(series.clone());
            self.traced(of, &value, TracedFrom::Provider(provider));
            value
        } else {
            let tracing = std::mem::replace(&mut self.tracing, false);
            let computed = self.computed_window(of, &windows);
            self.tracing = tracing;
            computed?
        };
        Ok(value)
    }

    fn computed_window(&mut self, of: &'p Expr, windows: &Arc<[(ReadingKey, Arc<[Series]>)]>) -> Walk<Value> {
        let mut points = Vec::new();
        for at in grid(windows) {
            self.sampling = Some(Sampling::At(at, windows.clone()));
            let value = self.value(of);
            self.sampling = None;
            points.push(Point { at, value: value?.quantity() });
        }
        let step = windows.iter().flat_map(|(_, series)| series.iter()).map(|series| series.step);
        let step = step.fold(0.0, f64::max);
        Ok(Value::Window([Series { labels: Labels::new(), points, step }].into()))
    }

    /// Whether an expression is a metric itself, not something computed.
    fn is_metric(&self, expr: &Expr) -> bool {
        match &expr.bare().kind {
            ExprKind::Name(name) | ExprKind::Call { name, .. } => {
                self.environment.get(&name.text).is_none() && self.runbook.metrics.contains_key(&name.text)
            }
            ExprKind::Ago { of, .. } => self.is_metric(of),
            _ => false,
        }
    }
}

/// What a provider answered for a window, as a value of the metric.
pub(super) fn series(metric: &MetricDeclared, reading: Reading) -> Value {
    if reading.series.iter().all(|series| series.points.is_empty()) {
        return Value::unknown(Reason::no_data());
    }
    if metric.declaration.by.is_empty() && reading.series.len() > 1 {
        let labels: Vec<&Labels> = reading.series.iter().map(|series| &series.labels).collect();
        return Value::unknown(several(&labels));
    }
    if let Some(reason) = reading.series.iter().find_map(|one| label_key(metric, &one.labels).err()) {
        return Value::unknown(reason);
    }
    let series = reading.series.into_iter().map(|series| Series {
        labels: series.labels,
        points: series
            .points
            .iter()
            .map(|point| Point { at: point.at, value: Quantity::of(point.value, metric.unit).ok() })
            .collect(),
        step: series.step,
    });
    Value::Window(series.collect())
}

/// The times at which a condition over several windows is looked at: those of the window with the most samples.
fn grid(windows: &[(ReadingKey, Arc<[Series]>)]) -> Vec<Time> {
    let times = |series: &Arc<[Series]>, ago: f64| {
        let mut times: Vec<Time> = series
            .iter()
            .flat_map(|series| series.points.iter().filter_map(|point| point.at.plus(ago)))
            .collect();
        times.sort_unstable();
        times.dedup();
        times
    };
    windows.iter().map(|(key, series)| times(series, key.when.ago)).max_by_key(Vec::len).unwrap_or_default()
}

/// The value of a metric at a time, from its window.
fn value_at(metric: &MetricDeclared, series: &[Series], at: Time) -> Value {
    let name = &metric.declaration.name.text;
    let one = |series: &Series| match quantity_at(series, at) {
        Ok((value, measured)) => Value::Sample(Arc::new(Sample {
            value,
            labels: series.labels.clone(),
            at: Some(measured),
            metric: name.clone(),
        })),
        Err(reason) => Value::unknown(reason),
    };
    match series {
        [series] if metric.declaration.by.is_empty() => one(series),
        several => Value::List(several.iter().map(one).collect()),
    }
}

/// The newest sample at a time that is not older than a gap allows.
fn quantity_at(series: &Series, at: Time) -> Result<(Quantity, Time), Reason> {
    let reach = GAP_STEPS * distance(series);
    let next = series.points.partition_point(|point| point.at <= at);
    let before = next.checked_sub(1).and_then(|index| series.points.get(index));
    let point = before
        .filter(|point| at.since(point.at).base <= reach)
        .or_else(|| series.points.get(next).filter(|point| point.at.since(at).base <= reach / 2.0))
        .ok_or_else(|| Reason::new(ReasonKind::Gap, format!("a gap at {at}")))?;
    let value = point
        .value
        .ok_or_else(|| Reason::new(ReasonKind::NotANumber, format!("not a number (NaN) at {}", point.at)))?;
    Ok((value, point.at))
}

/// The distance at which samples are expected.
fn distance(series: &Series) -> f64 {
    if series.step > 0.0 {
        return series.step;
    }
    let distances = series.points.windows(2).filter_map(|pair| match pair {
        [a, b] => Some(b.at.since(a.at).base),
        _ => None,
    });
    distances.fold(f64::INFINITY, f64::min)
}

/// A gap within a window or at its edges: "a gap of 3m in `p99`, from 10:04:00Z".
fn gap_in(key: &ReadingKey, series: &[Series], end: Option<Time>, seconds: f64) -> Option<Reason> {
    let end = end?.plus(-key.when.ago)?;
    let start = end.plus(-seconds)?;
    series.iter().find_map(|series| {
        let reach = GAP_STEPS * distance(series);
        let times = std::iter::once(start)
            .chain(series.points.iter().map(|point| point.at))
            .chain(std::iter::once(end));
        let mut before = start;
        for time in times {
            let missing = time.since(before);
            if missing.base > reach && reach.is_finite() {
                let name = &key.metric.declaration.name.text;
                let text = format!("a gap of {missing} in `{name}`, from {before}");
                return Some(Reason::new(ReasonKind::Gap, text));
            }
            before = time;
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(times: &[i32]) -> Series {
        let points = times
            .iter()
            .map(|second| Point {
                at: Time::from_unix(f64::from(*second)).unwrap(),
                value: Some(Quantity::number(f64::from(*second))),
            })
            .collect();
        Series { labels: Labels::new(), points, step: 60.0 }
    }

    #[test]
    fn the_newest_sample_counts_until_a_gap() {
        let series = series(&[0, 60, 240]);
        let at =
            |second: f64| quantity_at(&series, Time::from_unix(second).unwrap()).map(|(value, _)| value.base);
        assert_eq!(at(60.0), Ok(60.0));
        assert_eq!(at(119.0), Ok(60.0));
        assert!(at(180.0).is_err());
        assert_eq!(at(241.0), Ok(240.0));
    }
}
