//! [`FreezeWatch`]: says in the log when every run is frozen, and when that is over. Whether it is counts at each action, whatever
//! is said here.

use std::time::Duration;

use rbl_engine::Engine;

use crate::stopping::Stopping;

/// How often it looks.
const LOOK: Duration = Duration::from_secs(2);

/// See the module.
pub(crate) struct FreezeWatch {
    pub(crate) engine: Engine,
}

impl FreezeWatch {
    /// Looks until the server stops.
    pub(crate) fn run(&self, stopping: &Stopping) {
        let mut was = None;
        loop {
            // A store that does not answer is reported by whoever needs it.
            if let Ok(now) = self.engine.frozen() {
                match (&was, &now) {
                    (_, Some(freeze)) if was != now => {
                        tracing::warn!("every run only looks: {freeze}");
                    }
                    (Some(_), None) => tracing::warn!("not frozen any more: every run is in its own mode"),
                    _ => {}
                }
                was = now;
            }
            if stopping.wait(LOOK) {
                return;
            }
        }
    }
}
