//! [`route`]: the runbooks that an alert starts; for one that starts none, the nearest trigger.

use std::sync::{Arc, OnceLock};

use rbl_runtime::{Alert, alert_name_fits, trigger_group, trigger_mismatch};
use rbl_syntax::diagnostic::did_you_mean;
use rbl_syntax::tree::{AlertNames, TriggerKind};
use regex::Regex;
use smol_str::SmolStr;

use crate::{RunbookScope, RunbookSet, SetRunbook};

/// What an alert leads to.
#[derive(Debug, Clone)]
pub enum AlertRoute {
    /// The runbooks whose triggers mean it, each with its group: the values of `by`, else the fingerprint.
    Starts(Vec<(Arc<SetRunbook>, String)>),
    /// No trigger means it; the nearest one.
    Nothing(Option<NearestTrigger>),
    /// It carries a key of rbl itself, and would feed back: where, in words.
    Own(String),
}

/// The trigger that comes nearest to an alert that no trigger means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearestTrigger {
    /// The file of its runbook.
    pub file: SmolStr,
    /// Why it does not mean the alert.
    pub why: String,
}

/// The runbooks that a firing alert starts, whether it starts them now or belongs to a run that goes on.
pub fn route(set: &RunbookSet, alert: &Alert) -> AlertRoute {
    route_within(set, None, alert)
}

/// The same, of the runbooks that whoever sent the alert may start; `None`: all of them.
pub fn route_within(set: &RunbookSet, scope: Option<&RunbookScope>, alert: &Alert) -> AlertRoute {
    if let Some(own) = own_key(alert) {
        return AlertRoute::Own(own);
    }
    let of_alerts = || {
        set.runbooks.iter().filter_map(|runbook| {
            let trigger = runbook.trigger.as_ref()?;
            if scope.is_some_and(|scope| !scope.takes(&runbook.identity)) {
                return None;
            }
            matches!(trigger, TriggerKind::Alert { .. }).then_some((runbook, trigger))
        })
    };
    let starts: Vec<_> = of_alerts()
        .filter(|(_, trigger)| trigger_mismatch(trigger, alert).is_none())
        .map(|(runbook, trigger)| (Arc::clone(runbook), group(trigger, alert)))
        .collect();
    if !starts.is_empty() {
        return AlertRoute::Starts(starts);
    }
    // A trigger of this name differs in a label; one of a similar name may be a slip of the pen.
    let same_name = of_alerts().find(|(_, trigger)| alert_name_fits(trigger, &alert.name));
    let near = same_name.or_else(|| {
        let names = of_alerts().flat_map(|(_, trigger)| listed(trigger));
        let near = did_you_mean(&alert.name, names)?.to_owned();
        of_alerts().find(|(_, trigger)| listed(trigger).any(|name| name == near))
    });
    AlertRoute::Nothing(near.and_then(|(runbook, trigger)| {
        let why = trigger_mismatch(trigger, alert)?;
        Some(NearestTrigger { file: runbook.file.clone(), why })
    }))
}

fn listed(trigger: &TriggerKind) -> impl Iterator<Item = &str> {
    let names = match trigger {
        TriggerKind::Alert { name: AlertNames::Listed(names), .. } => names.as_slice(),
        TriggerKind::Alert { .. } | TriggerKind::Schedule { .. } | TriggerKind::Manual => &[],
    };
    names.iter().filter_map(|name| name.literal())
}

/// What the alerts of one run have in common.
fn group(trigger: &TriggerKind, alert: &Alert) -> String {
    let by = trigger_group(trigger, alert);
    if by.is_empty() {
        return alert.fingerprint.clone().unwrap_or_default();
    }
    // A list of pairs of texts always has a JSON form.
    serde_json::to_string(&by).unwrap_or_default()
}

/// The label or annotation of an alert that a page of rbl has: its key is the id of a run, and a place in it.
fn own_key(alert: &Alert) -> Option<String> {
    static KEY: OnceLock<Option<Regex>> = OnceLock::new();
    let key = KEY.get_or_init(|| Regex::new("^(?:rbl:)?[0-9]{8}-[0-9]{6}-[0-9a-f]{6}/.").ok()).as_ref()?;
    let texts = alert.labels.iter().chain(&alert.annotations);
    let own = texts.filter(|(name, value)| name.as_str() == "rbl_run" || key.is_match(value));
    own.map(|(name, value)| format!("`{name}` is `{value}`, a key of rbl")).next()
}
