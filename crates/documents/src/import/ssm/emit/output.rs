//! What a step gives back: the `let` and the `record` behind it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::condition::text_literal;
use super::super::names::{NameOrigin, OutputSource, SsmType};
use super::super::shell;
use super::Emitter;

impl Emitter<'_> {
    /// What a step has printed is kept if something uses it.
    pub(super) fn result(&self, index: usize) -> Option<String> {
        let uses = self.used.iter().any(|it| {
            matches!(self.names.get(it).map(|it| &it.from), Some(NameOrigin::Step(of, taken)) if *of == index && !matches!(taken, OutputSource::Asked(_)))
        });
        uses.then(|| self.names.steps.get(index).map(|(_, it)| it.clone())).flatten()
    }

    pub(super) fn outputs(&self, index: usize, out: &mut String) {
        let result = self.names.steps.get(index).map_or("", |(_, it)| it.as_str());
        let mut said: BTreeMap<String, String> = BTreeMap::new();
        for value in &self.used {
            let Some(known) = self.names.get(value) else { continue };
            let NameOrigin::Step(of, taken) = &known.from else { continue };
            if *of != index {
                continue;
            }
            let text = match taken {
                OutputSource::Fields(fields) => format!("{result}.json{fields}"),
                OutputSource::Text => format!("{result}.text"),
                OutputSource::Asked(question) => format!("ask {}", text_literal(question)),
                OutputSource::Element => continue,
                OutputSource::Program(_, picker) => {
                    format!(
                        "{picker}({result}.text).{}",
                        if matches!(known.kind, SsmType::Json | SsmType::List) { "text" } else { "json" }
                    )
                }
            };
            said.insert(known.name.clone(), text);
        }
        for (name, text) in said {
            let _ = writeln!(out, "let {name} = {text}");
        }
        // What the document gives back is said as soon as it is there: no other place knows it on every way.
        let given: Vec<String> = self
            .document
            .outputs
            .iter()
            .filter_map(|(_, output)| {
                let known = self.names.get(output)?;
                let is_here = matches!(known.from, NameOrigin::Step(of, _) if of == index);
                is_here.then(|| format!("{output}: #{{{}}}", known.name))
            })
            .collect();
        if !given.is_empty() {
            let _ = writeln!(out, "record \"{}\"", given.join("\\n"));
        }
    }

    /// The looks that pick an output out of what a step has printed.
    pub(in super::super) fn pickers(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for value in &self.used {
            let Some(NameOrigin::Step(step, OutputSource::Program(program, picker))) =
                self.names.get(value).map(|it| &it.from)
            else {
                continue;
            };
            if self.written.contains(step) {
                let command = format!("jq -cn --argjson r \u{1}printed\u{2} {}", shell::quoted(program));
                found.push(format!("probe {picker}(printed) as {}\n", shell::literal(&command)));
            }
        }
        found
    }
}
