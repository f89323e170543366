//! [`ParkedState`]: what a store keeps of a run that waits.

use serde::{Deserialize, Serialize};

use crate::WaitProgress;
use rbl_syntax::value::Time;

/// What a parked run waits for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ParkedState {
    /// It is due then, whatever it waits for; `None`: not by itself.
    pub until: Option<Time>,
    /// The kind of what it waits for.
    pub on: WaitsOn,
    /// What it waits for, in words.
    pub waits_for: String,
    /// How far the current `wait until` is. Not part of the chain of records: shown to people, and used for nothing but
    /// the rest of a sleep.
    pub progress: Option<PollState>,
}

/// The kinds of what a parked run waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WaitsOn {
    /// A point in time.
    Time,
    /// A person's answer.
    Person,
    /// A lock, or a place of a limit.
    Lock,
    /// Somebody to resume it.
    #[default]
    Hand,
    /// A journal that can be written.
    Journal,
}

impl WaitsOn {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Time, Self::Person, Self::Lock, Self::Hand, Self::Journal];

    /// The kind in one word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Person => "person",
            Self::Lock => "lock",
            Self::Hand => "hand",
            Self::Journal => "journal",
        }
    }
}

/// The last poll of a `wait until`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PollState {
    /// The `seq` of the sleep that is open since the last poll that was recorded.
    pub sleep: u64,
    /// When the last poll was made.
    pub at: Time,
    /// When the next one is due.
    pub until: Time,
    /// How far the wait was.
    pub wait: WaitProgress,
}
