//! Measurements of a metric provider: a value with its labels and time ([`Sample`]), and values over time ([`Series`]).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Quantity, Time};

/// The labels that identify a series, ordered by name.
pub type Labels = BTreeMap<SmolStr, SmolStr>;

/// One measured value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// What was measured, in the metric's declared unit.
    pub value: Quantity,
    /// Which series it belongs to.
    pub labels: Labels,
    /// When it was measured, if the provider reports that.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<Time>,
    /// The metric's name in the runbook.
    pub metric: SmolStr,
}

/// Labels and value: `mount=/ 43.1%`, `a=x, b=y 43.1%`; without labels the value alone.
impl std::fmt::Display for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (name, value)) in self.labels.iter().enumerate() {
            write!(f, "{}{name}={value}", if index == 0 { "" } else { ", " })?;
        }
        write!(f, "{}{}", if self.labels.is_empty() { "" } else { " " }, self.value)
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
    /// The requested distance between samples, in seconds; a larger distance between two points is a gap.
    pub step: f64,
}
