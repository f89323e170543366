//! What stands before the steps: title, parameters, and what holds of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::condition::text_literal;
use super::document::{SsmDocument, SsmParameter, SsmStep};
use super::emit::OPEN;
use super::names::{Names, SsmType, used_values, values_in};
use super::template::{duration, iso_seconds};
use crate::draft::about_literal;
use crate::import::report::NeedsPerson;
use crate::import::yaml::{YamlNode, YamlValue};

/// The head of a runbook.
pub(super) struct ImportedHead {
    pub(super) title: String,
    pub(super) declarations: String,
    /// The step that checks the parameters, if there is something to check.
    pub(super) checks: String,
}

/// Writes the head.
pub(super) fn header(
    document: &SsmDocument,
    names: &Names,
    stem: &str,
    written: &BTreeSet<usize>,
    needs: &mut Vec<NeedsPerson>,
) -> ImportedHead {
    let first = document
        .description
        .lines()
        .map(|it| it.trim_start_matches(['#', ' ']).trim())
        .find(|it| !it.is_empty());
    let title = first.filter(|it| it.chars().count() <= 100).map_or_else(|| stem.to_owned(), str::to_owned);
    let mut out = format!("# rbl: imported\nrunbook {}\n", text_literal(&title));
    if document.description.trim() != title && !document.description.trim().is_empty() {
        let _ = writeln!(out, "about {}", about_literal(&document.description));
    }
    out.push('\n');
    needs.push(NeedsPerson::new(1, "nobody owns it: add `owner \"TEAM\"`"));
    let used = used_values(document);
    if let Some((line, role)) = &document.role {
        let what = "assumeRole is not carried over: commands use the credentials of where they run";
        let _ = writeln!(out, "# {OPEN}: {what} ({role})");
        needs.push(NeedsPerson::new(*line, what));
    }
    for (line, key) in &document.others {
        let what = format!("`{key}` is not carried over");
        let _ = writeln!(out, "# {OPEN}: {what}");
        needs.push(NeedsPerson::new(*line, &what));
    }
    let mut checks = String::new();
    for parameter in &document.parameters {
        if !used.contains(&parameter.name) {
            let why = if document.role.as_ref().is_some_and(|(_, role)| role.contains(&parameter.name)) {
                "it only names the role"
            } else if document.steps.iter().any(|it| names_approvers(it, &parameter.name)) {
                "it only says who approves"
            } else {
                "nothing uses it"
            };
            let _ = writeln!(out, "# The parameter {} is left out: {why}", parameter.name);
            continue;
        }
        let Some(known) = names.get(&parameter.name) else { continue };
        out.push('\n');
        out.push_str(&super::comment(&parameter.description));
        self::parameter(parameter, &known.name, known.kind, &mut out, needs);
        self::checks(parameter, &known.name, known.kind, &mut checks, needs);
    }
    for (line, variable, default) in &document.variables {
        let Some(known) = names.get(&format!("variable:{variable}")) else {
            needs.push(NeedsPerson::new(
                *line,
                &format!(
                    "the variable {variable} is changed by a step: values are never changed in a runbook"
                ),
            ));
            continue;
        };
        if used.contains(&format!("variable:{variable}")) {
            let value = default.as_ref().map_or_else(|| "\"\"".into(), |it| literal(it, known.kind));
            let _ = writeln!(out, "let {} = {value}", known.name);
        }
    }
    let steps = document.steps.iter().enumerate().filter(|(it, _)| written.contains(it));
    let seen: BTreeSet<String> = steps.flat_map(|(_, it)| values_in(&it.inputs)).collect();
    for (what, line) in &names.declared {
        let stands = match *what {
            "region" => "{{global:REGION}}",
            "execution" => "{{automation:EXECUTION_ID}}",
            "account" => "{{global:ACCOUNT_ID}}",
            _ => "{{global:AWS_PARTITION}}",
        };
        // What only steps use that no way leads to is not asked for.
        if !seen.contains(stands.trim_matches(['{', '}'])) {
            continue;
        }
        let _ = writeln!(out, "\n# Stands for {stands}\n{line}");
        if line.starts_with("param") {
            needs.push(NeedsPerson::new(1, &format!("`{stands}` is a parameter: nothing in a run says it")));
        }
    }
    let checks = if checks.is_empty() { checks } else { format!("\nstep \"Parameters\" {{\n{checks}}}\n") };
    ImportedHead { title, declarations: out, checks }
}

fn parameter(it: &SsmParameter, name: &str, kind: SsmType, out: &mut String, needs: &mut Vec<NeedsPerson>) {
    let default = it.default.as_ref().filter(|node| {
        let is_open = node.text().is_some_and(|it| it.contains("{{"));
        if is_open {
            let what =
                format!("the default of {} is only known to Systems Manager: it has to be given", it.name);
            let _ = writeln!(out, "# {OPEN}: {what}");
            needs.push(NeedsPerson::new(node.line, &what));
        }
        !is_open
    });
    let value = default.map(|it| literal(it, kind));
    let equals = value.as_ref().map_or_else(String::new, |it| format!(" = {it}"));
    let _ = match kind {
        SsmType::List => {
            let default = default.map_or_else(String::new, |it| {
                let items: Vec<&str> = it.items().iter().filter_map(YamlNode::text).collect();
                format!(" = {}", text_literal(&serde_json::Value::from(items).to_string()))
            });
            writeln!(out, "# A list, as JSON: `[\"a\", \"b\"]`\nparam {name}: text{default}")
        }
        SsmType::Number => writeln!(out, "param {name}: number{equals}"),
        SsmType::Bool => writeln!(out, "param {name}: bool{equals}"),
        SsmType::Duration => writeln!(out, "param {name}: duration{equals}"),
        SsmType::Json => writeln!(out, "# JSON\nparam {name}: text{equals}"),
        SsmType::Text => {
            let among: Vec<String> = it.allowed.iter().filter_map(|it| it.text().map(text_literal)).collect();
            let among =
                if among.is_empty() { String::new() } else { format!(" among [{}]", among.join(", ")) };
            writeln!(out, "param {name}: text{among}{equals}")
        }
    };
}

/// What has to hold of a parameter.
fn checks(it: &SsmParameter, name: &str, kind: SsmType, out: &mut String, needs: &mut Vec<NeedsPerson>) {
    if kind != SsmType::Text && !it.allowed.is_empty() {
        let of = if kind == SsmType::List { SsmType::Text } else { kind };
        let values: Vec<String> = it.allowed.iter().map(|it| literal(it, of)).collect();
        let subject = if kind == SsmType::List { format!("every json({name})") } else { name.to_owned() };
        let _ = writeln!(out, "check {subject} in [{}]", values.join(", "));
    }
    if let Some(pattern) = &it.pattern {
        let whole = if pattern.starts_with('^') { pattern.clone() } else { format!("^(?:{pattern})$") };
        if regex::Regex::new(&whole).is_err() {
            let what = format!("the pattern of {} is not one that can be carried over: {pattern}", it.name);
            let _ = writeln!(out, "# {OPEN}: {}", super::comment(&what).trim_start_matches("# ").trim_end());
            needs.push(NeedsPerson::new(it.line, &what));
        } else if kind == SsmType::List {
            let _ = writeln!(
                out,
                "for each one in json({name}) up to 1000 {{\ncheck matches(one, {})\n}} none {{\n\"{name} is empty\"\n}}",
                text_literal(&whole)
            );
        } else {
            let _ = writeln!(out, "check matches({name}, {})", text_literal(&whole));
        }
    }
    for (limit, number) in &it.limits {
        let operator = if limit.starts_with("min") { ">=" } else { "<=" };
        let counted = if kind == SsmType::List { format!("json({name})") } else { name.to_owned() };
        let _ = writeln!(out, "check length({counted}) {operator} {number}");
    }
}

/// A value of the document as a literal.
fn literal(node: &YamlNode, kind: SsmType) -> String {
    let text = node.text().unwrap_or_default();
    match kind {
        SsmType::Number if text.parse::<f64>().is_ok() => text.to_owned(),
        SsmType::Bool => text.eq_ignore_ascii_case("true").to_string(),
        SsmType::Duration => iso_seconds(text).map_or_else(|| text_literal(text), duration),
        SsmType::List => {
            let items: Vec<String> =
                node.items().iter().filter_map(|it| it.text().map(text_literal)).collect();
            format!("[{}]", items.join(", "))
        }
        SsmType::Json if !matches!(node.value, YamlValue::Text(_)) => {
            text_literal(&super::inputs_as_text(node))
        }
        SsmType::Json | SsmType::Text | SsmType::Number => text_literal(text),
    }
}

fn names_approvers(step: &SsmStep, parameter: &str) -> bool {
    step.action == "approve" && values_in(&step.inputs).iter().any(|it| it == parameter)
}
