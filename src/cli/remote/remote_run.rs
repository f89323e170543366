//! [`RemoteRun`]: a run as a server describes it, and as the commands show runs.

use std::collections::BTreeMap;

use rbl_project::Refusal;
use rbl_runtime::journal::{
    EpisodeMember, ParkedState, ReceivedAlert, RunMode, RunState, RunSummary, WaitsOn,
};
use rbl_runtime::{Alert, Outcome};
use rbl_syntax::clean;
use rbl_syntax::value::Time;
use serde::Deserialize;
use smol_str::SmolStr;

/// See the module.
#[derive(Debug, Deserialize)]
pub(super) struct RemoteRun {
    run: SmolStr,
    runbook: String,
    file: SmolStr,
    status: String,
    by: Option<String>,
    outcome: Option<Outcome>,
    message: Option<String>,
    waits_for: Option<String>,
    waits_on: Option<String>,
    ahead: Option<u64>,
    until: Option<Time>,
    started: Time,
    changed: Time,
    records: u64,
    /// A word that this rbl does not know is shown as the strictest mode.
    mode: String,
    #[serde(default)]
    locks: Vec<String>,
    #[serde(default)]
    alerts: Vec<RemoteAlert>,
    #[serde(default)]
    questions: Vec<RemoteQuestion>,
}

/// What a run asks.
#[derive(Debug, Deserialize)]
pub(super) struct RemoteQuestion {
    /// What names it in an answer.
    pub(super) question: String,
}

/// An alert of a run.
#[derive(Debug, Deserialize)]
struct RemoteAlert {
    name: SmolStr,
    #[serde(default)]
    labels: BTreeMap<SmolStr, SmolStr>,
    firing: bool,
    ended: Option<Time>,
    heard: Option<Time>,
    joined: Option<Time>,
}

impl RemoteRun {
    /// The run as a list has it.
    ///
    /// Errors: its state is none that this rbl knows.
    pub(super) fn summary(&self) -> Result<RunSummary, Refusal> {
        Ok(RunSummary {
            run: self.run.clone(),
            runbook: self.runbook.clone(),
            file: self.file.clone(),
            identity: String::new(),
            started: self.started,
            changed: self.changed,
            state: self.state().ok_or_else(|| {
                Refusal::new(clean(&format!("run {} has the state `{}`", self.run, self.status)))
                    .help("the server is of another version: update this rbl")
            })?,
            length: self.records,
            locks: self.locks.clone(),
            mode: RunMode::of(&self.mode).unwrap_or(RunMode::Look),
        })
    }

    /// What it asks.
    pub(super) fn questions(&self) -> &[RemoteQuestion] {
        &self.questions
    }

    /// Its alerts.
    pub(super) fn members(&self) -> Vec<EpisodeMember> {
        self.alerts.iter().map(|alert| alert.member(self.started)).collect()
    }

    fn state(&self) -> Option<RunState> {
        let parked = || {
            let word = self.waits_on.as_deref();
            ParkedState {
                until: self.until,
                on: WaitsOn::ALL.into_iter().find(|it| Some(it.word()) == word).unwrap_or_default(),
                waits_for: self.waits_for.clone().unwrap_or_default(),
                progress: None,
            }
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Some(match self.status.as_str() {
            "running" => RunState::Running { by: text(&self.by) },
            "queued" => RunState::Queued { ahead: self.ahead.unwrap_or_default() },
            "cut-off" => RunState::CutOff,
            "waiting" => RunState::Parked(parked()),
            "answered" => RunState::Answered(parked()),
            "stuck" => RunState::Stuck { why: text(&self.message) },
            _ => RunState::Ended { outcome: self.outcome?, message: text(&self.message) },
        })
    }
}

impl RemoteAlert {
    fn member(&self, began: Time) -> EpisodeMember {
        let alert = Alert {
            name: self.name.clone(),
            labels: self.labels.clone(),
            annotations: BTreeMap::new(),
            starts_at: None,
            fingerprint: None,
            others: 0,
            not_meant: Vec::new(),
        };
        EpisodeMember {
            alert: ReceivedAlert { alert, firing: self.firing, ended_at: self.ended },
            source: SmolStr::default(),
            heard: self.heard.unwrap_or(began),
            joined: self.joined.unwrap_or(began),
        }
    }
}
