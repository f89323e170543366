//! [`AlertRouter`]: decides what becomes of each alert that came in, in the order of the deliveries, and starts runs.
//!
//! *Invariant:* every step can be repeated. A process that dies in between leaves deliveries that still wait; whoever takes
//! them up finds the same episodes, and a run of the same cause is the same run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use rbl_engine::{AlertRoute, Engine, EngineError, RunbookSet, SetRunbook, route_within};
use rbl_runtime::journal::{
    AlertChange, AlertResult, Became, EpisodeCause, EpisodeChange, EpisodeKey, Inbox, MemberReport,
    ReceivedAlert, WaitingDelivery,
};
use rbl_syntax::value::Time;
use smol_str::SmolStr;

use super::fresh::FreshDeliveries;
use crate::counters::{CountedStart, Counters};
use crate::runbooks::LiveRunbooks;
use crate::stopping::Stopping;

/// How many deliveries are taken at once.
const BATCH: usize = 512;

/// How many alerts are taken at once, unless one delivery has more.
const ALERTS: usize = 2_000;

/// How long nothing is done where nothing came in.
const IDLE: Duration = Duration::from_millis(500);

/// The pause after the store has refused.
const PAUSE: Duration = Duration::from_secs(1);

/// After how long the log says once more that it refuses.
const SAID_AGAIN: Duration = Duration::from_mins(1);

/// Why nothing more is done about a resolved alert.
const KNOWN: &str = "it was known to be resolved";

/// See the module.
pub(crate) struct AlertRouter {
    pub(crate) engine: Engine,
    pub(crate) inbox: Arc<dyn Inbox>,
    pub(crate) runbooks: Arc<LiveRunbooks>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) stopping: Stopping,
    fresh: Arc<FreshDeliveries>,
    bell: Receiver<()>,
}

/// An alert of a batch that a trigger means: where its result belongs, and what starts.
struct RoutedAlert<'a> {
    delivery: usize,
    place: u32,
    hook: &'a SmolStr,
    alert: &'a ReceivedAlert,
    runbook: Arc<SetRunbook>,
}

impl AlertRouter {
    /// A router, and the bell that says that something came in.
    pub(crate) fn new(
        engine: Engine,
        (inbox, fresh): (Arc<dyn Inbox>, Arc<FreshDeliveries>),
        runbooks: Arc<LiveRunbooks>,
        counters: Arc<Counters>,
        stopping: Stopping,
    ) -> (Self, SyncSender<()>) {
        let (ring, bell) = sync_channel(1);
        (Self { engine, inbox, runbooks, counters, stopping, fresh, bell }, ring)
    }

    /// Works until the server stops. What waits then is taken up by the next one.
    pub(crate) fn run(self) {
        let mut said: Option<Instant> = None;
        while !self.stopping.is_stopping() {
            match self.next() {
                Ok(0) => match self.bell.recv_timeout(IDLE) {
                    Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                },
                Ok(_) => said = None,
                Err(why) => {
                    // Tried again each second.
                    if said.is_none_or(|at| at.elapsed() >= SAID_AGAIN) {
                        tracing::error!(%why, "alerts that came in wait: nothing could be done about them");
                        said = Some(Instant::now());
                    }
                    self.fresh.forget();
                    self.stopping.wait(PAUSE);
                }
            }
        }
    }

    /// Decides about the deliveries that have waited longest; returns how many.
    fn next(&self) -> Result<usize, EngineError> {
        let waiting = self.fresh.take((BATCH, ALERTS), |most| self.inbox.waiting(most))?;
        if waiting.is_empty() {
            return Ok(0);
        }
        let deciding = self.runbooks.deciding();
        let set = self.runbooks.current();
        let mut results: Vec<Vec<AlertResult>> = vec![Vec::new(); waiting.len()];
        let (meant, reports) = self.meant(&set, &waiting, &mut results);
        let changes = if reports.is_empty() { Vec::new() } else { self.inbox.report(&reports)? };
        drop(deciding);
        let mut runs: BTreeMap<u64, SmolStr> = BTreeMap::new();
        for (meant, change) in meant.iter().zip(changes) {
            let at = waiting.get(meant.delivery).map_or_else(rbl_world::clock::now, |it| it.delivery.at);
            let result = self.change(meant, change, &mut runs)?;
            self.report(meant, &result, at);
            if let Some(results) = results.get_mut(meant.delivery) {
                results.push(result);
            }
        }
        let mut unmatched = BTreeMap::new();
        for (waiting, results) in waiting.iter().zip(&mut results) {
            results.sort_by_key(|result| result.place);
            log(waiting, results, &mut unmatched);
        }
        log_unmatched(&unmatched);
        let runs: Vec<(u64, SmolStr)> = runs.into_iter().collect();
        let settled: Vec<_> = waiting.iter().map(|it| it.id).zip(results).collect();
        self.inbox.settle(&runs, &settled, rbl_world::clock::now())?;
        self.counters.settled(settled.len() as u64);
        Ok(settled.len())
    }

    /// Has the run of an alert hear that it joined, or that it is resolved. `rbl show` lists the alerts of a run in any case.
    fn report(&self, meant: &RoutedAlert<'_>, result: &AlertResult, at: Time) {
        let firing = match result.became {
            Became::Joined => true,
            Became::Resolved if result.why != KNOWN => false,
            _ => return,
        };
        let Some(run) = &result.run else { return };
        let alert = &meant.alert.alert;
        let labels = alert.labels.iter().filter(|(name, _)| name.as_str() != "alertname");
        let labels = labels.map(|(name, value)| (name.clone(), value.clone())).collect();
        let change =
            AlertChange { alert: alert.name.clone(), labels, firing, at, signal: None, after_action: false };
        if let Err(why) = self.engine.report_alert(run, &change) {
            tracing::error!(%run, alert = %alert.name, %why, "a run does not hear of its alert");
        }
    }

    /// What becomes of an alert after its episode knows it. A run of an episode that has none yet is started.
    fn change(
        &self,
        meant: &RoutedAlert<'_>,
        change: EpisodeChange,
        runs: &mut BTreeMap<u64, SmolStr>,
    ) -> Result<AlertResult, EngineError> {
        let result = |became, run, why: String| AlertResult {
            place: meant.place,
            became,
            file: Some(meant.runbook.file.clone()),
            run,
            why,
        };
        match change {
            EpisodeChange::NoEpisode => {
                Ok(result(Became::Resolved, None, "it was not known to fire".to_owned()))
            }
            EpisodeChange::Resolved { run, closes, is_new } => {
                let why = match (closes, is_new) {
                    (true, _) => "the last alert of its episode",
                    (false, true) => "",
                    (false, false) => KNOWN,
                };
                Ok(result(Became::Resolved, run, why.to_owned()))
            }
            EpisodeChange::Firing { episode, run, is_new } => {
                if let Some(run) = run.or_else(|| runs.get(&episode).cloned()) {
                    let became = if is_new { Became::Joined } else { Became::Repeated };
                    return Ok(result(became, Some(run), String::new()));
                }
                let (alert, cause) = (&meant.alert.alert, EpisodeCause::Fired(episode).to_string());
                let start = self.engine.start_for_alert(&meant.runbook, alert, meant.hook, &cause)?;
                self.counters.start(CountedStart::Alert);
                runs.insert(episode, start.run.clone());
                let became = if start.refused.is_some() { Became::NotStarted } else { Became::Started };
                Ok(result(became, Some(start.run), start.refused.unwrap_or_default()))
            }
        }
    }

    /// The alerts that a trigger means, and what is reported to their episodes. What becomes of the others is known at once.
    fn meant<'a>(
        &self,
        set: &RunbookSet,
        waiting: &'a [WaitingDelivery],
        results: &mut [Vec<AlertResult>],
    ) -> (Vec<RoutedAlert<'a>>, Vec<MemberReport>) {
        let (mut meant, mut reports) = (Vec::new(), Vec::new());
        for (delivery, (waiting, results)) in waiting.iter().zip(results).enumerate() {
            let came = &waiting.delivery;
            let scope = came.runbooks.as_deref().map(|patterns| self.runbooks.scope(patterns));
            for (place, alert) in (0_u32..).zip(&came.alerts) {
                let mut other = |became, file, why| {
                    results.push(AlertResult { place, became, file, run: None, why });
                };
                match route_within(set, scope.as_ref(), &alert.alert) {
                    AlertRoute::Own(why) => other(Became::Own, None, why),
                    AlertRoute::Nothing(nearest) => {
                        let (file, why) = match nearest {
                            Some(nearest) => (Some(nearest.file), nearest.why),
                            None => (None, no_trigger(came.runbooks.as_deref())),
                        };
                        other(Became::Unmatched, file, why);
                    }
                    AlertRoute::Starts(starts) => {
                        for (runbook, group) in starts {
                            let key = EpisodeKey {
                                runbook: runbook.identity.clone(),
                                source: came.hook.clone(),
                                group,
                            };
                            reports.push(MemberReport { key, alert: alert.clone(), at: came.at });
                            meant.push(RoutedAlert { delivery, place, hook: &came.hook, alert, runbook });
                        }
                    }
                }
            }
        }
        (meant, reports)
    }
}

/// Why no trigger means an alert; `runbooks`: the only ones that its sender may start.
fn no_trigger(runbooks: Option<&[String]>) -> String {
    let why = "no trigger is for an alert of this name";
    match runbooks {
        None => why.to_owned(),
        Some(patterns) => {
            format!("{why} in the runbooks that its sender may start: `{}`", patterns.join("`, `"))
        }
    }
}

/// How many alerts no trigger means, by their hook, their name, the nearest runbook, and why it does not mean them.
type UnmatchedCounts<'a> = BTreeMap<(&'a str, &'a str, &'a str, &'a str), u64>;

/// One line for all alerts of a kind that no trigger means: there may be thousands a second.
fn log_unmatched(unmatched: &UnmatchedCounts<'_>) {
    for ((hook, alert, nearest, why), alerts) in unmatched {
        tracing::info!(hook, alert, alerts, nearest, why, "no trigger means an alert");
    }
}

/// One line for each alert that did not only repeat what was known.
fn log<'a>(waiting: &'a WaitingDelivery, results: &'a [AlertResult], unmatched: &mut UnmatchedCounts<'a>) {
    let hook = &waiting.delivery.hook;
    for result in results {
        let alert = waiting.delivery.alerts.get(result.place as usize);
        let alert = alert.map_or("", |it| it.alert.name.as_str());
        let (file, run) = (result.file.as_deref().unwrap_or(""), result.run.as_deref().unwrap_or(""));
        match result.became {
            Became::Started => tracing::info!(%hook, alert, run, file, "an alert started a run"),
            Became::NotStarted => {
                tracing::error!(%hook, alert, run, file, why = %result.why, "a run could not be started");
            }
            Became::Joined => tracing::info!(%hook, alert, run, file, "an alert joined a run"),
            Became::Unmatched => {
                *unmatched.entry((hook.as_str(), alert, file, result.why.as_str())).or_default() += 1;
            }
            Became::Own => tracing::warn!(%hook, alert, why = %result.why, "an alert of rbl itself"),
            Became::Resolved => tracing::info!(%hook, alert, run, file, "an alert is resolved"),
            Became::Repeated => {}
        }
    }
}
