//! Sets of numbers as intervals with open and closed ends: the possible values of a quantity.

use std::cmp::Ordering;

/// A position directly before or after a number, so that open and closed ends are represented alike.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cutpoint {
    at: f64,
    /// After the number, not before it.
    behind: bool,
}

impl Cutpoint {
    const LOWEST: Self = Self { at: f64::NEG_INFINITY, behind: true };
    const HIGHEST: Self = Self { at: f64::INFINITY, behind: false };

    const fn before(at: f64) -> Self {
        Self { at, behind: false }
    }

    const fn behind(at: f64) -> Self {
        Self { at, behind: true }
    }

    fn order(self, other: Self) -> Ordering {
        order(self.at, other.at).then(self.behind.cmp(&other.behind))
    }

    fn min(self, other: Self) -> Self {
        if self.order(other) == Ordering::Greater { other } else { self }
    }

    fn max(self, other: Self) -> Self {
        if self.order(other) == Ordering::Less { other } else { self }
    }
}

/// Numbers that are equal at run time (`Quantity::compare`) are equal here.
fn order(a: f64, b: f64) -> Ordering {
    let near = a.is_finite() && b.is_finite() && (a - b).abs() <= 1e-12 * a.abs().max(b.abs());
    if near { Ordering::Equal } else { a.total_cmp(&b) }
}

/// One end of a set, and whether the number itself is in the set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct IntervalEnd {
    /// In base units; infinite if there is no end.
    pub(super) at: f64,
    /// Whether `at` itself is in the set.
    pub(super) closed: bool,
}

impl IntervalEnd {
    /// Whether its number is less than that of the other.
    pub(super) fn is_below(self, other: Self) -> bool {
        order(self.at, other.at) == Ordering::Less
    }
}

/// A set of finite numbers, in base units.
///
/// *Invariant:* the intervals are not empty, in order, and do not touch.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Intervals(Vec<(Cutpoint, Cutpoint)>);

impl Intervals {
    /// Every number.
    pub(super) fn all() -> Self {
        Self(vec![(Cutpoint::LOWEST, Cutpoint::HIGHEST)])
    }

    /// No number.
    pub(super) fn none() -> Self {
        Self(Vec::new())
    }

    /// One number.
    pub(super) fn point(at: f64) -> Self {
        Self::of(Cutpoint::before(at), Cutpoint::behind(at))
    }

    /// Everything below a number.
    pub(super) fn below(end: IntervalEnd) -> Self {
        let cut = if end.closed { Cutpoint::behind(end.at) } else { Cutpoint::before(end.at) };
        Self::of(Cutpoint::LOWEST, cut)
    }

    /// Everything above a number.
    pub(super) fn above(end: IntervalEnd) -> Self {
        let cut = if end.closed { Cutpoint::before(end.at) } else { Cutpoint::behind(end.at) };
        Self::of(cut, Cutpoint::HIGHEST)
    }

    fn of(low: Cutpoint, high: Cutpoint) -> Self {
        let (low, high) = (low.max(Cutpoint::LOWEST), high.min(Cutpoint::HIGHEST));
        if low.order(high) == Ordering::Less { Self(vec![(low, high)]) } else { Self::none() }
    }

    /// Whether no number is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every number is in it.
    pub(super) fn is_all(&self) -> bool {
        *self == Self::all()
    }

    /// Its one number, if it has exactly one.
    pub(super) fn single(&self) -> Option<f64> {
        match self.0.as_slice() {
            [(low, high)] if !low.behind && high.behind && order(low.at, high.at) == Ordering::Equal => {
                Some(low.at)
            }
            _ => None,
        }
    }

    /// The lower end; `None` for no number.
    pub(super) fn low(&self) -> Option<IntervalEnd> {
        self.0.first().map(|(low, _)| IntervalEnd { at: low.at, closed: !low.behind })
    }

    /// The upper end; `None` for no number.
    pub(super) fn high(&self) -> Option<IntervalEnd> {
        self.0.last().map(|(_, high)| IntervalEnd { at: high.at, closed: high.behind })
    }

    /// The numbers of both.
    pub(super) fn intersect(&self, other: &Self) -> Self {
        let (mut ours, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some(a), Some(b)) = (ours.peek(), theirs.peek()) {
            let (low, high) = (a.0.max(b.0), a.1.min(b.1));
            if low.order(high) == Ordering::Less {
                both.push((low, high));
            }
            if a.1.order(b.1) == Ordering::Less {
                ours.next();
            } else {
                theirs.next();
            }
        }
        Self(both)
    }

    /// The numbers of either.
    pub(super) fn union(&self, other: &Self) -> Self {
        let mut parts: Vec<(Cutpoint, Cutpoint)> = self.0.iter().chain(&other.0).copied().collect();
        parts.sort_by(|a, b| a.0.order(b.0));
        let mut either: Vec<(Cutpoint, Cutpoint)> = Vec::with_capacity(parts.len());
        for (low, high) in parts {
            match either.last_mut() {
                Some(last) if low.order(last.1) != Ordering::Greater => last.1 = last.1.max(high),
                _ => either.push((low, high)),
            }
        }
        Self(either)
    }

    /// The numbers that are not in it.
    pub(super) fn complement(&self) -> Self {
        let mut low = Cutpoint::LOWEST;
        let mut rest = Vec::with_capacity(self.0.len() + 1);
        for (begin, end) in &self.0 {
            if low.order(*begin) == Ordering::Less {
                rest.push((low, *begin));
            }
            low = *end;
        }
        if low.order(Cutpoint::HIGHEST) == Ordering::Less {
            rest.push((low, Cutpoint::HIGHEST));
        }
        Self(rest)
    }

    /// Each number with its sign turned.
    pub(super) fn negate(&self) -> Self {
        let turned = |cut: &Cutpoint| Cutpoint { at: -cut.at, behind: !cut.behind };
        Self(self.0.iter().rev().map(|(low, high)| (turned(high), turned(low))).collect())
    }

    /// Sums of one number of each: the ends are exact, the inside may be too large.
    pub(super) fn add(&self, other: &Self) -> Self {
        let (Some(low), Some(high)) = (self.low().zip(other.low()), self.high().zip(other.high())) else {
            return Self::none();
        };
        let sum = |(a, b): (IntervalEnd, IntervalEnd)| IntervalEnd {
            at: a.at + b.at,
            closed: a.closed && b.closed,
        };
        Self::above(sum(low)).intersect(&Self::below(sum(high)))
    }

    /// Multiplies each number by a non-zero number.
    pub(super) fn scale(&self, by: f64) -> Self {
        if by < 0.0 {
            return self.negate().scale(-by);
        }
        let times = |cut: &Cutpoint| Cutpoint { at: cut.at * by, behind: cut.behind };
        let mut scaled = Self::none();
        for (low, high) in &self.0 {
            scaled = scaled.union(&Self::of(times(low), times(high)));
        }
        scaled
    }

    /// Whether the other set fills a gap between two of its pieces, touching both.
    pub(super) fn is_around(&self, hole: &Self) -> bool {
        let (Some((low, _)), Some((_, high))) = (hole.0.first(), hole.0.last()) else { return false };
        let meets = |a: Cutpoint, b: Cutpoint| a.order(b) == Ordering::Equal;
        self.0.iter().any(|(_, end)| meets(*end, *low))
            && self.0.iter().any(|(begin, _)| meets(*begin, *high))
    }

    /// The pieces, lowest first.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Self> {
        self.0.iter().map(|piece| Self(vec![*piece]))
    }

    /// How many pieces.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Quarters from -4 to 4: enough to meet every end and every place between two ends.
    fn grid() -> impl Iterator<Item = f64> {
        (-16..=16).map(|quarter| f64::from(quarter) / 4.0)
    }

    fn holds(set: &Intervals, at: f64) -> bool {
        !set.intersect(&Intervals::point(at)).is_empty()
    }

    /// A set with its ends at whole numbers.
    fn set() -> impl Strategy<Value = Intervals> {
        let piece = (-3i32..=3, any::<bool>(), -3i32..=3, any::<bool>());
        prop::collection::vec(piece, 0..4).prop_map(|pieces| {
            pieces.into_iter().fold(Intervals::none(), |set, (low, low_closed, high, high_closed)| {
                let low = Intervals::above(IntervalEnd { at: f64::from(low), closed: low_closed });
                set.union(
                    &low.intersect(&Intervals::below(IntervalEnd {
                        at: f64::from(high),
                        closed: high_closed,
                    })),
                )
            })
        })
    }

    proptest! {
        #[test]
        fn a_number_is_in_both_or_either_or_not(a in set(), b in set()) {
            for at in grid() {
                prop_assert_eq!(holds(&a.intersect(&b), at), holds(&a, at) && holds(&b, at));
                prop_assert_eq!(holds(&a.union(&b), at), holds(&a, at) || holds(&b, at));
                prop_assert_eq!(holds(&a.complement(), at), !holds(&a, at));
                prop_assert_eq!(holds(&a.negate(), at), holds(&a, -at));
                prop_assert_eq!(holds(&a.scale(-2.0), at * -2.0), holds(&a, at));
            }
        }

        #[test]
        fn covering_and_emptiness_are_those_of_the_numbers(a in set(), b in set()) {
            prop_assert_eq!(a.intersect(&b) == b, grid().all(|at| !holds(&b, at) || holds(&a, at)));
            prop_assert_eq!(a.is_empty(), grid().all(|at| !holds(&a, at)));
            prop_assert_eq!(a.complement().complement(), a.clone());
            prop_assert_eq!(a.union(&a.complement()), Intervals::all());
            let alone: Vec<f64> = grid().filter(|at| holds(&a, *at)).collect();
            prop_assert_eq!(a.single(), if let [only] = alone.as_slice() { Some(*only) } else { None });
        }

        #[test]
        fn every_sum_is_among_the_sums(a in set(), b in set()) {
            let sums = a.add(&b);
            for x in grid().filter(|at| holds(&a, *at)) {
                for y in grid().filter(|at| holds(&b, *at)) {
                    prop_assert!(holds(&sums, x + y));
                }
            }
        }
    }

    #[test]
    fn a_hole_lies_between_two_pieces_that_it_touches() {
        let below = |at, closed| Intervals::below(IntervalEnd { at, closed });
        let above = |at, closed| Intervals::above(IntervalEnd { at, closed });
        let around = below(1.0, false).union(&above(2.0, true));
        assert!(around.is_around(&around.complement()));
        assert!(!around.is_around(&Intervals::point(1.5)));
        assert!(below(1.0, false).union(&above(1.0, false)).is_around(&Intervals::point(1.0)));
        assert!(!below(1.0, false).is_around(&above(1.0, true)));
    }

    #[test]
    fn what_a_run_takes_for_equal_is_one_number() {
        let sum = Intervals::point(0.1).add(&Intervals::point(0.2));
        assert!(sum.intersect(&Intervals::below(IntervalEnd { at: 0.3, closed: false })).is_empty());
        assert!(!Intervals::point(0.3).intersect(&sum).is_empty());
    }
}
