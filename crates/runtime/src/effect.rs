//! [`Effect`]: everything a run can ask of the world, as plain data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::journal::{ModeQuery, RemoteOrder};
use super::{ActionRole, AskedQuestion, Conclude, DeliveryTicket, FiringQuery};
use rbl_check::ReadPart;
use rbl_syntax::harmless::with_codes;
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{ExactNumber, SecretRef, Series, Time, Value};

/// One request to the world. Durations are in seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "effect", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)] // One at a time is asked for.
pub enum Effect {
    /// What time it is.
    Now,
    /// Let time pass.
    Sleep(Sleep),
    /// Read a metric.
    Read(Read),
    /// Ask whether an alert of the run still fires.
    Firing(FiringQuery),
    /// Ask what the run may do unasked, before a machine action.
    Mode(ModeQuery),
    /// Run a command that only looks.
    Probe(Probe),
    /// Change something in the world.
    Act(Act),
    /// Ask a person.
    Ask(Ask),
    /// Page a team.
    Page(Page),
    /// Wait until somebody has acknowledged a page.
    Acknowledge(Acknowledge),
    /// Post to a channel.
    Record(RecordEffect),
    /// Check that a secret can be read, before anything runs.
    Secret {
        /// Its name in the runbook.
        name: SmolStr,
        /// Where it comes from.
        from: SecretRef,
    },
    /// Take a lock, and keep it until the run has ended.
    Lock(LockEffect),
    /// Begin a runbook that has limits.
    Enter(LimitedRun),
    /// A runbook that has limits, and that another one ran, has ended.
    Leave(LimitedRun),
    /// Tell a service at which the run left something how the run ended.
    Conclude(Conclude),
}

impl Effect {
    /// Whether it changes something outside the run, or reaches people.
    pub fn changes(&self) -> bool {
        match self {
            Self::Act(_) | Self::Page(_) | Self::Record(_) | Self::Conclude(_) => true,
            Self::Now
            | Self::Sleep(_)
            | Self::Read(_)
            | Self::Firing(_)
            | Self::Mode(_)
            | Self::Probe(_)
            | Self::Ask(_)
            | Self::Lock(_)
            | Self::Enter(_)
            | Self::Leave(_)
            | Self::Acknowledge(_)
            | Self::Secret { .. } => false,
        }
    }

    /// What a person answers or does; `None` for what no person does.
    pub(crate) fn of_person(&self) -> Option<PersonEffect<'_>> {
        match self {
            Self::Ask(ask) => Some(PersonEffect::Answers(ask)),
            Self::Act(act) => Some(PersonEffect::Does(act)),
            Self::Now
            | Self::Sleep(_)
            | Self::Read(_)
            | Self::Firing(_)
            | Self::Mode(_)
            | Self::Probe(_)
            | Self::Page(_)
            | Self::Acknowledge(_)
            | Self::Record(_)
            | Self::Lock(_)
            | Self::Enter(_)
            | Self::Leave(_)
            | Self::Conclude(_)
            | Self::Secret { .. } => None,
        }
    }
}

/// What a person answers or does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum PersonEffect<'e> {
    /// A question.
    Answers(&'e Ask),
    /// An instruction, or an action that a person says the end of.
    Does(&'e Act),
}

impl<'e> PersonEffect<'e> {
    /// What it says.
    pub(crate) fn text(self) -> &'e str {
        match self {
            Self::Answers(ask) => &ask.prompt,
            Self::Does(act) => &act.title,
        }
    }

    /// How long it may take, in seconds.
    pub(crate) fn within(self) -> f64 {
        match self {
            Self::Answers(ask) => ask.within,
            Self::Does(act) => act.within,
        }
    }
}

/// A text in another language (a shell command, a query) with values in it. The values stay separate from the text
/// until the code that knows that language combines them, so that no value can become code.
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

/// A value that leaves the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    /// Text, and everything that is sent as it prints (times, quantities other than those below).
    Text(String),
    /// A plain number, a ratio (0–1), or a reading in the unit that its metric declares.
    Number(f64),
    /// A whole number beyond 2⁵³, as its digits.
    ExactNumber(ExactNumber),
    /// A duration in seconds, of which a reading in seconds is one.
    Duration(f64),
    /// A reading of a duration in the unit that its metric declares, where that is not seconds.
    Reading {
        /// In the unit.
        number: f64,
        /// In seconds, for where a language has durations of its own.
        seconds: f64,
    },
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
    /// The reason, for the line that shows it.
    pub purpose: Purpose,
}

/// The purpose of a sleep: shown while it lasts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// `wait D`.
    Wait,
    /// Between two polls of `wait until`.
    Poll {
        /// The condition, as written.
        condition: String,
        /// The last values: `p99 = 812ms`.
        last: String,
        /// Seconds left until the limit, from the start of this sleep.
        left: f64,
    },
    /// Between two tries of an action.
    Retry,
    /// Between two passes of `repeat`.
    Repeat,
    /// Until it is looked again whether a lock is free, or a place under a limit.
    Queue {
        /// What is waited for: `the lock "db-1"`.
        what: String,
        /// Who is in the way.
        held: String,
        /// Seconds left until the limit; `None` without one.
        left: Option<f64>,
    },
    /// Until a page is acknowledged.
    Acknowledgement {
        /// The team that was paged.
        team: String,
        /// Seconds left until the limit, from the start of this sleep.
        left: f64,
    },
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
    /// What it reads: numbers, a text, lines.
    #[serde(rename = "type", skip_serializing_if = "MetricType::is_number", default)]
    pub of: MetricType,
    /// The labels of `by`; empty for a metric of one value.
    pub by: Vec<SmolStr>,
    /// The time it is read for.
    pub time: ReadTime,
}

/// The time a metric is read for.
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
    /// The folder of the runbook, in which it runs on this machine; `None` is the current folder.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub folder: Option<SmolStr>,
    /// Time limit in seconds; then its process group is ended.
    pub within: f64,
    /// The exit codes that mean *no* (`no on 7, 22`); empty: exit code 1 with nothing on stderr.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub no_on: Vec<i32>,
    /// The declared probe that was used and its arguments; `None` for a command in place.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub call: Option<Called>,
}

/// Change something in the world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Act {
    /// What to do.
    pub target: ActTarget,
    /// The title for people: the define's name and arguments, the command or the instruction, values filled in.
    pub title: String,
    /// The define that was called and its arguments; `None` for a command or an instruction in place.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub call: Option<Called>,
    /// The host a command runs on; `None` is this machine.
    pub host: Option<String>,
    /// The folder of the runbook, in which a command runs on this machine; `None` is the current folder.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub folder: Option<SmolStr>,
    /// The team that has to do or approve it (`by`).
    pub by: Option<String>,
    /// Time limit in seconds.
    pub within: f64,
    /// Idempotency key: derived from the run and the position in it; the same for every retry.
    pub key: String,
    /// The number of this try, from 1.
    pub attempt: u32,
    /// The number of tries the statement allows: more than 1 means that its author said repeating it is safe.
    #[serde(default = "one")]
    pub tries: u32,
    /// What it is part of; not recorded, because its place in the program says it.
    #[serde(skip)]
    pub role: ActionRole,
    /// The evidence shown to the person who does an instruction (`showing`).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub showing: Vec<Evidence>,
    /// Links of the runbook, for a person.
    pub links: Vec<(String, String)>,
    /// How often it may be done with the same arguments, over all runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at_most: Option<ActLimit>,
    /// The execution elsewhere that an earlier turn at the run began for it; not recorded, because it is noted beside the records.
    #[serde(skip)]
    pub remote: Option<Box<RemoteOrder>>,
}

/// `at most N in D`, over all runs of the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ActLimit {
    /// The file of the `define`, as it is shown.
    pub file: SmolStr,
    /// That often; `None` for a clean-up, which is counted and never kept from running.
    pub most: Option<u32>,
    /// The length of the window in seconds.
    pub window: f64,
}

/// Take a lock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LockEffect {
    /// The name of the lock.
    pub name: String,
    /// How long to wait for it, in seconds.
    pub within: f64,
}

/// A runbook that has limits, about to begin or ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LimitedRun {
    /// Its title.
    pub runbook: String,
    /// Its file, as it is shown.
    pub file: SmolStr,
    /// The file as the `run` names it; `None` for the runbook that was started.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub named: Option<String>,
    /// Identifies it among the runbooks of a run; empty for the one that was started.
    pub key: String,
    /// Its limits.
    pub limits: Vec<LimitRule>,
}

/// One limit of a runbook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LimitRule {
    /// How many.
    pub most: u32,
    /// `runs in D`: the length of the window in seconds; `None` for `at once`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub window: Option<f64>,
    /// `by PARAM`: the parameter and its value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<(SmolStr, String)>,
}

fn one() -> u32 {
    1
}

/// A defined action or a declared probe that was called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Called {
    /// The name of the define or the probe.
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
    /// An instruction for a person.
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
    /// The kind of answer expected.
    pub kind: AskKind,
    /// The question.
    pub prompt: String,
    /// The team that has to answer (`by`).
    pub by: Option<String>,
    /// Time limit in seconds; then it counts as not answered.
    pub within: f64,
    /// The evidence to show first.
    pub showing: Vec<Evidence>,
    /// Links of the runbook.
    pub links: Vec<(String, String)>,
    /// The key of the action that it permits, where it is the mode of the run that asks, and not the runbook.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub permits: Option<String>,
}

/// The kind of answer expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AskKind {
    /// Yes, no or not sure.
    YesNo,
    /// Any text.
    Text,
    /// A text that is neither shown nor recorded: the answer stays in the world, under this key.
    Secret(SmolStr),
    /// One of a list.
    Choice(Vec<String>),
}

/// Something a person looks at before answering.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Its source text in the runbook.
    pub title: String,
    /// The value: a command's output, a reading, or a window to draw.
    pub value: Value,
}

impl Evidence {
    /// The window to draw, if the value holds one.
    pub fn window(&self) -> Option<&[Series]> {
        if let Value::Window(series) = &self.value { Some(series) } else { None }
    }
}

/// Page a team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Page {
    /// The team.
    pub team: String,
    /// The reason; empty when none was given.
    pub reason: String,
    /// The runbook's title.
    pub runbook: String,
    /// Its `severity`.
    pub severity: Option<String>,
    /// The story so far, one line per entry.
    pub story: Vec<String>,
    /// Links of the runbook.
    pub links: Vec<(String, String)>,
    /// What the runbook says about its alert, as Markdown (`about`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub about: Option<String>,
    /// Idempotency key.
    pub key: String,
    /// Whether an earlier try with this key was cut off: nobody knows whether it arrived. Not recorded, because the records say it.
    #[serde(skip)]
    pub again: bool,
}

/// Wait until somebody of a team has acknowledged a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Acknowledge {
    /// The team that was paged.
    pub team: String,
    /// The reason of the page; may be empty.
    pub reason: String,
    /// Time limit in seconds; then it counts as not acknowledged.
    pub within: f64,
    /// Idempotency key of the place in the run.
    pub key: String,
    /// What the page left at the service that has it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ticket: Option<DeliveryTicket>,
}

/// Post to a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecordEffect {
    /// The channel; `None` is the incident's own.
    pub channel: Option<String>,
    /// The text to post.
    pub text: String,
    /// The runbook's title.
    pub runbook: String,
    /// Idempotency key.
    pub key: String,
    /// The question that is brought to somebody by it; `None` for a `record`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub question: Option<Box<AskedQuestion>>,
    /// What the first record of the run to this channel left there; not recorded, because the records say it.
    #[serde(skip)]
    pub thread: Option<String>,
    /// What the pages of the run before it left at their services; not recorded, for the same reason.
    #[serde(skip)]
    pub pages: Vec<DeliveryTicket>,
    /// Whether an earlier try with this key was cut off; see [`Page::again`].
    #[serde(skip)]
    pub again: bool,
}

impl CommandLine {
    /// The text for people: values filled in, secrets as dots.
    pub fn shown(&self) -> String {
        self.0.iter().map(Piece::shown).collect()
    }

    /// Whether it is shown as this text; without writing it, where a part of it says no.
    pub fn is_shown_as(&self, text: &str) -> bool {
        let mut rest = text;
        for piece in &self.0 {
            let left = match piece {
                Piece::Text(text) => rest.strip_prefix(text.as_str()),
                Piece::Value(datum) => rest.strip_prefix(datum.shown().as_str()),
            };
            let Some(left) = left else { return false };
            rest = left;
        }
        rest.is_empty()
    }

    /// The same for whoever has to see what is sent: what cannot be seen in a value is shown by its code.
    pub fn shown_with_codes(&self) -> String {
        let shown = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value(datum) => with_codes(&datum.shown()),
        };
        self.0.iter().map(shown).collect()
    }
}

impl CommandLine {
    /// The command as a shell reads it: the author's text, and each value in the words that it becomes. `None` where a value is
    /// not known, because it is a secret.
    pub fn as_read(&self) -> Option<Vec<ReadPart>> {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => Some(ReadPart::Text(text.clone())),
                Piece::Value(datum) => datum.words().map(ReadPart::Value),
            })
            .collect()
    }
}

impl Probe {
    /// The command for people, in back quotes, its host, and the name it was used by.
    pub fn shown(&self) -> String {
        let command = format!("`{}`", self.command.shown());
        let host = self.host.as_ref().map_or(String::new(), |host| format!(" on {host}"));
        match &self.call {
            Some(call) => format!("`{}` ({command}{host})", call.name),
            None => format!("{command}{host}"),
        }
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
    /// The words that it becomes in a command; `None` where a secret is among them.
    fn words(&self) -> Option<Vec<String>> {
        match self {
            Self::List(items) => {
                let words: Option<Vec<Vec<String>>> = items.iter().map(Self::words).collect();
                words.map(|words| words.concat())
            }
            Self::Secret(_) => None,
            Self::Text(_)
            | Self::Number(_)
            | Self::Duration(_)
            | Self::Data(_)
            | Self::Reading { .. }
            | Self::ExactNumber(_)
            | Self::Bool(_) => Some(vec![self.shown()]),
        }
    }

    /// The text for people: a list separated by spaces, a secret as dots.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(value) | Self::Duration(value) | Self::Data(value) => value.to_string(),
            Self::Reading { number, .. } => number.to_string(),
            Self::ExactNumber(digits) => digits.to_string(),
            Self::Bool(value) => value.to_string(),
            Self::List(items) => items.iter().map(Self::shown).collect::<Vec<_>>().join(" "),
            Self::Secret(_) => "•••".into(),
        }
    }
}
