//! The tree walker: what it knows while it walks, and its one way to the world.

use std::sync::Arc;

use smol_str::SmolStr;

use super::alert::Alert;
use super::cleanup::Registered;
use super::environment::Environment;
use super::exit::{Exit, Kind, Walk};
use super::metric::Readings;
use super::sampling::Sampling;
use super::story::Story;
use super::trace::Traced;
use super::window::Window;
use super::{Effect, Event, EventKind, EventPlace, Observer, Paged, Reply, Then, World};
use rbl_check::{Limits, Program, Runbook};
use rbl_syntax::source::{Place, SourceId, Span};
use rbl_syntax::tree;
use rbl_syntax::value::{CommandOutput, Time, Value};

/// Walks one program.
pub(super) struct Interpreter<'p, 'w> {
    pub(super) program: &'p Program,
    pub(super) world: &'w mut dyn World,
    pub(super) observer: &'w mut dyn Observer,
    /// Whether the observer wants events: asked once.
    pub(super) wants: bool,
    /// Whether it wants each reading, and each poll that decided nothing: asked once.
    pub(super) wants_looks: bool,
    pub(super) limits: Limits,
    pub(super) run_id: SmolStr,
    pub(super) alert: Option<&'p Alert>,
    /// The alert as the value of the name `alert`.
    pub(super) alert_value: Value,
    /// The maintenance window of the runbook that was started.
    pub(super) window: Option<Window>,
    /// File names by source, for events.
    pub(super) files: Vec<SmolStr>,
    pub(super) story: Story,
    pub(super) paged: Vec<Paged>,
    /// What parked runbooks still owe.
    pub(super) pending: Vec<String>,
    /// Who broke the run off.
    pub(super) aborted: Option<String>,
    /// How many runbooks deep.
    pub(super) depth: u32,
    /// Where in loops and `run` statements, for idempotency keys.
    pub(super) path: Vec<u32>,

    pub(super) readings: Readings,
    /// The time that was last asked for, until another effect may have taken some.
    pub(super) now: Option<Time>,
    /// `X D ago`: the offset in seconds under which metrics are read.
    pub(super) ago: f64,
    /// `COND for D`: the moment at which metrics are looked up.
    pub(super) sampling: Option<Sampling>,
    /// In a `wait until`: the most seconds that a question or a probe may take.
    pub(super) patience: Option<f64>,

    /// Whether operands are being noted.
    pub(super) tracing: bool,
    pub(super) trace: Vec<Traced>,
    /// Questions that were answered within the condition that is being judged.
    pub(super) answered: Vec<(String, Value)>,
    /// Probes that were run within the condition that is being judged.
    pub(super) probed: Vec<(super::Probe, Arc<CommandOutput>)>,

    /// The runbook that is being walked.
    pub(super) runbook: &'p Runbook,
    /// The file whose text is being walked: the runbook's own or a library's.
    pub(super) source: SourceId,
    pub(super) environment: Environment,
    pub(super) cleanup: Vec<Registered>,
    pub(super) links: Arc<[(String, String)]>,
    /// Its owner, else that of the runbook that runs it.
    pub(super) owner: Option<String>,
    /// Its title.
    pub(super) title: String,
    pub(super) severity: Option<String>,
}

impl<'p> Interpreter<'p, '_> {
    /// The one door.
    pub(super) fn perform(&mut self, effect: &Effect) -> Walk<Reply> {
        if !matches!(effect, Effect::Now | Effect::Read(_)) {
            self.now = None;
        }
        Ok(self.world.perform(effect)?)
    }

    /// What time it is: asked again only when something may have taken time since.
    pub(super) fn now(&mut self) -> Walk<Option<Time>> {
        if self.now.is_none() {
            self.now = self.clock()?;
        }
        Ok(self.now)
    }

    /// What time it is, asked anew.
    pub(super) fn clock(&mut self) -> Walk<Option<Time>> {
        Ok(match self.perform(&Effect::Now)? {
            Reply::Now(time) => Some(time),
            _ => None,
        })
    }

    /// The run acted, waited or asked: what was read before does not count any more.
    pub(super) fn forget_readings(&mut self) {
        self.readings.forget();
        self.now = None;
    }

    /// A span of the file that is being walked.
    pub(super) fn place(&self, span: Span) -> Place {
        span.in_source(self.source)
    }

    /// What is written there.
    pub(super) fn written(&self, span: Span) -> &'p str {
        self.program.sources().slice(span.in_source(self.source))
    }

    /// What is written there, in one line.
    pub(super) fn written_line(&self, span: Span) -> String {
        super::trace::one_line(self.written(span))
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, span: Span) -> u32 {
        self.program.sources().get(self.source).map_or(0, |source| source.line_column(span.start).line)
    }

    /// Tells what happened, if anybody wants to know.
    pub(super) fn tell(&mut self, span: Span, kind: impl FnOnce(&Self) -> EventKind) {
        if !self.wants {
            return;
        }
        let kind = kind(self);
        let file = self.files.get(self.source.0 as usize).cloned().unwrap_or_default();
        let place = EventPlace { file, line: self.line(span), source: self.source, span };
        self.observer.event(&Event { kind, place: Some(place), depth: self.depth });
    }

    /// Tells something that belongs to no statement.
    pub(super) fn tell_of_run(&mut self, kind: impl FnOnce(&Self) -> EventKind) {
        if !self.wants {
            return;
        }
        let kind = kind(self);
        self.observer.event(&Event { kind, place: None, depth: self.depth });
    }

    /// A line of the story, with its place.
    pub(super) fn note(&mut self, span: Span, text: &str) {
        self.story.at(self.place(span), text);
    }

    /// Nothing in the runbook handles this: told here, and the run stops.
    pub(super) fn unhandled(&mut self, span: Span, what: String) -> Exit {
        self.note(span, &what);
        self.tell(span, |_| EventKind::Unhandled { what: what.clone() });
        Exit::new(Kind::Unhandled(what))
    }

    /// What an arm looks like in an event.
    pub(super) fn arm(&self, name: &str, arm: Option<&tree::Arm>) -> Then {
        arm.map_or(Then::Stops, |arm| Then::Arm { arm: name.into(), line: self.line(arm.keyword) })
    }

    /// The idempotency key of a place in this run; the same whenever the same place is come to in the same way.
    pub(super) fn key(&self, span: Span) -> String {
        use std::fmt::Write as _;
        let mut key = format!("{}/{}.{}", self.run_id, self.source.0, span.start);
        for index in &self.path {
            let _ = write!(key, "-{index}");
        }
        key
    }
}
