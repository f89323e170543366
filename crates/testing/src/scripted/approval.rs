//! The approvals of a test: a team is asked before an action is done `by` it, and answers as given. Without an answer the
//! question times out.

use std::collections::HashMap;

use super::Scripted;
use super::by_name::NameKey;
use super::person::{no_answer, yes_or_no};
use super::script::GivenApproval;
use rbl_runtime::layers::approve::approved;
use rbl_runtime::{Act, ActTarget, Acted, Answer, AnswerAuthor};

/// The answers by action and team, and how often each was asked.
#[derive(Debug, Default)]
pub(super) struct ScriptedApprovals {
    all: Vec<(Vec<GivenApproval>, usize)>,
    by_key: HashMap<NameKey, Vec<usize>>,
}

impl ScriptedApprovals {
    /// Adds an answer after the others about the same action; `anew`: replaces them.
    pub(super) fn give(&mut self, approval: &GivenApproval, anew: bool) {
        let same = |it: &GivenApproval| it.action == approval.action && it.team == approval.team;
        let alike = self.by_key.entry(approval.action.key()).or_default();
        let known = alike
            .iter()
            .copied()
            .find(|index| self.all.get(*index).and_then(|(all, _)| all.first()).is_some_and(same));
        match known.and_then(|index| self.all.get_mut(index)) {
            Some((all, asked)) if anew => (*all, *asked) = (vec![approval.clone()], 0),
            Some((all, _)) => all.push(approval.clone()),
            None => {
                alike.push(self.all.len());
                self.all.push((vec![approval.clone()], 0));
            }
        }
    }

    /// Whether the question about this action is answered at all.
    pub(super) fn has(&self, act: &Act) -> bool {
        self.about(act).is_some()
    }

    /// The answer about an action now: one after the other, and then the last one each time.
    fn next(&mut self, act: &Act) -> Option<GivenApproval> {
        let about = self.about(act)?;
        let (all, asked) = self.all.get_mut(about)?;
        let approval = all.get(*asked).or(all.last()).cloned();
        *asked += 1;
        approval
    }

    /// Where the answers about an action are that were given last.
    fn about(&self, act: &Act) -> Option<usize> {
        if self.all.is_empty() {
            return None;
        }
        let keys = NameKey::of_act(act);
        let candidates = keys.iter().filter_map(|key| self.by_key.get(key)).flatten().copied();
        let meant = candidates.filter(|index| {
            self.all.get(*index).and_then(|(all, _)| all.first()).is_some_and(|it| is_about(it, act))
        });
        meant.max()
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
