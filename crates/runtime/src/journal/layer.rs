//! The journal as a layer: [`JournalWorld`] wraps a world and [`JournalObserver`] an observer; both share a recorder.
//!
//! The recorded part is walked again first: the program asks for the same effects and gets the recorded replies. Where
//! the records end, it continues in the wrapped world and records everything: an action, a page, a record and a
//! question before it happens and again right after; what only looks is written with the next of these.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::alert_change::AlertChanges;
use super::open_wait::OpenWait;
use super::recorder::{ClosedQuestion, Phase, Recorder, TurnRecord};
use super::writer::RecordWriter;
use super::{
    AbortRequest, Accepted, EffectSite, Entry, JournalEvent, JournalRecord, Lease, LeftProcesses, Options,
    ParkedState, Release, Signal, StartedProcess, Stopped, Store, StoreError, WaitsOn,
};
use crate::journal::replay_cursor::{
    InterruptedEffect, InterruptedQuestion, RecordedResult, ReplayCursor, Strictness, is_unrecorded_answer,
};
use crate::journal::uncertain_action;
use crate::journal::uncertain_action::{Remedy, UncertainAnswer};
use crate::{
    Acknowledge, Act, ActTarget, Acted, Answer, AnswerAuthor, Ask, AskKind, Delivery, Effect, Event,
    EventKind, Interrupt, Observer, Parked, Purpose, RecordEffect, Reply, RunEnd, Sleep, WaitProgress, World,
    not_acknowledged,
};
use rbl_syntax::source::Place;
use rbl_syntax::value::{CommandOutput, Quantity, Reason, ReasonKind, SecretRef, Time};

/// From how many seconds on a sleep parks a run that nobody watches, where nothing says otherwise.
pub const WORTH_PARKING: f64 = 60.0;

/// Seconds between two looks for the acknowledgement of a page.
const BETWEEN_LOOKS: f64 = 1.0;

/// Seconds between two queries of the service that has the page.
const BETWEEN_QUERIES: f64 = 10.0;

/// The same of a parked run, which is resumed for it.
const BETWEEN_PARKED_QUERIES: f64 = 30.0;

/// One turn at a run: from a claim to its release.
#[derive(Clone)]
pub struct Journal(Rc<RefCell<Recorder>>);

/// A world that records.
pub struct JournalWorld<W> {
    pub(super) shared: Rc<RefCell<Recorder>>,
    pub(super) inner: W,
}

/// An observer that records.
pub struct JournalObserver(Rc<RefCell<Recorder>>);

impl Journal {
    /// A turn at the run of this lease, with its records so far and the signals it received. `resumed` is recorded
    /// after them ([`JournalEvent::Resumed`]), if this is not the first turn.
    pub fn new(
        store: Arc<dyn Store>,
        lease: Lease,
        loaded: (Vec<JournalRecord>, Vec<Signal>),
        resumed: Option<JournalEvent>,
        options: Options,
        observer: Box<dyn Observer>,
    ) -> Self {
        let (records, signals) = loaded;
        let pushed = match (&resumed, records.last()) {
            (None, Some(last)) => last.at,
            (Some(_), _) | (None, None) => (options.clock)(),
        };
        let turn = resumed.map(|entry| TurnRecord { entry, at: pushed, seq: None });
        let (identities, has_alert, mode) = super::holding::identities(&records);
        let recorder = Recorder {
            identities,
            has_alert,
            mode,
            alerts: AlertChanges::recorded(&records),
            runbook: String::new(),
            owner: None,
            approved: None,
            cursor: ReplayCursor::new(records, Strictness::Identity),
            writer: RecordWriter::new(store, lease),
            signals,
            secrets: Vec::new(),
            options,
            observer,
            phase: Phase::Walking,
            broken_off: false,
            is_uncertain: false,
            is_cleaning: false,
            site: EffectSite::default(),
            wait: None,
            behind: None,
            pushed,
            turn,
            threads: BTreeMap::new(),
        };
        Self(Rc::new(RefCell::new(recorder)))
    }

    /// Wraps a world.
    pub fn world<W: World>(&self, mut inner: W) -> JournalWorld<W> {
        inner.notes_work(self.0.borrow().writer.note());
        JournalWorld { shared: Rc::clone(&self.0), inner }
    }

    /// Wraps the observer of this turn.
    pub fn observer(&self) -> JournalObserver {
        JournalObserver(Rc::clone(&self.0))
    }

    /// Ends the turn: writes what is left, and the state of the run. `Some`: why it stopped, whatever the walk
    /// returned. An error: the end could not be written, and the run looks as if its process had died.
    pub fn end(&self, ended: &RunEnd) -> Result<Option<Stopped>, StoreError> {
        let mut recorder = self.0.borrow_mut();
        if matches!(recorder.phase, Phase::Walking) && !recorder.cursor.has_no_more_effects() {
            let difference = recorder.cursor.left_over();
            recorder.stop(Stopped::Stuck(difference));
        }
        if let Phase::Stopped(stopped) = &recorder.phase {
            let stopped = stopped.clone();
            if let Stopped::Stuck(difference) = &stopped {
                recorder.release(&Release::Stuck { why: difference.to_string() })?;
            }
            return Ok(Some(stopped));
        }
        if !recorder.is_uncertain && recorder.cursor.is_over() {
            recorder.writer.forget_process();
        }
        let how = match &ended.parked {
            None => Release::Ended {
                outcome: ended.outcome,
                message: format!("{}{}", ended.message, recorder.alerts.at_the_end()),
            },
            Some(parked) => {
                let progress = until(parked).and_then(|until| recorder.poll_state(until));
                let progress = progress.filter(|_| matches!(parked, Parked::Until(_)));
                Release::Parked(ParkedState {
                    until: until(parked),
                    on: waits_on(parked),
                    waits_for: match &recorder.approved {
                        Some(approved) => format!("{} ({approved})", waits_for(parked)),
                        None => waits_for(parked),
                    },
                    progress,
                })
            }
        };
        recorder.release(&how).map(|()| None)
    }
}

fn until(parked: &Parked) -> Option<Time> {
    match parked {
        Parked::Until(time)
        | Parked::Lock { until: time, .. }
        | Parked::Acknowledgement { until: _, asks_at: Some(time), .. }
        | Parked::Acknowledgement { until: time, asks_at: None, .. } => Some(*time),
        Parked::Person { until, .. } => *until,
        Parked::ByHand | Parked::NotWritten(_) => None,
    }
}

fn waits_on(parked: &Parked) -> WaitsOn {
    match parked {
        Parked::Until(_) => WaitsOn::Time,
        Parked::Person { .. } | Parked::Acknowledgement { .. } => WaitsOn::Person,
        Parked::Lock { .. } => WaitsOn::Lock,
        Parked::ByHand => WaitsOn::Hand,
        Parked::NotWritten(_) => WaitsOn::Journal,
    }
}

/// What a parked run waits for, in words.
fn waits_for(parked: &Parked) -> String {
    match parked {
        Parked::Until(time) => format!("{time}"),
        Parked::Person { question, .. } => format!("an answer: \"{question}\""),
        Parked::Acknowledgement { team, until, .. } => {
            format!("{team} to acknowledge the page, at most until {until}")
        }
        Parked::Lock { what, .. } => what.clone(),
        Parked::ByHand => "somebody to resume it: it was parked by Ctrl-C".into(),
        Parked::NotWritten(why) => format!("a journal that can be written: {why}"),
    }
}

impl Observer for JournalObserver {
    fn event(&mut self, event: &Event) {
        self.0.borrow_mut().event(event);
    }

    fn pauses(&mut self) {
        self.0.borrow_mut().observer.pauses();
    }
}

impl<W: World> World for JournalWorld<W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let over = {
            let mut recorder = self.shared.borrow_mut();
            if let (Effect::Ask(_), Some(wait)) = (effect, &mut recorder.wait) {
                wait.asks();
            }
            match recorder.phase {
                Phase::Stopped(_) => return Err(Interrupt::Parked(Parked::ByHand)),
                Phase::Walking => Some(recorder.cursor.has_no_more_effects()),
                Phase::Parking { .. } => None,
            }
        };
        match over {
            Some(true) => self.anew(effect),
            Some(false) => self.again(effect),
            None => self.page_of_parking(effect),
        }
    }

    fn at(&mut self, statement: Place, path: &[u32]) {
        self.shared.borrow_mut().site = EffectSite::new(statement, path);
        self.inner.at(statement, path);
    }

    fn asks_for(&mut self, runbook: &str, owner: Option<&str>) {
        let mut recorder = self.shared.borrow_mut();
        if recorder.runbook != runbook {
            runbook.clone_into(&mut recorder.runbook);
        }
        if recorder.owner.as_deref() != owner {
            recorder.owner = owner.map(str::to_owned);
        }
    }

    fn waited(&mut self) -> Option<WaitProgress> {
        let mut recorder = self.shared.borrow_mut();
        if !matches!(recorder.phase, Phase::Walking) {
            return None;
        }
        let site = recorder.site.clone();
        let is_new = recorder.cursor.has_no_more_effects();
        let first = if is_new { recorder.writer.length() } else { recorder.cursor.walked() };
        let mut wait = OpenWait::new(site.clone(), first);
        let waited = recorder.cursor.waited(&site);
        match waited {
            Ok(Some(mut progress)) => {
                if let Some(state) =
                    recorder.writer.progress().filter(|state| state.wait.began == progress.began)
                {
                    progress.polls = progress.polls.max(state.wait.polls);
                }
                wait.continues(&progress);
                recorder.wait = Some(wait);
                Some(progress)
            }
            Ok(None) => {
                recorder.wait = Some(wait);
                None
            }
            Err(difference) => {
                recorder.stop(Stopped::Stuck(difference));
                None
            }
        }
    }

    fn polled(&mut self, poll: &WaitProgress) {
        self.shared.borrow_mut().polled(poll);
    }

    fn slept(&mut self) -> Option<WaitProgress> {
        let mut recorder = self.shared.borrow_mut();
        if recorder.cursor.has_no_more_effects() { recorder.behind.clone() } else { recorder.cursor.slept() }
    }
}

/// How long a person may take for this, in seconds; `None` for what no person does.
fn limit_of_person(effect: &Effect) -> Option<f64> {
    match effect {
        Effect::Ask(ask) => Some(ask.within),
        Effect::Act(act) => Some(act.within),
        Effect::Now
        | Effect::Sleep(_)
        | Effect::Read(_)
        | Effect::Firing(_)
        | Effect::Mode(_)
        | Effect::Probe(_)
        | Effect::Page(_)
        | Effect::Acknowledge(_)
        | Effect::Record(_)
        | Effect::Lock(_)
        | Effect::Enter(_)
        | Effect::Leave(_)
        | Effect::Conclude(_)
        | Effect::Secret { .. } => None,
    }
}

/// Whether the store answers it, in the transaction that records the reply.
fn is_held(effect: &Effect) -> bool {
    match effect {
        Effect::Lock(_) | Effect::Enter(_) | Effect::Leave(_) => true,
        Effect::Now
        | Effect::Sleep(_)
        | Effect::Read(_)
        | Effect::Firing(_)
        | Effect::Mode(_)
        | Effect::Probe(_)
        | Effect::Act(_)
        | Effect::Ask(_)
        | Effect::Page(_)
        | Effect::Acknowledge(_)
        | Effect::Record(_)
        | Effect::Conclude(_)
        | Effect::Secret { .. } => false,
    }
}

/// Whether a person answers it, at this terminal or from elsewhere.
fn is_question(effect: &Effect) -> bool {
    match effect {
        Effect::Ask(_) | Effect::Acknowledge(_) => true,
        Effect::Act(act) => matches!(act.target, ActTarget::Instruction(_)),
        Effect::Now
        | Effect::Sleep(_)
        | Effect::Read(_)
        | Effect::Firing(_)
        | Effect::Mode(_)
        | Effect::Probe(_)
        | Effect::Page(_)
        | Effect::Record(_)
        | Effect::Lock(_)
        | Effect::Enter(_)
        | Effect::Leave(_)
        | Effect::Conclude(_)
        | Effect::Secret { .. } => false,
    }
}

impl<W: World> JournalWorld<W> {
    /// The page that reports that the run was parked, because nothing can be recorded: sent once, until something was.
    fn page_of_parking(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let paged = self.shared.borrow().writer.noted_page();
        if let (Effect::Page(_), Some(at)) = (effect, paged) {
            let why = format!("the page of {at} said so, and nothing could be recorded since");
            return Ok(Reply::Delivered(Err(Reason::new(ReasonKind::NotRun, why))));
        }
        let came = self.inner.perform(effect)?;
        if let (Effect::Page(_), Reply::Delivered(Ok(Delivery { reached_others: true, .. }))) =
            (effect, &came)
        {
            self.shared.borrow().writer.note_page();
        }
        Ok(came)
    }

    /// The recorded reply to an effect.
    fn again(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let found = {
            let mut recorder = self.shared.borrow_mut();
            let site = recorder.site.clone();
            let redact = Rc::clone(&recorder.options.redact);
            let shown = || {
                let site = EffectSite::default();
                let intent = JournalEvent::Intent { intent: effect.clone(), site, lane: 0, behind: None };
                let clean = redact(&Entry::Own(intent));
                if let Some(Entry::Own(JournalEvent::Intent { intent: clean, .. })) = clean {
                    clean
                } else {
                    effect.clone()
                }
            };
            match recorder.cursor.effect(effect, &site, shown) {
                Ok((found, own)) => {
                    for (_, event) in &own {
                        recorder.observer.earlier_event(event);
                    }
                    found
                }
                Err(difference) => return Err(recorder.stopped(Stopped::Stuck(difference))),
            }
        };
        match found {
            RecordedResult::Reply(reply) => {
                if let Some((ask, _)) = is_unrecorded_answer(effect, &reply) {
                    self.shared.borrow_mut().secrets.push(ask.clone());
                }
                if let (Effect::Record(record), Reply::Delivered(Ok(delivery))) = (effect, &reply) {
                    self.shared.borrow_mut().keep_thread(record, delivery);
                }
                if matches!(effect, Effect::Secret { .. }) && self.inner.perform(effect).is_err() {
                    // Repeated only to hide its value in what follows; somebody interrupted it.
                    return Err(self.shared.borrow_mut().park(Parked::ByHand));
                }
                Ok(reply)
            }
            RecordedResult::BrokenOff(by) => {
                self.shared.borrow_mut().broken_off = true;
                Err(Interrupt::Aborted { by })
            }
            RecordedResult::Cut(open) => self.continue_effect(effect, open),
        }
    }

    /// Continues an effect that was begun and whose end is not recorded.
    fn continue_effect(&mut self, effect: &Effect, open: InterruptedEffect) -> Result<Reply, Interrupt> {
        if let Some(request) = self.aborts() {
            // Aborted while it ran, it would have been ended too.
            if let Effect::Act(act) = effect
                && let Err(living) = self.end_what_is_left(act)
            {
                self.note(format!("{living} of `{}` still runs, and cannot be ended", act.title));
            }
            if let Effect::Act(act) = effect {
                self.cancel_remote(act);
            }
            return self.take_answer(effect, open.seq, Err(Interrupt::Aborted { by: request.to_string() }));
        }
        match effect {
            Effect::Ask(ask) => self.ask_again(effect, ask, &open),
            Effect::Act(act) => {
                let signaled = self.signaled(&open, act.within, 1);
                if open.asked.is_none()
                    && let Some(followed) = self.follow(effect, act, &open)
                {
                    return followed;
                }
                match uncertain_action::remedy(act) {
                    Remedy::Again => {
                        if let Some(reply @ Reply::Acted(_)) = signaled {
                            return self.take(open.seq, Ok(reply));
                        }
                        if matches!(act.target, ActTarget::Instruction(_)) {
                            return self.instruct_again(effect, act, &open);
                        }
                        if let Err(living) = self.end_what_is_left(act) {
                            let refused = uncertain_action::still_runs(&living);
                            return self.take(open.seq, Ok(Reply::Acted(refused)));
                        }
                        let there = uncertain_action::on_the_host(act);
                        self.note(format!(
                            "cut off at {}: done again, because it has `retry`{there}",
                            open.at
                        ));
                        self.go(effect, effect, &open)
                    }
                    Remedy::Ask => self.ask_whether_done(effect, act, open),
                }
            }
            Effect::Sleep(sleep) => self.sleep_on(sleep, &open),
            Effect::Acknowledge(it) => {
                let left = it.within - self.shared.borrow().since(open.at);
                self.acknowledgement(it, (open.seq, open.at), left)
            }
            Effect::Lock(_) | Effect::Enter(_) | Effect::Leave(_) => self.hold(effect, &open),
            Effect::Now
            | Effect::Read(_)
            | Effect::Firing(_)
            | Effect::Mode(_)
            | Effect::Probe(_)
            | Effect::Page(_)
            | Effect::Conclude(_)
            | Effect::Record(_)
            | Effect::Secret { .. } => self.go(effect, effect, &open),
        }
    }

    /// Who asked for the run to be aborted, if it has not been broken off yet.
    pub(super) fn aborts(&self) -> Option<AbortRequest> {
        self.shared.borrow().abort()
    }

    /// Performs an effect that is not recorded yet.
    fn anew(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        {
            let mut recorder = self.shared.borrow_mut();
            if (recorder.options.stops)() {
                let now = (recorder.options.clock)();
                return Err(recorder.park(Parked::Until(now)));
            }
            recorder.record_alerts();
        }
        let ready = match self.aborts() {
            Some(request) => Err(Interrupt::Aborted { by: request.to_string() }),
            None => self.ask_for_secrets(effect),
        };
        match ready {
            Ok(()) => {}
            Err(Interrupt::Aborted { by }) => {
                let mut recorder = self.shared.borrow_mut();
                let to = recorder.intend(effect);
                return Err(recorder.broken_off(to, by)?);
            }
            Err(parked @ Interrupt::Parked(_)) => return Err(parked),
        }
        match effect {
            Effect::Now
            | Effect::Read(_)
            | Effect::Firing(_)
            | Effect::Mode(_)
            | Effect::Probe(_)
            | Effect::Secret { .. } => {
                let began = self.shared.borrow().now();
                let came = self.inner.perform(effect);
                self.shared.borrow_mut().take_look(effect, began, came)
            }
            Effect::Act(act) => {
                let (to, asked) = {
                    let mut recorder = self.shared.borrow_mut();
                    let to = recorder.intend(effect);
                    let asked = recorder.pushed;
                    if let Some(refused) = recorder.flush_counted(act)? {
                        return recorder.take(to, None, Ok(refused));
                    }
                    (to, asked)
                };
                self.put(effect, to, asked)
            }
            Effect::Ask(_) | Effect::Acknowledge(_) | Effect::Lock(_) | Effect::Enter(_) => {
                let (to, asked) = {
                    let mut recorder = self.shared.borrow_mut();
                    let to = recorder.intend(effect);
                    let asked = recorder.pushed;
                    recorder.flush_intent()?;
                    (to, asked)
                };
                self.put(effect, to, asked)
            }
            // Its intent is written with its reply.
            Effect::Leave(_) => {
                let (to, asked) = {
                    let mut recorder = self.shared.borrow_mut();
                    (recorder.intend(effect), recorder.pushed)
                };
                self.put(effect, to, asked)
            }
            // These are harmless: they happen even if they cannot be recorded.
            Effect::Page(_) => self.page(effect),
            Effect::Record(record) => {
                let (to, thread) = {
                    let mut recorder = self.shared.borrow_mut();
                    let to = recorder.intend(effect);
                    recorder.flush_if_possible()?;
                    (to, recorder.thread_of(record))
                };
                let came = self.inner.perform(&Effect::Record(RecordEffect { thread, ..record.clone() }));
                if let Ok(Reply::Delivered(Ok(delivery))) = &came {
                    self.shared.borrow_mut().keep_thread(record, delivery);
                }
                self.take(to, came)
            }
            Effect::Conclude(_) => {
                let to = {
                    let mut recorder = self.shared.borrow_mut();
                    let to = recorder.intend(effect);
                    recorder.flush_if_possible()?;
                    to
                };
                let came = self.inner.perform(effect);
                self.take(to, came)
            }
            Effect::Sleep(sleep) => self.sleep_anew(effect, sleep),
        }
    }

    /// Performs an effect in the world, after its intent was recorded at `asked`. Where the rest of its time is shorter than
    /// is written, `rest` is performed.
    pub(super) fn go(
        &mut self,
        effect: &Effect,
        rest: &Effect,
        open: &InterruptedEffect,
    ) -> Result<Reply, Interrupt> {
        match self.ask_for_secrets(rest) {
            Ok(()) => {}
            Err(interrupt) => return self.take(open.seq, Err(interrupt)),
        }
        let came = self.inner.perform(rest);
        self.took(effect, open, false, came)
    }

    /// Performs an effect in the world, whose intent was recorded at `asked`.
    fn put(&mut self, effect: &Effect, to: u64, asked: Time) -> Result<Reply, Interrupt> {
        if let Effect::Acknowledge(it) = effect {
            return self.acknowledgement(it, (to, asked), it.within);
        }
        let open = InterruptedEffect { seq: to, at: asked, asked: None, brought: Vec::new() };
        if is_held(effect) {
            return self.hold(effect, &open);
        }
        let came = self.inner.perform(effect);
        self.took(effect, &open, true, came)
    }

    /// Takes what came of an effect. Where that parks the run for a person, the question is brought to somebody, and it waits no
    /// longer than is written. `is_new`: it began in this turn.
    fn took(
        &mut self,
        effect: &Effect,
        open: &InterruptedEffect,
        is_new: bool,
        came: Result<Reply, Interrupt>,
    ) -> Result<Reply, Interrupt> {
        let to = open.seq;
        let Some(within) = limit_of_person(effect) else { return self.take(to, came) };
        match self.one_of_several(effect, to, came) {
            Err(Interrupt::Parked(parked)) if self.aborts().is_none() => {
                let until = self.shared.borrow().deadline(open.at, within);
                self.park_and_bring(effect, open, parked, until, is_new)
            }
            came => self.take_answer(effect, to, came),
        }
    }

    /// Parks the run for a person, and brings the question to somebody.
    fn park_and_bring(
        &mut self,
        effect: &Effect,
        open: &InterruptedEffect,
        parked: Parked,
        until: Option<Time>,
        is_new: bool,
    ) -> Result<Reply, Interrupt> {
        if matches!(parked, Parked::Person { .. }) {
            self.bring(effect, open, until, is_new)?;
            let mut recorder = self.shared.borrow_mut();
            let quorum = recorder.quorum_of(effect);
            recorder.approved = (quorum > 1).then(|| recorder.approved(open.seq, quorum));
        }
        Err(self.shared.borrow_mut().park_for_person(parked, until))
    }

    /// The answer of somebody who sits here, where several have to approve: it is sent like those from elsewhere, and the run
    /// waits for the others.
    fn one_of_several(
        &mut self,
        effect: &Effect,
        to: u64,
        came: Result<Reply, Interrupt>,
    ) -> Result<Reply, Interrupt> {
        let quorum = self.shared.borrow().quorum_of(effect);
        let (Effect::Ask(ask), Ok(reply @ Reply::Answered(Answer::Yes(said) | Answer::Unknown(_, said)))) =
            (effect, &came)
        else {
            return came;
        };
        let Some(by) = said.by.as_ref().filter(|_| quorum > 1) else { return came };
        let sent = self.shared.borrow_mut().vote(to, quorum, by, reply);
        match sent {
            Ok(Accepted::Duplicate) if self.shared.borrow().signal(to, quorum).is_none() => {
                self.note(format!("{by} has answered this before, which counts once"));
            }
            Ok(_) => {}
            Err(why) => return Err(self.shared.borrow_mut().park(Parked::NotWritten(why.to_string()))),
        }
        let (decided, approved) = {
            let recorder = self.shared.borrow();
            (recorder.signal(to, quorum), recorder.approved(to, quorum))
        };
        if let Some((reply, _)) = decided {
            return Ok(reply);
        }
        self.note(approved);
        Err(Interrupt::Parked(Parked::person(ask.prompt.as_str())))
    }

    pub(super) fn take(&mut self, to: u64, came: Result<Reply, Interrupt>) -> Result<Reply, Interrupt> {
        self.shared.borrow_mut().take(to, None, came)
    }

    /// Takes the reply to the effect at this position; of a question, only the first reply counts.
    fn take_answer(
        &mut self,
        effect: &Effect,
        to: u64,
        came: Result<Reply, Interrupt>,
    ) -> Result<Reply, Interrupt> {
        let quorum = self.shared.borrow().quorum_of(effect);
        let asks = is_question(effect).then_some(ClosedQuestion { seq: to, quorum });
        self.shared.borrow_mut().take(to, asks, came)
    }

    /// Begins a sleep. Between two polls that decide nothing new, the sleep that is open goes on.
    fn sleep_anew(&mut self, effect: &Effect, sleep: &Sleep) -> Result<Reply, Interrupt> {
        let between_polls = matches!(sleep.purpose, Purpose::Poll { .. });
        let (to, written) = {
            let mut recorder = self.shared.borrow_mut();
            let open = recorder.wait.as_ref().filter(|wait| between_polls && wait.is_left_out());
            if let Some(seq) = open.and_then(OpenWait::sleep) {
                (seq, true)
            } else {
                let seq = recorder.intend(effect);
                let written = recorder.flush_if_possible()?;
                let (now, behind) = (recorder.now(), recorder.writer.length());
                if let Some(wait) = recorder.wait.as_mut().filter(|_| between_polls) {
                    wait.sleeps(seq, now, behind);
                }
                (seq, written)
            }
        };
        self.sleep(sleep, sleep.seconds, to, written)
    }

    /// The rest of a sleep that was recorded by an earlier turn.
    fn sleep_on(&mut self, sleep: &Sleep, open: &InterruptedEffect) -> Result<Reply, Interrupt> {
        let left = {
            let mut recorder = self.shared.borrow_mut();
            let behind = recorder.writer.length();
            if matches!(sleep.purpose, Purpose::Poll { .. })
                && let Some(wait) = &mut recorder.wait
            {
                wait.sleeps(open.seq, open.at, behind);
            }
            match recorder.writer.progress().filter(|state| state.sleep == open.seq) {
                Some(state) => state.until.since(recorder.now()).base.min(state.wait.pause),
                None => sleep.seconds - recorder.since(open.at),
            }
        };
        let slept = if left <= 0.0 { Reply::Slept } else { self.sleep(sleep, left, open.seq, true)? };
        if let Purpose::Poll { left, .. } = sleep.purpose {
            let mut recorder = self.shared.borrow_mut();
            let left = (left - recorder.since(open.at)).max(0.0);
            recorder.behind = recorder.wait.as_ref().and_then(|wait| wait.behind_sleep(left));
        }
        Ok(slept)
    }

    /// Lets the rest of a sleep pass, or parks the run until it has. `written`: the intent is durable.
    fn sleep(&mut self, sleep: &Sleep, left: f64, to: u64, written: bool) -> Result<Reply, Interrupt> {
        let parks = {
            let recorder = self.shared.borrow();
            let parks = recorder.options.parks_sleeps && left >= recorder.options.worth_parking && written;
            parks.then(|| recorder.now().plus(left)).flatten()
        };
        if let Some(until) = parks {
            let mut recorder = self.shared.borrow_mut();
            return Err(match sleep.purpose {
                Purpose::Poll { .. } => recorder.park_between_polls(until),
                Purpose::Wait
                | Purpose::Retry
                | Purpose::Repeat
                | Purpose::Queue { .. }
                | Purpose::Acknowledgement { .. } => recorder.park(Parked::Until(until)),
            });
        }
        let rest = Effect::Sleep(Sleep { seconds: left, purpose: sleep.purpose.clone() });
        match self.inner.perform(&rest) {
            Ok(_) => Ok(Reply::Slept),
            Err(interrupt) => self.take(to, Err(interrupt)),
        }
    }

    /// A question that was left open: returns the answer that came since, else asks again with the time that is left.
    fn ask_again(
        &mut self,
        effect: &Effect,
        ask: &Ask,
        open: &InterruptedEffect,
    ) -> Result<Reply, Interrupt> {
        let quorum = self.shared.borrow().quorum_of(effect);
        if let Some(reply @ Reply::Answered(_)) = self.signaled(open, ask.within, quorum) {
            return self.take(open.seq, Ok(reply));
        }
        let left = ask.within - self.shared.borrow().since(open.at);
        if left <= 0.0 {
            let unknown = Answer::Unknown(no_answer(ask.within), AnswerAuthor::default());
            return self.take_timed_out(effect, open, Reply::Answered(unknown));
        }
        self.go(effect, &Effect::Ask(Ask { within: left, ..ask.clone() }), open)
    }

    /// An instruction that was left open: gives it again with the time that is left.
    fn instruct_again(
        &mut self,
        effect: &Effect,
        act: &Act,
        open: &InterruptedEffect,
    ) -> Result<Reply, Interrupt> {
        let left = act.within - self.shared.borrow().since(open.at);
        if left <= 0.0 {
            let acted = Acted {
                result: Err(no_answer(act.within)),
                output: CommandOutput::default(),
                by: None,
                remark: None,
            };
            return self.take_timed_out(effect, open, Reply::Acted(acted));
        }
        self.go(effect, &Effect::Act(Act { within: left, ..act.clone() }), open)
    }

    /// Waits for the acknowledgement of a page: a signal, sent while the run is parked or while this process waits.
    fn acknowledgement(
        &mut self,
        it: &Acknowledge,
        (seq, asked): (u64, Time),
        mut left: f64,
    ) -> Result<Reply, Interrupt> {
        let question = Some(ClosedQuestion { seq, quorum: 1 });
        let asks = it.ticket.as_ref().is_some_and(|ticket| ticket.acknowledges);
        let mut unasked = BETWEEN_QUERIES;
        let mut trouble = None;
        loop {
            let signal = self.shared.borrow().signal(seq, 1);
            let in_time = |(_, at): &(Reply, Time)| !is_late(*at, asked, it.within);
            if let Some((reply @ Reply::Acknowledged(_), _)) = signal.clone().filter(in_time) {
                return self.take(seq, Ok(reply));
            }
            if asks && (unasked >= BETWEEN_QUERIES || left <= 0.0) {
                unasked = 0.0;
                match self.inner.looks_for_acknowledgement(it) {
                    Ok(Ok(Some(author))) => {
                        let reply = Reply::Acknowledged(Ok(author));
                        return self.shared.borrow_mut().take(seq, question, Ok(reply));
                    }
                    Ok(Ok(None)) => trouble = None,
                    Ok(Err(why)) => trouble = Some(why),
                    Err(interrupt) => return self.shared.borrow_mut().take(seq, question, Err(interrupt)),
                }
            }
            if left <= 0.0 {
                let mut why = not_acknowledged(it.within);
                if let Some(trouble) = trouble {
                    why.text = format!("{}, as far as is known: {trouble}", why.text);
                }
                // One that came too late closes nothing.
                let question = question.filter(|_| signal.is_none());
                return self.shared.borrow_mut().take(seq, question, Ok(Reply::Acknowledged(Err(why))));
            }
            let until = {
                let recorder = self.shared.borrow();
                let parks = recorder.options.parks_sleeps && left >= recorder.options.worth_parking;
                let now = (recorder.options.clock)();
                let asks_at = now.plus(BETWEEN_PARKED_QUERIES.min(left)).filter(|_| asks);
                parks.then(|| Some((now.plus(left)?, asks_at))).flatten()
            };
            if let Some((until, asks_at)) = until {
                let parked = Parked::Acknowledgement { team: it.team.clone(), until, asks_at };
                return Err(self.shared.borrow_mut().park(parked));
            }
            if self.inner.hears_acknowledgements() {
                let came =
                    self.inner.perform(&Effect::Acknowledge(Acknowledge { within: left, ..it.clone() }));
                return self.shared.borrow_mut().take(seq, question, came);
            }
            let seconds = left.min(BETWEEN_LOOKS);
            let purpose = Purpose::Acknowledgement { team: it.team.clone(), left };
            if let Err(interrupt) = self.inner.perform(&Effect::Sleep(Sleep { seconds, purpose })) {
                return self.shared.borrow_mut().take(seq, question, Err(interrupt));
            }
            left -= seconds;
            unasked += seconds;
            self.shared.borrow_mut().listen();
        }
    }

    /// The answer to an open question that came in time; reported if it came long after it was asked. `within`: its limit in
    /// seconds. One that came after it does not count, which is reported.
    fn signaled(&mut self, open: &InterruptedEffect, within: f64, quorum: u32) -> Option<Reply> {
        let (reply, at) = self.shared.borrow().signal(open.seq, quorum)?;
        let after = at.since(open.at).base;
        if is_late(at, open.at, within) {
            let within = Quantity::seconds(within);
            self.note(format!(
                "answered at {at}, after the {within} it had were over: too late, it does not count"
            ));
            return None;
        }
        if after >= WORTH_PARKING {
            let after = Quantity::seconds((after / 60.0).round() * 60.0);
            self.note(format!("answered {after} after it was asked, at {at}"));
        }
        Some(reply)
    }

    /// Takes the end of its time as the result of a question. An answer that came too late does not decide it any more.
    fn take_timed_out(
        &mut self,
        effect: &Effect,
        open: &InterruptedEffect,
        reply: Reply,
    ) -> Result<Reply, Interrupt> {
        let Some(within) = limit_of_person(effect) else { return self.take(open.seq, Ok(reply)) };
        let signal = {
            let recorder = self.shared.borrow();
            recorder.signal(open.seq, recorder.quorum_of(effect))
        };
        match signal {
            Some((_, at)) if is_late(at, open.at, within) => self.take(open.seq, Ok(reply)),
            Some(_) | None => self.take_answer(effect, open.seq, Ok(reply)),
        }
    }

    /// An uncertain action: asks a person. Where nobody answers in time, whether it was done stays unknown.
    fn ask_whether_done(
        &mut self,
        effect: &Effect,
        act: &Act,
        open: InterruptedEffect,
    ) -> Result<Reply, Interrupt> {
        self.shared.borrow_mut().is_uncertain = true;
        let is_new = open.asked.is_none();
        let InterruptedQuestion { seq, at, ask } = if let Some(asked) = open.asked {
            asked
        } else {
            let (processes, noted) = self.processes();
            let living = processes.living(&act.key, noted.as_ref());
            let ask = uncertain_action::question(act, open.at, living.as_deref());
            let mut recorder = self.shared.borrow_mut();
            recorder.event(&Event::of(EventKind::Asked {
                prompt: ask.prompt.clone(),
                kind: ask.kind.clone(),
                by: None,
                within: ask.within,
                showing: Vec::new(),
            }));
            let seq = recorder.intend(&Effect::Ask(ask.clone()));
            recorder.flush_intent()?;
            InterruptedQuestion { seq, at: recorder.pushed, ask }
        };
        let (late, signal, left) = {
            let recorder = self.shared.borrow();
            let signal = recorder.signal(seq, 1);
            let late = signal.as_ref().is_some_and(|(_, came)| is_late(*came, at, ask.within));
            (late, signal.filter(|_| !late), ask.within - recorder.since(at))
        };
        let asks = (signal.is_none() && !late).then_some(ClosedQuestion { seq, quorum: 1 });
        let came = match signal {
            Some((reply, _)) => Ok(reply),
            None if left <= 0.0 => {
                let unknown = Answer::Unknown(no_answer(ask.within), AnswerAuthor::default());
                Ok(Reply::Answered(unknown))
            }
            None => match self.inner.perform(&Effect::Ask(Ask { within: left, ..ask.clone() })) {
                Err(Interrupt::Parked(parked)) if self.aborts().is_none() => {
                    let until = self.shared.borrow().deadline(at, ask.within);
                    let brought = if is_new { Vec::new() } else { open.brought };
                    let question = InterruptedEffect { seq, at, asked: None, brought };
                    return self.park_and_bring(&Effect::Ask(ask), &question, parked, until, is_new);
                }
                came => came,
            },
        };
        let taken = self.shared.borrow_mut().take(seq, asks, came)?;
        let answer = if let Reply::Answered(answer) = taken {
            answer
        } else {
            Answer::Unknown(no_answer(ask.within), AnswerAuthor::default())
        };
        self.shared.borrow_mut().is_uncertain = false;
        let verdict = uncertain_action::verdict(&answer);
        let answered = Event::of(EventKind::Answered { prompt: ask.prompt, answer });
        self.shared.borrow_mut().event(&answered);
        match verdict {
            UncertainAnswer::Over(acted) => self.take(open.seq, Ok(Reply::Acted(acted))),
            UncertainAnswer::NotDone => {
                if let Err(living) = self.end_what_is_left(act) {
                    self.take(open.seq, Ok(Reply::Acted(uncertain_action::still_runs(&living))))
                } else {
                    let (seq, at) = (open.seq, open.at);
                    let open = InterruptedEffect { seq, at, asked: None, brought: Vec::new() };
                    self.go(effect, effect, &open)
                }
            }
        }
    }

    /// Ends what still runs of an action that was cut off. An error: that is impossible; which processes, in words.
    fn end_what_is_left(&mut self, act: &Act) -> Result<(), String> {
        let (processes, noted) = self.processes();
        let Some(living) = processes.living(&act.key, noted.as_ref()) else { return Ok(()) };
        if !processes.end(&act.key, noted.as_ref()) {
            return Err(living);
        }
        self.note(format!("{living} of `{}` outlived the rbl that was cut off, and was ended", act.title));
        Ok(())
    }

    /// What finds the processes that are left, and the one that was noted.
    fn processes(&self) -> (Rc<dyn LeftProcesses>, Option<StartedProcess>) {
        let recorder = self.shared.borrow();
        let noted = recorder.writer.noted().and_then(|noted| noted.process().cloned());
        (Rc::clone(&recorder.options.processes), noted)
    }

    /// A secret typed in an earlier turn is lost: asks for it again where it is needed.
    fn ask_for_secrets(&mut self, effect: &Effect) -> Result<(), Interrupt> {
        let needed: Vec<Ask> = {
            let mut recorder = self.shared.borrow_mut();
            if recorder.secrets.is_empty() {
                return Ok(());
            }
            let is_needed = |ask: &Ask| match &ask.kind {
                AskKind::Secret(key) => effect.carries(&SecretRef::Asked(key.clone())),
                AskKind::YesNo | AskKind::Text | AskKind::Choice(_) => false,
            };
            let (needed, others) = recorder.secrets.drain(..).partition(is_needed);
            recorder.secrets = others;
            needed
        };
        for ask in needed {
            let (asked, until) = {
                let recorder = self.shared.borrow();
                (recorder.now(), recorder.cursor.parked_until(&ask.prompt))
            };
            let left = until.map_or(ask.within, |until| until.since(asked).base.min(ask.within));
            // Nobody typed it in time: what needs it reports that.
            if left <= 0.0 {
                continue;
            }
            match self.inner.perform(&Effect::Ask(ask.clone())) {
                // Where nothing was typed, its user reports that.
                Ok(_) => {}
                Err(Interrupt::Aborted { by }) => return Err(Interrupt::Aborted { by }),
                Err(Interrupt::Parked(parked)) => {
                    let mut recorder = self.shared.borrow_mut();
                    recorder.secrets.push(ask);
                    return Err(recorder.park_for_person(parked, until.or(asked.plus(left))));
                }
            }
        }
        Ok(())
    }

    /// Reports something that the journal knows and the program does not.
    pub(super) fn note(&mut self, text: String) {
        self.shared.borrow_mut().event(&Event::of(EventKind::Noted { text }));
    }
}

/// Whether an answer came after its time was over.
pub fn is_late(answered: Time, asked: Time, within: f64) -> bool {
    answered.since(asked).base > within
}

/// Why a person's answer is unknown.
fn no_answer(within: f64) -> Reason {
    Reason::new(ReasonKind::NoAnswer, format!("no answer within {}", Quantity::seconds(within)))
}
