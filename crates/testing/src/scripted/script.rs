//! [`Script`]: what a test says about the world, as plain data: values filled in, times in seconds.

use smol_str::SmolStr;

use rbl_runtime::{Act, ActTarget, Alert, Called, Probe};
use rbl_syntax::value::{ExactNumber, Labels, Time, Value};

/// Everything given.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Script {
    /// What holds without an action, from the start or a later time. Of two with the same time the later line wins.
    pub changes: Vec<GivenChange>,
    /// The effects of actions.
    pub after: Vec<ActionConsequences>,
    /// When the run begins, if started by hand; `None`: at a default time, or when its schedule fires.
    pub begins: Option<Time>,
    /// The alert that starts the run; `None`: it is started by hand or by its schedule.
    pub alert: Option<Alert>,
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
    /// Whether the alert still fires.
    Firing(FiringState),
    /// A fault of a provider, a team or a channel.
    Outage(Outage),
    /// The behaviour of an action.
    Action(GivenAction),
    /// The result of a probe.
    Probe(GivenProbe),
    /// A person's answer.
    Answer(GivenAnswer),
    /// A lock that another run holds.
    Lock(GivenLock),
    /// A limit that is reached.
    Limit(GivenLimit),
    /// A team's answer to the question whether an action may be done.
    Approval(GivenApproval),
    /// Whether a team acknowledges its pages.
    Acknowledgement(GivenAcknowledgement),
}

/// `given lock "NAME" is held [for D]`
#[derive(Debug, Clone, PartialEq)]
pub struct GivenLock {
    /// The name of the lock.
    pub name: String,
    /// For how many seconds; `None` all the time.
    pub held: Option<f64>,
}

/// `given limit NAME reached`, `given limit "FILE.rb" reached`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenLimit {
    /// Of a `define … at most`, by its name.
    Action(SmolStr),
    /// Of a runbook that is run, by its file as the `run` names it.
    Run(String),
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
    /// A whole number beyond 2⁵³.
    ExactNumber(ExactNumber),
    /// Values one after the other, in base units; the last one stays.
    Samples {
        /// Each value, and how many samples of it.
        runs: Vec<(f64, u32)>,
        /// The step between two samples, in seconds.
        every: f64,
    },
    /// This text, or these lines.
    Reported(ReportedValue),
    /// Texts or lines one after the other; the last one stays.
    Reports {
        /// Each value, and how many samples of it.
        runs: Vec<(ReportedValue, u32)>,
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

/// A value of a metric of texts or lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportedValue {
    /// A text.
    Text(String),
    /// Lines of text.
    Lines(Vec<String>),
}

/// `given alert.firing = …`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FiringState {
    /// It fires.
    Yes,
    /// It does not fire.
    No,
    /// It is unknown whether it does.
    Unknown,
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
            (Self::Command(text), ActTarget::Command(command)) => command.is_shown_as(text),
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

fn called(
    f: &mut std::fmt::Formatter<'_>,
    name: &SmolStr,
    arguments: &[(SmolStr, Value)],
) -> std::fmt::Result {
    f.write_str(name)?;
    for (index, (name, value)) in arguments.iter().enumerate() {
        let between = if index == 0 { "(" } else { ", " };
        match value {
            Value::Text(text) => write!(f, "{between}{name}: {text:?}")?,
            value => write!(f, "{between}{name}: {value}")?,
        }
    }
    if arguments.is_empty() { Ok(()) } else { f.write_str(")") }
}

/// The source text in a test.
impl std::fmt::Display for ActionName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Call { name, arguments } => called(f, name, arguments),
            Self::Command(text) => write!(f, "`{text}`"),
            Self::Instruction(text) => write!(f, "\"{text}\""),
        }
    }
}

/// ``given probe `COMMAND` …``, `given probe NAME(…) …`
#[derive(Debug, Clone, PartialEq)]
pub struct GivenProbe {
    /// The probe.
    pub name: ProbeName,
    /// Its result. Several lines for one probe combine.
    pub ends: ProbeOutcome,
}

/// Names a probe in a test.
#[derive(Debug, Clone, PartialEq)]
pub enum ProbeName {
    /// By the name of its declaration, with the arguments that matter.
    Call {
        /// The name.
        name: SmolStr,
        /// Some of its arguments, by parameter.
        arguments: Vec<(SmolStr, Value)>,
    },
    /// By its command, values filled in.
    Command(String),
}

impl ProbeName {
    /// The name of a probe that ran: that of its declaration where it has one.
    pub fn of(probe: &Probe) -> Self {
        match &probe.call {
            Some(call) => {
                // A secret cannot be named in a test.
                let shown = |(_, value): &&(SmolStr, Value)| !matches!(value, Value::Secret(_));
                let arguments = call.arguments.iter().filter(shown).cloned().collect();
                Self::Call { name: call.name.clone(), arguments }
            }
            None => Self::Command(probe.command.shown()),
        }
    }

    /// Whether this probe matches the name.
    pub fn names(&self, probe: &Probe) -> bool {
        match self {
            Self::Call { name, arguments } => {
                probe.call.as_ref().is_some_and(|call| call.name == *name && fits(arguments, call))
            }
            Self::Command(text) => probe.command.is_shown_as(text),
        }
    }
}

/// The source text in a test.
impl std::fmt::Display for ProbeName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Call { name, arguments } => called(f, name, arguments),
            Self::Command(text) => write!(f, "`{text}`"),
        }
    }
}

/// The result of a probe.
#[derive(Debug, Clone, PartialEq)]
pub enum ProbeOutcome {
    /// Yes: exit code 0.
    Yes,
    /// No: the first code of its `no on`, else exit code 1.
    No,
    /// It exits with this code.
    Exits {
        /// The exit code.
        code: i32,
        /// What it prints.
        prints: Option<String>,
    },
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

/// `answer action TARGET by "TEAM" with ANSWER [after D]`
#[derive(Debug, Clone, PartialEq)]
pub struct GivenApproval {
    /// The action.
    pub action: ActionName,
    /// The team that is asked.
    pub team: String,
    /// The answer, in words.
    pub with: String,
    /// Seconds until the answer.
    pub after: f64,
}

/// `given team "NAME" acknowledges [after D | never]`
#[derive(Debug, Clone, PartialEq)]
pub struct GivenAcknowledgement {
    /// The team.
    pub team: String,
    /// Seconds from the page to its acknowledgement; `None`: never.
    pub after: Option<f64>,
}
