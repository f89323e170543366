//! [`ActIndex`]: the actions of a run, found by the name that a test gives them.

use std::collections::HashMap;

use super::observed_effect::{ObservedEffect, ObservedKind};
use crate::scripted::{ActionName, NameKey};
use rbl_runtime::{Act, ActTarget, Acted, Called};
use rbl_syntax::value::Value;

/// One action as it was seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct SeenAct<'s> {
    /// Its position in the sequence of everything that was seen.
    pub(super) order: usize,
    /// When it was begun, in simulated seconds.
    pub(super) at: f64,
    pub(super) act: &'s Act,
    pub(super) acted: &'s Acted,
    /// How long it took, in seconds.
    pub(super) took: f64,
}

/// The actions of a run, in order.
#[derive(Debug)]
pub(super) struct ActIndex<'s> {
    all: Vec<SeenAct<'s>>,
    /// How a test names each of them.
    names: Vec<ActionName>,
    /// Which of them a name can mean, by a part of it.
    by_key: HashMap<NameKey, Vec<usize>>,
}

impl<'s> ActIndex<'s> {
    /// Finds the actions among everything that was seen.
    pub(super) fn of(seen: &'s [ObservedEffect]) -> Self {
        let acts = seen.iter().enumerate().filter_map(|(order, seen)| match &seen.what {
            ObservedKind::Act(act, acted, took) => {
                Some(SeenAct { order, at: seen.at, act, acted, took: *took })
            }
            _ => None,
        });
        let all: Vec<SeenAct<'s>> = acts.collect();
        // Whether every call of a `define` has the same arguments.
        let mut alike: HashMap<&str, (&Called, bool)> = HashMap::new();
        for call in all.iter().filter_map(|it| it.act.call.as_ref()) {
            let (first, alone) = alike.entry(&call.name).or_insert((call, true));
            *alone &= first.arguments == call.arguments;
        }
        let alone = |call: &Called| alike.get(call.name.as_str()).is_none_or(|(_, alone)| *alone);
        let names = all.iter().map(|it| name(it.act, alone)).collect();
        let mut by_key: HashMap<NameKey, Vec<usize>> = HashMap::new();
        for (index, it) in all.iter().enumerate() {
            for key in NameKey::of_act(it.act) {
                by_key.entry(key).or_default().push(index);
            }
        }
        Self { all, names, by_key }
    }

    /// Every action with its name, in order.
    pub(super) fn named(&self) -> impl Iterator<Item = (SeenAct<'s>, &ActionName)> {
        self.all.iter().copied().zip(&self.names)
    }

    /// Every action that a name means, in order.
    pub(super) fn meant<'a>(&'a self, name: &'a ActionName) -> impl Iterator<Item = SeenAct<'s>> + 'a {
        let candidates = self.by_key.get(&name.key()).map_or(&[][..], Vec::as_slice);
        candidates.iter().filter_map(|index| self.all.get(*index)).copied().filter(|it| name.names(it.act))
    }

    /// Whether an action is the first one that is named like this.
    pub(super) fn is_first(&self, it: SeenAct<'_>, name: &ActionName) -> bool {
        let candidates = self.by_key.get(&name.key()).map_or(&[][..], Vec::as_slice);
        let first = candidates.iter().find(|index| self.names.get(**index) == Some(name));
        first.and_then(|index| self.all.get(*index)).is_none_or(|first| first.order >= it.order)
    }
}

/// How a test names an action: by its `define`, with its arguments only if it was also called with others.
fn name(act: &Act, alone: impl Fn(&Called) -> bool) -> ActionName {
    match (&act.call, &act.target) {
        (Some(call), _) => {
            let is_plain = |value: &Value| {
                matches!(
                    value,
                    Value::Text(_)
                        | Value::Quantity(_)
                        | Value::ExactNumber(_)
                        | Value::Bool(_)
                        | Value::Sample(_)
                )
            };
            let alone = alone(call);
            let arguments = call.arguments.iter().filter(|(_, value)| !alone && is_plain(value));
            ActionName::Call { name: call.name.clone(), arguments: arguments.cloned().collect() }
        }
        (None, ActTarget::Command(command)) => ActionName::Command(command.shown()),
        (None, ActTarget::Instruction(text)) => ActionName::Instruction(text.clone()),
        (None, ActTarget::Executor { executor, .. }) => {
            ActionName::Call { name: executor.clone(), arguments: Vec::new() }
        }
    }
}
