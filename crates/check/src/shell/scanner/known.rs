//! What one scan of a command finds out about its variables, files and inputs, for the next scan of the same text.

use std::collections::{BTreeMap, BTreeSet};

use super::flow::Flow;

/// How a variable or a file carries a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CarriedValue {
    /// Whether the value arrives as it is.
    pub(super) sure: bool,
    /// Whether it stands at the beginning.
    pub(super) begins: bool,
}

/// The values that each of these carries.
pub(super) type Carriers = BTreeMap<String, BTreeMap<usize, CarriedValue>>;

/// More texts of one variable are not followed.
const TEXTS: usize = 3;

/// What is known about a command.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct ShellKnowledge {
    /// The variables that carry values.
    pub(super) variables: Carriers,
    /// The files that were written with values in them; `&3` is a descriptor.
    pub(super) files: Carriers,
    /// What compound commands and here-documents read, by their position.
    pub(super) inputs: BTreeMap<usize, BTreeMap<usize, CarriedValue>>,
    /// The texts that variables are assigned.
    pub(super) texts: BTreeMap<String, Vec<String>>,
    /// Variables of which the shell computes what is assigned.
    pub(super) integers: BTreeSet<String>,
    /// Whether it moves its arguments: `shift`, `getopts`.
    pub(super) shifts: bool,
    /// Arrays whose index is any text, so that the shell does not compute it.
    pub(super) maps: BTreeSet<String>,
}

impl ShellKnowledge {
    pub(super) fn text(&mut self, name: &str, text: &str) {
        let texts = self.texts.entry(name.to_owned()).or_default();
        if texts.len() < TEXTS && !texts.iter().any(|known| known == text) {
            texts.push(text.to_owned());
        }
    }

    /// The largest number of texts of one variable.
    pub(super) fn variations(&self) -> usize {
        self.texts.values().map(Vec::len).max().unwrap_or(0)
    }

    pub(super) fn merge(&mut self, other: Self) {
        merge_carriers(&mut self.variables, other.variables);
        merge_carriers(&mut self.files, other.files);
        for (at, values) in other.inputs {
            merge_values(self.inputs.entry(at).or_default(), values);
        }
        for (name, texts) in other.texts {
            for text in &texts {
                self.text(&name, text);
            }
        }
        self.shifts |= other.shifts;
        self.integers.extend(other.integers);
        self.maps.extend(other.maps);
    }
}

/// Adds a value to what `carried` carries.
pub(super) fn carry(carried: &mut BTreeMap<usize, CarriedValue>, flow: Flow) {
    let Flow { value, sure, begins, .. } = flow;
    let known = carried.entry(value).or_insert(CarriedValue { sure, begins });
    known.sure |= sure;
    known.begins |= begins;
}

/// The values that arrive from a variable, a file or an input.
pub(super) fn flows(carried: Option<&BTreeMap<usize, CarriedValue>>, offset: usize) -> Vec<Flow> {
    let values = carried.into_iter().flatten();
    values.map(|(value, how)| Flow { value: *value, sure: how.sure, begins: how.begins, offset }).collect()
}

/// The name under which a file is known: `./x` is `x`, and `$f` is `f`.
pub(super) fn file_key(text: &str) -> String {
    for folder in ["/dev/fd/", "/proc/self/fd/"] {
        if let Some(descriptor) = text.strip_prefix(folder) {
            return format!("&{descriptor}");
        }
    }
    let mut key = text.trim_start_matches('$');
    while let Some(rest) = key.strip_prefix("./") {
        key = rest;
    }
    key.to_owned()
}

fn merge_carriers(all: &mut Carriers, more: Carriers) {
    for (name, values) in more {
        merge_values(all.entry(name).or_default(), values);
    }
}

fn merge_values(all: &mut BTreeMap<usize, CarriedValue>, more: BTreeMap<usize, CarriedValue>) {
    for (value, CarriedValue { sure, begins }) in more {
        carry(all, Flow { value, sure, begins, offset: 0 });
    }
}
