//! The approvals of a test: a team is asked before an action is done `by` it, and answers as given. Without an answer the
//! question times out.

use super::Scripted;
use super::person::{no_answer, yes_or_no};
use super::script::GivenApproval;
use rbl_runtime::layers::approve::approved;
use rbl_runtime::{Act, ActTarget, Acted, Answer, AnswerAuthor};

/// The answers by action and team, and how often each was asked.
#[derive(Debug, Default)]
pub(super) struct ScriptedApprovals(Vec<(Vec<GivenApproval>, usize)>);

impl ScriptedApprovals {
    /// Adds an answer after the others about the same action; `anew`: replaces them.
    pub(super) fn give(&mut self, approval: &GivenApproval, anew: bool) {
        let same = |it: &GivenApproval| it.action == approval.action && it.team == approval.team;
        match self.0.iter_mut().find(|(all, _)| all.first().is_some_and(same)) {
            Some((all, asked)) if anew => (*all, *asked) = (vec![approval.clone()], 0),
            Some((all, _)) => all.push(approval.clone()),
            None => self.0.push((vec![approval.clone()], 0)),
        }
    }

    /// Whether the question about this action is answered at all.
    pub(super) fn has(&self, act: &Act) -> bool {
        self.0.iter().any(|(all, _)| all.first().is_some_and(|it| is_about(it, act)))
    }

    /// The answer about an action now: one after the other, and then the last one each time.
    fn next(&mut self, act: &Act) -> Option<GivenApproval> {
        let found = self.0.iter_mut().rev().find(|(all, _)| all.first().is_some_and(|it| is_about(it, act)));
        let (all, asked) = found?;
        let approval = all.get(*asked).or(all.last()).cloned();
        *asked += 1;
        approval
    }
}

fn is_about(approval: &GivenApproval, act: &Act) -> bool {
    act.by.as_ref() == Some(&approval.team) && approval.action.names(act)
}

impl Scripted {
    /// Asks whether an action may be done; an error: what came of it, because it may not.
    pub(super) fn approval(&mut self, act: &Act) -> Result<Option<String>, Box<Acted>> {
        // An instruction needs none: the team itself does it.
        if act.by.is_none() || matches!(act.target, ActTarget::Instruction(_)) {
            return Ok(None);
        }
        let is_asked = self.asks_approvals || self.approvals.has(act);
        let given = self.approvals.next(act).filter(|it| it.after <= act.within);
        let Some(given) = given else {
            if !is_asked {
                return Ok(None);
            }
            self.clock.pass(act.within);
            return approved(Answer::Unknown(no_answer(act.within), AnswerAuthor::default()));
        };
        self.clock.pass(given.after);
        let person = self.person(act.by.as_ref());
        approved(yes_or_no(given.with, &person))
    }
}
