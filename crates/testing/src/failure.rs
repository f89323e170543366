//! Why a test failed. Lines of a table that fail in the same way are merged into one [`Failure`].

use super::case::TableRow;
use super::expectation::UnmetExpectation;
use super::story::StoryLine;
use rbl_syntax::source::Place;

/// A failure of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The table lines that fail in this way, as written; empty if the test has no table.
    pub rows: Vec<Vec<Place>>,
    /// The number of runs that the test has.
    pub of: usize,
    /// The reason.
    pub reason: FailureReason,
    /// The story of the first of these runs.
    pub story: Vec<StoryLine>,
}

/// The reason for a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureReason {
    /// An expectation was not met.
    Unmet(Vec<UnmetExpectation>),
    /// A value in the test is not known before the run.
    Unclear {
        /// Where.
        at: Place,
        /// Why.
        why: String,
    },
    /// The run did not end.
    Endless {
        /// The test.
        test: Place,
        /// The simulated seconds after which it was aborted.
        seconds: u64,
        /// Where it was at that time.
        at: Option<rbl_runtime::EventPlace>,
    },
    /// The tables have too many lines.
    TooMany {
        /// The table.
        at: Place,
    },
    /// It was not run: the tests before it, or its other lines, have used up what the tests of a file may compute.
    Spent {
        /// The test.
        test: Place,
    },
}

impl FailureReason {
    /// Whether two runs of a test fail in the same way: the same expectations are unmet at the same places. What happened
    /// may differ.
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

/// The places of the table lines that a run used.
pub(super) fn places(rows: &[TableRow<'_>], source: rbl_syntax::source::SourceId) -> Vec<Place> {
    rows.iter().map(|row| row.span.in_source(source)).collect()
}
