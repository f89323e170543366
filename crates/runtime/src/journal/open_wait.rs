//! [`OpenWait`]: the `wait until` that a run is in, so that polls that decide nothing add nothing to its records.
//!
//! A wait whose undecided polls are left out is recorded as one whose sleep lasted longer: the first poll, each poll with
//! another verdict and the last one, and one sleep between two of them. So a replay needs to know nothing about it.

use std::mem::{Discriminant, discriminant};

use super::recorder::{Recorder, TurnRecord};
use super::{EffectSite, Entry, JournalEvent, PollState, WaitMark};
use crate::WaitProgress;
use rbl_syntax::value::{Time, Verdict};

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct OpenWait {
    site: EffectSite,
    /// The position of its first record.
    first: u64,
    /// The verdict of the last poll.
    verdict: Option<Discriminant<Verdict>>,
    /// How far it is.
    progress: Option<WaitProgress>,
    /// The sleep that is open.
    sleep: Option<OpenSleep>,
    /// Whether the last poll is left out of the records.
    left_out: bool,
    /// Whether its condition asks people: their answers are part of the story, so that every record of it is needed.
    asks: bool,
}

/// The sleep between two recorded polls.
#[derive(Debug, Clone, Copy)]
struct OpenSleep {
    /// The position of its intent.
    seq: u64,
    /// When it began.
    since: Time,
    /// The number of records when it began.
    behind: u64,
}

impl OpenWait {
    /// A wait whose first record has this position.
    pub(super) fn new(site: EffectSite, first: u64) -> Self {
        Self { site, first, verdict: None, progress: None, sleep: None, left_out: false, asks: false }
    }

    /// Whether the last poll is left out of the records.
    pub(super) fn is_left_out(&self) -> bool {
        self.left_out
    }

    /// The position of the intent of the open sleep.
    pub(super) fn sleep(&self) -> Option<u64> {
        self.sleep.map(|sleep| sleep.seq)
    }

    /// A person is asked in its condition.
    pub(super) fn asks(&mut self) {
        self.asks = true;
    }

    /// How far it is after the rest of a sleep in which the run was parked, or cut off: nobody knows how long that took.
    pub(super) fn behind_sleep(&self, left: f64) -> Option<WaitProgress> {
        Some(WaitProgress { pause: 0.0, left, ..self.progress.clone()? })
    }

    /// Takes the progress that an earlier turn recorded.
    pub(super) fn continues(&mut self, progress: &WaitProgress) {
        self.verdict = Some(discriminant(&progress.verdict));
        self.progress = Some(progress.clone());
    }

    /// From now on this sleep is open.
    pub(super) fn sleeps(&mut self, seq: u64, since: Time, behind: u64) {
        self.sleep = Some(OpenSleep { seq, since, behind });
    }
}

impl Recorder {
    /// Takes a poll that decided nothing: its records are withdrawn if it says what the poll before it said.
    pub(super) fn polled(&mut self, poll: &WaitProgress) {
        let recorded = !self.cursor.has_no_more_effects();
        let Some(wait) = &mut self.wait else { return };
        let same = wait.verdict == Some(discriminant(&poll.verdict));
        wait.continues(poll);
        wait.left_out = false;
        if recorded {
            return;
        }
        let behind = wait.sleep.filter(|_| same).map(|sleep| sleep.behind);
        let left_out = behind.is_some_and(|behind| self.take_back(behind));
        if let Some(wait) = &mut self.wait {
            wait.left_out = left_out;
        }
        self.behind = left_out.then(|| poll.clone());
    }

    /// Records where the wait is left, for a run that is parked in the sleep behind one of its polls.
    pub(super) fn mark_wait(&mut self) {
        let Some(wait) = self.wait.as_ref().filter(|wait| !wait.asks) else { return };
        let (Some(progress), Some(sleep)) = (wait.progress.clone(), wait.sleep) else { return };
        let (site, first) = (wait.site.clone(), wait.first);
        // The record of this turn comes first, where it is not written yet.
        let turn = u64::from(matches!(self.turn, Some(TurnRecord { seq: None, .. })));
        let covers = (first, self.writer.length().saturating_add(turn));
        let mark = WaitMark { covers, site, wait: progress, sleep: sleep.seq, since: sleep.since };
        let entry = self.clean(Entry::Own(JournalEvent::Mark(Box::new(mark))));
        self.push(&entry);
    }

    /// How far the wait is, for a run that is parked until this time.
    pub(super) fn poll_state(&self, until: Time) -> Option<PollState> {
        let wait = self.wait.as_ref()?;
        let at = self.now();
        Some(PollState { sleep: wait.sleep?.seq, at, until, wait: wait.progress.clone()? })
    }
}
