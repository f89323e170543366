//! Evaluates expressions to values.

use std::sync::Arc;

use super::compare;
use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::operand_trace::{Traced, TracedFrom};
use rbl_check::walk;
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, Name, UnaryOp};
use rbl_syntax::value::{
    LONGEST_DURATION, Quantity, Reason, ReasonKind, RecordValue, TextBuilder, Value, Verdict,
};

impl<'p> Interpreter<'p, '_> {
    /// Evaluates an expression.
    pub(super) fn value(&mut self, expr: &'p Expr) -> WalkResult<Value> {
        if let Some(reason) = self.enter_expression(expr.span)? {
            return Ok(Value::unknown(reason));
        }
        let value = self.value_of(expr);
        self.budget.leave();
        value
    }

    fn value_of(&mut self, expr: &'p Expr) -> WalkResult<Value> {
        match &expr.kind {
            ExprKind::Number { written: Some(digits), .. } | ExprKind::LargeNumber { digits } => {
                Ok(Value::ExactNumber(digits.clone()))
            }
            ExprKind::Number { value, unit, compound: false, .. } => {
                Ok(Quantity::written(*value, *unit).into())
            }
            ExprKind::Number { value, unit, compound: true, .. } => {
                Ok(Quantity::compound(*value, *unit).into())
            }
            ExprKind::Text(template) => {
                let tracing = std::mem::replace(&mut self.judging.tracing, false);
                let text = self.text_value(template, expr.span);
                self.judging.tracing = tracing;
                text
            }
            ExprKind::Command { .. } => self.probe(expr),
            ExprKind::Bool { value } => Ok(Value::Bool(*value)),
            ExprKind::Now => {
                let now = self.moment()?;
                Ok(now.map_or_else(|| unknown(ReasonKind::BadAnswer, "no clock"), Value::Time))
            }
            ExprKind::Name(name) => self.named(expr, name),
            ExprKind::List { items } => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(self.value(item)?);
                }
                Ok(self.composed(Value::List(values.into()), expr.span))
            }
            ExprKind::Record { fields } => {
                let mut values = Vec::with_capacity(fields.len());
                for field in fields {
                    values.push((field.name.text.clone(), self.value(&field.value)?));
                }
                Ok(self.composed(Value::Record(Arc::new(RecordValue(values))), expr.span))
            }
            ExprKind::Unary { op: UnaryOp::Negate, operand } => {
                let operand = self.value(operand)?;
                Ok(negated(&operand))
            }
            ExprKind::Binary { op, left, right, .. } if is_arithmetic(*op) => {
                let left = self.value(left)?;
                let right = self.value(right)?;
                Ok(self.computed(*op, &left, &right, expr.span))
            }
            ExprKind::Unary { op: UnaryOp::Not, .. }
            | ExprKind::Binary { .. }
            | ExprKind::Question(_)
            | ExprKind::Quantified { .. }
            | ExprKind::Held { .. } => Ok(match self.verdict(expr)? {
                Verdict::Yes => Value::Bool(true),
                Verdict::No => Value::Bool(false),
                Verdict::Unknown(reason) => Value::Unknown(reason),
            }),
            ExprKind::Range { low, high } => {
                // A range occurs only after `in`, where the comparison evaluates the ends itself.
                let low = self.value(low)?;
                let high = self.value(high)?;
                Ok(Value::List([low, high].into()))
            }
            ExprKind::Call { name, args } => self.call(expr, name, args),
            ExprKind::Field { .. } if walk::is_firing(expr) => self.firing(expr),
            ExprKind::Field { of, name } => {
                if let Some(label) = self.element_label(of, &name.text) {
                    return Ok(label);
                }
                let of = self.value(of)?;
                if let Value::Time(time) = &of {
                    let zone = self.frame.runbook.timezone.as_deref();
                    return Ok(super::calendar::field(*time, zone, &name.text));
                }
                Ok(self.field_of(&of, &name.text, expr.span))
            }
            ExprKind::Index { of, index } => {
                let value = self.value(of)?;
                let index = self.value(index)?;
                let label = if let Value::Text(name) = &index { self.element_label(of, name) } else { None };
                Ok(label.unwrap_or_else(|| super::field::element(&value, &index)))
            }
            ExprKind::Ago { of, duration } => {
                let seconds = match self.seconds(duration)? {
                    Ok(seconds) => seconds,
                    Err(reason) => return Ok(Value::unknown(reason)),
                };
                let before = self.ago;
                self.ago += seconds;
                let value = self.value(of);
                self.ago = before;
                value
            }
            ExprKind::Over { of, duration } => match self.seconds(duration)? {
                Ok(seconds) => self.window_of(of, seconds),
                Err(reason) => Ok(Value::unknown(reason)),
            },
            ExprKind::Ask { secret, question, among } => {
                self.ask(expr.span, *secret, question, among.as_deref())
            }
            ExprKind::Conditional { branches, otherwise } => {
                for branch in branches {
                    match self.verdict(&branch.condition)? {
                        Verdict::Yes => return self.value(&branch.value),
                        Verdict::No => {}
                        Verdict::Unknown(reason) => return Ok(Value::Unknown(reason)),
                    }
                }
                self.value(otherwise)
            }
            ExprKind::Comprehension(made) => self.comprehension(made),
            ExprKind::Parenthesized { inner } => self.value(inner),
            ExprKind::BadUnit | ExprKind::Broken => Ok(unreadable()),
        }
    }

    /// Evaluates without recording operands: for texts, arguments and modifiers.
    pub(super) fn untraced(&mut self, expr: &'p Expr) -> WalkResult<Value> {
        let tracing = std::mem::replace(&mut self.judging.tracing, false);
        let value = self.value(expr);
        self.judging.tracing = tracing;
        value
    }

    /// A duration in seconds, at least zero; the inner error says why it is unknown.
    pub(super) fn seconds(&mut self, expr: &'p Expr) -> WalkResult<Result<f64, Reason>> {
        let value = self.untraced(expr)?;
        Ok(match value {
            Value::Unknown(reason) => Err(self.not_known(expr, &reason)),
            value => match value.quantity() {
                Some(quantity) => Ok(quantity.base.clamp(0.0, LONGEST_DURATION)),
                None => Err(Reason::new(ReasonKind::Unreadable, format!("`{value}` is no duration"))),
            },
        })
    }

    /// Resolves a name: a local or global, a secret, a metric, a named expression, `alert` or `owner`.
    fn named(&mut self, expr: &'p Expr, name: &'p Name) -> WalkResult<Value> {
        if let Some(element) = self.frame.environment.element(&name.text).cloned() {
            return self.element_value(expr, &element);
        }
        if let Some(value) = self.frame.environment.get(&name.text) {
            return Ok(value.clone());
        }
        let runbook = self.frame.runbook;
        if let Some(metric) = runbook.metrics.get(&name.text) {
            return self.reading(expr, metric, &[]);
        }
        if let Some(secret) = runbook.secrets.get(&name.text) {
            return self.secret(secret, runbook.folder.as_deref());
        }
        if let Some(probe) = runbook.probes.get(&name.text) {
            return self.declared_probe(expr, probe, &[]);
        }
        if let Some(expression) = runbook.expressions.get(&name.text) {
            return self.named_expression(expression, &[]);
        }
        Ok(match name.text.as_str() {
            "alert" => self.alert_value.clone(),
            "owner" => match &self.frame.owner {
                Ok(owner) => Value::text(owner.as_str()),
                Err(why) => Value::unknown(why.clone()),
            },
            _ => unknown(ReasonKind::NoField, format!("no name `{}`", name.text)),
        })
    }

    /// The time `now` stands for: that of the sample in `COND for D`, else the world's, minus `ago`.
    pub(super) fn moment(&mut self) -> WalkResult<Option<rbl_syntax::value::Time>> {
        let now = match self.sampling.as_ref().and_then(super::sampling::Sampling::moment) {
            Some(time) => Some(time),
            None => self.now()?,
        };
        Ok(if self.ago > 0.0 { now.and_then(|now| now.plus(-self.ago)) } else { now })
    }

    /// Records an operand of the condition being judged.
    pub(super) fn traced(&mut self, expr: &Expr, value: &Value, from: TracedFrom) {
        let place = self.place(expr.span);
        self.judging.record(|| Traced { place, value: value.clone(), from, compared: None });
    }
}

/// An unknown value with this reason.
pub(super) fn unknown(kind: ReasonKind, text: impl Into<String>) -> Value {
    Value::unknown(Reason::new(kind, text))
}

/// The check has reported what could not be parsed, and makes no program of it.
fn unreadable() -> Value {
    unknown(ReasonKind::Unreadable, "this part of the runbook could not be read")
}

fn is_arithmetic(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide)
}

fn negated(value: &Value) -> Value {
    match (value.quantity(), value) {
        (_, Value::ExactNumber(digits)) => Value::ExactNumber(digits.negate()),
        (Some(quantity), _) => Value::Quantity(quantity.negate()),
        (None, value) if compare::is_too_large(value) => Value::unknown(Reason::too_large()),
        (None, Value::Unknown(_)) => value.clone(),
        _ => unknown(ReasonKind::NoValue, format!("`{value}` is no number")),
    }
}

/// `+ - * /`; unknown, with its reason, where one side is.
pub(super) fn arithmetic(op: BinaryOp, left: &Value, right: &Value) -> Value {
    if let Value::Unknown(_) = left {
        return left.clone();
    }
    if let Value::Unknown(_) = right {
        return right.clone();
    }
    if let (Some(a), Some(b)) = (compare::as_quantity(left), compare::as_quantity(right)) {
        return match op {
            BinaryOp::Add => a.add(b),
            BinaryOp::Subtract => a.subtract(b),
            BinaryOp::Multiply => a.multiply(b),
            _ => a.divide(b),
        }
        .into();
    }
    let shifted = |time: &rbl_syntax::value::Time, by: f64| {
        time.plus(by).map_or_else(|| unknown(ReasonKind::NoValue, "a time outside the calendar"), Value::Time)
    };
    match (op, left, right) {
        (BinaryOp::Subtract, Value::Time(a), Value::Time(b)) => Value::Quantity(a.since(*b)),
        (BinaryOp::Add, Value::Time(time), by) if by.quantity().is_some() => {
            shifted(time, by.quantity().map_or(0.0, |by| by.base))
        }
        (BinaryOp::Add, by, Value::Time(time)) if by.quantity().is_some() => {
            shifted(time, by.quantity().map_or(0.0, |by| by.base))
        }
        (BinaryOp::Subtract, Value::Time(time), by) if by.quantity().is_some() => {
            shifted(time, -by.quantity().map_or(0.0, |by| by.base))
        }
        (BinaryOp::Add, Value::List(a), Value::List(b)) => {
            Value::List(a.iter().chain(b.iter()).cloned().collect())
        }
        (BinaryOp::Add, left, right) if is_text(left) && is_text(right) => {
            let mut text = TextBuilder::default();
            text.value(left);
            text.value(right);
            text.finish()
        }
        _ if compare::is_too_large(left) || compare::is_too_large(right) => {
            Value::unknown(Reason::too_large())
        }
        _ => {
            unknown(ReasonKind::NoValue, format!("{} {} {}", in_words(left), op.spelling(), in_words(right)))
        }
    }
}

fn is_text(value: &Value) -> bool {
    matches!(value, Value::Text(_) | Value::LabelledText(_) | Value::Output(_) | Value::PartialText(_))
}

/// The kind of a value in words, for a reason.
pub(super) fn in_words(value: &Value) -> String {
    match value {
        Value::Quantity(quantity) => quantity.dimension.in_words(),
        Value::Sample(sample) => sample.value.dimension.in_words(),
        Value::ExactNumber(_) => "a number".into(),
        Value::Bool(_) => "a yes or no".into(),
        Value::Text(_) | Value::PartialText(_) | Value::LabelledText(_) => "a text".into(),
        Value::Time(_) => "a time".into(),
        Value::List(_) | Value::PartialList(_) => "a list".into(),
        Value::Record(_) => "a record".into(),
        Value::Samples(_) => "several series".into(),
        Value::Window(_) => "a window".into(),
        Value::Output(_) => "a command's output".into(),
        Value::Secret(_) => "a secret".into(),
        Value::Unknown(_) => "something unknown".into(),
    }
}
