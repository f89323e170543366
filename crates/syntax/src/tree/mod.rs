//! The syntax tree of a file, with the span of every part. Types are named after the words of the language.
//!
//! *Invariant:* the spans are those of the text the tree was read from; children lie within their parents.
//! *Not here:* semantics. Names are not resolved; units exist, but types are not checked.

mod condition;
mod declaration;
mod expression;
mod file;
mod statement;
mod template;
mod test;

pub use condition::{Quantifier, Question};
pub use declaration::{
    About, AlertNames, AtMost, Declaration, Define, DefineTarget, LabelMatch, LabelMatcher, LetDeclaration,
    Limit, Link, Metric, MetricType, Owner, Param, ParamType, ProbeDeclaration, RunbookHeader, Secret,
    SecretSource, SeverityDeclaration, TestsHeader, TimezoneDeclaration, Trigger, TriggerKind, UnitSpec, Use,
};
pub use expression::{
    Arg, BinaryOp, Comprehension, ConditionalBranch, ExitCode, Expr, ExprKind, Field, UnaryOp,
};
pub use file::{Comment, File, Item, Name, Step};
pub use statement::{
    Action, Arm, Block, Check, Escalate, ForEach, If, IfBranch, Let, Lock, Match, MatchArm, Pattern,
    PatternKind, Record, Repeat, Retry, Run, Statement, StatementKind, Target, Team, Wait, unknown_arm,
};
pub use template::{Command, Part, Template};
pub use test::{
    Asked, Background, Expectation, ExpectedOutcome, Given, GivenCondition, LimitSubject, TeamName, Test,
    TestStatement, TestStatementKind,
};
