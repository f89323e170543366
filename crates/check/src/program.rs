//! What the check makes and the interpreter walks: a runbook that can run, with everything it takes in and runs.

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;

use rbl_syntax::source::{SourceId, Sources, Span};
use rbl_syntax::tree;
use rbl_syntax::value::Unit;

/// Names one runbook of a [`Program`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunbookId(pub(super) usize);

/// A runbook without errors, and every runbook that it may run.
///
/// *Invariant:* see the room. Only `check` makes one.
#[derive(Debug, Clone)]
pub struct Program {
    pub(super) sources: Arc<Sources>,
    /// The first is the one that was asked for.
    pub(super) runbooks: Vec<Arc<Runbook>>,
}

impl Program {
    /// The runbook that was asked for.
    pub fn main(&self) -> RunbookId {
        RunbookId(0)
    }

    /// The text that the runbook stands in which was asked for.
    pub fn main_source(&self) -> SourceId {
        self.runbook(self.main()).map(|runbook| runbook.source).unwrap_or_default()
    }

    /// A runbook of this program; `None` for the id of another program.
    pub fn runbook(&self, id: RunbookId) -> Option<&Arc<Runbook>> {
        self.runbooks.get(id.0)
    }

    /// Every runbook: the one that was asked for first, then those that it may run.
    pub fn runbooks(&self) -> impl Iterator<Item = &Arc<Runbook>> {
        self.runbooks.iter()
    }

    /// The texts it was made from.
    pub fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }
}

/// One checked runbook; the declarations of its libraries are among its own.
#[derive(Debug, Clone)]
pub struct Runbook {
    /// Its own file.
    pub source: SourceId,
    /// Its title.
    pub title: tree::Template,
    /// What sets it off; `None` is `manual`.
    pub trigger: Option<tree::TriggerKind>,
    /// Who is paged when something is not handled.
    pub owner: Option<tree::Template>,
    /// Free text for pages and records.
    pub severity: Option<tree::Template>,
    /// Links, in order.
    pub links: Vec<tree::Link>,
    /// Parameters, in order.
    pub params: Vec<ParamDeclared>,
    /// Secrets by name, its own and its libraries'.
    pub secrets: HashMap<SmolStr, tree::Secret>,
    /// Metrics by name, its own and its libraries'.
    pub metrics: HashMap<SmolStr, Arc<MetricDeclared>>,
    /// Defined actions by name, its own and its libraries'.
    pub defines: HashMap<SmolStr, Arc<DefinedAction>>,
    /// `let NAME(PARAMS) = …` by name, its own and its libraries'.
    pub expressions: HashMap<SmolStr, Arc<NamedExpression>>,
    /// `let NAME = …` before the body, in the order in which they are taken: those of libraries (only the ones that
    /// are used) before its own.
    pub constants: Vec<Constant>,
    /// The body, in order.
    pub steps: Vec<RunbookStep>,
    /// Which runbook a `run` statement (by its span) runs.
    pub runs: HashMap<Span, RunbookId>,
    /// Its tests.
    pub tests: Vec<tree::Test>,
}

/// A parameter and the type that its text is read as.
#[derive(Debug, Clone)]
pub struct ParamDeclared {
    /// As written.
    pub declaration: tree::Param,
    /// The declared type, else that of the default, else text. Never `Unknown`. A default of a type that has no name here
    /// (a rate, a time, a list) gives `None`: its value is read as an expression would be, else refused.
    pub of: Option<tree::ParamType>,
}

/// A metric, with the unit in which its provider counts.
#[derive(Debug, Clone)]
pub struct MetricDeclared {
    /// As written.
    pub declaration: tree::Metric,
    /// The file it stands in.
    pub source: SourceId,
    /// Declared, or a plain number.
    pub unit: Unit,
}

/// A defined action.
#[derive(Debug, Clone)]
pub struct DefinedAction {
    /// As written.
    pub declaration: tree::Define,
    /// The file it stands in.
    pub source: SourceId,
}

/// A named expression, taken anew at each use.
#[derive(Debug, Clone)]
pub struct NamedExpression {
    /// As written.
    pub declaration: tree::LetDeclaration,
    /// The file it stands in.
    pub source: SourceId,
}

/// A value taken once, before the body.
#[derive(Debug, Clone)]
pub struct Constant {
    /// As written.
    pub declaration: tree::Let,
    /// The file it stands in.
    pub source: SourceId,
}

/// A step, or a bare statement at the top level, which is a step of its own. A `let` of the top level holds for all
/// later steps; one inside a titled step only within it.
#[derive(Debug, Clone)]
pub struct RunbookStep {
    /// Its title; `None` for a bare statement.
    pub title: Option<tree::Template>,
    /// All of it.
    pub span: Span,
    /// What it does.
    pub statements: Vec<tree::Statement>,
}
