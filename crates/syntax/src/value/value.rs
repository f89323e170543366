//! A value of the language at run time.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{
    CommandOutput, ExactNumber, LabelledText, MASK, PartialList, PartialText, Quantity, QuantityRefusal,
    Reason, RecordValue, Sample, SecretRef, Series, Time,
};

/// The result of an expression. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A number, duration, data size, ratio or rate.
    Quantity(Quantity),
    /// A number that would print with other digits: it is passed on as it was written.
    ExactNumber(ExactNumber),
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
    /// One text of a `by` metric: acts as its text, and has labels.
    LabelledText(Arc<LabelledText>),
    /// Values over a window (`p99 over 30m`).
    Window(Arc<[Series]>),
    /// What a command printed and how it ended.
    Output(Arc<CommandOutput>),
    /// A text of which a part is not known.
    PartialText(Arc<PartialText>),
    /// A list of which a part is not known.
    PartialList(Arc<PartialList>),
    /// A secret, which can only be passed on.
    Secret(SecretRef),
    /// Unknown, with the reason.
    Unknown(Arc<Reason>),
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

    /// Why it cannot be passed on as data: it is unknown, or a part of it is.
    pub fn gap(&self) -> Option<Reason> {
        match self {
            Self::Unknown(reason) => Some((**reason).clone()),
            Self::PartialText(text) => Some(text.reason.clone()),
            Self::PartialList(list) => Some(list.reason.clone()),
            Self::Output(output) => output.text().gap(),
            Self::List(items) => items.iter().find_map(Self::gap),
            Self::Record(record) => record.0.iter().find_map(|(_, value)| value.gap()),
            Self::LabelledText(labelled) if labelled.text.contains(MASK) => Some(Reason::masked()),
            Self::LabelledText(labelled) => labelled.removed.clone(),
            Self::Quantity(_)
            | Self::Bool(_)
            | Self::Text(_)
            | Self::Time(_)
            | Self::ExactNumber(_)
            | Self::Sample(_)
            | Self::Samples(_)
            | Self::Window(_)
            | Self::Secret(_) => None,
        }
    }

    /// Whether all of it is known.
    pub fn is_whole(&self) -> bool {
        self.gap().is_none()
    }

    /// The value as it is compared: a text of a `by` metric without its labels, an altered text as the text it is now,
    /// everything else as it is.
    pub fn compared(&self) -> std::borrow::Cow<'_, Self> {
        match self {
            Self::LabelledText(labelled) => {
                std::borrow::Cow::Owned(PartialText::masked(labelled.text.clone()))
            }
            Self::PartialText(text) if text.is_altered() => {
                std::borrow::Cow::Owned(Self::text(text.to_string()))
            }
            other => std::borrow::Cow::Borrowed(other),
        }
    }

    /// Why it is known and yet passed on to nothing: something was removed from the text.
    pub fn alteration(&self) -> Option<Reason> {
        match self {
            Self::PartialText(text) if text.is_altered() => Some(text.reason.clone()),
            Self::LabelledText(labelled) => labelled.removed.clone(),
            Self::Output(output) => output.text().alteration(),
            _ => None,
        }
    }

    /// Reads a number with its unit; one without a unit keeps its digits.
    pub fn parse_quantity(text: &str) -> Result<Self, QuantityRefusal> {
        match ExactNumber::parse(&text.replace('_', "")) {
            Some(number) => Ok(Self::ExactNumber(number)),
            None => Quantity::parse(text).map(Self::Quantity),
        }
    }

    /// Formats it without rounding anything: quantities in their own units.
    pub fn exact(&self) -> String {
        match self {
            Self::Quantity(quantity) => quantity.exact(),
            Self::Sample(sample) => sample.exact(),
            Self::List(items) => items.iter().map(Self::exact).collect::<Vec<_>>().join(", "),
            Self::Record(record) => {
                let fields = record.0.iter().map(|(name, value)| format!("{name}: {}", value.exact()));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
            }
            Self::Samples(samples) => samples.iter().map(Sample::exact).collect::<Vec<_>>().join(", "),
            Self::ExactNumber(_)
            | Self::Bool(_)
            | Self::Text(_)
            | Self::LabelledText(_)
            | Self::Time(_)
            | Self::Window(_)
            | Self::Output(_)
            | Self::PartialText(_)
            | Self::PartialList(_)
            | Self::Secret(_)
            | Self::Unknown(_) => self.to_string(),
        }
    }

    /// Whether it is a number that is too large to compute with exactly.
    pub fn is_too_large(&self) -> bool {
        match self {
            Self::ExactNumber(number) => number.computable().is_none(),
            Self::Sample(sample) => sample.quantity().is_none(),
            _ => false,
        }
    }

    /// Returns the quantity it acts as in computations: itself, or the value of a reading. An [`ExactNumber`] acts as
    /// the nearest, or as none.
    pub fn quantity(&self) -> Option<Quantity> {
        match self {
            Self::Quantity(quantity) => Some(*quantity),
            Self::ExactNumber(number) => number.computable().map(Quantity::number),
            Self::Sample(sample) => sample.quantity(),
            _ => None,
        }
    }
}

impl From<Result<Quantity, Reason>> for Value {
    fn from(result: Result<Quantity, Reason>) -> Self {
        result.map_or_else(Self::unknown, Self::Quantity)
    }
}

/// Formats as `#{…}` prints it: a quantity in its unit, a command's output trimmed (of a failed one, why it failed), an
/// unknown as its reason, a secret never.
impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Quantity(quantity) => quantity.fmt(f),
            Self::ExactNumber(number) => number.fmt(f),
            Self::Bool(value) => value.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::LabelledText(labelled) => f.write_str(&labelled.text),
            Self::Time(time) => time.fmt(f),
            Self::List(items) if items.iter().any(|item| matches!(item, Self::LabelledText(_))) => {
                reported(f, items)
            }
            Self::List(items) => joined(f, items.iter()),
            Self::Record(record) => {
                f.write_str("{")?;
                for (index, (name, value)) in record.0.iter().enumerate() {
                    write!(f, "{}{name}: {value}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
            Self::Sample(sample) => f.write_str(&sample.shown()),
            Self::Samples(samples) => readings(f, samples),
            Self::Window(series) => {
                let points: usize = series.iter().map(|series| series.points.len()).sum();
                write!(f, "{points} samples")
            }
            Self::Output(output) => output.fmt(f),
            Self::PartialText(text) => text.fmt(f),
            Self::PartialList(list) => list.fmt(f),
            Self::Secret(_) => f.write_str(MASK),
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

/// The texts of a `by` metric with their labels, as [`readings`] prints numbers.
fn reported(f: &mut std::fmt::Formatter<'_>, items: &[Value]) -> std::fmt::Result {
    for (index, item) in items.iter().take(READINGS).enumerate() {
        f.write_str(if index == 0 { "" } else { ", " })?;
        match item {
            Value::LabelledText(labelled) => write!(f, "{labelled}")?,
            other => write!(f, "{other}")?,
        }
    }
    match items.len().saturating_sub(READINGS) {
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
            digits: None,
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
