//! Conditions and expressions over the past: windows (`p99 over 30m`) and `p99 < 500ms for 10m`.
//!
//! A condition over the past is walked once to find its metrics; their windows are read; then it is walked once for
//! each sample, with every metric answering from its window.

use super::exit::WalkResult;
use super::expression::unknown;
use super::interpreter::Interpreter;
use super::metric::{ReadingKey, ReadingOffset};
use super::metric_history::{MetricWindows, WindowPart, grid, uncovered, value_at};
use super::operand_trace::TracedFrom;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Expr, ExprKind};
use rbl_syntax::value::{Labels, Point, Reason, ReasonKind, Series, Time, Value, Verdict};

/// How metrics answer while a condition is evaluated over the past.
#[derive(Debug)]
pub(super) enum Sampling {
    /// They are only collected.
    Finding(Vec<ReadingKey>),
    /// They answer for a time, from their windows.
    At(Time, MetricWindows),
}

impl Sampling {
    /// The moment being evaluated.
    pub(super) fn moment(&self) -> Option<Time> {
        if let Self::At(time, _) = self { Some(*time) } else { None }
    }
}

impl<'p> Interpreter<'p, '_> {
    /// The value of a metric while the past is evaluated.
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
                    |at| value_at(&key, series, at),
                )
            }
            None => unknown(ReasonKind::NoHistory, "no history"),
        }
    }

    /// `COND for D`: it held at every sample of the last D. One sample where it did not means no; a gap means unknown.
    pub(super) fn held(
        &mut self,
        expr: &'p Expr,
        condition: &'p Expr,
        duration: &'p Expr,
    ) -> WalkResult<Verdict> {
        let seconds = match self.seconds(duration)? {
            Ok(seconds) => seconds,
            Err(reason) => return Ok(Verdict::unknown(reason)),
        };
        let tracing = std::mem::replace(&mut self.judging.tracing, false);
        let looked_back = self.look_back(expr.span, condition, seconds);
        self.judging.tracing = tracing;
        let (verdict, shown) = looked_back?;
        if let Some(sampling) = shown {
            // The deciding sample is evaluated once more, to record its operands.
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

    /// The verdict, and the time of the sample that decided it, if one did.
    fn look_back(
        &mut self,
        span: Span,
        condition: &'p Expr,
        seconds: f64,
    ) -> WalkResult<(Verdict, Option<Sampling>)> {
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
        let gap = windows.iter().find_map(|(key, series)| {
            let name = key.metric.declaration.name.text.as_str();
            series.iter().find_map(|series| uncovered(series, WindowPart::Whole, Some(name)))
        });
        if let Some(gap) = gap {
            return Ok((Verdict::unknown(gap), None));
        }
        Ok(match first_unknown {
            None => (Verdict::Yes, None),
            Some((reason, time)) => (Verdict::Unknown(reason), Some(Sampling::At(time, windows))),
        })
    }

    /// The windows of all metrics used in a walk; the inner error says why one of them is unknown.
    fn windows(
        &mut self,
        span: Span,
        seconds: f64,
        walk: impl FnOnce(&mut Self) -> WalkResult<()>,
    ) -> WalkResult<Result<MetricWindows, Reason>> {
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
            let when = ReadingOffset { over: Some(seconds), ..key.when };
            let window = ReadingKey { when, ..key.clone() };
            match self.cached_reading(span, &window)? {
                Value::Window(series) => windows.push((key, series)),
                Value::Unknown(reason) => return Ok(Err((*reason).clone())),
                _ => return Ok(Err(Reason::new(ReasonKind::NoHistory, "no history"))),
            }
        }
        Ok(Ok(windows.into()))
    }

    /// `X over D`: the window of a metric, or of an expression over metrics, sample by sample.
    pub(super) fn window_of(&mut self, of: &'p Expr, seconds: f64) -> WalkResult<Value> {
        if let ExprKind::Name(name) = &of.bare().kind
            && self.sampling.is_none()
            && let Some((value, from)) = self.element_window(of.span, &name.text, seconds)?
        {
            self.traced(of, &value, from);
            return Ok(value);
        }
        let tracing = std::mem::replace(&mut self.judging.tracing, false);
        let windows = self.windows(of.span, seconds, |this| this.value(of).map(|_| ()));
        self.judging.tracing = tracing;
        let windows = match windows? {
            Ok(windows) => windows,
            Err(reason) => return Ok(Value::unknown(reason)),
        };
        let value = if let ([(key, series)], true) = (&*windows, self.is_metric(of)) {
            let when = ReadingOffset { over: Some(seconds), ..key.when };
            let provider = self.readings.source_of(&ReadingKey { when, ..key.clone() });
            let value = Value::Window(series.clone());
            self.traced(of, &value, TracedFrom::Provider(provider));
            value
        } else {
            let tracing = std::mem::replace(&mut self.judging.tracing, false);
            let computed = self.computed_window(of, &windows);
            self.judging.tracing = tracing;
            computed?
        };
        Ok(value)
    }

    fn computed_window(&mut self, of: &'p Expr, windows: &MetricWindows) -> WalkResult<Value> {
        let mut points = Vec::new();
        for at in grid(windows) {
            self.sampling = Some(Sampling::At(at, windows.clone()));
            let value = self.value(of);
            self.sampling = None;
            points.push(Point { at, value: value?.quantity() });
        }
        let all = || windows.iter().flat_map(|(_, series)| series.iter());
        // The finest of them: at a larger distance a sample of it is missing. 0: that of one of them is not known.
        let step = all().map(|series| series.step).fold(f64::INFINITY, f64::min);
        let ends = windows.first().and_then(|(key, series)| Some((key.when.ago, series.first()?)));
        let shifted = |time: Option<Time>, ago: f64| time.and_then(|time| time.plus(ago));
        let (from, to) = ends.map_or((None, None), |(ago, it)| (shifted(it.from, ago), shifted(it.to, ago)));
        Ok(Value::Window([Series { labels: Labels::new(), points, step, from, to }].into()))
    }

    /// Whether an expression is a metric itself, not computed from one.
    fn is_metric(&self, expr: &Expr) -> bool {
        match &expr.bare().kind {
            ExprKind::Name(name) | ExprKind::Call { name, .. } => {
                self.frame.environment.get(&name.text).is_none()
                    && self.frame.runbook.metrics.contains_key(&name.text)
            }
            ExprKind::Ago { of, .. } => self.is_metric(of),
            _ => false,
        }
    }
}
