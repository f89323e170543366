//! The alert that started a run, from an Alertmanager webhook body.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use rbl_syntax::tree::{LabelMatch, LabelMatcher, TriggerKind};
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
struct Body {
    version: Option<serde_json::Value>,
    alerts: Option<Vec<BodyAlert>>,
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
    fingerprint: Option<String>,
}

impl Alert {
    /// Returns the first firing alert of a webhook body. Unknown fields are ignored.
    pub fn from_webhook(body: &str) -> Result<Self, AlertRefusal> {
        let body: Body = serde_json::from_str(body).map_err(|why| AlertRefusal::NotJson(why.to_string()))?;
        if body.version.is_none() {
            return Err(AlertRefusal::NotAlertmanager("version"));
        }
        let alerts = body.alerts.ok_or(AlertRefusal::NotAlertmanager("alerts"))?;
        if alerts.is_empty() {
            return Err(AlertRefusal::NotAlertmanager("alerts"));
        }
        let others = u32::try_from(alerts.len() - 1).unwrap_or(u32::MAX);
        // An alert without a status is treated as firing: when in doubt, the runbook starts.
        let alert =
            alerts.into_iter().find(|alert| alert.status != "resolved").ok_or(AlertRefusal::NoneFiring)?;
        Ok(Self {
            name: alert.labels.get("alertname").cloned().unwrap_or_default(),
            starts_at: alert.starts_at.as_deref().and_then(Time::parse),
            labels: alert.labels,
            annotations: alert.annotations,
            fingerprint: alert.fingerprint,
            others,
        })
    }

    /// Why the alert does not match a trigger: its name, or the first label that differs; `None` where it matches.
    pub(super) fn misfit(&self, trigger: &TriggerKind) -> Option<String> {
        let TriggerKind::Alert { name, labels } = trigger else { return None };
        let name = name.literal().unwrap_or_default();
        if name != self.name {
            return Some(format!("the trigger is for the alert `{name}`, and this one is `{}`", self.name));
        }
        let label = labels.iter().find(|label| !self.has(label))?;
        let (key, op, wanted) =
            (&label.name.text, label.op.spelling(), label.value.literal().unwrap_or_default());
        let has =
            self.labels.get(key).map_or_else(|| "has none".to_owned(), |value| format!("has `{value}`"));
        Some(format!("the trigger wants `{key} {op} \"{wanted}\"`, and this alert {has}"))
    }

    /// Matches a label as Prometheus does: a missing label is empty, a pattern must match the whole value.
    fn has(&self, label: &LabelMatcher) -> bool {
        let value = self.labels.get(&label.name.text).map_or("", SmolStr::as_str);
        let Some(wanted) = label.value.literal() else { return false };
        let matches = || Regex::new(&format!("^(?:{wanted})$")).is_ok_and(|it| it.is_match(value));
        match label.op {
            LabelMatch::Equal => value == wanted,
            LabelMatch::NotEqual => value != wanted,
            LabelMatch::Matches => matches(),
            LabelMatch::NotMatches => !matches(),
        }
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
        let alert = Alert::from_webhook(TWO).unwrap();
        assert_eq!((alert.name.as_str(), alert.others), ("B", 1));
        assert_eq!(alert.starts_at.unwrap().to_string(), "2026-11-22T06:35:00Z");
    }

    #[test]
    fn refuses_what_is_none() {
        let refusal = |body| Alert::from_webhook(body).unwrap_err();
        assert!(matches!(refusal("{"), AlertRefusal::NotJson(_)));
        assert_eq!(refusal(r#"{"alerts":[]}"#), AlertRefusal::NotAlertmanager("version"));
        assert_eq!(refusal(r#"{"version":"4"}"#), AlertRefusal::NotAlertmanager("alerts"));
        let over = r#"{"version":"4","alerts":[{"status":"resolved","labels":{}}]}"#;
        assert_eq!(refusal(over), AlertRefusal::NoneFiring);
    }
}
