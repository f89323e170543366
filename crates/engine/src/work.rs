//! [`work`]: claims due runs, executes each on a thread, and waits until something may be due.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use smol_str::SmolStr;

use crate::{ClaimedRun, Engine, EngineError, WorkPlace};

/// How soon a request to stop is noticed.
const STOP: Duration = Duration::from_millis(250);

/// How soon a place that is given up is noticed.
const GIVEN_UP: Duration = Duration::from_millis(100);

/// The most threads, whether they count or not.
const THREADS: usize = 512;

/// The pause after the store refused a claim.
const PAUSE: Duration = Duration::from_secs(1);

/// When [`work`] is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// When nothing is due and nothing is executed any more.
    NothingIsDue,
    /// Only when it is stopped.
    Stopped,
}

/// The settings of [`work`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// The number of runs executed at once; at least one. Those that are in a long effect do not count (see [`WorkPlace`]).
    pub at_once: usize,
    /// When it is over.
    pub until: Until,
}

/// What is done with the runs that [`work`] claims. Its methods are called on several threads at once.
pub trait Turns: Sync {
    /// Executes a claimed run, or gives it back. An effect of it that takes long gives up its place where its world is
    /// [`crate::Yielding`].
    fn turn(&self, claimed: ClaimedRun, place: &WorkPlace);

    /// A claimed run could not be loaded: it stays as it is until its lease is over.
    fn unreadable(&self, why: &EngineError);

    /// The store refused a claim. It is asked again after a pause, unless that ends the work.
    fn refused(&self, why: &EngineError);

    /// Executing this run panicked, which is a bug in rbl. Its lease ends with this process, or expires.
    fn panicked(&self, run: &SmolStr);
}

/// Executes due runs, each on a thread of its own. `stop` is asked several times a second: once it returns true nothing more
/// is claimed, and this returns when the turns that were begun have ended. To end those early, cancel them.
///
/// Errors: the store refused a claim, with [`Until::NothingIsDue`]. With [`Until::Stopped`] it is asked again.
pub fn work(
    engine: &Engine,
    work: Work,
    turns: &impl Turns,
    mut stop: impl FnMut() -> bool,
) -> Result<(), EngineError> {
    let at_once = work.at_once.max(1);
    let (sender, ended) = channel();
    std::thread::scope(|scope| {
        let mut places: Vec<WorkPlace> = Vec::new();
        let mut stopped = false;
        let mut refused: Option<(EngineError, Instant)> = None;
        loop {
            places.retain(|place| !place.is_over());
            stopped = stopped || stop();
            let over = refused.as_ref().filter(|_| work.until == Until::NothingIsDue);
            if stopped || over.is_some() {
                if places.is_empty() {
                    return over.map_or(Ok(()), |(why, _)| Err(why.clone()));
                }
                wait_for_one(&ended, STOP);
                continue;
            }
            if refused.as_ref().is_some_and(|(_, at)| at.elapsed() < PAUSE) {
                std::thread::sleep(STOP);
                continue;
            }
            refused = None;
            let counted = places.iter().filter(|place| place.counts()).count();
            let free = at_once.saturating_sub(counted).min(THREADS.saturating_sub(places.len()));
            if free == 0 {
                wait_for_one(&ended, GIVEN_UP);
                continue;
            }
            match engine.claim_due(free) {
                Ok(claimed) if claimed.is_empty() => {
                    if places.is_empty() && work.until == Until::NothingIsDue {
                        return Ok(());
                    }
                    // A run that ends frees a place, and may make another one due.
                    if let Err(why) = engine.store.idle(STOP) {
                        turns.refused(&why.clone().into());
                        refused = Some((why.into(), Instant::now()));
                    }
                }
                Ok(claimed) => {
                    for one in claimed {
                        match one {
                            Ok(claimed) => {
                                let place = WorkPlace::new();
                                places.push(place.clone());
                                let run = claimed.run().clone();
                                let guard = TurnGuard { run, turns, place, ended: sender.clone() };
                                scope.spawn(move || guard.turn(claimed));
                            }
                            Err(why) => turns.unreadable(&why),
                        }
                    }
                }
                Err(why) => {
                    turns.refused(&why);
                    refused = Some((why, Instant::now()));
                }
            }
        }
    })
}

/// Waits until a turn has ended, for a short time.
fn wait_for_one(ended: &Receiver<()>, longest: Duration) {
    // What was reported before is known from the places.
    while ended.try_recv().is_ok() {}
    let _ = ended.recv_timeout(longest);
}

/// One turn on its thread: its end is reported even if it panics.
struct TurnGuard<'t, T: Turns> {
    run: SmolStr,
    turns: &'t T,
    place: WorkPlace,
    ended: Sender<()>,
}

impl<T: Turns> TurnGuard<'_, T> {
    fn turn(self, claimed: ClaimedRun) {
        let turn = std::panic::AssertUnwindSafe(|| self.turns.turn(claimed, &self.place));
        if std::panic::catch_unwind(turn).is_err() {
            self.turns.panicked(&self.run);
        }
        self.place.end();
        // Nobody receives it any more when the work is over.
        let _ = self.ended.send(());
    }
}
