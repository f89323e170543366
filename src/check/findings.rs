//! What was found in one file, kept so that one cause gives one finding.

use crate::diagnostic::{Code, Diagnostic};

/// The findings of one file.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Diagnostic>,
    /// Whether the statement at hand has had its finding.
    told: bool,
}

impl Findings {
    /// A new statement begins: it may have a finding of its own.
    pub(super) fn next_statement(&mut self) {
        self.told = false;
    }

    /// Keeps a finding. Names are reported each (an unknown one is silent afterwards); of everything else a statement has
    /// one finding, since the second is mostly the first once more.
    pub(super) fn report(&mut self, finding: Diagnostic) {
        if !names_or_upkeep(finding.code) {
            if self.told {
                return;
            }
            self.told = true;
        }
        self.list.push(finding);
    }

    /// All of them.
    pub(super) fn into_list(self) -> Vec<Diagnostic> {
        self.list
    }
}

fn names_or_upkeep(code: Code) -> bool {
    ["name/", "flow/", "upkeep/"].iter().any(|group| code.name().starts_with(group))
}
