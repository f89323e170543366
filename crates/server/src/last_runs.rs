//! [`LastRuns`]: which run of each runbook was the last one. The runs of a journal are read once, and then only those that are new,
//! so that it can be asked at any time.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rbl_runtime::journal::StoreError;
use rbl_store::{RunStart, SqliteReader};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct LastRuns(Mutex<KnownRuns>);

#[derive(Debug, Default)]
struct KnownRuns {
    /// The number of the newest run that is known.
    seen: i64,
    by_identity: BTreeMap<String, RunStart>,
}

impl LastRuns {
    /// The last run of each runbook, by the permanent identity of its file, as of now.
    pub(crate) fn read(&self, reader: &SqliteReader) -> Result<BTreeMap<String, RunStart>, StoreError> {
        let mut known = self.known();
        let seen = known.seen;
        for start in reader.starts_after(seen)? {
            known.seen = known.seen.max(start.number);
            known.by_identity.insert(start.identity.clone(), start);
        }
        Ok(known.by_identity.clone())
    }

    fn known(&self) -> MutexGuard<'_, KnownRuns> {
        // What is known is whole at any time.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
