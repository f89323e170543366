//! The state of type inference: which declaration is being evaluated, how far named expressions were expanded, and
//! what is known about the numbers of metrics.
//!
//! *Not here:* the types of symbols, which the [symbol table](super::symbol_table::SymbolTable) holds, and the rules
//! for each construct, which are in [`expression`](super::expression).

use std::collections::HashMap;

use super::promql::NumberKind;
use rbl_syntax::tree::Metric;

/// How deep calls of named expressions are expanded.
const DEEPEST: usize = 16;

/// How many calls of named expressions are expanded in one file. Expressions that call each other twice grow
/// exponentially.
const MOST_EXPANSIONS: usize = 10_000;

/// The declaration that is being evaluated.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Evaluation {
    /// One more than the highest number of a constant that was used; 0 for none.
    needs: u32,
    /// The constant being evaluated: constants with this or a higher number have no value yet.
    constant: Option<u32>,
    /// Whether it is the default of a `param`, which is evaluated before anything is read.
    in_default: bool,
}

/// The state of type inference in one file.
#[derive(Debug)]
pub(super) struct Inference {
    evaluation: Evaluation,
    /// How many calls of named expressions may still be expanded, and how many are being expanded.
    expansions_left: usize,
    expansions_open: usize,
    /// Facts about the numbers of metrics whose queries were checked, by the address of the declaration.
    counts: HashMap<*const Metric, NumberKind>,
}

impl Inference {
    /// Starts the inference of a file.
    pub(super) fn new() -> Self {
        Self {
            evaluation: Evaluation::default(),
            expansions_left: MOST_EXPANSIONS,
            expansions_open: 0,
            counts: HashMap::new(),
        }
    }

    /// Begins the evaluation of a declaration; returns the outer one, which [`end`](Self::end) restores.
    pub(super) fn begin(&mut self) -> Evaluation {
        std::mem::take(&mut self.evaluation)
    }

    /// Ends the evaluation of a declaration; returns the constants that it needs, as in [`Self::need`].
    pub(super) fn end(&mut self, outer: Evaluation) -> u32 {
        std::mem::replace(&mut self.evaluation, outer).needs
    }

    /// Begins the expansion of a call; returns the outer evaluation, which [`end_expansion`](Self::end_expansion)
    /// restores; `None` if too much was expanded already. The order of constants was checked in the declaration.
    pub(super) fn begin_expansion(&mut self) -> Option<Evaluation> {
        self.expansions_left =
            self.expansions_left.checked_sub(1).filter(|_| self.expansions_open < DEEPEST)?;
        self.expansions_open += 1;
        let in_default = self.evaluation.in_default;
        Some(std::mem::replace(&mut self.evaluation, Evaluation { in_default, ..Evaluation::default() }))
    }

    /// Ends the expansion of a call.
    pub(super) fn end_expansion(&mut self, outer: Evaluation) {
        self.evaluation = outer;
        self.expansions_open -= 1;
    }

    /// Says that the value of a constant is being evaluated.
    pub(super) fn evaluate_constant(&mut self, number: u32) {
        self.evaluation.constant = Some(number);
    }

    /// Says whether the default of a `param` is being evaluated.
    pub(super) fn evaluate_default(&mut self, in_default: bool) {
        self.evaluation.in_default = in_default;
    }

    /// Whether the default of a `param` is being evaluated.
    pub(super) fn in_default(&self) -> bool {
        self.evaluation.in_default
    }

    /// Notes that the current declaration needs all constants up to a number (one more than the last); returns whether
    /// they have their values by then.
    pub(super) fn need(&mut self, needs: u32) -> bool {
        self.evaluation.needs = self.evaluation.needs.max(needs);
        self.evaluation.constant.is_none_or(|constant| needs <= constant)
    }

    /// Returns what is known about the numbers of a metric; computed once per metric.
    pub(super) fn counts(&mut self, metric: &Metric, compute: impl FnOnce() -> NumberKind) -> &NumberKind {
        self.counts.entry(std::ptr::from_ref(metric)).or_insert_with(compute)
    }

    /// Sets what is known about the numbers of a metric.
    pub(super) fn set_counts(&mut self, metric: &Metric, counts: NumberKind) {
        self.counts.insert(std::ptr::from_ref(metric), counts);
    }
}
