//! [`Script`]: what a test says about the world, as plain data: values filled in, times in seconds.

use smol_str::SmolStr;

use rbl_runtime::{Act, ActTarget, Called};
use rbl_syntax::value::{Labels, Time, Value};

/// Everything given.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Script {
    /// What holds without an action, from the start or a later time. Of two with the same time the later line wins.
    pub changes: Vec<GivenChange>,
    /// The effects of actions.
    pub after: Vec<ActionConsequences>,
    /// When the run begins, if started by hand; `None`: at a default time, or when its schedule fires.
    pub begins: Option<Time>,
}

/// One line: something holds from a time on.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenChange {
    /// Seconds after the start of the run, or after the success of the action it belongs to; a negative number is
    /// history. `None`: from the start, and before it as far as nothing else is given.
    pub from: Option<f64>,
    /// What changes.
    pub what: GivenSubject,
}

/// `after action X { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct ActionConsequences {
    /// Each time this action has succeeded …
    pub action: ActionName,
    /// … this takes effect.
    pub changes: Vec<GivenChange>,
}

/// A subject of a `given` line.
#[derive(Debug, Clone, PartialEq)]
pub enum GivenSubject {
    /// A metric's values.
    Metric(GivenMetric),
    /// A fault of a provider, a team or a channel.
    Outage(Outage),
    /// The behaviour of an action.
    Action(GivenAction),
    /// The result of a probe.
    Probe(GivenProbe),
    /// A person's answer.
    Answer(GivenAnswer),
}

/// `given METRIC …`
#[derive(Debug, Clone, PartialEq)]
pub struct GivenMetric {
    /// Its name.
    pub name: SmolStr,
    /// Its arguments, by parameter; empty means whatever they are.
    pub arguments: Vec<(SmolStr, Value)>,
    /// One series of a `by` metric; `None` is the whole metric.
    pub labels: Option<Labels>,
    /// Its state.
    pub state: MetricState,
}

/// The state of a metric, or of one series.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricState {
    /// This value, in base units.
    Value(f64),
    /// Values one after the other, in base units; the last one stays.
    Samples {
        /// Each value, and how many samples of it.
        runs: Vec<(f64, u32)>,
        /// The step between two samples, in seconds.
        every: f64,
    },
    /// No data.
    None,
    /// Not a number.
    Nan,
    /// Samples this many seconds old.
    Stale(f64),
    /// This many series.
    Series(u32),
}

/// `given provider P is …`, `given team "NAME" is …`, `given channel "NAME" is …`
#[derive(Debug, Clone, PartialEq)]
pub struct Outage {
    /// The faulty party.
    pub of: Service,
    /// The fault.
    pub fault: ServiceFault,
}

/// A provider, a team or a channel, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Service {
    /// A provider: metrics are read from it.
    Provider(SmolStr),
    /// A team: it is paged.
    Team(String),
    /// A channel: records are posted to it.
    Channel(String),
}

impl Service {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Provider(name) => name,
            Self::Team(name) | Self::Channel(name) => name,
        }
    }
}

/// The fault of a provider, a team or a channel.
#[derive(Debug, Clone, PartialEq)]
pub enum ServiceFault {
    /// It cannot be reached.
    Down,
    /// It takes this many seconds to answer.
    Slow(f64),
    /// It answers with an error.
    Error(String),
}

/// `given action X …`
#[derive(Debug, Clone, PartialEq)]
pub struct GivenAction {
    /// The action.
    pub name: ActionName,
    /// Its behaviour. Several lines for one action combine.
    pub how: ActionBehaviour,
}

/// The behaviour of an action.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionBehaviour {
    /// It fails with this error.
    Fails(Option<String>),
    /// It does not end by itself.
    Hangs,
    /// It takes this many seconds.
    Takes(f64),
    /// It prints this.
    Prints(String),
}

/// Names an action in a test.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionName {
    /// By the name of its `define`, with the arguments that matter.
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
    /// Whether this action matches the name.
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

/// Whether two values look the same: a reading counts as its quantity, an output as its text.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a.quantity(), b.quantity()) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a == b || a.to_string() == b.to_string(),
        _ => false,
    }
}

/// The source text in a test.
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
pub struct GivenProbe {
    /// The command, values filled in.
    pub command: String,
    /// Its result. Several lines for one command combine.
    pub ends: ProbeOutcome,
}

/// The result of a probe.
#[derive(Debug, Clone, PartialEq)]
pub enum ProbeOutcome {
    /// Yes: exit code 0.
    Yes,
    /// No: exit code 1.
    No,
    /// It is unknown.
    Unknown,
    /// It prints this; without another line it succeeds.
    Prints(String),
}

/// `answer "QUESTION" with ANSWER [after D]`
#[derive(Debug, Clone, PartialEq)]
pub struct GivenAnswer {
    /// The question or instruction, values filled in.
    pub question: String,
    /// The answer, in words.
    pub with: String,
    /// Seconds until the answer.
    pub after: f64,
}
