//! Alert rules beside runbooks: which alerts have one, which runbooks no rule starts, and which thresholds differ.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rbl_check::RunbookFacts;
use rbl_syntax::counted;
use rbl_syntax::source::SourceId;
use rbl_syntax::tree::{
    AlertNames, Block, Declaration, Expr, ExprKind, File, Item, Statement, StatementKind, Wait,
};
use regex::Regex;

use crate::draft::identifier;
use crate::import::rules_of;

/// How many thresholds that differ are listed.
const MOST_DIFFERING: usize = 1_000;

/// How many values of a runbook are listed beside the threshold of a rule.
const MOST_VALUES: usize = 8;

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
    /// Thresholds of a rule that its runbook does not have; at most a thousand.
    pub differing: Vec<DifferentThreshold>,
    /// How many more there are.
    pub more_differing: usize,
}

/// An alert of a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoveredAlert {
    /// Its name.
    pub name: String,
    /// The file with its rule, and the line.
    pub rule: String,
    /// The runbooks that it starts; rules of one name share them.
    pub runbooks: Arc<[Arc<str>]>,
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
        let triggers = AlertTriggers::of(runbooks);
        let paths: Vec<Arc<str>> = runbooks.iter().map(|it| Arc::from(it.path.as_str())).collect();
        let mut compared: Vec<Option<ComparedValues>> = runbooks.iter().map(|_| None).collect();
        let mut is_started = vec![false; runbooks.len()];
        // What an alert starts is looked up once for all rules of its name.
        let mut known: HashMap<String, StartedRunbooks> = HashMap::new();
        for (file, text) in rules {
            for rule in rules_of(text).map_err(|why| format!("{file}: {why}"))? {
                let started = known.entry(rule.name.clone()).or_insert_with(|| {
                    let places = triggers.started_by(&rule.name);
                    for at in &places {
                        if let Some(is_started) = is_started.get_mut(*at) {
                            *is_started = true;
                        }
                    }
                    let paths = places.iter().filter_map(|at| paths.get(*at).cloned()).collect();
                    StartedRunbooks { places, paths }
                });
                let limit = if started.places.is_empty() { None } else { rule.threshold() };
                if let Some((name, limit)) = limit
                    && let Some(wanted) = number(&limit)
                {
                    for at in &started.places {
                        let (Some(runbook), Some(values)) = (runbooks.get(*at), compared.get_mut(*at)) else {
                            continue;
                        };
                        let values = values.get_or_insert_with(|| ComparedValues::of(&runbook.file));
                        let Some(others) = values.others_than(&name, wanted) else { continue };
                        if found.differing.len() == MOST_DIFFERING {
                            found.more_differing += 1;
                            continue;
                        }
                        found.differing.push(DifferentThreshold {
                            alert: rule.name.clone(),
                            runbook: runbook.path.clone(),
                            in_rule: limit.clone(),
                            in_runbook: shortened(others),
                        });
                    }
                }
                let place = format!("{file}:{}", rule.line);
                let runbooks = Arc::clone(&started.paths);
                found.alerts.push(CoveredAlert { name: rule.name, rule: place, runbooks });
            }
        }
        let waits =
            |(runbook, is_started): &(&NamedRunbook, bool)| !is_started && trigger(&runbook.file).is_some();
        found.never_started =
            runbooks.iter().zip(is_started).filter(waits).map(|(runbook, _)| runbook.path.clone()).collect();
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
        if self.more_differing > 0 {
            lines.push(format!(
                "{} not listed",
                counted(
                    self.more_differing as u128,
                    "more threshold that differs is",
                    "more thresholds that differ are"
                )
            ));
        }
        lines
    }
}

/// The alerts that start a runbook.
pub(crate) fn trigger(file: &File) -> Option<&AlertNames> {
    RunbookFacts::of(file).alerts()
}

/// The runbooks that the alerts of a name start.
struct StartedRunbooks {
    /// Their places among all.
    places: Vec<usize>,
    paths: Arc<[Arc<str>]>,
}

/// Which runbooks an alert starts, by its name.
struct AlertTriggers<'r> {
    listed: HashMap<&'r str, Vec<usize>>,
    patterns: Vec<(usize, Regex)>,
}

impl<'r> AlertTriggers<'r> {
    fn of(runbooks: &'r [NamedRunbook]) -> Self {
        let mut triggers = Self { listed: HashMap::new(), patterns: Vec::new() };
        for (at, runbook) in runbooks.iter().enumerate() {
            match trigger(&runbook.file) {
                Some(AlertNames::Listed(names)) => {
                    for name in names.iter().filter_map(|it| it.literal()) {
                        triggers.listed.entry(name).or_default().push(at);
                    }
                }
                Some(AlertNames::Matching(pattern)) => {
                    let pattern = pattern.literal().and_then(|it| Regex::new(&format!("^(?:{it})$")).ok());
                    triggers.patterns.extend(pattern.map(|it| (at, it)));
                }
                None => {}
            }
        }
        triggers
    }

    /// The runbooks that this alert starts, in their order.
    fn started_by(&self, alert: &str) -> Vec<usize> {
        let mut started = self.listed.get(alert).cloned().unwrap_or_default();
        started.extend(self.patterns.iter().filter(|(_, it)| it.is_match(alert)).map(|(at, _)| *at));
        started.sort_unstable();
        started.dedup();
        started
    }
}

/// What a runbook compares its metrics with, by the names in their queries.
struct ComparedValues(BTreeMap<String, Vec<(f64, String)>>);

impl ComparedValues {
    fn of(file: &File) -> Self {
        let mut named: HashMap<&str, Vec<String>> = HashMap::new();
        for declaration in file.declarations() {
            let Declaration::Metric(it) = declaration else { continue };
            let Some(query) = it.query.literal() else { continue };
            let words = query.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
            // A rule names its metric as the language does.
            let mut words: Vec<String> = words.filter_map(identifier).collect();
            words.sort();
            words.dedup();
            named.insert(it.name.text.as_str(), words);
        }
        let mut compared: Vec<(&str, (f64, String))> = Vec::new();
        for item in &file.items {
            match item {
                Item::Step(step) => block(&step.body, &mut compared),
                Item::Statement(it) => statement(it, &mut compared),
                Item::Declaration(_) | Item::Test(_) | Item::Background(_) => {}
            }
        }
        let mut values: BTreeMap<String, Vec<(f64, String)>> = BTreeMap::new();
        for (metric, value) in compared {
            for word in named.get(metric).into_iter().flatten() {
                values.entry(word.clone()).or_default().push(value.clone());
            }
        }
        Self(values)
    }

    /// What the metric of a rule is compared with, if never with what the rule says.
    fn others_than(&self, name: &str, wanted: f64) -> Option<&[(f64, String)]> {
        let compared = self.0.get(name)?;
        let same = |value: f64| (value - wanted).abs() <= wanted.abs() * 1e-9;
        (!compared.iter().any(|(value, _)| same(*value))).then_some(compared)
    }
}

/// The values as they are listed.
fn shortened(values: &[(f64, String)]) -> Vec<String> {
    let mut shown: Vec<String> = values.iter().take(MOST_VALUES).map(|(_, shown)| shown.clone()).collect();
    shown.dedup();
    if let Some(more) = values.len().checked_sub(MOST_VALUES).filter(|it| *it > 0) {
        shown.push(format!("{more} more"));
    }
    shown
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

/// Each name that is compared, and the value.
type NamedValues<'t> = Vec<(&'t str, (f64, String))>;

fn block<'t>(block: &'t Block, found: &mut NamedValues<'t>) {
    block.statements.iter().for_each(|it| statement(it, found));
}

fn statement<'t>(it: &'t Statement, found: &mut NamedValues<'t>) {
    match &it.kind {
        StatementKind::Check(it) => {
            condition(&it.condition, found);
            it.otherwise.iter().chain(&it.unknown).for_each(|it| block(&it.block, found));
        }
        StatementKind::If(it) => {
            for branch in &it.branches {
                condition(&branch.condition, found);
                block(&branch.block, found);
            }
            it.otherwise.iter().chain(&it.unknown).for_each(|it| block(&it.block, found));
        }
        StatementKind::Match(it) => it.arms.iter().for_each(|it| block(&it.block, found)),
        StatementKind::Wait(Wait::Until { condition: until, otherwise, unknown, .. }) => {
            condition(until, found);
            otherwise.iter().chain(unknown).for_each(|it| block(&it.block, found));
        }
        StatementKind::ForEach(it) => block(&it.body, found),
        StatementKind::Repeat(it) => {
            it.until.iter().for_each(|it| condition(it, found));
            block(&it.body, found);
        }
        StatementKind::Action(it) => it.otherwise.iter().for_each(|it| block(&it.block, found)),
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

fn condition<'t>(expr: &'t Expr, found: &mut NamedValues<'t>) {
    let name = |it: &'t Expr| match &it.bare().kind {
        ExprKind::Name(name) => Some(name.text.as_str()),
        _ => None,
    };
    match &expr.kind {
        ExprKind::Binary { left, right, .. } => {
            let compared = name(left).and_then(|name| Some((name, value(right)?)));
            let is_one = compared.is_some();
            found.extend(compared);
            if !is_one {
                condition(left, found);
                condition(right, found);
            }
        }
        ExprKind::Quantified { over, value: limit, .. } => {
            found.extend(name(over).and_then(|name| Some((name, value(limit)?))));
        }
        ExprKind::Unary { operand, .. } => condition(operand, found),
        ExprKind::Parenthesized { inner } => condition(inner, found),
        ExprKind::Held { condition: held, .. } => condition(held, found),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn runbook(path: &str, text: &str) -> NamedRunbook {
        NamedRunbook { path: path.into(), file: rbl_syntax::parse(SourceId(0), text).file }
    }

    fn rules(of: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
        let mut text = String::from("groups:\n- name: g\n  rules:\n");
        for (name, expression) in of {
            let _ = writeln!(text, "  - alert: {name}\n    expr: {expression}");
        }
        vec![("r.yml".into(), text)]
    }

    fn compares(alert: &str, metric: &str, limit: &str) -> String {
        format!(
            "runbook \"x\"\ntrigger alert {alert}\nmetric m from prometheus \"max({metric})\"\ncheck m < {limit}\n"
        )
    }

    #[test]
    fn only_the_metric_of_the_rule_is_compared() {
        let runbooks = [
            runbook("same.rb", &compares("\"A\"", "x1", "1")),
            runbook("other.rb", &compares("\"A\"", "x1", "2")),
            runbook("longer.rb", &compares("\"A\"", "x10", "2")),
            runbook("matching.rb", &compares("=~ \"A|B\"", "x1", "3")),
            runbook("never.rb", &compares("\"C\"", "x1", "4")),
        ];
        let given = [("A", "x1 > 1"), ("B", "x1 > 3"), ("D", "x1 > 1")];
        let given = rules(given.into_iter().map(|(name, it)| (name.to_owned(), it.to_owned())));
        let found = AlertCoverage::of(&given, &runbooks).unwrap();
        assert_eq!(
            found.lines(),
            [
                "r.yml:8: the alert D has no runbook",
                "never.rb: no rule has the alert that starts it",
                "other.rb: A fires at 1, and the runbook compares with 2",
                "matching.rb: A fires at 1, and the runbook compares with 3",
            ]
        );
        let started: Vec<usize> = found.alerts.iter().map(|it| it.runbooks.len()).collect();
        assert_eq!(started, [4, 1, 0]);
    }

    #[test]
    fn of_very_many_differences_the_first_are_listed_and_the_others_counted() {
        let mut text = compares("\"A\"", "x", "4000");
        for limit in 5_000..5_020 {
            let _ = writeln!(text, "check m < {limit}");
        }
        let runbooks: Vec<NamedRunbook> =
            (0..3).map(|number| runbook(&format!("r{number}.rb"), &text)).collect();
        let given = rules((1..=1_000).map(|limit| ("A".to_owned(), format!("x > {limit}"))));
        let found = AlertCoverage::of(&given, &runbooks).unwrap();
        assert_eq!((found.differing.len(), found.more_differing), (1_000, 2_000));
        let lines = found.lines();
        assert_eq!(lines.len(), 1_001);
        let first = "r0.rb: A fires at 1, and the runbook compares with 4000, 5000, 5001, 5002, 5003, 5004, 5005, 5006, 13 more";
        assert_eq!(lines.first().map(String::as_str), Some(first));
        assert_eq!(
            lines.last().map(String::as_str),
            Some("2,000 more thresholds that differ are not listed")
        );
    }
}
