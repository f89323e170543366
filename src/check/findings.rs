//! What was found in one file, kept so that one cause gives one finding.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Place, Span};

/// The findings of one file.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Diagnostic>,
    /// The lines in which something could not be read, as spans in their order: what is wrong with the rest of such a
    /// line mostly comes from there.
    unread: Vec<Span>,
    /// Whether the statement at hand has had its finding.
    told: bool,
}

impl Findings {
    /// For a file in whose lines something could not be read.
    pub(super) fn beside(mut unread: Vec<Span>) -> Self {
        unread.sort_by_key(|line| line.start);
        Self { unread, ..Self::default() }
    }

    fn is_beside(&self, finding: &Diagnostic) -> bool {
        let Some(place) = finding.place().filter(|_| !self.unread.is_empty()) else { return false };
        let behind = self.unread.partition_point(|line| line.start <= place.span.start);
        behind
            .checked_sub(1)
            .and_then(|index| self.unread.get(index))
            .is_some_and(|line| place.span.start <= line.end)
    }

    /// A new statement begins: it may have a finding of its own.
    pub(super) fn next_statement(&mut self) {
        self.told = false;
    }

    /// Keeps a finding. Names are reported each (an unknown one is silent afterwards); of everything else a statement has
    /// one finding, since the second is mostly the first once more.
    pub(super) fn report(&mut self, finding: Diagnostic) {
        if self.is_beside(&finding) {
            return;
        }
        if !names_or_upkeep(finding.code) {
            if self.told {
                return;
            }
            self.told = true;
        }
        self.list.push(finding);
    }

    /// Whether an error was found in a piece of the file: what else is wrong there mostly comes from it.
    pub(super) fn has_error_in(&self, place: Place) -> bool {
        self.list.iter().filter(|finding| finding.is_error()).filter_map(Diagnostic::place).any(|error| {
            error.source == place.source
                && place.span.start <= error.span.start
                && error.span.end <= place.span.end
        })
    }

    /// All of them.
    pub(super) fn into_list(self) -> Vec<Diagnostic> {
        self.list
    }
}

fn names_or_upkeep(code: Code) -> bool {
    ["name/", "flow/", "upkeep/", "syntax/"].iter().any(|group| code.name().starts_with(group))
}
