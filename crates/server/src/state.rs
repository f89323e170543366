//! [`ServerState`]: what the handlers of requests share.

use std::sync::Arc;

use rbl_engine::{Actions, Engine};
use rbl_store::Sqlite;

use crate::body_reader::BodyReader;
use crate::counters::Counters;
use crate::executed_runs::ExecutedRunCounts;
use crate::fallback::FallbackPager;
use crate::http::ReadyLooks;
use crate::intake::IntakeSender;
use crate::last_runs::LastRuns;
use crate::runbooks::LiveRunbooks;
use crate::settings::ServerSettings;
use crate::stopping::Stopping;

/// See the module.
pub(crate) struct ServerState {
    pub(crate) settings: Arc<ServerSettings>,
    pub(crate) intake: IntakeSender,
    pub(crate) store: Arc<Sqlite>,
    pub(crate) engine: Engine,
    pub(crate) actions: Actions,
    pub(crate) runbooks: Arc<LiveRunbooks>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) executed: Arc<ExecutedRunCounts>,
    pub(crate) last_runs: Arc<LastRuns>,
    pub(crate) fallback: FallbackPager,
    pub(crate) stopping: Stopping,
    pub(crate) bodies: BodyReader,
    pub(crate) looks: Arc<ReadyLooks>,
}
