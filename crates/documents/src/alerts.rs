//! Alert rules beside runbooks: which alerts have one, which runbooks no rule starts, and which thresholds differ.

use rbl_syntax::source::SourceId;
use rbl_syntax::tree::{
    AlertNames, Block, Declaration, Expr, ExprKind, File, Item, Statement, StatementKind, TriggerKind, Wait,
};
use regex::Regex;

use crate::import::{AlertRule, rules_of};

/// A runbook with its path.
#[derive(Debug, Clone)]
pub struct NamedRunbook {
    /// As it is shown.
    pub path: String,
    /// Its tree.
    pub file: File,
}

/// What rules and runbooks say of each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertCoverage {
    /// Each alert with the runbooks that it starts.
    pub alerts: Vec<CoveredAlert>,
    /// Runbooks that wait for an alert that no rule has.
    pub never_started: Vec<String>,
    /// Thresholds of a rule that its runbook does not have.
    pub differing: Vec<DifferentThreshold>,
}

/// An alert of a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoveredAlert {
    /// Its name.
    pub name: String,
    /// The file with its rule, and the line.
    pub rule: String,
    /// The runbooks that it starts.
    pub runbooks: Vec<String>,
}

/// A threshold that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferentThreshold {
    /// The alert.
    pub alert: String,
    /// The runbook.
    pub runbook: String,
    /// What the rule compares with.
    pub in_rule: String,
    /// What the runbook compares the same metric with.
    pub in_runbook: Vec<String>,
}

impl AlertCoverage {
    /// Compares rule files, by name and text, with runbooks. Errors: a file is no YAML.
    pub fn of(rules: &[(String, String)], runbooks: &[NamedRunbook]) -> Result<Self, String> {
        let mut found = Self::default();
        let mut names: Vec<String> = Vec::new();
        for (file, text) in rules {
            for rule in rules_of(text).map_err(|why| format!("{file}: {why}"))? {
                let started: Vec<&NamedRunbook> =
                    runbooks.iter().filter(|it| starts(&it.file, &rule.name)).collect();
                for runbook in &started {
                    found.differing.extend(difference(&rule, runbook));
                }
                let paths = started.iter().map(|it| it.path.clone()).collect();
                let place = format!("{file}:{}", rule.line);
                names.push(rule.name.clone());
                found.alerts.push(CoveredAlert { name: rule.name, rule: place, runbooks: paths });
            }
        }
        let waits = |it: &&NamedRunbook| {
            trigger(&it.file).is_some() && !names.iter().any(|name| starts(&it.file, name))
        };
        found.never_started = runbooks.iter().filter(waits).map(|it| it.path.clone()).collect();
        Ok(found)
    }

    /// The findings, a line each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for it in self.alerts.iter().filter(|it| it.runbooks.is_empty()) {
            lines.push(format!("{}: the alert {} has no runbook", it.rule, it.name));
        }
        for path in &self.never_started {
            lines.push(format!("{path}: no rule has the alert that starts it"));
        }
        for it in &self.differing {
            let values = it.in_runbook.join(", ");
            lines.push(format!(
                "{}: {} fires at {}, and the runbook compares with {values}",
                it.runbook, it.alert, it.in_rule
            ));
        }
        lines
    }
}

/// The alerts that start a runbook.
pub(crate) fn trigger(file: &File) -> Option<&AlertNames> {
    file.declarations().find_map(|it| match it {
        Declaration::Trigger(trigger) => match &trigger.kind {
            TriggerKind::Alert { name, .. } => Some(name),
            TriggerKind::Schedule { .. } | TriggerKind::Manual => None,
        },
        _ => None,
    })
}

fn starts(file: &File, alert: &str) -> bool {
    match trigger(file) {
        Some(AlertNames::Listed(names)) => names.iter().any(|it| it.literal() == Some(alert)),
        Some(AlertNames::Matching(pattern)) => pattern
            .literal()
            .and_then(|it| Regex::new(&format!("^(?:{it})$")).ok())
            .is_some_and(|it| it.is_match(alert)),
        None => false,
    }
}

/// Whether a runbook reads the metric of a rule and compares it with other values only.
fn difference(rule: &AlertRule, runbook: &NamedRunbook) -> Option<DifferentThreshold> {
    let (name, limit) = rule.threshold()?;
    let wanted = number(&limit)?;
    let metrics: Vec<&str> = runbook
        .file
        .declarations()
        .filter_map(|it| match it {
            Declaration::Metric(it)
                if it.query.literal().is_some_and(|query| query.contains(name.as_str())) =>
            {
                Some(it.name.text.as_str())
            }
            _ => None,
        })
        .collect();
    let mut compared: Vec<(f64, String)> = Vec::new();
    for item in &runbook.file.items {
        match item {
            Item::Step(step) => block(&step.body, &metrics, &mut compared),
            Item::Statement(it) => statement(it, &metrics, &mut compared),
            Item::Declaration(_) | Item::Test(_) | Item::Background(_) => {}
        }
    }
    let same = |value: f64| (value - wanted).abs() <= wanted.abs() * 1e-9;
    if compared.is_empty() || compared.iter().any(|(value, _)| same(*value)) {
        return None;
    }
    let mut in_runbook: Vec<String> = compared.into_iter().map(|(_, shown)| shown).collect();
    in_runbook.dedup();
    Some(DifferentThreshold {
        alert: rule.name.clone(),
        runbook: runbook.path.clone(),
        in_rule: limit,
        in_runbook,
    })
}

/// The value of a literal in base units.
fn number(literal: &str) -> Option<f64> {
    let text = format!("runbook \"x\"\ncheck x < {literal}\n");
    let parsed = rbl_syntax::parse(SourceId(0), &text);
    parsed.file.items.iter().find_map(|it| {
        let Item::Statement(Statement { kind: StatementKind::Check(it), .. }) = it else { return None };
        let ExprKind::Binary { right, .. } = &it.condition.kind else { return None };
        value(right).map(|it| it.0)
    })
}

/// The value of a number in base units, and how it is shown.
fn value(expr: &Expr) -> Option<(f64, String)> {
    match &expr.bare().kind {
        ExprKind::Number { value, unit, .. } => Some((value * unit.factor(), format!("{value}{unit}"))),
        _ => None,
    }
}

fn block(block: &Block, metrics: &[&str], found: &mut Vec<(f64, String)>) {
    block.statements.iter().for_each(|it| statement(it, metrics, found));
}

fn statement(it: &Statement, metrics: &[&str], found: &mut Vec<(f64, String)>) {
    match &it.kind {
        StatementKind::Check(it) => {
            condition(&it.condition, metrics, found);
            it.otherwise.iter().chain(&it.unknown).for_each(|it| block(&it.block, metrics, found));
        }
        StatementKind::If(it) => {
            for branch in &it.branches {
                condition(&branch.condition, metrics, found);
                block(&branch.block, metrics, found);
            }
            it.otherwise.iter().chain(&it.unknown).for_each(|it| block(&it.block, metrics, found));
        }
        StatementKind::Match(it) => it.arms.iter().for_each(|it| block(&it.block, metrics, found)),
        StatementKind::Wait(Wait::Until { condition: until, otherwise, unknown, .. }) => {
            condition(until, metrics, found);
            otherwise.iter().chain(unknown).for_each(|it| block(&it.block, metrics, found));
        }
        StatementKind::ForEach(it) => block(&it.body, metrics, found),
        StatementKind::Repeat(it) => {
            it.until.iter().for_each(|it| condition(it, metrics, found));
            block(&it.body, metrics, found);
        }
        StatementKind::Action(it) => it.otherwise.iter().for_each(|it| block(&it.block, metrics, found)),
        StatementKind::Wait(Wait::Duration { .. })
        | StatementKind::Prose { .. }
        | StatementKind::Escalate(_)
        | StatementKind::Let(_)
        | StatementKind::Record(_)
        | StatementKind::Run(_)
        | StatementKind::Lock(_)
        | StatementKind::Resolve { .. }
        | StatementKind::Stop { .. }
        | StatementKind::Broken { .. } => {}
    }
}

fn condition(expr: &Expr, metrics: &[&str], found: &mut Vec<(f64, String)>) {
    let is_one =
        |it: &Expr| matches!(&it.bare().kind, ExprKind::Name(name) if metrics.contains(&name.text.as_str()));
    match &expr.kind {
        ExprKind::Binary { left, right, .. } if is_one(left) => found.extend(value(right)),
        ExprKind::Binary { left, right, .. } => {
            condition(left, metrics, found);
            condition(right, metrics, found);
        }
        ExprKind::Quantified { over, value: limit, .. } if is_one(over) => found.extend(value(limit)),
        ExprKind::Unary { operand, .. } => condition(operand, metrics, found),
        ExprKind::Parenthesized { inner } => condition(inner, metrics, found),
        ExprKind::Held { condition: held, .. } => condition(held, metrics, found),
        _ => {}
    }
}
