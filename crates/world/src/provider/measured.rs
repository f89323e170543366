//! Measurements in JSON: the format of files and of plug-in answers.
//!
//! A number is one sample; `{"labels": {…}, "value": 1, "at": …}` one with labels; a list of those is several samples,
//! or, with times, series; `{"labels": {…}, "points": [[at, value], …]}` is a whole series.

use std::collections::BTreeMap;

use serde_json::Value;
use smol_str::SmolStr;

use rbl_project::setting::Seconds;
use rbl_runtime::{RawPoint, RawSample, RawSeries, ReadTime, Reading, json_number, json_text};
use rbl_syntax::one_line;
use rbl_syntax::value::{ExactNumber, Labels, Quantity, Reason, ReasonKind, Time};

/// A number, and its digits where it would print with others.
#[derive(Debug)]
struct RawNumber {
    value: f64,
    digits: Option<ExactNumber>,
}

impl RawNumber {
    fn of(value: &Value) -> Result<Self, Reason> {
        match json_number(value).as_deref().and_then(ExactNumber::parse) {
            Some(digits) => Ok(Self { value: digits.nearest(), digits: Some(digits) }),
            None => Ok(Self { value: number(value)?, digits: None }),
        }
    }
}

/// Numbers by their labels: those without a time, and those over time.
#[derive(Debug, Default)]
pub(super) struct Measurements {
    samples: Vec<(Labels, RawNumber)>,
    /// The series without a number: `null`.
    missing: Vec<Labels>,
    series: BTreeMap<Labels, Vec<RawPoint>>,
    /// The step between two points, if given.
    pub(super) step: Option<f64>,
}

fn unreadable(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::Unreadable, text)
}

impl Measurements {
    /// Parses measurements. `null` means that there is no number: of the series it stands for, or of the whole.
    pub(super) fn of(value: &Value) -> Result<Self, Reason> {
        let mut measured = Self::default();
        match value {
            Value::Null => measured.missing.push(Labels::new()),
            Value::Array(items) => {
                for item in items {
                    if !item.is_object() {
                        return Err(unreadable(format!("a list of {}, not of measurements", kind_of(item))));
                    }
                    measured.element(item)?;
                }
            }
            Value::Object(_) => measured.element(value)?,
            other => measured.samples.push((Labels::new(), RawNumber::of(other)?)),
        }
        Ok(measured)
    }

    /// Adds the numbers of another, with additional labels.
    pub(super) fn add(&mut self, other: Self, more: &[(SmolStr, SmolStr)]) {
        let with = |mut labels: Labels| {
            labels.extend(more.iter().cloned());
            labels
        };
        self.samples.extend(other.samples.into_iter().map(|(labels, value)| (with(labels), value)));
        self.missing.extend(other.missing.into_iter().map(with));
        for (labels, points) in other.series {
            self.series.entry(with(labels)).or_default().extend(points);
        }
    }

    fn element(&mut self, element: &Value) -> Result<(), Reason> {
        let labels = labels(element.get("labels"))?;
        if let Some(points) = element.get("points") {
            let points = points.as_array().ok_or_else(|| unreadable("`points` is not a list"))?;
            let points: Result<Vec<RawPoint>, Reason> = points.iter().map(point).collect();
            self.series.entry(labels).or_default().extend(points?);
            return Ok(());
        }
        let Some(value) = element.get("value") else {
            let keys: Vec<&str> = element
                .as_object()
                .into_iter()
                .flat_map(|object| object.keys())
                .map(String::as_str)
                .take(8)
                .collect();
            return Err(unreadable(match keys.as_slice() {
                [] => "an empty object, not a number".to_owned(),
                keys => format!("an object, not a number: it has {}", one_line(&keys.join(", "))),
            }));
        };
        match element.get("at").or_else(|| element.get("time")) {
            Some(at) => {
                let value = if value.is_null() { f64::NAN } else { RawNumber::of(value)?.value };
                self.series.entry(labels).or_default().push(RawPoint { at: time(at)?, value });
            }
            None if value.is_null() => self.missing.push(labels),
            None => self.samples.push((labels, RawNumber::of(value)?)),
        }
        Ok(())
    }

    /// The reading that was asked for: the newest of each series, those at a time, or a window. `written` is when the
    /// whole was written, if known: the time of numbers without a time of their own.
    pub(super) fn reading(
        mut self,
        read: ReadTime,
        now: Time,
        written: Option<Time>,
        max_age: Option<Seconds>,
    ) -> Result<Reading, Reason> {
        for points in self.series.values_mut() {
            points.sort_by_key(|point| point.at);
        }
        let mut reading = Reading::default();
        match read {
            ReadTime::Window { end, seconds } => {
                self.needs_history()?;
                let start = end.plus(-seconds).unwrap_or(end);
                for (labels, mut points) in self.series {
                    // All of them say how far apart they come, those outside the window too.
                    let step = self.step.or_else(|| usual_distance(&points)).unwrap_or(0.0);
                    points.retain(|point| start <= point.at && point.at <= end);
                    if !points.is_empty() {
                        reading.series.push(RawSeries { labels, points, step });
                    }
                }
            }
            ReadTime::Now | ReadTime::At(_) => {
                let as_of = if let ReadTime::At(at) = read {
                    self.needs_history()?;
                    at
                } else {
                    now
                };
                for (labels, points) in self.series {
                    if let Some(point) = points.iter().rev().find(|point| point.at <= as_of) {
                        reading.samples.push(RawSample::new(labels, point.value, Some(point.at)));
                    }
                }
                for (labels, RawNumber { value, digits }) in self.samples {
                    reading.samples.push(RawSample { digits, ..RawSample::new(labels, value, written) });
                }
                // Of something that is `null` as a whole there is no series.
                reading.missing = match self.missing.as_slice() {
                    [only] if only.is_empty() && reading.samples.is_empty() => Vec::new(),
                    _ => self.missing,
                };
                for sample in &reading.samples {
                    fresh_enough(sample.at, as_of, max_age)?;
                }
            }
        }
        Ok(reading)
    }

    fn needs_history(&self) -> Result<(), Reason> {
        if self.samples.is_empty() && self.missing.iter().all(Labels::is_empty) {
            Ok(())
        } else {
            Err(Reason::new(
                ReasonKind::NoHistory,
                "it holds only the newest value: the numbers have no times",
            ))
        }
    }
}

/// Refuses what was measured longer ago than `max_age`.
pub(super) fn fresh_enough(at: Option<Time>, as_of: Time, max_age: Option<Seconds>) -> Result<(), Reason> {
    let (Some(limit), Some(at)) = (max_age, at) else { return Ok(()) };
    let age = as_of.since(at);
    if age.base <= limit.0 {
        return Ok(());
    }
    let limit = Quantity::seconds(limit.0);
    Err(Reason::new(ReasonKind::Stale, format!("the newest sample is {age} old, max_age is {limit}")))
}

/// The median distance between points, of two the smaller: one late sample is a gap, and does not change it. `None` with fewer than three points,
/// which do not show how far apart they come.
fn usual_distance(points: &[RawPoint]) -> Option<f64> {
    let mut distances: Vec<f64> = points
        .iter()
        .zip(points.iter().skip(1))
        .map(|(earlier, later)| later.at.since(earlier.at).base)
        .filter(|distance| *distance > 0.0)
        .collect();
    distances.sort_by(f64::total_cmp);
    distances.get(distances.len().saturating_sub(1) / 2).copied().filter(|_| distances.len() > 1)
}

/// Labels: a table of texts or numbers.
pub(super) fn labels(value: Option<&Value>) -> Result<Labels, Reason> {
    match value {
        None | Some(Value::Null) => Ok(Labels::new()),
        Some(Value::Object(labels)) => labels
            .iter()
            .map(|(name, value)| match (json_number(value), json_text(value)) {
                (Some(number), _) => Ok((SmolStr::from(name), SmolStr::from(number))),
                (None, Some(text)) => Ok((SmolStr::from(name), SmolStr::from(text))),
                (None, None) => {
                    Err(unreadable(format!("the label `{}` is {}", one_line(name), kind_of(value))))
                }
            })
            .collect(),
        Some(other) => Err(unreadable(format!("`labels` is {}", kind_of(other)))),
    }
}

/// `[time, value]` or `{"at": …, "value": …}`. `null` is not a number, which is reported where it is used.
fn point(value: &Value) -> Result<RawPoint, Reason> {
    let at = value.get(0).or_else(|| value.get("at")).or_else(|| value.get("time"));
    let number_at = value.get(1).or_else(|| value.get("value"));
    let (Some(at), Some(of)) = (at, number_at) else {
        return Err(unreadable("a point is `[time, value]` or {\"at\": …, \"value\": …}"));
    };
    Ok(RawPoint { at: time(at)?, value: if of.is_null() { f64::NAN } else { RawNumber::of(of)?.value } })
}

/// Seconds since 1970, or a date and time with a zone.
pub(super) fn time(value: &Value) -> Result<Time, Reason> {
    let number = json_number(value);
    let time = match &number {
        Some(seconds) => seconds.parse().ok().and_then(Time::from_unix),
        None => json_text(value).and_then(Time::parse),
    };
    time.ok_or_else(|| {
        let written = number.unwrap_or_else(|| value.to_string());
        unreadable(format!(
            "`{}` is not a time: write seconds since 1970 or \"2026-05-01T10:00:00Z\"",
            one_line(&written)
        ))
    })
}

/// A number; NaN and the infinities, which JSON lacks, come as text.
pub(super) fn number(value: &Value) -> Result<f64, Reason> {
    match value {
        Value::Number(number) => number.as_f64().ok_or_else(|| unreadable("a number out of range")),
        Value::String(text) => match text.as_str() {
            "NaN" => Ok(f64::NAN),
            "Infinity" | "+Inf" | "Inf" => Ok(f64::INFINITY),
            "-Infinity" | "-Inf" => Ok(f64::NEG_INFINITY),
            other => Err(unreadable(format!("the text \"{}\", not a number", one_line(other)))),
        },
        other => Err(unreadable(format!("{}, not a number", kind_of(other)))),
    }
}

/// The kind of a JSON value, in words.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        number if json_number(number).is_some() => "a number",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // exact numbers go in, and have to come out
mod tests {
    use serde_json::json;

    use super::*;

    fn at(seconds: f64) -> Time {
        Time::from_unix(seconds).unwrap()
    }

    fn now(value: &Value) -> Result<Reading, Reason> {
        Measurements::of(value)?.reading(ReadTime::Now, at(100.0), None, None)
    }

    #[test]
    fn numbers_labels_and_series() {
        assert_eq!(now(&json!(1.5)).unwrap().samples[0].value, 1.5);
        assert!(now(&json!("NaN")).unwrap().samples[0].value.is_nan());
        assert_eq!(now(&json!(null)).unwrap(), Reading::default());
        let two = json!([{"labels": {"a": "x"}, "value": 1}, {"labels": {"a": "y"}, "value": 2}]);
        assert_eq!(now(&two).unwrap().samples.len(), 2);
        let series = json!([{"at": 90, "value": 1}, {"at": 80, "value": 2}, {"at": 200, "value": 3}]);
        assert_eq!(now(&series).unwrap().samples[0].value, 1.0);
        let earlier = Measurements::of(&series)
            .unwrap()
            .reading(ReadTime::At(at(85.0)), at(100.0), None, None)
            .unwrap();
        assert_eq!(earlier.samples[0].value, 2.0);
        let window = ReadTime::Window { end: at(100.0), seconds: 20.0 };
        let window = Measurements::of(&series).unwrap().reading(window, at(100.0), None, None).unwrap();
        assert_eq!(window.series[0].points.len(), 2);
        assert_eq!(window.series[0].step, 10.0);
    }

    #[test]
    fn what_is_no_number_says_what_it_is() {
        for (value, words) in [
            (json!(true), "true or false, not a number"),
            (json!("5"), "the text \"5\", not a number"),
            (json!([1, 2]), "a list of a number, not of measurements"),
            (json!({"a": 1}), "an object, not a number: it has a"),
            (json!({"value": 1, "at": "yesterday"}), "is not a time"),
        ] {
            assert!(now(&value).unwrap_err().text.contains(words), "{value}");
        }
    }

    #[test]
    fn a_series_without_a_number_does_not_vanish() {
        let missing = |value: &Value| {
            let missing = now(value).unwrap().missing;
            missing.iter().map(|labels| labels.values().cloned().collect()).collect::<Vec<Vec<SmolStr>>>()
        };
        let one = json!([{"labels": {"a": "x"}, "value": 1}, {"labels": {"a": "y"}, "value": null}]);
        assert_eq!(missing(&one), [["y"]]);
        assert_eq!(missing(&json!([{"labels": {"a": "y"}, "value": null}])), [["y"]]);
        assert_eq!(missing(&json!([{"value": 1}, {"value": null}])), [[""; 0]], "two of them");
        assert!(missing(&json!({"value": null})).is_empty(), "the whole");
        let timed = now(&json!([{"at": 80, "value": 1}, {"at": 90, "value": null}])).unwrap();
        assert!(timed.samples[0].value.is_nan(), "the newest is not the one before it");
        let mut nodes = Measurements::of(&json!(1)).unwrap();
        nodes.add(Measurements::of(&json!(null)).unwrap(), &[("index".into(), "1".into())]);
        let reading = nodes.reading(ReadTime::Now, at(100.0), None, None).unwrap();
        assert_eq!(reading.missing.len(), 1, "a node of an answer");
    }

    #[test]
    fn two_samples_do_not_say_how_far_apart_they_come() {
        let step = |times: &[f64]| {
            let series: Vec<Value> = times.iter().map(|at| json!({"at": at, "value": 1})).collect();
            let window = ReadTime::Window { end: at(100.0), seconds: 20.0 };
            let reading = Measurements::of(&json!(series)).unwrap().reading(window, at(100.0), None, None);
            reading.unwrap().series[0].step
        };
        assert_eq!(step(&[100.0]), 0.0);
        assert_eq!(step(&[90.0, 100.0]), 0.0);
        assert_eq!(step(&[80.0, 90.0, 100.0]), 10.0);
        assert_eq!(step(&[10.0, 40.0, 70.0, 100.0]), 30.0, "those before the window count");
    }

    #[test]
    fn no_times_no_history() {
        let window = ReadTime::Window { end: at(100.0), seconds: 20.0 };
        let reason = Measurements::of(&json!(1)).unwrap().reading(window, at(100.0), None, None).unwrap_err();
        assert_eq!(reason.kind, ReasonKind::NoHistory);
    }

    #[test]
    fn an_old_sample_is_stale() {
        let old = json!({"at": 10, "value": 1});
        let reason = Measurements::of(&old)
            .unwrap()
            .reading(ReadTime::Now, at(100.0), None, Some(Seconds(60.0)))
            .unwrap_err();
        assert_eq!(
            (reason.kind, reason.text.as_str()),
            (ReasonKind::Stale, "the newest sample is 1m30s old, max_age is 1m")
        );
    }
}
