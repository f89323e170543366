//! What the [`WorkBudget`](super::budget::WorkBudget) allows, in words: a value or an evaluation beyond it is unknown, a run beyond
//! it is stopped.
//!
//! *Invariant:* an evaluation that is cut short has no value. It is unknown with a reason, and an unknown result is never
//! treated as success.

use super::budget::{
    DEEPEST_EVALUATION, LARGEST_SCOPE, LARGEST_VALUE, MOST_STEPS, MOST_STEPS_OF_EVALUATION, size,
};
use super::call::{self, BuiltinFunction};
use super::exit::WalkResult;
use super::expression::arithmetic;
use super::interpreter::Interpreter;
use super::kept_regex::KeptRegex;
use super::{Effect, field};
use rbl_syntax::source::Span;
use rbl_syntax::tree::BinaryOp;
use rbl_syntax::value::{Reason, ReasonKind, Value};

/// What [`EventKind::Unhandled`](crate::EventKind::Unhandled) says of a run that was stopped because it computes on and on. No path lists this end.
pub const OUT_OF_STEPS: &str = "more than 4 million steps without an action, a probe, a wait or an answer";

const _: () = assert!(MOST_STEPS == 4_000_000, "the text names it");

/// The steps of compiling a regular expression, and how many of its ranges of bytes take one more.
const COMPILING: (u64, usize) = (200, 2);

/// The most patterns that a run is taken to have compiled already.
const MOST_PATTERNS: usize = 1_000;

/// Up to this number of places, the states of a search are usually few enough to be kept.
const FEW_POSITIONS: usize = 64;

impl Interpreter<'_, '_> {
    /// Counts one part of an expression, and lets a signal in. `Some`: why it is not evaluated; otherwise the budget is left
    /// again behind it.
    pub(super) fn enter_expression(&mut self, span: Span) -> WalkResult<Option<Reason>> {
        self.budget.step();
        self.hear_signals()?;
        if self.budget.is_spent() {
            return Ok(Some(self.too_much(span)));
        }
        if self.budget.enter() {
            return Ok(None);
        }
        self.budget.leave();
        let text = format!("line {}: nested deeper than {DEEPEST_EVALUATION} levels", self.line(span));
        Ok(Some(Reason::new(ReasonKind::NoValue, text)))
    }

    /// Counts a statement or a pass of a loop, and lets a signal in. A run that goes on and on, while nothing can change what
    /// it knows, is stopped.
    pub(super) fn pass(&mut self, span: Span) -> WalkResult<()> {
        self.hear_signals()?;
        if self.budget.statement() {
            return Ok(());
        }
        Err(self.unhandled(span, OUT_OF_STEPS.to_owned()))
    }

    /// Looks now and then whether somebody wants to stop the run.
    fn hear_signals(&mut self) -> WalkResult<()> {
        let Some(steps) = self.budget.look() else { return Ok(()) };
        self.world.computed(steps)?;
        // The clock is asked because a signal arrives with an effect: so the journal knows where the run was interrupted.
        self.perform(&Effect::Now)?;
        Ok(())
    }

    /// A text, list or record that was put together; unknown where it is too large.
    pub(super) fn composed(&mut self, value: Value, span: Span) -> Value {
        let bytes = self.read_size(&value);
        if bytes > LARGEST_VALUE { self.too_large(span) } else { value }
    }

    /// A value that gets a name; unknown where the names in scope hold too much.
    pub(super) fn kept(&mut self, value: Value, span: Span) -> Value {
        let bytes = size(&value, LARGEST_SCOPE);
        if self.frame.environment.hold(bytes) {
            return value;
        }
        let most = LARGEST_SCOPE >> 20;
        let text = format!("line {}: the names in scope would hold more than {most} MiB", self.line(span));
        Value::unknown(Reason::new(ReasonKind::NoValue, text))
    }

    /// `+ - * /` of two values.
    pub(super) fn computed(&mut self, op: BinaryOp, left: &Value, right: &Value, span: Span) -> Value {
        let value = arithmetic(op, left, right);
        if let Value::Quantity(_) = value { value } else { self.composed(value, span) }
    }

    /// A field of a value; what a command printed is read anew.
    pub(super) fn field_of(&mut self, of: &Value, name: &str, span: Span) -> Value {
        let Value::Output(output) = of else { return field::field(of, name) };
        self.budget.bytes(output.stdout.len());
        let value = field::field(of, name);
        if name == "json" { self.composed(value, span) } else { value }
    }

    /// A built-in function of these values.
    pub(super) fn bounded_call(
        &mut self,
        name: &str,
        function: BuiltinFunction,
        values: &[Value],
        span: Span,
    ) -> Value {
        let read: usize = values.iter().map(|value| size(value, LARGEST_VALUE)).sum();
        // To search takes less than to copy.
        self.budget.bytes(read / 8);
        let bytes = |index: usize| values.get(index).map_or(0, |value| size(value, LARGEST_VALUE));
        match name {
            "matches" => self.count_match(values, bytes(0)),
            // Its separator stands between all elements.
            "join" => {
                let elements = values.first().map_or(0, element_count);
                if bytes(0).saturating_add(bytes(1).saturating_mul(elements)) > LARGEST_VALUE {
                    return self.too_large(span);
                }
            }
            // Each part becomes an element, which is larger than a letter of a text.
            "split" | "json" => self.budget.bytes(read.saturating_mul(8)),
            _ => {}
        }
        if self.budget.is_spent() {
            // The next part of the expression says so; nothing expensive is begun any more.
            return Value::unknown(self.too_much(span));
        }
        let value = function(values);
        match value {
            Value::Text(_)
            | Value::List(_)
            | Value::Record(_)
            | Value::PartialText(_)
            | Value::PartialList(_) => self.composed(value, span),
            other => other,
        }
    }

    /// Counts what it takes to look for a regular expression in a text; `read`: its length in bytes.
    fn count_match(&mut self, values: &[Value], read: usize) {
        let Ok(text) = call::text(values, 1) else { return };
        let Some(cost) = KeptRegex::of(&text).cost() else { return };
        if self.patterns.len() >= MOST_PATTERNS {
            self.patterns.clear();
        }
        if self.patterns.insert(text.into()) {
            let (compiling, ranges) = COMPILING;
            self.budget.heavy(compiling + (cost.compiled / ranges) as u64);
        }
        // At each place of the expression 32 bytes are a step. Where its states are too many to be kept, each takes four times as
        // long.
        let bytes = if cost.positions <= FEW_POSITIONS { 32 } else { 8 };
        let places = (read as u64).saturating_mul(cost.positions as u64);
        self.budget.before(places / bytes);
    }

    /// The size of a value that is copied into a text, and counts it.
    pub(super) fn read_size(&mut self, value: &Value) -> usize {
        let bytes = size(value, LARGEST_VALUE);
        self.budget.bytes(bytes);
        bytes
    }

    /// Why a text that grows is not made: it would be too large.
    pub(super) fn outgrown(&mut self, bytes: usize, span: Span) -> Option<Value> {
        (bytes > LARGEST_VALUE).then(|| self.too_large(span))
    }

    fn too_large(&self, span: Span) -> Value {
        let most = LARGEST_VALUE >> 20;
        let text = format!("line {}: larger than {most} MiB", self.line(span));
        Value::unknown(Reason::new(ReasonKind::NoValue, text))
    }

    fn too_much(&self, span: Span) -> Reason {
        let most = MOST_STEPS_OF_EVALUATION / 1_000_000;
        let text = format!("line {}: more than {most} million steps to compute", self.line(span));
        Reason::new(ReasonKind::NoValue, text)
    }
}

fn element_count(value: &Value) -> usize {
    match value {
        Value::List(items) => items.len(),
        Value::PartialList(list) => list.head.len() + list.tail.len(),
        Value::Output(output) => output.stdout.lines().count(),
        _ => 0,
    }
}
