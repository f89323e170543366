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
pub(super) fn series(metric: &MetricDeclared, reading: Reading) -> Value {
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
pub(super) fn value_at(metric: &MetricDeclared, series: &[Series], at: Time) -> Value {
    let name = &metric.declaration.name.text;
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
        [series] if metric.declaration.by.is_empty() => one(series),
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
    let value = point
        .value
        .ok_or_else(|| Reason::new(ReasonKind::NotANumber, format!("not a number (NaN) at {}", point.at)))?;
    Ok((value, point.at))
}

/// The expected distance between two samples.
fn distance(series: &Series) -> f64 {
    if series.step > 0.0 {
        return series.step;
    }
    let distances = series.points.windows(2).filter_map(|pair| match pair {
        [a, b] => Some(b.at.since(a.at).base),
        _ => None,
    });
    distances.fold(f64::INFINITY, f64::min)
}

/// The first gap within a window or at its edges: "a gap of 3m in `p99`, from 10:04:00Z".
pub(super) fn gap_in(key: &ReadingKey, series: &[Series], end: Option<Time>, seconds: f64) -> Option<Reason> {
    let end = end?.plus(-key.when.ago)?;
    let start = end.plus(-seconds)?;
    series.iter().find_map(|series| {
        let reach = GAP_STEPS * distance(series);
        let times = std::iter::once(start)
            .chain(series.points.iter().map(|point| point.at))
            .chain(std::iter::once(end));
        let mut before = start;
        for time in times {
            let missing = time.since(before);
            if missing.base > reach && reach.is_finite() {
                let name = &key.metric.declaration.name.text;
                let text = format!("a gap of {missing} in `{name}`, from {before}");
                return Some(Reason::new(ReasonKind::Gap, text));
            }
            before = time;
        }
        None
    })
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
        Series { labels: Labels::new(), points, step: 60.0 }
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
