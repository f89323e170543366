//! What a test says of the world, as plain data: values filled in, times in seconds.

use smol_str::SmolStr;

use rbl_runtime::{Act, ActTarget, Called};
use rbl_syntax::value::{Labels, Time, Value};

/// All that is given.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Script {
    /// What holds, or begins to hold, without anything being done. Of two that begin together the later line wins.
    pub changes: Vec<Change>,
    /// What an action brings about.
    pub after: Vec<After>,
    /// When the run begins, as one that somebody starts by hand; `None`: at a time of its own, or when its schedule comes
    /// round.
    pub begins: Option<Time>,
}

/// One line: something is so from a time on.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Seconds behind the start of the run, or behind the success of the action that it belongs to; below zero is
    /// history. `None`: from the start, and as long before as nothing else is given.
    pub from: Option<f64>,
    /// What.
    pub what: What,
}

/// `after action X { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct After {
    /// Each time that this has succeeded …
    pub action: ActionName,
    /// … this takes effect.
    pub changes: Vec<Change>,
}

/// What can be given.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A metric's values.
    Metric(Metric),
    /// A provider, a team or a channel that does not answer as it should.
    Outage(Outage),
    /// How an action goes.
    Action(Action),
    /// How a command that only looks ends.
    Probe(Probe),
    /// What a person says.
    Answer(Answer),
}

/// `given METRIC …`
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its name.
    pub name: SmolStr,
    /// Its arguments, by parameter; empty means whatever they are.
    pub arguments: Vec<(SmolStr, Value)>,
    /// One series of a `by` metric; `None` is the whole metric.
    pub labels: Option<Labels>,
    /// What it is.
    pub state: State,
}

/// What a metric, or one series of it, is.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// This, in base units.
    Value(f64),
    /// One value behind the other, in base units; the last one stays.
    Samples {
        /// Each value, and how many samples of it.
        runs: Vec<(f64, u32)>,
        /// The distance of two samples, in seconds.
        every: f64,
    },
    /// No data.
    None,
    /// Not a number.
    Nan,
    /// So many seconds old.
    Stale(f64),
    /// So many series.
    Series(u32),
}

/// `given provider P is …`, `given team "NAME" is …`, `given channel "NAME" is …`
#[derive(Debug, Clone, PartialEq)]
pub struct Outage {
    /// Who does not answer as it should.
    pub of: Party,
    /// What is wrong with it.
    pub fault: Fault,
}

/// Who is asked or told something, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    /// A provider: metrics are read from it.
    Provider(SmolStr),
    /// A team: it is paged.
    Team(String),
    /// A channel: records are posted to it.
    Channel(String),
}

impl Party {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Provider(name) => name,
            Self::Team(name) | Self::Channel(name) => name,
        }
    }
}

/// What is wrong with a provider, a team or a channel.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// It cannot be reached.
    Down,
    /// It takes so many seconds to answer.
    Slow(f64),
    /// It answers with an error.
    Error(String),
}

/// `given action X …`
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Which.
    pub name: ActionName,
    /// How it goes. What several lines say of one action holds together.
    pub how: How,
}

/// How an action goes.
#[derive(Debug, Clone, PartialEq)]
pub enum How {
    /// It fails, saying this.
    Fails(Option<String>),
    /// It does not end by itself.
    Hangs,
    /// It takes so many seconds.
    Takes(f64),
    /// It prints this.
    Prints(String),
}

/// Names an action as a test does.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionName {
    /// By the name of its `define`, with those of its arguments that matter.
    Call {
        /// The name.
        name: SmolStr,
        /// Some of its arguments, by parameter.
        arguments: Vec<(SmolStr, Value)>,
    },
    /// By its command, values filled in.
    Command(String),
    /// By its instruction, values filled in.
    Instruction(String),
}

impl ActionName {
    /// Whether this action is meant.
    pub fn names(&self, act: &Act) -> bool {
        match (self, &act.target) {
            (Self::Call { name, arguments }, _) => {
                act.call.as_ref().is_some_and(|call| call.name == *name && fits(arguments, call))
            }
            (Self::Command(text), ActTarget::Command(command)) => command.shown() == *text,
            (Self::Instruction(text), ActTarget::Instruction(instruction)) => instruction == text,
            (Self::Command(_) | Self::Instruction(_), _) => false,
        }
    }
}

fn fits(wanted: &[(SmolStr, Value)], call: &Called) -> bool {
    wanted
        .iter()
        .all(|(name, value)| call.arguments.iter().any(|(known, given)| known == name && same(given, value)))
}

/// Whether two values are the same to a reader: a reading is its quantity, an output what it printed.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a.quantity(), b.quantity()) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a == b || a.to_string() == b.to_string(),
        _ => false,
    }
}

/// As it is written in a test.
impl std::fmt::Display for ActionName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Call { name, arguments } if arguments.is_empty() => write!(f, "{name}"),
            Self::Call { name, arguments } => {
                write!(f, "{name}(")?;
                for (index, (name, value)) in arguments.iter().enumerate() {
                    let between = if index == 0 { "" } else { ", " };
                    match value {
                        Value::Text(text) => write!(f, "{between}{name}: {text:?}")?,
                        value => write!(f, "{between}{name}: {value}")?,
                    }
                }
                f.write_str(")")
            }
            Self::Command(text) => write!(f, "`{text}`"),
            Self::Instruction(text) => write!(f, "\"{text}\""),
        }
    }
}

/// ``given probe `COMMAND` …``
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// The command, values filled in.
    pub command: String,
    /// How it ends. What several lines say of one command holds together.
    pub ends: Ends,
}

/// How a command that only looks ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Ends {
    /// Yes: exit code 0.
    Yes,
    /// No: exit code 1.
    No,
    /// It cannot be told.
    Unknown,
    /// It prints this; with nothing else given it ends well.
    Prints(String),
}

/// `answer "QUESTION" with ANSWER [after D]`
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The question or instruction, values filled in.
    pub question: String,
    /// What is said, in words.
    pub with: String,
    /// The seconds until it is said.
    pub after: f64,
}
