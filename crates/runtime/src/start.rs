//! [`run`]: runs a program from its start to its end.

use std::collections::{BTreeMap, HashSet};

use smol_str::SmolStr;

use super::alert::Alert;
use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::trigger_match::{trigger_group, trigger_mismatch};
use super::window::Window;
use super::{Event, EventKind, NamedValue, Observer, Outcome, Paged, Parked, Shown, Started, World};
use rbl_check::{Limits, Program, Runbook, RunbookStep};
use rbl_syntax::counted;
use rbl_syntax::source::Span;
use rbl_syntax::tree::TriggerKind;
use rbl_syntax::value::{Reason, Time, Value};

/// The inputs of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Start {
    /// Names the run; goes into every idempotency key.
    pub run_id: SmolStr,
    /// The parameters that are given, by name and of their declared type: see [`super::read_params`].
    pub params: BTreeMap<SmolStr, Value>,
    /// The alert that started it.
    pub alert: Option<Alert>,
    /// When its schedule fired, for a run that a schedule started: then its maintenance window opened.
    pub scheduled: Option<Time>,
    /// Whether it asks for its mode before each machine action: see [`super::journal::Begun::asks_mode`].
    pub asks_mode: bool,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEnd {
    /// The outcome.
    pub outcome: Outcome,
    /// The last message, for people.
    pub message: String,
    /// Who was paged, in order.
    pub paged: Vec<Paged>,
    /// What it waits for, where it is parked.
    pub parked: Option<Parked>,
    /// The `finally` and `undo` actions that did not run: of a parked run, or one that was aborted while they ran.
    pub pending: Vec<String>,
}

/// Runs the program's main runbook in a world and reports to an observer. The last event is always `ended`.
pub fn run(program: &Program, start: &Start, world: &mut dyn World, observer: &mut dyn Observer) -> RunEnd {
    let Some(runbook) = program.runbook(program.main()) else {
        let message = "there is no runbook in the program (this is a bug in rbl)".to_owned();
        return RunEnd {
            outcome: Outcome::Failed,
            message,
            paged: Vec::new(),
            parked: None,
            pending: Vec::new(),
        };
    };
    let mut interpreter = Interpreter::new(program, runbook, start, world, observer);
    let walked = interpreter.walk_main(start);
    let finished = interpreter.finish(walked, 0);
    let finished = interpreter.call_for_signal(finished);
    interpreter.conclude(&finished);
    let pending = std::mem::take(&mut interpreter.pending);
    if let Some(parked) = &finished.parked {
        interpreter.report_run(|_| EventKind::Parked { parked: parked.clone(), pending: pending.clone() });
    }
    let paged = std::mem::take(&mut interpreter.paged);
    let ended = RunEnd {
        outcome: finished.outcome,
        message: finished.message,
        paged,
        parked: finished.parked,
        pending,
    };
    observer.event(&Event::of(EventKind::Ended {
        outcome: ended.outcome,
        message: ended.message.clone(),
        paged: ended.paged.clone(),
        pending: ended.pending.clone(),
    }));
    ended
}

impl<'p, 'w> Interpreter<'p, 'w> {
    /// The state at the beginning of a run of this runbook.
    pub(super) fn new(
        program: &'p Program,
        runbook: &'p Runbook,
        start: &'p Start,
        world: &'w mut dyn World,
        observer: &'w mut dyn Observer,
    ) -> Self {
        let (wants, wants_looks) = (observer.wants_events(), observer.wants_readings());
        let wants_details = observer.wants_details();
        let files = program.sources().iter().map(|(_, source)| SmolStr::new(source.name())).collect();
        Self {
            program,
            world,
            observer,
            wants,
            wants_looks,
            wants_details,
            limits: Limits::DEFAULT,
            budget: super::budget::WorkBudget::default(),
            patterns: HashSet::new(),
            run_id: start.run_id.clone(),
            asks_mode: start.asks_mode,
            runbook_files: Vec::new(),
            only_looked: None,
            alert: start.alert.as_ref(),
            alert_value: start.alert.as_ref().map_or_else(Alert::none, Alert::value),
            window: None,
            files,
            story: super::story::Story::default(),
            paged: Vec::new(),
            tickets: Vec::new(),
            pending: Vec::new(),
            aborted: None,
            depth: 0,
            path: Vec::new(),
            here: runbook.title.span.in_source(runbook.source),
            readings: super::metric::Readings::default(),
            now: None,
            ago: 0.0,
            sampling: None,
            patience: None,
            judging: super::judging::Judging::default(),
            frame: super::frame::RunbookFrame::new(runbook, Err(super::frame::no_owner())),
        }
    }

    fn walk_main(&mut self, start: &'p Start) -> WalkResult<()> {
        let params = self.bind(&start.params)?;
        self.head()?;
        let window = self.maintenance_window(start)?;
        let started = self.started(start, &window);
        let runbook = self.frame.runbook;
        let span = runbook.title.span;
        self.report(span, |this| EventKind::Started {
            run: this.run_id.clone(),
            runbook: this.frame.title.clone(),
            file: this.files.get(this.frame.source.0 as usize).cloned().unwrap_or_default(),
            trigger: started,
            params,
            owner: this.frame.owner.clone().ok(),
            severity: this.frame.severity.clone(),
            links: this.frame.links.to_vec(),
            about: this.frame.about(),
        });
        if let Some(alert) = &start.alert {
            self.note_alert(span, alert);
        }
        match window {
            Ok(window) => self.window = window,
            Err(why) => return Err(self.unhandled(span, why)),
        }
        self.wait_for_a_place(span)?;
        self.secrets(span)?;
        self.constants()?;
        self.steps()
    }

    /// Evaluates title, owner, links and severity; a missing owner is that of the runbook that runs this one.
    pub(super) fn head(&mut self) -> WalkResult<()> {
        let runbook = self.frame.runbook;
        self.frame.title = self.text(&runbook.title)?;
        if let Some(owner) = &runbook.owner {
            let named = self.named_text(owner)?;
            self.frame.owner =
                named.map_err(|why| Reason::new(why.kind, format!("the runbook's owner is unknown: {why}")));
        }
        self.frame.severity = runbook.severity.as_ref().map(|severity| self.text(severity)).transpose()?;
        let mut links = Vec::with_capacity(runbook.links.len());
        for link in &runbook.links {
            links.push((self.text(&link.name)?, self.text(&link.url)?));
        }
        self.frame.links = links.into();
        Ok(())
    }

    /// Binds the parameters: to the given value, else the alert's label, else the default.
    pub(super) fn bind(&mut self, given: &BTreeMap<SmolStr, Value>) -> WalkResult<Vec<NamedValue>> {
        let runbook = self.frame.runbook;
        let mut params = Vec::with_capacity(runbook.params.len());
        for param in &runbook.params {
            let name = &param.declaration.name.text;
            let label = || {
                let label = self.alert?.labels.get(name)?;
                super::params::from_label(param.of, label)
            };
            let value = match (given.get(name).cloned().or_else(label), &param.declaration.default) {
                (Some(value), _) => value,
                (None, Some(default)) => self.value(default)?,
                (None, None) => {
                    let what = format!("no value for the parameter `{name}`");
                    return Err(self.unhandled(param.declaration.span, what));
                }
            };
            if let Some(refusal) = super::params::not_allowed(&param.declaration, &value) {
                let what = format!("`{name}`: `{value}` {refusal}");
                return Err(self.unhandled(param.declaration.span, what));
            }
            params.push(NamedValue { name: name.to_string(), value: Shown::of(&value) });
            self.frame.environment.define(name.clone(), value);
            self.frame.environment.seal_globals();
        }
        Ok(params)
    }

    /// `let NAME = …` before the body.
    pub(super) fn constants(&mut self) -> WalkResult<()> {
        let runbook = self.frame.runbook;
        for constant in &runbook.constants {
            self.frame.source = constant.source;
            let result = self.let_value(constant.declaration.name.span, &constant.declaration);
            self.frame.source = runbook.source;
            result?;
            self.frame.environment.seal_globals();
        }
        Ok(())
    }

    /// Runs the body.
    pub(super) fn steps(&mut self) -> WalkResult<()> {
        let runbook = self.frame.runbook;
        let of = u32::try_from(runbook.steps.len()).unwrap_or(u32::MAX);
        for (step, number) in runbook.steps.iter().zip(1..) {
            let outer = std::mem::replace(&mut self.frame.source, step.source);
            let result = self.step(step, number, of);
            self.frame.source = outer;
            result?;
        }
        Ok(())
    }

    /// Runs the step with this number, of `of` steps.
    fn step(&mut self, step: &'p RunbookStep, number: u32, of: u32) -> WalkResult<()> {
        let title = step.title.as_ref().map(|title| self.text(title)).transpose()?;
        self.within_window(step.span, title.as_deref())?;
        if let Some(title) = &title {
            self.story.line(format!("step {number} of {of}: {title}"));
        }
        self.report(step.span, |_| EventKind::StepStarted { number, of, title });
        // A step is a heading: what is named directly in it is known in all later steps.
        self.statements(&step.statements)?;
        self.explain(step.span, |_| EventKind::StepEnded { number });
        Ok(())
    }

    fn note_alert(&mut self, span: Span, alert: &Alert) {
        self.story.line(format!("started by the alert {}", alert.name));
        let trigger = self.frame.runbook.trigger.as_ref();
        let trigger = trigger.filter(|trigger| matches!(trigger, TriggerKind::Alert { .. }));
        if let Some(text) = trigger.and_then(|trigger| trigger_mismatch(trigger, alert)) {
            self.note(span, &text);
            self.report(span, |_| EventKind::Noted { text });
        }
        if alert.others > 0 {
            let more = counted(alert.others, "more alert", "more alerts");
            let which = if trigger.is_some() && alert.not_meant.is_empty() || trigger.is_none() {
                "the first firing one"
            } else {
                "the first firing one that its trigger means"
            };
            let text = format!("{more} came with it; this run handles {which}");
            self.report(span, |_| EventKind::Noted { text });
        }
        if !alert.not_meant.is_empty() {
            let text = format!("firing too, and not meant by the trigger: {}", alert.not_meant.join(", "));
            self.note(span, &text);
            self.report(span, |_| EventKind::Noted { text });
        }
    }

    fn started(&self, start: &Start, window: &Result<Option<Window>, String>) -> Started {
        match (&start.alert, &self.frame.runbook.trigger) {
            (Some(alert), trigger) => Started::Alert {
                name: alert.name.clone(),
                since: alert.starts_at,
                others: alert.others,
                by: trigger.as_ref().map(|trigger| trigger_group(trigger, alert)).unwrap_or_default(),
            },
            (None, Some(TriggerKind::Schedule { cron, .. }))
                if start.scheduled.is_some() || matches!(window, Ok(Some(_))) =>
            {
                let cron = cron.literal().unwrap_or_default().to_owned();
                let window = window.as_ref().ok().copied().flatten();
                Started::Schedule { cron, window: window.map(|window| (window.opened, window.closes)) }
            }
            _ => Started::Manual,
        }
    }
}
