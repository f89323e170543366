//! `match`: runs the first arm that matches; also menus for people.

use super::ArmName;
use super::call;
use super::compare::{as_quantity, between, compare, equal};
use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::operand_trace::TracedFrom;
use super::story::fitted;
use super::{AskKind, Decision, EventKind, Then};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Expr, ExprKind, Match, MatchArm, Pattern, PatternKind, Question};
use rbl_syntax::value::{Value, Verdict};

impl<'p> Interpreter<'p, '_> {
    /// `match EXPR {…}`
    pub(super) fn matching(&mut self, span: Span, it: &'p Match) -> WalkResult<()> {
        self.judging.trace.clear();
        self.judging.tracing = true;
        let subject = match it.menu() {
            Some(question) => self.menu(it, question),
            None => self.value(&it.subject),
        };
        self.judging.tracing = false;
        let subject = subject?;
        if self.judging.trace.is_empty() {
            self.judging.tracing = true;
            self.traced(&it.subject, &subject, TracedFrom::Runbook);
            self.judging.tracing = false;
        }
        if let Value::Unknown(reason) = &subject {
            let verdict = Verdict::Unknown(reason.clone());
            return self.otherwise(&it.subject, &verdict, "unknown", it.on_unknown(), "match");
        }
        for arm in &it.arms {
            match self.fits(&subject, &arm.pattern)? {
                Verdict::Yes => {
                    self.take(it, arm);
                    return self.block(&arm.block);
                }
                Verdict::No => {}
                // Whether this arm matches is unknown, so whether a later one is the first match is unknown too.
                verdict @ Verdict::Unknown(_) => {
                    return self.otherwise(&it.subject, &verdict, "unknown", it.on_unknown(), "match");
                }
            }
        }
        if it.otherwise.is_some() {
            return self.otherwise(&it.subject, &Verdict::No, "else", it.otherwise.as_ref(), "match");
        }
        self.report_decided(&it.subject, &Verdict::No, |_| Then::Stops);
        let written = self.quoted_code(&it.subject);
        let subject = rbl_syntax::harmless::with_codes(&subject.to_string());
        let what = format!("{written} is {subject}, which no arm fits, and the match has no `else`");
        Err(self.unhandled(span, what))
    }

    /// Reports which arm was taken.
    fn take(&mut self, it: &'p Match, arm: &'p MatchArm) {
        let is = matches!(arm.pattern.kind, PatternKind::Value { .. });
        let (subject, pattern) = (self.place(it.subject.span), self.place(arm.pattern.span));
        if self.judging.trace.iter().all(|traced| traced.answer_at(subject).is_none()) {
            self.story.matched(subject, pattern, is, &self.judging.trace);
        }
        if self.wants_details {
            let pattern = self.source_line(arm.pattern.span);
            let condition = fitted(&self.shown(&it.subject), &pattern, is);
            let then = Then::Arm { arm: ArmName::Pattern(pattern), line: self.line(arm.pattern.span) };
            let decision = Decision { condition, ..self.decision(&it.subject, &Verdict::Yes, then) };
            self.report(it.subject.span, |_| EventKind::Decided(decision));
        }
    }

    /// A question whose arms are the possible answers.
    fn menu(&mut self, it: &'p Match, question: &'p Question) -> WalkResult<Value> {
        let mut choices = Vec::new();
        let mut only_values = true;
        for arm in &it.arms {
            match &arm.pattern.kind {
                PatternKind::Value { value } if !matches!(value.bare().kind, ExprKind::Range { .. }) => {
                    match self.untraced(value)? {
                        Value::List(items) => choices.extend(items.iter().map(ToString::to_string)),
                        value => choices.push(value.to_string()),
                    }
                }
                _ => only_values = false,
            }
        }
        // Arms that are not plain values (`< 5`, `contains "x"`) make it a free-text question.
        let kind = if only_values && !choices.is_empty() { AskKind::Choice(choices) } else { AskKind::Text };
        self.put_question(it.subject.span, question, kind)
    }

    fn fits(&mut self, subject: &Value, pattern: &'p Pattern) -> WalkResult<Verdict> {
        let subject = subject.compared();
        let subject = &*subject;
        Ok(match &pattern.kind {
            PatternKind::Value { value } => self.fits_value(subject, value)?,
            PatternKind::Contains { text } => {
                let span = text.span;
                let both = [subject.clone(), self.untraced(text)?];
                super::condition::truth(&self.bounded_call("contains", call::contains, &both, span))
            }
            PatternKind::Matches { regex } => {
                let span = regex.span;
                let both = [subject.clone(), self.untraced(regex)?];
                super::condition::truth(&self.bounded_call("matches", call::matches, &both, span))
            }
            PatternKind::Compare { op, value } => {
                if let ExprKind::Range { .. } = value.bare().kind {
                    return self.fits_value(subject, value);
                }
                let value = self.untraced(value)?;
                compare(*op, &read_like(subject, &value), &value)
            }
        })
    }

    /// Matches a value, a closed range, or an element of a list.
    fn fits_value(&mut self, subject: &Value, value: &'p Expr) -> WalkResult<Verdict> {
        if let ExprKind::Range { low, high } = &value.bare().kind {
            let low = self.untraced(low)?;
            let high = self.untraced(high)?;
            return Ok(between(&read_like(subject, &low), &low, &high));
        }
        let value = self.untraced(value)?;
        Ok(match (subject, &value) {
            (Value::List(_), _) | (_, Value::Text(_) | Value::Bool(_)) => equal(subject, &value),
            (_, Value::List(items)) => {
                items.iter().fold(Verdict::No, |any, item| any.or(equal(&read_like(subject, item), item)))
            }
            _ => equal(&read_like(subject, &value), &value),
        })
    }
}

/// Converts a typed answer to a quantity where the pattern is one.
fn read_like(subject: &Value, pattern: &Value) -> Value {
    match (subject, as_quantity(pattern)) {
        (Value::Text(text), Some(_)) => Value::parse_quantity(text).unwrap_or_else(|_| subject.clone()),
        _ => subject.clone(),
    }
}
