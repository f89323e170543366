//! Sends a trace of each run that ended here to a collector, by OTLP over HTTP in JSON. It is made from the journal, after the
//! run has ended.
//!
//! *Invariant:* no run is affected by it. A run only puts its id into a queue that never waits; what the collector does not take
//! is lost, and said in the log.

mod spans;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use rbl_project::setting::Setting;
use rbl_runtime::journal::RunQuery;
use rbl_store::SqliteReader;
use rbl_world::WebClient;
use smol_str::SmolStr;

use self::spans::trace;
use crate::stopping::Stopping;

/// How many runs wait to be sent.
const QUEUE: usize = 1024;

/// How soon it is noticed that the server stops.
const LOOK: Duration = Duration::from_millis(250);

/// The longest time of a call, in seconds.
const LONGEST: f64 = 10.0;

/// Where collectors take traces.
const PATH: &str = "/v1/traces";

/// Takes the runs that have ended. Without a collector it takes them and does nothing.
#[derive(Clone)]
pub(crate) struct EndedRuns(Option<SyncSender<SmolStr>>);

impl EndedRuns {
    /// Nobody wants them.
    pub(crate) fn ignored() -> Self {
        Self(None)
    }

    /// A run has ended. Never waits: what does not fit into the queue is left out.
    pub(crate) fn ended(&self, run: &SmolStr) {
        if let Some(queue) = &self.0
            && queue.try_send(run.clone()).is_err()
        {
            tracing::warn!(%run, "its trace is not sent: too many wait, or the server stops");
        }
    }
}

/// See the module.
pub(crate) struct TraceExporter {
    ended: Receiver<SmolStr>,
    journal: PathBuf,
    client: WebClient,
}

impl TraceExporter {
    /// Sends to this collector; files that its address names are relative to `base`.
    pub(crate) fn new(collector: Setting, base: &Path, journal: &Path) -> (Self, EndedRuns) {
        let (queue, ended) = sync_channel(QUEUE);
        let client = WebClient::new(collector, None, base, LONGEST);
        (Self { ended, journal: journal.to_owned(), client }, EndedRuns(Some(queue)))
    }

    /// Sends until the server stops, and then what has ended by then.
    pub(crate) fn run(&self, stopping: &Stopping) {
        loop {
            match self.ended.recv_timeout(LOOK) {
                Ok(run) => {
                    if let Err(why) = self.send(&run) {
                        tracing::warn!(%run, %why, "the trace of a run was not sent");
                        // A collector that is gone must not keep the server from stopping.
                        if stopping.is_stopping() {
                            return;
                        }
                    }
                }
                Err(RecvTimeoutError::Timeout) if !stopping.is_stopping() => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn send(&self, run: &SmolStr) -> Result<(), String> {
        let look = SqliteReader::open(&self.journal).map_err(|why| why.to_string())?;
        let summary = look.summary(run).map_err(|why| why.to_string())?;
        let (records, _) = look.read(run).map_err(|why| why.to_string())?;
        let answer = self.client.post(PATH, &trace(&summary, &records)).map_err(|why| why.text.clone())?;
        if (200..300).contains(&answer.status) {
            Ok(())
        } else {
            Err(format!("the collector answers with the status {}", answer.status))
        }
    }
}
