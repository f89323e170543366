//! Where an alert still fires some time after its run has ended, its owner is notified once, or the runbook runs once more: one
//! good sample is never the silent end of an alert.

use std::sync::Arc;
use std::time::Duration;

use rbl_engine::{Engine, EngineError};
use rbl_project::config::AfterQuiet;
use rbl_runtime::journal::{EpisodeCause, Inbox, StillFiring};
use rbl_syntax::value::{Quantity, Time};

use crate::counters::{CountedStart, Counters};
use crate::fallback::{FallbackPager, ServerOutage};
use crate::runbooks::LiveRunbooks;
use crate::settings::ServerSettings;
use crate::stopping::Stopping;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(5);

/// See the module.
pub(crate) struct StillFiringWatch {
    pub(crate) engine: Engine,
    pub(crate) inbox: Arc<dyn Inbox>,
    pub(crate) runbooks: Arc<LiveRunbooks>,
    pub(crate) settings: Arc<ServerSettings>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) fallback: FallbackPager,
}

impl StillFiringWatch {
    /// Looks until the server stops.
    pub(crate) fn run(&self, stopping: &Stopping) {
        let quiet = self.settings.quiet.as_secs_f64();
        let look = LOOK.min(self.settings.quiet / 2).max(Duration::from_millis(100));
        while !stopping.wait(look) {
            let fires = |hook: &str, heard: Time| self.counts(hook, heard);
            let _deciding = self.runbooks.deciding();
            let still = match self.inbox.still_firing(rbl_world::clock::now(), quiet, &fires) {
                Ok(still) => still,
                Err(why) => {
                    tracing::error!(%why, "it is unknown which alerts still fire");
                    continue;
                }
            };
            for one in still {
                if let Err(why) = self.notify(&one) {
                    tracing::error!(run = %one.run, %why, "the owner could not be notified that an alert still fires");
                }
            }
        }
    }

    /// Whether an alert of a hook counts as firing that was last heard of at this time.
    fn counts(&self, hook: &str, heard: Time) -> bool {
        let repeat = self.settings.hooks.get(hook).map_or(f64::MAX, |it| it.config.repeat.0);
        rbl_world::clock::now().since(heard).base < repeat
    }

    fn notify(&self, still: &StillFiring) -> Result<(), EngineError> {
        let set = self.runbooks.current();
        let Some(runbook) = set.of(&still.key.runbook) else {
            // Its runbook is gone, and with it who owns it.
            let reason = format!("{}, and its runbook is not there any more", words(still));
            tracing::warn!(%reason, "an alert still fires, and its runbook is gone");
            self.fallback.page(ServerOutage::StillFires(still.run.clone()), reason);
            return Ok(self.inbox.notified(still.episode, "", false)?);
        };
        let (hook, cause) = (&still.key.source, EpisodeCause::StillFires(still.episode).to_string());
        let Some(first) = still.alerts.first() else { return Ok(()) };
        if self.settings.again == AfterQuiet::Run {
            let start = self.engine.start_for_alert(runbook, first, hook, &cause)?;
            self.counters.start(CountedStart::StillFiring);
            tracing::warn!(run = %start.run, after = %still.run, alert = %first.name, "an alert still fires: its runbook runs once more");
            return Ok(self.inbox.notified(still.episode, &start.run, true)?);
        }
        let run = self.engine.page_owner(runbook, &format!("hook {hook}"), &cause, &words(still))?;
        tracing::warn!(%run, after = %still.run, alert = %first.name, "an alert still fires: its owner is paged");
        Ok(self.inbox.notified(still.episode, &run, false)?)
    }
}

/// Which alerts still fire, and after which run.
fn words(still: &StillFiring) -> String {
    let (outcome, at) = still.ended;
    let names: Vec<&str> = still.alerts.iter().map(|it| it.name.as_str()).collect();
    let since = Quantity::seconds(rbl_world::clock::now().since(at).base.round());
    format!("{} still fires {since} after the run {} has ended ({outcome})", names.join(", "), still.run)
}
