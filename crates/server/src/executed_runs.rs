//! [`ExecutedRunCounts`]: what is counted of the runs that a server executes, and [`ExecutedRunCounter`], which hears of it.
//!
//! *Invariant:* what happened in an earlier turn of a run was counted then, and is not counted again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rbl_runtime::{Answer, Event, EventKind, Observer, Outcome};
use rbl_store::{DurationCounts, DurationHistogram};
use rbl_syntax::value::Time;
use smol_str::SmolStr;

/// The bounds of the time to the first action, in seconds.
const FIRST_ACTION: [f64; 10] = [0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0];

/// The bounds of how long runs take, in seconds.
const RUN: [f64; 9] = [1.0, 10.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 43_200.0, 86_400.0];

/// Whatever is not configured, such as a team whose name came with an alert.
const OTHER: &str = "other";

/// Counts since the start of the process.
#[derive(Debug)]
pub(crate) struct ExecutedRunCounts {
    first_action: DurationCounts,
    runs: DurationCounts,
    unanswered: AtomicU64,
    /// Pages by team and records by channel, and how many of them failed.
    sent: Mutex<BTreeMap<(SentKind, SmolStr, bool), u64>>,
    /// The teams and channels that are configured.
    known: BTreeSet<(SentKind, SmolStr)>,
}

/// What is sent to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SentKind {
    /// A page, to a team.
    Page,
    /// A text, to a channel.
    Record,
}

impl SentKind {
    /// The kind in one word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Record => "record",
        }
    }
}

impl ExecutedRunCounts {
    /// Counts for these teams and channels.
    pub(crate) fn new<'n>(
        teams: impl Iterator<Item = &'n SmolStr>,
        channels: impl Iterator<Item = &'n SmolStr>,
    ) -> Self {
        let teams = teams.map(|name| (SentKind::Page, name.clone()));
        let channels = channels.map(|name| (SentKind::Record, name.clone()));
        Self {
            first_action: DurationCounts::new(&FIRST_ACTION),
            runs: DurationCounts::new(&RUN),
            unanswered: AtomicU64::default(),
            sent: Mutex::default(),
            known: teams.chain(channels).collect(),
        }
    }

    /// From the beginning of a run to its first action.
    pub(crate) fn first_action(&self) -> DurationHistogram {
        self.first_action.histogram()
    }

    /// From the beginning of a run to its end.
    pub(crate) fn runs(&self) -> DurationHistogram {
        self.runs.histogram()
    }

    /// Questions that nobody answered in time.
    pub(crate) fn unanswered(&self) -> u64 {
        self.unanswered.load(Ordering::Relaxed)
    }

    /// What was sent: its kind, to whom, whether it failed, and how often.
    pub(crate) fn sent(&self) -> Vec<(SentKind, SmolStr, bool, u64)> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.iter().map(|((kind, to, failed), count)| (*kind, to.clone(), *failed, *count)).collect()
    }

    fn send(&self, kind: SentKind, to: &str, failed: bool) {
        let known = (kind, SmolStr::from(to));
        let to = if self.known.contains(&known) { known.1 } else { OTHER.into() };
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        *sent.entry((kind, to, failed)).or_default() += 1;
    }
}

/// Counts what one run does in one turn.
pub(crate) struct ExecutedRunCounter {
    counts: Arc<ExecutedRunCounts>,
    began: Time,
    /// Whether it has acted.
    acted: bool,
}

impl ExecutedRunCounter {
    /// For a run that began at this time.
    pub(crate) fn new(counts: Arc<ExecutedRunCounts>, began: Time) -> Self {
        Self { counts, began, acted: false }
    }

    fn since_began(&self) -> Duration {
        let seconds = rbl_world::clock::now().since(self.began).base;
        Duration::try_from_secs_f64(seconds).unwrap_or_default()
    }
}

impl Observer for ExecutedRunCounter {
    fn event(&mut self, event: &Event) {
        match &event.kind {
            EventKind::ActionStarted { .. } if !self.acted => {
                self.acted = true;
                self.counts.first_action.took(self.since_began());
            }
            EventKind::Answered { answer: Answer::Unknown(_, author), .. } if author.by.is_none() => {
                self.counts.unanswered.fetch_add(1, Ordering::Relaxed);
            }
            EventKind::Escalated { team: Some(team), delivered, .. } => {
                self.counts.send(SentKind::Page, team, delivered.is_err());
            }
            EventKind::Recorded { channel: Some(channel), delivered, .. } => {
                self.counts.send(SentKind::Record, channel, delivered.is_err());
            }
            EventKind::Ended { outcome, .. } if *outcome != Outcome::Waiting => {
                self.counts.runs.took(self.since_began());
            }
            EventKind::Started { .. }
            | EventKind::Noted { .. }
            | EventKind::StepStarted { .. }
            | EventKind::StepEnded { .. }
            | EventKind::Prose { .. }
            | EventKind::Read { .. }
            | EventKind::Probed { .. }
            | EventKind::Decided(_)
            | EventKind::Asked { .. }
            | EventKind::Answered { .. }
            | EventKind::ActionStarted { .. }
            | EventKind::ActionEnded { .. }
            | EventKind::ActionRetried { .. }
            | EventKind::Waiting { .. }
            | EventKind::Polled { .. }
            | EventKind::WaitEnded { .. }
            | EventKind::Escalated { .. }
            | EventKind::Acknowledged { .. }
            | EventKind::Recorded { .. }
            | EventKind::Let { .. }
            | EventKind::LoopStarted { .. }
            | EventKind::Pass { .. }
            | EventKind::LoopEnded { .. }
            | EventKind::RunStarted { .. }
            | EventKind::RunEnded { .. }
            | EventKind::Locked { .. }
            | EventKind::RunLimited { .. }
            | EventKind::Resolved { .. }
            | EventKind::Stopped { .. }
            | EventKind::Unhandled { .. }
            | EventKind::CleanupStarted { .. }
            | EventKind::CleanupEnded { .. }
            | EventKind::Parked { .. }
            | EventKind::Aborted { .. }
            | EventKind::Ended { .. } => {}
        }
    }

    fn earlier_event(&mut self, event: &Event) {
        self.acted |= matches!(event.kind, EventKind::ActionStarted { .. });
    }

    fn wants_readings(&self) -> bool {
        false
    }
}
