//! [`Heartbeat`]: renews the leases of this worker where they expire, and cancels the runs whose lease is lost.
//!
//! One thread for all runs of an engine, alive while there are any: a store renews many leases in one transaction.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rbl_runtime::journal::{Epoch, Lease, Store, StoreError, Worker};
use rbl_world::{CancelSender, StopSignal};
use smol_str::SmolStr;

use crate::EngineError;

/// A lease is renewed this many times before it could expire.
const BEATS: u32 = 3;

/// Renews leases, see the module.
pub(crate) struct Heartbeat {
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
}

/// Whether a lease is lost. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Lost(Arc<LostState>);

#[derive(Default)]
struct LostState {
    is_lost: AtomicBool,
    cancel: Mutex<Option<CancelSender>>,
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
        self.heartbeat.held().leases.remove(&self.key);
        self.heartbeat.bell.notify_all();
    }
}

impl Heartbeat {
    /// Renews leases of this worker in this store, each time by `ttl`.
    pub(crate) fn new(store: Arc<dyn Store>, worker: Worker, ttl: Duration) -> Arc<Self> {
        Arc::new(Self { store, worker, ttl, held: Mutex::default(), bell: Condvar::new() })
    }

    /// Keeps this lease alive from now on, if the store's leases expire. It was claimed or renewed at `claimed` or later.
    pub(crate) fn keep(self: &Arc<Self>, lease: &Lease, claimed: Instant) -> Result<Renewed, EngineError> {
        let (key, lost) = ((lease.run.clone(), lease.epoch), Lost::default());
        if self.store.leases_expire() {
            let mut held = self.held();
            held.leases.insert(key.clone(), Beat { lost: lost.clone(), renewed: claimed });
            if !held.beating {
                let heartbeat = Arc::clone(self);
                let thread = std::thread::Builder::new().name("heartbeat".into());
                if let Err(why) = thread.spawn(move || heartbeat.beat()) {
                    held.leases.remove(&key);
                    return Err(EngineError::NoThread(why.to_string()));
                }
                held.beating = true;
            }
        }
        Ok(Renewed { heartbeat: Arc::clone(self), key, lost })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Renews until no lease is left.
    fn beat(&self) {
        let pause = self.ttl / BEATS;
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
            let keys: Vec<(SmolStr, Epoch)> = held.leases.keys().cloned().collect();
            drop(held);
            let asked = Instant::now();
            let answer = self.store.renew(&self.worker, &keys, self.ttl);
            held = self.held();
            next = Instant::now() + if answer.is_ok() { pause } else { pause / BEATS };
            Self::take(&mut held, &keys, &answer, asked, self.ttl);
        }
    }

    /// Takes the store's answer: whose lease is lost, and which cannot be known to be held any more.
    fn take(
        held: &mut Held,
        keys: &[(SmolStr, Epoch)],
        answer: &Result<Vec<SmolStr>, StoreError>,
        asked: Instant,
        ttl: Duration,
    ) {
        for key in keys {
            let Some(beat) = held.leases.get_mut(key) else { continue };
            let is_lost = match answer {
                Ok(lost) => lost.contains(&key.0),
                Err(StoreError::NoSuchRun(run)) if *run == key.0 => true,
                // Once its time is over, another worker may have it.
                Err(_) => beat.renewed.elapsed() >= ttl,
            };
            if is_lost {
                beat.lost.lose();
                held.leases.remove(key);
            } else if answer.is_ok() {
                beat.renewed = asked;
            }
        }
    }
}
