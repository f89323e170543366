//! [`Judging`]: what is recorded while a condition is judged.

use std::sync::Arc;

use super::Probe;
use super::operand_trace::Traced;
use rbl_syntax::source::Place;
use rbl_syntax::value::{CommandOutput, Value};

/// The operands of a condition, and what was asked for it.
#[derive(Default)]
pub(super) struct Judging {
    /// Whether operands are recorded.
    pub(super) tracing: bool,
    pub(super) trace: Vec<Traced>,
    /// Questions answered within the condition being judged.
    pub(super) answered: Vec<(String, Value)>,
    /// Probes run within the condition being judged.
    pub(super) probed: Vec<ProbedLook>,
}

/// A probe that was run for a condition.
pub(super) struct ProbedLook {
    pub(super) probe: Probe,
    pub(super) output: Arc<CommandOutput>,
    /// Where it is written; more than one place where it is written the same.
    pub(super) places: Vec<Place>,
}

/// The most operands of a condition that are recorded. A condition that a person writes has a handful; one that calls named
/// expressions again and again has millions.
const MOST_OPERANDS: usize = 1_000;

impl Judging {
    /// Records an operand, where operands are recorded.
    pub(super) fn record(&mut self, traced: impl FnOnce() -> Traced) {
        if self.tracing && self.trace.len() < MOST_OPERANDS {
            self.trace.push(traced());
        }
    }

    /// Begins to record the operands of a condition.
    pub(super) fn begin(&mut self) {
        self.trace.clear();
        self.forget_answers();
        self.tracing = true;
    }

    /// Forgets what people and commands answered: it is asked again.
    pub(super) fn forget_answers(&mut self) {
        self.answered.clear();
        self.probed.clear();
    }
}
