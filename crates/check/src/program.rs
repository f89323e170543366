//! The result of the check: an executable runbook, with everything it uses and runs.

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;

use rbl_syntax::source::{SourceId, Sources, Span};
use rbl_syntax::tree;
use rbl_syntax::value::Unit;

/// Identifies one runbook of a [`Program`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunbookId(pub(super) usize);

/// A runbook without errors, and every runbook that it may run.
///
/// *Invariant:* see the module `check`, the only one that builds it.
#[derive(Debug, Clone)]
pub struct Program {
    pub(super) sources: Arc<Sources>,
    /// The first is the main runbook.
    pub(super) runbooks: Vec<Arc<Runbook>>,
}

impl Program {
    /// The main runbook: the one that was checked.
    pub fn main(&self) -> RunbookId {
        RunbookId(0)
    }

    /// The source of the main runbook.
    pub fn main_source(&self) -> SourceId {
        self.runbook(self.main()).map(|runbook| runbook.source).unwrap_or_default()
    }

    /// Returns a runbook of this program; `None` for the id of another program.
    pub fn runbook(&self, id: RunbookId) -> Option<&Arc<Runbook>> {
        self.runbooks.get(id.0)
    }

    /// Iterates over all runbooks: the main one first, then those that it may run.
    pub fn runbooks(&self) -> impl Iterator<Item = &Arc<Runbook>> {
        self.runbooks.iter()
    }

    /// Whether it has a lock or a limit, which only means something together with other runs.
    pub fn shares_with_other_runs(&self) -> bool {
        self.runbooks.iter().any(|runbook| {
            let mut locks = false;
            for statement in runbook.steps.iter().flat_map(|step| &step.statements) {
                crate::walk::statement(statement, &mut |it| {
                    locks |= matches!(it.kind, tree::StatementKind::Lock(_));
                });
            }
            let counts = runbook.defines.values().any(|define| define.declaration.at_most.is_some());
            locks || counts || !runbook.limits.is_empty()
        })
    }

    /// Returns this program with one step of its main runbook replaced by a step of another program's main runbook, or
    /// left out; `None` where there is no such step. Everything else is shared. The caller has seen that the step means
    /// the same there: its names, and what it leaves to later steps.
    pub fn with_step(&self, at: usize, from: Option<(&Self, usize)>) -> Option<Self> {
        let mut runbook = Runbook::clone(self.runbooks.first()?);
        let mut sources = Arc::clone(&self.sources);
        let slot = runbook.steps.get_mut(at)?;
        match from {
            Some((other, index)) => {
                let step = other.runbooks.first()?.steps.get(index)?;
                let source = Arc::make_mut(&mut sources).add(other.sources.get(step.source)?.clone());
                *slot = Arc::new(RunbookStep { source, ..RunbookStep::clone(step) });
            }
            None => drop(runbook.steps.remove(at)),
        }
        let mut runbooks = self.runbooks.clone();
        *runbooks.first_mut()? = Arc::new(runbook);
        Some(Self { sources, runbooks })
    }

    /// The sources it was built from.
    pub fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }
}

/// One checked runbook; the declarations of its libraries are included.
#[derive(Debug, Clone)]
pub struct Runbook {
    /// Its own file.
    pub source: SourceId,
    /// The folder of its file, absolute: its commands run there. `None` for standard input.
    pub folder: Option<SmolStr>,
    /// Its title.
    pub title: tree::Template,
    /// What the alert means, its impact, background: Markdown, shown and never executed.
    pub about: Option<tree::Template>,
    /// Its trigger; `None` is `manual`.
    pub trigger: Option<tree::TriggerKind>,
    /// Who is paged when something is not handled.
    pub owner: Option<tree::Template>,
    /// Free text for pages and records.
    pub severity: Option<tree::Template>,
    /// The name of its time zone; `None` is UTC.
    pub timezone: Option<smol_str::SmolStr>,
    /// Links, in order.
    pub links: Vec<tree::Link>,
    /// Parameters, in order.
    pub params: Vec<ParamDeclared>,
    /// Limits, in order.
    pub limits: Vec<tree::Limit>,
    /// Secrets by name, including those of its libraries.
    pub secrets: HashMap<SmolStr, tree::Secret>,
    /// Metrics by name, including those of its libraries.
    pub metrics: HashMap<SmolStr, Arc<MetricDeclared>>,
    /// Defined actions by name, including those of its libraries.
    pub defines: HashMap<SmolStr, Arc<DefinedAction>>,
    /// Declared probes by name, including those of its libraries.
    pub probes: HashMap<SmolStr, Arc<DeclaredProbe>>,
    /// `let NAME(PARAMS) = …` by name, including those of its libraries.
    pub expressions: HashMap<SmolStr, Arc<NamedExpression>>,
    /// `let NAME = …` before the body, in evaluation order: those of libraries (only the used ones) before its own.
    pub constants: Vec<Constant>,
    /// The body, in order. Shared, so that a program with one changed step costs little.
    pub steps: Vec<Arc<RunbookStep>>,
    /// The runbook that each `run` statement (by its span) runs.
    pub runs: HashMap<Span, RunbookId>,
    /// Its tests.
    pub tests: Vec<tree::Test>,
}

/// A parameter and the type that its text is parsed as.
#[derive(Debug, Clone)]
pub struct ParamDeclared {
    /// As written.
    pub declaration: tree::Param,
    /// The declared type, else that of the default, else text. Never `Unknown`. `None` for a default of a type without
    /// a name (a rate, a time, a list): a given value is parsed as an expression, or rejected.
    pub of: Option<tree::ParamType>,
}

/// A metric, with the unit of the provider's numbers.
#[derive(Debug, Clone)]
pub struct MetricDeclared {
    /// As written.
    pub declaration: tree::Metric,
    /// The file that declares it.
    pub source: SourceId,
    /// The declared unit, or a plain number.
    pub unit: Unit,
}

/// A defined action.
#[derive(Debug, Clone)]
pub struct DefinedAction {
    /// As written.
    pub declaration: tree::Define,
    /// The file that declares it.
    pub source: SourceId,
}

/// A declared probe.
#[derive(Debug, Clone)]
pub struct DeclaredProbe {
    /// As written.
    pub declaration: tree::ProbeDeclaration,
    /// The file that declares it.
    pub source: SourceId,
}

/// A named expression, evaluated at each use.
#[derive(Debug, Clone)]
pub struct NamedExpression {
    /// As written.
    pub declaration: tree::LetDeclaration,
    /// The file that declares it.
    pub source: SourceId,
}

/// A value that is evaluated once, before the body.
#[derive(Debug, Clone)]
pub struct Constant {
    /// As written.
    pub declaration: tree::Let,
    /// The file that declares it.
    pub source: SourceId,
}

/// A step, or a bare statement at the top level, which is a step of its own. A `let` at the top level is visible in all
/// later steps; one inside a titled step only within it.
#[derive(Debug, Clone)]
pub struct RunbookStep {
    /// The file that it is written in: the runbook's own, except in a [`Program::with_step`].
    pub source: SourceId,
    /// Its title; `None` for a bare statement.
    pub title: Option<tree::Template>,
    /// All of it.
    pub span: Span,
    /// Its statements.
    pub statements: Vec<tree::Statement>,
}
