//! A run that is walked a statement at a time, and kept in between: the repl.
//!
//! *Why a copy:* a session can be cloned, so taking statements back is keeping the sessions before them.

use std::sync::Arc;

use smol_str::SmolStr;

use super::cleanup::Registered;
use super::environment::Environment;
use super::exit::{Exit, Kind, Walk};
use super::interpreter::Interpreter;
use super::metric::Readings;
use super::story::Story;
use super::window::Window;
use super::{Decision, Ended, Interrupt, Observer, Paged, Start, Then, World};
use rbl_check::Program;
use rbl_syntax::tree::{Expr, Statement};
use rbl_syntax::value::Value;

/// What is kept between two statements.
#[derive(Debug, Clone, Default)]
pub struct Session {
    start: Start,
    environment: Environment,
    readings: Readings,
    story: Story,
    paged: Vec<Paged>,
    cleanup: Vec<Registered>,
    links: Option<Arc<[(String, String)]>>,
    owner: Option<String>,
    title: String,
    severity: Option<String>,
    window: Option<Window>,
    /// How many statements were walked: part of their keys, for a text that is typed has places only of its own.
    walked: u32,
}

/// What came of one statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Walked {
    /// The next one can come.
    GoesOn,
    /// It ended the run: `resolve`, the text behind it.
    Resolved(Option<String>),
    /// It ended the run, not well: `stop` or something that is not handled; why.
    Stopped(String),
    /// The world broke in.
    Interrupted(Interrupt),
}

impl Session {
    /// At the beginning.
    pub fn new(start: Start) -> Self {
        Self { start, ..Self::default() }
    }

    /// Binds the parameters of the program's runbook, its title, owner and links, and takes its `let`s before the
    /// body. Again for a text that has changed: what was bound before is bound anew.
    pub fn begin(&mut self, program: &Program, world: &mut dyn World, observer: &mut dyn Observer) -> Walked {
        self.environment = Environment::default();
        let start = self.start.clone();
        self.walk(program, &start, world, observer, |walker| {
            walker.bind(&start.params)?;
            walker.head()?;
            walker.constants()
        })
    }

    /// One statement of the program, or of its tree.
    pub fn statement(
        &mut self,
        program: &Program,
        statement: &Statement,
        world: &mut dyn World,
        observer: &mut dyn Observer,
    ) -> Walked {
        self.walked = self.walked.saturating_add(1);
        let start = self.start.clone();
        self.walk(program, &start, world, observer, |walker| walker.statement(statement))
    }

    /// What an expression of the program comes to; no value where the world broke in.
    pub fn value(
        &mut self,
        program: &Program,
        expr: &Expr,
        world: &mut dyn World,
        observer: &mut dyn Observer,
    ) -> Result<Value, Walked> {
        let mut value = None;
        let start = self.start.clone();
        let walked = self.walk(program, &start, world, observer, |walker| {
            value = Some(walker.value(expr)?);
            Ok(())
        });
        value.ok_or(walked)
    }

    /// What a condition comes to, and everything that decided it.
    pub fn judge(
        &mut self,
        program: &Program,
        condition: &Expr,
        world: &mut dyn World,
        observer: &mut dyn Observer,
    ) -> Result<Decision, Walked> {
        let mut decision = None;
        let start = self.start.clone();
        let walked = self.walk(program, &start, world, observer, |walker| {
            let verdict = walker.judge(condition)?;
            decision = Some(walker.decision(condition, &verdict, Then::GoesOn));
            Ok(())
        });
        decision.ok_or(walked)
    }

    /// Ends it as the end of a body does: keeps the promises of `finally` and `undo`.
    pub fn end(&mut self, program: &Program, world: &mut dyn World, observer: &mut dyn Observer) -> Ended {
        let mut finished = None;
        let start = self.start.clone();
        self.walk(program, &start, world, observer, |walker| {
            finished = Some(walker.finish(Ok(()), 0));
            Ok(())
        });
        let paged = std::mem::take(&mut self.paged);
        match finished {
            Some(finished) => Ended {
                outcome: finished.outcome,
                message: finished.message,
                paged,
                parked: finished.parked,
                pending: Vec::new(),
            },
            None => Ended {
                outcome: super::Outcome::Failed,
                message: "there is no runbook".into(),
                paged,
                parked: None,
                pending: Vec::new(),
            },
        }
    }

    /// Every name in scope with its value; a later one hides an earlier one of the same name.
    pub fn names(&self) -> impl Iterator<Item = (&SmolStr, &Value)> {
        self.environment.iter()
    }

    /// Gives a value a name, as a `let` would.
    pub fn define(&mut self, name: SmolStr, value: Value) {
        self.environment.define(name, value);
    }

    /// What was read before does not count any more: the next use of a metric reads it anew.
    pub fn forget_readings(&mut self) {
        self.readings.forget();
    }

    /// The story so far, a line each.
    pub fn story(&self) -> Vec<String> {
        self.story.lines(&rbl_syntax::source::Sources::new())
    }

    fn walk<'p>(
        &mut self,
        program: &'p Program,
        start: &'p Start,
        world: &mut dyn World,
        observer: &mut dyn Observer,
        walk: impl FnOnce(&mut Interpreter<'p, '_>) -> Walk<()>,
    ) -> Walked {
        let Some(runbook) = program.runbook(program.main()) else {
            return Walked::Stopped("there is no runbook".into());
        };
        let mut walker = Interpreter::new(program, runbook, start, world, observer);
        walker.environment = std::mem::take(&mut self.environment);
        walker.readings = std::mem::take(&mut self.readings);
        walker.story = std::mem::take(&mut self.story);
        walker.paged = std::mem::take(&mut self.paged);
        walker.cleanup = std::mem::take(&mut self.cleanup);
        if let Some(links) = self.links.take() {
            walker.links = links;
        }
        walker.owner = self.owner.take();
        walker.title = std::mem::take(&mut self.title);
        walker.severity = self.severity.take();
        walker.window = self.window;
        walker.path.push(self.walked);
        let result = walk(&mut walker);
        walker.story.settle(program.sources());
        self.environment = walker.environment;
        self.readings = walker.readings;
        self.story = walker.story;
        self.paged = walker.paged;
        self.cleanup = walker.cleanup;
        self.links = Some(walker.links);
        self.owner = walker.owner;
        self.title = walker.title;
        self.severity = walker.severity;
        match result.map_err(Exit::kind) {
            Ok(()) => Walked::GoesOn,
            Err(Kind::Resolved(text)) => Walked::Resolved(text),
            Err(Kind::Stopped(text)) => Walked::Stopped(text.unwrap_or_default()),
            Err(Kind::Unhandled(what)) => Walked::Stopped(what),
            Err(Kind::Interrupt(interrupt)) => Walked::Interrupted(interrupt),
        }
    }
}
