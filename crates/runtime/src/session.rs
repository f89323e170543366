//! [`Session`]: a run that executes one statement at a time and keeps its state in between, for the repl.
//!
//! *Why `Clone`:* undoing statements means keeping the sessions from before them.

use std::sync::Arc;

use smol_str::SmolStr;

use super::cleanup::Registered;
use super::environment::Environment;
use super::exit::{EarlyExit, EarlyExitKind, WalkResult};
use super::interpreter::Interpreter;
use super::metric::Readings;
use super::story::Story;
use super::window::Window;
use super::{Alert, Decision, Interrupt, Observer, Paged, RunEnd, Start, Then, World};
use rbl_check::Program;
use rbl_syntax::tree::{Expr, Statement};
use rbl_syntax::value::{Reason, Value};

/// A run between two statements.
#[derive(Debug, Clone, Default)]
pub struct Session {
    start: Start,
    environment: Environment,
    readings: Readings,
    story: Story,
    paged: Vec<Paged>,
    cleanup: Vec<Registered>,
    links: Option<Arc<[(String, String)]>>,
    owner: Option<Result<String, Reason>>,
    title: String,
    severity: Option<String>,
    window: Option<Window>,
    /// The number of statements run so far: part of their keys, because typed statements have no place in a file.
    walked: u32,
}

/// The result of one statement.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementResult {
    /// The session continues.
    Continues,
    /// `resolve` ended the run, with its text.
    Resolved(Option<String>),
    /// The run ended without success: `stop` or something unhandled, with the reason.
    Stopped(String),
    /// The world interrupted the run.
    Interrupted(Interrupt),
}

impl Session {
    /// A session that has not begun.
    pub fn new(start: Start) -> Self {
        Self { start, ..Self::default() }
    }

    /// Sets the alert that `alert` stands for from now on.
    pub fn started_by(&mut self, alert: Option<Alert>) {
        self.start.alert = alert;
        self.readings.firing = None;
    }

    /// Binds the parameters of the program's runbook, its title, owner and links, and evaluates its `let`s before the
    /// body. Called again when the text has changed: then everything is bound anew.
    pub fn begin(
        &mut self,
        program: &Program,
        world: &mut dyn World,
        observer: &mut dyn Observer,
    ) -> StatementResult {
        self.environment = Environment::default();
        let start = self.start.clone();
        self.walk(program, &start, world, observer, |walker| {
            walker.bind(&start.params)?;
            walker.head()?;
            walker.constants()
        })
    }

    /// Runs one statement of the program, or of its tree.
    pub fn statement(
        &mut self,
        program: &Program,
        statement: &Statement,
        world: &mut dyn World,
        observer: &mut dyn Observer,
    ) -> StatementResult {
        self.walked = self.walked.saturating_add(1);
        let start = self.start.clone();
        self.walk(program, &start, world, observer, |walker| walker.statement(statement))
    }

    /// Evaluates an expression of the program; no value where the world interrupts.
    pub fn value(
        &mut self,
        program: &Program,
        expr: &Expr,
        world: &mut dyn World,
        observer: &mut dyn Observer,
    ) -> Result<Value, StatementResult> {
        let mut value = None;
        let start = self.start.clone();
        let walked = self.walk(program, &start, world, observer, |walker| {
            value = Some(walker.value(expr)?);
            Ok(())
        });
        value.ok_or(walked)
    }

    /// Judges a condition, and returns everything that decided it.
    pub fn judge(
        &mut self,
        program: &Program,
        condition: &Expr,
        world: &mut dyn World,
        observer: &mut dyn Observer,
    ) -> Result<Decision, StatementResult> {
        let mut decision = None;
        let start = self.start.clone();
        let walked = self.walk(program, &start, world, observer, |walker| {
            let verdict = walker.judge(condition)?;
            decision = Some(walker.decision(condition, &verdict, Then::GoesOn));
            Ok(())
        });
        decision.ok_or(walked)
    }

    /// Ends the session as the end of a body does: runs the `finally` and `undo` actions.
    pub fn end(&mut self, program: &Program, world: &mut dyn World, observer: &mut dyn Observer) -> RunEnd {
        let mut finished = None;
        let start = self.start.clone();
        self.walk(program, &start, world, observer, |walker| {
            finished = Some(walker.finish(Ok(()), 0));
            Ok(())
        });
        let paged = std::mem::take(&mut self.paged);
        match finished {
            Some(finished) => RunEnd {
                outcome: finished.outcome,
                message: finished.message,
                paged,
                parked: finished.parked,
                pending: Vec::new(),
            },
            None => RunEnd {
                outcome: super::Outcome::Failed,
                message: "there is no runbook".into(),
                paged,
                parked: None,
                pending: Vec::new(),
            },
        }
    }

    /// Every name in scope with its value; a later one shadows an earlier one of the same name.
    pub fn names(&self) -> impl Iterator<Item = (&SmolStr, &Value)> {
        self.environment.iter()
    }

    /// Defines a name, as a `let` would.
    pub fn define(&mut self, name: SmolStr, value: Value) {
        self.environment.define(name, value);
    }

    /// Drops the cached readings: the next use of a metric reads it again.
    pub fn forget_readings(&mut self) {
        self.readings.forget();
    }

    /// The story so far, one line per entry.
    pub fn story(&self) -> Vec<String> {
        self.story.lines(&rbl_syntax::source::Sources::new())
    }

    fn walk<'p>(
        &mut self,
        program: &'p Program,
        start: &'p Start,
        world: &mut dyn World,
        observer: &mut dyn Observer,
        walk: impl FnOnce(&mut Interpreter<'p, '_>) -> WalkResult<()>,
    ) -> StatementResult {
        let Some(runbook) = program.runbook(program.main()) else {
            return StatementResult::Stopped("there is no runbook".into());
        };
        let mut walker = Interpreter::new(program, runbook, start, world, observer);
        walker.frame.environment = std::mem::take(&mut self.environment);
        walker.readings = std::mem::take(&mut self.readings);
        walker.story = std::mem::take(&mut self.story);
        walker.paged = std::mem::take(&mut self.paged);
        walker.frame.cleanup = std::mem::take(&mut self.cleanup);
        if let Some(links) = self.links.take() {
            walker.frame.links = links;
        }
        if let Some(owner) = self.owner.take() {
            walker.frame.owner = owner;
        }
        walker.frame.title = std::mem::take(&mut self.title);
        walker.frame.severity = self.severity.take();
        walker.window = self.window;
        walker.path.push(self.walked);
        let result = walk(&mut walker);
        walker.story.settle(program.sources());
        self.environment = walker.frame.environment;
        self.readings = walker.readings;
        self.story = walker.story;
        self.paged = walker.paged;
        self.cleanup = walker.frame.cleanup;
        self.links = Some(walker.frame.links);
        self.owner = Some(walker.frame.owner);
        self.title = walker.frame.title;
        self.severity = walker.frame.severity;
        match result.map_err(EarlyExit::kind) {
            Ok(()) => StatementResult::Continues,
            Err(EarlyExitKind::Resolved(text)) => StatementResult::Resolved(text),
            Err(EarlyExitKind::Stopped(text)) => StatementResult::Stopped(text.unwrap_or_default()),
            Err(EarlyExitKind::Unhandled(what) | EarlyExitKind::NotPutBack(what)) => {
                StatementResult::Stopped(what)
            }
            Err(EarlyExitKind::Interrupt(interrupt)) => StatementResult::Interrupted(interrupt),
        }
    }
}
