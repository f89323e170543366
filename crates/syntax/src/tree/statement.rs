//! Statements: what a runbook does, in order.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Arg, BinaryOp, Command, Expr, Name, Question, Template};
use crate::source::Span;

/// A statement and its span.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Statement {
    /// All of it, arms included.
    pub span: Span,
    /// Which one.
    #[serde(flatten)]
    pub kind: StatementKind,
}

/// The kinds of statement, in the order of the language's table.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "statement", rename_all = "snake_case")]
pub enum StatementKind {
    /// `"TEXT"`
    Prose {
        /// The text that is shown.
        text: Template,
    },
    /// `check COND …`
    Check(Check),
    /// `if COND {…} …`
    If(If),
    /// `match EXPR {…}`
    Match(Match),
    /// `action TARGET …`
    Action(Box<Action>),
    /// `escalate to TEAM …`
    Escalate(Escalate),
    /// `wait …`
    Wait(Wait),
    /// `let NAME = EXPR`
    Let(Let),
    /// `record TEXT [to "CHANNEL"]`
    Record(Record),
    /// `for each …`
    ForEach(Box<ForEach>),
    /// `repeat …`
    Repeat(Box<Repeat>),
    /// `run "FILE" …`
    Run(Run),
    /// `lock TEXT …`
    Lock(Lock),
    /// `resolve [TEXT]`
    Resolve {
        /// Why the run is over.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<Expr>,
    },
    /// `stop [TEXT]`
    Stop {
        /// Why it stops.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<Expr>,
    },
    /// A statement that could not be read. Already reported; the blocks that could be read in it are kept.
    Broken {
        /// Its blocks.
        blocks: Vec<Block>,
    },
}

impl StatementKind {
    /// Whether declarations and constants are too late after it, outside a step. A constant is a declaration; an
    /// unreadable statement may have been one.
    pub fn begins_body(&self) -> bool {
        match self {
            Self::Let(_) | Self::Broken { .. } => false,
            Self::Prose { .. }
            | Self::Check(_)
            | Self::If(_)
            | Self::Match(_)
            | Self::Action(_)
            | Self::Escalate(_)
            | Self::Wait(_)
            | Self::Record(_)
            | Self::ForEach(_)
            | Self::Repeat(_)
            | Self::Run(_)
            | Self::Lock(_)
            | Self::Resolve { .. }
            | Self::Stop { .. } => true,
        }
    }

    /// The name that it binds: of a value, of what an action printed, of an element.
    pub fn bound_name(&self) -> Option<&Name> {
        match self {
            Self::Let(it) => Some(&it.name),
            Self::Action(it) => it.name.as_ref(),
            Self::ForEach(it) => Some(&it.name),
            Self::Prose { .. }
            | Self::Check(_)
            | Self::If(_)
            | Self::Match(_)
            | Self::Escalate(_)
            | Self::Wait(_)
            | Self::Record(_)
            | Self::Repeat(_)
            | Self::Run(_)
            | Self::Lock(_)
            | Self::Resolve { .. }
            | Self::Stop { .. }
            | Self::Broken { .. } => None,
        }
    }

    /// Whether nothing can come after it in its block: it ends the run.
    pub fn ends_run(&self) -> bool {
        match self {
            Self::Resolve { .. } | Self::Stop { .. } => true,
            Self::Prose { .. }
            | Self::Check(_)
            | Self::If(_)
            | Self::Match(_)
            | Self::Action(_)
            | Self::Escalate(_)
            | Self::Wait(_)
            | Self::Let(_)
            | Self::Record(_)
            | Self::ForEach(_)
            | Self::Repeat(_)
            | Self::Run(_)
            | Self::Lock(_)
            | Self::Broken { .. } => false,
        }
    }
}

/// `{ … }`
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct Block {
    /// With its braces.
    pub span: Span,
    /// In order.
    pub statements: Vec<Statement>,
}

/// `else { … }`, `unknown { … }`, or `else or unknown { … }`, which stands in the place of `else`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Arm {
    /// The keyword.
    pub keyword: Span,
    /// `else or unknown`: the arm is taken for an unknown result too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub both: bool,
    /// What it does.
    pub block: Block,
}

/// `check COND [else {…}] [unknown {…}]`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Check {
    /// The healthy condition.
    pub condition: Expr,
    /// `else`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Arm>,
    /// `unknown`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Arm>,
}

/// `if COND {…} [else if COND {…}]… [else {…}] [unknown {…}]`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct If {
    /// `if` and each `else if`; never empty.
    pub branches: Vec<IfBranch>,
    /// `else`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Arm>,
    /// `unknown`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Arm>,
}

/// A condition of an `if` and what is done when it holds.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct IfBranch {
    /// When.
    pub condition: Expr,
    /// What.
    pub block: Block,
}

/// `match EXPR { PATTERN {…} … [else {…}] [unknown {…}] }`. A `Question` subject makes the arms a menu for a person.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Match {
    /// What is looked at.
    pub subject: Expr,
    /// The arms, in order.
    pub arms: Vec<MatchArm>,
    /// `else`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Arm>,
    /// `unknown`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Arm>,
}

/// `PATTERN {…}`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MatchArm {
    /// When.
    pub pattern: Pattern,
    /// What.
    pub block: Block,
}

/// What a `match` arm fits.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Pattern {
    /// All of it.
    pub span: Span,
    /// Which one.
    #[serde(flatten)]
    pub kind: PatternKind,
}

/// The kinds of pattern.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "pattern", rename_all = "snake_case")]
pub enum PatternKind {
    /// A value, a range (`1..5`), or a list of values.
    Value {
        /// The value.
        value: Expr,
    },
    /// `contains "T"`
    Contains {
        /// The text.
        text: Expr,
    },
    /// `matches "REGEX"`
    Matches {
        /// The expression.
        regex: Expr,
    },
    /// `< 5m`, `>= 90%`, `in 1..3`
    Compare {
        /// Which comparison.
        op: BinaryOp,
        /// With what.
        value: Expr,
    },
}

/// `action TARGET [on HOST] [by TEAM] [within D] [retry N [every D]] [as NAME] [{ BLOCK }] [finally TARGETS] [undo TARGETS]
/// [else {…}]`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Action {
    /// What is done.
    pub target: Target,
    /// `on HOST`; holds for `finally` and `undo` too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<Expr>,
    /// `by TEAM`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Team>,
    /// `within D`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Expr>,
    /// `retry N [every D]`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// `as NAME`
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// `{ BLOCK }`: runs once the action is done; `finally` is then done when the block is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<Block>,
    /// `finally TARGET, TARGET`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub finally: Vec<Target>,
    /// `undo TARGET, TARGET`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undo: Vec<Target>,
    /// `showing EXPR, EXPR`: evidence for the person who carries out an instruction.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub showing: Vec<Expr>,
    /// `else`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Arm>,
}

/// `retry N [every D]`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Retry {
    /// From the keyword on.
    pub span: Span,
    /// How many more tries after the first.
    pub times: Expr,
    /// The wait between two tries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<Expr>,
}

/// What an action does.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "target", rename_all = "snake_case")]
pub enum Target {
    /// An instruction to a person.
    Prose(Template),
    /// A command.
    Command(Command),
    /// A defined action.
    Call {
        /// With its arguments.
        span: Span,
        /// Which.
        name: Name,
        /// With what.
        args: Vec<Arg>,
    },
}

impl Target {
    /// Whether both are certainly the same, as far as their texts show.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Prose(text), Self::Prose(other)) => {
                text.literal().is_some() && text.literal() == other.literal()
            }
            (Self::Command(command), Self::Command(other)) => {
                command.literal().is_some() && command.literal() == other.literal()
            }
            (Self::Call { name, args, .. }, Self::Call { name: other, args: others, .. }) => {
                name.text == other.text && args.is_empty() && others.is_empty()
            }
            _ => false,
        }
    }

    /// Returns its span.
    pub fn span(&self) -> Span {
        match self {
            Self::Prose(text) => text.span,
            Self::Command(command) => command.span,
            Self::Call { span, .. } => *span,
        }
    }
}

/// Who is paged, asked, or does something.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "team", rename_all = "snake_case")]
pub enum Team {
    /// `owner`: the runbook's.
    Owner {
        /// The word.
        span: Span,
    },
    /// A team by its name, or an expression that gives one.
    Named(Expr),
}

impl Team {
    /// Returns its span.
    pub fn span(&self) -> Span {
        match self {
            Self::Owner { span } => *span,
            Self::Named(expr) => expr.span,
        }
    }
}

/// `escalate to TEAM [because TEXT] [acknowledged within D] [else {…}]`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Escalate {
    /// Who is paged.
    pub team: Team,
    /// `because TEXT`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<Expr>,
    /// `acknowledged within D`: waits until somebody of the team has acknowledged the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Expr>,
    /// `else`: the page could not be delivered, or was not acknowledged in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Arm>,
}

/// `wait D` or `wait until COND [for D] within D [every D] [else {…}] [unknown {…}]`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "wait", rename_all = "snake_case")]
pub enum Wait {
    /// `wait D`
    Duration {
        /// How long.
        duration: Expr,
    },
    /// `wait until COND …`
    Until {
        /// Until it holds.
        condition: Box<Expr>,
        /// `for D`: without a break.
        #[serde(skip_serializing_if = "Option::is_none")]
        held: Option<Box<Expr>>,
        /// `within D`; `None` only where its lack was reported.
        #[serde(skip_serializing_if = "Option::is_none")]
        within: Option<Box<Expr>>,
        /// `every D`
        #[serde(skip_serializing_if = "Option::is_none")]
        every: Option<Box<Expr>>,
        /// `else`
        #[serde(skip_serializing_if = "Option::is_none")]
        otherwise: Option<Arm>,
        /// `unknown`
        #[serde(skip_serializing_if = "Option::is_none")]
        unknown: Option<Arm>,
    },
}

/// `let NAME = EXPR`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Let {
    /// What it is called.
    pub name: Name,
    /// What it is.
    pub value: Expr,
}

/// `record TEXT [to "CHANNEL"]`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Record {
    /// What is posted.
    pub text: Expr,
    /// `to "CHANNEL"`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Expr>,
}

/// `for each NAME in EXPR [where COND] [up to N] {…}`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ForEach {
    /// The element.
    pub name: Name,
    /// A list, or a `by` metric.
    pub over: Expr,
    /// `where COND`
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<Expr>,
    /// `up to N`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up_to: Option<Expr>,
    /// For each of them.
    pub body: Block,
    /// `none {…}`: there was nothing to go through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub none: Option<Arm>,
    /// `unknown {…}`: what to go through could not be determined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Arm>,
}

/// `repeat up to N times [every D] [until COND] {…} [else {…}] [unknown {…}]`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Repeat {
    /// At most how often.
    pub times: Expr,
    /// `every D`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<Expr>,
    /// `until COND`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Expr>,
    /// What is repeated.
    pub body: Block,
    /// `else`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Arm>,
    /// `unknown`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Arm>,
}

/// `run "FILE" [with (name: EXPR, …)] [else {…}]`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Run {
    /// The runbook. It may contain no values, so that every path is known before the run.
    pub file: Template,
    /// `with (…)`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<Arg>,
    /// `else`: it did not end resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Arm>,
}

/// `lock TEXT [within D] [else {…}]`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Lock {
    /// The name of the lock.
    pub name: Expr,
    /// `within D`: how long the run waits for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Expr>,
    /// `else`: it was not obtained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Arm>,
}

impl Match {
    /// The question, where the arms are a menu for a person.
    pub fn menu(&self) -> Option<&Question> {
        if let super::ExprKind::Question(question) = &self.subject.kind { Some(question) } else { None }
    }
}

/// The arm for an unknown result: `unknown`, or `else or unknown`.
pub fn unknown_arm<'t>(otherwise: &'t Option<Arm>, unknown: &'t Option<Arm>) -> Option<&'t Arm> {
    unknown.as_ref().or_else(|| otherwise.as_ref().filter(|arm| arm.both))
}

impl Check {
    /// The arm for an unknown result.
    pub fn on_unknown(&self) -> Option<&Arm> {
        unknown_arm(&self.otherwise, &self.unknown)
    }
}

impl If {
    /// The arm for an unknown result.
    pub fn on_unknown(&self) -> Option<&Arm> {
        unknown_arm(&self.otherwise, &self.unknown)
    }
}

impl Match {
    /// The arm for an unknown result.
    pub fn on_unknown(&self) -> Option<&Arm> {
        unknown_arm(&self.otherwise, &self.unknown)
    }
}

impl Repeat {
    /// The arm for an unknown result.
    pub fn on_unknown(&self) -> Option<&Arm> {
        unknown_arm(&self.otherwise, &self.unknown)
    }
}
