//! What the parameters, steps and outputs of a document are called in the runbook, and what their values are.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{SsmDocument, SsmParameter, SsmStep};
use super::selector::Selector;
use super::shell::operation;
use super::template::{SsmPiece, pieces};
use crate::draft::{identifier, unique};
use crate::import::yaml::{YamlNode, YamlValue};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SsmType {
    Text,
    Number,
    Bool,
    /// A duration, which the document has as a text.
    Duration,
    /// A list, as the text of its JSON.
    List,
    /// Any JSON, as a text.
    Json,
}

impl SsmType {
    /// The kind that a type of a parameter or an output says.
    pub(super) fn of(written: &str) -> Self {
        match written {
            "Integer" => Self::Number,
            "Boolean" => Self::Bool,
            "StringList" => Self::List,
            "StringMap" | "MapList" => Self::Json,
            list if list.starts_with("List<") => Self::List,
            _ => Self::Text,
        }
    }
}

/// A value of the document.
#[derive(Debug, Clone)]
pub(super) struct KnownName {
    /// Its name in the runbook.
    pub(super) name: String,
    pub(super) kind: SsmType,
    pub(super) from: NameOrigin,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NameOrigin {
    /// It is known from the beginning: its name says it.
    Given,
    /// An expression that is taken anew where it is used.
    Expression(String),
    /// The output of a step, with how it is taken from the result.
    Step(usize, OutputSource),
}

/// How an output is taken from what a step has printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OutputSource {
    /// The fields of its JSON.
    Fields(String),
    /// A program of `jq`, of `$r`, and the look that runs it.
    Program(String, String),
    /// All that it has printed.
    Text,
    /// A person says it.
    Asked(String),
    /// The element of a loop.
    Element,
}

/// The names of a document.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
    known: BTreeMap<String, KnownName>,
    /// Of each step: its action or probe, and its result.
    pub(super) steps: Vec<(String, String)>,
    /// Declarations of what every automation knows: the region, the account.
    pub(super) declared: BTreeMap<&'static str, String>,
}

impl Names {
    pub(super) fn of(document: &SsmDocument, by_hand: &dyn Fn(&SsmStep) -> bool) -> Self {
        let mut names = Self::default();
        for parameter in &document.parameters {
            let name = names.fresh(&parameter.name, "value");
            let kind = kind_of(parameter, document);
            names.known.insert(parameter.name.clone(), KnownName { name, kind, from: NameOrigin::Given });
        }
        for (_, variable, default) in &document.variables {
            // A variable that no step changes is a value.
            if !document.steps.iter().any(|it| it.action == "updateVariable") {
                let name = names.fresh(variable, "variable");
                let is_number = matches!(default.as_ref().map(|it| &it.value), Some(YamlValue::Number(_)));
                let kind = if is_number { SsmType::Number } else { SsmType::Text };
                names.known.insert(
                    format!("variable:{variable}"),
                    KnownName { name, kind, from: NameOrigin::Given },
                );
            }
        }
        for step in &document.steps {
            let action = names.fresh(&step.name, "step_name");
            let result = names.unused(&format!("{action}_result"));
            names.steps.push((action, result));
        }
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for step in &document.steps {
            for output in output_names(step) {
                *counts.entry(short_name(output)).or_default() += 1;
            }
        }
        // Which step comes first changes no name: two outputs of one name are both named after their steps.
        let shared: BTreeSet<String> =
            counts.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name).collect();
        for (index, step) in document.steps.iter().enumerate() {
            names.outputs(index, step, by_hand(step), &shared);
        }
        for used in used_values(document) {
            names.global(&used);
        }
        names
    }

    /// A name that nothing has yet, made of words.
    pub(super) fn fresh(&mut self, words: &str, otherwise: &str) -> String {
        let wanted = snake(words).unwrap_or_else(|| otherwise.to_owned());
        self.unused(&wanted)
    }

    fn unused(&mut self, wanted: &str) -> String {
        let name = unique(wanted, |it| self.taken.contains(it));
        self.taken.insert(name.clone());
        name
    }

    /// What is known of `{{ … }}`.
    pub(super) fn get(&self, value: &str) -> Option<&KnownName> {
        self.known.get(value)
    }

    fn outputs(&mut self, index: usize, step: &SsmStep, by_hand: bool, shared: &BTreeSet<String>) {
        let add = |names: &mut Self, output: &str, kind: SsmType, taken: OutputSource| {
            let key = format!("{}.{output}", step.name);
            if names.known.contains_key(&key) {
                return;
            }
            let short = short_name(output);
            let name = if names.taken.contains(&short) || shared.contains(&short) {
                let (step, _) = names.steps.get(index).cloned().unwrap_or_default();
                names.unused(&format!("{step}_{short}"))
            } else {
                names.unused(&short)
            };
            let taken = match taken {
                OutputSource::Program(program, _) => {
                    OutputSource::Program(program, names.unused(&format!("{name}_in")))
                }
                taken => taken,
            };
            names.known.insert(key, KnownName { name, kind, from: NameOrigin::Step(index, taken) });
        };
        let picked = |program: String| OutputSource::Program(program, String::new());
        for output in &step.outputs {
            let kind = SsmType::of(&output.kind);
            let selector = Selector::read(&output.selector);
            let asked =
                || OutputSource::Asked(format!("Step {}: what is its output {}?", step.name, output.name));
            let nested = step.action == "executeAutomation";
            let taken = match selector {
                _ if by_hand => asked(),
                None => asked(),
                // What a nested automation gives back are lists of texts, by name.
                Some(it) if nested => {
                    picked(format!("({}) | if type == \"array\" then .[0] else . end", it.jq("$r.outputs")))
                }
                Some(it) if kind == SsmType::List && !it.is_list() => {
                    picked(format!("[{}[] | values]", it.jq("$r")))
                }
                Some(it) if kind == SsmType::List => picked(it.jq("$r")),
                Some(it) if kind == SsmType::Json && it.fields().as_deref() == Some("") => OutputSource::Text,
                Some(it) if kind == SsmType::Json => picked(it.jq("$r")),
                Some(it) => it.fields().map_or_else(|| picked(it.jq("$r")), OutputSource::Fields),
            };
            add(self, &output.name, kind, taken);
        }
        for (output, kind, fields) in built_in(&step.action) {
            let taken = match *fields {
                _ if by_hand => {
                    OutputSource::Asked(format!("Step {}: what is its output {output}?", step.name))
                }
                "element" => OutputSource::Element,
                program if program.starts_with('$') || program.starts_with('[') => picked(program.to_owned()),
                fields => OutputSource::Fields(fields.to_owned()),
            };
            let kind = match *kind {
                SsmType::Text if *fields == "element" => SsmType::of(
                    step.inputs.get("IteratorDataType").and_then(YamlNode::text).unwrap_or("String"),
                ),
                kind => kind,
            };
            add(self, output, kind, taken);
        }
    }

    /// What every automation knows.
    fn global(&mut self, value: &str) {
        if self.known.contains_key(value) {
            return;
        }
        let (name, kind, from, declared) = match value {
            "global:REGION" => {
                let name = self.fresh("aws_region", "region");
                let line = format!("param {name}: text");
                (name, SsmType::Text, NameOrigin::Given, Some(("region", line)))
            }
            "automation:EXECUTION_ID" => {
                let name = self.fresh("execution_id", "execution");
                let line = format!("param {name}: text");
                (name, SsmType::Text, NameOrigin::Given, Some(("execution", line)))
            }
            "global:ACCOUNT_ID" => {
                let name = self.fresh("account_id", "account");
                let look = "`aws sts get-caller-identity --query Account --output text`.text";
                let line = format!("let {name} = {look}");
                (name, SsmType::Text, NameOrigin::Given, Some(("account", line)))
            }
            "global:AWS_PARTITION" => {
                let name = self.fresh("aws_partition", "partition");
                let line = format!(
                    "let {name} = split(`aws sts get-caller-identity --query Arn --output text`.text, \":\")[1]"
                );
                (name, SsmType::Text, NameOrigin::Given, Some(("partition", line)))
            }
            "global:DATE" | "global:DATE_TIME" => {
                let form = if value.ends_with("TIME") { "%Y-%m-%d_%H.%M.%S" } else { "%Y-%m-%d" };
                let name = self.fresh(if value.ends_with("TIME") { "date_time" } else { "date" }, "date");
                (name, SsmType::Text, NameOrigin::Expression(format!("`date -u +{form}`.text")), None)
            }
            _ => match value.strip_prefix("ssm:") {
                Some(path) => {
                    let name = self.fresh(&format!("parameter {path}"), "parameter");
                    let look = format!(
                        "`aws ssm get-parameter --name {path} --query Parameter.Value --output text`.text"
                    );
                    (name, SsmType::Text, NameOrigin::Expression(look), None)
                }
                None => return,
            },
        };
        self.known.insert(value.to_owned(), KnownName { name, kind, from });
        self.declared.extend(declared);
    }
}

/// The outputs of a step, each once: those it says, and those that its action has of itself.
fn output_names(step: &SsmStep) -> BTreeSet<&str> {
    let said = step.outputs.iter().map(|it| it.name.as_str());
    said.chain(built_in(&step.action).iter().map(|(name, ..)| *name)).collect()
}

fn short_name(output: &str) -> String {
    snake(output).unwrap_or_else(|| "output".into())
}

/// `FISTemplateId` → `fis_template_id`
pub(crate) fn snake(words: &str) -> Option<String> {
    let parts: Vec<String> = words
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|it| !it.is_empty())
        .map(|it| operation(it).replace('-', "_"))
        .collect();
    let name = parts.join("_");
    // The importer of prose cuts names: these are somebody's own.
    if name.chars().count() > 40 && name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Some(name);
    }
    identifier(&name)
}

/// The kind of a parameter. One that only says how long to sleep is a duration.
fn kind_of(parameter: &SsmParameter, document: &SsmDocument) -> SsmType {
    let kind = SsmType::of(&parameter.kind);
    let is_duration =
        |node: &YamlNode| node.text().is_some_and(|it| super::template::iso_seconds(it).is_some());
    let fits = parameter.default.as_ref().is_none_or(is_duration)
        && parameter.allowed.is_empty()
        && parameter.pattern.is_none();
    if kind != SsmType::Text || !fits {
        return kind;
    }
    let mut uses = 0_usize;
    let mut sleeps = 0_usize;
    for step in &document.steps {
        let all = values_in(&step.inputs).into_iter().filter(|it| *it == parameter.name).count();
        let slept = step.inputs.get("Duration").filter(|_| step.action == "sleep");
        let slept = slept.map(values_in).unwrap_or_default();
        uses += all;
        sleeps += slept.iter().filter(|it| **it == parameter.name).count();
    }
    if sleeps > 0 && uses == sleeps { SsmType::Duration } else { kind }
}

/// The values in all texts of a node.
pub(super) fn values_in(node: &YamlNode) -> Vec<String> {
    let mut found = Vec::new();
    walk(node, &mut |text| {
        found.extend(pieces(text).into_iter().filter_map(|it| match it {
            SsmPiece::Value(value) => Some(value),
            SsmPiece::Text(_) => None,
        }));
    });
    found
}

fn walk(node: &YamlNode, visit: &mut dyn FnMut(&str)) {
    match &node.value {
        YamlValue::Text(text) => visit(text),
        YamlValue::List(items) => items.iter().for_each(|it| walk(it, visit)),
        YamlValue::Map(pairs) => pairs.iter().for_each(|(_, it)| walk(it, visit)),
        YamlValue::Null | YamlValue::Bool(_) | YamlValue::Number(_) => {}
    }
}

/// Every value that a step or the document itself uses.
pub(super) fn used_values(document: &SsmDocument) -> BTreeSet<String> {
    let mut used: BTreeSet<String> = BTreeSet::new();
    for step in &document.steps {
        // Who approves is a team, and how they hear of it is said where that team is.
        let is_approval = step.action == "approve";
        for (key, value) in step.inputs.entries() {
            if !is_approval || !["Approvers", "NotificationArn"].contains(&key) {
                used.extend(values_in(value));
            }
        }
        for text in [&step.timeout, &step.attempts].into_iter().flatten() {
            used.extend(super::template::only_value(text));
        }
    }
    for parameter in &document.parameters {
        used.extend(parameter.default.iter().flat_map(values_in));
    }
    used.extend(document.outputs.iter().map(|(_, it)| it.clone()));
    used
}

/// The outputs that an action has of itself: their kinds, and where they are in what its command prints.
fn built_in(action: &str) -> &'static [(&'static str, SsmType, &'static str)] {
    match action {
        "executeScript" => {
            &[("Payload", SsmType::Json, "$r.Payload"), ("OutputPayload", SsmType::Json, "$r.Payload")]
        }
        "executeAutomation" => {
            &[("Output", SsmType::List, "[$r.outputs[]?[]]"), ("Status", SsmType::Text, ".status")]
        }
        "runCommand" => &[
            ("CommandId", SsmType::Text, ".CommandId"),
            ("Status", SsmType::Text, ".Status"),
            ("ResponseCode", SsmType::Number, ".ResponseCode"),
            ("Output", SsmType::Text, ".Output"),
        ],
        "runInstances" | "changeInstanceState" => &[("InstanceIds", SsmType::List, "[$r.InstanceIds[]]")],
        "createImage" | "copyImage" => &[("ImageId", SsmType::Text, ".ImageId")],
        "createStack" => &[("StackId", SsmType::Text, ".StackId")],
        "invokeLambdaFunction" => {
            &[("StatusCode", SsmType::Number, ".StatusCode"), ("Payload", SsmType::Json, "$r.Payload")]
        }
        "executeStateMachine" => &[("executionArn", SsmType::Text, ".executionArn")],
        "loop" => &[("CurrentIteratorValue", SsmType::Text, "element")],
        _ => &[],
    }
}
