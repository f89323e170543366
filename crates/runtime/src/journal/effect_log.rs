//! The effects of a run with their replies and times, read from its records.

use super::{Entry, JournalEvent, JournalRecord};
use crate::journal::replay_cursor::RecordKind;
use crate::{Effect, Reply};
use rbl_syntax::value::Time;

/// An effect of a run, and its reply.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedEffect {
    /// The effect.
    pub effect: Effect,
    /// The reply.
    pub reply: Reply,
    /// When it was asked.
    pub at: Time,
    /// Seconds until the reply.
    pub took: f64,
}

/// All effects in these records, in order. Those of the journal itself are left out.
///
/// Errors: a record that this rbl cannot read, or a person aborted the run.
pub fn effect_log(records: &[JournalRecord]) -> Result<Vec<LoggedEffect>, EffectLogError> {
    let mut all = Vec::new();
    let mut begun: Vec<(Effect, Time)> = Vec::new();
    for record in records {
        let entry = record
            .entry()
            .map_err(|why| EffectLogError::Unreadable { seq: record.seq, why: why.to_string() })?;
        // A sleep is over where anything of the program follows.
        let follows =
            !matches!(RecordKind::of(record), RecordKind::Passed | RecordKind::Parked | RecordKind::Mark);
        let aborted = matches!(entry, Entry::Own(JournalEvent::BrokenOff { .. }));
        if follows && !aborted && begun.last().is_some_and(|(effect, _)| matches!(effect, Effect::Sleep(_))) {
            let slept = begun.pop();
            all.extend(slept.map(|(effect, at)| {
                let took = record.at.since(at).base.max(0.0);
                LoggedEffect { effect, reply: Reply::Slept, at, took }
            }));
        }
        match entry {
            Entry::Own(JournalEvent::Look { look, answer, took, .. }) => {
                let at = record.at.plus(-took).unwrap_or(record.at);
                all.push(LoggedEffect { effect: look, reply: answer, at, took });
            }
            Entry::Own(JournalEvent::Intent { intent, .. }) => begun.push((intent, record.at)),
            Entry::Own(JournalEvent::Reply { answer, .. }) => {
                if let (Some((effect, at)), true) = (begun.pop(), begun.is_empty()) {
                    let took = record.at.since(at).base.max(0.0);
                    all.push(LoggedEffect { effect, reply: answer, at, took });
                }
            }
            Entry::Own(JournalEvent::BrokenOff { by, .. }) => return Err(EffectLogError::BrokenOff(by)),
            Entry::Own(
                JournalEvent::Begun(_)
                | JournalEvent::Resumed { .. }
                | JournalEvent::Mark(_)
                | JournalEvent::AlertChanged(_),
            )
            | Entry::Event(_) => {}
        }
    }
    Ok(all)
}

/// Why the effects of a run cannot be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EffectLogError {
    /// A record was written by an rbl with another format.
    Unreadable {
        /// Its position.
        seq: u64,
        /// What is wrong with it.
        why: String,
    },
    /// A person aborted the run.
    BrokenOff(String),
}

impl std::fmt::Display for EffectLogError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable { seq, why } => write!(f, "record {seq} cannot be read: {why}"),
            Self::BrokenOff(by) => write!(f, "the run was broken off by {by}"),
        }
    }
}
