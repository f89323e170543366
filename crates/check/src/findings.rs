//! Collects the findings of one file so that one cause gives one finding.

use std::collections::HashSet;

use smol_str::SmolStr;

use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{Place, Span};

/// Up to this number, undeclared names are reported individually.
const FEW: usize = 3;

/// The number of the remaining ones that are named.
const SHOWN: usize = 8;

/// The findings of one file.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Diagnostic>,
    /// The lines that contain something unreadable, as sorted spans: other problems on such a line are mostly a
    /// consequence of that.
    unread: Vec<Span>,
    /// Whether the current statement already has a finding.
    statement_has_finding: bool,
    /// Findings about names that are not declared anywhere and resemble no declared name.
    undeclared: Vec<(SmolStr, Diagnostic)>,
    /// The names from the configuration that were looked up in vain: each is reported once.
    not_configured: HashSet<(Code, SmolStr)>,
}

impl Findings {
    /// Creates the collection for a file with unreadable lines.
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

    /// Begins a new statement, which may have a finding of its own.
    pub(super) fn next_statement(&mut self) {
        self.statement_has_finding = false;
    }

    /// Adds a finding. Each unknown name is reported (and is silent afterwards); of everything else a statement has one
    /// finding, since a second one mostly repeats the first.
    pub(super) fn report(&mut self, finding: Diagnostic) {
        if self.is_beside(&finding) {
            return;
        }
        if !names_or_upkeep(finding.code) {
            if self.statement_has_finding {
                return;
            }
            // A warning never suppresses an error.
            self.statement_has_finding = finding.is_error();
        }
        self.list.push(finding);
    }

    /// Adds several findings.
    pub(super) fn report_all(&mut self, findings: impl IntoIterator<Item = Diagnostic>) {
        for finding in findings {
            self.report(finding);
        }
    }

    /// Notes that the configuration lacks a name; returns whether this is the first time.
    pub(super) fn first_missing(&mut self, code: Code, name: &str) -> bool {
        self.not_configured.insert((code, name.into()))
    }

    /// Adds the finding that a name is not declared.
    pub(super) fn undeclared(&mut self, name: &SmolStr, finding: Diagnostic) {
        let known = self.undeclared.iter().rev().take(64).any(|(_, other)| other.place() == finding.place());
        if !known && !self.is_beside(&finding) {
            self.undeclared.push((name.clone(), finding));
        }
    }

    /// Returns the number of findings so far.
    pub(super) fn count(&self) -> usize {
        self.list.len()
    }

    /// Processes the findings since a count, which came from expanding a call: those already reported at the same place
    /// are dropped, and the others get a label on the call.
    pub(super) fn label_call(&mut self, since: usize, call: Place, label: &str) {
        let new = self.list.split_off(since.min(self.list.len()));
        for finding in new {
            let known = |other: &Diagnostic| other.code == finding.code && other.place() == finding.place();
            if !self.list.iter().any(known) {
                self.list.push(finding.also(call, label));
            }
        }
    }

    /// Whether a name was reported as used before it has a value.
    pub(super) fn is_early(&self, name: &str) -> bool {
        let named = format!("`{name}`");
        self.list.iter().any(|finding| finding.code == Code::NAME_EARLY && finding.message.contains(&named))
    }

    /// Whether an error was found in a part of the file: other problems there are mostly a consequence of it.
    pub(super) fn has_error_in(&self, place: Place) -> bool {
        self.list.iter().filter(|finding| finding.is_error()).filter_map(Diagnostic::place).any(|error| {
            error.source == place.source
                && place.span.start <= error.span.start
                && error.span.end <= place.span.end
        })
    }

    /// Whether there is an error among the findings.
    pub(super) fn has_errors(&self) -> bool {
        !self.undeclared.is_empty() || self.list.iter().any(Diagnostic::is_error)
    }

    /// Returns all findings.
    pub(super) fn into_list(mut self) -> Vec<Diagnostic> {
        self.fold_undeclared();
        self.list
    }

    /// Folds many undeclared names at once, which have one cause: what declares them is not imported.
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
            "nothing declares {count} more names: {}{more}; import what does with `use \"FILE\"`",
            shown.join(", ")
        );
        self.list.push(finding.help(help));
    }
}

fn names_or_upkeep(code: Code) -> bool {
    ["name/", "flow/", "upkeep/", "syntax/"].iter().any(|group| code.name().starts_with(group))
}
