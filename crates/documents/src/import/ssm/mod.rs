//! Documents of AWS Systems Manager Automation become runbooks.
//!
//! *Invariant:* nothing is left out silently. What the language has not stands as a comment where it was, and in the report.

mod condition;
mod document;
mod emit;
mod form;
mod graph;
mod header;
mod names;
mod reading;
mod selector;
mod shell;
mod template;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::report::{ImportReport, ImportedName, NeedsPerson, TakenLines};
use super::yaml::{YamlNode, YamlValue};
use super::{ImportOptions, ImportedDocument, ImportedRunbook, file_name, format};
use document::{SsmDocument, SsmStep};
use emit::Emitter;
use form::SsmForm;
use names::Names;
pub(crate) use names::snake;

/// Imports a document; `None` if it is none of Systems Manager.
pub(super) fn import(
    name: &str,
    documents: &[YamlNode],
    options: &ImportOptions<'_>,
) -> Option<ImportedDocument> {
    let node = documents.iter().find(|it| document::is_ssm(it))?;
    let mut report = ImportReport::of(name);
    let read = match document::read(node) {
        Ok(it) => it,
        Err(mistakes) => {
            let first: Vec<String> =
                mistakes.iter().take(3).map(|(line, what)| format!("line {line}: {what}")).collect();
            let more = mistakes.len().saturating_sub(3);
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            report.refused = Some(format!("{}{more}", first.join("; ")));
            return Some(ImportedDocument { runbooks: Vec::new(), report });
        }
    };
    let stem = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let written = Written::of(&read, stem);
    match written.and_then(|it| format(&it.text, options.catalogue).map(|text| (it, text))) {
        Ok((it, text)) => {
            let file = file_name(stem);
            report.runbooks.push(ImportedName { file: file.clone(), title: it.title });
            report.taken = it.taken;
            report.needs = it.needs;
            Some(ImportedDocument { runbooks: vec![ImportedRunbook { file, text }], report })
        }
        Err(why) => {
            report.refused = Some(why);
            Some(ImportedDocument { runbooks: Vec::new(), report })
        }
    }
}

/// A runbook before it is laid out.
struct Written {
    title: String,
    text: String,
    taken: Vec<TakenLines>,
    needs: Vec<NeedsPerson>,
}

impl Written {
    fn of(document: &SsmDocument, stem: &str) -> Result<Self, String> {
        let (names, forms, mut needs) = forms(document);
        let mut emitter = Emitter::new(document, &names, &forms);
        let body = emitter.body().map_err(|emit::TooMany| {
            "its ways meet again so often that the runbook would be longer than 1500 statements: split it into several documents".to_owned()
        })?;
        let pickers = emitter.pickers();
        let Emitter { needs: found, written, .. } = emitter;
        needs.extend(found);
        let head = header::header(document, &names, stem, &written, &mut needs);
        let mut declared = String::new();
        for (index, (step, form)) in document.steps.iter().zip(&forms).enumerate() {
            if !written.contains(&index) {
                needs.push(NeedsPerson::new(
                    step.line,
                    &format!("no way leads to step {}: it was left out", step.name),
                ));
                declared.push_str(&comment(&format!(
                    "No way leads to step {}: {}",
                    step.name,
                    inputs_as_text(&step.inputs)
                )));
                continue;
            }
            let (SsmForm::Action { declared: text, .. } | SsmForm::Look { declared: text, .. }) = form else {
                if !step.description.is_empty() {
                    declared.push_str(&comment(&format!("{}: {}", step.name, step.description)));
                }
                continue;
            };
            declared.push('\n');
            declared.push_str(&comment(&step.description));
            declared.push_str(text);
            declared.push('\n');
        }
        for picker in pickers {
            declared.push('\n');
            declared.push_str(&picker);
        }
        let taken = taken(document, &forms, &written);
        needs.sort();
        needs.dedup();
        Ok(Self {
            title: head.title.clone(),
            text: format!("{}{declared}{}{body}", head.declarations, head.checks),
            taken,
            needs,
        })
    }
}

/// What each step becomes, and what it takes.
fn forms(document: &SsmDocument) -> (Names, Vec<SsmForm>, Vec<NeedsPerson>) {
    // What a person does has outputs that a person says: it is only known once the others are named.
    let names = Names::of(document, &|_| false);
    let all = |names: &Names, needs: &mut Vec<NeedsPerson>| -> Vec<SsmForm> {
        let forms = document.steps.iter().enumerate().map(|(index, step)| {
            let mut notes = Vec::new();
            let form = form::form(index, step, names, &mut notes);
            if let SsmForm::Hand { why } | SsmForm::Cannot { why } = &form {
                notes.push(why.clone());
            }
            for output in &step.outputs {
                if selector::Selector::read(&output.selector).is_none() {
                    let what = format!(
                        "step {}: a person says what `{}` is: {}",
                        step.name, output.name, output.selector
                    );
                    needs.push(NeedsPerson::new(output.line, &what));
                }
            }
            needs.extend(notes.iter().map(|it| NeedsPerson::new(step.line, &format!("{}: {it}", step.name))));
            form
        });
        forms.collect()
    };
    let first = all(&names, &mut Vec::new());
    let by_hand: BTreeSet<&str> = document
        .steps
        .iter()
        .zip(&first)
        .filter(|(_, form)| matches!(form, SsmForm::Hand { .. } | SsmForm::Cannot { .. }))
        .map(|(step, _)| step.name.as_str())
        .collect();
    let names = Names::of(document, &|step: &SsmStep| by_hand.contains(step.name.as_str()));
    let mut needs = Vec::new();
    let forms = all(&names, &mut needs);
    (names, forms, needs)
}

/// How the lines were taken.
fn taken(document: &SsmDocument, forms: &[SsmForm], written: &BTreeSet<usize>) -> Vec<TakenLines> {
    let mut taken = Vec::new();
    if document.description_line > 0 {
        let last = document.description_line + document.description.trim_end().matches('\n').count();
        taken.push(TakenLines::new(
            document.description_line,
            last,
            "title and about",
            &document.description,
        ));
    }
    if let Some((line, role)) = &document.role {
        taken.push(TakenLines::new(*line, *line, "comment", &format!("assumeRole {role}")));
    }
    for it in &document.parameters {
        taken.push(TakenLines::new(
            it.line,
            it.last,
            "parameter",
            &format!("{}: {}", it.name, it.description),
        ));
    }
    for (line, name, _) in &document.variables {
        taken.push(TakenLines::new(*line, *line, "value", name));
    }
    for (line, output) in &document.outputs {
        taken.push(TakenLines::new(*line, *line, "record", output));
    }
    for (line, key) in &document.others {
        taken.push(TakenLines::new(*line, *line, "comment", key));
    }
    for (index, (step, form)) in document.steps.iter().zip(forms).enumerate() {
        let to = match form {
            _ if !written.contains(&index) => "comment",
            SsmForm::Action { taken, .. } => taken,
            SsmForm::Look { waits: true, .. } => "wait",
            SsmForm::Look { waits: false, .. } => "check",
            SsmForm::Approval => "approval",
            SsmForm::Pause => "instruction",
            SsmForm::Sleep => "pause",
            SsmForm::Branch => "decision",
            SsmForm::Loop => "loop",
            SsmForm::Hand { .. } => "instruction to a person",
            SsmForm::Cannot { .. } => "stop",
        };
        let failure = emit::failure_words(document, step).map_or_else(String::new, |it| format!("; {it}"));
        taken.push(TakenLines::new(
            step.line,
            step.last,
            to,
            &format!("{} (aws:{}){failure}", step.name, step.action),
        ));
    }
    taken.sort();
    taken
}

/// Lines of comment.
fn comment(text: &str) -> String {
    let mut out = String::new();
    for line in text.trim().lines() {
        let line: String = line.trim_end().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let _ = writeln!(out, "{}", format!("# {line}").trim_end());
    }
    out
}

/// A map as JSON on one line.
fn inputs_as_text(node: &YamlNode) -> String {
    json(node).to_string()
}

fn json(node: &YamlNode) -> serde_json::Value {
    use serde_json::Value;
    match &node.value {
        YamlValue::Null => Value::Null,
        YamlValue::Bool(it) => Value::Bool(*it),
        YamlValue::Number(it) => serde_json::from_str(it).unwrap_or_else(|_| Value::from(it.as_str())),
        YamlValue::Text(it) => Value::from(it.as_str()),
        YamlValue::List(items) => items.iter().map(json).collect(),
        YamlValue::Map(pairs) => Value::Object(
            pairs.iter().filter_map(|(key, value)| Some((key.text()?.to_owned(), json(value)))).collect(),
        ),
    }
}
