//! What a metric provider measured: a value with its labels and its time, and values over time.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Quantity, Time};

/// The labels that tell one series from another, in the order of their names.
pub type Labels = BTreeMap<SmolStr, SmolStr>;

/// One measured value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// What was measured, in the metric's declared unit.
    pub value: Quantity,
    /// Which series it belongs to.
    pub labels: Labels,
    /// When it was measured, where the provider can tell.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<Time>,
    /// The metric's name in the runbook.
    pub metric: SmolStr,
}

/// Its labels and its value: `mount=/ 43.1%`, `a=x, b=y 43.1%`, without labels the value alone.
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
    /// What; `None` for a sample that is there and has no value (NaN, null).
    pub value: Option<Quantity>,
}

/// One series over a window, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// Which series.
    pub labels: Labels,
    /// Its samples, oldest first.
    pub points: Vec<Point>,
    /// The distance at which samples were asked for, in seconds; a greater one between two points is a gap.
    pub step: f64,
}
