//! What a run heard: everything that it asked of the world, what was answered, and when.

use super::{Entry, Own, Record};
use crate::{Effect, Reply};
use rbl_syntax::value::Time;

/// One thing that a run asked of the world, and the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// What was asked.
    pub effect: Effect,
    /// What was answered.
    pub reply: Reply,
    /// When it was asked.
    pub at: Time,
    /// Seconds until the answer.
    pub took: f64,
}

/// Everything that these records say a run has heard, in order. What the journal itself asked in between is not among it.
///
/// Errors: a record that this rbl cannot read, or a person broke the run off: who.
pub fn heard(records: &[Record]) -> Result<Vec<Heard>, Deaf> {
    let mut all = Vec::new();
    let mut begun: Vec<(Effect, Time)> = Vec::new();
    for record in records {
        let entry =
            record.entry().map_err(|why| Deaf::Unreadable { seq: record.seq, why: why.to_string() })?;
        match entry {
            Entry::Own(Own::Intent { intent }) => begun.push((intent, record.at)),
            Entry::Own(Own::Reply { answer }) => {
                if let (Some((effect, at)), true) = (begun.pop(), begun.is_empty()) {
                    let took = record.at.since(at).base.max(0.0);
                    all.push(Heard { effect, reply: answer, at, took });
                }
            }
            Entry::Own(Own::BrokenOff { by }) => return Err(Deaf::BrokenOff(by)),
            Entry::Own(Own::Begun(_) | Own::Resumed { .. }) | Entry::Event(_) => {}
        }
    }
    Ok(all)
}

/// Why it is not known what a run has heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deaf {
    /// A record was written by an rbl that had other words for it.
    Unreadable {
        /// Its place.
        seq: u64,
        /// What is wrong with it.
        why: String,
    },
    /// A person broke the run off.
    BrokenOff(String),
}

impl std::fmt::Display for Deaf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable { seq, why } => write!(f, "record {seq} cannot be read: {why}"),
            Self::BrokenOff(by) => write!(f, "the run was broken off by {by}"),
        }
    }
}
