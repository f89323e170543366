//! Evaluates conditions to verdicts: three-valued, left to right, with short-circuit.

use super::compare::{between, compare};
use super::exit::WalkResult;
use super::expression::in_words;
use super::interpreter::Interpreter;
use super::operand_trace::{Traced, TracedAnswer, TracedComparison, TracedFrom, quoted};
use super::{Decision, EventKind, Then};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, Quantifier, Question, UnaryOp};
use rbl_syntax::value::{Reason, ReasonKind, Value, Verdict};

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
        self.budget.begin_evaluation();
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
        self.report_decision(condition, verdict, false, then);
    }

    /// Reports a decision; `neutral`: a *no* has only chosen, and nothing has failed.
    pub(super) fn report_decision(
        &mut self,
        condition: &Expr,
        verdict: &Verdict,
        neutral: bool,
        then: impl FnOnce(&Self) -> Then,
    ) {
        if self.wants_details {
            let decision = Decision { neutral, ..self.decision(condition, verdict, then(self)) };
            self.report(condition.span, |_| EventKind::Decided(decision));
        }
    }

    /// Adds a decision to the story; the answer to a lone question is already there.
    pub(super) fn note_decided(&mut self, condition: &Expr, verdict: &Verdict) {
        if self.answer_of(condition).is_none() {
            let written = self.filled_in(condition.span);
            self.story.decided(self.place(condition.span), written, verdict, &self.judging.trace);
        }
    }

    pub(super) fn answer_of(&self, condition: &Expr) -> Option<&TracedAnswer> {
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
            neutral: false,
        }
    }

    /// Evaluates to yes, no or unknown.
    pub(super) fn verdict(&mut self, expr: &'p Expr) -> WalkResult<Verdict> {
        if let Some(reason) = self.enter_expression(expr.span)? {
            return Ok(Verdict::unknown(reason));
        }
        let verdict = self.verdict_of(expr);
        self.budget.leave();
        verdict
    }

    fn verdict_of(&mut self, expr: &'p Expr) -> WalkResult<Verdict> {
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
        let (place, with) = (self.place(left.span), self.place(compared.with.span));
        self.judging.record(|| {
            let ComparedWith { op, value: other, .. } = compared;
            let comparison = TracedComparison { op, place: with, value: other, verdict: verdict.clone() };
            Traced { place, value, from, compared: Some(comparison) }
        });
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
        let start = Verdict::from(quantifier == Quantifier::Every);
        let both = |verdict: Verdict, one: Verdict| match quantifier {
            Quantifier::Any => verdict.or(one),
            Quantifier::Every => verdict.and(one),
        };
        let lines = match &all {
            Value::Output(output) => output.lines(),
            all => all.clone(),
        };
        let verdict = match elements(&lines) {
            // What is found among the known elements is found; the others are unknown.
            Err(reason) if let Value::PartialList(list) = &lines => {
                let missing = std::iter::once(Verdict::unknown(reason));
                list.known().map(one).chain(missing).fold(start, both)
            }
            Err(reason) => Verdict::unknown(reason),
            Ok(elements) if elements.is_empty() => {
                Verdict::unknown(Reason::new(ReasonKind::Empty, "nothing to look at"))
            }
            Ok(elements) => {
                let each: Vec<Verdict> = elements.iter().map(one).collect();
                let verdict = each.iter().cloned().fold(start, both);
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
        let place = self.place(span);
        self.judging.record(|| {
            let from = TracedFrom::Person(answer.into());
            Traced { place, value: value.clone(), from, compared: None }
        });
    }
}

/// A value as a condition: a bool as it is, a command by its exit code.
pub(super) fn truth(value: &Value) -> Verdict {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::Output(output) => output.verdict(),
        Value::Unknown(reason) => Verdict::Unknown(reason.clone()),
        _ => {
            let text = format!("{} is neither yes nor no", in_words(value));
            Verdict::unknown(Reason::new(ReasonKind::NoValue, text))
        }
    }
}

/// The readings, with those that decided the verdict first: only the first few are shown.
fn deciding_first(all: &Value, each: &[Verdict], verdict: &Verdict) -> Option<Value> {
    if let Value::List(items) = all {
        // The texts of a `by` metric; the elements of any other list keep their order.
        let labelled = items.iter().any(|item| matches!(item, Value::LabelledText(_)));
        let (mut first, rest): (Vec<_>, Vec<_>) =
            items.iter().zip(each).partition(|(_, one)| *one == verdict);
        first.extend(rest);
        return labelled.then(|| Value::List(first.into_iter().map(|(item, _)| item.clone()).collect()));
    }
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
        Value::Output(output) => elements(&output.lines()),
        Value::Unknown(_) | Value::PartialText(_) | Value::PartialList(_) => {
            Err(value.gap().unwrap_or_else(Reason::no_data))
        }
        _ => Err(Reason::new(ReasonKind::NoValue, format!("{} is no list", in_words(value)))),
    }
}

/// What `for each` goes through: the entries of a record are its keys and values.
pub(super) fn entries(value: &Value) -> Result<Vec<Value>, Reason> {
    let Value::Record(record) = value else { return elements(value) };
    let entry = |(key, value): &(smol_str::SmolStr, Value)| {
        let fields = vec![
            ("key".into(), rbl_syntax::value::PartialText::masked(key.clone())),
            ("value".into(), value.clone()),
        ];
        Value::Record(std::sync::Arc::new(rbl_syntax::value::RecordValue(fields)))
    };
    Ok(record.0.iter().map(entry).collect())
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
            digits: None,
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
