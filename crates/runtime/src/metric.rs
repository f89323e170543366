//! Reads metrics, and caches the readings until the run acts, waits or asks a person.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use smol_str::SmolStr;

use super::budget::READING;
use super::exit::WalkResult;
use super::expression::unknown;
use super::interpreter::Interpreter;
use super::operand_trace::TracedFrom;
use super::{Effect, EventKind, RawSample, Read, ReadTime, Reading, Reply, Shown};
use rbl_check::MetricDeclared;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Arg, Expr, MetricType};
use rbl_syntax::value::{Labels, Quantity, Reason, ReasonKind, Sample, Unit, Value};

/// Up to this many readings are searched one by one, which is faster than hashing a key.
const FEW: usize = 16;

/// The most readings that are remembered of what a loop goes through: its elements are those of a late one.
const MOST_SERIES_READ: usize = 1_000;

/// The readings since the run last acted, waited or asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Readings {
    cached: Vec<CachedReading>,
    /// The indices of the readings by the hash of their keys; empty for a few readings.
    by_hash: HashMap<u64, Vec<usize>>,
    /// `alert.firing` and who said so.
    pub(super) firing: Option<(Value, SmolStr)>,
    /// While it is evaluated what a loop goes through: the series that were read for it.
    pub(super) series_read: Option<Vec<SeriesRead>>,
}

/// The series of a `by` metric, as they were read.
#[derive(Debug, Clone)]
pub(super) struct SeriesRead {
    pub(super) key: ReadingKey,
    pub(super) value: Value,
    /// The labels of each element of the value, in its order.
    pub(super) labels: Arc<[Arc<Labels>]>,
}

#[derive(Debug, Clone)]
struct CachedReading {
    key: ReadingKey,
    value: Value,
    /// Of a `by` metric: the labels of each element of the value, in its order.
    labels: Arc<[Arc<Labels>]>,
    /// The source: the provider, unless the reading names another.
    source: SmolStr,
}

/// Identifies a reading.
#[derive(Debug, Clone)]
pub(super) struct ReadingKey {
    pub(super) metric: Arc<MetricDeclared>,
    pub(super) arguments: Vec<Value>,
    pub(super) when: ReadingOffset,
    /// Only the series with these labels; `None` for all of it.
    pub(super) series: Option<Arc<Labels>>,
}

/// The time of a reading, relative to now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ReadingOffset {
    /// `X D ago`, in seconds.
    pub(super) ago: f64,
    /// `X over D`, in seconds; `None` for one moment.
    pub(super) over: Option<f64>,
}

/// A reading that was taken: its value, its source, and the labels of its elements.
type TakenReading = (Value, SmolStr, Arc<[Arc<Labels>]>);

impl PartialEq for ReadingKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.metric, &other.metric)
            && self.when == other.when
            && self.arguments == other.arguments
            && self.series == other.series
    }
}

impl ReadingKey {
    /// The reading that holds it: of all series.
    fn whole(&self) -> Self {
        Self { series: None, ..self.clone() }
    }

    /// A hash of it: equal keys have equal hashes.
    fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        Arc::as_ptr(&self.metric).hash(&mut hasher);
        // 0 and -0 are equal.
        let bits = |number: f64| if number == 0.0 { 0 } else { number.to_bits() };
        (bits(self.when.ago), self.when.over.map(bits)).hash(&mut hasher);
        for argument in &self.arguments {
            match argument {
                Value::Text(text) => text.hash(&mut hasher),
                Value::Quantity(it) => bits(it.base).hash(&mut hasher),
                _ => {}
            }
        }
        hasher.finish()
    }

    /// The source text it corresponds to: `lag("db-1") over 30m`.
    fn shown(&self) -> String {
        use std::fmt::Write as _;
        let mut text = self.metric.declaration.name.text.to_string();
        if !self.arguments.is_empty() {
            let arguments: Vec<String> = self
                .arguments
                .iter()
                .map(
                    |value| {
                        if let Value::Text(text) = value { format!("{text:?}") } else { value.to_string() }
                    },
                )
                .collect();
            let _ = write!(text, "({})", arguments.join(", "));
        }
        if self.when.ago > 0.0 {
            let _ = write!(text, " {} ago", Quantity::seconds(self.when.ago));
        }
        if let Some(seconds) = self.when.over {
            let _ = write!(text, " over {}", Quantity::seconds(seconds));
        }
        text
    }
}

impl Readings {
    /// Drops all cached readings.
    pub(super) fn forget(&mut self) {
        self.cached.clear();
        self.by_hash.clear();
        self.firing = None;
    }

    fn get(&self, key: &ReadingKey) -> Option<&CachedReading> {
        if self.cached.len() <= FEW {
            return self.cached.iter().find(|kept| kept.key == *key);
        }
        let alike = self.by_hash.get(&key.hash())?;
        alike.iter().filter_map(|at| self.cached.get(*at)).find(|kept| kept.key == *key)
    }

    fn add(&mut self, reading: CachedReading) {
        self.cached.push(reading);
        if self.cached.len() <= FEW {
            return;
        }
        let new = if self.by_hash.is_empty() { 0 } else { self.cached.len() - 1 };
        for (at, kept) in self.cached.iter().enumerate().skip(new) {
            self.by_hash.entry(kept.key.hash()).or_default().push(at);
        }
    }

    /// The source of a reading.
    pub(super) fn source_of(&self, key: &ReadingKey) -> SmolStr {
        let provider = || key.metric.declaration.provider.text.clone();
        self.get(&key.whole()).map_or_else(provider, |kept| kept.source.clone())
    }
}

impl CachedReading {
    /// The value of one series; a series that is gone is unknown.
    fn series(&self, labels: &Labels) -> Value {
        let shown = || labels.values().map(SmolStr::as_str).collect::<Vec<_>>().join("/");
        let gone = || unknown(ReasonKind::NoData, format!("{}: no data", shown()));
        match &self.value {
            Value::Window(series) => series
                .iter()
                .find(|series| series.labels == *labels)
                .map_or_else(gone, |series| Value::Window([series.clone()].into())),
            Value::Samples(samples) => samples
                .iter()
                .find(|sample| sample.labels == *labels)
                .map_or_else(gone, |sample| Value::Sample(Arc::new(sample.clone()))),
            Value::List(items) => {
                let at = self.labels.iter().position(|known| **known == *labels);
                at.and_then(|at| items.get(at)).cloned().unwrap_or_else(gone)
            }
            whole => whole.clone(),
        }
    }
}

impl<'p> Interpreter<'p, '_> {
    /// The reading of a metric as a value: a sample, several for a `by` metric, or unknown.
    pub(super) fn reading(
        &mut self,
        expr: &'p Expr,
        metric: &'p Arc<MetricDeclared>,
        args: &'p [Arg],
    ) -> WalkResult<Value> {
        self.budget.heavy(READING);
        let arguments = self.arguments(args, &metric.declaration.params)?;
        let when = ReadingOffset { ago: self.ago, over: None };
        let key = ReadingKey { metric: metric.clone(), arguments, when, series: None };
        let (value, source) = if self.sampling.is_some() {
            (self.sampled(key), metric.declaration.provider.text.clone())
        } else {
            let value = self.cached_reading(expr.span, &key)?;
            (value, self.readings.source_of(&key))
        };
        self.traced(expr, &value, TracedFrom::Provider(source));
        Ok(value)
    }

    /// Returns the cached reading, or reads it.
    pub(super) fn cached_reading(&mut self, span: Span, key: &ReadingKey) -> WalkResult<Value> {
        let whole = key.whole();
        if self.readings.get(&whole).is_none() {
            let (value, source, labels) = self.read(span, &whole)?;
            self.readings.add(CachedReading { key: whole.clone(), value, labels, source });
        }
        let Some(kept) = self.readings.get(&whole) else { return Ok(Value::unknown(other_kind())) };
        let value = key.series.as_deref().map_or_else(|| kept.value.clone(), |labels| kept.series(labels));
        let labels = Arc::clone(&kept.labels);
        if let (Some(all), None) = (&mut self.readings.series_read, &key.series) {
            if all.len() == MOST_SERIES_READ {
                all.drain(..MOST_SERIES_READ / 2);
            }
            all.push(SeriesRead { key: whole, value: value.clone(), labels });
        }
        Ok(value)
    }

    /// Reads a metric; returns its value, its source, and the labels of its elements.
    fn read(&mut self, span: Span, key: &ReadingKey) -> WalkResult<TakenReading> {
        let mut labels: Arc<[Arc<Labels>]> = Arc::from([]);
        let mut source = key.metric.declaration.provider.text.clone();
        let now = if key.when.ago > 0.0 || key.when.over.is_some() { self.now()? } else { None };
        let time = match (key.when, now) {
            (ReadingOffset { ago, over: None }, _) if ago <= 0.0 => ReadTime::Now,
            (ReadingOffset { ago, over }, Some(now)) => match (now.plus(-ago), over) {
                (Some(end), Some(seconds)) => ReadTime::Window { end, seconds },
                (Some(at), None) => ReadTime::At(at),
                (None, _) => {
                    let value = unknown(ReasonKind::NoHistory, "a time outside the calendar");
                    return Ok((value, source, labels));
                }
            },
            (_, None) => return Ok((unknown(ReasonKind::BadAnswer, "no clock"), source, labels)),
        };
        let reading = self.ask_provider(key, time)?;
        let value = match reading {
            Ok(reading) => {
                source = reading.source.clone().unwrap_or(source);
                let warnings = reading.warnings.clone();
                let value = match time {
                    ReadTime::Window { end, seconds } => {
                        super::metric_history::series(&key.metric, reading, end, seconds)
                    }
                    ReadTime::Now | ReadTime::At(_) => {
                        labels = series_labels(&key.metric, &reading);
                        taken(&key.metric, reading)
                    }
                };
                for warning in warnings {
                    let text = format!("{} warns: {warning}", key.metric.declaration.provider.text);
                    self.report(span, |_| EventKind::Noted { text });
                }
                value
            }
            Err(reason) => Value::unknown(reason),
        };
        if self.wants_looks {
            self.report(span, |_| EventKind::Read {
                metric: key.shown(),
                value: Shown::of(&value),
                provider: source.clone(),
                time,
                measured: if let Value::Sample(sample) = &value { sample.at } else { None },
            });
        }
        Ok((value, source, labels))
    }

    /// Asks the provider; not with an unknown argument.
    fn ask_provider(&mut self, key: &ReadingKey, time: ReadTime) -> WalkResult<Result<Reading, Reason>> {
        let runbook = self.frame.runbook;
        let Some(metric) = runbook.metrics.get(&key.metric.declaration.name.text) else {
            return Ok(Err(Reason::new(ReasonKind::NoField, "no such metric")));
        };
        let scope = self.frame.environment.enter_declaration();
        let source = std::mem::replace(&mut self.frame.source, metric.source);
        let sampling = self.sampling.take();
        let ago = std::mem::replace(&mut self.ago, 0.0);
        for (param, value) in metric.declaration.params.iter().zip(&key.arguments) {
            self.frame.environment.define(param.text.clone(), value.clone());
        }
        let query = self.command_line(&metric.declaration.query.parts, "a query");
        self.frame.environment.leave(scope);
        self.frame.source = source;
        self.sampling = sampling;
        self.ago = ago;
        let query = match query? {
            Ok(query) => query,
            Err(reason) => return Ok(Err(reason)),
        };
        let effect = Effect::Read(Read {
            metric: metric.declaration.name.text.clone(),
            arguments: metric
                .declaration
                .params
                .iter()
                .map(|param| param.text.clone())
                .zip(key.arguments.iter().cloned())
                .collect(),
            provider: metric.declaration.provider.text.clone(),
            query,
            of: metric.declaration.of,
            by: metric.declaration.by.iter().map(|label| label.text.clone()).collect(),
            time,
        });
        let reply = self.perform(&effect)?;
        Ok(if let Reply::Reading(reading) = reply { reading } else { Err(other_kind()) })
    }
}

/// The world replied with the wrong kind: a bug in rbl, treated as unknown.
pub(super) fn other_kind() -> Reason {
    Reason::new(ReasonKind::BadAnswer, "an answer of another kind (this is a bug in rbl)")
}

/// Converts a provider's answer to a value of the metric: a sample, a text, lines, several, or unknown with its reason.
pub fn taken(metric: &MetricDeclared, reading: Reading) -> Value {
    match metric.declaration.of {
        MetricType::Number | MetricType::Unknown => {}
        MetricType::Text => return super::reported::texts(metric, reading),
        MetricType::Lines => return super::reported::lines(reading),
    }
    if reading.samples.is_empty() && reading.missing.is_empty() {
        return Value::unknown(Reason::no_data());
    }
    if metric.declaration.by.is_empty() {
        let mut samples = reading.samples;
        if samples.len() + reading.missing.len() > 1 {
            let labels = samples.iter().map(|sample| &sample.labels).chain(&reading.missing);
            return Value::unknown(several(&labels.collect::<Vec<_>>()));
        }
        return match samples.pop() {
            Some(sample) => match sampled(metric, sample.labels.clone(), &sample) {
                Ok(sample) => Value::Sample(Arc::new(sample)),
                Err(reason) => Value::unknown(reason),
            },
            None => Value::unknown(Reason::no_data()),
        };
    }
    let mut by_labels: BTreeMap<Vec<SmolStr>, Value> = BTreeMap::new();
    let mut all_known = true;
    for sample in &reading.samples {
        let key = match label_key(metric, &sample.labels) {
            Ok(key) => key,
            Err(reason) => return Value::unknown(reason),
        };
        let shown = key.join("/");
        let value = match sampled(metric, by_labels_of(metric, &sample.labels), sample) {
            Ok(sample) => Value::Sample(Arc::new(sample)),
            Err(reason) => {
                all_known = false;
                unknown(reason.kind, format!("{shown}: {}", reason.text))
            }
        };
        if by_labels.insert(key, value).is_some() {
            return Value::unknown(same_labels(metric, &shown));
        }
    }
    all_known &= reading.missing.is_empty();
    if let Err(reason) = add_missing(metric, &reading.missing, &mut by_labels) {
        return Value::unknown(reason);
    }
    if all_known {
        let samples = by_labels.into_values();
        let samples = samples.filter_map(|value| if let Value::Sample(it) = value { Some(it) } else { None });
        Value::Samples(samples.map(|sample| (*sample).clone()).collect())
    } else {
        // A list, so that a series without a value is unknown and the others stay known.
        Value::List(by_labels.into_values().collect())
    }
}

/// Adds the series of a `by` metric that have no value: each is unknown by itself.
pub(super) fn add_missing(
    metric: &MetricDeclared,
    missing: &[Labels],
    by_labels: &mut BTreeMap<Vec<SmolStr>, Value>,
) -> Result<(), Reason> {
    for labels in missing {
        let key = label_key(metric, labels)?;
        let shown = key.join("/");
        let value = unknown(ReasonKind::NoData, format!("{shown}: no data"));
        if by_labels.insert(key, value).is_some() {
            return Err(same_labels(metric, &shown));
        }
    }
    Ok(())
}

fn sampled(metric: &MetricDeclared, labels: Labels, sample: &RawSample) -> Result<Sample, Reason> {
    let value = Quantity::of(sample.value, metric.unit)?;
    // With a unit it is a measurement: only digits that would be lost are kept, to be passed on.
    let digits = sample.digits.clone().filter(|digits| metric.unit == Unit::ONE || !digits.is_exact());
    Ok(Sample { value, digits, labels, at: sample.at, metric: metric.declaration.name.text.clone() })
}

/// The reason for two series with the same `by` labels; `shown`: the values that both have.
pub(super) fn same_labels(metric: &MetricDeclared, shown: &str) -> Reason {
    let names: Vec<&str> = metric.declaration.by.iter().map(|label| label.text.as_str()).collect();
    let name = &metric.declaration.name.text;
    Reason::new(
        ReasonKind::ManySeries,
        format!("several series of one {} `{shown}` of {name}", names.join(", ")),
    )
}

/// The labels of each series of a `by` metric, in the order of its value.
fn series_labels(metric: &MetricDeclared, reading: &Reading) -> Arc<[Arc<Labels>]> {
    if metric.declaration.by.is_empty() {
        return Arc::from([]);
    }
    let samples = reading.samples.iter().map(|sample| &sample.labels);
    let all = samples.chain(reading.texts.iter().map(|text| &text.labels)).chain(&reading.missing);
    let mut labels: Vec<(Vec<SmolStr>, Arc<Labels>)> = all
        .filter_map(|labels| Some((label_key(metric, labels).ok()?, Arc::new(by_labels_of(metric, labels)))))
        .collect();
    labels.sort_by(|(one, _), (other, _)| one.cmp(other));
    labels.into_iter().map(|(_, labels)| labels).collect()
}

/// The labels the runbook uses: those of `by`, or all where the metric has no `by`.
pub(super) fn by_labels_of(metric: &MetricDeclared, labels: &Labels) -> Labels {
    let by = &metric.declaration.by;
    let known = |name: &SmolStr| by.is_empty() || by.iter().any(|label| label.text == *name);
    labels.iter().filter(|(name, _)| known(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The values of the `by` labels, in their order.
pub(super) fn label_key(metric: &MetricDeclared, labels: &Labels) -> Result<Vec<SmolStr>, Reason> {
    let by = &metric.declaration.by;
    by.iter()
        .map(|label| {
            labels.get(&label.text).cloned().ok_or_else(|| {
                Reason::new(ReasonKind::NoField, format!("a series without the label `{}`", label.text))
            })
        })
        .collect()
}

/// "3 series, which differ in `instance`"
pub(super) fn several(all: &[&Labels]) -> Reason {
    let mut differing: Vec<&str> = Vec::new();
    if let Some(first) = all.first() {
        let mut names: Vec<&SmolStr> = all.iter().flat_map(|labels| labels.keys()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            if all.iter().any(|labels| labels.get(name) != first.get(name)) {
                differing.push(name);
            }
        }
    }
    let count = all.len();
    let text = if differing.is_empty() {
        format!("{count} series")
    } else {
        let names: Vec<String> = differing.iter().map(|name| format!("`{name}`")).collect();
        format!("{count} series, which differ in {}", names.join(", "))
    };
    Reason::new(ReasonKind::ManySeries, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_found_among_many() {
        let metric = |name: &str| {
            let text = format!("runbook \"r\"\nmetric {name}(of) from p \"q\"\ncheck {name}(\"a\") > 1\n");
            let file = rbl_syntax::parse(rbl_syntax::source::SourceId::default(), &text).file;
            let declaration = file.declarations().find_map(|it| match it {
                rbl_syntax::tree::Declaration::Metric(it) => Some((**it).clone()),
                _ => None,
            });
            let source = rbl_syntax::source::SourceId::default();
            Arc::new(MetricDeclared { declaration: declaration.unwrap(), source, unit: Unit::ONE })
        };
        let (one, other) = (metric("one"), metric("other"));
        let key = |metric: &Arc<MetricDeclared>, argument: Value, ago: f64| ReadingKey {
            metric: Arc::clone(metric),
            arguments: vec![argument],
            when: ReadingOffset { ago, over: None },
            series: None,
        };
        let mut readings = Readings::default();
        let number = |number: u32| Value::Quantity(Quantity::number(f64::from(number)));
        for at in 0..100_u32 {
            for (offset, key) in [
                key(&one, number(at), 0.0),
                key(&other, number(at), 0.0),
                key(&one, Value::text(at.to_string()), 0.0),
                key(&one, number(at), 60.0),
            ]
            .into_iter()
            .enumerate()
            {
                assert!(readings.get(&key).is_none(), "{key:?}");
                let value = number(at * 4 + u32::try_from(offset).unwrap());
                let labels = Arc::from([]);
                readings.add(CachedReading { key, value, labels, source: "p".into() });
            }
        }
        let read = |key: ReadingKey| readings.get(&key).map(|kept| kept.value.clone());
        assert_eq!(read(key(&one, number(7), 0.0)), Some(number(28)));
        assert_eq!(read(key(&other, number(7), 0.0)), Some(number(29)));
        assert_eq!(read(key(&one, Value::text("7"), 0.0)), Some(number(30)));
        assert_eq!(read(key(&one, number(7), 60.0)), Some(number(31)));
        assert_eq!(read(key(&other, number(7), 60.0)), None);
        assert_eq!(
            read(key(&one, number(0), 0.0)),
            read(key(&one, Value::Quantity(Quantity::number(-0.0)), 0.0))
        );
        readings.forget();
        assert!(readings.get(&key(&one, number(7), 0.0)).is_none());
    }

    #[test]
    fn several_series_say_where_they_differ() {
        let labels =
            |instance: &str| Labels::from([("job".into(), "a".into()), ("instance".into(), instance.into())]);
        let (a, b, c) = (labels("a"), labels("b"), labels("c"));
        assert_eq!(several(&[&a, &b, &c]).text, "3 series, which differ in `instance`");
        assert_eq!(several(&[&a, &a]).text, "2 series");
    }
}
