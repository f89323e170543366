//! [`RegexCost`]: what a regular expression takes, known before it is compiled.

use regex_syntax::hir::{Class, Hir, HirKind};

/// What a regular expression takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegexCost {
    /// Its size when it is compiled, in ranges of bytes. What compiling it takes is in proportion only roughly: a class that
    /// leaves out a few characters takes five times as much as one of many letters.
    pub compiled: usize,
    /// The places of it at which a search may stand at once, which each byte of a text is compared with where its states are too
    /// many to be kept. A literal is searched as a whole: it counts as little.
    pub positions: usize,
}

impl RegexCost {
    /// The cost of a regular expression; `None` where it cannot be read.
    pub fn of(regex: &str) -> Option<Self> {
        regex_syntax::parse(regex).ok().map(|parsed| Self::of_parsed(&parsed))
    }

    fn of_parsed(hir: &Hir) -> Self {
        let new = |compiled, positions| Self { compiled, positions };
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => new(1, 1),
            HirKind::Literal(literal) => new(literal.0.len(), 1 + literal.0.len() / 4),
            // A range of characters is up to four of bytes.
            HirKind::Class(Class::Unicode(class)) => new(class.ranges().len().saturating_mul(4), 1),
            HirKind::Class(Class::Bytes(class)) => new(class.ranges().len(), 1),
            HirKind::Repetition(it) => {
                let sub = Self::of_parsed(&it.sub);
                let times = it.max.unwrap_or(it.min) as usize;
                new(
                    sub.compiled.saturating_mul(times.saturating_add(1)),
                    sub.positions.saturating_mul(times.max(1)),
                )
            }
            HirKind::Capture(it) => {
                let sub = Self::of_parsed(&it.sub);
                new(sub.compiled.saturating_add(2), sub.positions)
            }
            HirKind::Concat(all) | HirKind::Alternation(all) => {
                all.iter().map(Self::of_parsed).fold(new(1, 0), |sum, one| {
                    new(
                        sum.compiled.saturating_add(one.compiled),
                        sum.positions.saturating_add(one.positions),
                    )
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RegexCost;

    #[test]
    fn places_are_counted_as_often_as_they_are_repeated() {
        let positions = |regex: &str| RegexCost::of(regex).unwrap().positions;
        assert_eq!(positions("a"), 1);
        assert_eq!(positions(r"^\d+ (error|fatal)$"), 1 + 1 + 1 + (2 + 2) + 1);
        assert_eq!(positions(r"(\w{100}){9}"), 900);
        assert_eq!(positions("(a*)*"), 1);
        assert_eq!(positions("[ab]{3,}"), 3);
        assert_eq!(RegexCost::of("("), None);
    }
}
