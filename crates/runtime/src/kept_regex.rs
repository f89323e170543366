//! [`KeptRegex`]: a regular expression that is compiled when it is first used, and kept.
//!
//! *Why kept:* a condition asks the same pattern about each line of a log, and a server asks each runbook about each alert.
//! Compiling one takes a thousand times as long as a match.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use regex::Regex;
use smol_str::SmolStr;

use rbl_check::RegexCost;

/// The most patterns that are kept.
const MOST_KEPT: usize = 1_000;

/// The most ranges of bytes of all that are kept: some 50 MB.
const MOST_RANGES: usize = 4_000_000;

thread_local! {
    static KEPT: RefCell<KeptRegexes> = RefCell::default();
}

/// The patterns that are kept, by their text.
#[derive(Default)]
struct KeptRegexes {
    all: HashMap<SmolStr, KeptRegex>,
    ranges: usize,
}

/// A regular expression.
#[derive(Clone)]
pub(super) struct KeptRegex(Rc<WrittenRegex>);

struct WrittenRegex {
    text: SmolStr,
    cost: Option<RegexCost>,
    regex: OnceCell<Option<Regex>>,
}

impl KeptRegex {
    /// The pattern of this text.
    pub(super) fn of(text: &str) -> Self {
        KEPT.with_borrow_mut(|kept| {
            if let Some(known) = kept.all.get(text) {
                return known.clone();
            }
            let (text, cost) = (SmolStr::from(text), RegexCost::of(text));
            let ranges = cost.map_or(0, |cost| cost.compiled);
            let pattern = Self(Rc::new(WrittenRegex { text: text.clone(), cost, regex: OnceCell::new() }));
            if ranges > MOST_RANGES {
                return pattern;
            }
            if kept.all.len() >= MOST_KEPT || kept.ranges.saturating_add(ranges) > MOST_RANGES {
                *kept = KeptRegexes::default();
            }
            kept.ranges += ranges;
            kept.all.insert(text, pattern.clone());
            pattern
        })
    }

    /// What it takes to use it; `None` where it cannot be read.
    pub(super) fn cost(&self) -> Option<RegexCost> {
        self.0.cost
    }

    /// The compiled pattern; `None` where it cannot be read, or is too large.
    pub(super) fn regex(&self) -> Option<&Regex> {
        self.0.regex.get_or_init(|| Regex::new(&self.0.text).ok()).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_and_works_as_before() {
        for number in 0..3 * MOST_KEPT {
            let pattern = KeptRegex::of(&format!("^a{{{}}}x{number}$", number % 900 + 1));
            let text = format!("{}x{number}", "a".repeat(number % 900 + 1));
            if number % 100 == 0 {
                assert!(pattern.regex().is_some_and(|it| it.is_match(&text)), "{number}");
            }
        }
        KEPT.with_borrow(|kept| {
            assert!(kept.all.len() <= MOST_KEPT && kept.ranges <= MOST_RANGES);
            let ranges = |it: &KeptRegex| it.cost().map_or(0, |cost| cost.compiled);
            assert_eq!(kept.ranges, kept.all.values().map(ranges).sum::<usize>());
        });
        assert!(KeptRegex::of("(").regex().is_none());
        assert!(KeptRegex::of(r"\w{2000}").regex().is_none());
    }
}
