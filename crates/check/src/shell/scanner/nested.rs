//! Scripts inside a command are read as commands themselves, with what the command gives them.

use std::rc::Rc;

use super::command::CommandList;
use super::flow::Flow;
use super::known::{Carriers, ShellKnowledge, carry};
use super::{ScanStart, ShellItem, ShellScanner, settled};
use crate::shell::script::{EmbeddedScript, Inherited};

/// Scripts inside scripts are followed to this depth.
const DEPTH: usize = 4;

/// A script with the values that it gets.
#[derive(Debug)]
pub(super) struct NestedScript {
    pub(super) text: String,
    pub(super) inherited: Inherited,
    /// What its `$1`, `$2` and so on carry.
    pub(super) positional: Carriers,
    pub(super) input: Vec<Flow>,
}

impl NestedScript {
    /// `carried`: the values in each word of the command.
    pub(super) fn new(script: EmbeddedScript, carried: &[Vec<Flow>], input: &[Flow]) -> Self {
        let mut positional = positional(&script.text, carried.get(script.zeroth.unwrap_or(carried.len())..));
        if script.by_xargs {
            for name in std::iter::once("@".to_owned()).chain((0..10).map(|at| at.to_string())) {
                for flow in input {
                    carry(positional.entry(name.clone()).or_default(), *flow);
                }
            }
        }
        let input = if script.by_xargs { Vec::new() } else { input.to_vec() };
        Self { text: script.text, inherited: script.inherited, positional, input }
    }
}

/// What the positional parameters of a script carry: `words` are those of its `$0` and of what follows.
pub(super) fn positional(text: &str, words: Option<&[Vec<Flow>]>) -> Carriers {
    let mut positional = Carriers::new();
    for (at, flows) in words.into_iter().flatten().enumerate() {
        // Behind `shift` it has a lower number.
        let from = if text.contains("shift") || text.contains("getopts") { 0 } else { at };
        let names = (from..=at).map(|at| at.to_string());
        let names = names.chain(["@", "*"].into_iter().filter(|_| at > 0).map(str::to_owned));
        for name in names.collect::<Vec<_>>() {
            for flow in flows {
                carry(positional.entry(name.clone()).or_default(), *flow);
            }
        }
    }
    positional
}

impl ShellScanner {
    /// Reads a script; what is wrong with the values in it is wrong with those of this command.
    pub(super) fn nested(&mut self, script: NestedScript) {
        if !self.last || self.depth >= DEPTH {
            return;
        }
        let NestedScript { text, inherited, positional, input } = script;
        let mut known = ShellKnowledge { variables: positional, ..ShellKnowledge::default() };
        if inherited != Inherited::Nothing {
            let named = |name: &str| {
                inherited == Inherited::Everything
                    || !name.starts_with(|c: char| c.is_ascii_digit() || "@*".contains(c))
            };
            let variables = self.known.variables.iter().filter(|(name, _)| named(name));
            for (name, values) in variables {
                known.variables.entry(name.clone()).or_insert_with(|| values.clone());
            }
            known.files.clone_from(&self.known.files);
        }
        if inherited == Inherited::Everything {
            known.texts.clone_from(&self.known.texts);
            known.integers.clone_from(&self.known.integers);
            known.maps.clone_from(&self.known.maps);
        }
        if known.variables.is_empty() && known.files.is_empty() && input.is_empty() {
            return;
        }
        let items: Vec<_> = text.char_indices().map(|(at, c)| (ShellItem::Char(c), at)).collect();
        let start = ScanStart { known, input, depth: self.depth + 1 };
        let inner = settled(&Rc::from(items), &start);
        for fault in inner.faults.into_iter().filter(|fault| fault.value.is_some()) {
            if !self.faults.iter().any(|known| known.value == fault.value) {
                self.faults.push(fault);
            }
        }
        self.cautions.extend(inner.cautions);
        self.options.extend(inner.options);
    }

    /// Reads the scripts of a complete list of commands.
    pub(super) fn read_scripts(&mut self, command: &mut CommandList) {
        for script in std::mem::take(&mut command.flows.scripts) {
            self.nested(script);
        }
    }
}
