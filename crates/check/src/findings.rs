//! What was found in one file, kept so that one cause gives one finding.

use std::collections::HashSet;

use smol_str::SmolStr;

use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{Place, Span};

/// So many names that nothing declares are told each for itself.
const FEW: usize = 3;

/// So many of the others are told by name.
const SHOWN: usize = 8;

/// The findings of one file.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Diagnostic>,
    /// The lines in which something could not be read, as spans in their order: what is wrong with the rest of such a
    /// line mostly comes from there.
    unread: Vec<Span>,
    /// Whether the statement at hand has had its finding.
    told: bool,
    /// Those that say that a name is declared nowhere, and nothing like it either.
    undeclared: Vec<(SmolStr, Diagnostic)>,
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
            // A warning never stands in the way of an error.
            self.told = finding.is_error();
        }
        self.list.push(finding);
    }

    /// Keeps the finding that nothing is called like this.
    pub(super) fn undeclared(&mut self, name: &SmolStr, finding: Diagnostic) {
        let known = self.undeclared.iter().rev().take(64).any(|(_, other)| other.place() == finding.place());
        if !known && !self.is_beside(&finding) {
            self.undeclared.push((name.clone(), finding));
        }
    }

    /// How many there are so far.
    pub(super) fn count(&self) -> usize {
        self.list.len()
    }

    /// Those since a count were found once more by a call: what was told of the same place is not told again, and of the
    /// rest the call is shown.
    pub(super) fn told_by_call(&mut self, since: usize, call: Place, label: &str) {
        let new = self.list.split_off(since.min(self.list.len()));
        for finding in new {
            let known = |other: &Diagnostic| other.code == finding.code && other.place() == finding.place();
            if !self.list.iter().any(known) {
                self.list.push(finding.also(call, label));
            }
        }
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
    pub(super) fn into_list(mut self) -> Vec<Diagnostic> {
        self.fold_undeclared();
        self.list
    }

    /// Many names at once that nothing has, nor anything like them, have one cause: what declares them is not taken in.
    fn fold_undeclared(&mut self) {
        let mut names: Vec<&SmolStr> = Vec::new();
        for (name, _) in &self.undeclared {
            if !names.contains(&name) {
                names.push(name);
            }
            if names.len() > FEW {
                break;
            }
        }
        if names.len() <= FEW {
            self.list.extend(self.undeclared.drain(..).map(|(_, finding)| finding));
            return;
        }
        self.undeclared.sort_by_key(|(_, finding)| finding.place().map(|place| place.span.start));
        let mut all = self.undeclared.drain(..);
        let Some((first, finding)) = all.next() else { return };
        let mut seen = HashSet::from([first]);
        let mut others: Vec<SmolStr> = Vec::new();
        for (name, _) in all {
            if seen.insert(name.clone()) {
                others.push(name);
            }
        }
        let count = others.len();
        let more = if count > SHOWN { ", …" } else { "" };
        others.truncate(SHOWN);
        let shown: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
        let help = format!(
            "nothing declares {count} more names: {}{more}; take in what does with `use \"FILE\"`",
            shown.join(", ")
        );
        self.list.push(finding.help(help));
    }
}

fn names_or_upkeep(code: Code) -> bool {
    ["name/", "flow/", "upkeep/", "syntax/"].iter().any(|group| code.name().starts_with(group))
}
