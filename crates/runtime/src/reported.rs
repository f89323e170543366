//! Metrics of texts and lines: a provider's answer as a value, with the rules that numbers have.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::Reading;
use super::metric::{add_missing, by_labels_of, label_key, same_labels, several};
use rbl_check::MetricDeclared;
use rbl_syntax::value::{LabelledText, Reason, ReasonKind, Value, reported};

/// The value of a metric of texts: the only one, or one for each `by` label.
pub(super) fn texts(metric: &MetricDeclared, mut reading: Reading) -> Value {
    if reading.texts.is_empty() && reading.missing.is_empty() {
        return Value::unknown(Reason::no_data());
    }
    if metric.declaration.by.is_empty() {
        if reading.texts.len() + reading.missing.len() > 1 {
            let labels = reading.texts.iter().map(|text| &text.labels).chain(&reading.missing);
            return Value::unknown(several(&labels.collect::<Vec<_>>()));
        }
        let only = reading.texts.pop();
        return only.map_or_else(|| Value::unknown(Reason::no_data()), |only| reported(&only.text));
    }
    let mut by_labels: BTreeMap<Vec<SmolStr>, Value> = BTreeMap::new();
    for text in reading.texts {
        let key = match label_key(metric, &text.labels) {
            Ok(key) => key,
            Err(reason) => return Value::unknown(reason),
        };
        let shown = key.join("/");
        let labels = by_labels_of(metric, &text.labels);
        // One that is not UTF-8 names nothing and equals nothing: it stays unknown.
        let read = reported(&text.text);
        let removed = read.alteration();
        let value = match (&removed, read.gap()) {
            (None, Some(why)) if why.kind != ReasonKind::Masked => Value::unknown(why),
            _ => {
                Value::LabelledText(Arc::new(LabelledText { text: read.to_string().into(), labels, removed }))
            }
        };
        if by_labels.insert(key, value).is_some() {
            return Value::unknown(same_labels(metric, &shown));
        }
    }
    if let Err(reason) = add_missing(metric, &reading.missing, &mut by_labels) {
        return Value::unknown(reason);
    }
    Value::List(by_labels.into_values().collect())
}

/// The value of a metric of lines.
pub(super) fn lines(reading: Reading) -> Value {
    match reading.lines {
        Some(lines) => Value::List(lines.iter().map(|line| reported(line)).collect()),
        None => Value::unknown(Reason::no_data()),
    }
}
