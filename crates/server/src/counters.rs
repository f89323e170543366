//! [`Counters`]: what is counted while the server runs, for whoever watches it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rbl_engine::WorkPlace;
use rbl_runtime::Outcome;
use smol_str::SmolStr;

/// Counts since the start of the process.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Deliveries, by hook and result. Only hooks that are configured are counted.
    deliveries: Mutex<BTreeMap<(SmolStr, &'static str), u64>>,
    /// Runs that were started, by what started them.
    started: [AtomicU64; CountedStart::ALL.len()],
    /// Turns that ended a run, by outcome; the last one counts turns after which it waits.
    ended: Mutex<BTreeMap<&'static str, u64>>,
    /// Answers over HTTP, by status.
    responses: Mutex<BTreeMap<u16, u64>>,
    /// Connections that were not accepted.
    pub(crate) connections_failed: AtomicU64,
    /// Connections that are open.
    pub(crate) connections: AtomicU64,
    /// Times of schedules that were missed.
    pub(crate) schedules_missed: AtomicU64,
    /// Pages to the fallback team, because the server could not do its work.
    pub(crate) fallback_pages: AtomicU64,
    /// Deliveries that are durable and wait for what becomes of them.
    pub(crate) waiting: AtomicU64,
    /// The places of the turns that are executed.
    places: Mutex<Vec<WorkPlace>>,
}

/// What became of a delivery at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeliveryResult {
    /// It is durable.
    Accepted,
    /// It was durable already.
    Repeated,
    /// There was nothing in it to keep.
    Empty,
    /// It was not authentic.
    Unauthentic,
    /// It could not be read.
    Unreadable,
    /// It was larger than allowed.
    TooLarge,
    /// It did not come in whole, or not in time.
    Incomplete,
    /// Too many wait, or the journal refused it: it was answered with 503.
    Refused,
}

/// What started a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CountedStart {
    /// An alert.
    Alert,
    /// An alert that still fired after its run.
    StillFiring,
    /// A schedule.
    Schedule,
    /// A call of the API.
    Call,
}

impl DeliveryResult {
    /// Every result.
    pub(crate) const ALL: [Self; 8] = [
        Self::Accepted,
        Self::Repeated,
        Self::Empty,
        Self::Unauthentic,
        Self::Unreadable,
        Self::TooLarge,
        Self::Incomplete,
        Self::Refused,
    ];

    /// The result in one word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Repeated => "repeated",
            Self::Empty => "empty",
            Self::Unauthentic => "unauthentic",
            Self::Unreadable => "unreadable",
            Self::TooLarge => "too_large",
            Self::Incomplete => "incomplete",
            Self::Refused => "refused",
        }
    }
}

impl CountedStart {
    /// Every cause.
    pub(crate) const ALL: [Self; 4] = [Self::Alert, Self::StillFiring, Self::Schedule, Self::Call];

    /// The cause in one word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::StillFiring => "still_firing",
            Self::Schedule => "schedule",
            Self::Call => "call",
        }
    }
}

impl Counters {
    /// Counts one more.
    pub(crate) fn one(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a delivery to a configured hook.
    pub(crate) fn delivery(&self, hook: &str, result: DeliveryResult) {
        *locked(&self.deliveries).entry((hook.into(), result.word())).or_default() += 1;
    }

    /// How many deliveries to this hook had this result.
    pub(crate) fn deliveries_of(&self, hook: &str, result: DeliveryResult) -> u64 {
        locked(&self.deliveries).get(&(hook.into(), result.word())).copied().unwrap_or_default()
    }

    /// Counts a run that was started.
    pub(crate) fn start(&self, cause: CountedStart) {
        if let Some(counter) = self.started.get(cause as usize) {
            Self::one(counter);
        }
    }

    /// How many runs this cause started.
    pub(crate) fn starts_of(&self, cause: CountedStart) -> u64 {
        self.started.get(cause as usize).map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    /// Counts the end of a turn.
    pub(crate) fn end(&self, outcome: Outcome) {
        *locked(&self.ended).entry(outcome.word()).or_default() += 1;
    }

    /// How many runs ended so.
    pub(crate) fn ends_of(&self, outcome: Outcome) -> u64 {
        locked(&self.ended).get(outcome.word()).copied().unwrap_or_default()
    }

    /// Counts an answer over HTTP.
    pub(crate) fn response(&self, status: u16) {
        *locked(&self.responses).entry(status).or_default() += 1;
    }

    /// The answers over HTTP, by status.
    pub(crate) fn responses(&self) -> BTreeMap<u16, u64> {
        locked(&self.responses).clone()
    }

    /// A turn begins at this place.
    pub(crate) fn turn(&self, place: &WorkPlace) {
        let mut places = locked(&self.places);
        places.retain(|place| !place.is_over());
        places.push(place.clone());
    }

    /// How many runs are executed, and how many of them count among those that are executed at once.
    pub(crate) fn turns(&self) -> (usize, usize) {
        let mut places = locked(&self.places);
        places.retain(|place| !place.is_over());
        (places.len(), places.iter().filter(|place| place.counts()).count())
    }

    /// How many deliveries wait.
    pub(crate) fn backlog(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// This many wait no longer.
    pub(crate) fn settled(&self, count: u64) {
        let less = |waiting: u64| Some(waiting.saturating_sub(count));
        let _ = self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A count is whole at any time.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_a_counter_of_its_own() {
        let counters = Counters::default();
        for (index, cause) in CountedStart::ALL.into_iter().enumerate() {
            (0..=index).for_each(|_| counters.start(cause));
        }
        assert_eq!(CountedStart::ALL.map(|cause| counters.starts_of(cause)), [1, 2, 3, 4]);
    }
}
