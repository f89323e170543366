//! [`Named`]: what a test gives, found by the name that it is given for.
//!
//! *Why:* a recorded run has as many lines for its actions as it has actions. Each action looks up what is given for it, so
//! a look at every line would make the cost grow with the square.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::script::{ActionName, ProbeName};
use rbl_runtime::{Act, ActTarget, Called, Probe};
use rbl_syntax::value::Value;

/// What everything that a name means has in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum NameKey {
    /// The called `define`.
    Call(SmolStr),
    /// The called `define`, a parameter and the text of its value.
    Argument(SmolStr, SmolStr, String),
    Command(String),
    Instruction(String),
}

impl NameKey {
    /// The keys under which an action is found.
    pub(crate) fn of_act(act: &Act) -> Vec<Self> {
        let mut keys = Self::of_call(act.call.as_ref());
        match &act.target {
            ActTarget::Command(command) => keys.push(Self::Command(command.shown())),
            ActTarget::Instruction(text) => keys.push(Self::Instruction(text.clone())),
            ActTarget::Executor { .. } => {}
        }
        keys
    }

    /// The keys under which a command that only looks is found.
    pub(crate) fn of_probe(probe: &Probe) -> Vec<Self> {
        let mut keys = Self::of_call(probe.call.as_ref());
        keys.push(Self::Command(probe.command.shown()));
        keys
    }

    fn of_call(call: Option<&Called>) -> Vec<Self> {
        let Some(call) = call else { return Vec::new() };
        let argument =
            |(param, value): &(SmolStr, Value)| Self::Argument(call.name.clone(), param.clone(), text(value));
        std::iter::once(Self::Call(call.name.clone())).chain(call.arguments.iter().map(argument)).collect()
    }

    fn of_name(name: &SmolStr, arguments: &[(SmolStr, Value)]) -> Self {
        match arguments.first() {
            Some((param, value)) => Self::Argument(name.clone(), param.clone(), text(value)),
            None => Self::Call(name.clone()),
        }
    }
}

impl ActionName {
    /// The key of every action that it means.
    pub(crate) fn key(&self) -> NameKey {
        match self {
            Self::Call { name, arguments } => NameKey::of_name(name, arguments),
            Self::Command(text) => NameKey::Command(text.clone()),
            Self::Instruction(text) => NameKey::Instruction(text.clone()),
        }
    }
}

impl ProbeName {
    /// The key of every command that it means.
    pub(crate) fn key(&self) -> NameKey {
        match self {
            Self::Call { name, arguments } => NameKey::of_name(name, arguments),
            Self::Command(text) => NameKey::Command(text.clone()),
        }
    }
}

/// A text that is equal for values that look the same in a test.
fn text(value: &Value) -> String {
    match value.quantity() {
        // 0 and -0 are equal, and so is what agrees to 12 digits.
        Some(quantity) => format!("{:.11e}", quantity.base + 0.0),
        None => value.to_string(),
    }
}

/// Things with names, in their order.
#[derive(Debug)]
pub(super) struct Named<T> {
    all: Vec<T>,
    by_key: HashMap<NameKey, Vec<usize>>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { all: Vec::new(), by_key: HashMap::new() }
    }
}

impl<T> Named<T> {
    /// Adds one behind the others.
    pub(super) fn push(&mut self, key: NameKey, thing: T) {
        self.by_key.entry(key).or_default().push(self.all.len());
        self.all.push(thing);
    }

    /// Those with one of these keys, in their order. What a key finds the name itself still has to mean.
    pub(super) fn found(&self, keys: impl FnOnce() -> Vec<NameKey>) -> impl Iterator<Item = &T> {
        // Most tests give nothing, and a key costs a text.
        let keys = if self.all.is_empty() { Vec::new() } else { keys() };
        let mut indices: Vec<usize> =
            keys.iter().filter_map(|key| self.by_key.get(key)).flatten().copied().collect();
        indices.sort_unstable();
        indices.into_iter().filter_map(|index| self.all.get(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::value::Quantity;

    fn call(name: &str, value: Value) -> Called {
        Called { name: name.into(), arguments: vec![("of".into(), value)] }
    }

    fn found(named: &Named<u32>, call: &Called) -> Vec<u32> {
        named.found(|| NameKey::of_call(Some(call))).copied().collect()
    }

    #[test]
    fn what_a_name_means_is_found_in_order() {
        let seconds = |seconds: f64| Value::Quantity(Quantity::seconds(seconds));
        let mut named = Named::default();
        named.push(NameKey::of_name(&"restart".into(), &[("of".into(), seconds(0.3))]), 1);
        named.push(NameKey::of_name(&"restart".into(), &[]), 2);
        named.push(NameKey::of_name(&"restart".into(), &[("of".into(), Value::Text("a".into()))]), 3);
        named.push(NameKey::of_name(&"stop".into(), &[]), 4);
        named.push(NameKey::of_name(&"restart".into(), &[("of".into(), seconds(300.0 * 0.001))]), 5);
        // What is equal in a test has one key, however it was computed.
        assert_eq!(found(&named, &call("restart", seconds(0.1 + 0.2))), [1, 2, 5]);
        assert_eq!(found(&named, &call("restart", Value::Text("a".into()))), [2, 3]);
        assert_eq!(found(&named, &call("stop", seconds(1.0))), [4]);
        assert_eq!(found(&named, &call("start", seconds(1.0))), Vec::<u32>::new());
        assert_eq!(Named::<u32>::default().found(|| unreachable!("no key is needed")).count(), 0);
    }
}
