//! [`Judging`]: what is recorded while a condition is judged.

use std::sync::Arc;

use super::Probe;
use super::operand_trace::Traced;
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
    pub(super) probed: Vec<(Probe, Arc<CommandOutput>)>,
}

impl Judging {
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
