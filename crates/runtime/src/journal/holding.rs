//! Locks and limits in a run: the effects that are answered by the store, in the same transaction as their reply.
//!
//! *Invariant:* a run holds a lock exactly if its journal says so. A run that was cut off in between asks again.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::recorder::Recorder;
use super::{
    AppendGuard, Appended, Entry, GuardRefusal, JournalEvent, JournalRecord, JournalWorld, LockHolder,
    LockRefusal, RunMode, RunState, Stopped, StoreError, TakeLock, Tally, TallyReached,
};
use crate::journal::replay_cursor::InterruptedEffect;
use crate::{
    Act, ActLimit, Acted, Effect, Event, EventKind, Interrupt, LimitRule, LimitedRun, LockEffect, Parked,
    Purpose, Reply, Sleep, World,
};
use rbl_syntax::counted;
use rbl_syntax::value::{CommandOutput, Quantity, Reason, ReasonKind, Value};

/// The first pause between two looks at a lock, in seconds; each is longer than the one before.
const FIRST_PAUSE: f64 = 0.2;

/// The longest pause between two looks.
const LONGEST_PAUSE: f64 = 2.0;

/// A parked run looks again after this many seconds, even if nobody wakes it.
const LOOK_AGAIN: f64 = 600.0;

/// The permanent identity of each file, by the name under which it is shown; whether an alert started the run; and the mode in
/// which it began.
pub(super) fn identities(records: &[JournalRecord]) -> (BTreeMap<SmolStr, String>, bool, RunMode) {
    let first = records.first().and_then(|first| first.entry().ok());
    let begun = if let Some(Entry::Own(JournalEvent::Begun(begun))) = first { Some(begun) } else { None };
    let has_alert = begun.as_ref().is_some_and(|begun| begun.alert.is_some());
    let mode = begun.as_ref().map(|begun| begun.mode).unwrap_or_default();
    let sources = begun.map(|begun| begun.sources).unwrap_or_default();
    (sources.into_iter().map(|source| (source.name, source.identity)).collect(), has_alert, mode)
}

/// What is asked of the store.
struct HoldRequest {
    /// What has to hold.
    guards: Vec<AppendGuard>,
    /// The reply where it holds.
    reply: Reply,
    /// What is waited for, in words: `the lock "db"`.
    what: String,
    /// How long it waits, in seconds; zero: not at all.
    within: Option<f64>,
}

impl HoldRequest {
    /// The reply where it was not obtained.
    fn refused(&self, reason: Reason) -> Reply {
        if let Reply::Locked(_) = self.reply {
            Reply::Locked(Err(reason))
        } else {
            Reply::Entered(Err(reason))
        }
    }

    /// Gives up the places in queues.
    fn leaving(&self) -> Vec<AppendGuard> {
        let leave = |guard: &AppendGuard| match guard {
            AppendGuard::TakeLock(lock) if lock.queues => {
                Some(AppendGuard::LeaveLock { name: lock.name.clone(), key: lock.key.clone() })
            }
            _ => None,
        };
        self.guards.iter().filter_map(leave).collect()
    }
}

impl<W: World> JournalWorld<W> {
    /// Performs an effect that the store answers. Its intent is durable; `open` says since when.
    pub(super) fn hold(&mut self, effect: &Effect, open: &InterruptedEffect) -> Result<Reply, Interrupt> {
        let request = self.shared.borrow().request(effect, open);
        let begun = self.now();
        let mut reported: Option<Vec<SmolStr>> = None;
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(aborting) = self.aborts() {
                let aborted = Err(Interrupt::Aborted { by: aborting.to_string() });
                return self.shared.borrow_mut().take(open.seq, None, aborted);
            }
            let refusal =
                match self.shared.borrow_mut().attempt(open.seq, request.reply.clone(), &request.guards)? {
                    Ok(reply) => return Ok(reply),
                    Err(refusal) => refusal,
                };
            let left = request.within.map(|within| within - self.shared.borrow().since(open.at));
            if left.is_some_and(|left| left <= 0.0) {
                let reply = request.refused(reason(&refusal, &request));
                return match self.shared.borrow_mut().attempt(open.seq, reply, &request.leaving())? {
                    Ok(reply) => Ok(reply),
                    Err(_) => Err(Interrupt::Parked(Parked::ByHand)),
                };
            }
            let held = refusal_words(&refusal);
            let holders = holders(&refusal);
            if reported.as_ref() != Some(&holders) {
                self.report_wait(&request, &refusal, left);
                // So that `rbl show` says what it waits for.
                self.shared.borrow_mut().flush_if_possible()?;
                reported = Some(holders);
            }
            let parks = {
                let recorder = self.shared.borrow();
                let waited = (recorder.options.clock)().since(begun).base;
                let from = recorder.options.worth_parking;
                let worth = left.is_none_or(|left| left >= from) && waited >= from;
                let look = left.unwrap_or(LOOK_AGAIN).min(LOOK_AGAIN);
                (recorder.options.parks_sleeps && worth)
                    .then(|| (recorder.options.clock)().plus(look))
                    .flatten()
            };
            if let Some(until) = parks {
                let what = format!("{}, {held}", request.what);
                return Err(self.shared.borrow_mut().park(Parked::Lock { what, until }));
            }
            let seconds = left.map_or(pause, |left| pause.min(left));
            let purpose = Purpose::Queue { what: request.what.clone(), held, left };
            if let Err(interrupt) = self.inner.perform(&Effect::Sleep(Sleep { seconds, purpose })) {
                return self.shared.borrow_mut().take(open.seq, None, Err(interrupt));
            }
            pause = (pause * 1.5).min(LONGEST_PAUSE);
        }
    }

    fn now(&self) -> rbl_syntax::value::Time {
        (self.shared.borrow().options.clock)()
    }

    /// Says what the run waits for, who is in the way, and how that run can be ended.
    fn report_wait(&mut self, request: &HoldRequest, refusal: &GuardRefusal, left: Option<f64>) {
        let long =
            left.map(|left| format!(" for up to {}", Quantity::seconds(left.ceil()))).unwrap_or_default();
        let mut text = format!("waiting{long} for {}: {}", request.what, refusal_words(refusal));
        if let GuardRefusal::Locked(locked) = refusal
            && let Some(holder) = locked.holders.first()
        {
            text.extend(["; to end that run: rbl abort ", holder.run.as_str(), " --because TEXT"]);
        }
        self.shared.borrow_mut().event(&Event::of(EventKind::Noted { text }));
    }
}

impl Recorder {
    /// Makes the intent of an action durable, and counts it; `Some`: the reply of an action that was done as often as it
    /// may be. Where it cannot be written it will not happen.
    pub(super) fn flush_counted(&mut self, act: &Act) -> Result<Option<Reply>, Interrupt> {
        let limit = act.at_most.as_ref().filter(|_| !self.options.world_holds);
        let count = limit.map(|limit| AppendGuard::Count(self.tally_of(act, limit)));
        match self.writer.flush_guarded(count.as_slice()) {
            Ok(Appended::Written) => Ok(None),
            Ok(Appended::Refused(refusal)) => {
                let text = match &refusal {
                    GuardRefusal::Reached(reached) => format!("done {}", reached_words(reached)),
                    other => refusal_words(other),
                };
                let reason = Reason::new(ReasonKind::LimitReached, text);
                let output = CommandOutput::default();
                Ok(Some(Reply::Acted(Acted { result: Err(reason), output, by: None, remark: None })))
            }
            Err(why) => Err(self.unwritten(why, Some(&act.title))),
        }
    }

    /// Records a reply if the guards allow it. The inner error is the guard that does not hold: nothing was recorded.
    fn attempt(
        &mut self,
        to: u64,
        reply: Reply,
        guards: &[AppendGuard],
    ) -> Result<Result<Reply, GuardRefusal>, Interrupt> {
        let entry = self.clean(Entry::Own(JournalEvent::Reply { answer: reply, to }));
        self.push(&entry);
        match self.writer.flush_guarded(guards) {
            Ok(Appended::Written) => {
                let Entry::Own(JournalEvent::Reply { answer, .. }) = entry else {
                    return Err(Interrupt::Parked(Parked::ByHand));
                };
                Ok(Ok(answer))
            }
            Ok(Appended::Refused(refusal)) => {
                self.writer.withdraw();
                Ok(Err(refusal))
            }
            Err(why) => Err(self.unwritten(why, None)),
        }
    }

    /// The last entry could not be written: it is withdrawn, and the run parks. `begins`: the action whose intent it was, which
    /// therefore does not begin.
    pub(super) fn unwritten(&mut self, why: StoreError, begins: Option<&str>) -> Interrupt {
        self.writer.withdraw();
        match why {
            StoreError::Fenced { by } => self.stopped(Stopped::Fenced { by }),
            why => {
                let begins = begins.map(|title| format!("; `{title}` was not begun")).unwrap_or_default();
                self.park(Parked::NotWritten(format!("{why}{begins}")))
            }
        }
    }

    /// What an effect asks of the store.
    fn request(&self, effect: &Effect, open: &InterruptedEffect) -> HoldRequest {
        match effect {
            Effect::Lock(LockEffect { name, within }) => HoldRequest {
                guards: vec![AppendGuard::TakeLock(TakeLock {
                    name: TakeLock::of_lock(name),
                    key: String::new(),
                    slots: 1,
                    queues: true,
                    until: open.at.plus(*within),
                })],
                reply: Reply::Locked(Ok(())),
                what: format!("the lock \"{name}\""),
                within: Some(*within),
            },
            Effect::Leave(run) => HoldRequest {
                guards: places(run, self.identity(&run.file), false)
                    .into_iter()
                    .map(|lock| AppendGuard::LeaveLock { name: lock.name, key: lock.key })
                    .collect(),
                reply: Reply::Left,
                what: String::new(),
                within: Some(0.0),
            },
            Effect::Enter(run) => {
                let identity = self.identity(&run.file);
                let waits = run.named.is_none();
                let places = places(run, identity, waits).into_iter().map(AppendGuard::TakeLock);
                let counts = tallies(run, identity, &run.key, self.mode);
                let counts = counts.into_iter().map(AppendGuard::Count);
                HoldRequest {
                    guards: counts.chain(places).collect(),
                    reply: Reply::Entered(Ok(())),
                    what: format!("a place for \"{}\"", run.runbook),
                    within: if waits { None } else { Some(0.0) },
                }
            }
            Effect::Now
            | Effect::Sleep(_)
            | Effect::Read(_)
            | Effect::Firing(_)
            | Effect::Mode(_)
            | Effect::Probe(_)
            | Effect::Act(_)
            | Effect::Ask(_)
            | Effect::Acknowledge(_)
            | Effect::Conclude(_)
            | Effect::Page(_)
            | Effect::Record(_)
            | Effect::Secret { .. } => {
                HoldRequest { guards: Vec::new(), reply: Reply::Left, what: String::new(), within: Some(0.0) }
            }
        }
    }

    fn identity<'a>(&'a self, file: &'a SmolStr) -> &'a str {
        self.identities.get(file).map_or(file.as_str(), String::as_str)
    }

    fn tally_of(&self, act: &Act, limit: &ActLimit) -> Tally {
        let identity = self.identity(&limit.file);
        // The same arguments, however they are spelled.
        let called = act.call.as_ref().map_or_else(
            || act.title.clone(),
            |call| {
                let argument = |(name, value): &(SmolStr, Value)| format!("{name}: {}", value.identity());
                let arguments: Vec<String> = call.arguments.iter().map(argument).collect();
                format!("{}({})", call.name, arguments.join(", "))
            },
        );
        Tally {
            key: format!("define {identity} {called}"),
            id: act.key.clone(),
            most: limit.most,
            window: limit.window,
        }
    }
}

/// What is counted when a runbook begins, one for each `limit N runs in D`. `id`: which beginning it is.
///
/// A run that only looks is counted apart: it takes nothing from one that acts.
pub fn tallies(run: &LimitedRun, identity: &str, id: &str, mode: RunMode) -> Vec<Tally> {
    let runs = match mode {
        RunMode::Look => "looks",
        RunMode::Ask | RunMode::Act => "runs",
    };
    let tally = |limit: &LimitRule| {
        Some(Tally {
            key: format!("{runs} {identity}{}", by(limit)),
            id: id.to_owned(),
            most: Some(limit.most),
            window: limit.window?,
        })
    };
    run.limits.iter().filter_map(tally).collect()
}

/// The places that a runbook takes, one for each `limit N at once`.
fn places(run: &LimitedRun, identity: &str, queues: bool) -> Vec<TakeLock> {
    let at_once = run.limits.iter().filter(|limit| limit.window.is_none());
    let place = |limit: &LimitRule| TakeLock {
        name: format!("limit {identity}{}", by(limit)),
        key: run.key.clone(),
        slots: limit.most,
        queues,
        until: None,
    };
    at_once.map(place).collect()
}

/// ` by service=api`
fn by(limit: &LimitRule) -> String {
    limit.by.as_ref().map(|(name, value)| format!(" by {name}={value}")).unwrap_or_default()
}

/// The runs that are in the way.
fn holders(refusal: &GuardRefusal) -> Vec<SmolStr> {
    match refusal {
        GuardRefusal::Locked(locked) => locked.holders.iter().map(|holder| holder.run.clone()).collect(),
        GuardRefusal::Signaled(_) | GuardRefusal::Reached(_) => Vec::new(),
    }
}

/// Why something was not obtained in time.
fn reason(refusal: &GuardRefusal, request: &HoldRequest) -> Reason {
    match (refusal, request.within) {
        (GuardRefusal::Locked(locked), Some(within)) if within > 0.0 => {
            let text = format!("not free within {}: {}", Quantity::seconds(within), locked_words(locked));
            Reason::new(ReasonKind::TimedOut, text)
        }
        _ => Reason::new(ReasonKind::LimitReached, refusal_words(refusal)),
    }
}

/// Who or what is in the way.
fn refusal_words(refusal: &GuardRefusal) -> String {
    match refusal {
        GuardRefusal::Locked(locked) => locked_words(locked),
        GuardRefusal::Reached(reached) => format!("run {}", reached_words(reached)),
        GuardRefusal::Signaled(signal) => format!("a signal came first ({})", signal.name),
    }
}

/// `2 times within 24h, and at most 2 are allowed`
pub fn reached_words(reached: &TallyReached) -> String {
    let window = Quantity::seconds(reached.window);
    format!(
        "{} within {window}, and the limit is {}",
        counted(reached.count as usize, "time", "times"),
        reached.most
    )
}

fn locked_words(locked: &LockRefusal) -> String {
    let holders: Vec<String> = locked.holders.iter().map(holder_words).collect();
    match (holders.is_empty(), locked.ahead) {
        (true, ahead) => format!("{} before this one", counted(ahead as usize, "run waits", "runs wait")),
        (false, 0) => format!("held by {}", holders.join(", ")),
        (false, ahead) => {
            let waits = counted(ahead as usize, "run waits", "runs wait");
            format!("held by {}; {waits} before this one", holders.join(", "))
        }
    }
}

/// A run that holds something, and what it does: `run 20261122-031207-7f3a9c ("Restart"), which was cut off`
pub fn holder_words(holder: &LockHolder) -> String {
    let state = match &holder.state {
        RunState::Running { by } => format!("which is running ({by})"),
        RunState::Queued { .. } => "which waits for a worker".to_owned(),
        RunState::CutOff => {
            format!(
                "whose process died, and which keeps it until it is resumed (rbl resume {}) or aborted",
                holder.run
            )
        }
        RunState::Parked(state) | RunState::Answered(state) => format!("which waits for {}", state.waits_for),
        RunState::Stuck { .. } => "which cannot be resumed, and keeps it until it is aborted".to_owned(),
        RunState::Ended { .. } => "which has just ended".to_owned(),
    };
    format!("run {} (\"{}\"), {state}", holder.run, holder.runbook)
}
