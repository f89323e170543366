//! Facts about one value at one place of a runbook: its possible values, and whether it can be unknown.

use super::interval::Intervals;
use super::texts::Texts;
use rbl_syntax::source::Span;

/// The maximum number of pieces of a set; a set with more is treated as unrestricted.
const MOST_PIECES: usize = 100;

/// The possible values of something, if it has one.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// No restriction is known.
    Anything,
    /// None: it is unknown, or the place is never reached.
    Nothing,
    /// Of a quantity, in base units.
    Quantities(Intervals),
    /// Of a text.
    Texts(Texts),
    /// Of a condition, or of the order of two values.
    Cases(Cases),
}

impl Values {
    /// Intersection.
    pub(super) fn meet(&self, other: &Self) -> Self {
        let both = match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => Self::Nothing,
            (Self::Anything, known) | (known, Self::Anything) => known.clone(),
            (Self::Quantities(a), Self::Quantities(b)) => Self::Quantities(a.intersect(b)),
            (Self::Texts(a), Self::Texts(b)) => Self::Texts(a.intersect(b)),
            (Self::Cases(a), Self::Cases(b)) => Self::Cases(Cases(a.0 & b.0)),
            // Of two kinds, as an answer may be read: either is correct.
            (Self::Quantities(_) | Self::Texts(_) | Self::Cases(_), _) => self.clone(),
        };
        match both {
            // Gives up precision: a set that was narrowed a thousand times is not searched a thousand times.
            Self::Quantities(set) if set.count() > MOST_PIECES => Self::Anything,
            Self::Texts(texts) if texts.count() > MOST_PIECES => Self::Anything,
            both if both.is_nothing() => Self::Nothing,
            both => both,
        }
    }

    /// Union.
    pub(super) fn join(&self, other: &Self) -> Self {
        let either = match (self, other) {
            (Self::Nothing, known) | (known, Self::Nothing) => known.clone(),
            (Self::Quantities(a), Self::Quantities(b)) => Self::Quantities(a.union(b)),
            (Self::Texts(a), Self::Texts(b)) => Self::Texts(a.union(b)),
            (Self::Cases(a), Self::Cases(b)) => Self::Cases(Cases(a.0 | b.0)),
            _ => Self::Anything,
        };
        match &either {
            Self::Quantities(set) if set.is_all() => Self::Anything,
            _ => either,
        }
    }

    /// Whether there is no such value.
    pub(super) fn is_nothing(&self) -> bool {
        match self {
            Self::Anything => false,
            Self::Nothing => true,
            Self::Quantities(set) => set.is_empty(),
            Self::Texts(texts) => texts.is_empty(),
            Self::Cases(cases) => cases.0 == 0,
        }
    }
}

/// A subset of three cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cases(u8);

impl Cases {
    /// A condition holds.
    pub(super) const YES: Self = Self(1);
    /// A condition does not hold.
    pub(super) const NO: Self = Self(2);
    /// The first is less than the second.
    pub(super) const LESS: Self = Self(1);
    /// Both are equal.
    pub(super) const EQUAL: Self = Self(2);
    /// The first is greater than the second, or neither less nor equal.
    pub(super) const GREATER: Self = Self(4);
    /// Any order.
    pub(super) const ORDERS: Self = Self(7);

    /// Union.
    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Intersection.
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether one of the cases is among these.
    pub(super) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The orders with both sides swapped.
    pub(super) fn turned(self) -> Self {
        let mut turned = self.and(Self::EQUAL);
        if self.any(Self::LESS) {
            turned = turned.or(Self::GREATER);
        }
        if self.any(Self::GREATER) {
            turned = turned.or(Self::LESS);
        }
        turned
    }
}

/// The key of the value that a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct FactKey {
    /// The hash of its structure and of the type it is compared as.
    pub(super) print: u64,
    /// Whether it comes from a reading: then it holds only until the next readings.
    pub(super) read: bool,
}

/// A fact about one value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fact {
    /// Its possible values.
    pub(super) values: Values,
    /// Whether it can be unknown.
    pub(super) unknown: bool,
    /// The condition, or the `let`, that established it.
    pub(super) since: Span,
}

impl Fact {
    /// Whether it contains no information.
    pub(super) fn is_empty(&self) -> bool {
        self.unknown && self.values == Values::Anything
    }

    /// Whether no run can reach a place where it holds.
    pub(super) fn is_contradiction(&self) -> bool {
        !self.unknown && self.values.is_nothing()
    }

    /// Both facts hold; the second is newer.
    pub(super) fn meet(&self, newer: &Self) -> Self {
        let values = self.values.meet(&newer.values);
        let said_before = values == self.values && self.unknown <= newer.unknown;
        let since = if said_before { self.since } else { newer.since };
        Self { values, unknown: self.unknown && newer.unknown, since }
    }

    /// One of both facts holds.
    pub(super) fn join(&self, other: &Self) -> Self {
        let unknown = self.unknown || other.unknown;
        let since = if self.values.is_nothing() { other.since } else { self.since };
        Self { values: self.values.join(&other.values), unknown, since }
    }
}
