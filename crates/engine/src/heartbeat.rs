//! [`Heartbeat`]: renews the leases of this worker where they expire, cancels the runs whose lease is lost, and brings each
//! run the signals that come while it is executed.
//!
//! One thread for all runs of an engine, alive while there are any: a store renews many leases in one transaction.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rbl_runtime::journal::{AbortRequest, Epoch, HeldRun, Lease, Renewal, Signal, Store, StoreError, Worker};
use rbl_world::{CancelSender, StopSignal};
use smol_str::SmolStr;

use crate::EngineError;

/// A lease is renewed this many times before it could expire.
const BEATS: u32 = 3;

/// How soon a signal reaches a run that is executed.
const LOOK: Duration = Duration::from_millis(500);

/// Renews leases, see the module. The last one that is dropped ends its thread, which uses the store: a process that ends while
/// another thread has the store open would leave everything in its log.
pub(crate) struct Heartbeat {
    renewals: Arc<Renewals>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What is renewed, and where.
struct Renewals {
    store: Arc<dyn Store>,
    worker: Worker,
    ttl: Duration,
    held: Mutex<Held>,
    /// Rung when a lease is given up.
    bell: Condvar,
}

#[derive(Default)]
struct Held {
    leases: BTreeMap<(SmolStr, Epoch), Beat>,
    beating: bool,
}

struct Beat {
    lost: Lost,
    /// When it was last known to be held.
    renewed: Instant,
    /// The number of the last signal that reached it.
    seen: u64,
}

/// Whether a lease is lost. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Lost(Arc<LostState>);

#[derive(Default)]
struct LostState {
    is_lost: AtomicBool,
    cancel: Mutex<Option<CancelSender>>,
    abort: Mutex<Option<AbortRequest>>,
    is_cleaning: AtomicBool,
}

impl Lost {
    /// Whether the lease is lost.
    pub(crate) fn is_lost(&self) -> bool {
        self.0.is_lost.load(Ordering::SeqCst)
    }

    /// From now on the run is cancelled where the lease is lost, at once where it is lost already.
    pub(crate) fn cancels(&self, sender: CancelSender) {
        *self.cancel() = Some(sender);
        if self.is_lost() {
            self.cancel_run();
        }
    }

    /// Who asked for the run to be aborted.
    pub(crate) fn abort(&self) -> Option<AbortRequest> {
        self.0.abort.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the run cleans up from now on.
    pub(crate) fn cleans(&self, is_cleaning: bool) {
        self.0.is_cleaning.store(is_cleaning, Ordering::SeqCst);
    }

    /// Takes a signal that came while the run is executed. An abort ends what is being done at once, but never a clean-up;
    /// everything else is for the next turn.
    fn take(&self, signal: &Signal) {
        let Some(request) = AbortRequest::of(signal) else { return };
        *self.0.abort.lock().unwrap_or_else(PoisonError::into_inner) = Some(request);
        if !self.0.is_cleaning.load(Ordering::SeqCst) {
            self.cancel_run();
        }
    }

    /// Marks the lease as lost, and cancels the run.
    pub(crate) fn lose(&self) {
        self.0.is_lost.store(true, Ordering::SeqCst);
        self.cancel_run();
    }

    fn cancel_run(&self) {
        if let Some(sender) = &*self.cancel() {
            // It ends the current wait at once. That the run is then left alone instead of aborted is the concern of
            // the world around it. An error: the turn is over.
            let _ = sender.send(StopSignal::Terminate);
        }
    }

    fn cancel(&self) -> MutexGuard<'_, Option<CancelSender>> {
        self.0.cancel.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps one lease alive until it is dropped.
pub(crate) struct Renewed {
    heartbeat: Arc<Heartbeat>,
    key: (SmolStr, Epoch),
    pub(crate) lost: Lost,
}

impl Drop for Renewed {
    fn drop(&mut self) {
        self.heartbeat.renewals.held().leases.remove(&self.key);
        self.heartbeat.renewals.bell.notify_all();
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        // Each lease holds a heartbeat: there is none left, so the thread ends once it is told.
        self.renewals.bell.notify_all();
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        // An error: it panicked, which was reported then.
        let _ = thread.map(JoinHandle::join);
    }
}

impl Heartbeat {
    /// Renews leases of this worker in this store, each time by `ttl`.
    pub(crate) fn new(store: Arc<dyn Store>, worker: Worker, ttl: Duration) -> Arc<Self> {
        let renewals = Renewals { store, worker, ttl, held: Mutex::default(), bell: Condvar::new() };
        Arc::new(Self { renewals: Arc::new(renewals), thread: Mutex::default() })
    }

    /// Keeps this lease alive from now on, and brings its run the signals that come. It was claimed or renewed at `claimed`
    /// or later.
    pub(crate) fn keep(self: &Arc<Self>, lease: &Lease, claimed: Instant) -> Result<Renewed, EngineError> {
        let (key, lost) = ((lease.run.clone(), lease.epoch), Lost::default());
        let mut held = self.renewals.held();
        let beat = Beat { lost: lost.clone(), renewed: claimed, seen: lease.signals_seen };
        held.leases.insert(key.clone(), beat);
        if !held.beating {
            let renewals = Arc::clone(&self.renewals);
            let thread = std::thread::Builder::new().name("heartbeat".into());
            match thread.spawn(move || renewals.beat()) {
                Ok(thread) => {
                    let mut known = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
                    // The one before found no lease left, and ends.
                    let _ = known.replace(thread).map(JoinHandle::join);
                }
                Err(why) => {
                    held.leases.remove(&key);
                    return Err(EngineError::NoThread(why.to_string()));
                }
            }
            held.beating = true;
        }
        drop(held);
        Ok(Renewed { heartbeat: Arc::clone(self), key, lost })
    }
}

impl Renewals {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Renews until no lease is left.
    fn beat(&self) {
        let pause = if self.store.leases_expire() { LOOK.min(self.ttl / BEATS) } else { LOOK };
        let mut next = Instant::now() + pause;
        let mut held = self.held();
        loop {
            if held.leases.is_empty() {
                held.beating = false;
                return;
            }
            let left = next.saturating_duration_since(Instant::now());
            if !left.is_zero() {
                held = self.bell.wait_timeout(held, left).unwrap_or_else(PoisonError::into_inner).0;
                continue;
            }
            let keys: Vec<HeldRun> =
                held.leases.iter().map(|((run, epoch), beat)| (run.clone(), *epoch, beat.seen)).collect();
            drop(held);
            let asked = Instant::now();
            let answer = self.store.renew(&self.worker, &keys, self.ttl);
            held = self.held();
            next = Instant::now() + if answer.is_ok() { pause } else { pause / BEATS };
            self.take(&mut held, &keys, &answer, asked);
        }
    }

    /// Takes the store's answer: whose lease is lost, which cannot be known to be held any more, and the new signals. Where
    /// leases do not expire, none is lost here: that shows at the next record.
    fn take(&self, held: &mut Held, keys: &[HeldRun], answer: &Result<Renewal, StoreError>, asked: Instant) {
        if let Ok(renewal) = answer {
            for (run, signal) in &renewal.signals {
                let of_run = held.leases.iter_mut().filter(|((held, _), _)| held == run);
                for (_, beat) in of_run {
                    if signal.number > beat.seen {
                        beat.seen = signal.number;
                        beat.lost.take(signal);
                    }
                }
            }
        }
        if !self.store.leases_expire() {
            return;
        }
        for (run, epoch, _) in keys {
            let key = (run.clone(), *epoch);
            let Some(beat) = held.leases.get_mut(&key) else { continue };
            let is_lost = match answer {
                Ok(renewal) => renewal.lost.contains(run),
                Err(StoreError::NoSuchRun(missing)) if missing == run => true,
                // Once its time is over, another worker may have it.
                Err(_) => beat.renewed.elapsed() >= self.ttl,
            };
            if is_lost {
                beat.lost.lose();
                held.leases.remove(&key);
            } else if answer.is_ok() {
                beat.renewed = asked;
            }
        }
    }
}
