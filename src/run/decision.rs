//! A decision with everything that decided it, and values as events tell them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::value::{Time, Value, Verdict};

/// A value, for people and for machines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shown {
    /// As `#{…}` prints it.
    pub text: String,
    /// The value.
    pub value: Value,
}

impl Shown {
    /// A value as it prints.
    pub fn of(value: &Value) -> Self {
        Self { text: value.to_string(), value: value.clone() }
    }
}

/// A value under its name, or under what was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Shown,
}

/// A condition that was judged, and everything that decided it: the answer to "why did it roll back?".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// The condition as written.
    pub condition: String,
    /// What it came to.
    pub verdict: Verdict,
    /// What it was made of, in the order in which it was looked at. What was not needed is not here.
    pub operands: Vec<Operand>,
    /// What happens next.
    pub then: Then,
}

/// One comparison, answer, probe or value that a decision was made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Operand {
    /// As written: `p99`, `"Is the alert real?"`.
    pub text: String,
    /// What it came to.
    pub value: Shown,
    /// Where it is from.
    pub from: Origin,
    /// When it was measured, where that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub measured: Option<Time>,
    /// What it was compared with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub compared: Option<Compared>,
}

/// Where a value is from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A metric: the provider's name.
    Provider(SmolStr),
    /// A command.
    Command,
    /// A person, by name where known.
    Person(Option<String>),
    /// The runbook itself: a parameter, a `let`, a literal, something computed.
    Runbook,
}

/// What an operand was compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// How: `<`, `in`, …
    pub op: String,
    /// With what, as written.
    pub text: String,
    /// Its value.
    pub value: Shown,
    /// What the comparison came to.
    pub verdict: Verdict,
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The run goes on behind the statement.
    GoesOn,
    /// An arm is taken.
    Arm {
        /// `then`, `else`, `unknown`, or the pattern of a `match` as written.
        arm: String,
        /// Its line, from 1.
        line: u32,
    },
    /// It is looked at again, or the next condition is.
    Again,
    /// Nothing handles it: the run stops.
    Stops,
}
