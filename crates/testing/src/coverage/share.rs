//! A part of a total, as a percentage that is never rounded up.

use std::fmt;

/// A number of covered things out of a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// The number that is covered.
    pub covered: usize,
    /// The total. If it is zero, everything is covered.
    pub of: usize,
}

impl Share {
    /// Whether everything is covered.
    pub fn is_whole(self) -> bool {
        self.covered >= self.of
    }

    /// The exact percentage.
    #[allow(clippy::cast_precision_loss)] // nobody writes 2^52 arms
    pub fn percent(self) -> f64 {
        if self.of == 0 { 100.0 } else { 100.0 * self.covered as f64 / self.of as f64 }
    }

    /// The sum of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { covered: self.covered + other.covered, of: self.of + other.of }
    }
}

/// `83%`, rounded down: anything less than all is shown below 100 %.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}%", self.percent().floor())
    }
}

#[cfg(test)]
mod tests {
    use super::Share;

    #[test]
    fn all_but_one_is_not_all() {
        let share = |covered, of| Share { covered, of }.to_string();
        assert_eq!(share(999, 1_000), "99%");
        assert_eq!(share(1_000, 1_000), "100%");
        assert_eq!(share(0, 0), "100%");
        assert_eq!(share(1, 3), "33%");
        assert!(!Share { covered: 999, of: 1_000 }.is_whole());
    }
}
