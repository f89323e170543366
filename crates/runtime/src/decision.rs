//! [`Decision`]: a judged condition with every operand that decided it; [`Shown`]: a value as events carry it.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use rbl_syntax::value::{Time, Value, Verdict};

/// A value, for people and for machines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shown {
    /// As `#{…}` prints it.
    pub text: String,
    /// The value.
    pub value: Value,
}

impl Shown {
    /// Formats a value.
    pub fn of(value: &Value) -> Self {
        Self { text: value.to_string(), value: value.clone() }
    }

    /// The first line, and the number of the others: `NAME READY (and 12 more lines)`.
    pub fn brief(&self) -> Cow<'_, str> {
        brief(&self.text)
    }
}

/// The most characters of a value in one line.
const LONGEST: usize = 200;

/// The beginning of the first line of a text, and how much more there is.
pub(super) fn brief(text: &str) -> Cow<'_, str> {
    match text.split_once('\n').map(|(first, rest)| (first.trim_end(), rest.lines().count())) {
        None => match text.char_indices().nth(LONGEST) {
            None => Cow::Borrowed(text),
            Some((end, _)) => {
                let (first, rest) = text.split_at_checked(end).unwrap_or((text, ""));
                Cow::Owned(format!("{first}… (and {} more characters)", rest.chars().count()))
            }
        },
        Some((first, 1)) => Cow::Owned(format!("{} (and 1 more line)", brief(first))),
        Some((first, more)) => Cow::Owned(format!("{} (and {more} more lines)", brief(first))),
    }
}

/// Whether the source text is a literal (`1_000`, `90%`, `10..20`, `"high"`): then printing its value adds nothing.
pub fn is_literal(written: &str) -> bool {
    let quantity = |text: &str| Value::parse_quantity(text).is_ok();
    let list = |text: &str| {
        let items = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        items.is_some_and(|items| items.split(',').all(|item| is_literal(item.trim())))
    };
    let text = |text: &str| text.starts_with('"') && text.ends_with('"') && !text.contains("#{");
    quantity(written)
        || text(written)
        || list(written)
        || written.split_once("..").is_some_and(|(low, high)| quantity(low) && quantity(high))
}

/// A value with its name, or with its source text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NamedValue {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Shown,
}

/// A judged condition, and everything that decided it: the answer to "why did it roll back?".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// The condition as written; for a lone question the prompt, for a `match` with the pattern that was taken.
    pub condition: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The operands, in the order of evaluation. What was not evaluated is not here.
    pub operands: Vec<Operand>,
    /// What happens next.
    pub then: Then,
    /// Whether a *no* is no fault: it takes the `else` of an `if` or a `match`.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub neutral: bool,
}

impl Decision {
    /// Whether it is a *no* that only chooses a way, as a branch of an `if` does: nothing failed.
    pub fn is_neutral_no(&self) -> bool {
        self.verdict == Verdict::No && (self.neutral || matches!(self.then, Then::GoesOn | Then::Again))
    }
}

/// One comparison, answer, probe or value that a decision was made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Operand {
    /// As written (`p99`), or as it was asked (`"Is the alert real?"`).
    pub text: String,
    /// Its value.
    pub value: Shown,
    /// Where the value comes from.
    pub from: Origin,
    /// When it was measured, where known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub measured: Option<Time>,
    /// The comparison it was part of.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub compared: Option<Compared>,
}

/// Where a value comes from.
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
        /// Whether the team's list of members contains the name.
        vouched: bool,
        /// The person's remark.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        remark: Option<String>,
    },
    /// The runbook itself: a parameter, a `let`, a literal, something computed.
    Runbook,
}

/// What an operand was compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// The operator: `<`, `in`, …
    pub op: String,
    /// The right side, as written.
    pub text: String,
    /// The value of the right side.
    pub value: Shown,
    /// The verdict of the comparison.
    pub verdict: Verdict,
}

/// An arm of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "String", into = "String")]
#[schemars(with = "String")]
pub enum ArmName {
    /// The block of an `if`.
    Then,
    /// `else`
    Else,
    /// `unknown`
    Unknown,
    /// An arm of a `match`: its pattern as written.
    Pattern(String),
}

impl From<&str> for ArmName {
    /// Reads the words of an arm. No pattern is written like one of the three keywords.
    fn from(words: &str) -> Self {
        match words {
            "then" => Self::Then,
            "else" => Self::Else,
            "unknown" => Self::Unknown,
            pattern => Self::Pattern(pattern.to_owned()),
        }
    }
}

impl From<String> for ArmName {
    fn from(words: String) -> Self {
        Self::from(words.as_str())
    }
}

impl From<ArmName> for String {
    fn from(arm: ArmName) -> Self {
        arm.to_string()
    }
}

impl std::fmt::Display for ArmName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Then => "then",
            Self::Else => "else",
            Self::Unknown => "unknown",
            Self::Pattern(pattern) => pattern,
        })
    }
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The run continues after the statement.
    GoesOn,
    /// An arm runs.
    Arm {
        /// Which one. In JSON its words: `then`, `else`, `unknown`, or the pattern of a `match` as written.
        arm: ArmName,
        /// Its line, from 1.
        line: u32,
    },
    /// The condition is checked again, or the next condition is checked.
    Again,
    /// Nothing handles it: the run stops.
    Stops,
}
