//! [`Interpreter`]: the tree walker, its state, and [`Interpreter::perform`], its only access to the world.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::alert::Alert;
use super::budget::{SENT, WorkBudget};
use super::exit::{EarlyExit, EarlyExitKind, WalkResult};
use super::frame::RunbookFrame;
use super::judging::Judging;
use super::metric::Readings;
use super::permission::OnlyLooked;
use super::sampling::Sampling;
use super::story::Story;
use super::window::Window;
use super::{DeliveryTicket, Effect, Event, EventKind, EventPlace, Observer, Paged, Reply, Then, World};
use rbl_check::{Limits, Program};
use rbl_syntax::source::{Place, Span};
use rbl_syntax::tree;
use rbl_syntax::value::{Time, Value};

/// Walks one program.
#[allow(clippy::struct_excessive_bools)] // Each is asked once and says something else.
pub(super) struct Interpreter<'p, 'w> {
    pub(super) program: &'p Program,
    pub(super) world: &'w mut dyn World,
    pub(super) observer: &'w mut dyn Observer,
    /// Whether the observer wants events; asked once.
    pub(super) wants: bool,
    /// Whether it wants every reading, and every poll that decided nothing; asked once.
    pub(super) wants_looks: bool,
    /// Whether it wants what only explains the run; asked once.
    pub(super) wants_details: bool,
    pub(super) limits: Limits,
    /// What it has computed so far.
    pub(super) budget: WorkBudget,
    /// The regular expressions that it has used: each is compiled once.
    pub(super) patterns: HashSet<SmolStr>,
    pub(super) run_id: SmolStr,
    /// Whether it asks for its mode before each machine action.
    pub(super) asks_mode: bool,
    /// The files of the runbooks around the one that is walked, outermost first.
    pub(super) runbook_files: Vec<SmolStr>,
    /// That the run stops because it only looks.
    pub(super) only_looked: Option<OnlyLooked>,
    pub(super) alert: Option<&'p Alert>,
    /// The alert as the value of the name `alert`.
    pub(super) alert_value: Value,
    /// The maintenance window of the runbook that was started.
    pub(super) window: Option<Window>,
    /// File names by source, for events.
    pub(super) files: Vec<SmolStr>,
    pub(super) story: Story,
    pub(super) paged: Vec<Paged>,
    /// What pages and records left at services that have to hear how the run ends.
    pub(super) tickets: Vec<DeliveryTicket>,
    /// The cleanup actions that parked runbooks still have to run.
    pub(super) pending: Vec<String>,
    /// Who aborted the run.
    pub(super) aborted: Option<String>,
    /// The nesting depth of runbooks.
    pub(super) depth: u32,
    /// The position in loops and `run` statements, for idempotency keys.
    pub(super) path: Vec<u32>,
    /// The statement or the cleanup action that performs what is performed now.
    pub(super) here: Place,

    pub(super) readings: Readings,
    /// The last reading of the clock; cleared when an effect may have taken time.
    pub(super) now: Option<Time>,
    /// `X D ago`: the offset in seconds at which metrics are read.
    pub(super) ago: f64,
    /// `COND for D`: the moment at which metrics are looked up.
    pub(super) sampling: Option<Sampling>,
    /// In a `wait until`: the most seconds a question or a probe may take.
    pub(super) patience: Option<f64>,

    pub(super) judging: Judging,
    /// The runbook being walked.
    pub(super) frame: RunbookFrame<'p>,
}

impl<'p> Interpreter<'p, '_> {
    /// Performs an effect: the only way to the world.
    pub(super) fn perform(&mut self, effect: &Effect) -> WalkResult<Reply> {
        if !matches!(effect, Effect::Now) {
            self.observer.pauses();
        }
        let mut asks = false;
        match effect {
            Effect::Now | Effect::Read(_) | Effect::Firing(_) | Effect::Mode(_) => {}
            Effect::Sleep(sleep) if sleep.seconds <= 0.0 => self.now = None,
            Effect::Sleep(_) | Effect::Probe(_) => {
                self.now = None;
                self.budget.begin_anew();
            }
            Effect::Act(_) | Effect::Ask(_) => {
                self.now = None;
                asks = true;
            }
            Effect::Page(_)
            | Effect::Acknowledge(_)
            | Effect::Record(_)
            | Effect::Lock(_)
            | Effect::Enter(_)
            | Effect::Leave(_)
            | Effect::Conclude(_)
            | Effect::Secret { .. } => self.now = None,
        }
        self.world.at(self.here, &self.path);
        if asks {
            self.world.asks_for(&self.frame.title, self.frame.owner.as_deref().ok());
        }
        let reply = self.world.perform(effect)?;
        if asks && reply.is_unanswered() {
            // Nothing is known that was not known before; where nobody is there, no time has passed either.
            self.budget.heavy(SENT);
        } else if asks {
            self.budget.begin_anew();
        }
        Ok(reply)
    }

    /// What the questions of the run left at services that have to hear how it ends.
    pub(super) fn question_tickets(&self) -> Vec<DeliveryTicket> {
        self.world.question_tickets()
    }

    /// The current time; the clock is read again only when something may have taken time since.
    pub(super) fn now(&mut self) -> WalkResult<Option<Time>> {
        if self.now.is_none() {
            self.now = self.clock()?;
        }
        Ok(self.now)
    }

    /// Reads the clock.
    pub(super) fn clock(&mut self) -> WalkResult<Option<Time>> {
        let reply = self.perform(&Effect::Now)?;
        Ok(if let Reply::Now(time) = reply { Some(time) } else { None })
    }

    /// Drops the cached readings: the run acted, waited or asked.
    pub(super) fn forget_readings(&mut self) {
        self.readings.forget();
        self.now = None;
    }

    /// The place of a span in the file being walked.
    pub(super) fn place(&self, span: Span) -> Place {
        span.in_source(self.frame.source)
    }

    /// The source text of a span.
    pub(super) fn source_text(&self, span: Span) -> &'p str {
        self.program.sources().slice(span.in_source(self.frame.source))
    }

    /// The source text of a span, in one line.
    pub(super) fn source_line(&self, span: Span) -> String {
        super::operand_trace::one_line(self.source_text(span))
    }

    /// The line of a span, from 1.
    pub(super) fn line(&self, span: Span) -> u32 {
        self.program.sources().get(self.frame.source).map_or(0, |source| source.line_column(span.start).line)
    }

    /// Reports an event at a place, if the observer wants events.
    pub(super) fn report(&mut self, span: Span, kind: impl FnOnce(&Self) -> EventKind) {
        if !self.wants {
            return;
        }
        let kind = kind(self);
        let file = self.files.get(self.frame.source.0 as usize).cloned().unwrap_or_default();
        let place = EventPlace { file, line: self.line(span), source: self.frame.source, span };
        self.observer.event(&Event { kind, place: Some(place), depth: self.depth });
    }

    /// Reports an event that only explains the run, if the observer wants that.
    pub(super) fn explain(&mut self, span: Span, kind: impl FnOnce(&Self) -> EventKind) {
        if self.wants_details {
            self.report(span, kind);
        }
    }

    /// Reports an event that belongs to no statement.
    pub(super) fn report_run(&mut self, kind: impl FnOnce(&Self) -> EventKind) {
        if !self.wants {
            return;
        }
        let kind = kind(self);
        self.observer.event(&Event { kind, place: None, depth: self.depth });
    }

    /// Adds a line to the story, with its place.
    pub(super) fn note(&mut self, span: Span, text: &str) {
        self.story.at(self.place(span), text);
    }

    /// Reports that nothing in the runbook handles this, and returns the exit that stops the run.
    pub(super) fn unhandled(&mut self, span: Span, what: String) -> EarlyExit {
        self.note(span, &what);
        self.report(span, |_| EventKind::Unhandled { what: what.clone() });
        EarlyExit::new(EarlyExitKind::Unhandled(what))
    }

    /// An arm as an event shows it.
    pub(super) fn arm(&self, name: &str, arm: Option<&tree::Arm>) -> Then {
        arm.map_or(Then::Stops, |arm| Then::Arm { arm: name.into(), line: self.line(arm.keyword) })
    }

    /// The idempotency key of a position in this run; the same whenever the same path leads to it.
    pub(super) fn key(&self, span: Span) -> String {
        use std::fmt::Write as _;
        let mut key = format!("{}/{}.{}", self.run_id, self.frame.source.0, span.start);
        for index in &self.path {
            let _ = write!(key, "-{index}");
        }
        key
    }
}
