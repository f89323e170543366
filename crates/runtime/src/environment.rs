//! The names in scope and their values.
//!
//! *Why a list:* a runbook has a handful of names; searching them from the back is faster than hashing, and shadowing
//! needs no extra code.

use std::sync::Arc;

use smol_str::SmolStr;

use super::budget::LARGEST_SCOPE;
use super::element::SeriesElement;
use rbl_syntax::value::Value;

/// Names and values, innermost last.
#[derive(Debug, Clone, Default)]
pub(super) struct Environment {
    entries: Vec<(SmolStr, Value)>,
    /// The entries that are elements of a loop over a metric, by their index.
    elements: Vec<(usize, Arc<SeriesElement>)>,
    /// The number of globals: parameters and constants, visible everywhere in the runbook.
    globals: usize,
    /// Locals below this index belong to a caller and are not visible.
    floor: usize,
    /// The bytes that the values of `let`s in scope take.
    held: usize,
}

/// Where a scope began; passed back when it ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct EnvironmentMark {
    length: usize,
    floor: usize,
    held: usize,
}

impl Environment {
    /// The value of a name, if it is in scope.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.entries.get(self.find(name)?).map(|(_, value)| value)
    }

    /// The series that a name in scope stands for, if it is the element of a loop over a metric.
    pub(super) fn element(&self, name: &str) -> Option<&Arc<SeriesElement>> {
        if self.elements.is_empty() {
            return None;
        }
        let at = self.find(name)?;
        self.elements.iter().rfind(|(index, _)| *index == at).map(|(_, element)| element)
    }

    fn find(&self, name: &str) -> Option<usize> {
        let find = |entries: &'_ [(SmolStr, Value)]| entries.iter().rposition(|(key, _)| key == name);
        find(self.entries.get(self.floor..)?)
            .map(|at| at + self.floor)
            .or_else(|| self.entries.get(..self.globals.min(self.floor)).and_then(find))
    }

    /// Defines a name in the innermost scope.
    pub(super) fn define(&mut self, name: SmolStr, value: Value) {
        self.entries.push((name, value));
    }

    /// Defines the name of an element: a value, and the series that it is read anew from.
    pub(super) fn define_element(&mut self, name: SmolStr, value: Value, of: Option<Arc<SeriesElement>>) {
        self.elements.extend(of.map(|element| (self.entries.len(), element)));
        self.define(name, value);
    }

    /// Makes every name defined so far global.
    pub(super) fn seal_globals(&mut self) {
        self.globals = self.entries.len();
    }

    /// Enters a block: it sees everything in scope.
    pub(super) fn enter(&self) -> EnvironmentMark {
        EnvironmentMark { length: self.entries.len(), floor: self.floor, held: self.held }
    }

    /// Enters the body of a declaration (a metric's query, a define's target, a named expression): it sees the globals
    /// and what is defined from now on.
    pub(super) fn enter_declaration(&mut self) -> EnvironmentMark {
        let scope = self.enter();
        self.floor = self.entries.len();
        scope
    }

    /// Leaves a scope and drops the names defined in it.
    pub(super) fn leave(&mut self, scope: EnvironmentMark) {
        self.entries.truncate(scope.length);
        self.elements.retain(|(index, _)| *index < scope.length);
        self.floor = scope.floor;
        self.held = scope.held;
    }

    /// Counts the bytes of a value that gets a name, until its scope is left. False: they are more than may be held, and
    /// were not counted.
    #[must_use]
    pub(super) fn hold(&mut self, bytes: usize) -> bool {
        let held = self.held.saturating_add(bytes);
        let may = held <= LARGEST_SCOPE;
        if may {
            self.held = held;
        }
        may
    }

    /// Every name in scope with its value, innermost last.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&SmolStr, &Value)> {
        self.entries.iter().map(|(name, value)| (name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_wins_and_goes_with_its_block() {
        let mut names = Environment::default();
        names.define("x".into(), Value::Bool(true));
        names.seal_globals();
        let block = names.enter();
        names.define("x".into(), Value::Bool(false));
        assert_eq!(names.get("x"), Some(&Value::Bool(false)));
        names.leave(block);
        assert_eq!(names.get("x"), Some(&Value::Bool(true)));
    }

    #[test]
    fn a_declaration_sees_globals_and_its_arguments_only() {
        let mut names = Environment::default();
        names.define("service".into(), Value::text("api"));
        names.seal_globals();
        let block = names.enter();
        names.define("local".into(), Value::text("l"));
        let call = names.enter_declaration();
        names.define("node".into(), Value::text("n"));
        assert_eq!(names.get("local"), None);
        assert_eq!(names.get("node"), Some(&Value::text("n")));
        assert_eq!(names.get("service"), Some(&Value::text("api")));
        names.leave(call);
        assert_eq!(names.get("local"), Some(&Value::text("l")));
        names.leave(block);
        assert_eq!(names.get("local"), None);
    }
}
