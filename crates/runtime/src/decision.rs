//! A decision with everything that decided it, and values as events tell them.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use rbl_syntax::value::{Quantity, Time, Value, Verdict};

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

    /// The first line, and how many more there are: `NAME READY (and 12 more lines)`.
    pub fn brief(&self) -> Cow<'_, str> {
        brief(&self.text)
    }
}

/// The first line of a text, and how many more there are.
pub(super) fn brief(text: &str) -> Cow<'_, str> {
    match text.split_once('\n').map(|(first, rest)| (first.trim_end(), rest.lines().count())) {
        None => Cow::Borrowed(text),
        Some((first, 1)) => Cow::Owned(format!("{first} (and 1 more line)")),
        Some((first, more)) => Cow::Owned(format!("{first} (and {more} more lines)")),
    }
}

/// Whether what is written is a value by itself (`1_000`, `90%`, `10..20`, `"high"`): then its value says nothing new.
pub fn says_itself(written: &str) -> bool {
    let quantity = |text: &str| Quantity::parse(text).is_ok();
    let text = |text: &str| text.starts_with('"') && text.ends_with('"') && !text.contains("#{");
    quantity(written)
        || text(written)
        || written.split_once("..").is_some_and(|(low, high)| quantity(low) && quantity(high))
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
    /// The condition as written; of a lone question what was asked, of a `match` with the pattern that was taken.
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
    /// As written (`p99`), or as it was asked (`"Is the alert real?"`).
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
    /// A person.
    Person {
        /// Who, where known.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        name: Option<String>,
        /// The team that had to answer.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        team: Option<String>,
        /// Whether the team's list of members vouches for the name.
        vouched: bool,
        /// What was said besides.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        remark: Option<String>,
    },
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
