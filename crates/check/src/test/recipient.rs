//! Checks the recipients in tests: a team that the runbook may page, a channel that it may post to.

use super::super::types::listed;
use super::TestChecker;
use rbl_syntax::diagnostic::{Code, did_you_mean};
use rbl_syntax::tree::Template;

/// The kind of recipient, with the wording of its finding.
struct RecipientKind {
    /// The headline, up to the name.
    never: &'static str,
    /// The label: what the runbook lacks.
    lacks: &'static str,
    /// The help, up to the names that exist.
    does: &'static str,
    /// The help if there is no recipient at all.
    write: &'static str,
}

impl<'t> TestChecker<'_, 't> {
    /// Checks a team that the runbook pages.
    pub(super) fn tested_team(&mut self, name: &'t Template) {
        let role = RecipientKind {
            never: "the runbook never pages",
            lacks: "no `owner`, no `escalate`",
            does: "it pages",
            write: "write `escalate to TEAM` in the runbook",
        };
        self.recipient(name, &self.subject.teams, &role);
    }

    /// Checks a channel that the runbook posts to.
    pub(super) fn tested_channel(&mut self, name: &'t Template) {
        let role = RecipientKind {
            never: "the runbook never records to",
            lacks: "no `record` goes there",
            does: "it records to",
            write: "write `record TEXT to \"CHANNEL\"` in the runbook",
        };
        self.recipient(name, &self.subject.channels, &role);
    }

    /// `known`: the recipients; nothing is reported if one of them is only known during the run, or not all could be
    /// read.
    fn recipient(&mut self, name: &'t Template, known: &[Option<&'t str>], role: &RecipientKind) {
        self.test_text(name, "a name");
        let Some(wanted) = name.literal().filter(|_| self.subject.complete) else { return };
        let known: Option<Vec<&str>> = known.iter().copied().collect();
        let Some(mut known) = known.filter(|known| !known.contains(&wanted)) else { return };
        known.sort_unstable();
        known.dedup();
        let message = format!("{} `{wanted}`", role.never);
        let finding = self.checker.finding(Code::NAME_UNKNOWN, message, name.span, role.lacks);
        self.checker.report(match did_you_mean(wanted, known.iter().copied()) {
            Some(near) => self.checker.file.suggest(finding, name.span, &format!("\"{near}\"")),
            None if known.is_empty() => finding.help(role.write),
            None => finding.help(format!("{} {}", role.does, listed(&known))),
        });
    }
}
