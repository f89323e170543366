//! Upper bounds (seconds, passes, pages), which may be unknown.

/// An upper bound. `None`: no bound is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound(pub Option<f64>);

impl Bound {
    /// Zero.
    pub const ZERO: Self = Self(Some(0.0));
    /// No bound is known.
    pub const UNKNOWN: Self = Self(None);

    /// A known bound.
    pub const fn of(value: f64) -> Self {
        Self(Some(value))
    }

    /// Adds: one after the other.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.zip(other.0).map(|(a, b)| a + b))
    }

    /// The larger of both: one or the other.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0.zip(other.0).map(|(a, b)| a.max(b)))
    }

    /// The smaller of both: both limits apply.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(a), Some(b)) => Self::of(a.min(b)),
            (a, b) => Self(a.or(b)),
        }
    }

    /// Multiplies; zero stays zero for any factor.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        if self == Self::ZERO || other == Self::ZERO {
            return Self::ZERO;
        }
        Self(self.0.zip(other.0).map(|(a, b)| a * b))
    }

    /// Whether it exceeds a limit; an unknown bound does.
    pub fn exceeds(self, limit: f64) -> bool {
        self.0.is_none_or(|value| value > limit)
    }
}

#[cfg(test)]
mod tests {
    use super::Bound;

    #[test]
    fn what_is_not_known_stays_so_unless_it_never_happens() {
        let five = Bound::of(5.0);
        assert_eq!(five.plus(Bound::UNKNOWN), Bound::UNKNOWN);
        assert_eq!(five.or(Bound::UNKNOWN), Bound::UNKNOWN);
        assert_eq!(five.and(Bound::UNKNOWN), five);
        assert_eq!(Bound::ZERO.times(Bound::UNKNOWN), Bound::ZERO);
        assert_eq!(five.times(Bound::of(3.0)), Bound::of(15.0));
        assert!(Bound::UNKNOWN.exceeds(1e9) && five.exceeds(4.0) && !five.exceeds(5.0));
    }
}
