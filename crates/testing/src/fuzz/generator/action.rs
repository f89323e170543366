//! Generates the behaviour of actions: they fail, hang, take time or print, and may fix what is wrong.

use super::Imagined;
use crate::scripted::{Action, ActionName, After, Answer, Change, How, What};
use rbl_runtime::{Act, ActTarget};

impl Imagined<'_> {
    pub(super) fn action(&mut self, act: &Act) {
        let name = name_of(act);
        if self.first(name.to_string()) {
            self.course(act, &name);
        }
        if self.first(format!("after {name}")) && self.chance.once_in(2) {
            self.aftermath(name);
        }
    }

    fn course(&mut self, act: &Act, name: &ActionName) {
        let person = matches!(act.target, ActTarget::Instruction(_));
        let how = match self.chance.below(if self.trouble == 0 { 24 } else { 12 }) {
            0 => Some(How::Fails(None)),
            1 => Some(How::Hangs),
            2 => Some(How::Takes(self.hints.time(Some(act.within), &mut self.chance))),
            3 => Some(How::Prints(self.hints.text(&mut self.chance))),
            _ => None,
        };
        match (how, &act.target) {
            (Some(how), _) if !(person && matches!(how, How::Fails(_) | How::Prints(_))) => {
                self.give(None, What::Action(Action { name: name.clone(), how }));
            }
            // An instruction without an answer counts as not done.
            (_, ActTarget::Instruction(instruction)) if !self.trouble() => {
                let with = *self
                    .chance
                    .pick(&["done", "done", "done", "done", "failed", "skipped"])
                    .unwrap_or(&"done");
                let after = if self.chance.once_in(8) {
                    self.hints.time(Some(act.within), &mut self.chance)
                } else {
                    0.0
                };
                let answer = Answer { question: instruction.clone(), with: with.into(), after };
                self.give(None, What::Answer(answer));
            }
            _ => {}
        }
    }

    fn aftermath(&mut self, action: ActionName) {
        let mut changes = Vec::new();
        for _ in 0..=self.chance.below(2) {
            let change = match self.chance.below(if self.read.is_empty() { 2 } else { 4 }) {
                0 => self.found_otherwise().map(|what| Change { from: None, what }),
                1 => self.said_otherwise().map(|what| Change { from: None, what }),
                _ => self.improvement().map(|metric| {
                    let at_once = self.chance.once_in(3);
                    let from = if at_once { None } else { Some(self.hints.time(None, &mut self.chance)) };
                    Change { from, what: What::Metric(metric) }
                }),
            };
            changes.extend(change);
        }
        if !changes.is_empty() {
            self.give_after(After { action, changes });
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
