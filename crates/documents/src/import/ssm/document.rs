//! An Automation document as it is written, with the mistakes in it.

use super::reading::{StepReader, text_of};
use crate::import::yaml::{YamlNode, YamlValue};

/// More parameters than this are refused: Systems Manager takes 200.
const MOST_PARAMETERS: usize = 500;

/// A document of AWS Systems Manager Automation.
#[derive(Debug, Clone, Default)]
pub(crate) struct SsmDocument {
    pub(crate) description: String,
    pub(crate) description_line: usize,
    /// The role, with its line.
    pub(crate) role: Option<(usize, String)>,
    pub(crate) parameters: Vec<SsmParameter>,
    /// Names and initial values of variables.
    pub(crate) variables: Vec<(usize, String, Option<YamlNode>)>,
    /// What the document gives back: `STEP.OUTPUT`.
    pub(crate) outputs: Vec<(usize, String)>,
    /// All steps, those of loops behind those of the document.
    pub(crate) steps: Vec<SsmStep>,
    /// The steps of the document itself, in order.
    pub(crate) main: Vec<usize>,
    /// Keys that mean something else, with their lines.
    pub(crate) others: Vec<(usize, String)>,
}

/// A parameter.
#[derive(Debug, Clone)]
pub(crate) struct SsmParameter {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) last: usize,
    /// `String`, `StringList`, `Boolean`, `AWS::EC2::Instance::Id` …
    pub(crate) kind: String,
    pub(crate) description: String,
    pub(crate) default: Option<YamlNode>,
    pub(crate) allowed: Vec<YamlNode>,
    pub(crate) pattern: Option<String>,
    /// `minChars`, `maxItems` …, with their numbers.
    pub(crate) limits: Vec<(String, u64)>,
}

/// What happens when a step has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OnFailure {
    Abort,
    Continue,
    Step(usize),
}

/// Where a step leads: another step, or the end of its list.
pub(crate) type Next = Option<usize>;

/// A step.
#[derive(Debug, Clone)]
pub(crate) struct SsmStep {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) last: usize,
    /// Without `aws:`.
    pub(crate) action: String,
    pub(crate) description: String,
    pub(crate) inputs: YamlNode,
    pub(crate) on_failure: OnFailure,
    pub(crate) on_cancel: Option<usize>,
    pub(crate) is_end: bool,
    /// Whether a failure makes the whole automation fail.
    pub(crate) is_critical: bool,
    /// Where it leads when it succeeds; of a branch, where it leads when no choice fits.
    pub(crate) next: Next,
    pub(crate) choices: Vec<SsmChoice>,
    pub(crate) timeout: Option<String>,
    pub(crate) attempts: Option<String>,
    pub(crate) outputs: Vec<SsmOutput>,
    /// Of a loop: its steps, in order.
    pub(crate) body: Vec<usize>,
}

/// A choice of a branch.
#[derive(Debug, Clone)]
pub(crate) struct SsmChoice {
    pub(crate) line: usize,
    pub(crate) condition: YamlNode,
    pub(crate) next: usize,
}

/// An output that a step declares.
#[derive(Debug, Clone)]
pub(crate) struct SsmOutput {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) selector: String,
    pub(crate) kind: String,
}

/// A mistake in a document, with its line.
pub(crate) type Mistake = (usize, String);

/// Whether a document of YAML is one of Systems Manager.
pub(crate) fn is_ssm(node: &YamlNode) -> bool {
    node.get("schemaVersion").is_some()
        && ["mainSteps", "runtimeConfig"].iter().any(|key| node.get(key).is_some())
}

/// Reads a document; or the mistakes in it.
pub(crate) fn read(node: &YamlNode) -> Result<SsmDocument, Vec<Mistake>> {
    let version = node.get("schemaVersion");
    let written = version.and_then(YamlNode::text).unwrap_or_default();
    if written != "0.3" {
        let line = version.map_or(node.line, |it| it.line);
        let what = match written {
            "1.2" | "2.0" | "2.2" => {
                format!("schemaVersion {written} is a Command document, which runs on instances")
            }
            _ => format!("schemaVersion `{written}` is not known"),
        };
        return Err(vec![(line, format!("{what}; Automation documents have schemaVersion 0.3"))]);
    }
    let mut mistakes = Vec::new();
    let mut document = SsmDocument::default();
    for (key, value) in node.entries() {
        match key {
            "schemaVersion" | "mainSteps" => {}
            "description" => {
                value.text().unwrap_or_default().clone_into(&mut document.description);
                document.description_line = value.line;
            }
            "assumeRole" => document.role = value.text().map(|it| (value.line, it.to_owned())),
            "parameters" => document.parameters = parameters(value, &mut mistakes),
            "variables" => {
                document.variables = value
                    .entries()
                    .map(|(name, it)| (it.line, name.to_owned(), it.get("default").cloned()))
                    .collect();
            }
            "outputs" => {
                let items = value.items().iter();
                document.outputs =
                    items.filter_map(|it| Some((it.line, bare(it.text()?).to_owned()))).collect();
            }
            other => document.others.push((value.line, other.to_owned())),
        }
    }
    let list = node.get("mainSteps");
    if list.map(YamlNode::items).unwrap_or_default().is_empty() {
        mistakes.push((list.map_or(node.line, |it| it.line), "`mainSteps` holds no step".into()));
    }
    let mut reader = StepReader::default();
    if let Some(list) = list {
        document.main = reader.list(list, 0);
    }
    let StepReader { steps, mistakes: found, .. } = reader;
    document.steps = steps;
    mistakes.extend(found);
    settle(&mut document);
    mistakes.sort();
    if mistakes.is_empty() { Ok(document) } else { Err(mistakes) }
}

/// A branch that asks whether a Boolean is true, and whether it is false, has no other way: the later one is what is left.
fn settle(document: &mut SsmDocument) {
    let is_boolean = |name: &str| {
        let parameter = document.parameters.iter().any(|it| it.name == name && it.kind == "Boolean");
        let output = document.steps.iter().any(|step| {
            step.outputs.iter().any(|it| it.kind == "Boolean" && format!("{}.{}", step.name, it.name) == name)
        });
        parameter || output
    };
    let asked = |choice: &SsmChoice| {
        let value = super::template::only_value(choice.condition.get("Variable")?.text()?)?;
        let wanted = choice.condition.get("BooleanEquals")?.text()?.to_ascii_lowercase();
        is_boolean(&value).then_some((value, wanted))
    };
    let mut settled = Vec::new();
    for (index, step) in document.steps.iter().enumerate() {
        let asked: Vec<Option<(String, String)>> = step.choices.iter().map(asked).collect();
        let second = asked.iter().enumerate().position(|(at, it)| {
            it.as_ref().is_some_and(|(value, wanted)| {
                asked.iter().take(at).flatten().any(|(other, was)| other == value && was != wanted)
            })
        });
        settled.extend(second.map(|it| (index, it)));
    }
    for (index, second) in settled {
        if let Some(step) = document.steps.get_mut(index) {
            step.next = step.choices.get(second).map(|it| it.next);
            step.choices.truncate(second);
        }
    }
}

/// `{{ a.b }}` and `a.b` are the same output.
fn bare(text: &str) -> &str {
    text.trim().trim_start_matches("{{").trim_end_matches("}}").trim()
}

fn parameters(node: &YamlNode, mistakes: &mut Vec<Mistake>) -> Vec<SsmParameter> {
    if !matches!(node.value, YamlValue::Map(_) | YamlValue::Null) {
        mistakes.push((node.line, "`parameters` is no map of names".into()));
    }
    let mut found: Vec<SsmParameter> = Vec::new();
    for (key, value) in node.pairs() {
        let Some(name) = key.text() else { continue };
        if found.len() == MOST_PARAMETERS {
            mistakes.push((key.line, format!("more than {MOST_PARAMETERS} parameters")));
            break;
        }
        let Some(kind) = value.get("type").and_then(YamlNode::text) else {
            mistakes.push((value.line, format!("parameter `{name}` has no `type`")));
            continue;
        };
        if found.iter().any(|it| it.name == name) {
            mistakes.push((value.line, format!("parameter `{name}` is there twice")));
        }
        let limits = ["minItems", "maxItems", "minChars", "maxChars"].iter().filter_map(|key| {
            let number = value.get(key)?.text()?.parse().ok()?;
            Some(((*key).to_owned(), number))
        });
        found.push(SsmParameter {
            name: name.to_owned(),
            line: key.line,
            last: value.last(),
            kind: kind.to_owned(),
            description: text_of(value, "description"),
            default: value.get("default").cloned(),
            allowed: value.get("allowedValues").map(YamlNode::items).unwrap_or_default().to_vec(),
            pattern: value.get("allowedPattern").and_then(YamlNode::text).map(str::to_owned),
            limits: limits.collect(),
        });
    }
    found
}
