//! Reads the steps of a document.

use super::document::{Mistake, OnFailure, SsmChoice, SsmOutput, SsmStep};
use crate::import::yaml::{YamlNode, YamlValue};

/// More steps than this are refused: Systems Manager takes far fewer.
const MOST_STEPS: usize = 500;

/// Loops inside loops, at most; Systems Manager allows fewer.
const DEEPEST: usize = 4;

/// Reads lists of steps into one list.
#[derive(Debug, Default)]
pub(super) struct StepReader {
    pub(super) steps: Vec<SsmStep>,
    /// What each was read from.
    nodes: Vec<YamlNode>,
    pub(super) mistakes: Vec<Mistake>,
}

/// A text below a node, empty if there is none.
pub(super) fn text_of(node: &YamlNode, key: &str) -> String {
    node.get(key).and_then(YamlNode::text).unwrap_or_default().trim().to_owned()
}

impl StepReader {
    /// Reads a list of steps, and returns which they are.
    pub(super) fn list(&mut self, list: &YamlNode, depth: usize) -> Vec<usize> {
        let mut indices = Vec::new();
        for node in list.items() {
            if self.steps.len() == MOST_STEPS {
                self.mistakes.push((node.line, format!("more than {MOST_STEPS} steps")));
                break;
            }
            if let Some(step) = self.step(node) {
                if let Some(first) = self.steps.iter().find(|it| it.name == step.name) {
                    let what = format!("step `{}` is there twice, first in line {}", step.name, first.line);
                    self.mistakes.push((step.line, what));
                    continue;
                }
                indices.push(self.steps.len());
                self.steps.push(step);
                self.nodes.push(node.clone());
            }
        }
        for position in 0..indices.len() {
            self.link(&indices, position);
        }
        for &index in &indices {
            let inner = self.steps.get(index).filter(|it| it.action == "loop");
            let Some(inner) = inner.and_then(|it| it.inputs.get("Steps").cloned()) else { continue };
            if depth == DEEPEST {
                self.mistakes.push((inner.line, "loops are nested too deep".into()));
                continue;
            }
            let body = self.list(&inner, depth + 1);
            if let Some(step) = self.steps.get_mut(index) {
                step.body = body;
            }
        }
        indices
    }

    fn step(&mut self, node: &YamlNode) -> Option<SsmStep> {
        let name = text_of(node, "name");
        if !matches!(node.value, YamlValue::Map(_)) || name.is_empty() {
            self.mistakes.push((node.line, "a step without `name`".into()));
            return None;
        }
        let action = text_of(node, "action");
        let Some(action) = action.strip_prefix("aws:").filter(|it| !it.is_empty()) else {
            let what = if action.is_empty() {
                format!("step `{name}` has no `action`")
            } else {
                format!("step `{name}`: the action `{action}` does not begin with `aws:`")
            };
            self.mistakes.push((node.line, what));
            return None;
        };
        let flag = |key: &str| {
            let text = node.get(key).and_then(YamlNode::text)?;
            Some(text.eq_ignore_ascii_case("true"))
        };
        let continues = node
            .get("onFailure")
            .and_then(YamlNode::text)
            .is_some_and(|it| it.eq_ignore_ascii_case("continue"));
        let plain = |key: &str| node.get(key).and_then(YamlNode::text).map(|it| it.trim().to_owned());
        let outputs = node.get("outputs").map(YamlNode::items).unwrap_or_default();
        let empty = YamlNode { line: node.line, value: YamlValue::Map(Vec::new()) };
        Some(SsmStep {
            name,
            line: node.line,
            last: node.last(),
            action: action.to_owned(),
            description: text_of(node, "description"),
            inputs: node.get("inputs").cloned().unwrap_or(empty),
            on_failure: if continues { OnFailure::Continue } else { OnFailure::Abort },
            on_cancel: None,
            is_end: flag("isEnd").unwrap_or(false),
            is_critical: flag("isCritical").unwrap_or(!continues),
            next: None,
            choices: Vec::new(),
            timeout: plain("timeoutSeconds"),
            attempts: plain("maxAttempts"),
            outputs: outputs
                .iter()
                .map(|it| SsmOutput {
                    name: text_of(it, "Name"),
                    line: it.line,
                    selector: text_of(it, "Selector"),
                    kind: text_of(it, "Type"),
                })
                .collect(),
            body: Vec::new(),
        })
    }

    /// Finds what a step leads to, by name.
    fn link(&mut self, indices: &[usize], position: usize) {
        let Some(&index) = indices.get(position) else { return };
        let (Some(step), Some(node)) = (self.steps.get(index).cloned(), self.nodes.get(index).cloned())
        else {
            return;
        };
        let find = |reader: &mut Self, line: usize, name: &str, what: &str| {
            let found = indices.iter().find(|&&it| reader.steps.get(it).is_some_and(|it| it.name == name));
            if found.is_none() {
                let what = format!("step `{}`: {what} `{name}`, and no such step is there", step.name);
                reader.mistakes.push((line, what));
            }
            found.copied()
        };
        let JumpNames { next, default, failure, cancel, choices } = JumpNames::of(&step, &node);
        let after = indices.get(position + 1).copied().filter(|_| !step.is_end);
        let mut linked = step.clone();
        linked.next = match next.or(default) {
            Some((line, name)) => find(self, line, &name, "it leads to"),
            None => after,
        };
        // An end is an end, whatever stands beside it; a branch still has its choices.
        if step.is_end && step.action != "branch" {
            linked.next = None;
        }
        if let Some((line, name)) = failure {
            match name.strip_prefix("step:") {
                Some(name) => {
                    if let Some(it) = find(self, line, name.trim(), "when it fails, it leads to") {
                        linked.on_failure = OnFailure::Step(it);
                    }
                }
                None if ["abort", "continue"].contains(&name.to_ascii_lowercase().as_str()) => {}
                None => self
                    .mistakes
                    .push((line, format!("step `{}`: onFailure `{name}` is not known", step.name))),
            }
        }
        if let Some((line, name)) = cancel {
            match name.strip_prefix("step:") {
                Some(name) => {
                    linked.on_cancel = find(self, line, name.trim(), "when it is cancelled, it leads to");
                }
                None if name.eq_ignore_ascii_case("abort") => {}
                None => self
                    .mistakes
                    .push((line, format!("step `{}`: onCancel `{name}` is not known", step.name))),
            }
        }
        for choice in choices {
            let Some(next) = choice.get("NextStep").and_then(YamlNode::text) else {
                self.mistakes
                    .push((choice.line, format!("step `{}`: a choice without `NextStep`", step.name)));
                continue;
            };
            if let Some(next) = find(self, choice.line, next.trim(), "a choice leads to") {
                linked.choices.push(SsmChoice { line: choice.line, condition: choice.clone(), next });
            }
        }
        if step.action == "branch" && linked.choices.is_empty() {
            self.mistakes.push((step.line, format!("step `{}` is a branch without choices", step.name)));
        }
        if let Some(place) = self.steps.get_mut(index) {
            *place = linked;
        }
    }
}

/// The names that a step leads to, with their lines.
struct JumpNames {
    next: Option<(usize, String)>,
    default: Option<(usize, String)>,
    failure: Option<(usize, String)>,
    cancel: Option<(usize, String)>,
    choices: Vec<YamlNode>,
}

impl JumpNames {
    fn of(step: &SsmStep, node: &YamlNode) -> Self {
        let named = |node: &YamlNode, key: &str| {
            let found = node.get(key)?;
            Some((found.line, found.text()?.trim().to_owned()))
        };
        let is_branch = step.action == "branch";
        Self {
            next: named(node, "nextStep").filter(|_| !is_branch),
            default: if is_branch { named(&step.inputs, "Default") } else { None },
            failure: named(node, "onFailure"),
            cancel: named(node, "onCancel"),
            choices: step
                .inputs
                .get("Choices")
                .filter(|_| is_branch)
                .map(YamlNode::items)
                .unwrap_or_default()
                .to_vec(),
        }
    }
}
