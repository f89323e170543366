//! Makes deliveries durable: one thread writes all that came in meanwhile in one transaction, so that a disk that takes
//! milliseconds to be sure takes thousands of deliveries a second.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use rbl_runtime::journal::{HookDelivery, Inbox, StoreError};
use tokio::sync::oneshot;

use super::fresh::FreshDeliveries;
use crate::counters::Counters;
use crate::stopping::Stopping;

/// How many deliveries wait in memory to be written.
const QUEUE: usize = 4096;

/// How many are written in one transaction.
const BATCH: usize = 512;

/// How many alerts are written in one transaction, unless one delivery has more.
const ALERTS: usize = 20_000;

/// How many deliveries may wait in the store; more are refused, and sent again by whoever sent them.
const BACKLOG: u64 = 100_000;

/// How long is waited for more deliveries at most.
const GATHER: Duration = Duration::from_millis(5);

/// How soon the thread notices that it is to stop.
const LOOK: Duration = Duration::from_millis(250);

/// The number of a delivery, and whether it is new.
type Taken = Result<(u64, bool), IntakeRefusal>;

/// A delivery, and who waits until it is durable.
struct WaitingSender {
    delivery: HookDelivery,
    answer: oneshot::Sender<Taken>,
}

/// Why a delivery was not taken.
#[derive(Debug, Clone)]
pub(crate) enum IntakeRefusal {
    /// Too many wait.
    Full,
    /// The server stops.
    Stopping,
    /// The store refused.
    Store(StoreError),
}

impl std::fmt::Display for IntakeRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Full => f.write_str("too many deliveries wait"),
            Self::Stopping => f.write_str("the server stops"),
            Self::Store(why) => why.fmt(f),
        }
    }
}

/// Hands deliveries to the [`IntakeWriter`].
#[derive(Clone)]
pub(crate) struct IntakeSender {
    queue: SyncSender<WaitingSender>,
    counters: Arc<Counters>,
}

impl IntakeSender {
    /// Returns once the delivery is durable.
    pub(crate) async fn take_in(&self, delivery: HookDelivery) -> Taken {
        if self.counters.backlog() >= BACKLOG {
            return Err(IntakeRefusal::Full);
        }
        let (answer, taken) = oneshot::channel();
        match self.queue.try_send(WaitingSender { delivery, answer }) {
            Ok(()) => taken.await.unwrap_or(Err(IntakeRefusal::Stopping)),
            Err(TrySendError::Full(_)) => Err(IntakeRefusal::Full),
            Err(TrySendError::Disconnected(_)) => Err(IntakeRefusal::Stopping),
        }
    }
}

/// Writes what comes in.
pub(crate) struct IntakeWriter {
    queue: Receiver<WaitingSender>,
    inbox: Arc<dyn Inbox>,
    fresh: Arc<FreshDeliveries>,
    counters: Arc<Counters>,
    stopping: Stopping,
}

impl IntakeWriter {
    /// A writer, and what hands it deliveries.
    pub(crate) fn new(
        inbox: Arc<dyn Inbox>,
        fresh: Arc<FreshDeliveries>,
        counters: Arc<Counters>,
        stopping: Stopping,
    ) -> (Self, IntakeSender) {
        let (sender, queue) = sync_channel(QUEUE);
        let sender = IntakeSender { queue: sender, counters: Arc::clone(&counters) };
        (Self { queue, inbox, fresh, counters, stopping }, sender)
    }

    /// Writes until the server stops and nobody waits any more. `written` is called after each transaction.
    pub(crate) fn run(self, written: impl Fn()) {
        let mut last = (1, Duration::ZERO);
        loop {
            let Ok(first) = self.queue.recv_timeout(LOOK) else {
                if self.stopping.is_stopping() {
                    return;
                }
                continue;
            };
            let mut alerts = first.delivery.alerts.len();
            let mut batch = vec![first];
            // Those who were answered a moment ago send again: for as many it is worth to wait, for a part of what a commit takes.
            let (wanted, took) = last;
            let end = Instant::now() + (took / 2).min(GATHER);
            while batch.len() < BATCH && alerts < ALERTS {
                let left = if batch.len() < wanted {
                    end.saturating_duration_since(Instant::now())
                } else {
                    Duration::ZERO
                };
                let Ok(next) = self.queue.recv_timeout(left) else { break };
                alerts = alerts.saturating_add(next.delivery.alerts.len());
                batch.push(next);
            }
            let (count, begun) = (batch.len(), Instant::now());
            self.write(batch);
            last = (count, begun.elapsed());
            written();
        }
    }

    fn write(&self, batch: Vec<WaitingSender>) {
        let (deliveries, answers): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|it| (it.delivery, it.answer)).unzip();
        let taken = self.inbox.take_in(&deliveries);
        if let Ok(taken) = &taken {
            let new = taken.iter().filter(|(_, is_new)| *is_new).count() as u64;
            self.counters.waiting.fetch_add(new, std::sync::atomic::Ordering::Relaxed);
        }
        for (index, answer) in answers.into_iter().enumerate() {
            let one = match &taken {
                Ok(taken) => taken.get(index).copied().ok_or(IntakeRefusal::Stopping),
                Err(why) => Err(IntakeRefusal::Store(why.clone())),
            };
            // Whoever waited may have hung up; what is durable stays.
            let _ = answer.send(one);
        }
        if let Ok(taken) = taken {
            let durable = taken.into_iter().zip(deliveries);
            self.fresh.add(durable.filter(|((_, is_new), _)| *is_new).map(|((id, _), it)| (id, it)));
        }
    }
}
