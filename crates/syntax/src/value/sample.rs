//! Measurements of a metric provider: a value with its labels and time ([`Sample`]), and values over time ([`Series`]).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{ExactNumber, Quantity, Reason, Time, Unit};

/// The labels that identify a series, ordered by name.
pub type Labels = BTreeMap<SmolStr, SmolStr>;

/// One measured value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// What was measured, in the metric's declared unit.
    pub value: Quantity,
    /// Its digits, where it would print with others.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digits: Option<ExactNumber>,
    /// Which series it belongs to.
    pub labels: Labels,
    /// When it was measured, if the provider reports that.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<Time>,
    /// The metric's name in the runbook.
    pub metric: SmolStr,
}

impl Sample {
    /// The number it acts as in computations. One that is too large to compute with acts as none, unless its unit says
    /// that it is a measurement.
    pub fn quantity(&self) -> Option<Quantity> {
        let exact = self.digits.as_ref().is_none_or(|digits| digits.computable().is_some());
        (exact || self.value.unit != Some(Unit::ONE)).then_some(self.value)
    }

    /// The value as it prints, without its labels.
    pub fn shown(&self) -> String {
        match &self.digits {
            Some(digits) if self.value.unit == Some(Unit::ONE) => digits.to_string(),
            Some(_) | None => self.value.to_string(),
        }
    }

    /// The value in its unit without rounding.
    pub fn exact(&self) -> String {
        match (&self.digits, self.value.unit) {
            (Some(digits), Some(unit)) => format!("{digits}{unit}"),
            _ => self.value.exact(),
        }
    }
}

/// Labels and value: `mount=/ 43.1%`, `a=x, b=y 43.1%`; without labels the value alone.
impl std::fmt::Display for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        labelled(f, &self.labels, &self.shown())
    }
}

fn labelled(
    f: &mut std::fmt::Formatter<'_>,
    labels: &Labels,
    value: &dyn std::fmt::Display,
) -> std::fmt::Result {
    for (index, (name, value)) in labels.iter().enumerate() {
        write!(f, "{}{name}={value}", if index == 0 { "" } else { ", " })?;
    }
    write!(f, "{}{value}", if labels.is_empty() { "" } else { " " })
}

/// A text that a provider reports of one series of a `by` metric: acts as its text, and has labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LabelledText {
    /// What was reported.
    pub text: SmolStr,
    /// Which series it belongs to.
    pub labels: Labels,
    /// What rbl removed from the text ("colour codes"), where it did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub removed: Option<Reason>,
}

impl LabelledText {
    /// Its labels, as they are printed before it.
    pub(super) fn label_prefix(&self) -> String {
        LabelledText { text: SmolStr::default(), ..self.clone() }.to_string()
    }
}

/// Labels and text: `instance=db-1 streaming`.
impl std::fmt::Display for LabelledText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        labelled(f, &self.labels, &self.text)
    }
}

/// A value at a time within a [`Series`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// When.
    pub at: Time,
    /// The value; `None` for a sample that exists but has no value (NaN, null).
    pub value: Option<Quantity>,
}

/// One series over a window, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// Which series.
    pub labels: Labels,
    /// Its samples, oldest first.
    pub points: Vec<Point>,
    /// The expected distance between samples, in seconds; a larger distance between two points is a gap. 0 where it is not
    /// known.
    pub step: f64,
    /// When the window that was asked for begins.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<Time>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub to: Option<Time>,
}
