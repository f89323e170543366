//! [`Hints`]: the values worth trying in the worlds of a program. They are the numbers that it compares with, its
//! times, and the texts that it looks for.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::fitting::fitting;
use super::near::{far, near};
use crate::fuzz::rng::Rng;
use rbl_check::{Limits, Program};
use rbl_runtime::{Event, EventKind, Started};
use rbl_syntax::value::{Dimension, Quantity, Time, Value};

/// The number of worlds that only find out what a program compares with what, before any other world is generated. The
/// result depends on the program alone.
const SURVEY: u64 = 48;
/// The most numbers to collect.
const MOST: usize = 64;

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
    /// The end of the maintenance window in which the run begins.
    closes: Option<Time>,
}

impl Hints {
    /// Collects the hints from a program, and from some of its runs.
    pub fn of(program: &Program) -> Self {
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
        hints.texts.extend(literals.patterns.iter().flat_map(|pattern| fitting(pattern)));
        hints.fields = literals.fields;
        for seed in 0..SURVEY {
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
            let Some(Value::Quantity(with)) = operand.compared.as_ref().map(|it| &it.value.value) else {
                continue;
            };
            let words: Vec<&str> =
                operand.text.split(|it: char| !it.is_alphanumeric() && it != '_').collect();
            let names = program.runbooks().flat_map(|it| it.metrics.keys());
            let meant: Vec<SmolStr> = names.filter(|name| words.contains(&name.as_str())).cloned().collect();
            for name in meant {
                let all = self.compared.entry(name).or_default();
                if all.len() < MOST && !holds(all, with) {
                    all.push(*with);
                }
            }
            if self.numbers.len() < MOST && !holds(&self.numbers, with) {
                self.numbers.push(*with);
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

    /// Returns a text that a command prints or a person says.
    pub(super) fn text(&self, rng: &mut Rng) -> String {
        let json =
            |it: &SmolStr| !matches!(it.as_str(), "text" | "lines" | "number" | "json" | "stderr" | "status");
        let fields: Vec<&SmolStr> = self.fields.iter().filter(|it| json(it)).collect();
        if self.fields.iter().any(|it| it == "json") && !fields.is_empty() && rng.once_in(2) {
            return self.object(&fields, 2, rng);
        }
        if self.reads_a_number() && rng.once_in(2) {
            return self.number(rng);
        }
        match (self.texts.is_empty(), rng.below(4)) {
            (false, 0..3) => rng.pick(&self.texts).cloned().unwrap_or_default(),
            (true, 0..2) => self.number(rng),
            _ => "something else".to_owned(),
        }
    }

    /// Returns every output that is worth trying for a command.
    pub(super) fn prints(&self) -> Vec<String> {
        let numbers = self.numbers.iter().filter(|_| self.reads_a_number());
        let near = numbers.flat_map(|it| near(it).into_iter().chain(far(it)));
        self.texts.iter().cloned().chain(near.map(|it| it.to_string())).collect()
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
