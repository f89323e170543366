//! [`Inbox`]: what came in through hooks, and the episodes of alerts it belongs to. Kept in the store of the runs, so that
//! nothing that was acknowledged to a sender can be lost, and the same alert starts one run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::StoreError;
use crate::{Alert, Outcome};
use rbl_syntax::value::Time;

/// An alert as it was delivered, with its own status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReceivedAlert {
    /// The alert. Its fingerprint is always there.
    pub alert: Alert,
    /// Whether it fires; else it is resolved.
    pub firing: bool,
    /// When it was resolved, as its sender says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_at: Option<Time>,
}

impl ReceivedAlert {
    /// What identifies it.
    pub fn fingerprint(&self) -> &str {
        self.alert.fingerprint.as_deref().unwrap_or_default()
    }
}

/// A delivery of a sender.
#[derive(Debug, Clone, PartialEq)]
pub struct HookDelivery {
    /// The name of the hook.
    pub hook: SmolStr,
    /// The sender's own id of it, where it gives one: the same twice counts once.
    pub key: Option<String>,
    /// When it came in.
    pub at: Time,
    /// Its alerts, in order.
    pub alerts: Vec<ReceivedAlert>,
    /// The patterns of the runbooks that its sender may start; `None`: all of them.
    pub runbooks: Option<Vec<String>>,
}

/// A delivery that is durable, and for which nothing was done yet.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingDelivery {
    /// Its number.
    pub id: u64,
    /// What came in.
    pub delivery: HookDelivery,
}

/// What became of one alert of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// A run was started.
    Started,
    /// It joined the run of its episode.
    Joined,
    /// It was known already: another delivery of the same.
    Repeated,
    /// It is resolved, and its episode knows it.
    Resolved,
    /// A run was to be started and could not be; its owner is paged.
    NotStarted,
    /// It carries a key of rbl itself.
    Own,
    /// No trigger means it.
    Unmatched,
}

impl Became {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Started,
        Self::Joined,
        Self::Repeated,
        Self::Resolved,
        Self::NotStarted,
        Self::Own,
        Self::Unmatched,
    ];

    /// In one word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Joined => "joined",
            Self::Repeated => "repeated",
            Self::Resolved => "resolved",
            Self::NotStarted => "not_started",
            Self::Own => "own",
            Self::Unmatched => "unmatched",
        }
    }
}

/// What became of one alert, for a trigger that means it or the nearest one that does not.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertResult {
    /// Its place in the delivery, from 0.
    pub place: u32,
    /// What became of it.
    pub became: Became,
    /// The file of the runbook: of the one that means it, else of the nearest.
    pub file: Option<SmolStr>,
    /// The run that was started or signaled.
    pub run: Option<SmolStr>,
    /// Why it became that, in words; may be empty.
    pub why: String,
}

/// A delivery with what became of it, for people.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedDelivery {
    /// Its number.
    pub id: u64,
    /// What came in.
    pub delivery: HookDelivery,
    /// What became of its alerts; `None`: not known yet.
    pub results: Option<Vec<AlertResult>>,
}

/// What identifies an episode: one trigger of one source, and what it groups by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpisodeKey {
    /// The permanent identity of the runbook.
    pub runbook: String,
    /// The name of the hook.
    pub source: SmolStr,
    /// The values of `by`, else the fingerprint.
    pub group: String,
}

/// An alert that belongs to an episode, or begins one.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberReport {
    /// Which episode.
    pub key: EpisodeKey,
    /// The alert.
    pub alert: ReceivedAlert,
    /// When it came in.
    pub at: Time,
}

/// What a report changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EpisodeChange {
    /// The alert fires.
    Firing {
        /// The number of the episode.
        episode: u64,
        /// Its run; `None`: it has to be started.
        run: Option<SmolStr>,
        /// Whether the alert is new in the episode.
        is_new: bool,
    },
    /// The alert is resolved.
    Resolved {
        /// Its run.
        run: Option<SmolStr>,
        /// Whether it was firing before.
        is_new: bool,
        /// Whether the episode is closed by it.
        closes: bool,
    },
    /// The alert is resolved, and no episode knows it.
    NoEpisode,
}

/// An episode with an alert that still fires after its run has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct StillFiring {
    /// The number of the episode.
    pub episode: u64,
    /// What identifies it.
    pub key: EpisodeKey,
    /// Its run.
    pub run: SmolStr,
    /// How that ended, and when.
    pub ended: (Outcome, Time),
    /// The alerts that still fire.
    pub alerts: Vec<Alert>,
}

/// A member of the episode of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct EpisodeMember {
    /// The name of the hook.
    pub source: SmolStr,
    /// The alert, as it was last delivered.
    pub alert: ReceivedAlert,
    /// When it was last delivered.
    pub heard: Time,
    /// When it first came in.
    pub joined: Time,
}

/// Why a run was started for an episode: in words the key that no other run has, by which the episode of a run is found too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EpisodeCause {
    /// Its first alert fired.
    Fired(u64),
    /// It still fires after its run has ended.
    StillFires(u64),
}

impl EpisodeCause {
    /// The number of the episode of this key; `None`: the run was started for something else.
    pub fn episode(key: &str) -> Option<u64> {
        key.strip_prefix("episode:").or_else(|| key.strip_prefix("again:"))?.parse().ok()
    }
}

impl std::fmt::Display for EpisodeCause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fired(episode) => write!(f, "episode:{episode}"),
            Self::StillFires(episode) => write!(f, "again:{episode}"),
        }
    }
}

/// After how many seconds without a word an episode is over.
pub const EPISODE_SILENCE: f64 = 24.0 * 3600.0;

/// Deliveries and episodes. Every call is one transaction, and what it wrote is durable when it returns.
pub trait Inbox: Send + Sync {
    /// Makes deliveries durable. For each: its number, and whether it is new; the sender's second delivery of the same
    /// `key` is the first one.
    fn take_in(&self, deliveries: &[HookDelivery]) -> Result<Vec<(u64, bool)>, StoreError>;

    /// The oldest deliveries for which nothing was done yet, at most this many.
    fn waiting(&self, most: usize) -> Result<Vec<WaitingDelivery>, StoreError>;

    /// How many deliveries wait.
    fn backlog(&self) -> Result<u64, StoreError>;

    /// Reports alerts to their episodes, in order; a firing alert without an episode begins one. An episode that has heard
    /// nothing for [`EPISODE_SILENCE`] is over. An alert that was resolved and began to fire before that is a late
    /// delivery: it reopens its episode, and begins none. Repeating a call changes nothing more.
    fn report(&self, reports: &[MemberReport]) -> Result<Vec<EpisodeChange>, StoreError>;

    /// Notes the runs of episodes, and what became of deliveries: those wait no longer.
    fn settle(
        &self,
        runs: &[(u64, SmolStr)],
        deliveries: &[(u64, Vec<AlertResult>)],
        at: Time,
    ) -> Result<(), StoreError>;

    /// The episodes with an alert that still fires this many seconds after their run has ended, and that nobody was notified
    /// of. `counts_as_firing`: whether an alert of this hook, last heard at this time, still counts.
    fn still_firing(
        &self,
        now: Time,
        quiet: f64,
        counts_as_firing: &dyn Fn(&str, Time) -> bool,
    ) -> Result<Vec<StillFiring>, StoreError>;

    /// Notes that somebody was notified that an alert of an episode still fires; the run that did it. `replaces`: it is the
    /// run of the episode from now on.
    fn notified(&self, episode: u64, run: &str, replaces: bool) -> Result<(), StoreError>;

    /// Hands the open episodes of a runbook that is not there any more to the one of the same title, where exactly one has that, no open
    /// episode of its own, and a trigger that means the same: the runbook was renamed. `there`: the identity and the title of each
    /// runbook that is there. `means`: whether the runbook of this identity puts an alert into this group. Returns the old and the new
    /// identities.
    fn rename(
        &self,
        there: &BTreeMap<String, String>,
        means: &dyn Fn(&str, &str, &Alert) -> bool,
    ) -> Result<Vec<(String, String)>, StoreError>;

    /// The alerts of the episode of a run; empty for a run that no alert started.
    fn members(&self, run: &str) -> Result<Vec<EpisodeMember>, StoreError>;

    /// Up to when it is decided what became of the times at which the schedule of a runbook fired; `schedule` is that schedule. A
    /// runbook that is not known yet, and one that had another schedule: up to `now`, which is noted.
    fn decided_until(&self, runbook: &str, schedule: &str, now: Time) -> Result<Time, StoreError>;

    /// Notes that it is decided up to this time.
    fn decide_until(&self, runbook: &str, until: Time) -> Result<(), StoreError>;

    /// The newest deliveries, at most this many.
    fn deliveries(&self, most: usize) -> Result<Vec<ListedDelivery>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_result_has_a_word_of_its_own_and_the_same_in_json() {
        let mut words: Vec<&str> = Became::ALL.into_iter().map(Became::word).collect();
        for became in Became::ALL {
            assert_eq!(serde_json::to_value(became).unwrap(), became.word());
        }
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Became::ALL.len());
    }
}
