//! Checks the recipients in tests: a team that the runbook may page, a channel that it may post to.

use super::super::types::listed;
use super::TestChecker;
use super::subject::Approver;
use rbl_syntax::diagnostic::{Code, did_you_mean};
use rbl_syntax::tree::{Target, TeamName, Template};

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

    /// Checks a team that the runbook pages: its owner, or one by its name.
    pub(super) fn tested_team_name(&mut self, team: &'t TeamName) {
        match team {
            TeamName::Named { name } => self.tested_team(name),
            TeamName::Owner { span } => {
                if self.subject.complete && !self.subject.has_owner {
                    let message = "the runbook names no owner";
                    let finding =
                        self.checker.finding(Code::NAME_UNKNOWN, message, *span, "nobody is paged by it");
                    self.checker.report(finding.help("write `owner \"TEAM\"` in the runbook"));
                }
            }
        }
    }

    /// Checks `answer action TARGET by TEAM`: the action is one that this team approves.
    pub(super) fn approval(&mut self, target: &'t Target, team: &'t TeamName) {
        self.tested_action(target);
        if let TeamName::Named { name } = team {
            self.test_text(name, "a name");
        }
        if let Target::Prose(text) = target {
            let message = "an instruction needs no approval";
            let label = "the team itself does it";
            let finding = self.checker.finding(Code::TYPE_ARGUMENT, message, text.span, label);
            let shown = self.checker.slice(text.span);
            self.checker.report(finding.help(format!("answer it: `answer {shown} with done`")));
            return;
        }
        let known = &self.subject.approvers;
        let is_asked = match team {
            TeamName::Owner { .. } => known.contains(&Approver::Owner),
            TeamName::Named { name } => {
                name.literal().is_none_or(|name| known.contains(&Approver::Named(name)))
            }
        };
        let open = known.contains(&Approver::Open)
            || matches!(team, TeamName::Named { .. }) && known.contains(&Approver::Owner);
        if !self.subject.complete || is_asked || open {
            return;
        }
        let shown = self.checker.slice(team.span());
        let message = format!("no action waits for {}", shown.trim_matches('"'));
        let finding =
            self.checker.finding(Code::NAME_UNKNOWN, message, team.span(), "not asked by any action");
        let names: Vec<&str> = known
            .iter()
            .filter_map(|one| if let Approver::Named(name) = one { Some(*name) } else { None })
            .collect();
        let near = did_you_mean(shown.trim_matches('"'), names.iter().copied());
        self.checker.report(match near {
            Some(near) => self.checker.file.suggest(finding, team.span(), &format!("\"{near}\"")),
            None if names.is_empty() => finding.help("write `by TEAM` on the action in the runbook"),
            None => finding.help(format!("the runbook asks {}", listed(&names))),
        });
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
