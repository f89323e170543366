//! [`FreshDeliveries`]: what was just made durable, handed to whoever decides about it, so that it is not read back from the
//! journal.
//!
//! *Invariant:* the journal is what counts. Where more comes in than is kept here, or something could not be settled, everything is
//! read from there, in the order in which it came in.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rbl_runtime::journal::{HookDelivery, StoreError, WaitingDelivery};

/// How many alerts are kept in memory.
const ALERTS: usize = 20_000;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct FreshDeliveries(Mutex<FreshQueue>);

#[derive(Debug, Default)]
struct FreshQueue {
    deliveries: VecDeque<WaitingDelivery>,
    alerts: usize,
    /// Whether everything is here that waits in the journal and was not taken.
    is_complete: bool,
    /// The number of the last one that was taken.
    taken: u64,
}

impl FreshDeliveries {
    /// Adds deliveries that are durable now, with their numbers, which only grow.
    pub(super) fn add(&self, new: impl IntoIterator<Item = (u64, HookDelivery)>) {
        let mut queue = self.queue();
        for (id, delivery) in new {
            let alerts = delivery.alerts.len();
            if queue.alerts.saturating_add(alerts) > ALERTS {
                queue.is_complete = false;
            }
            if queue.is_complete && id > queue.taken {
                queue.alerts += alerts;
                queue.deliveries.push_back(WaitingDelivery { id, delivery });
            }
        }
    }

    /// Takes those that have waited longest, at most this many with about this many alerts. `read` reads as many from the journal.
    pub(super) fn take(
        &self,
        (most, alerts): (usize, usize),
        read: impl FnOnce(usize) -> Result<Vec<WaitingDelivery>, StoreError>,
    ) -> Result<Vec<WaitingDelivery>, StoreError> {
        {
            let mut queue = self.queue();
            if !queue.deliveries.is_empty() || queue.is_complete {
                return Ok(queue.pop((most, alerts)));
            }
            // What becomes durable from now on is added: it may be read as well.
            queue.is_complete = true;
        }
        let read = read(most).inspect_err(|_| self.forget())?;
        if let Some(last) = read.last() {
            // There may be more of it.
            let mut queue = self.queue();
            queue.forget();
            queue.taken = last.id;
        }
        Ok(read)
    }

    /// Forgets what is here: it is read from the journal again.
    pub(super) fn forget(&self) {
        self.queue().forget();
    }

    fn queue(&self) -> MutexGuard<'_, FreshQueue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FreshQueue {
    fn pop(&mut self, (most, alerts): (usize, usize)) -> Vec<WaitingDelivery> {
        let (mut found, mut count) = (Vec::new(), 0);
        while found.len() < most
            && count < alerts
            && let Some(next) = self.deliveries.pop_front()
        {
            let alerts = next.delivery.alerts.len();
            self.alerts = self.alerts.saturating_sub(alerts);
            self.taken = next.id;
            count += alerts;
            found.push(next);
        }
        found
    }

    fn forget(&mut self) {
        self.deliveries.clear();
        self.alerts = 0;
        self.is_complete = false;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use rbl_runtime::Alert;
    use rbl_runtime::journal::ReceivedAlert;

    const NOTHING: [u64; 0] = [];

    /// A journal of deliveries that were not settled, by their number and how many alerts they have.
    #[derive(Default)]
    struct Journal(RefCell<Vec<(u64, usize)>>);

    fn delivery(alerts: usize) -> HookDelivery {
        let alert = Alert::named("A".into(), std::collections::BTreeMap::new());
        let alert = ReceivedAlert { alert, firing: true, ended_at: None };
        let at = rbl_world::clock::now();
        HookDelivery { hook: "h".into(), key: None, at, alerts: vec![alert; alerts], runbooks: None }
    }

    impl Journal {
        fn commit(&self, id: u64, alerts: usize) {
            self.0.borrow_mut().push((id, alerts));
        }

        fn read(&self, most: usize) -> Vec<WaitingDelivery> {
            let rows = self.0.borrow();
            rows.iter()
                .take(most)
                .map(|(id, alerts)| WaitingDelivery { id: *id, delivery: delivery(*alerts) })
                .collect()
        }

        /// Takes some, and settles them.
        fn take(&self, fresh: &FreshDeliveries, most: usize) -> Vec<u64> {
            let taken = fresh.take((most, 1000), |most| Ok(self.read(most))).unwrap();
            let taken: Vec<u64> = taken.iter().map(|it| it.id).collect();
            self.0.borrow_mut().retain(|(id, _)| !taken.contains(id));
            taken
        }
    }

    #[test]
    fn each_is_taken_once_in_order_from_memory_or_from_the_journal() {
        let (journal, fresh) = (Journal::default(), FreshDeliveries::default());
        let comes = |id: u64, alerts: usize| {
            journal.commit(id, alerts);
            fresh.add([(id, delivery(alerts))]);
        };
        // What an earlier server left.
        journal.commit(1, 1);
        comes(2, 1);
        assert_eq!(journal.take(&fresh, 9), [1, 2]);
        // Durable before it was read, and added after it was taken.
        journal.commit(3, 1);
        assert_eq!(journal.take(&fresh, 9), [3]);
        assert_eq!(journal.take(&fresh, 9), NOTHING);
        fresh.add([(3, delivery(1))]);
        assert_eq!(journal.take(&fresh, 9), NOTHING);
        // From memory, in parts.
        for id in 4..8 {
            comes(id, 1);
        }
        let taken = fresh.take((3, 1000), |_| panic!("the journal is not read")).unwrap();
        assert_eq!(taken.iter().map(|it| it.id).collect::<Vec<_>>(), [4, 5, 6]);
        // They could not be settled: everything is read again.
        fresh.forget();
        assert_eq!(journal.take(&fresh, 9), [4, 5, 6, 7]);
        assert_eq!(journal.take(&fresh, 9), NOTHING);
        // More than is kept: the rest comes from the journal, after what is here.
        for id in 8..12 {
            comes(id, ALERTS / 2);
        }
        assert_eq!(journal.take(&fresh, 9), [8]);
        comes(12, 1);
        assert_eq!(journal.take(&fresh, 9), [9]);
        assert_eq!(journal.take(&fresh, 9), [10, 11, 12]);
        assert_eq!(journal.take(&fresh, 9), NOTHING);
        comes(13, 1);
        assert_eq!(journal.take(&fresh, 9), [13]);
        // A journal that refuses.
        fresh.forget();
        comes(14, 1);
        let refused = fresh.take((9, 9), |_| Err(StoreError::Unavailable("full".into())));
        assert!(refused.is_err());
        comes(15, 1);
        assert_eq!(journal.take(&fresh, 9), [14, 15]);
    }
}
