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
    Declaration, Define, DefineTarget, LabelMatch, LabelMatcher, LetDeclaration, Link, Metric, Owner, Param,
    ParamType, RunbookHeader, Secret, SecretSource, SeverityDeclaration, TestsHeader, Trigger, TriggerKind,
    UnitSpec, Use,
};
pub use expression::{Arg, BinaryOp, Expr, ExprKind, Field, UnaryOp};
pub use file::{Comment, File, Item, Name, Step};
pub use statement::{
    Action, Arm, Block, Check, Escalate, ForEach, If, IfBranch, Let, Match, MatchArm, Pattern, PatternKind,
    Record, Repeat, Retry, Run, Statement, StatementKind, Target, Team, Wait,
};
pub use template::{Command, Part, Template};
pub use test::{Expectation, ExpectedOutcome, Given, GivenCondition, Test, TestStatement, TestStatementKind};
