//! [`Reply`]: the world's answers to effects, as plain data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::journal::ModeInForce;
use super::{DeliveryTicket, FiringAnswer};
use rbl_syntax::value::{CommandOutput, ExactNumber, Labels, Reason, ReasonKind, Time};

/// The reply to an [`Effect`](super::Effect); each effect has its own kind of reply, named beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "reply", content = "with", rename_all = "snake_case")]
pub enum Reply {
    /// `Now`: the time.
    Now(Time),
    /// `Sleep`: it has passed.
    Slept,
    /// `Read`: what the provider measured, or why it is unknown.
    Reading(Result<Reading, Reason>),
    /// `Firing`: whether an alert of the run fires, or why that is unknown.
    Firing(Result<FiringAnswer, Reason>),
    /// `Mode`: the mode in force.
    Mode(ModeInForce),
    /// `Probe`: how the command ended.
    Output(CommandOutput),
    /// `Act`: the result of the action.
    Acted(Acted),
    /// `Ask`: the person's answer.
    Answered(Answer),
    /// `Page`, `Record` and `Conclude`: how it was delivered, or why it was not.
    Delivered(Result<Delivery, Reason>),
    /// `Acknowledge`: who acknowledged the page, or why nobody did.
    Acknowledged(Result<AnswerAuthor, Reason>),
    /// `Secret`: it can be read, or why not.
    Secret(Result<(), Reason>),
    /// `Lock`: the run holds it, or why not.
    Locked(Result<(), Reason>),
    /// `Enter`: the runbook may begin, or why not.
    Entered(Result<(), Reason>),
    /// `Leave`: its place is free.
    Left,
}

impl Reply {
    /// Whether it is the reply to a question or an instruction that nobody answered.
    pub(crate) fn is_unanswered(&self) -> bool {
        match self {
            Self::Answered(answer) => match answer {
                Answer::Unknown(why, _) => why.kind == ReasonKind::NoAnswer,
                Answer::Yes(_) | Answer::No(_) | Answer::Text(..) | Answer::SecretKept(_) => false,
            },
            Self::Acted(acted) => acted.result.as_ref().is_err_and(|why| why.kind == ReasonKind::NoAnswer),
            Self::Now(_)
            | Self::Slept
            | Self::Reading(_)
            | Self::Firing(_)
            | Self::Mode(_)
            | Self::Output(_)
            | Self::Delivered(_)
            | Self::Acknowledged(_)
            | Self::Secret(_)
            | Self::Locked(_)
            | Self::Entered(_)
            | Self::Left => false,
        }
    }
}

/// A provider's answer: numbers as the provider returns them, in the metric's declared unit; texts or lines for a metric of
/// that type.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Reading {
    /// `Now` and `At`: one for each series. NaN and infinities are passed on unchanged.
    pub samples: Vec<RawSample>,
    /// `Window`: one for each series.
    pub series: Vec<RawSeries>,
    /// Of a metric of texts: one for each series.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub texts: Vec<RawText>,
    /// Of a metric of lines: the lines, where there is something that has lines, even none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lines: Option<Vec<String>>,
    /// `Now` and `At`: the series that are there and have no value (`null`), by their labels. Each is unknown.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub missing: Vec<Labels>,
    /// Warnings that came with the answer.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub warnings: Vec<String>,
    /// The source, where it is not the provider that was asked: `given` in a session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<SmolStr>,
}

/// One text from a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RawText {
    /// Its labels.
    pub labels: Labels,
    /// The text.
    pub text: String,
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
    /// Its digits, where it is a whole number beyond 2⁵³ that came as text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digits: Option<ExactNumber>,
    /// When it was measured, where the provider knows.
    pub at: Option<Time>,
}

impl RawSample {
    /// A number that can be computed with.
    pub fn new(labels: Labels, value: f64, at: Option<Time>) -> Self {
        Self { labels, value, digits: None, at }
    }
}

/// Numbers over time from a provider, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RawSeries {
    /// Its labels.
    pub labels: Labels,
    /// The numbers, oldest first.
    pub points: Vec<RawPoint>,
    /// The step the provider was asked for, in seconds.
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

/// The result of an action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Acted {
    /// Success, or why it failed, in words for people: "exit code 1: no such deployment".
    pub result: Result<(), Reason>,
    /// What it printed, where it is a command or an executor that prints.
    pub output: CommandOutput,
    /// Who did it, where a person did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// The person's remark.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub remark: Option<String>,
}

/// A person's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// To a yes/no question.
    Yes(AnswerAuthor),
    /// To a yes/no question.
    No(AnswerAuthor),
    /// To any question: the person is not sure, or nobody answered in time.
    Unknown(Reason, AnswerAuthor),
    /// A typed text, or the chosen one of a list.
    Text(String, AnswerAuthor),
    /// A secret was typed; the world keeps it under the key of the question.
    SecretKept(AnswerAuthor),
}

/// Who answered, and their remark.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct AnswerAuthor {
    /// Who answered; `None` when nobody did.
    pub by: Option<String>,
    /// Whether a list of members contains the name.
    pub vouched: bool,
    /// The remark.
    pub remark: Option<String>,
}

/// How a page or a record was delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// The way: "on this terminal", "pagerduty", …
    pub by: String,
    /// Whether it reached anybody beyond this terminal.
    pub reached_others: bool,
    /// The reference of the other side, where it gives one.
    pub reference: Option<String>,
    /// What it left at a service that can be asked about it, or has to hear how the run ends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ticket: Option<DeliveryTicket>,
}

impl Delivery {
    /// A delivery on this way, which left nothing.
    pub fn by(by: impl Into<String>, reached_others: bool) -> Self {
        Self { by: by.into(), reached_others, reference: None, ticket: None }
    }
}

/// A number in JSON: JSON has no NaN and no infinities, so they are `"NaN"`, `"inf"` and `"-inf"`.
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
    enum FiniteOrSpecial {
        Finite(f64),
        Special(String),
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        match FiniteOrSpecial::deserialize(deserializer)? {
            FiniteOrSpecial::Finite(value) => Ok(value),
            FiniteOrSpecial::Special(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}
