//! What a stretch of a path costs: its longest and shortest time, its actions, its pages; and how many paths share it.

use super::Bound;

/// How much of a run a stretch of a path is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weight {
    /// Seconds at most with the clean-up that is owed then: where the runbook ends resolved (`finally`), and where it
    /// does not (`undo` too).
    pub(super) longest: [Bound; 2],
    /// Seconds at least.
    pub(super) shortest: f64,
    /// Actions at most.
    pub(super) actions: Bound,
    /// Pages at most.
    pub(super) pages: Bound,
}

impl Weight {
    pub(super) const NONE: Self =
        Self { longest: [Bound::ZERO; 2], shortest: 0.0, actions: Bound::ZERO, pages: Bound::ZERO };

    /// Time alone.
    pub(super) const fn time(shortest: f64, longest: Bound) -> Self {
        Self { longest: [longest; 2], shortest, actions: Bound::ZERO, pages: Bound::ZERO }
    }

    /// Up to so much time.
    pub(super) const fn upto(longest: Bound) -> Self {
        Self::time(0.0, longest)
    }

    /// One after the other.
    #[must_use]
    pub(super) fn then(self, other: Self) -> Self {
        let [a, b] = self.longest;
        let [c, d] = other.longest;
        Self {
            longest: [a.plus(c), b.plus(d)],
            shortest: self.shortest + other.shortest,
            actions: self.actions.plus(other.actions),
            pages: self.pages.plus(other.pages),
        }
    }

    /// One or the other.
    #[must_use]
    pub(super) fn or(self, other: Self) -> Self {
        let [a, b] = self.longest;
        let [c, d] = other.longest;
        Self {
            longest: [a.or(c), b.or(d)],
            shortest: self.shortest.min(other.shortest),
            actions: self.actions.or(other.actions),
            pages: self.pages.or(other.pages),
        }
    }

    /// Again and again: at most and at least so many times.
    #[must_use]
    pub(super) fn times(self, most: Bound, least: f64) -> Self {
        Self {
            longest: self.longest.map(|it| it.times(most)),
            shortest: self.shortest * least,
            actions: self.actions.times(most),
            pages: self.pages.times(most),
        }
    }

    /// Over, as a runbook of its own: its clean-up is done.
    #[must_use]
    pub(super) fn closed(self, resolved: bool) -> Self {
        let [well, badly] = self.longest;
        let longest = if resolved { well } else { badly };
        Self { longest: [longest; 2], ..self }
    }
}

/// Paths that were counted together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tally {
    /// How many; [`u128::MAX`] stands for that many and more.
    pub(super) count: u128,
    /// How many nodes the one of most nodes has.
    pub(super) nodes: u128,
    pub(super) weight: Weight,
}

impl Tally {
    pub(super) const ONE: Self = Self { count: 1, nodes: 0, weight: Weight::NONE };

    /// Each of these, and then each of those.
    pub(super) fn then(self, other: Self) -> Self {
        Self {
            count: self.count.saturating_mul(other.count),
            nodes: self.nodes.saturating_add(other.nodes),
            weight: self.weight.then(other.weight),
        }
    }

    /// These and those.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            count: self.count.saturating_add(other.count),
            nodes: self.nodes.max(other.nodes),
            weight: self.weight.or(other.weight),
        }
    }
}
