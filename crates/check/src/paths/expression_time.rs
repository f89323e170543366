//! Computes how long an expression may take: readings, probes and questions in it.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use smol_str::SmolStr;

use super::Bound;
use super::constant::{Bindings, NameScope};
use crate::{Catalogue, Limits, Runbook};
use rbl_syntax::tree::{Arg, BinaryOp, Expr, ExprKind, Part, Question, Team};

/// The maximum time that an expression takes. The minimum is always zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cost {
    /// Seconds that providers may take.
    reads: Bound,
    /// Seconds that people and probes may take: what a `wait until` cuts short.
    waits: Bound,
    /// The number of questions and probes.
    count: f64,
}

impl Cost {
    pub(super) const NONE: Self = Self { reads: Bound::ZERO, waits: Bound::ZERO, count: 0.0 };

    #[must_use]
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            reads: self.reads.plus(other.reads),
            waits: self.waits.plus(other.waits),
            count: self.count + other.count,
        }
    }

    fn times(self, many: f64) -> Self {
        if self == Self::NONE {
            return self;
        }
        let many_times = |bound: Bound| Bound(bound.0.map(|seconds| seconds * many));
        Self { reads: many_times(self.reads), waits: many_times(self.waits), count: self.count * many }
    }

    /// The total.
    pub(super) fn longest(self) -> Bound {
        self.reads.plus(self.waits)
    }

    /// The time that providers may take.
    pub(super) fn reading(self) -> Bound {
        self.reads
    }

    /// The longest time from the beginning of a `wait until` to the end of its last poll. A poll begins while time is
    /// left, or exactly when it is up; a question or a probe in it waits for the remaining time, but at least for the
    /// poll interval.
    pub(super) fn polled(self, within: Bound, every: Bound) -> Bound {
        let Some((within, every)) = within.0.zip(every.0) else { return Bound::UNKNOWN };
        let poll = |begins: f64| {
            let patience = (within - begins).max(every);
            self.waits.and(Bound::of(self.count * patience)).plus(Bound::of(begins))
        };
        // The sum is piecewise linear: it falls or is constant where a wait is cut short, so its maximum is at one of
        // the corners.
        let mut corners = vec![0.0, within, (within - every).max(0.0)];
        if let (Some(waits), true) = (self.waits.0, self.count > 0.0) {
            corners.push((within - waits / self.count).clamp(0.0, within));
        }
        let longest = corners.into_iter().map(poll).fold(Bound::ZERO, Bound::or);
        longest.plus(self.reads)
    }
}

/// The most elements of a list that is made of another.
const MOST_ELEMENTS: f64 = 10_000.0;

/// `alert.firing` among the readings: no metric has this name.
const FIRING: SmolStr = SmolStr::new_static("alert.firing");

/// The metrics whose last reading still counts, by name: reading them again takes no time.
pub(super) type FreshReadings = Rc<BTreeSet<SmolStr>>;

/// The context of an evaluation: the runbook and the names in scope.
#[derive(Clone, Copy)]
pub(super) struct CostContext<'p, 'a> {
    pub(super) runbook: &'p Runbook,
    pub(super) catalogue: &'a Catalogue,
    pub(super) bindings: &'a Bindings,
    pub(super) names: NameScope,
    /// The names that declarations see.
    pub(super) globals: NameScope,
}

/// The costs of declarations computed so far, by name; one map per runbook.
pub(super) type KnownCosts = HashMap<SmolStr, Cost>;

impl<'p> CostContext<'p, '_> {
    /// Returns the cost of an expression, given the readings that still count.
    pub(super) fn cost(self, expr: &'p Expr, kept: &FreshReadings, known: &mut KnownCosts) -> Cost {
        // A person's answer invalidates every reading, even in the middle of an expression.
        let mut seen = if asks(expr) { None } else { Some((**kept).clone()) };
        self.walk(expr, seen.as_mut(), known)
    }

    /// The cost of the values in a text or a command.
    pub(super) fn parts(self, parts: &'p [Part], kept: &FreshReadings, known: &mut KnownCosts) -> Cost {
        values(parts).fold(Cost::NONE, |sum, expr| sum.plus(self.cost(expr, kept, known)))
    }

    /// The cost of a team.
    pub(super) fn team(self, team: Option<&'p Team>, kept: &FreshReadings, known: &mut KnownCosts) -> Cost {
        match team {
            Some(Team::Named(expr)) => self.cost(expr, kept, known),
            Some(Team::Owner { .. }) | None => Cost::NONE,
        }
    }

    fn all(
        self,
        all: impl IntoIterator<Item = &'p Expr>,
        mut seen: Option<&mut BTreeSet<SmolStr>>,
        known: &mut KnownCosts,
    ) -> Cost {
        all.into_iter().fold(Cost::NONE, |sum, expr| sum.plus(self.walk(expr, seen.as_deref_mut(), known)))
    }

    fn walk(self, expr: &'p Expr, mut seen: Option<&mut BTreeSet<SmolStr>>, known: &mut KnownCosts) -> Cost {
        match &expr.kind {
            ExprKind::Number { .. }
            | ExprKind::LargeNumber { .. }
            | ExprKind::BadUnit
            | ExprKind::Bool { .. }
            | ExprKind::Now
            | ExprKind::Broken => Cost::NONE,
            ExprKind::Text(text) => self.all(values(&text.parts), seen, known),
            ExprKind::Command { command, host, within, .. } => {
                let others = values(&command.parts).chain(host.as_deref()).chain(within.as_deref());
                let looks = self.all(others, seen, known);
                looks.plus(self.wait(within.as_deref(), Limits::DEFAULT.probe))
            }
            ExprKind::Name(name) => {
                if let Some((reading, seconds)) = self.bindings.read_anew(self.names, &name.text) {
                    let kept = seen.is_some_and(|seen| !seen.insert(reading.clone()));
                    return if kept { Cost::NONE } else { Cost { reads: *seconds, ..Cost::NONE } };
                }
                if seen.is_some_and(|seen| self.reads(&name.text) && !seen.insert(name.text.clone())) {
                    return Cost::NONE;
                }
                self.declared(&name.text, known)
            }
            ExprKind::Call { name, args } => {
                let args = self.args(args, seen, known);
                args.plus(self.declared(&name.text, known))
            }
            ExprKind::Field { .. } if crate::walk::is_firing(expr) => {
                if seen.is_some_and(|seen| !seen.insert(FIRING)) {
                    return Cost::NONE;
                }
                let seconds = self.catalogue.alert_time_out().as_secs_f64();
                Cost { reads: Bound::of(seconds), ..Cost::NONE }
            }
            // A label of an element is known without a reading.
            ExprKind::Field { of, .. } if self.is_element(of) => Cost::NONE,
            ExprKind::List { items } => self.all(items, seen, known),
            ExprKind::Record { fields } => self.all(fields.iter().map(|it| &it.value), seen, known),
            ExprKind::Unary { operand: one, .. }
            | ExprKind::Field { of: one, .. }
            | ExprKind::Parenthesized { inner: one } => self.walk(one, seen, known),
            ExprKind::Binary { left: one, right: other, .. }
            | ExprKind::Range { low: one, high: other }
            | ExprKind::Index { of: one, index: other }
            | ExprKind::Quantified { over: one, value: other, .. } => {
                let first = self.walk(one, seen.as_deref_mut(), known);
                first.plus(self.walk(other, seen, known))
            }
            // A reading at another time is a different reading.
            ExprKind::Ago { of, duration }
            | ExprKind::Over { of, duration }
            | ExprKind::Held { condition: of, duration } => {
                self.walk(of, None, known).plus(self.walk(duration, seen, known))
            }
            // Which side is evaluated is not known: the longest way takes all of them.
            ExprKind::Conditional { branches, otherwise } => {
                let parts = branches.iter().flat_map(|branch| [&branch.condition, &branch.value]);
                self.all(parts.chain([&**otherwise]), None, known)
            }
            ExprKind::Comprehension(made) => {
                let each = self.all(made.filter.iter().chain([&made.value]), None, known);
                self.walk(&made.over, seen, known).plus(each.times(MOST_ELEMENTS))
            }
            ExprKind::Question(question) => self.question(question, known),
            ExprKind::Ask { question, among, .. } => {
                self.question(question, known).plus(self.all(among.as_deref(), None, known))
            }
        }
    }

    fn args(self, args: &'p [Arg], seen: Option<&mut BTreeSet<SmolStr>>, known: &mut KnownCosts) -> Cost {
        self.all(args.iter().map(|it| &it.value), seen, known)
    }

    fn question(self, it: &'p Question, known: &mut KnownCosts) -> Cost {
        let by = match &it.by {
            Some(Team::Named(team)) => Some(team),
            Some(Team::Owner { .. }) | None => None,
        };
        let others = values(&it.prompt.parts).chain(by).chain(&it.within).chain(&it.showing);
        self.all(others, None, known).plus(self.wait(it.within.as_ref(), Limits::DEFAULT.person))
    }

    fn wait(self, within: Option<&Expr>, otherwise: f64) -> Cost {
        let waits = match within {
            None => Bound::of(otherwise),
            Some(within) => Bound(self.bindings.amount(within, self.names)),
        };
        Cost { reads: Bound::ZERO, waits, count: 1.0 }
    }

    /// Whether a name is a metric without parameters: one reading, however often it is used.
    fn reads(self, name: &SmolStr) -> bool {
        self.runbook.metrics.contains_key(name)
    }

    fn is_element(self, it: &Expr) -> bool {
        matches!(&it.bare().kind, ExprKind::Name(name) if self.bindings.read_anew(self.names, &name.text).is_some())
    }

    /// The cost of a declared name: one reading, or all readings of a named expression.
    fn declared(self, name: &SmolStr, known: &mut KnownCosts) -> Cost {
        if let Some(cost) = known.get(name) {
            return *cost;
        }
        let inside = Self { names: self.globals, ..self };
        let cost = if let Some(metric) = self.runbook.metrics.get(name) {
            let provider = metric.declaration.provider.text.as_str();
            let seconds = self.catalogue.time_out(provider).as_secs_f64();
            let query = inside.all(values(&metric.declaration.query.parts), None, known);
            query.plus(Cost { reads: Bound::of(seconds), ..Cost::NONE })
        } else if let Some(named) = self.runbook.expressions.get(name) {
            // The values of its parameters are unknown here, so a limit that depends on one is unknown too.
            inside.walk(&named.declaration.value, None, known)
        } else if let Some(probe) = self.runbook.probes.get(name) {
            inside.walk(&probe.declaration.look, None, known)
        } else {
            return Cost::NONE;
        };
        known.insert(name.clone(), cost);
        cost
    }

    /// Returns the metrics that count as read after an expression, whatever its result.
    pub(super) fn read_by(self, expr: &'p Expr, kept: &FreshReadings) -> FreshReadings {
        if asks(expr) {
            return FreshReadings::default();
        }
        let mut read = (**kept).clone();
        self.surely(expr, &mut read);
        if read.len() == kept.len() { Rc::clone(kept) } else { Rc::new(read) }
    }

    fn surely(self, expr: &'p Expr, read: &mut BTreeSet<SmolStr>) {
        match &expr.kind {
            ExprKind::Name(name) => {
                if let Some((reading, _)) = self.bindings.read_anew(self.names, &name.text) {
                    read.insert(reading.clone());
                } else if self.reads(&name.text) {
                    read.insert(name.text.clone());
                }
            }
            ExprKind::Field { of, .. } if self.is_element(of) => {}
            ExprKind::Field { .. } if crate::walk::is_firing(expr) => {
                read.insert(FIRING);
            }
            // The right side is evaluated only if it matters.
            ExprKind::Binary { op: BinaryOp::And | BinaryOp::Or, left, .. } => self.surely(left, read),
            ExprKind::Binary { left, right, .. } => {
                self.surely(left, read);
                self.surely(right, read);
            }
            ExprKind::Unary { operand: one, .. }
            | ExprKind::Field { of: one, .. }
            | ExprKind::Quantified { over: one, .. }
            | ExprKind::Parenthesized { inner: one } => self.surely(one, read),
            _ => {}
        }
    }
}

/// Whether an expression asks a person.
pub(super) fn asks(expr: &Expr) -> bool {
    let mut asks = false;
    crate::walk::expressions(expr, &mut |it| {
        asks |= matches!(it.kind, ExprKind::Question(_) | ExprKind::Ask { .. });
    });
    asks
}

fn values(parts: &[Part]) -> impl Iterator<Item = &Expr> {
    parts.iter().filter_map(|part| if let Part::Value(value) = part { Some(value) } else { None })
}

#[cfg(test)]
mod tests {
    use super::{Bound, Cost};

    #[test]
    fn the_last_poll_may_begin_when_the_time_is_up() {
        let polled = |reads: f64, waits: f64, count: f64| {
            let cost = Cost { reads: Bound::of(reads), waits: Bound::of(waits), count };
            cost.polled(Bound::of(600.0), Bound::of(15.0)).0
        };
        assert_eq!(polled(10.0, 0.0, 0.0), Some(610.0));
        // A question of half an hour waits at most the remaining ten minutes at first, and fifteen seconds at last.
        assert_eq!(polled(0.0, 1800.0, 1.0), Some(615.0));
        // A probe of half a minute is cut to fifteen seconds when the time is up.
        assert_eq!(polled(0.0, 30.0, 1.0), Some(615.0));
        // Two questions may take twice the remaining time.
        assert_eq!(polled(0.0, 3600.0, 2.0), Some(1200.0));
    }
}
