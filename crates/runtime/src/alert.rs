//! The alert that started a run, from an Alertmanager webhook body.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::journal::ReceivedAlert;
use super::outside_json::outside_json;
use super::trigger_match::trigger_mismatch;
use rbl_syntax::tree::TriggerKind;
use rbl_syntax::value::{Reason, ReasonKind, RecordValue, Time, Value};

/// One firing alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alert {
    /// Its `alertname`.
    pub name: SmolStr,
    /// Its labels.
    pub labels: BTreeMap<SmolStr, SmolStr>,
    /// Its annotations.
    pub annotations: BTreeMap<SmolStr, SmolStr>,
    /// When it began to fire.
    pub starts_at: Option<Time>,
    /// The fingerprint that identifies the alert, where the sender gives one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fingerprint: Option<String>,
    /// The number of other alerts in the same body.
    #[serde(default)]
    pub others: u32,
    /// The names of the firing ones among those that the trigger does not mean, each once.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub not_meant: Vec<SmolStr>,
}

/// The firing alerts of a webhook body, in order; at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertBody {
    firing: Vec<Alert>,
}

/// Why a webhook body does not start a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertRefusal {
    /// It is not JSON: the parser's message.
    NotJson(String),
    /// It is JSON, but not an Alertmanager webhook body: the missing field.
    NotAlertmanager(&'static str),
    /// None of its alerts is firing.
    NoneFiring,
}

impl std::fmt::Display for AlertRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotJson(why) => write!(f, "the alert is not JSON: {why}"),
            Self::NotAlertmanager(what) => {
                write!(f, "not the body of an Alertmanager webhook: there is no `{what}` in it")
            }
            Self::NoneFiring => f.write_str("none of the alerts is firing"),
        }
    }
}

impl std::error::Error for AlertRefusal {}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    version: Option<serde_json::Value>,
    alerts: Option<Vec<BodyAlert>>,
    #[serde(default)]
    truncated_alerts: serde_json::Value,
}

/// What a webhook body of Alertmanager holds.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookAlerts {
    /// Its alerts, each with its own status.
    pub alerts: Vec<ReceivedAlert>,
    /// How many more its sender had, and left out (`max_alerts`).
    pub left_out: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BodyAlert {
    #[serde(default)]
    status: String,
    #[serde(default)]
    labels: BTreeMap<SmolStr, SmolStr>,
    #[serde(default)]
    annotations: BTreeMap<SmolStr, SmolStr>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    fingerprint: Option<String>,
}

/// Reads all alerts of a webhook body of Alertmanager, each with its own status, whatever that of the group is. Unknown
/// fields are ignored. The fingerprint of an alert is there only where it was sent.
///
/// Errors: it is not JSON, or a field is missing; never that none is firing.
pub fn webhook_alerts(body: &[u8]) -> Result<WebhookAlerts, AlertRefusal> {
    let body: Body = outside_json(body).map_err(|why| AlertRefusal::NotJson(why.to_string()))?;
    if body.version.is_none() {
        return Err(AlertRefusal::NotAlertmanager("version"));
    }
    let alerts = body.alerts.ok_or(AlertRefusal::NotAlertmanager("alerts"))?;
    // One that is no number leaves nothing out that could be counted.
    let left_out = body.truncated_alerts.as_u64().unwrap_or(0);
    Ok(WebhookAlerts { alerts: alerts.into_iter().map(BodyAlert::received).collect(), left_out })
}

impl BodyAlert {
    fn received(self) -> ReceivedAlert {
        // An alert without a status is treated as firing: when in doubt, the runbook starts.
        let firing = self.status != "resolved";
        let alert = Alert {
            name: self.labels.get("alertname").cloned().unwrap_or_default(),
            starts_at: self.starts_at.as_deref().and_then(Time::parse),
            labels: self.labels,
            annotations: self.annotations,
            fingerprint: self.fingerprint,
            others: 0,
            not_meant: Vec::new(),
        };
        // A firing alert has the zero time of the sender's language there.
        let ended_at = self.ends_at.as_deref().filter(|_| !firing).and_then(Time::parse);
        ReceivedAlert { alert, firing, ended_at }
    }
}

impl AlertBody {
    /// Reads a webhook body. Unknown fields are ignored.
    pub fn read(body: &str) -> Result<Self, AlertRefusal> {
        let WebhookAlerts { alerts, left_out: _ } = webhook_alerts(body.as_bytes())?;
        let Some(others) = alerts.len().checked_sub(1) else {
            return Err(AlertRefusal::NotAlertmanager("alerts"));
        };
        let others = u32::try_from(others).unwrap_or(u32::MAX);
        let firing = alerts.into_iter().filter(|it| it.firing).map(|it| Alert { others, ..it.alert });
        let firing: Vec<Alert> = firing.collect();
        if firing.is_empty() { Err(AlertRefusal::NoneFiring) } else { Ok(Self { firing }) }
    }

    /// The first alert that the trigger means; where it means none of them, or is no alert, the first one. The others
    /// that it does not mean are named in it.
    pub fn meant(self, trigger: Option<&TriggerKind>) -> Option<Alert> {
        let trigger = trigger.filter(|trigger| matches!(trigger, TriggerKind::Alert { .. }));
        let is_meant = |alert: &Alert| trigger.is_none_or(|it| trigger_mismatch(it, alert).is_none());
        let index = self.firing.iter().position(is_meant).unwrap_or(0);
        let mut not_meant: Vec<SmolStr> = Vec::new();
        for (at, alert) in self.firing.iter().enumerate() {
            if at != index && !is_meant(alert) && !not_meant.contains(&alert.name) {
                not_meant.push(alert.name.clone());
            }
        }
        Some(Alert { not_meant, ..self.firing.into_iter().nth(index)? })
    }
}

impl Alert {
    /// An alert of which no more is known than its name and its labels; the name is one of them.
    pub fn named(name: SmolStr, mut labels: BTreeMap<SmolStr, SmolStr>) -> Self {
        labels.entry("alertname".into()).or_insert_with(|| name.clone());
        Self::of(name, labels)
    }

    /// An alert with exactly these labels.
    pub(super) fn of(name: SmolStr, labels: BTreeMap<SmolStr, SmolStr>) -> Self {
        Self {
            name,
            labels,
            annotations: BTreeMap::new(),
            starts_at: None,
            fingerprint: None,
            others: 0,
            not_meant: Vec::new(),
        }
    }

    /// An alert with these labels only.
    #[cfg(test)]
    pub(super) fn of_labels(labels: BTreeMap<SmolStr, SmolStr>) -> Self {
        Self::of(labels.get("alertname").cloned().unwrap_or_default(), labels)
    }

    /// The value of the name `alert`.
    pub(super) fn value(&self) -> Value {
        let texts = |of: &BTreeMap<SmolStr, SmolStr>| {
            Value::Record(Arc::new(RecordValue(
                of.iter().map(|(name, text)| (name.clone(), Value::Text(text.clone()))).collect(),
            )))
        };
        let mut fields = vec![
            ("name".into(), Value::Text(self.name.clone())),
            ("labels".into(), texts(&self.labels)),
            ("annotations".into(), texts(&self.annotations)),
        ];
        if let Some(at) = self.starts_at {
            fields.push(("starts_at".into(), Value::Time(at)));
        }
        Value::Record(Arc::new(RecordValue(fields)))
    }

    /// The value of the name `alert` in a run that no alert started.
    pub(super) fn none() -> Value {
        Value::unknown(Reason::new(ReasonKind::NoField, "no alert started this run"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"{"version":"4","new_field":1,"alerts":[
        {"status":"resolved","labels":{"alertname":"A"}},
        {"status":"firing","labels":{"alertname":"B","service":"api"},"annotations":{"summary":"s"},
         "startsAt":"2026-11-22T06:35:00.021Z","endsAt":"0001-01-01T00:00:00Z","fingerprint":"f"}]}"#;

    #[test]
    fn takes_the_first_that_fires_and_counts_the_others() {
        let alert = AlertBody::read(TWO).unwrap().meant(None).unwrap();
        assert_eq!((alert.name.as_str(), alert.others), ("B", 1));
        assert_eq!(alert.starts_at.unwrap().to_string(), "2026-11-22T06:35:00Z");
    }

    #[test]
    fn takes_the_first_that_the_trigger_means_and_names_those_that_it_does_not() {
        let body = r#"{"version":"4","alerts":[
            {"status":"firing","labels":{"alertname":"Other"}},
            {"status":"resolved","labels":{"alertname":"B","node":"0"}},
            {"status":"firing","labels":{"alertname":"B","node":"1"}},
            {"status":"firing","labels":{"alertname":"Other"}},
            {"status":"firing","labels":{"alertname":"B","node":"2"}}]}"#;
        let meant = |trigger: &str| {
            let text = format!("runbook \"x\"\ntrigger {trigger}\n");
            let parsed = rbl_syntax::parse(rbl_syntax::source::SourceId(0), &text);
            let kind = parsed.file.declarations().find_map(|it| match it {
                rbl_syntax::tree::Declaration::Trigger(it) => Some(it.kind.clone()),
                _ => None,
            });
            let alert = AlertBody::read(body).unwrap().meant(kind.as_ref()).unwrap();
            let node = alert.labels.get("node").cloned().unwrap_or_default();
            (alert.name.to_string(), node.to_string(), alert.not_meant.join(","), alert.others)
        };
        let expected =
            |name: &str, node: &str, others: &str| (name.to_owned(), node.to_owned(), others.to_owned(), 4);
        assert_eq!(meant(r#"alert "B""#), expected("B", "1", "Other"));
        assert_eq!(meant(r#"alert "B" where node = "2""#), expected("B", "2", "Other,B"));
        assert_eq!(meant(r#"alert =~ ".*""#), expected("Other", "", ""));
        // None is meant: a person gave this body, so the run begins with the first and says so.
        assert_eq!(meant(r#"alert "C""#), expected("Other", "", "B,Other"));
        assert_eq!(meant("manual"), expected("Other", "", ""));
    }

    #[test]
    fn refuses_what_is_none() {
        let refusal = |body| AlertBody::read(body).unwrap_err();
        assert!(matches!(refusal("{"), AlertRefusal::NotJson(_)));
        assert_eq!(refusal(r#"{"alerts":[]}"#), AlertRefusal::NotAlertmanager("version"));
        assert_eq!(refusal(r#"{"version":"4"}"#), AlertRefusal::NotAlertmanager("alerts"));
        let over = r#"{"version":"4","alerts":[{"status":"resolved","labels":{}}]}"#;
        assert_eq!(refusal(over), AlertRefusal::NoneFiring);
    }
}
