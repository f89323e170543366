//! [`SeriesElement`]: the element of a loop over a metric, which is a reading of one series.
//!
//! *Invariant:* its value is never older than the run's last action, wait or question. It is found again by its labels; a
//! series that is gone is unknown, and its labels stay known.

use std::sync::Arc;

use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::metric::{ReadingKey, SeriesRead};
use super::operand_trace::TracedFrom;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Arg, Expr, ExprKind, Name};
use rbl_syntax::value::{Labels, PartialText, Value};

/// One series of a metric, by its labels.
#[derive(Debug)]
pub(super) struct SeriesElement {
    /// How its value is read: the metric, the time, and this series.
    pub(super) key: ReadingKey,
    /// Its labels: those that the metric names in `by`.
    pub(super) labels: Arc<Labels>,
}

/// The elements of a loop, with the series that each stands for.
pub(super) type LoopElements = Vec<(Value, Option<Arc<SeriesElement>>)>;

impl<'p> Interpreter<'p, '_> {
    /// What a loop goes through, without operands: its value, and the series of it where it is a reading.
    pub(super) fn gone_through(&mut self, over: &'p Expr) -> WalkResult<(Value, Option<SeriesRead>)> {
        let before = self.readings.series_read.replace(Vec::new());
        let value = self.untraced(over);
        let read = std::mem::replace(&mut self.readings.series_read, before).unwrap_or_default();
        let value = value?;
        let source = read.into_iter().rev().find(|series| same_reading(&series.value, &value));
        Ok((value, source))
    }

    /// The value of an element as of now: kept until the run acts, waits or asks, then read anew.
    pub(super) fn element_value(&mut self, expr: &'p Expr, element: &SeriesElement) -> WalkResult<Value> {
        let mut key = element.key.clone();
        key.when.ago += self.ago;
        let source = self.readings.source_of(&key);
        let value =
            if self.sampling.is_some() { self.sampled(key) } else { self.cached_reading(expr.span, &key)? };
        self.traced(expr, &value, TracedFrom::Provider(source));
        Ok(value)
    }

    /// `r.instance` and `r["instance"]`: a label of an element, which is known whatever its value is.
    pub(super) fn element_label(&self, of: &Expr, label: &str) -> Option<Value> {
        let ExprKind::Name(name) = &of.bare().kind else { return None };
        let element = self.frame.environment.element(&name.text)?;
        element.labels.get(label).cloned().map(PartialText::masked)
    }

    /// The elements among the arguments of a call, in the order of the parameters: their labels are known in it too.
    pub(super) fn element_arguments(&self, args: &[Arg], params: &[Name]) -> Vec<Option<Arc<SeriesElement>>> {
        let element = |(index, param): (usize, &Name)| {
            let ExprKind::Name(name) = &argument(args, index, param)?.value.bare().kind else { return None };
            self.frame.environment.element(&name.text).cloned()
        };
        params.iter().enumerate().map(element).collect()
    }

    /// The window of an element, for `r over D`; `None` where the name is no element.
    pub(super) fn element_window(
        &mut self,
        span: Span,
        name: &str,
        seconds: f64,
    ) -> WalkResult<Option<(Value, TracedFrom)>> {
        let Some(element) = self.frame.environment.element(name) else { return Ok(None) };
        let mut key = element.key.clone();
        key.when.ago += self.ago;
        key.when.over = Some(seconds);
        let value = self.cached_reading(span, &key)?;
        Ok(Some((value, TracedFrom::Provider(self.readings.source_of(&key)))))
    }
}

/// The argument for a parameter: the one with its name, else the one at its place.
pub(super) fn argument<'a>(args: &'a [Arg], index: usize, param: &Name) -> Option<&'a Arg> {
    let named = args.iter().find(|arg| arg.name.as_ref().is_some_and(|name| name.text == param.text));
    named.or_else(|| args.get(index).filter(|arg| arg.name.is_none()))
}

impl SeriesRead {
    /// The elements of this reading, each with its series.
    pub(super) fn elements(&self, elements: Vec<Value>) -> LoopElements {
        let series = |labels: &Arc<Labels>| {
            let key = ReadingKey { series: Some(Arc::clone(labels)), ..self.key.clone() };
            Some(Arc::new(SeriesElement { key, labels: Arc::clone(labels) }))
        };
        let all = self.labels.iter().map(series).chain(std::iter::repeat(None));
        elements.into_iter().zip(all).collect()
    }
}

/// Whether a value is this reading itself, and not something made of it.
fn same_reading(reading: &Value, value: &Value) -> bool {
    match (reading, value) {
        (Value::Samples(one), Value::Samples(other)) => Arc::ptr_eq(one, other),
        (Value::List(one), Value::List(other)) => Arc::ptr_eq(one, other),
        _ => false,
    }
}
