//! Generates metrics: their first value, their history, and how they change.

use smol_str::SmolStr;

use super::delivery::party_key;
use super::{GeneratedMetric, GeneratedWorld};
use crate::scripted::{GivenMetric, GivenSubject, MetricState, Outage, ReportedValue, Service, ServiceFault};
use rbl_runtime::{Read, ReadTime};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Dimension, Labels, Value};

/// A known metric changes once in this many readings.
const CHANGES: usize = 12;
/// The most changes of a metric; more show nothing new.
const MOST_CHANGES: u32 = 3;

pub(super) fn key(name: &SmolStr, arguments: &[(SmolStr, Value)]) -> String {
    arguments.iter().fold(format!("metric {name}"), |key, (_, value)| format!("{key} {value}"))
}

impl GeneratedWorld<'_> {
    pub(super) fn metric(&mut self, read: &Read) {
        if self.first(party_key(&Service::Provider(read.provider.clone()))) && self.trouble() {
            let fault = match self.rng.below(4) {
                0 => ServiceFault::Down,
                1 => ServiceFault::Slow(3.0),
                2 => ServiceFault::Slow(60.0),
                _ => ServiceFault::Error("internal error".into()),
            };
            self.give(
                None,
                GivenSubject::Outage(Outage { of: Service::Provider(read.provider.clone()), fault }),
            );
        }
        if self.first(key(&read.metric, &read.arguments)) {
            self.first_reading(read);
        } else if self.clock.seconds() > 0.0 && self.rng.once_in(CHANGES) {
            self.becomes(self.clock.seconds());
        }
    }

    fn first_reading(&mut self, read: &Read) {
        let whole = GeneratedMetric {
            name: read.metric.clone(),
            arguments: read.arguments.clone(),
            labels: None,
            changes: 0,
        };
        let mut metered = Vec::new();
        if read.by.is_empty() {
            metered.push(whole.clone());
        } else {
            for number in 0..*self.rng.pick(&[0, 1, 1, 2, 2, 3, 4, 9]).unwrap_or(&1) {
                metered.push(GeneratedMetric { labels: Some(labels(read, number)), ..whole.clone() });
            }
        }
        if metered.is_empty() {
            self.state_of(&whole, None, MetricState::None);
        }
        for one in metered {
            let back = match read.time {
                ReadTime::Now => None,
                ReadTime::At(time) => Some(-self.clock.start().since(time).base - 60.0),
                ReadTime::Window { seconds, .. } => Some(-(seconds / 2.0).ceil()),
            };
            let state = self.state(&one.name);
            self.state_of(&one, None, state);
            if let Some(back) = back.filter(|back| *back < 0.0)
                && self.rng.once_in(2)
            {
                let state = self.state(&one.name);
                self.state_of(&one, Some(back.floor()), state);
            }
            self.met(one);
        }
    }

    /// Lets a metric change shortly before a limit, or just after it.
    pub(super) fn by_the_limit(&mut self, left: f64) {
        if self.rng.once_in(CHANGES) {
            let at = *self.rng.pick(&[left, left + 1.0, (left / 2.0).ceil()]).unwrap_or(&left);
            self.becomes((self.clock.seconds() + at).round());
        }
    }

    /// Changes a metric that was read.
    fn becomes(&mut self, at: f64) {
        let picked = self.rng.below(self.read.len());
        let Some(one) = self.read.get_mut(picked).filter(|it| it.changes < MOST_CHANGES) else { return };
        one.changes += 1;
        let one = one.clone();
        let state = self.state(&one.name);
        self.state_of(&one, Some(at), state);
    }

    /// Returns a new state of one of the metrics that were read, as the effect of an action.
    pub(super) fn improvement(&mut self) -> Option<GivenMetric> {
        let picked = self.rng.below(self.read.len());
        let one = self.read.get(picked)?.clone();
        let state = self.state(&one.name);
        Some(GivenMetric { name: one.name, arguments: one.arguments, labels: one.labels, state })
    }

    fn state_of(&mut self, one: &GeneratedMetric, from: Option<f64>, state: MetricState) {
        let (name, arguments, labels) = (one.name.clone(), one.arguments.clone(), one.labels.clone());
        self.give(from, GivenSubject::Metric(GivenMetric { name, arguments, labels, state }));
    }

    fn state(&mut self, metric: &SmolStr) -> MetricState {
        let of = type_of(self.program, metric);
        if self.trouble() {
            return match self.rng.below(5) {
                _ if of == MetricType::Lines => MetricState::None,
                0 if of == MetricType::Number => MetricState::Nan,
                1 => MetricState::Stale(600.0),
                2 => MetricState::Series(3),
                _ => MetricState::None,
            };
        }
        match of {
            MetricType::Number | MetricType::Unknown => {
                MetricState::Value(self.hints.value(metric, dimension(self.program, metric), &mut self.rng))
            }
            MetricType::Text => MetricState::Reported(ReportedValue::Text(self.hints.text(&mut self.rng))),
            MetricType::Lines => {
                let count = self.rng.below(4);
                let lines = (0..count).map(|_| self.hints.text(&mut self.rng)).collect();
                MetricState::Reported(ReportedValue::Lines(lines))
            }
        }
    }
}

/// The type of a metric of a program.
fn type_of(program: &rbl_check::Program, metric: &str) -> MetricType {
    let declared = program.runbooks().find_map(|it| it.metrics.get(metric));
    declared.map_or(MetricType::Number, |it| it.declaration.of)
}

/// The dimension of a metric of a program.
pub(crate) fn dimension(program: &rbl_check::Program, metric: &str) -> Dimension {
    let declared = program.runbooks().find_map(|it| it.metrics.get(metric));
    declared.map_or(Dimension::NUMBER, |it| it.unit.dimension())
}

/// `{mount: "a"}`; if there are several labels, all get the same value.
fn labels(read: &Read, number: u8) -> Labels {
    let value = SmolStr::from(char::from(b'a' + number.min(25)).to_string());
    read.by.iter().map(|label| (label.clone(), value.clone())).collect()
}
