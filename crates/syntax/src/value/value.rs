//! A value of the language at run time.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Quantity, Reason, RecordValue, Sample, SecretRef, Series, Time};

/// The result of an expression. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A number, duration, data size, ratio or rate.
    Quantity(Quantity),
    /// True or false.
    Bool(bool),
    /// Text.
    Text(SmolStr),
    /// A point in time.
    Time(Time),
    /// A list.
    List(Arc<[Value]>),
    /// Named values.
    Record(Arc<RecordValue>),
    /// One reading of a metric: acts as its quantity in computations, and has labels.
    Sample(Arc<Sample>),
    /// The reading of a `by` metric: one sample for each label.
    Samples(Arc<[Sample]>),
    /// Values over a window (`p99 over 30m`).
    Window(Arc<[Series]>),
    /// What a command printed and how it ended.
    Output(Arc<CommandOutput>),
    /// A secret, which can only be passed on.
    Secret(SecretRef),
    /// Unknown, with the reason.
    Unknown(Arc<Reason>),
}

/// How a command ended and what it printed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CommandOutput {
    /// Its exit code; `None` if it did not exit by itself.
    pub status: Option<i32>,
    /// Why there is no exit code: a signal, a time-out, a program that could not be started.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trouble: Option<Reason>,
    /// Its stdout, up to the limit.
    pub stdout: String,
    /// Its stderr, up to the limit.
    pub stderr: String,
    /// How many bytes of stdout and stderr together were cut off at the limit.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub cut: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
fn is_zero(value: &u64) -> bool {
    *value == 0
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<SmolStr>) -> Self {
        Self::Text(text.into())
    }

    /// Unknown, for this reason.
    pub fn unknown(reason: Reason) -> Self {
        Self::Unknown(Arc::new(reason))
    }

    /// Returns the quantity it acts as in computations: itself, or the value of a reading.
    pub fn quantity(&self) -> Option<Quantity> {
        match self {
            Self::Quantity(quantity) => Some(*quantity),
            Self::Sample(sample) => Some(sample.value),
            _ => None,
        }
    }
}

impl From<Result<Quantity, Reason>> for Value {
    fn from(result: Result<Quantity, Reason>) -> Self {
        result.map_or_else(Self::unknown, Self::Quantity)
    }
}

/// Formats as `#{…}` prints it: a quantity in its unit, a command's output trimmed, an unknown as its reason, a secret
/// never.
impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Quantity(quantity) => quantity.fmt(f),
            Self::Bool(value) => value.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Time(time) => time.fmt(f),
            Self::List(items) => joined(f, items.iter()),
            Self::Record(record) => {
                f.write_str("{")?;
                for (index, (name, value)) in record.0.iter().enumerate() {
                    write!(f, "{}{name}: {value}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
            Self::Sample(sample) => sample.value.fmt(f),
            Self::Samples(samples) => readings(f, samples),
            Self::Window(series) => {
                let points: usize = series.iter().map(|series| series.points.len()).sum();
                write!(f, "{points} samples")
            }
            Self::Output(output) => f.write_str(output.stdout.trim()),
            Self::Secret(_) => f.write_str("•••"),
            Self::Unknown(reason) => reason.fmt(f),
        }
    }
}

/// The number of readings printed; a metric of a large fleet has more than fit on one line.
const READINGS: usize = 3;

/// `mount=/ 43.1%, mount=/var 12% and 5 more`; if a reading has several labels, readings are separated by `;`.
fn readings(f: &mut std::fmt::Formatter<'_>, samples: &[Sample]) -> std::fmt::Result {
    let between = if samples.iter().any(|sample| sample.labels.len() > 1) { "; " } else { ", " };
    for (index, sample) in samples.iter().take(READINGS).enumerate() {
        write!(f, "{}{sample}", if index == 0 { "" } else { between })?;
    }
    match samples.len().saturating_sub(READINGS) {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}

fn joined<T: std::fmt::Display>(
    f: &mut std::fmt::Formatter<'_>,
    items: impl Iterator<Item = T>,
) -> std::fmt::Result {
    for (index, item) in items.enumerate() {
        write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Labels, Unit};

    fn disk(labels: &[(&str, &str)]) -> Sample {
        Sample {
            value: Quantity::of(43.1, Unit::parse("%").unwrap()).unwrap(),
            labels: labels.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect::<Labels>(),
            at: None,
            metric: "disk".into(),
        }
    }

    #[test]
    fn readings_say_their_labels_and_only_the_first_few_are_printed() {
        let printed = |samples: Vec<Sample>| Value::Samples(samples.into()).to_string();
        assert_eq!(
            printed(vec![disk(&[("mount", "/")]), disk(&[("mount", "/var")])]),
            "mount=/ 43.1%, mount=/var 43.1%"
        );
        assert_eq!(
            printed(vec![disk(&[("a", "x"), ("b", "y")]), disk(&[("a", "x"), ("b", "z")])]),
            "a=x, b=y 43.1%; a=x, b=z 43.1%"
        );
        let eight = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|it| disk(&[("mount", it)]));
        assert_eq!(printed(eight.into()), "mount=a 43.1%, mount=b 43.1%, mount=c 43.1% and 5 more");
        assert_eq!(printed(vec![disk(&[])]), "43.1%");
    }
}
