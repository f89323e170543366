//! Alert rules of Prometheus become the runbooks that belong to them.
//!
//! *Invariant:* the condition of a runbook is true exactly when its rule fires, as far as both have data.

mod condition;
mod number;
mod template;

use super::report::{ImportReport, ImportedName, NeedsPerson, TakenLines};
use super::yaml::YamlNode;
use super::{ImportOptions, ImportedDocument, ImportedRunbook, file_name, formatted};
use crate::draft::{
    DraftCondition, DraftEvidence, DraftIf, DraftKind, DraftPart, DraftRunbook, DraftStatement, SourceLines,
    identifier, unique,
};
use condition::{RuleCondition, condition};

/// An alert rule, as it is written.
#[derive(Debug, Clone)]
pub(crate) struct AlertRule {
    pub(crate) name: String,
    /// Where it begins in its file.
    pub(crate) line: usize,
    pub(crate) expression: String,
    /// How long its expression has to be true, as written.
    pub(crate) held: Option<String>,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) annotations: Vec<(String, String)>,
}

impl AlertRule {
    /// The metric that the rule compares with one number, and that number as a literal; `None` for any other rule.
    pub(crate) fn threshold(&self) -> Option<(String, String)> {
        let split = condition(&self.expression, &[]).ok().filter(|it| !it.is_whole)?;
        let [metric] = split.metrics.as_slice() else { return None };
        let limit = split.firing.rsplit(' ').next()?.to_owned();
        Some((metric.name.clone(), limit))
    }
}

/// The alert rules in a text.
pub(crate) fn rules_of(text: &str) -> Result<Vec<AlertRule>, String> {
    Ok(alert_rules(&super::yaml::read(text)?))
}

/// The alert rules in the documents of a file: of Prometheus, or of a `PrometheusRule`.
fn alert_rules(documents: &[YamlNode]) -> Vec<AlertRule> {
    let mut found = Vec::new();
    for document in documents {
        let groups = document.get("groups").or_else(|| document.get("spec").and_then(|it| it.get("groups")));
        let rules = groups.map(YamlNode::items).unwrap_or_default().iter().filter_map(|it| it.get("rules"));
        for rule in rules.flat_map(YamlNode::items) {
            let (Some(name), Some(expression)) = (rule.get("alert"), rule.get("expr")) else { continue };
            let (Some(name), Some(expression)) = (name.text(), expression.text()) else { continue };
            found.push(AlertRule {
                name: name.to_owned(),
                line: rule.line,
                expression: expression.to_owned(),
                held: rule.get("for").and_then(YamlNode::text).and_then(held),
                labels: pairs(rule.get("labels")),
                annotations: pairs(rule.get("annotations")),
            });
        }
    }
    found
}

/// The lines of what stands among the rules and is none: neither an alert with an expression nor a recording rule.
fn unread(documents: &[YamlNode]) -> Vec<usize> {
    let groups = documents
        .iter()
        .filter_map(|it| it.get("groups").or_else(|| it.get("spec").and_then(|it| it.get("groups"))));
    let rules = groups.flat_map(YamlNode::items).filter_map(|it| it.get("rules")).flat_map(YamlNode::items);
    let text = |rule: &YamlNode, key: &str| rule.get(key).is_some_and(|it| it.text().is_some());
    rules
        .filter(|it| !(text(it, "expr") && (text(it, "alert") || text(it, "record"))))
        .map(|it| it.line)
        .collect()
}

fn pairs(node: Option<&YamlNode>) -> Vec<(String, String)> {
    node.into_iter()
        .flat_map(YamlNode::entries)
        .filter_map(|(key, value)| Some((key.to_owned(), value.text()?.trim().to_owned())))
        .collect()
}

/// A duration of Prometheus as a literal; none of nothing.
fn held(text: &str) -> Option<String> {
    let is_nothing = !text.chars().any(|c| c.is_ascii_digit() && c != '0');
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric()) && !text.ends_with('y');
    (!is_nothing && plain).then(|| text.to_owned())
}

/// Imports the rules of a file; `None` if there are none.
pub(super) fn import(
    name: &str,
    documents: &[YamlNode],
    options: &ImportOptions<'_>,
) -> Option<ImportedDocument> {
    let rules = alert_rules(documents);
    if rules.is_empty() {
        return None;
    }
    let mut report = ImportReport::of(name);
    for line in unread(documents) {
        report
            .needs
            .push(NeedsPerson::new(line, "no rule: it has no `expr`, or neither `alert` nor `record`"));
    }
    let mut runbooks: Vec<ImportedRunbook> = Vec::new();
    for rule in rules.iter().filter(|it| options.alert.is_none_or(|alert| alert == it.name)) {
        let is_repeated = rules.iter().filter(|it| it.name == rule.name).count() > 1;
        match runbook(rule, is_repeated, &mut report).and_then(|draft| formatted(&draft, options.catalogue)) {
            Ok(text) => {
                let wanted = file_name(&spaced(&rule.name));
                let base = wanted.trim_end_matches(".rb");
                let file =
                    unique(base, |it| runbooks.iter().any(|other| other.file == format!("{it}.rb"))) + ".rb";
                report.runbooks.push(ImportedName { file: file.clone(), title: rule.name.clone() });
                runbooks.push(ImportedRunbook { file, text });
            }
            Err(why) => {
                report.needs.push(NeedsPerson::new(rule.line, &format!("{} was left out: {why}", rule.name)));
            }
        }
    }
    if runbooks.is_empty() {
        report.refused = Some(match options.alert {
            Some(alert) => format!("no rule is called {alert}"),
            None => "no rule could be read".into(),
        });
    }
    Some(ImportedDocument { runbooks, report })
}

/// `KubePodCrashLooping` as words, for a file name.
fn spaced(name: &str) -> String {
    // Letters of other alphabets stay.
    identifier(name).filter(|_| name.is_ascii()).unwrap_or_else(|| name.to_owned())
}

fn runbook(rule: &AlertRule, is_repeated: bool, report: &mut ImportReport) -> Result<DraftRunbook, String> {
    let lines = SourceLines { first: rule.line, last: rule.line };
    let annotation = |keys: &[&str]| {
        rule.annotations.iter().find(|(key, _)| keys.contains(&key.as_str())).map(|(_, value)| value.as_str())
    };
    let label = |keys: &[&str]| {
        rule.labels.iter().find(|(key, _)| keys.contains(&key.as_str())).map(|(_, value)| value.clone())
    };
    let mut named: Vec<String> = Vec::new();
    for (_, text) in &rule.annotations {
        for label in template::labels(text) {
            if !named.contains(&label) {
                named.push(label);
            }
        }
    }
    let RuleCondition { metrics, firing, over, is_whole } = condition(&rule.expression, &named)?;
    let taken = |it: &str| metrics.iter().any(|metric| metric.name == it);
    let is_name = |it: &str| identifier(it).as_deref() == Some(it) && !taken(it);
    let summary = annotation(&["summary", "message", "title"]).and_then(|it| template::filled(it, is_name));
    let (text, labels) = summary.unwrap_or_else(|| (String::new(), Vec::new()));
    let text = if text.is_empty() { format!("{} fires.", rule.name) } else { text };
    let explains: Vec<&str> = [&["summary", "message", "title"][..], &["description"]]
        .iter()
        .filter_map(|keys| annotation(keys))
        .collect();
    let addresses = rule
        .annotations
        .iter()
        .filter(|(_, value)| value.starts_with("http://") || value.starts_with("https://"))
        .map(|(key, value)| {
            (if key == "runbook_url" { "Runbook".into() } else { key.replace('_', " ") }, value.clone())
        })
        .collect();
    let evidence: Vec<DraftEvidence> =
        metrics.iter().map(|it| DraftEvidence::Metric(it.name.clone())).collect();
    let steps = steps(rule, &text, &over, evidence, lines);
    say(rule, &firing, is_whole, report);
    Ok(DraftRunbook {
        title: rule.name.clone(),
        about: explains.join("\n\n"),
        alerts: vec![rule.name.clone()],
        matching: label(&["severity"])
            .filter(|_| is_repeated)
            .map(|it| ("severity".into(), it))
            .into_iter()
            .collect(),
        owner: label(&["team", "owner"]).or_else(|| annotation(&["owner", "team"]).map(str::to_owned)),
        severity: label(&["severity"]),
        links: addresses,
        params: labels.iter().map(|it| format!("{it} = \"unknown\"")).collect(),
        metrics,
        notes: Vec::new(),
        parts: steps,
        values: Vec::new(),
    })
}

/// What to do about an alert: look whether it is real, look at what fires, wait until it is over.
fn steps(
    rule: &AlertRule,
    text: &str,
    over: &str,
    evidence: Vec<DraftEvidence>,
    lines: SourceLines,
) -> Vec<DraftPart> {
    let step = |title: &str, statements| DraftPart::Step { title: title.to_owned(), statements };
    let resolve = DraftStatement::new(lines, DraftKind::Resolve { text: "it is over: nothing to do".into() });
    let branches = vec![(DraftCondition::Expression(over.to_owned()), vec![resolve])];
    let confirm = DraftIf { branches, otherwise: None, is_open: false };
    let mut look = DraftStatement::new(lines, DraftKind::Look { text: text.to_owned(), showing: evidence });
    look.open.push("say what to do about it".into());
    let mut wait = DraftStatement::new(
        lines,
        DraftKind::WaitUntil {
            condition: DraftCondition::Expression(over.to_owned()),
            held: rule.held.clone(),
            within: rule.held.as_ref().map_or_else(|| "1h".into(), |it| format!("1h + {it}")),
        },
    );
    wait.open.push("the rule does not say how long it may take: an hour is a guess".into());
    vec![
        step("Is it still so?", vec![DraftStatement::new(lines, DraftKind::If(confirm))]),
        step("What is it?", vec![look]),
        step("Is it over?", vec![wait]),
    ]
}

fn say(rule: &AlertRule, firing: &str, is_whole: bool, report: &mut ImportReport) {
    report.taken.push(TakenLines::new(rule.line, rule.line, "runbook", &format!("{}: {firing}", rule.name)));
    let line = rule.line;
    if is_whole {
        let what = format!(
            "{}: the expression stays one metric, which counts its series: splitting it could change when it is true",
            rule.name
        );
        report.needs.push(NeedsPerson::new(line, &what));
    }
    report.needs.push(NeedsPerson::new(
        line,
        &format!("{}: say what to do about it, and how long it may take", rule.name),
    ));
    if !rule.labels.iter().any(|(key, _)| key == "team" || key == "owner") {
        report
            .needs
            .push(NeedsPerson::new(line, &format!("{}: nobody owns it: add `owner \"TEAM\"`", rule.name)));
    }
}
