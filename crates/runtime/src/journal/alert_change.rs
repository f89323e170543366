//! [`AlertChange`]: an alert that joined a run, or that was resolved, while the run went on. It comes as a signal, and becomes
//! part of the records and of the story.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::entry::{OwnType, type_of};
use super::recorder::Recorder;
use super::{Entry, JournalEvent, JournalRecord, Signal, SignalName};
use rbl_syntax::value::Time;

/// See the module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertChange {
    /// The name of the alert.
    pub alert: SmolStr,
    /// Its labels, without the name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub labels: BTreeMap<SmolStr, SmolStr>,
    /// Whether it fires: it joined the run; else it is resolved.
    pub firing: bool,
    /// When it came in.
    pub at: Time,
    /// The number of the signal that brought it; none in the signal itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signal: Option<u64>,
    /// Whether it joined after the first action of the run, which so may not have been about it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub after_action: bool,
}

impl AlertChange {
    /// The change that a signal brings.
    fn of(signal: &Signal) -> Option<Self> {
        let is_alert = signal.question() == SignalName::ALERT;
        let change: Self = is_alert.then(|| serde_json::from_str(&signal.data).ok()).flatten()?;
        Some(Self { signal: Some(signal.number), ..change })
    }

    /// The alert in words: `DiskFull (host=db-2)`.
    pub fn words(&self) -> String {
        let labels: Vec<String> = self.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if labels.is_empty() {
            self.alert.to_string()
        } else {
            format!("{} ({})", self.alert, labels.join(", "))
        }
    }
}

/// What a turn knows of the alerts of its run.
#[derive(Debug, Default)]
pub(super) struct AlertChanges {
    /// The numbers of the signals that are among the records.
    recorded: BTreeSet<u64>,
    /// The alerts that joined after the first action, in words.
    late: Vec<String>,
    /// When the run first acted.
    pub(super) acted: Option<Time>,
}

/// How the intent of an action begins in JSON.
const ACT: &str = "{\"type\":\"intent\",\"intent\":{\"effect\":\"act\"";

impl AlertChanges {
    /// What these records say.
    pub(super) fn recorded(records: &[JournalRecord]) -> Self {
        let mut all = Self::default();
        for record in records {
            if all.acted.is_none() && record.data.starts_with(ACT) {
                all.acted = Some(record.at);
            }
            if type_of(&record.data).and_then(OwnType::of) == Some(OwnType::AlertChanged)
                && let Ok(Entry::Own(JournalEvent::AlertChanged(change))) = record.entry()
            {
                all.take(&change);
            }
        }
        all
    }

    fn take(&mut self, change: &AlertChange) {
        self.recorded.extend(change.signal);
        if change.after_action {
            self.late.push(change.words());
        }
    }

    /// What the end of the run says about them; empty where there is nothing to say.
    pub(super) fn at_the_end(&self) -> String {
        match self.late.as_slice() {
            [] => String::new(),
            [one] => format!("; {one} joined after the first action"),
            several => format!("; {} joined after the first action", several.join(", ")),
        }
    }
}

impl Recorder {
    /// Records the changes of alerts that came and are not recorded yet.
    pub(super) fn record_alerts(&mut self) {
        let new = |signal: &Signal| {
            let change = AlertChange::of(signal)?;
            (!self.alerts.recorded.contains(&signal.number)).then_some(change)
        };
        let new: Vec<AlertChange> = self.signals.iter().filter_map(new).collect();
        for change in new {
            let after_action = change.firing && self.alerts.acted.is_some_and(|acted| change.at > acted);
            let change = AlertChange { after_action, ..change };
            self.alerts.take(&change);
            let entry = self.clean(Entry::Own(JournalEvent::AlertChanged(Box::new(change))));
            self.push(&entry);
        }
    }
}
