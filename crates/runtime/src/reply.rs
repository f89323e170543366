//! What the world answers, as plain data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use rbl_syntax::value::{CommandOutput, Labels, Reason, Time};

/// The answer to an [`Effect`](super::Effect); each effect has its own kind, named beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "reply", content = "with", rename_all = "snake_case")]
pub enum Reply {
    /// `Now`: the time.
    Now(Time),
    /// `Sleep`: it has passed.
    Slept,
    /// `Read`: what the provider measured, or why it is unknown.
    Reading(Result<Reading, Reason>),
    /// `Probe`: how the command ended.
    Output(CommandOutput),
    /// `Act`: what came of it.
    Acted(Acted),
    /// `Ask`: what the person said.
    Answered(Answer),
    /// `Page` and `Record`: who was told, or why nobody was.
    Delivered(Result<Delivery, Reason>),
    /// `Secret`: it can be read, or why not.
    Secret(Result<(), Reason>),
}

/// What a provider measured: numbers as the provider gives them, in the metric's declared unit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Reading {
    /// `Now` and `At`: one for each series. NaN and infinities are handed on as they are.
    pub samples: Vec<RawSample>,
    /// `Window`: one for each series.
    pub series: Vec<RawSeries>,
    /// What the provider warns of, although it answered.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub warnings: Vec<String>,
    /// Who it is from, where that is not the provider that was asked: `given` in a session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<SmolStr>,
}

/// One number from a provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RawSample {
    /// Its labels.
    pub labels: Labels,
    /// The number. Kept as text in JSON where JSON has no such number (NaN, infinities).
    #[serde(with = "special_float")]
    #[schemars(with = "NumberOrText")]
    pub value: f64,
    /// When it was measured, where the provider knows.
    pub at: Option<Time>,
}

/// Numbers over time from a provider, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RawSeries {
    /// Its labels.
    pub labels: Labels,
    /// The numbers, oldest first.
    pub points: Vec<RawPoint>,
    /// The distance between two points that the provider was asked for, in seconds.
    pub step: f64,
}

/// One number of a [`RawSeries`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RawPoint {
    /// When.
    pub at: Time,
    /// The number.
    #[serde(with = "special_float")]
    #[schemars(with = "NumberOrText")]
    pub value: f64,
}

/// What came of an action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Acted {
    /// Done, or why it failed. The words are a reason for people: "exit code 1: no such deployment".
    pub result: Result<(), Reason>,
    /// What it printed, where it is a command or an executor that prints.
    pub output: CommandOutput,
    /// Who did it, where a person did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// What the person said about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub remark: Option<String>,
}

/// What a person said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// To a yes/no question.
    Yes(Said),
    /// To a yes/no question.
    No(Said),
    /// To any question: not known ("not sure"), or nobody answered in time.
    Unknown(Reason, Said),
    /// A typed text, or the chosen one of a list.
    Text(String, Said),
    /// A secret was typed; the world keeps it under the key of the question.
    SecretKept(Said),
}

/// Who said it, and the remark in words.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Said {
    /// Who answered; `None` when nobody did.
    pub by: Option<String>,
    /// Whether a list of members vouches for the name.
    pub vouched: bool,
    /// The remark, in words.
    pub remark: Option<String>,
}

/// Who was told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// How: "on this terminal", "pagerduty", …
    pub by: String,
    /// Whether anybody beyond this terminal was told.
    pub reached_others: bool,
    /// What the other side calls it, where it gives a name.
    pub reference: Option<String>,
}

/// How a number is written: JSON has no NaN and no infinities, so they are `"NaN"`, `"inf"` and `"-inf"`.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)] // only its form counts
enum NumberOrText {
    Number(f64),
    Text(String),
}

/// NaN and infinities as text, everything else as a number.
mod special_float {
    use serde::{Deserialize, Deserializer, Serializer};

    #[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
    pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        if value.is_finite() {
            serializer.serialize_f64(*value)
        } else {
            serializer.serialize_str(&value.to_string())
        }
    }

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Finite(f64),
        Special(String),
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        match Number::deserialize(deserializer)? {
            Number::Finite(value) => Ok(value),
            Number::Special(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}
