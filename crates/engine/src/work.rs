//! [`work`]: claims due runs, executes each on a thread, and waits until something may be due.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use smol_str::SmolStr;

use crate::{ClaimedRun, Engine, EngineError};

/// How soon a request to stop is noticed.
const STOP: Duration = Duration::from_millis(250);

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
    /// The number of runs executed at once; at least one.
    pub at_once: usize,
    /// When it is over.
    pub until: Until,
}

/// What is done with the runs that [`work`] claims. Its methods are called on several threads at once.
pub trait Turns: Sync {
    /// Executes a claimed run, or gives it back.
    fn turn(&self, claimed: ClaimedRun);

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
        let mut running = 0_usize;
        let mut stopped = false;
        let mut refused: Option<(EngineError, Instant)> = None;
        loop {
            running = running.saturating_sub(ended.try_iter().count());
            stopped = stopped || stop();
            let over = refused.as_ref().filter(|_| work.until == Until::NothingIsDue);
            if stopped || over.is_some() {
                if running == 0 {
                    return over.map_or(Ok(()), |(why, _)| Err(why.clone()));
                }
                running = wait_for_one(&ended, running);
                continue;
            }
            if refused.as_ref().is_some_and(|(_, at)| at.elapsed() < PAUSE) {
                std::thread::sleep(STOP);
                continue;
            }
            refused = None;
            let free = at_once.saturating_sub(running);
            if free == 0 {
                running = wait_for_one(&ended, running);
                continue;
            }
            match engine.claim_due(free) {
                Ok(claimed) if claimed.is_empty() => {
                    if running == 0 && work.until == Until::NothingIsDue {
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
                                let guard =
                                    TurnGuard { run: claimed.run().clone(), turns, ended: sender.clone() };
                                running = running.saturating_add(1);
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

/// Waits until a turn has ended, for a short time; returns how many are running then.
fn wait_for_one(ended: &std::sync::mpsc::Receiver<()>, running: usize) -> usize {
    match ended.recv_timeout(STOP) {
        Ok(()) => running.saturating_sub(1),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => running,
    }
}

/// One turn on its thread: its end is reported even if it panics.
struct TurnGuard<'t, T: Turns> {
    run: SmolStr,
    turns: &'t T,
    ended: Sender<()>,
}

impl<T: Turns> TurnGuard<'_, T> {
    fn turn(self, claimed: ClaimedRun) {
        let turn = std::panic::AssertUnwindSafe(|| self.turns.turn(claimed));
        if std::panic::catch_unwind(turn).is_err() {
            self.turns.panicked(&self.run);
        }
        // Nobody receives it any more when the work is over.
        let _ = self.ended.send(());
    }
}
