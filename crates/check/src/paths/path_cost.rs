//! The cost of a part of a path: its longest and shortest time, its actions, its pages; and how many paths share it.

use super::Bound;

/// The cost of a part of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weight {
    /// The maximum seconds including the clean-up that is due then: if the runbook ends resolved (`finally`), and if it
    /// does not (`undo` too).
    pub(super) longest: [Bound; 2],
    /// The minimum seconds.
    pub(super) shortest: f64,
    /// The maximum number of actions.
    pub(super) actions: Bound,
    /// The maximum number of pages.
    pub(super) pages: Bound,
}

impl Weight {
    pub(super) const NONE: Self =
        Self { longest: [Bound::ZERO; 2], shortest: 0.0, actions: Bound::ZERO, pages: Bound::ZERO };

    /// Time only.
    pub(super) const fn time(shortest: f64, longest: Bound) -> Self {
        Self { longest: [longest; 2], shortest, actions: Bound::ZERO, pages: Bound::ZERO }
    }

    /// Between no time and this much.
    pub(super) const fn upto(longest: Bound) -> Self {
        Self::time(0.0, longest)
    }

    /// Sequence: one after the other.
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

    /// Choice: one or the other.
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

    /// Repetition: at most and at least this many times.
    #[must_use]
    pub(super) fn times(self, most: Bound, least: f64) -> Self {
        Self {
            longest: self.longest.map(|it| it.times(most)),
            shortest: self.shortest * least,
            actions: self.actions.times(most),
            pages: self.pages.times(most),
        }
    }

    /// Completion of a runbook: its clean-up is included.
    #[must_use]
    pub(super) fn closed(self, resolved: bool) -> Self {
        let [well, badly] = self.longest;
        let longest = if resolved { well } else { badly };
        Self { longest: [longest; 2], ..self }
    }
}

/// Totals of several paths.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PathTally {
    /// The number of paths; [`u128::MAX`] means that many or more.
    pub(super) count: u128,
    /// The number of nodes of the path with the most nodes.
    pub(super) nodes: u128,
    pub(super) weight: Weight,
}

impl PathTally {
    pub(super) const ONE: Self = Self { count: 1, nodes: 0, weight: Weight::NONE };

    /// Sequence: each of these followed by each of those.
    pub(super) fn then(self, other: Self) -> Self {
        Self {
            count: self.count.saturating_mul(other.count),
            nodes: self.nodes.saturating_add(other.nodes),
            weight: self.weight.then(other.weight),
        }
    }

    /// Union: these and those.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            count: self.count.saturating_add(other.count),
            nodes: self.nodes.max(other.nodes),
            weight: self.weight.or(other.weight),
        }
    }
}
