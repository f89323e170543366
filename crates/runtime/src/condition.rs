//! Evaluates conditions to verdicts: three-valued, left to right, with short-circuit.

use super::compare::{between, compare};
use super::exit::WalkResult;
use super::expression::in_words;
use super::interpreter::Interpreter;
use super::operand_trace::{Traced, TracedAnswer, TracedComparison, TracedFrom, all_words, quoted};
use super::{Decision, EventKind, Then};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, Quantifier, Question, UnaryOp};
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind, Value, Verdict};

/// What an operand is compared with.
struct ComparedWith<'a> {
    op: BinaryOp,
    with: &'a Expr,
    value: Value,
}

impl<'p> Interpreter<'p, '_> {
    /// Judges the condition of a statement, and records its operands for [`Self::decided`].
    pub(super) fn judge(&mut self, condition: &'p Expr) -> WalkResult<Verdict> {
        self.judging.begin();
        let verdict = self.verdict(condition);
        self.judging.tracing = false;
        verdict
    }

    /// Reports a decision and what happens next, if an observer wants events.
    pub(super) fn decided(&mut self, condition: &Expr, verdict: &Verdict, then: impl FnOnce(&Self) -> Then) {
        self.note_decided(condition, verdict);
        self.report_decided(condition, verdict, then);
    }

    /// Reports a decision that the story already holds, or holds in other words.
    pub(super) fn report_decided(
        &mut self,
        condition: &Expr,
        verdict: &Verdict,
        then: impl FnOnce(&Self) -> Then,
    ) {
        if self.wants {
            let then = then(self);
            let decision = self.decision(condition, verdict, then);
            self.report(condition.span, |_| EventKind::Decided(decision));
        }
    }

    /// Adds a decision to the story; the answer to a lone question is already there.
    pub(super) fn note_decided(&mut self, condition: &Expr, verdict: &Verdict) {
        if self.answer_of(condition).is_none() {
            self.story.decided(self.place(condition.span), verdict, &self.judging.trace);
        }
    }

    fn answer_of(&self, condition: &Expr) -> Option<&TracedAnswer> {
        let place = self.place(condition.bare().span);
        self.judging.trace.iter().find_map(|traced| traced.answer_at(place))
    }

    /// A condition as it is shown: the prompt of a lone question, else the source text.
    pub(super) fn shown(&self, condition: &Expr) -> String {
        self.answer_of(condition)
            .map_or_else(|| self.source_line(condition.span), |answer| quoted(&answer.prompt))
    }

    /// Builds the [`Decision`] for an event.
    pub(super) fn decision(&self, condition: &Expr, verdict: &Verdict, then: Then) -> Decision {
        let sources = self.program.sources();
        Decision {
            condition: self.shown(condition),
            verdict: verdict.clone(),
            operands: self.judging.trace.iter().map(|traced| traced.operand(sources)).collect(),
            then,
        }
    }

    /// "`p99 < 500ms` is unknown: no data"
    pub(super) fn judged(&self, condition: &Expr, verdict: &Verdict) -> String {
        let values = all_words(&self.judging.trace, verdict, self.program.sources());
        let values = if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) };
        let verdict = super::story::verdict_word(verdict);
        format!("`{}` is {verdict}{values}", self.shown(condition))
    }

    /// Evaluates to yes, no or unknown.
    pub(super) fn verdict(&mut self, expr: &'p Expr) -> WalkResult<Verdict> {
        match &expr.kind {
            ExprKind::Binary { op: BinaryOp::And, left, right, .. } => {
                let left = self.verdict(left)?;
                if left == Verdict::No { Ok(left) } else { Ok(left.and(self.verdict(right)?)) }
            }
            ExprKind::Binary { op: BinaryOp::Or, left, right, .. } => {
                let left = self.verdict(left)?;
                if left == Verdict::Yes { Ok(left) } else { Ok(left.or(self.verdict(right)?)) }
            }
            ExprKind::Unary { op: UnaryOp::Not, operand } => Ok(self.verdict(operand)?.not()),
            ExprKind::Binary { op, left, right, .. } if op.is_comparison() => {
                self.comparison(*op, left, right)
            }
            ExprKind::Question(question) => self.question(expr, question),
            ExprKind::Quantified { quantifier, over, op, value, .. } => {
                self.quantified(*quantifier, over, *op, value)
            }
            ExprKind::Held { condition, duration } => self.held(expr, condition, duration),
            ExprKind::Parenthesized { inner } => self.verdict(inner),
            _ => {
                let before = self.judging.trace.len();
                let value = self.value(expr)?;
                if self.judging.trace.len() == before {
                    self.traced(expr, &value, TracedFrom::Runbook);
                }
                Ok(truth(&value))
            }
        }
    }

    fn comparison(&mut self, op: BinaryOp, left: &'p Expr, right: &'p Expr) -> WalkResult<Verdict> {
        let before = self.judging.trace.len();
        let subject = self.value(left)?;
        let from = self.take_origin(left, before);
        let between_sides = self.judging.trace.len();
        if let (BinaryOp::In, ExprKind::Range { low, high }) = (op, &right.bare().kind) {
            let low = self.value(low)?;
            let high = self.value(high)?;
            let verdict = between(&subject, &low, &high);
            let ends = Value::List([low, high].into());
            self.compared(left, subject, from, ComparedWith { op, with: right, value: ends }, &verdict);
            return Ok(verdict);
        }
        let other = self.value(right)?;
        let other_from = self.take_origin(right, between_sides);
        let verdict = compare(op, &subject, &other);
        // A literal needs no operand of its own; any other right side is recorded as one.
        if !matches!(other_from, TracedFrom::Runbook) {
            self.traced(right, &other, other_from);
        }
        self.compared(left, subject, from, ComparedWith { op, with: right, value: other }, &verdict);
        Ok(verdict)
    }

    /// The origin of an expression's value: that of the single operand it recorded, if that operand is the expression.
    fn take_origin(&mut self, expr: &Expr, before: usize) -> TracedFrom {
        let place = self.place(expr.bare().span);
        let is_it = self.judging.trace.len() == before + 1
            && self.judging.trace.last().is_some_and(|traced| traced.place == place);
        match is_it.then(|| self.judging.trace.pop()).flatten() {
            Some(traced) => traced.from,
            None => TracedFrom::Runbook,
        }
    }

    fn compared(
        &mut self,
        left: &Expr,
        value: Value,
        from: TracedFrom,
        compared: ComparedWith<'_>,
        verdict: &Verdict,
    ) {
        if self.judging.tracing {
            let place = self.place(left.span);
            let comparison = TracedComparison {
                op: compared.op,
                place: self.place(compared.with.span),
                value: compared.value,
                verdict: verdict.clone(),
            };
            self.judging.trace.push(Traced { place, value, from, compared: Some(comparison) });
        }
    }

    /// `any X OP V`, `every X OP V`: unknown for an empty list.
    fn quantified(
        &mut self,
        quantifier: Quantifier,
        over: &'p Expr,
        op: BinaryOp,
        value: &'p Expr,
    ) -> WalkResult<Verdict> {
        let before = self.judging.trace.len();
        let all = self.value(over)?;
        let from = self.take_origin(over, before);
        let ends = if let (BinaryOp::In, ExprKind::Range { low, high }) = (op, &value.bare().kind) {
            Some((self.value(low)?, self.value(high)?))
        } else {
            None
        };
        let other = if ends.is_none() { self.value(value)? } else { self.value(value.bare())? };
        let one = |element: &Value| match &ends {
            Some((low, high)) => between(element, low, high),
            None => compare(op, element, &other),
        };
        let mut decided = None;
        let verdict = match elements(&all) {
            Err(reason) => Verdict::unknown(reason),
            Ok(elements) if elements.is_empty() => {
                Verdict::unknown(Reason::new(ReasonKind::Empty, "nothing to look at"))
            }
            Ok(elements) => {
                let start = Verdict::from(quantifier == Quantifier::Every);
                let each: Vec<Verdict> = elements.iter().map(one).collect();
                let verdict = each.iter().cloned().fold(start, |verdict, one| match quantifier {
                    Quantifier::Any => verdict.or(one),
                    Quantifier::Every => verdict.and(one),
                });
                decided = deciding_first(&all, &each, &verdict);
                verdict
            }
        };
        let compared = ComparedWith { op, with: value, value: other };
        self.compared(over, decided.unwrap_or(all), from, compared, &verdict);
        Ok(verdict)
    }

    /// A question used as a condition; asked at most once within a condition.
    fn question(&mut self, expr: &'p Expr, question: &'p Question) -> WalkResult<Verdict> {
        let value = self.yes_or_no(expr.span, question)?;
        Ok(truth(&value))
    }

    /// Records an `ask` or a question, with its span, as an operand.
    pub(super) fn traced_answer(&mut self, span: Span, value: &Value, answer: TracedAnswer) {
        if self.judging.tracing {
            let from = TracedFrom::Person(answer.into());
            let place = self.place(span);
            self.judging.trace.push(Traced { place, value: value.clone(), from, compared: None });
        }
    }
}

/// A value as a condition: a bool as it is, a command by its exit code.
pub(super) fn truth(value: &Value) -> Verdict {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::Output(output) => exit_verdict(output),
        Value::Unknown(reason) => Verdict::Unknown(reason.clone()),
        _ => {
            let text = format!("{} is neither yes nor no", in_words(value));
            Verdict::unknown(Reason::new(ReasonKind::NoValue, text))
        }
    }
}

/// Exit code 0 is yes, 1 is no; anything else is unknown, with its own reason.
pub(super) fn exit_verdict(output: &CommandOutput) -> Verdict {
    match (&output.trouble, output.status) {
        (Some(reason), _) => Verdict::unknown(reason.clone()),
        (None, Some(0)) => Verdict::Yes,
        (None, Some(1)) => Verdict::No,
        (None, Some(code)) => {
            Verdict::unknown(Reason::new(ReasonKind::ProbeFailed, super::probe::exit_words(code, output)))
        }
        (None, None) => Verdict::unknown(Reason::new(ReasonKind::ProbeFailed, "it did not end by itself")),
    }
}

/// The readings, with those that decided the verdict first: only the first few are shown.
fn deciding_first(all: &Value, each: &[Verdict], verdict: &Verdict) -> Option<Value> {
    let Value::Samples(samples) = all else { return None };
    let (mut first, rest): (Vec<_>, Vec<_>) = samples.iter().zip(each).partition(|(_, one)| *one == verdict);
    first.extend(rest);
    Some(Value::Samples(first.into_iter().map(|(sample, _)| sample.clone()).collect()))
}

/// The elements that `any`, `every` and `for each` iterate over.
pub(super) fn elements(value: &Value) -> Result<Vec<Value>, Reason> {
    match value {
        Value::List(items) => Ok(items.to_vec()),
        Value::Samples(samples) => {
            Ok(samples.iter().map(|sample| Value::Sample(std::sync::Arc::new(sample.clone()))).collect())
        }
        Value::Output(output) => {
            super::field::printed(output).map(|text| text.lines().map(Value::text).collect())
        }
        Value::Unknown(reason) => Err((**reason).clone()),
        _ => Err(Reason::new(ReasonKind::NoValue, format!("{} is no list", in_words(value)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::value::{Labels, Quantity, Sample, Unit};

    #[test]
    fn the_readings_that_decided_come_first() {
        let of = |value: f64| Sample {
            value: Quantity::of(value, Unit::parse("%").unwrap()).unwrap(),
            labels: Labels::default(),
            at: None,
            metric: "disk".into(),
        };
        let all = Value::Samples([1.0, 2.0, 3.0, 95.0, 96.0].map(of).to_vec().into());
        let each = [Verdict::No, Verdict::No, Verdict::No, Verdict::Yes, Verdict::Yes];
        let shown = |verdict| deciding_first(&all, &each, &verdict).unwrap().to_string();
        assert_eq!(shown(Verdict::Yes), "95%, 96%, 1% and 2 more");
        assert_eq!(shown(Verdict::No), "1%, 2%, 3% and 2 more");
    }
}
