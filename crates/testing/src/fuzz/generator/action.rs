//! Generates the behaviour of actions: they fail, hang, take time or print, and may fix what is wrong.

use super::GeneratedWorld;
use crate::scripted::{
    ActionBehaviour, ActionConsequences, ActionName, GivenAction, GivenAnswer, GivenApproval, GivenChange,
    GivenSubject,
};
use rbl_runtime::{Act, ActTarget};

impl GeneratedWorld<'_> {
    pub(super) fn action(&mut self, act: &Act) {
        self.limit_of(act);
        let name = name_of(act);
        self.approval(act, &name);
        if self.first(name.to_string()) {
            self.course(act, &name);
        }
        if self.first(format!("after {name}")) && self.rng.once_in(2) {
            self.aftermath(name);
        }
    }

    /// A team that is asked before an action is done mostly says yes; without an answer the action is not done.
    fn approval(&mut self, act: &Act, name: &ActionName) {
        let Some(team) = act.by.clone().filter(|_| !matches!(act.target, ActTarget::Instruction(_))) else {
            return;
        };
        if !self.first(super::approval_key(&name.to_string(), &team)) || self.trouble() {
            return;
        }
        let with = *self.rng.pick(&["yes", "yes", "yes", "yes", "yes", "no", "not sure"]).unwrap_or(&"yes");
        let after = if self.rng.once_in(8) { self.hints.time(Some(act.within), &mut self.rng) } else { 0.0 };
        let approval = GivenApproval { action: name.clone(), team, with: with.into(), after };
        self.give(None, GivenSubject::Approval(approval));
    }

    fn course(&mut self, act: &Act, name: &ActionName) {
        let person = matches!(act.target, ActTarget::Instruction(_));
        let how = match self.rng.below(if self.trouble == 0 { 24 } else { 12 }) {
            0 => Some(ActionBehaviour::Fails(None)),
            1 => Some(ActionBehaviour::Hangs),
            2 => Some(ActionBehaviour::Takes(self.hints.time(Some(act.within), &mut self.rng))),
            3 => Some(ActionBehaviour::Prints(self.hints.output(&mut self.rng))),
            _ => None,
        };
        match (how, &act.target) {
            (Some(how), _)
                if !(person && matches!(how, ActionBehaviour::Fails(_) | ActionBehaviour::Prints(_))) =>
            {
                self.give(None, GivenSubject::Action(GivenAction { name: name.clone(), how }));
            }
            // An instruction without an answer counts as not done.
            (_, ActTarget::Instruction(instruction)) if !self.trouble() => {
                let with =
                    *self.rng.pick(&["done", "done", "done", "done", "failed", "skipped"]).unwrap_or(&"done");
                let after =
                    if self.rng.once_in(8) { self.hints.time(Some(act.within), &mut self.rng) } else { 0.0 };
                let answer = GivenAnswer { question: instruction.clone(), with: with.into(), after };
                self.give(None, GivenSubject::Answer(answer));
            }
            _ => {}
        }
    }

    fn aftermath(&mut self, action: ActionName) {
        let mut changes = Vec::new();
        if self.known.contains(rbl_runtime::FIRING) && self.rng.once_in(2) {
            changes.extend(self.fires_otherwise().map(|what| GivenChange { from: None, what }));
        }
        for _ in 0..=self.rng.below(2) {
            let change = match self.rng.below(if self.read.is_empty() { 2 } else { 4 }) {
                0 => self.found_otherwise().map(|what| GivenChange { from: None, what }),
                1 => self.other_answer().map(|what| GivenChange { from: None, what }),
                _ => self.improvement().map(|metric| {
                    let at_once = self.rng.once_in(3);
                    let from = if at_once { None } else { Some(self.hints.time(None, &mut self.rng)) };
                    GivenChange { from, what: GivenSubject::Metric(metric) }
                }),
            };
            changes.extend(change);
        }
        if !changes.is_empty() {
            self.give_after(ActionConsequences { action, changes });
        }
    }
}

/// What a test calls an action: its `define`, or else its command or instruction.
pub(crate) fn name_of(act: &Act) -> ActionName {
    match (&act.call, &act.target) {
        (Some(call), _) => ActionName::Call { name: call.name.clone(), arguments: Vec::new() },
        (None, ActTarget::Command(command)) => ActionName::Command(command.shown()),
        (None, ActTarget::Instruction(text)) => ActionName::Instruction(text.clone()),
        // An executor runs what is defined, so there is a call; otherwise use its title.
        (None, ActTarget::Executor { .. }) => ActionName::Command(act.title.clone()),
    }
}
