//! What the API shows: runs, their questions, runbooks, and what came in.

use rbl_runtime::Outcome;
use rbl_runtime::journal::{
    AlertResult, Became, EpisodeMember, ListedDelivery, ReceivedAlert, RunState, RunSummary, queued_words,
};
use rbl_syntax::value::{Time, Value};
use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

/// A run.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RunView {
    /// Its id.
    run: SmolStr,
    /// The title of the runbook.
    runbook: String,
    /// Its file, as it was named.
    file: SmolStr,
    /// `running`, `waiting` or `ended`.
    #[schemars(extend("enum" = ["running", "waiting", "ended"]))]
    state: &'static str,
    /// The same in the words of `rbl runs --state`.
    #[schemars(extend("enum" = RunState::WORDS))]
    status: &'static str,
    /// Who executes it.
    by: Option<String>,
    /// How it ended.
    outcome: Option<Outcome>,
    /// Its last message; of one that is stuck, why.
    message: Option<String>,
    /// What it waits for, in words.
    waits_for: Option<String>,
    /// The kind of that: `time`, `person`, `lock`, `hand` (somebody to resume it) or `journal`.
    #[schemars(extend("enum" = ["time", "person", "lock", "hand", "journal", null]))]
    waits_on: Option<&'static str>,
    /// Waiting for a worker to begin it: how many runs that wait too began before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    ahead: Option<u64>,
    /// It continues then: no earlier, or without an answer.
    until: Option<Time>,
    /// When it began.
    started: Time,
    /// When something was last recorded of it.
    changed: Time,
    ended: Option<Time>,
    /// How many records it has.
    records: u64,
    /// The locks that it holds.
    locks: Vec<String>,
    /// What it may do unasked.
    mode: &'static str,
    /// The alerts of its episode.
    alerts: Vec<AlertView>,
    /// What it asks. Only of a single run.
    #[serde(skip_serializing_if = "Option::is_none")]
    questions: Option<Vec<QuestionView>>,
}

/// An alert of a run.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct AlertView {
    name: SmolStr,
    labels: std::collections::BTreeMap<SmolStr, SmolStr>,
    firing: bool,
    /// When it was resolved, as its sender says.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<Time>,
    /// Of an alert of a run: when it was last heard of.
    #[serde(skip_serializing_if = "Option::is_none")]
    heard: Option<Time>,
    /// Of an alert of a run: when it joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    joined: Option<Time>,
}

/// An open question.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct QuestionView {
    /// What names it in an answer.
    pub(super) question: String,
    #[schemars(extend("enum" = ["yes_no", "text", "choice", "secret", "instruction", "acknowledgement", "whether_done"]))]
    /// `yes_no`, `text`, `choice`, `secret`, `instruction`, `acknowledgement` or `whether_done`.
    pub(super) kind: &'static str,
    pub(super) text: String,
    /// Of a choice: what can be chosen.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) choices: Vec<String>,
    /// The team that has to answer.
    pub(super) by: Option<String>,
    pub(super) until: Option<Time>,
    /// Of a question for yes or no that is asked of a team: how many have to say yes, and who has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) quorum: Option<QuorumView>,
    pub(super) evidence: Vec<EvidenceView>,
}

/// How many have to approve.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct QuorumView {
    pub(super) needs: u32,
    pub(super) approved: Vec<String>,
}

/// What a person looks at before answering.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct EvidenceView {
    pub(super) title: String,
    pub(super) value: Value,
}

/// Several runs, and where the next ones begin.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RunsView {
    pub(super) runs: Vec<RunView>,
    /// Give it as `before` for the next ones; none: these were all.
    pub(super) next: Option<SmolStr>,
}

/// A runbook.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RunbookView {
    pub(super) file: SmolStr,
    pub(super) title: String,
    pub(super) owner: Option<String>,
    /// The kind of its trigger: `alert`, `schedule` or `manual`.
    #[schemars(extend("enum" = ["alert", "schedule", "manual"]))]
    pub(super) trigger: &'static str,
    pub(super) mode: &'static str,
    /// What is wrong with its newest text.
    pub(super) findings: Vec<String>,
    pub(super) last_run: Option<SmolStr>,
}

/// All runbooks.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RunbooksView {
    pub(super) runbooks: Vec<RunbookView>,
}

/// What became of an alert that came in.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct InboxView {
    at: Time,
    hook: SmolStr,
    alert: AlertView,
    became: Option<Became>,
    /// The run that was started or signaled.
    started: Option<SmolStr>,
    /// The runbook with the nearest trigger, of an alert that no trigger means.
    nearest: Option<SmolStr>,
    why: String,
}

/// The newest deliveries.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DeliveriesView {
    pub(super) deliveries: Vec<InboxView>,
}

impl RunView {
    pub(super) fn of(
        summary: &RunSummary,
        members: Vec<EpisodeMember>,
        questions: Option<Vec<QuestionView>>,
    ) -> Self {
        let mut view = Self {
            run: summary.run.clone(),
            runbook: summary.runbook.clone(),
            file: summary.file.clone(),
            state: "waiting",
            status: summary.state.word(),
            by: None,
            outcome: None,
            message: None,
            waits_for: None,
            waits_on: None,
            ahead: None,
            until: None,
            started: summary.started,
            changed: summary.changed,
            ended: None,
            records: summary.length,
            locks: summary.locks.clone(),
            mode: summary.mode.word(),
            alerts: members.into_iter().map(AlertView::of).collect(),
            questions,
        };
        match &summary.state {
            RunState::Running { by } => {
                view.state = "running";
                view.by = Some(by.clone());
            }
            RunState::Queued { ahead } => {
                view.waits_for = Some(queued_words(*ahead));
                view.ahead = Some(*ahead);
            }
            RunState::CutOff | RunState::Answered(_) => view.waits_for = Some("a worker".into()),
            RunState::Parked(parked) => {
                view.waits_for = Some(parked.waits_for.clone());
                view.waits_on = Some(parked.on.word());
                view.until = parked.until;
            }
            RunState::Stuck { why } => {
                view.waits_for = Some(format!("somebody: it cannot be resumed: {why}"));
                view.message = Some(why.clone());
            }
            RunState::Ended { outcome, message } => {
                view.state = "ended";
                view.outcome = Some(*outcome);
                view.message = Some(message.clone());
                view.ended = Some(summary.changed);
            }
        }
        view
    }
}

impl AlertView {
    fn of(member: EpisodeMember) -> Self {
        let ReceivedAlert { alert, firing, ended_at: ended } = member.alert;
        let (heard, joined) = (Some(member.heard), Some(member.joined));
        Self { name: alert.name, labels: alert.labels, firing, ended, heard, joined }
    }
}

impl InboxView {
    /// A line for each result of a delivery; for one without results yet, a line for each alert.
    pub(super) fn of(listed: &ListedDelivery) -> Vec<Self> {
        let view = |place: usize, result: Option<AlertResult>| {
            let received = listed.delivery.alerts.get(place)?;
            let ReceivedAlert { alert, firing, ended_at: ended } = received.clone();
            let became = result.as_ref().map(|it| it.became);
            let is_near = became == Some(Became::Unmatched);
            Some(Self {
                at: listed.delivery.at,
                hook: listed.delivery.hook.clone(),
                alert: AlertView {
                    name: alert.name,
                    labels: alert.labels,
                    firing,
                    ended,
                    heard: None,
                    joined: None,
                },
                became,
                started: result.as_ref().and_then(|it| it.run.clone()),
                nearest: result.as_ref().filter(|_| is_near).and_then(|it| it.file.clone()),
                why: result.map(|it| it.why).unwrap_or_default(),
            })
        };
        match &listed.results {
            Some(results) => {
                results.iter().filter_map(|it| view(it.place as usize, Some(it.clone()))).collect()
            }
            None => (0..listed.delivery.alerts.len()).filter_map(|place| view(place, None)).collect(),
        }
    }
}
