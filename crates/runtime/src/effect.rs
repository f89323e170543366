//! Everything a run can ask of the world, as plain data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use rbl_syntax::value::{SecretRef, Series, Time, Value};

/// One thing asked of the world. Durations are in seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// What time it is.
    Now,
    /// Let time pass.
    Sleep(Sleep),
    /// Read a metric.
    Read(Read),
    /// Run a command that only looks.
    Probe(Probe),
    /// Do something to the world.
    Act(Act),
    /// Ask a person.
    Ask(Ask),
    /// Page a team.
    Page(Page),
    /// Post to a channel.
    Record(Record),
    /// Make sure that a secret can be read, before anything runs.
    Secret {
        /// Its name in the runbook.
        name: SmolStr,
        /// Where it comes from.
        from: SecretRef,
    },
}

/// A text in another language (a shell command, a query) with values in it. The values are kept apart from the text
/// all the way to whoever knows that language, so that no value can become code.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct CommandLine(pub Vec<Piece>);

/// One piece of a [`CommandLine`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// The author's own text: code.
    Text(String),
    /// A value put in by `#{…}`: data.
    Value(Datum),
}

/// A value on its way out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    /// Text, and everything that goes out as it prints (times, quantities other than those below).
    Text(String),
    /// A plain number or a ratio (0–1).
    Number(f64),
    /// A duration in seconds.
    Duration(f64),
    /// An amount of data in bytes.
    Data(f64),
    /// True or false.
    Bool(bool),
    /// A list: one word for each.
    List(Vec<Datum>),
    /// A secret: read where it is used.
    Secret(SecretRef),
}

/// Let time pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sleep {
    /// How long, in seconds.
    pub seconds: f64,
    /// Why, for the line that shows it.
    pub purpose: Purpose,
}

/// What a sleep is for: shown while it lasts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// `wait D`.
    Wait,
    /// Between two polls of `wait until`.
    Poll {
        /// The condition, as written.
        condition: String,
        /// What it came to last: `p99 = 812ms`.
        last: String,
        /// Seconds left until the limit, from the start of this sleep.
        left: f64,
    },
    /// Between two tries of an action.
    Retry,
    /// Between two passes of `repeat`.
    Repeat,
}

/// Read a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Read {
    /// The metric's name in the runbook.
    pub metric: SmolStr,
    /// Its arguments, by parameter; empty for a metric without parameters.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub arguments: Vec<(SmolStr, Value)>,
    /// The provider's name.
    pub provider: SmolStr,
    /// The query, in the provider's own language, values apart.
    pub query: CommandLine,
    /// The labels of `by`; empty for a metric of one value.
    pub by: Vec<SmolStr>,
    /// As of when.
    pub time: ReadTime,
}

/// As of when a metric is read.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadTime {
    /// Now.
    Now,
    /// At a point in time (`p99 1h ago`).
    At(Time),
    /// Over a window that ends at `end` (`p99 over 30m`, `COND for 5m`).
    Window {
        /// Its end.
        end: Time,
        /// Its length in seconds.
        seconds: f64,
    },
}

/// Run a command that only looks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Probe {
    /// The command.
    pub command: CommandLine,
    /// The host it runs on; `None` is this machine.
    pub host: Option<String>,
    /// Seconds after which its process group is ended.
    pub within: f64,
}

/// Do something to the world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Act {
    /// What.
    pub target: ActTarget,
    /// How people read it: the define's name and arguments, the command or the instruction, values filled in.
    pub title: String,
    /// The define that was called and its arguments; `None` for a command or an instruction in place.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub call: Option<Called>,
    /// The host a command runs on; `None` is this machine.
    pub host: Option<String>,
    /// The team that has to do or approve it (`by`).
    pub by: Option<String>,
    /// Seconds after which it is given up.
    pub within: f64,
    /// Idempotency key: derived from the run and the place in it; the same for every retry.
    pub key: String,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// How many tries the statement allows: more than one, and its author said that doing it again is safe.
    #[serde(default = "one")]
    pub tries: u32,
    /// What the person who does an instruction looks at first (`showing`).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub showing: Vec<Evidence>,
    /// Links of the runbook, for a person.
    pub links: Vec<(String, String)>,
}

fn one() -> u32 {
    1
}

/// A defined action that was called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Called {
    /// The name of the define.
    pub name: SmolStr,
    /// Its arguments, by parameter.
    pub arguments: Vec<(SmolStr, Value)>,
}

/// The three kinds of action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActTarget {
    /// A shell command.
    Command(CommandLine),
    /// An instruction to a person.
    Instruction(String),
    /// A configured executor.
    Executor {
        /// Its name.
        executor: SmolStr,
        /// What it is to run there.
        reference: CommandLine,
        /// The parameters, by name.
        arguments: Vec<Argument>,
    },
}

/// A named parameter of an executor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Argument {
    /// Its name.
    pub name: SmolStr,
    /// Its value.
    pub value: Datum,
}

/// Ask a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ask {
    /// What answer is wanted.
    pub kind: AskKind,
    /// The question.
    pub prompt: String,
    /// The team that has to answer (`by`).
    pub by: Option<String>,
    /// Seconds after which it counts as not answered.
    pub within: f64,
    /// What to look at first.
    pub showing: Vec<Evidence>,
    /// Links of the runbook.
    pub links: Vec<(String, String)>,
}

/// What answer is wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AskKind {
    /// Yes, no or not sure.
    YesNo,
    /// Any text.
    Text,
    /// A text that is not shown and not kept: the answer stays in the world, under this key.
    Secret(SmolStr),
    /// One of a list.
    Choice(Vec<String>),
}

/// Something to look at before answering.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// What it is, as written in the runbook.
    pub title: String,
    /// The value: a command's output, a reading, a window to be drawn.
    pub value: Value,
}

impl Evidence {
    /// The window it holds, if it is one to be drawn.
    pub fn window(&self) -> Option<&[Series]> {
        if let Value::Window(series) = &self.value { Some(series) } else { None }
    }
}

/// Page a team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Page {
    /// The team.
    pub team: String,
    /// Why, in words; empty when nothing was said.
    pub reason: String,
    /// The runbook's title.
    pub runbook: String,
    /// Its `severity`.
    pub severity: Option<String>,
    /// What happened so far, a line each.
    pub story: Vec<String>,
    /// Links of the runbook.
    pub links: Vec<(String, String)>,
    /// Idempotency key.
    pub key: String,
}

/// Post to a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// The channel; `None` is the incident's own.
    pub channel: Option<String>,
    /// What is posted.
    pub text: String,
    /// The runbook's title.
    pub runbook: String,
    /// Idempotency key.
    pub key: String,
}

impl CommandLine {
    /// As people read it: values filled in, secrets as dots.
    pub fn shown(&self) -> String {
        self.0.iter().map(Piece::shown).collect()
    }
}

impl Piece {
    fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Value(datum) => datum.shown(),
        }
    }
}

impl Datum {
    /// As people read it: a list by spaces, a secret as dots.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(value) | Self::Duration(value) | Self::Data(value) => value.to_string(),
            Self::Bool(value) => value.to_string(),
            Self::List(items) => items.iter().map(Self::shown).collect::<Vec<_>>().join(" "),
            Self::Secret(_) => "•••".into(),
        }
    }
}
