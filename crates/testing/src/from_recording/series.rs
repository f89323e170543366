//! The states of a metric over the time of a run, as it was seen.

use std::collections::BTreeMap;

use super::{Fidelity, rounding};
use crate::scripted::{MetricState, ReportedValue};
use rbl_check::{MetricDeclared, Program};
use rbl_runtime::{RawSample, RawText, Read, ReadTime, Reading};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Labels, Quantity, Reason, ReasonKind, Time, Unit};

/// Two points that are further apart than this many steps have a gap between them.
const GAP: f64 = 1.5;
/// The age of stale data if it is not known, in seconds.
const STALE: f64 = 3_600.0;

/// All series of a metric at one time.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum SeriesStates {
    /// One value, or the problem with all of it.
    Whole(MetricState),
    /// Each series that existed.
    Series(BTreeMap<Labels, MetricState>),
}

/// One observation of a metric, and its time.
#[derive(Debug, Clone)]
pub(super) struct MetricObservation {
    /// Simulated seconds since the start; below zero is history.
    pub(super) at: f64,
    /// Its position in the sequence of everything that was seen.
    pub(super) order: usize,
    /// Whether it was read directly; otherwise it is a point of a window.
    pub(super) at_once: bool,
    pub(super) shape: SeriesStates,
}

/// How to convert the numbers of a metric.
pub(super) struct NumberConversion<'p> {
    declared: &'p MetricDeclared,
    faith: Fidelity,
    /// When the simulated run begins.
    begins: Time,
}

impl<'p> NumberConversion<'p> {
    /// The scale of this metric; `None` if the program has no metric of this name.
    pub(super) fn of(program: &'p Program, name: &str, faith: Fidelity, begins: Time) -> Option<Self> {
        let declared = program.runbooks().find_map(|runbook| runbook.metrics.get(name))?;
        Some(Self { declared, faith, begins })
    }

    fn state(&self, raw: f64) -> MetricState {
        let raw = if self.faith == Fidelity::Exact { raw } else { rounding::number(raw) };
        if raw.is_finite() { MetricState::Value(raw * self.declared.unit.factor()) } else { MetricState::Nan }
    }

    fn labels(&self, labels: &Labels) -> Labels {
        let by = &self.declared.declaration.by;
        let known = labels.iter().filter(|(name, _)| by.iter().any(|label| label.text == **name));
        known.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// The observations in a reading, oldest first.
    pub(super) fn sightings(
        &self,
        read: &Read,
        reading: &Result<Reading, Reason>,
        at: f64,
        order: usize,
    ) -> Vec<MetricObservation> {
        let offset = |time: Time| time.since(self.begins).base;
        match (reading, read.time) {
            (Err(why), _) => {
                vec![MetricObservation { at, order, at_once: true, shape: SeriesStates::Whole(fault(why)) }]
            }
            (Ok(reading), ReadTime::Now) => {
                vec![MetricObservation { at, order, at_once: true, shape: self.at_once(read, reading) }]
            }
            (Ok(reading), ReadTime::At(time)) => {
                vec![MetricObservation {
                    at: offset(time),
                    order,
                    at_once: true,
                    shape: self.at_once(read, reading),
                }]
            }
            (Ok(reading), ReadTime::Window { end, .. }) => self.window(read, reading, offset(end), order),
        }
    }

    fn at_once(&self, read: &Read, reading: &Reading) -> SeriesStates {
        match read.of {
            MetricType::Number | MetricType::Unknown => {}
            MetricType::Text => return self.texts(read, reading),
            MetricType::Lines => {
                return SeriesStates::Whole(match &reading.lines {
                    Some(lines) => MetricState::Reported(ReportedValue::Lines(lines.clone())),
                    None => MetricState::None,
                });
            }
        }
        if read.by.is_empty() {
            let count = reading.samples.len() + reading.missing.len();
            return SeriesStates::Whole(match reading.samples.as_slice() {
                [one] if count == 1 => self.sampled(one),
                _ if count < 2 => MetricState::None,
                _ => MetricState::Series(u32::try_from(count).unwrap_or(u32::MAX)),
            });
        }
        let mut series: BTreeMap<Labels, MetricState> = BTreeMap::new();
        for sample in &reading.samples {
            let state = self.sampled(sample);
            // Two samples with the same labels count as two series.
            series
                .entry(self.labels(&sample.labels))
                .and_modify(|it| *it = MetricState::Series(2))
                .or_insert(state);
        }
        // One without a number is there, and unknown.
        for labels in &reading.missing {
            series.insert(self.labels(labels), MetricState::Nan);
        }
        if series.is_empty() { SeriesStates::Whole(MetricState::None) } else { SeriesStates::Series(series) }
    }

    fn texts(&self, read: &Read, reading: &Reading) -> SeriesStates {
        let state = |text: &RawText| MetricState::Reported(ReportedValue::Text(text.text.clone()));
        if read.by.is_empty() {
            return SeriesStates::Whole(match reading.texts.as_slice() {
                [] => MetricState::None,
                [one] => state(one),
                several => MetricState::Series(u32::try_from(several.len()).unwrap_or(u32::MAX)),
            });
        }
        let mut series: BTreeMap<Labels, MetricState> = BTreeMap::new();
        for text in &reading.texts {
            series
                .entry(self.labels(&text.labels))
                .and_modify(|it| *it = MetricState::Series(2))
                .or_insert_with(|| state(text));
        }
        if series.is_empty() { SeriesStates::Whole(MetricState::None) } else { SeriesStates::Series(series) }
    }

    /// What a sample shows: a whole number beyond 2⁵³ without a unit keeps its digits.
    fn sampled(&self, sample: &RawSample) -> MetricState {
        match &sample.digits {
            Some(digits) if self.declared.unit == Unit::ONE => MetricState::ExactNumber(digits.clone()),
            Some(_) | None => self.state(sample.value),
        }
    }

    fn window(&self, read: &Read, reading: &Reading, end: f64, order: usize) -> Vec<MetricObservation> {
        if read.by.is_empty() && reading.series.len() > 1 {
            let count = u32::try_from(reading.series.len()).unwrap_or(u32::MAX);
            return vec![MetricObservation {
                at: end,
                order,
                at_once: false,
                shape: SeriesStates::Whole(MetricState::Series(count)),
            }];
        }
        // Milliseconds are enough to distinguish and order any two points.
        let mut moments: BTreeMap<i64, (f64, BTreeMap<Labels, MetricState>)> = BTreeMap::new();
        for series in &reading.series {
            let mut before: Option<f64> = None;
            for point in &series.points {
                let at = point.at.since(self.begins).base;
                if let Some(before) = before.filter(|before| at - before > GAP * series.step) {
                    let missing = before + series.step;
                    let moment = moments.entry(milliseconds(missing)).or_insert((missing, BTreeMap::new()));
                    moment.1.insert(self.labels(&series.labels), MetricState::None);
                }
                before = Some(at);
                let moment = moments.entry(milliseconds(at)).or_insert((at, BTreeMap::new()));
                moment.1.insert(self.labels(&series.labels), self.state(point.value));
            }
        }
        if moments.is_empty() {
            return vec![MetricObservation {
                at: end,
                order,
                at_once: false,
                shape: SeriesStates::Whole(MetricState::None),
            }];
        }
        let shape = |series: BTreeMap<Labels, MetricState>| match series.values().next() {
            Some(only) if read.by.is_empty() => SeriesStates::Whole(only.clone()),
            _ => SeriesStates::Series(series),
        };
        moments
            .into_values()
            .map(|(at, series)| MetricObservation { at, order, at_once: false, shape: shape(series) })
            .collect()
    }
}

#[allow(clippy::cast_possible_truncation)] // saturates: nothing lies so far away
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1e3).round() as i64
}

/// How a test writes a reading that failed.
fn fault(why: &Reason) -> MetricState {
    match why.kind {
        ReasonKind::Stale => {
            let words = why.text.split_whitespace();
            let age = words.filter_map(|word| Quantity::parse(word).ok()).map(|age| age.base).next();
            MetricState::Stale(age.filter(|age| *age > 0.0).unwrap_or(STALE))
        }
        ReasonKind::NotANumber | ReasonKind::Infinite => MetricState::Nan,
        _ => MetricState::None,
    }
}

/// The changes that turn one shape into the other.
pub(super) fn difference(
    was: Option<&SeriesStates>,
    now: &SeriesStates,
) -> Vec<(Option<Labels>, MetricState)> {
    match (was, now) {
        (Some(was), now) if was == now => Vec::new(),
        (_, SeriesStates::Whole(state)) => vec![(None, state.clone())],
        (Some(SeriesStates::Series(was)), SeriesStates::Series(now)) => {
            let gone = was.keys().filter(|labels| !now.contains_key(*labels));
            let gone = gone.map(|labels| (Some(labels.clone()), MetricState::None));
            let new = now.iter().filter(|(labels, state)| was.get(*labels) != Some(*state));
            new.map(|(labels, state)| (Some(labels.clone()), state.clone())).chain(gone).collect()
        }
        (_, SeriesStates::Series(now)) => {
            now.iter().map(|(labels, state)| (Some(labels.clone()), state.clone())).collect()
        }
    }
}
