//! Metrics in a test: their values over time, and what a provider returns of them.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::script::{GivenMetric, MetricState, ReportedValue, Service, ServiceFault, same};
use super::{ByName, Scripted, SimulatedClock};
use rbl_check::Program;
use rbl_runtime::{Piece, RawPoint, RawSample, RawSeries, RawText, Read, ReadTime, Reading};
use rbl_syntax::tree::Part;
use rbl_syntax::value::{Labels, Quantity, Reason, ReasonKind, Unit, Value};

/// The number of seconds after which a provider times out: the default time-out of providers.
const TIMEOUT: f64 = 10.0;
/// The step of a window, in seconds: that of the provider `prometheus`.
const STEP: f64 = 15.0;
/// The most points of a window.
const MOST_POINTS: f64 = 1_000.0;

/// All given metrics, and the units of their providers.
#[derive(Debug, Default)]
pub(super) struct GivenMetrics {
    given: ByName<Vec<GivenState>>,
    units: ByName<Vec<Declared>>,
}

/// A state that begins at a time.
#[derive(Debug)]
struct GivenState {
    from: f64,
    /// Whether it also held before the run.
    before: bool,
    metric: GivenMetric,
}

/// A metric's unit; for metrics with the same name in several runbooks, also the query that distinguishes them.
#[derive(Debug)]
struct Declared {
    unit: Unit,
    provider: SmolStr,
    /// The author's own text of the query.
    query: String,
}

/// A series at a moment.
struct SeriesAt<'a> {
    labels: Labels,
    state: &'a MetricState,
    from: f64,
}

impl GivenMetrics {
    /// No metric is given yet.
    pub(super) fn of(program: &Program) -> Self {
        let mut units: ByName<Vec<Declared>> = ByName::new();
        for runbook in program.runbooks() {
            for (name, metric) in &runbook.metrics {
                let all = units.entry(name.clone()).or_default();
                if all.first().is_none_or(|first| first.unit != metric.unit) {
                    let literal = |part: &Part| match part {
                        Part::Literal { text, .. } => text.to_string(),
                        Part::Value(_) => String::new(),
                    };
                    all.push(Declared {
                        unit: metric.unit,
                        provider: metric.declaration.provider.text.clone(),
                        query: metric.declaration.query.parts.iter().map(literal).collect(),
                    });
                }
            }
        }
        Self { given: ByName::new(), units }
    }

    /// Gives a metric a state from a time on; `before`: also for the time before, where nothing else is given.
    pub(super) fn give(&mut self, metric: &GivenMetric, from: f64, before: bool) {
        let all = self.given.entry(metric.name.clone()).or_default();
        let at = all.partition_point(|given| given.from <= from);
        all.insert(at, GivenState { from, before, metric: metric.clone() });
    }

    /// The unit of the provider's numbers.
    fn unit(&self, read: &Read) -> Unit {
        let all = self.units.get(&read.metric).map_or(&[][..], Vec::as_slice);
        if let [one] = all {
            return one.unit;
        }
        let literal = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value(_) => String::new(),
        };
        let query: String = read.query.0.iter().map(literal).collect();
        let its_own = |it: &&Declared| it.provider == read.provider && it.query == query;
        all.iter().find(its_own).or(all.first()).map_or(Unit::ONE, |it| it.unit)
    }

    /// Every series of a metric at a moment, in seconds from the start.
    fn at(&self, read: &Read, moment: f64) -> Vec<SeriesAt<'_>> {
        let all = self.given.get(&read.metric).map_or(&[][..], Vec::as_slice);
        // Before the run each series has what it has at its beginning, until something else is given for it.
        let before = all.iter().filter(|given| moment < 0.0 && given.before && given.from > moment);
        folded(read, before.chain(all.iter().filter(|given| given.from <= moment)))
    }

    /// The step of the metric's own samples, if it is given in samples.
    fn step(&self, read: &Read) -> Option<f64> {
        let all = self.given.get(&read.metric)?;
        let every = |given: &GivenState| match &given.metric.state {
            MetricState::Samples { every, .. } | MetricState::Reports { every, .. }
                if is_meant(&given.metric, read) =>
            {
                Some(*every)
            }
            _ => None,
        };
        all.iter().filter_map(every).min_by(f64::total_cmp)
    }
}

fn is_meant(metric: &GivenMetric, read: &Read) -> bool {
    metric
        .arguments
        .iter()
        .all(|(name, value)| read.arguments.iter().any(|(known, given)| known == name && same(given, value)))
}

/// Applies the changes one after the other.
fn folded<'a>(read: &Read, changes: impl Iterator<Item = &'a GivenState>) -> Vec<SeriesAt<'a>> {
    let mut series: Vec<SeriesAt<'a>> = Vec::new();
    for GivenState { from, metric, .. } in changes.filter(|given| is_meant(&given.metric, read)) {
        let (state, from) = (&metric.state, *from);
        match &metric.labels {
            Some(labels) => {
                series.retain(|one| !one.labels.is_empty() && one.labels != *labels);
                series.push(SeriesAt { labels: labels.clone(), state, from });
            }
            // A fault of the whole metric is a fault of each existing series.
            None if matches!(state, MetricState::Nan | MetricState::Stale(_)) && !read.by.is_empty() => {
                if series.is_empty() {
                    series.push(SeriesAt { labels: numbered(read, 1), state, from });
                }
                for one in &mut series {
                    (one.state, one.from) = (state, from);
                }
            }
            None => {
                series.clear();
                series.push(SeriesAt { labels: Labels::new(), state, from });
            }
        }
    }
    series
}

/// The labels of a series without a name.
fn numbered(read: &Read, number: u32) -> Labels {
    let name = |label: &SmolStr| (label.clone(), SmolStr::from(number.to_string()));
    if read.by.is_empty() {
        Labels::from([("series".into(), SmolStr::from(number.to_string()))])
    } else {
        read.by.iter().map(name).collect()
    }
}

impl SeriesAt<'_> {
    /// The number at a moment, in base units; NaN where it has none.
    fn value(&self, moment: f64) -> Option<f64> {
        match self.state {
            MetricState::Value(value) => Some(*value),
            MetricState::ExactNumber(digits) => Some(digits.nearest()),
            MetricState::Samples { runs, every } => sample(runs, (moment - self.from) / every).copied(),
            MetricState::Nan => Some(f64::NAN),
            MetricState::Reported(_)
            | MetricState::Reports { .. }
            | MetricState::None
            | MetricState::Stale(_)
            | MetricState::Series(_) => None,
        }
    }

    /// The text or the lines at a moment.
    fn reported(&self, moment: f64) -> Option<&ReportedValue> {
        match self.state {
            MetricState::Reported(value) => Some(value),
            MetricState::Reports { runs, every } => sample(runs, (moment - self.from) / every),
            MetricState::Value(_)
            | MetricState::ExactNumber(_)
            | MetricState::Samples { .. }
            | MetricState::Nan
            | MetricState::None
            | MetricState::Stale(_)
            | MetricState::Series(_) => None,
        }
    }
}

/// The sample with this index, from 0; the last one stays.
fn sample<T>(runs: &[(T, u32)], number: f64) -> Option<&T> {
    let mut left = (number + 1e-9).floor();
    for (value, count) in runs {
        if left < f64::from(*count) {
            return Some(value);
        }
        left -= f64::from(*count);
    }
    runs.last().map(|(value, _)| value)
}

impl Scripted {
    /// The provider's answer.
    pub(super) fn read(&self, read: &Read) -> Result<Reading, Reason> {
        self.provider(&read.provider)?;
        self.measured(read)
    }

    /// Whether a metric is given for the requested moment.
    pub(super) fn is_metric_given(&self, read: &Read) -> bool {
        let moment = match read.time {
            ReadTime::Now => self.clock.seconds(),
            ReadTime::At(time) => self.clock.offset(time),
            ReadTime::Window { end, .. } => self.clock.offset(end),
        };
        !self.metrics.at(read, moment).is_empty()
    }

    /// The answer of a provider that is up.
    pub(super) fn measured(&self, read: &Read) -> Result<Reading, Reason> {
        let now = self.clock.seconds();
        if !read.of.is_number() {
            return self.reports(read, now);
        }
        match read.time {
            ReadTime::Now => self.samples(read, now),
            ReadTime::At(time) => self.samples(read, self.clock.offset(time)),
            ReadTime::Window { end, seconds } => self.window(read, self.clock.offset(end), seconds),
        }
    }

    /// Whether the provider answers at all; lets the time it takes pass.
    pub(super) fn provider(&self, name: &str) -> Result<(), Reason> {
        let Some(fault) = self.fault(&Service::Provider(name.into())) else { return Ok(()) };
        match fault {
            ServiceFault::Down => {
                Err(Reason::new(ReasonKind::Unreachable, format!("{name}: connection refused")))
            }
            ServiceFault::Error(text) => Err(Reason::new(ReasonKind::ProviderError, text.clone())),
            ServiceFault::Slow(seconds) => {
                self.clock.pass(seconds.min(TIMEOUT));
                if *seconds < TIMEOUT {
                    return Ok(());
                }
                let text = format!("no answer from {name} within {}", Quantity::seconds(TIMEOUT));
                Err(Reason::new(ReasonKind::TimedOut, text))
            }
        }
    }

    fn samples(&self, read: &Read, moment: f64) -> Result<Reading, Reason> {
        let unit = self.metrics.unit(read);
        let mut samples = Vec::new();
        for series in self.metrics.at(read, moment) {
            fresh(&series)?;
            let mut push = |labels: &Labels, value: f64| {
                let at = at(&self.clock, moment);
                let digits = match series.state {
                    MetricState::ExactNumber(digits) => Some(digits.clone()),
                    _ => None,
                };
                let sample = RawSample::new(labels.clone(), value / unit.factor(), at);
                samples.push(RawSample { digits, ..sample });
            };
            match series.value(moment) {
                Some(value) => push(&series.labels, value),
                None => several(read, &series).iter().for_each(|labels| push(labels, f64::NAN)),
            }
        }
        Ok(Reading { samples, ..Reading::default() })
    }

    /// The texts or the lines of a metric.
    fn reports(&self, read: &Read, moment: f64) -> Result<Reading, Reason> {
        let mut reading = Reading::default();
        for series in self.metrics.at(read, moment) {
            fresh(&series)?;
            match series.reported(moment) {
                Some(ReportedValue::Text(text)) => {
                    reading.texts.push(RawText { labels: series.labels.clone(), text: text.clone() });
                }
                Some(ReportedValue::Lines(lines)) => reading.lines = Some(lines.clone()),
                None => {
                    let texts = several(read, &series).into_iter();
                    reading.texts.extend(texts.map(|labels| RawText { labels, text: String::new() }));
                }
            }
        }
        Ok(reading)
    }

    fn window(&self, read: &Read, end: f64, seconds: f64) -> Result<Reading, Reason> {
        let unit = self.metrics.unit(read);
        let current = self.metrics.at(read, end);
        current.iter().try_for_each(fresh)?;
        let many: Vec<Labels> = current.iter().flat_map(|series| several(read, series)).collect();
        let wished = self.metrics.step(read).unwrap_or(STEP);
        let step = wished.max(seconds / MOST_POINTS).min(seconds).max(1e-3);
        let intervals = (seconds / step + 1e-9).floor();
        let mut points: BTreeMap<Labels, Vec<RawPoint>> = BTreeMap::new();
        let mut number = 0.0;
        while number <= intervals {
            let moment = end - (intervals - number) * step;
            number += 1.0;
            let Some(at) = at(&self.clock, moment) else { continue };
            for series in self.metrics.at(read, moment) {
                if let Some(value) = series.value(moment) {
                    let value = value / unit.factor();
                    points.entry(series.labels).or_default().push(RawPoint { at, value });
                }
            }
        }
        let mut series: Vec<RawSeries> =
            points.into_iter().map(|(labels, points)| RawSeries { labels, points, step }).collect();
        if let Some(at) = at(&self.clock, end).filter(|_| !many.is_empty()) {
            let point = RawPoint { at, value: f64::NAN };
            series = many.into_iter().map(|labels| RawSeries { labels, points: vec![point], step }).collect();
        }
        Ok(Reading { series, ..Reading::default() })
    }
}

fn at(clock: &SimulatedClock, moment: f64) -> Option<rbl_syntax::value::Time> {
    clock.start().plus(moment)
}

/// A stale sample makes the whole answer untrustworthy, as with a real provider.
fn fresh(series: &SeriesAt<'_>) -> Result<(), Reason> {
    match series.state {
        MetricState::Stale(age) => {
            let text = format!("the newest sample is {} old", Quantity::seconds(*age));
            Err(Reason::new(ReasonKind::Stale, text))
        }
        _ => Ok(()),
    }
}

/// The labels of the series that came where fewer were expected.
fn several(read: &Read, series: &SeriesAt<'_>) -> Vec<Labels> {
    let MetricState::Series(count) = series.state else { return Vec::new() };
    (1..=*count)
        .map(|number| if series.labels.is_empty() { numbered(read, number) } else { series.labels.clone() })
        .collect()
}

/// A given value in base units; `None` for a value that is not a quantity.
pub(super) fn base_of(value: &Value) -> Option<f64> {
    value.quantity().map(|quantity| quantity.base)
}
