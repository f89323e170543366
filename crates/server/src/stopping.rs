//! [`Stopping`]: whether the server stops, for its threads and for its tasks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// How soon a thread notices that it is to stop.
const LOOK: Duration = Duration::from_millis(100);

/// Whether the server stops. Clones say the same.
#[derive(Debug, Clone)]
pub(crate) struct Stopping {
    is_stopping: Arc<AtomicBool>,
    tasks: watch::Sender<bool>,
}

impl Stopping {
    /// It does not stop yet.
    pub(crate) fn new() -> Self {
        Self { is_stopping: Arc::default(), tasks: watch::Sender::new(false) }
    }

    /// From now on it stops.
    pub(crate) fn stop(&self) {
        self.is_stopping.store(true, Ordering::SeqCst);
        let _ = self.tasks.send(true);
    }

    /// Whether it stops.
    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::SeqCst)
    }

    /// The flag itself, for the engine.
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_stopping)
    }

    /// For a task: becomes true when it stops.
    pub(crate) fn watch(&self) -> watch::Receiver<bool> {
        self.tasks.subscribe()
    }

    /// Waits this long, or until it stops; returns whether it stops.
    pub(crate) fn wait(&self, longest: Duration) -> bool {
        let end = Instant::now() + longest;
        while !self.is_stopping() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            std::thread::sleep(left.min(LOOK));
        }
        true
    }
}
