//! [`AppendGuard`]: what has to hold for records to be written, checked and applied in the same transaction as the records.
//!
//! So exactly one of several processes gets a lock, a count is never exceeded by two at once, and of an answer, a time-out
//! and an abort one wins.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Lease, RunState, Signal};
use rbl_syntax::value::Time;

/// A condition for an append, and what it changes where it holds.
#[derive(Debug, Clone, PartialEq)]
pub enum AppendGuard {
    /// What people have answered does not decide this question yet. From then on nobody can answer it: who tries learns how it
    /// was closed.
    UnlessSignaled {
        /// The question.
        question: SmolStr,
        /// How many different people have to approve: see [`super::deciding`].
        quorum: u32,
        /// How it is closed, in words: "timed out".
        closed: String,
    },
    /// The lock is free for this run, or its own already.
    TakeLock(TakeLock),
    /// Always holds: gives up a lock, or the place in its queue.
    LeaveLock {
        /// The name of the lock.
        name: String,
        /// As in [`TakeLock::key`].
        key: String,
    },
    /// It has not been counted too often.
    Count(Tally),
}

/// A lock to take, for the run of the lease.
#[derive(Debug, Clone, PartialEq)]
pub struct TakeLock {
    /// The name of the lock.
    pub name: String,
    /// Distinguishes several holds of one run; empty where a run has one at most.
    pub key: String,
    /// How many hold it at once; 1 for a lock.
    pub slots: u32,
    /// Whether the run stands in the queue where it is not free: first come, first served.
    pub queues: bool,
    /// Until when it waits; `None` for as long as it takes.
    pub until: Option<Time>,
}

/// Something that is counted over all runs of a store.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    /// What is counted.
    pub key: String,
    /// Which one: the same twice counts once.
    pub id: String,
    /// How many are allowed within the window, this one included; `None`: it is only counted.
    pub most: Option<u32>,
    /// The length of the window in seconds.
    pub window: f64,
}

/// The result of an append with guards.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub enum Appended {
    /// The records are durable, and so is what the guards change.
    Written,
    /// A guard did not hold. No record was written; a place in a queue is kept.
    Refused(GuardRefusal),
}

/// Why a guard did not hold.
#[derive(Debug, Clone, PartialEq)]
pub enum GuardRefusal {
    /// The question is decided: the signal with which it was.
    Signaled(Signal),
    /// The lock is not free, or others were first in its queue.
    Locked(LockRefusal),
    /// It was counted as often as allowed.
    Reached(TallyReached),
}

/// A lock that is not free.
#[derive(Debug, Clone, PartialEq)]
pub struct LockRefusal {
    /// The name of the lock.
    pub name: String,
    /// Who holds it.
    pub holders: Vec<LockHolder>,
    /// How many wait before this run.
    pub ahead: u32,
}

/// A run that holds a lock.
#[derive(Debug, Clone, PartialEq)]
pub struct LockHolder {
    /// Which run.
    pub run: SmolStr,
    /// The title of its runbook.
    pub runbook: String,
    /// Since when.
    pub since: Time,
    /// Its state.
    pub state: RunState,
}

/// A count that is reached.
#[derive(Debug, Clone, PartialEq)]
pub struct TallyReached {
    /// What is counted.
    pub key: String,
    /// How many there were within the window.
    pub count: u32,
    /// How many are allowed.
    pub most: u32,
    /// The length of the window in seconds.
    pub window: f64,
}

/// The result of a start.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
#[allow(clippy::large_enum_variant)] // One at a time.
pub enum StartOutcome {
    /// It has begun.
    Begun {
        /// The lease, where somebody was to hold it.
        lease: Option<Lease>,
        /// For each count how many there were before.
        before: Vec<u32>,
    },
    /// There is a run of the same cause: this one.
    Already(SmolStr),
    /// A count is reached: nothing was begun.
    Reached(TallyReached),
}

/// The name of a signal: the question it is about, and the person who sent it. As text `question/person`, or the question
/// alone where nobody is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalName {
    question: SmolStr,
    person: Option<SmolStr>,
}

impl TakeLock {
    /// The name under which a store keeps a lock of the language: apart from the places of limits.
    pub fn of_lock(name: &str) -> String {
        format!("lock {name}")
    }

    /// The lock of the language that a store keeps under this name.
    pub fn lock_of(name: &str) -> Option<&str> {
        name.strip_prefix("lock ")
    }
}

impl SignalName {
    /// The name of the signal that asks a run to end: it is about no question.
    pub const ABORT: &'static str = "abort";

    /// The name of the signal that asks for a parked run to be continued: it is about no question.
    pub const RESUME: &'static str = "resume";

    /// The name of the signal that an alert of the run has changed: it is about no question, and wakes no run.
    pub const ALERT: &'static str = "alert";

    /// A signal about this question, of nobody in particular.
    pub fn of(question: &str) -> Self {
        Self { question: question.into(), person: None }
    }

    /// A signal of this person.
    #[must_use]
    pub fn by(self, person: &str) -> Self {
        Self { person: Some(person.into()), ..self }
    }

    /// The name that this text holds.
    pub fn parse(text: &str) -> Self {
        match text.split_once('/') {
            Some((question, person)) => Self::of(question).by(person),
            None => Self::of(text),
        }
    }

    /// The question.
    pub fn question(&self) -> &str {
        &self.question
    }

    /// Whether it makes a parked run due.
    pub fn wakes(&self) -> bool {
        self.question != Self::ALERT
    }

    /// Who sent it.
    pub fn person(&self) -> Option<&str> {
        self.person.as_deref()
    }
}

impl std::fmt::Display for SignalName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.person {
            Some(person) => write!(f, "{}/{person}", self.question),
            None => f.write_str(&self.question),
        }
    }
}

impl Signal {
    /// The question that it is about.
    pub fn question(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }
}

/// The content of an abort signal: who asked for the end of the run, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbortRequest {
    /// Who.
    pub by: String,
    /// Why, in words.
    pub because: String,
}

impl AbortRequest {
    /// The request that a signal holds; `None` for a signal about something else.
    pub fn of(signal: &Signal) -> Option<Self> {
        let is_abort = signal.question() == SignalName::ABORT;
        is_abort.then(|| serde_json::from_str(&signal.data).ok()).flatten()
    }
}

/// `ana: the wrong cluster`
impl std::fmt::Display for AbortRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.by, self.because)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_question_and_person() {
        let name = SignalName::of("12").by("ana/eu");
        assert_eq!(name.to_string(), "12/ana/eu");
        assert_eq!(SignalName::parse("12/ana/eu"), name);
        assert_eq!((SignalName::parse("12").question(), SignalName::parse("12").person()), ("12", None));
    }
}
