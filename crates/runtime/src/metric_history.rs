//! Past values of metrics: windows as providers return them, the value at a point in time, and gaps.

use std::sync::Arc;

use super::Reading;
use super::metric::{ReadingKey, by_labels_of, label_key, same_labels, several};
use rbl_check::MetricDeclared;
use rbl_syntax::value::{
    LARGEST_EXACT, Labels, Point, Quantity, Reason, ReasonKind, Sample, Series, Time, Unit, Value,
};

/// Two samples further apart than this many steps form a gap.
const GAP_STEPS: f64 = 1.5;

/// Metrics and their series over the same time.
pub(super) type MetricWindows = Arc<[(ReadingKey, Arc<[Series]>)]>;

/// Converts a provider's answer for a window to a value of the metric.
pub(super) fn series(metric: &MetricDeclared, reading: Reading, end: Time, seconds: f64) -> Value {
    if reading.series.iter().all(|series| series.points.is_empty()) {
        return Value::unknown(Reason::no_data());
    }
    if metric.declaration.by.is_empty() && reading.series.len() > 1 {
        let labels: Vec<&Labels> = reading.series.iter().map(|series| &series.labels).collect();
        return Value::unknown(several(&labels));
    }
    if !metric.declaration.by.is_empty() {
        let mut seen = std::collections::BTreeSet::new();
        for one in &reading.series {
            let key = match label_key(metric, &one.labels) {
                Ok(key) => key,
                Err(reason) => return Value::unknown(reason),
            };
            let shown = key.join("/");
            if !seen.insert(key) {
                return Value::unknown(same_labels(metric, &shown));
            }
        }
    }
    let too_large = |value: f64| metric.unit == Unit::ONE && value.is_finite() && value.abs() > LARGEST_EXACT;
    let mut points = reading.series.iter().flat_map(|series| &series.points);
    if points.any(|point| too_large(point.value)) {
        return Value::unknown(Reason::too_large());
    }
    let series = reading.series.into_iter().map(|series| Series {
        labels: by_labels_of(metric, &series.labels),
        points: series
            .points
            .iter()
            .map(|point| Point { at: point.at, value: Quantity::of(point.value, metric.unit).ok() })
            .collect(),
        step: series.step,
        from: end.plus(-seconds),
        to: Some(end),
    });
    Value::Window(series.collect())
}

/// The times at which a condition over several windows is evaluated: those of the window with the most samples.
pub(super) fn grid(windows: &MetricWindows) -> Vec<Time> {
    let times = |series: &Arc<[Series]>, ago: f64| {
        let mut times: Vec<Time> = series
            .iter()
            .flat_map(|series| series.points.iter().filter_map(|point| point.at.plus(ago)))
            .collect();
        times.sort_unstable();
        times.dedup();
        times
    };
    windows.iter().map(|(key, series)| times(series, key.when.ago)).max_by_key(Vec::len).unwrap_or_default()
}

/// The value of a metric at a time, from its window.
pub(super) fn value_at(key: &ReadingKey, series: &[Series], at: Time) -> Value {
    let metric = &key.metric.declaration;
    let name = &metric.name.text;
    let one = |series: &Series| match quantity_at(series, at) {
        Ok((value, measured)) => Value::Sample(Arc::new(Sample {
            value,
            digits: None,
            labels: series.labels.clone(),
            at: Some(measured),
            metric: name.clone(),
        })),
        Err(reason) => Value::unknown(reason),
    };
    match series {
        [series] if metric.by.is_empty() || key.series.is_some() => one(series),
        several => Value::List(several.iter().map(one).collect()),
    }
}

/// The newest sample at or before a time, if it is not older than a gap allows.
fn quantity_at(series: &Series, at: Time) -> Result<(Quantity, Time), Reason> {
    let reach = GAP_STEPS * distance(series);
    let next = series.points.partition_point(|point| point.at <= at);
    let before = next.checked_sub(1).and_then(|index| series.points.get(index));
    let point = before
        .filter(|point| at.since(point.at).base <= reach)
        .or_else(|| series.points.get(next).filter(|point| point.at.since(at).base <= reach / 2.0))
        .ok_or_else(|| Reason::new(ReasonKind::Gap, format!("a gap at {at}")))?;
    Ok((point_value(point)?, point.at))
}

/// The value of a sample; unknown where it is no number.
pub(super) fn point_value(point: &Point) -> Result<Quantity, Reason> {
    let text = || format!("no number (NaN or an infinity) at {}", point.at);
    point.value.ok_or_else(|| Reason::new(ReasonKind::NotANumber, text()))
}

/// The expected distance between two samples; infinite where it is not known.
fn distance(series: &Series) -> f64 {
    if series.step > 0.0 { series.step } else { f64::INFINITY }
}

/// The part of a window for which samples are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WindowPart {
    /// All of it, both ends included.
    Whole,
    /// Its beginning.
    Start,
    /// Its end.
    End,
}

/// Why the samples of a series do not cover a part of its window: the first gap, "a gap of 3m in `p99`, from 10:04:00Z", or
/// too few samples to know what a gap is. `name`: the metric, where it is to be named.
pub(super) fn uncovered(series: &Series, part: WindowPart, name: Option<&str>) -> Option<Reason> {
    let (start, end) = (series.from?, series.to?);
    let whole = end.since(start);
    let gap = |text: String| Some(Reason::new(ReasonKind::Gap, text));
    let of = name.map_or_else(String::new, |name| format!(" of `{name}`"));
    if whole.base > 0.0 && (series.points.len() < 2 || distance(series).is_infinite()) {
        let samples = match series.points.len() {
            1 => "1 sample".to_owned(),
            count => format!("{count} samples"),
        };
        return gap(format!("only {samples}{of} in {whole}: too few to know how far apart they come"));
    }
    let times = || series.points.iter().map(|point| point.at);
    let distances: Vec<(Time, Time)> = match part {
        WindowPart::Start => times().next().map(|first| (start, first)).into_iter().collect(),
        WindowPart::End => times().next_back().map(|last| (last, end)).into_iter().collect(),
        WindowPart::Whole => {
            let before = std::iter::once(start).chain(times());
            before.zip(times().chain(std::iter::once(end))).collect()
        }
    };
    let reach = GAP_STEPS * distance(series);
    let (before, missing) = distances
        .into_iter()
        .map(|(before, after)| (before, after.since(before)))
        .find(|(_, missing)| missing.base > reach)?;
    let of = name.map_or_else(String::new, |name| format!(" in `{name}`"));
    gap(format!("a gap of {missing}{of}, from {before}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(times: &[i32]) -> Series {
        let points = times
            .iter()
            .map(|second| Point {
                at: Time::from_unix(f64::from(*second)).unwrap(),
                value: Some(Quantity::number(f64::from(*second))),
            })
            .collect();
        let at = |second: f64| Time::from_unix(second);
        Series { labels: Labels::new(), points, step: 60.0, from: at(0.0), to: at(300.0) }
    }

    #[test]
    fn a_window_is_covered_from_end_to_end() {
        let why = |times: &[i32], part| uncovered(&series(times), part, None).map(|reason| reason.text);
        assert_eq!(why(&[0, 60, 120, 180, 240, 300], WindowPart::Whole), None);
        assert_eq!(why(&[80, 160, 240], WindowPart::Whole), None, "one and a half steps are no gap");
        assert!(why(&[0, 60, 240, 300], WindowPart::Whole).unwrap().starts_with("a gap of 3m"));
        assert!(why(&[120, 180, 240], WindowPart::Whole).unwrap().starts_with("a gap of 2m"), "at the start");
        assert!(why(&[0, 60, 120], WindowPart::Whole).unwrap().starts_with("a gap of 3m"), "at the end");
        assert_eq!(why(&[240, 300], WindowPart::End), None);
        assert!(why(&[240, 300], WindowPart::Start).is_some());
        assert!(why(&[300], WindowPart::End).unwrap().starts_with("only 1 sample in 5m"));
        let unknown = Series { step: 0.0, ..series(&[0, 300]) };
        assert!(uncovered(&unknown, WindowPart::Whole, None).unwrap().text.starts_with("only 2 samples"));
    }

    #[test]
    fn the_newest_sample_counts_until_a_gap() {
        let series = series(&[0, 60, 240]);
        let at =
            |second: f64| quantity_at(&series, Time::from_unix(second).unwrap()).map(|(value, _)| value.base);
        assert_eq!(at(60.0), Ok(60.0));
        assert_eq!(at(119.0), Ok(60.0));
        assert!(at(180.0).is_err());
        assert_eq!(at(241.0), Ok(240.0));
    }
}
