//! [`UnclaimedWatch`]: looks for runs that are due and that nobody can execute, because another rbl began them. Their owner is
//! paged once; where that is not known, the fallback team.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_engine::Engine;
use rbl_runtime::journal::{RunQuery, RunSummary, StoreError};
use rbl_store::SqliteReader;
use smol_str::SmolStr;

use crate::fallback::{FallbackPager, ServerOutage};
use crate::runbooks::LiveRunbooks;
use crate::settings::ServerSettings;
use crate::stopping::Stopping;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(5);

/// How long a run may be due before somebody is paged.
const PATIENCE: Duration = Duration::from_mins(1);

/// See the module.
pub(crate) struct UnclaimedWatch {
    pub(crate) engine: Engine,
    pub(crate) runbooks: Arc<LiveRunbooks>,
    pub(crate) settings: Arc<ServerSettings>,
    pub(crate) fallback: FallbackPager,
}

impl UnclaimedWatch {
    /// Looks until the server stops.
    pub(crate) fn run(&self, stopping: &Stopping) {
        // Since when each of them is due, and whether somebody was paged.
        let mut due: BTreeMap<SmolStr, (Instant, bool)> = BTreeMap::new();
        while !stopping.wait(LOOK.min(self.settings.unclaimed)) {
            let found = SqliteReader::open(&self.settings.store)
                .and_then(|look| look.unclaimable(rbl_world::clock::now()).map(|runs| (look, runs)));
            let (look, runs) = match found {
                Ok(found) => found,
                Err(why) => {
                    tracing::error!(%why, "it is unknown which runs nobody can execute");
                    continue;
                }
            };
            due.retain(|run, _| runs.iter().any(|it| it.run == *run));
            for run in runs {
                let (since, is_paged) = due.entry(run.run.clone()).or_insert((Instant::now(), false));
                if !*is_paged && since.elapsed() >= self.settings.unclaimed {
                    match self.page(&look, &run) {
                        Ok(()) => *is_paged = true,
                        Err(why) => tracing::error!(run = %run.run, %why, "nobody could be paged for a run"),
                    }
                }
            }
        }
    }

    fn page(&self, look: &SqliteReader, run: &RunSummary) -> Result<(), String> {
        let words = |why: StoreError| why.to_string();
        let (records, _) = look.read(&run.run).map_err(words)?;
        let why = rbl_engine::walkable(&records)
            .err()
            .map_or_else(|| "it needs another rbl".to_owned(), |why| why.to_string());
        let reason = format!(
            "run {} ({}) is due, and nobody can execute it: {why}; start that rbl, or `rbl abort {}`",
            run.run, run.runbook, run.run
        );
        let set = self.runbooks.current();
        let Some(runbook) = set.of(&run.identity) else {
            // Who owns it is known to the rbl that can read it.
            self.fallback.page(ServerOutage::Unclaimed(run.run.clone()), reason);
            return Ok(());
        };
        let key = format!("unclaimed:{}", run.run);
        let page = self.engine.page_owner(runbook, "rbl serve", &key, &reason);
        let page = page.map_err(|why| why.to_string())?;
        tracing::warn!(run = %run.run, %page, "nobody can execute a run: its owner is paged");
        Ok(())
    }
}

/// How long a run may be due that nobody can execute. A test shortens it.
pub(crate) fn patience() -> Duration {
    #[cfg(debug_assertions)]
    if let Some(written) = std::env::var("RBL_UNCLAIMED_AFTER").ok().and_then(|it| it.parse().ok()) {
        return Duration::from_millis(written);
    }
    PATIENCE
}
