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
use super::recorder::{Phase, Recorder, TurnRecord};
use super::writer::RecordWriter;
use super::{
    AbortRequest, EffectSite, JournalEvent, JournalRecord, Lease, Options, ParkedState, Release, Signal,
    Stopped, Store, StoreError, WaitsOn,
};
use crate::journal::replay_cursor::{ReplayCursor, Strictness};

use crate::{
    Delivery, DeliveryTicket, Effect, Event, EventKind, Interrupt, Observer, Parked, Reply, RunEnd,
    WaitProgress, World,
};
use rbl_syntax::source::Place;
use rbl_syntax::value::{Reason, ReasonKind, Time};

/// From how many seconds on a sleep parks a run that nobody watches, where nothing says otherwise.
pub const WORTH_PARKING: f64 = 60.0;

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
            question_tickets: Vec::new(),
            unconcluded: Vec::new(),
            held_back: None,
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
        let came = match over {
            Some(true) => self.anew(effect),
            Some(false) => self.again(effect),
            None => return self.page_of_parking(effect),
        };
        self.conclude_questions();
        came
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

    fn question_tickets(&self) -> Vec<DeliveryTicket> {
        self.shared.borrow().question_tickets.clone()
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

    /// Who asked for the run to be aborted, if it has not been broken off yet.
    pub(super) fn aborts(&self) -> Option<AbortRequest> {
        self.shared.borrow().abort()
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
