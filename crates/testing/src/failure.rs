//! Why a test failed. What fails alike in several lines of a table is one failure.

use super::case::Row;
use super::expectation::Unmet;
use super::story::Line;
use rbl_syntax::source::Place;

/// A failure of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The lines of the test's tables with which it fails so, each as it is written; empty where it has no table.
    pub rows: Vec<Vec<Place>>,
    /// How many runs the test has.
    pub of: usize,
    /// Why.
    pub reason: Reason,
    /// What happened in the first of them, up to its end.
    pub story: Vec<Line>,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// What was expected did not happen.
    Unmet(Vec<Unmet>),
    /// Something in the test has no value before the run.
    Unclear {
        /// Where.
        at: Place,
        /// Why.
        why: String,
    },
    /// The run did not come to an end.
    Endless {
        /// The test.
        test: Place,
        /// After how many simulated seconds it was broken off.
        seconds: u64,
        /// Where it was then.
        at: Option<rbl_runtime::EventPlace>,
    },
    /// Its tables have more lines than anybody can mean.
    TooMany {
        /// The table.
        at: Place,
    },
}

impl Reason {
    /// Whether two runs of a test fail alike: what is told of them may differ in values, not in what and where.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unmet(ours), Self::Unmet(theirs)) => {
                ours.len() == theirs.len()
                    && ours.iter().zip(theirs).all(|(a, b)| a.expected == b.expected && a.at == b.at)
            }
            (ours, theirs) => ours == theirs,
        }
    }
}

/// The places of the lines that a run took of its tables.
pub(super) fn places(rows: &[Row<'_>], source: rbl_syntax::source::SourceId) -> Vec<Place> {
    rows.iter().map(|row| row.span.in_source(source)).collect()
}
