//! [`WorkBudget`]: how much a run may compute by itself, and how large the values may be that it makes.
//!
//! Work is counted in steps: one for each part of an expression, and more for a statement and for long texts and lists. So
//! a limit says the same on every machine, and a run that is walked again reaches it at the same place.
//!
//! *Why:* a loop of a thousand million passes, a chain of functions that call each other twice and a text that is doubled
//! again and again are all written in a few lines.

use rbl_syntax::value::{PartialList, PartialText, TextPiece, Value};

/// The most steps of one evaluation: a condition, a value, a text. What takes more is unknown.
pub(super) const MOST_STEPS_OF_EVALUATION: u64 = 3_000_000;

/// The most steps between two things that can change what the run knows: an action, a probe, a wait or an answer. A run
/// that takes more is stopped.
pub(super) const MOST_STEPS: u64 = 4_000_000;

/// The largest text, list or record that a runbook can make, in bytes. A larger one is unknown.
pub(super) const LARGEST_VALUE: usize = 4 << 20;

/// The most bytes of all values that the names in scope stand for. A name beyond it is unknown.
pub(super) const LARGEST_SCOPE: usize = 64 << 20;

/// How deep one evaluation may be nested: brackets, operators and named expressions that use others.
pub(super) const DEEPEST_EVALUATION: u32 = 400;

/// The steps of a statement, and of a pass of a loop.
pub(super) const STATEMENT: u64 = 30;

/// The steps of the call of a named expression, apart from those of its value.
pub(super) const CALL: u64 = 4;

/// The steps of a page, a record or a run of another runbook, which are done, recorded and kept, and of a question that nobody
/// answers: a loop that does nothing else ends after some twenty thousand of them.
pub(super) const SENT: u64 = 200;

/// The steps of a line of the story that a page carries.
pub(super) const STORY_LINE: u64 = 8;

/// The steps of a reading that is known already.
pub(super) const READING: u64 = 8;

/// After this many ticks the run looks whether somebody wants to stop it. Far less than a tenth of a second.
const BETWEEN_LOOKS: u64 = 16_000;

/// The bytes that are made, copied or searched in one step.
const BYTES_OF_A_STEP: u64 = 16;

/// The bytes that an element of a list takes, apart from what is in it.
const ELEMENT: usize = 32;

/// What a run has computed so far.
#[derive(Debug, Clone, Default)]
pub(super) struct WorkBudget {
    /// In this evaluation.
    evaluation: u64,
    /// Since something happened that can change what the run knows.
    since: u64,
    /// Since the last look. Sizes do not count, so that a run with masked secrets looks at the same places when it is
    /// walked again.
    ticks: u64,
    /// Since the last look, sizes counted.
    work: u64,
    /// How deep the evaluation is nested.
    depth: u32,
}

impl WorkBudget {
    /// Another evaluation begins.
    pub(super) fn begin_evaluation(&mut self) {
        self.evaluation = 0;
    }

    /// Something happened that can change what the run knows.
    pub(super) fn begin_anew(&mut self) {
        self.since = 0;
    }

    /// Counts one part of an expression.
    pub(super) fn step(&mut self) {
        self.add(1);
        self.ticks += 1;
    }

    /// Counts a statement or a pass. False: the run has used up what it may compute.
    #[must_use]
    pub(super) fn statement(&mut self) -> bool {
        self.since += STATEMENT;
        self.work += STATEMENT;
        self.ticks += STATEMENT;
        self.since <= MOST_STEPS
    }

    /// Counts bytes that are made, copied or searched.
    pub(super) fn bytes(&mut self, bytes: usize) {
        self.add(bytes as u64 / BYTES_OF_A_STEP);
    }

    /// Counts something that is known to take long, whatever the sizes are.
    pub(super) fn heavy(&mut self, steps: u64) {
        self.add(steps);
        self.ticks = self.ticks.saturating_add(steps);
    }

    /// Counts work before it is done. What is more than an evaluation may take is not done: then this evaluation is spent, and the
    /// run has computed nothing.
    pub(super) fn before(&mut self, steps: u64) {
        if self.evaluation.saturating_add(steps) > MOST_STEPS_OF_EVALUATION {
            self.evaluation = MOST_STEPS_OF_EVALUATION + 1;
        } else {
            self.add(steps);
        }
    }

    fn add(&mut self, steps: u64) {
        self.evaluation = self.evaluation.saturating_add(steps);
        self.since = self.since.saturating_add(steps);
        self.work = self.work.saturating_add(steps);
    }

    /// Whether this evaluation has taken more than it may.
    pub(super) fn is_spent(&self) -> bool {
        self.evaluation > MOST_STEPS_OF_EVALUATION
    }

    /// Goes one level deeper. False: it is too deep; [`Self::leave`] is called all the same.
    #[must_use]
    pub(super) fn enter(&mut self) -> bool {
        self.depth += 1;
        self.depth <= DEEPEST_EVALUATION
    }

    /// Comes back one level.
    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Returns the steps since the last look if it is time for another one.
    pub(super) fn look(&mut self) -> Option<u64> {
        if self.ticks < BETWEEN_LOOKS {
            return None;
        }
        self.ticks = 0;
        Some(std::mem::take(&mut self.work))
    }
}

/// The size of a value in bytes, as far as it matters: it stops to count above `most`. A list that holds a list twice
/// counts it twice, as it would print.
pub(super) fn size(value: &Value, most: usize) -> usize {
    fn all<'v>(values: impl Iterator<Item = &'v Value>, most: usize) -> usize {
        let mut total = 0_usize;
        for value in values {
            total = total.saturating_add(ELEMENT).saturating_add(size(value, most.saturating_sub(total)));
            if total > most {
                break;
            }
        }
        total
    }
    match value {
        Value::Text(text) => text.len(),
        Value::LabelledText(text) => text.text.len(),
        Value::List(items) => all(items.iter(), most),
        Value::Record(record) => all(record.0.iter().map(|(_, value)| value), most),
        Value::Samples(samples) => samples.len() * ELEMENT,
        Value::Window(series) => series.iter().map(|series| series.points.len() * ELEMENT).sum(),
        Value::Output(output) => output.stdout.len() + output.stderr.len(),
        Value::PartialText(text) => of_partial_text(text),
        Value::PartialList(list) => of_partial_list(list, most, all),
        Value::Unknown(reason) => reason.text.len(),
        Value::Quantity(_)
        | Value::ExactNumber(_)
        | Value::Bool(_)
        | Value::Time(_)
        | Value::Sample(_)
        | Value::Secret(_) => ELEMENT,
    }
}

fn of_partial_text(text: &PartialText) -> usize {
    let piece = |piece: &TextPiece| match piece {
        TextPiece::Known(text) | TextPiece::Gap(text) => text.len() + ELEMENT,
    };
    text.pieces.iter().map(piece).sum()
}

fn of_partial_list<'v>(
    list: &'v PartialList,
    most: usize,
    all: impl Fn(std::iter::Chain<std::slice::Iter<'v, Value>, std::slice::Iter<'v, Value>>, usize) -> usize,
) -> usize {
    all(list.head.iter().chain(&list.tail), most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_twice_counts_twice_and_is_not_counted_to_its_end() {
        let mut list = Value::List([Value::text("0123456789")].into());
        for _ in 0..60 {
            list = Value::List([list.clone(), list].into());
        }
        // 2⁶⁰ elements: the count ends above the limit, at most an element for each level later.
        let counted = size(&list, 1_000);
        assert!((1_000..1_000 + 60 * 2 * ELEMENT).contains(&counted), "{counted}");
    }

    #[test]
    fn steps_are_bounded_in_an_evaluation_and_between_two_events() {
        let mut budget = WorkBudget::default();
        budget.bytes(usize::try_from(MOST_STEPS_OF_EVALUATION * BYTES_OF_A_STEP).unwrap());
        assert!(!budget.is_spent());
        budget.step();
        assert!(budget.is_spent());
        budget.begin_evaluation();
        assert!(!budget.is_spent());
        while budget.statement() {}
        budget.begin_anew();
        assert!(budget.statement());
    }

    #[test]
    fn a_look_is_due_after_some_thousand_steps() {
        let mut budget = WorkBudget::default();
        let mut steps = 0;
        while budget.look().is_none() {
            budget.step();
            steps += 1;
        }
        assert_eq!(steps, BETWEEN_LOOKS);
        assert_eq!(budget.look(), None);
    }
}
