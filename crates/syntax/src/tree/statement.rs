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
            | Self::Resolve { .. }
            | Self::Stop { .. } => true,
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

/// `else { … }` or `unknown { … }`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Arm {
    /// The keyword.
    pub keyword: Span,
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

/// `action TARGET [on HOST] [by TEAM] [within D] [retry N [every D]] [as NAME] [finally TARGET] [undo TARGET] [else {…}]`
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
    /// `finally TARGET`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finally: Option<Target>,
    /// `undo TARGET`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<Target>,
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

/// `escalate to TEAM [because TEXT] [else {…}]`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Escalate {
    /// Who is paged.
    pub team: Team,
    /// `because TEXT`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<Expr>,
    /// `else`: the page could not be delivered.
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

impl Match {
    /// The question, where the arms are a menu for a person.
    pub fn menu(&self) -> Option<&Question> {
        if let super::ExprKind::Question(question) = &self.subject.kind { Some(question) } else { None }
    }
}
