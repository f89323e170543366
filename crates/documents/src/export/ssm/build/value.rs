//! What a step gives back: a `let` behind an action becomes an output with its selector.

use std::collections::BTreeSet;

use rbl_syntax::tree::{Arg, Declaration, ExprKind, Let, Statement, StatementKind};

use super::super::read;
use super::{Builder, ExportedStep, camel, step_words};

impl Builder<'_> {
    pub(super) fn output(&mut self, it: &Let, node: &mut ExportedStep) {
        let name = it.name.text.to_string();
        let is_bool = self.bools.contains(&name);
        let kind = |plain: &BTreeSet<String>, is_list: bool| {
            if is_bool {
                "Boolean"
            } else if is_list {
                "StringList"
            } else if plain.contains(&name) {
                "Integer"
            } else {
                "String"
            }
        };
        let (selector, written) = match &it.value.bare().kind {
            ExprKind::Field { of, name: field } if field.text == "text" || field.text == "json" => {
                match &of.bare().kind {
                    ExprKind::Call { name: picker, .. } => {
                        let program = self.picker(&picker.text);
                        if program.as_deref() == Some("[$r.outputs[]?[]]") {
                            node.outputs.push((name.clone(), "Output".into(), String::new(), ""));
                            return;
                        }
                        let selector = program.as_deref().and_then(read::selector);
                        let is_list =
                            selector.as_deref().is_some_and(|it| it.contains("[*]") || it.contains(".."));
                        (
                            selector,
                            if field.text == "text" && is_list {
                                "StringList"
                            } else if field.text == "text" {
                                "StringMap"
                            } else {
                                kind(&self.plain, is_list)
                            },
                        )
                    }
                    // All that was printed.
                    _ if field.text == "text" => (Some("$".into()), "StringMap"),
                    _ => (Some("$".into()), kind(&self.plain, false)),
                }
            }
            _ => (read::chain(&it.value).map(|(_, it)| it), kind(&self.plain, false)),
        };
        let Some(selector) = selector else {
            self.finding(
                it.value.span,
                "a step gives back what a selector finds in its answer",
                "write `x.json.A.B`",
                true,
            );
            return;
        };
        let built_in = match node.action {
            "runCommand" => ["CommandId", "Status", "ResponseCode", "Output"]
                .iter()
                .find(|it| selector == format!("$.{it}")),
            "createStack" => ["StackId"].iter().find(|it| selector == format!("$.{it}")),
            "changeInstanceState" => ["InstanceIds"].iter().find(|it| selector == format!("$.{it}")),
            _ => None,
        };
        if let Some(built_in) = built_in {
            node.outputs.push((name, (*built_in).to_owned(), String::new(), ""));
            return;
        }
        if written == "Integer" {
            self.finding(
                it.value.span,
                format!("`{name}` is a number or a bool: it is written as an Integer"),
                "change its `Type` if it is a Boolean",
                false,
            );
        }
        // An import puts the name of the step before the name of an output that something else has already.
        let long = camel(&name);
        let short = long.strip_prefix(&camel(&step_words(&node.name))).filter(|it| !it.is_empty());
        let short =
            short.filter(|it| self.is_taken(&step_words(it)) || self.is_shared(&name, &step_words(it)));
        let short = short.unwrap_or(&long).to_owned();
        node.outputs.push((name, short, selector, written));
    }

    /// Whether something in the file has this name.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        let words = [
            format!("let {name} ="),
            format!("param {name}:"),
            format!("param {name} ="),
            format!("define {name}("),
            format!("probe {name}("),
        ];
        self.text.lines().any(|line| words.iter().any(|it| line.trim_start().starts_with(it.as_str())))
    }

    /// Whether an output of another step has the same name behind the name of that step: `stop_state` beside `start_state`.
    fn is_shared(&self, name: &str, short: &str) -> bool {
        let declared = |step: &str| {
            self.file.declarations().any(|it| match it {
                Declaration::Define(it) => it.name.text == step,
                Declaration::Probe(it) => it.name.text == step,
                _ => false,
            })
        };
        let end = format!("_{short}");
        self.text.lines().any(|line| {
            line.trim_start()
                .strip_prefix("let ")
                .and_then(|it| it.split_once(" ="))
                .filter(|(other, _)| *other != name)
                .and_then(|(other, _)| other.strip_suffix(&end))
                .is_some_and(declared)
        })
    }

    /// The program of a look that picks something out of what a step has printed.
    pub(super) fn picker(&self, name: &str) -> Option<String> {
        let probe = self.file.declarations().find_map(|it| match it {
            Declaration::Probe(it) if it.name.text == name => Some(it),
            _ => None,
        })?;
        let ExprKind::Command { command, .. } = &probe.look.bare().kind else { return None };
        let text = read::command(command)?;
        let (_, program) = text.strip_prefix("jq -cn --argjson r ")?.split_once(" '")?;
        Some(program.strip_suffix('\'')?.replace("'\\''", "'"))
    }
}

/// Whether a `let` takes something from what the statement before it has printed.
pub(super) fn is_output_of(it: &Let, statement: &Statement) -> bool {
    let StatementKind::Action(action) = &statement.kind else { return false };
    let Some(result) = &action.name else { return false };
    let mut found = false;
    let mut at = it.value.bare();
    loop {
        match &at.kind {
            ExprKind::Field { of, .. } | ExprKind::Index { of, .. } => at = of.bare(),
            ExprKind::Name(name) => {
                found |= name.text == result.text;
                break;
            }
            ExprKind::Call { args, .. } => {
                if let [Arg { value, .. }] = args.as_slice()
                    && let ExprKind::Field { of, .. } = &value.bare().kind
                    && let ExprKind::Name(name) = &of.bare().kind
                {
                    found |= name.text == result.text;
                }
                break;
            }
            _ => break,
        }
    }
    found
}
