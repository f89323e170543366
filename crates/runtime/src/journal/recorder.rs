//! [`Recorder`]: the state that the journal's world and observer share: the replay cursor, the writer, the observer.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use smol_str::SmolStr;

use super::alert_change::AlertChanges;
use super::entry::is_kept;
use super::layer::WORTH_PARKING;
use super::open_wait::OpenWait;
use super::quorum;
use super::writer::RecordWriter;
use super::{
    AbortRequest, Accepted, AppendGuard, Appended, EffectSite, Entry, GuardRefusal, JournalEvent,
    LeftProcesses, NoProcesses, Release, ReplayDifference, RunMode, Signal, SignalName, Stamp, StoreError,
};
use crate::journal::closed_question::ClosedTicket;
use crate::journal::replay_cursor::{RecordedResult, ReplayCursor};
use crate::teams::TeamRules;
use crate::{
    Answer, Ask, AskKind, Delivery, DeliveryTicket, Effect, Event, EventKind, Interrupt, Observer, Parked,
    RecordEffect, Reply, TicketHolder, WaitProgress,
};
use rbl_syntax::value::{ReasonKind, Time};

/// Removes the values of secrets from an entry; `None` where it contains none.
pub type Redactor = Rc<dyn Fn(&Entry) -> Option<Entry>>;

/// The settings of a turn.
#[derive(Clone)]
pub struct Options {
    /// The current time.
    pub clock: Rc<dyn Fn() -> Time>,
    /// Removes secrets from everything that is recorded and reported.
    pub redact: Redactor,
    /// Whether a sleep parks the run, because nobody is watching.
    pub parks_sleeps: bool,
    /// From how many seconds on it does.
    pub worth_parking: f64,
    /// What still runs of actions that were cut off.
    pub processes: Rc<dyn LeftProcesses>,
    /// Set to the time of what is replayed, and cleared for what happens now.
    pub stamp: Stamp,
    /// Who asked, while the run is executed, for it to be aborted.
    pub abort: Rc<dyn Fn() -> Option<AbortRequest>>,
    /// Told when a clean-up begins (`true`) and when it is over: no abort that is asked for breaks it off.
    pub cleaning: Rc<dyn Fn(bool)>,
    /// Whether the process stops: then no further effect begins, and the run is parked, due at once.
    pub stops: Rc<dyn Fn() -> bool>,
    /// How a question reaches the team that answers it, how many have to approve, how often a team may be paged.
    pub teams: Arc<TeamRules>,
    /// Whether no person started the run or watches it: then it says so where a question that waits reached nobody.
    pub alone: bool,
    /// Whether the world says who holds a lock and how often something was done, as a test does, in place of the store.
    pub world_holds: bool,
}

impl Options {
    /// This clock, no redaction, sleeps do not park.
    pub fn new(clock: impl Fn() -> Time + 'static) -> Self {
        Self {
            clock: Rc::new(clock),
            redact: Rc::new(|_| None),
            parks_sleeps: false,
            worth_parking: WORTH_PARKING,
            processes: Rc::new(NoProcesses),
            stamp: Stamp::default(),
            abort: Rc::new(|| None),
            cleaning: Rc::new(|_| {}),
            stops: Rc::new(|| false),
            teams: Arc::default(),
            alone: false,
            world_holds: false,
        }
    }
}

/// Why a run stops in this process, besides what the run itself returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// Another process holds it now.
    Fenced {
        /// Who, where known.
        by: Option<String>,
    },
    /// What the program does differs from its records.
    Stuck(ReplayDifference),
}

/// The stage of a turn.
#[derive(Debug)]
pub(super) enum Phase {
    /// The program is walked, through its records or beyond them.
    Walking,
    /// The run was parked, and the walk unwinds: only the parking itself is recorded, and only if it is `anew`.
    Parking {
        /// Whether the records say something else.
        anew: bool,
    },
    /// Nothing more is recorded, done or reported.
    Stopped(Stopped),
}

/// The record that a run is resumed.
#[derive(Debug)]
pub(super) struct TurnRecord {
    /// The entry.
    pub(super) entry: JournalEvent,
    /// When the turn began.
    pub(super) at: Time,
    /// Its position among the records, where it is written.
    pub(super) seq: Option<u64>,
}

/// See the module.
#[allow(clippy::struct_excessive_bools)] // facts that do not exclude each other
pub(super) struct Recorder {
    pub(super) cursor: ReplayCursor,
    /// The permanent identity of each file of the run, by the name under which it is shown.
    pub(super) identities: BTreeMap<SmolStr, String>,
    pub(super) writer: RecordWriter,
    pub(super) signals: Vec<Signal>,
    /// Secrets typed in an earlier turn, which have to be typed again before they are used.
    pub(super) secrets: Vec<Ask>,
    pub(super) options: Options,
    pub(super) observer: Box<dyn Observer>,
    pub(super) phase: Phase,
    /// Whether the run was broken off: an abort counts once, and what cleans up after it is done.
    pub(super) broken_off: bool,
    /// Whether the action is open that was cut off: nobody has said yet whether it was done.
    pub(super) is_uncertain: bool,
    /// Whether it cleans up at the moment: an abort that is asked for meanwhile is for what comes after it.
    pub(super) is_cleaning: bool,
    /// Where the program is.
    pub(super) site: EffectSite,
    /// The wait that the program is in, or was in last.
    pub(super) wait: Option<OpenWait>,
    /// How far the wait is, to be recorded with its next effect.
    pub(super) behind: Option<WaitProgress>,
    /// When the last entry was added.
    pub(super) pushed: Time,
    /// The record of this turn: it is written with the first thing that is.
    pub(super) turn: Option<TurnRecord>,
    /// The title of the runbook that asks, and who owns it.
    pub(super) runbook: String,
    pub(super) owner: Option<String>,
    /// Whether an alert started it.
    pub(super) has_alert: bool,
    /// The mode in which it began.
    pub(super) mode: RunMode,
    /// The alerts of the run.
    pub(super) alerts: AlertChanges,
    /// Who has approved the question that the run is parked for, in words.
    pub(super) approved: Option<String>,
    /// What the first record to each channel left there.
    pub(super) threads: BTreeMap<Option<String>, String>,
    /// What questions left at channels that show the end of the run.
    pub(super) question_tickets: Vec<DeliveryTicket>,
    /// The services that have to hear of a question that ended.
    pub(super) unconcluded: Vec<ClosedTicket>,
    /// An interrupt that came while a question was reported to a service: the next effect ends in it.
    pub(super) held_back: Option<Interrupt>,
}

/// A question, and how many have to approve.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClosedQuestion {
    /// The position of its intent among the records.
    pub(super) seq: u64,
    /// How many.
    pub(super) quorum: u32,
    /// An answer that was kept after this does not count: whoever gave it was told so.
    pub(super) until: Option<Time>,
}

impl Recorder {
    /// What an earlier record of the run to the same channel left there.
    pub(super) fn thread_of(&self, record: &RecordEffect) -> Option<String> {
        self.threads.get(&record.channel).cloned()
    }

    /// Takes in what an effect of the records left, before the walk goes on.
    pub(super) fn passed(&mut self, effect: &Effect, found: &RecordedResult) {
        let closed = self.cursor.take_closed();
        self.keep_brought(&closed);
        let came = match found {
            RecordedResult::Cut(open) => return self.keep_brought(&open.brought),
            RecordedResult::Reply(reply) => Ok(reply.clone()),
            RecordedResult::BrokenOff(by) => Err(Interrupt::Aborted { by: by.clone() }),
        };
        if closed.is_empty() {
            return;
        }
        if let Some(question) = super::closed_question::closing(effect, &came) {
            self.close(&closed, &question);
        }
    }

    /// Keeps what a record left at its channel for those that follow.
    pub(super) fn keep_thread(&mut self, record: &RecordEffect, delivery: &Delivery) {
        if let Some(DeliveryTicket { through: TicketHolder::Channel(name), id, .. }) = &delivery.ticket {
            // A record without a channel goes to the default one.
            for channel in [record.channel.clone(), Some(name.to_string())] {
                self.threads.insert(channel, id.clone());
            }
        }
    }

    /// The entry without secrets.
    pub(super) fn clean(&self, entry: Entry) -> Entry {
        (self.options.redact)(&entry).unwrap_or(entry)
    }

    /// Adds an entry; returns its position among the records.
    pub(super) fn push(&mut self, entry: &Entry) -> u64 {
        let now = (self.options.clock)();
        self.pushed = now;
        if let Some(TurnRecord { entry: turn, at, seq: seq @ None }) = &mut self.turn {
            *seq = Some(self.writer.push(&Entry::Own(turn.clone()), *at));
        }
        self.writer.push(entry, now)
    }

    /// Withdraws what was added since this length, if nothing of it is durable; returns whether it is gone.
    pub(super) fn take_back(&mut self, length: u64) -> bool {
        if self.writer.durable() > length {
            return false;
        }
        self.writer.truncate(length);
        if let Some(TurnRecord { seq, .. }) = &mut self.turn {
            *seq = seq.filter(|seq| *seq < length);
        }
        true
    }

    /// Adds an intent; returns its position among the records.
    pub(super) fn intend(&mut self, effect: &Effect) -> u64 {
        let (intent, site) = (effect.clone(), self.site.clone());
        let behind = self.behind.take().map(Box::new);
        let entry = self.clean(Entry::Own(JournalEvent::Intent { intent, site, lane: 0, behind }));
        let to = self.push(&entry);
        if matches!(effect, Effect::Act(_)) && self.alerts.acted.is_none() {
            self.alerts.acted = Some(self.pushed);
        }
        to
    }

    fn cleans(&mut self, is_cleaning: bool) {
        self.is_cleaning = is_cleaning;
        (self.options.cleaning)(is_cleaning);
    }

    /// Takes an event of the program or of the journal itself.
    pub(super) fn event(&mut self, event: &Event) {
        if matches!(self.phase, Phase::Stopped(_)) {
            return;
        }
        if matches!(event.kind, EventKind::CleanupStarted { .. }) {
            self.cleans(true);
        } else if matches!(event.kind, EventKind::CleanupEnded { .. }) {
            self.cleans(false);
        }
        let clean = self.clean(Entry::Event(event.clone()));
        let Entry::Event(shown) = &clean else { return };
        if matches!(self.phase, Phase::Parking { .. }) {
            if matches!(event.kind, EventKind::Parked { .. })
                && matches!(self.phase, Phase::Parking { anew: true })
            {
                self.push(&clean);
            }
            self.observer.event(shown);
        } else if !is_kept(event) {
            if self.cursor.is_over() {
                self.observer.event(shown);
            } else {
                self.observer.earlier_event(shown);
            }
        } else if let Some(at) = self.cursor.pass_event() {
            self.options.stamp.set(Some(at));
            self.observer.earlier_event(shown);
            self.options.stamp.set(None);
        } else {
            if matches!(event.kind, EventKind::Ended { .. }) {
                self.record_last_alerts();
            }
            self.push(&clean);
            self.observer.event(shown);
        }
    }

    /// Takes in what was heard of the alerts of the run until its end.
    fn record_last_alerts(&mut self) {
        // Nobody else's run hears of an alert.
        if self.has_alert {
            self.listen();
            self.record_alerts();
        }
    }

    /// Stops the turn.
    pub(super) fn stop(&mut self, why: Stopped) {
        self.phase = Phase::Stopped(why);
    }

    /// Stops the turn; returns the interrupt for the walk.
    pub(super) fn stopped(&mut self, why: Stopped) -> Interrupt {
        self.stop(why);
        Interrupt::Parked(Parked::ByHand)
    }

    /// Parks the run. A turn in which nothing happened, and which waits for the same as the turn before, appends nothing.
    pub(super) fn park(&mut self, parked: Parked) -> Interrupt {
        let nothing_new = self.writer.is_untouched();
        let same = self.cursor.last_parked() == Some(&parked);
        self.phase = Phase::Parking { anew: !(nothing_new && same) };
        Interrupt::Parked(parked)
    }

    /// Parks the run until the next poll of its wait, which moves on without a record.
    pub(super) fn park_between_polls(&mut self, until: Time) -> Interrupt {
        let nothing_new = self.writer.is_untouched();
        let anew = !(nothing_new && matches!(self.cursor.last_parked(), Some(Parked::Until(_))));
        self.phase = Phase::Parking { anew };
        if anew {
            self.mark_wait();
        }
        Interrupt::Parked(Parked::Until(until))
    }

    /// Parks the run for a person, until the time of the question is over.
    pub(super) fn park_for_person(&mut self, parked: Parked, until: Option<Time>) -> Interrupt {
        let parked = match parked {
            Parked::Person { question, .. } => Parked::Person { question, until },
            other @ (Parked::Until(_)
            | Parked::Acknowledgement { .. }
            | Parked::Lock { .. }
            | Parked::ByHand
            | Parked::NotWritten(_)) => other,
        };
        self.park(parked)
    }

    /// Makes an intent durable. Where that is impossible it is withdrawn: it will not happen.
    pub(super) fn flush_intent(&mut self) -> Result<(), Interrupt> {
        self.writer.flush().map_err(|why| self.unwritten(why, None))
    }

    /// Makes durable what can be made durable now; returns whether it could. Only a fenced turn stops.
    pub(super) fn flush_if_possible(&mut self) -> Result<bool, Interrupt> {
        match self.writer.flush() {
            Ok(()) => Ok(true),
            Err(StoreError::Fenced { by }) => Err(self.stopped(Stopped::Fenced { by })),
            // It is kept in memory, and written with the next flush that succeeds.
            Err(_) => Ok(false),
        }
    }

    /// Who asked for the run to be aborted, if it has not been broken off yet.
    pub(super) fn abort(&self) -> Option<AbortRequest> {
        if self.broken_off || self.is_cleaning {
            return None;
        }
        (self.options.abort)().or_else(|| self.signals.iter().find_map(AbortRequest::of))
    }

    /// Records that the run was aborted during this effect. A question is closed by it, unless it was answered first: then the
    /// answer counts, and the abort is for what comes next.
    fn break_off(
        &mut self,
        to: u64,
        question: Option<ClosedQuestion>,
        by: String,
    ) -> Result<Reply, Interrupt> {
        let Some(question) = question else { return Err(self.broken_off(to, by)?) };
        self.broken_off = true;
        self.push(&Entry::Own(JournalEvent::BrokenOff { by: by.clone(), to }));
        match self.writer.flush_guarded(&[closing(question, format!("aborted by {by}"))]) {
            Ok(Appended::Refused(GuardRefusal::Signaled(_))) => {
                if let Some(reply) = self.decided_meanwhile(question) {
                    self.writer.withdraw();
                    self.broken_off = false;
                    return self.take(to, None, Ok(reply));
                }
                self.flush_if_possible()?;
            }
            Err(StoreError::Fenced { by }) => return Err(self.stopped(Stopped::Fenced { by })),
            // What could not be written is kept in memory, and written with the next flush that succeeds.
            Ok(Appended::Written | Appended::Refused(_)) | Err(_) => {}
        }
        Err(Interrupt::Aborted { by })
    }

    /// What came, where an abort that was asked for is what ended it, however that was brought about.
    fn unless_aborted(&self, came: Result<Reply, Interrupt>) -> Result<Reply, Interrupt> {
        match (came, self.abort()) {
            (Err(_), Some(request)) => Err(Interrupt::Aborted { by: request.to_string() }),
            (came, _) => came,
        }
    }

    /// Records the reply to the intent at this position, and returns it. Of a question (the position of its intent) one
    /// reply counts: where an answer came from outside before this one could be recorded, that answer is it.
    pub(super) fn take(
        &mut self,
        to: u64,
        question: Option<ClosedQuestion>,
        came: Result<Reply, Interrupt>,
    ) -> Result<Reply, Interrupt> {
        match self.unless_aborted(came) {
            Ok(reply) => {
                let guard = question.map(|question| closing(question, closed_by(&reply)));
                let entry = self.clean(Entry::Own(JournalEvent::Reply { answer: reply, to }));
                self.push(&entry);
                match self.writer.flush_guarded(guard.as_slice()) {
                    Ok(Appended::Refused(GuardRefusal::Signaled(_))) => {
                        if let Some(reply) = question.and_then(|question| self.decided_meanwhile(question)) {
                            self.writer.withdraw();
                            return self.take(to, None, Ok(reply));
                        }
                        self.flush_if_possible()?;
                    }
                    // The reply goes to the walk, so that it can end; it begins nothing new.
                    Err(StoreError::Fenced { by }) => self.stop(Stopped::Fenced { by }),
                    Ok(_) | Err(_) => {}
                }
                let Entry::Own(JournalEvent::Reply { answer, .. }) = entry else {
                    return Err(Interrupt::Parked(Parked::ByHand));
                };
                Ok(answer)
            }
            Err(Interrupt::Aborted { by }) => self.break_off(to, question, by),
            Err(Interrupt::Parked(parked)) => Err(self.park(parked)),
        }
    }

    /// Records the reply to an effect that only looks, and returns it: written with what follows.
    pub(super) fn take_look(
        &mut self,
        effect: &Effect,
        began: Time,
        came: Result<Reply, Interrupt>,
    ) -> Result<Reply, Interrupt> {
        match self.unless_aborted(came) {
            Ok(reply) => {
                let took = (self.options.clock)().since(began).base.max(0.0);
                let (look, site) = (effect.clone(), self.site.clone());
                let behind = self.behind.take().map(Box::new);
                let look = JournalEvent::Look { look, answer: reply, site, lane: 0, took, behind };
                let entry = self.clean(Entry::Own(look));
                self.push(&entry);
                let Entry::Own(JournalEvent::Look { answer, .. }) = entry else {
                    return Err(Interrupt::Parked(Parked::ByHand));
                };
                Ok(answer)
            }
            Err(Interrupt::Aborted { by }) => {
                let to = self.intend(effect);
                Err(self.broken_off(to, by)?)
            }
            Err(Interrupt::Parked(parked)) => Err(self.park(parked)),
        }
    }

    /// Records that the run was aborted during the effect of this intent; returns the interrupt.
    pub(super) fn broken_off(&mut self, to: u64, by: String) -> Result<Interrupt, Interrupt> {
        self.broken_off = true;
        self.push(&Entry::Own(JournalEvent::BrokenOff { by: by.clone(), to }));
        self.flush_if_possible()?;
        Ok(Interrupt::Aborted { by })
    }

    /// The answer to this question as the people who sent one decided it; `None`: it is not decided.
    pub(super) fn signal(&self, seq: u64, quorum: u32) -> Option<(Reply, Time)> {
        quorum::decided(&self.signals_about(seq), quorum)
    }

    fn signals_about(&self, seq: u64) -> Vec<&Signal> {
        let name = seq.to_string();
        self.signals.iter().filter(|signal| signal.question() == name).collect()
    }

    /// How a question was decided in time while something else was about to close it.
    fn decided_meanwhile(&mut self, question: ClosedQuestion) -> Option<Reply> {
        self.listen();
        let (reply, at) = self.signal(question.seq, question.quorum)?;
        question.until.is_none_or(|until| at <= until).then_some(reply)
    }

    /// How many different people have to approve what is asked.
    pub(super) fn quorum_of(&self, effect: &Effect) -> u32 {
        let Effect::Ask(Ask { kind: AskKind::YesNo, by: Some(team), .. }) = effect else { return 1 };
        self.options.teams.quorum(Some(team))
    }

    /// Who of those that have to has approved this question, in words: `1 of 2 have approved: ana`.
    pub(super) fn approved(&self, seq: u64, quorum: u32) -> String {
        let all = quorum::approvals(self.signals_about(seq));
        let names: Vec<&str> = all.iter().filter_map(|said| said.by.as_deref()).collect();
        let names = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
        format!("{} of {quorum} have approved{names}", all.len())
    }

    /// Sends the answer of one of several people who have to approve this question.
    pub(super) fn vote(
        &mut self,
        seq: u64,
        quorum: u32,
        by: &str,
        reply: &Reply,
    ) -> Result<Accepted, StoreError> {
        let name = SignalName::of(&seq.to_string()).by(by);
        // Every reply can be serialised to JSON.
        let data = serde_json::to_string(reply).unwrap_or_default();
        let accepted = self.writer.signal(&name, &data, quorum)?;
        self.listen();
        Ok(accepted)
    }

    /// Takes in the signals that came during this turn; where they cannot be read now, those known so far stay.
    pub(super) fn listen(&mut self) {
        if let Ok(signals) = self.writer.signals() {
            self.signals = signals;
        }
    }

    /// When the time of a question is over that was put at `asked`; where the clock has gone back since, it is put anew.
    pub(super) fn deadline(&self, asked: Time, within: f64) -> Option<Time> {
        let now = self.now();
        if now < asked { now.plus(within) } else { asked.plus(within) }
    }

    /// The current time.
    pub(super) fn now(&self) -> Time {
        (self.options.clock)()
    }

    /// Seconds since this time; zero where the clock has gone back since.
    pub(super) fn since(&self, begun: Time) -> f64 {
        self.now().since(begun).base.max(0.0)
    }

    /// Ends the turn: writes what is left and the new state of the run.
    pub(super) fn release(&mut self, how: &Release) -> Result<(), StoreError> {
        self.writer.release(how)
    }
}

/// The guard of a reply to a question: nobody has answered it from outside, and nobody can afterwards.
fn closing(question: ClosedQuestion, closed: String) -> AppendGuard {
    AppendGuard::UnlessSignaled { question: question.seq.to_string().into(), quorum: question.quorum, closed }
}

/// How a question was closed by this reply, in words for whoever answers too late.
fn closed_by(reply: &Reply) -> String {
    let by = match reply {
        Reply::Answered(Answer::Unknown(reason, _)) if reason.kind == ReasonKind::NoAnswer => {
            return "timed out".to_owned();
        }
        Reply::Acknowledged(Err(_)) => return "timed out".to_owned(),
        Reply::Acknowledged(Ok(acknowledged)) => acknowledged.by.clone(),
        Reply::Answered(answer) => answer.author().by.clone(),
        Reply::Acted(acted) => acted.by.clone(),
        Reply::Now(_)
        | Reply::Slept
        | Reply::Reading(_)
        | Reply::Firing(_)
        | Reply::Mode(_)
        | Reply::Output(_)
        | Reply::Delivered(_)
        | Reply::Secret(_)
        | Reply::Locked(_)
        | Reply::Entered(_)
        | Reply::Left => None,
    };
    format!("answered by {}", by.as_deref().unwrap_or("somebody"))
}
