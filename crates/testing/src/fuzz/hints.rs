//! [`Hints`]: the values worth trying in the worlds of a program. They are the numbers that it compares with, its
//! times, and the texts that it looks for.

use std::collections::BTreeMap;
use std::time::Duration;

use smol_str::SmolStr;

use super::fitting::fitting;
use super::near::{far, near};
use super::time_limit::TimeLimit;
use crate::fuzz::rng::Rng;
use crate::scripted::{MetricState, ReportedValue};
use rbl_check::{Limits, Program};
use rbl_runtime::{Event, EventKind, Started};
use rbl_syntax::value::{Dimension, Quantity, Time};

/// The number of worlds that only find out what a program compares with what, before any other world is generated. The
/// result depends on the program alone, unless they take too long.
const SURVEY: u64 = 48;
/// The processor time after which no other of them is begun, and no other pattern is looked at. All of them usually take some milliseconds; one that computes as
/// much as a run may takes a tenth of a second. A build without optimisation takes ten times as long for the same work, and its tests
/// must not reach it on a slow machine.
const SURVEY_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 50 } else { 1 });
/// The most numbers to collect.
const MOST: usize = 64;

/// The most JSON objects that are tried one after the other.
const MOST_OBJECTS: usize = 40;

/// A text that the program does not look for.
pub(super) const OTHER: &str = "something else";

/// The values worth trying in the worlds of a program.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// What each metric, by its name, was compared with.
    compared: BTreeMap<SmolStr, Vec<Quantity>>,
    /// Every number that is written or was compared with something.
    numbers: Vec<Quantity>,
    /// Every duration, in seconds.
    times: Vec<f64>,
    /// Texts.
    texts: Vec<String>,
    /// The names of fields that are looked up.
    fields: Vec<SmolStr>,
    /// The labels of the alert that are looked up, if anything of the alert is.
    alert_labels: Option<Vec<SmolStr>>,
    /// The end of the maintenance window in which the run begins.
    closes: Option<Time>,
}

impl Hints {
    /// Collects the hints from a program, and from some of its runs. `clock`: the processor time of this thread so far.
    pub fn of(program: &Program, clock: fn() -> Duration) -> Self {
        let literals = program.literals();
        let mut hints = Self::default();
        for quantity in &literals.quantities {
            hints.numbers.push(*quantity);
            if quantity.dimension == Dimension::DURATION && quantity.base > 0.0 {
                hints.times.push(quantity.base);
            }
        }
        hints.times.extend([Limits::DEFAULT.poll, 60.0, 600.0]);
        hints.times.sort_by(f64::total_cmp);
        hints.times.dedup();
        hints.texts = literals.texts.iter().map(ToString::to_string).collect();
        let limit = TimeLimit::new(clock, SURVEY_TIME);
        let patterns = literals.patterns.iter().take_while(|_| !limit.is_over());
        hints.texts.extend(patterns.flat_map(|pattern| fitting(pattern)));
        hints.fields = literals.fields;
        hints.alert_labels = literals.alert.then_some(literals.alert_labels);
        for seed in (0..SURVEY).take_while(|_| !limit.is_over()) {
            let (premise, seen) = crate::fuzz::generator::generate(program, &hints, Rng::new(seed));
            // A threshold that is a parameter usually has its default value.
            if premise.params.keys().any(|name| has_default(program, name)) {
                continue;
            }
            for event in &seen.events {
                hints.learn(program, event);
            }
        }
        hints
    }

    /// Learns from a decision what is compared with what.
    fn learn(&mut self, program: &Program, event: &Event) {
        if let EventKind::Started { trigger: Started::Schedule { window: Some((_, closes)), .. }, .. } =
            &event.kind
        {
            self.closes = self.closes.or(Some(*closes));
        }
        let Some(decision) = event.kind.decision() else { return };
        for operand in &decision.operands {
            let Some(with) = operand.compared.as_ref().and_then(|it| it.value.value.quantity()) else {
                continue;
            };
            let words: Vec<&str> =
                operand.text.split(|it: char| !it.is_alphanumeric() && it != '_').collect();
            let names = program.runbooks().flat_map(|it| it.metrics.keys());
            let meant: Vec<SmolStr> = names.filter(|name| words.contains(&name.as_str())).cloned().collect();
            for name in meant {
                let all = self.compared.entry(name).or_default();
                if all.len() < MOST && !holds(all, &with) {
                    all.push(with);
                }
            }
            if self.numbers.len() < MOST && !holds(&self.numbers, &with) {
                self.numbers.push(with);
            }
        }
    }

    /// What a metric is compared with, or could be if that is not known.
    fn thresholds(&self, metric: &str, of: Dimension) -> Vec<Quantity> {
        let known = self.compared.get(metric).cloned().unwrap_or_default();
        if !known.is_empty() {
            return known;
        }
        self.alike(of)
    }

    /// Numbers of the same powers; a ratio may be computed from plain numbers.
    fn alike(&self, of: Dimension) -> Vec<Quantity> {
        let powers = |it: Dimension| (it.time, it.data);
        self.numbers.iter().filter(|it| powers(it.dimension) == powers(of)).copied().collect()
    }

    /// Returns every value of a metric that is worth trying.
    pub(super) fn values(&self, metric: &str, of: Dimension) -> Vec<f64> {
        let mut values: Vec<f64> = self
            .thresholds(metric, of)
            .into_iter()
            .flat_map(|it| near(&it).into_iter().chain(far(&it)))
            .collect();
        values.push(0.0);
        values.sort_by(f64::total_cmp);
        values.dedup();
        values
    }

    /// Returns values of a metric that are far from what it is compared with.
    pub(super) fn far(&self, metric: &str, of: Dimension) -> Vec<f64> {
        self.thresholds(metric, of).iter().flat_map(far).collect()
    }

    /// Returns a value of a metric, in base units.
    pub(super) fn value(&self, metric: &str, of: Dimension, rng: &mut Rng) -> f64 {
        // Now and then use the threshold of another metric: one may be divided by the other.
        let thresholds = if rng.once_in(8) { self.alike(of) } else { self.thresholds(metric, of) };
        let threshold = rng.pick(&thresholds).copied().unwrap_or(Quantity::number(1.0));
        match rng.below(8) {
            0..3 => rng.pick(&near(&threshold)).copied().unwrap_or(0.0),
            3..7 => rng.pick(&far(&threshold)).copied().unwrap_or(0.0),
            _ => *rng.pick(&[0.0, 1.0]).unwrap_or(&0.0),
        }
    }

    /// When a run may begin other than on its schedule: late in its maintenance window, or after it.
    pub(super) fn late(&self, rng: &mut Rng) -> Option<Time> {
        let before = *rng.pick(&[30.0, 120.0, 300.0, 900.0, 3_600.0, -3_600.0])?;
        self.closes?.plus(-before)
    }

    /// Returns a duration; close to the limit, if there is one.
    pub(super) fn time(&self, limit: Option<f64>, rng: &mut Rng) -> f64 {
        match limit {
            Some(limit) if !rng.once_in(4) => *rng
                .pick(&[limit, limit + 1.0, (limit - 1.0).max(1.0), (limit / 2.0).ceil()])
                .unwrap_or(&limit),
            _ => rng.pick(&self.times).copied().unwrap_or(60.0),
        }
    }

    /// Returns every text that is worth trying.
    pub(super) fn texts(&self) -> impl Iterator<Item = &String> {
        self.texts.iter()
    }

    /// The labels of the alert that are looked up; `None` for a program that does not use its alert.
    pub(super) fn alert_labels(&self) -> Option<&[SmolStr]> {
        self.alert_labels.as_deref()
    }

    /// Returns a text that a command prints.
    pub(super) fn output(&self, rng: &mut Rng) -> String {
        let fields = self.json_fields();
        if !fields.is_empty() && rng.once_in(2) {
            return self.object(&fields, 2, rng);
        }
        self.text(rng)
    }

    /// Returns a text that a person says, or that a metric reports.
    pub(super) fn text(&self, rng: &mut Rng) -> String {
        if self.reads_a_number() && rng.once_in(2) {
            return self.number(rng);
        }
        match (self.texts.is_empty(), rng.below(4)) {
            (false, 0..3) => rng.pick(&self.texts).cloned().unwrap_or_default(),
            (true, 0..2) => self.number(rng),
            _ => OTHER.to_owned(),
        }
    }

    /// The fields that are looked up in the JSON that a command prints.
    fn json_fields(&self) -> Vec<&SmolStr> {
        if !self.fields.iter().any(|it| it == "json") {
            return Vec::new();
        }
        let of_output = ["text", "lines", "number", "json", "stderr", "status"];
        self.fields.iter().filter(|it| !of_output.contains(&it.as_str())).collect()
    }

    /// Returns every state of a metric of texts that is worth trying.
    pub(super) fn reported_texts(&self) -> Vec<MetricState> {
        let texts = self.texts.iter().map(String::as_str).chain([OTHER]);
        texts.map(|text| MetricState::Reported(ReportedValue::Text(text.to_owned()))).collect()
    }

    /// Returns every state of a metric of lines that is worth trying: no line, one of each text, all of them.
    pub(super) fn reported_lines(&self) -> Vec<MetricState> {
        let mut all = vec![Vec::new(), vec![OTHER.to_owned()]];
        all.extend(self.texts.iter().map(|text| vec![text.clone()]));
        all.push(self.texts.iter().cloned().chain([OTHER.to_owned()]).collect());
        all.extend(
            self.counts().map(|count| vec![self.texts.first().map_or(OTHER, |it| it).to_owned(); count]),
        );
        all.into_iter().map(|lines| MetricState::Reported(ReportedValue::Lines(lines))).collect()
    }

    /// How many lines, passes or elements are worth trying: each small count that is written, and one more.
    fn counts(&self) -> impl Iterator<Item = usize> {
        let mut counts: Vec<usize> = Vec::new();
        for number in self.numbers.iter().filter(|it| it.dimension == Dimension::NUMBER) {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 1 and 20
            if number.base.fract() == 0.0 && (1.0..=20.0).contains(&number.base) {
                counts.extend([number.base as usize, number.base as usize + 1]);
            }
        }
        counts.sort_unstable();
        counts.dedup();
        counts.into_iter()
    }

    /// Returns every output that is worth trying for a command.
    pub(super) fn prints(&self) -> Vec<String> {
        let numbers = || self.numbers.iter().flat_map(|it| near(it).into_iter().chain(far(it)));
        let mut all = self.texts.clone();
        if self.reads_a_number() {
            all.extend(numbers().map(|it| it.to_string()));
        }
        if self.fields.iter().any(|it| it == "lines") {
            all.extend(self.counts().map(|count| vec![OTHER; count].join("\n")));
        }
        let fields = self.json_fields();
        if !fields.is_empty() {
            let numbers = numbers().map(|it| it.to_string());
            let texts = self.texts.iter().map(|it| serde_json::Value::from(it.as_str()).to_string());
            // Every field has the same value: only those that decide are seen.
            for value in numbers.chain(texts).take(MOST_OBJECTS) {
                let all_fields: Vec<String> = fields.iter().map(|it| format!("\"{it}\": {value}")).collect();
                all.push(format!("{{{}}}", all_fields.join(", ")));
            }
        }
        all
    }

    /// Whether the output of a command is read as a number.
    fn reads_a_number(&self) -> bool {
        self.fields.iter().any(|it| it == "number")
    }

    fn number(&self, rng: &mut Rng) -> String {
        let numbers: Vec<f64> = self.numbers.iter().map(|it| it.base).collect();
        rng.pick(&numbers).copied().unwrap_or(1.0).to_string()
    }

    fn object(&self, fields: &[&SmolStr], depth: u32, rng: &mut Rng) -> String {
        let field = |name: &&SmolStr| {
            let value = match rng.below(3) {
                0 => self.number(rng),
                1 if depth > 0 => self.object(fields, depth - 1, rng),
                _ => serde_json::Value::from(rng.pick(&self.texts).map_or("x", |it| it.as_str())).to_string(),
            };
            format!("\"{name}\": {value}")
        };
        let all: Vec<String> = fields.iter().map(field).collect();
        format!("{{{}}}", all.join(", "))
    }
}

/// Whether the list contains this quantity, with the same dimension.
fn holds(all: &[Quantity], one: &Quantity) -> bool {
    all.iter().any(|it| it.dimension == one.dimension && it.base.total_cmp(&one.base).is_eq())
}

fn has_default(program: &Program, param: &str) -> bool {
    let runbook = program.runbook(program.main());
    let declared = runbook.and_then(|it| it.params.iter().find(|it| it.declaration.name.text == param));
    declared.is_some_and(|it| it.declaration.default.is_some())
}
