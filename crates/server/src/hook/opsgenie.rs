//! The webhooks of Opsgenie and of Jira Service Management: an alert that was created fires, one that was closed is resolved.

use std::collections::BTreeMap;

use rbl_runtime::journal::ReceivedAlert;
use rbl_runtime::{Alert, OutsideJsonError, outside_json};
use rbl_syntax::value::Time;
use serde::Deserialize;
use smol_str::SmolStr;

use super::{HookDelivered, HookError};

#[derive(Deserialize)]
struct OpsgenieBody {
    action: String,
    alert: Option<OpsgenieAlert>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OpsgenieAlert {
    alert_id: SmolStr,
    #[serde(default)]
    message: SmolStr,
    alias: Option<SmolStr>,
    entity: Option<SmolStr>,
    source: Option<SmolStr>,
    priority: Option<SmolStr>,
    #[serde(default)]
    tags: Vec<String>,
    /// In milliseconds since 1970.
    created_at: Option<i64>,
    #[serde(default)]
    details: BTreeMap<SmolStr, serde_json::Value>,
}

/// Reads a body. Actions on an alert between its begin and its end are nothing new.
pub(crate) fn read_opsgenie(body: &[u8]) -> Result<HookDelivered, HookError> {
    let unreadable = |why: OutsideJsonError| HookError(format!("the body is not what Opsgenie sends: {why}"));
    let body: OpsgenieBody = outside_json(body).map_err(unreadable)?;
    let firing = match body.action.as_str() {
        "Create" => true,
        "Close" | "Delete" => false,
        _ => return Ok(HookDelivered::default()),
    };
    let sent = body
        .alert
        .ok_or_else(|| HookError("the body is not what Opsgenie sends: it has no `alert`".into()))?;
    // The details come first: what an alert always has is not replaced by one of them.
    let mut labels: BTreeMap<SmolStr, SmolStr> = sent
        .details
        .into_iter()
        .filter_map(|(name, value)| Some((name, SmolStr::from(value.as_str()?))))
        .collect();
    let tags = (!sent.tags.is_empty()).then(|| SmolStr::from(sent.tags.join(",")));
    let own = [
        ("alertname", Some(sent.message.clone())),
        ("alias", sent.alias),
        ("entity", sent.entity),
        ("source", sent.source),
        ("priority", sent.priority),
        ("tags", tags),
    ];
    labels.extend(own.into_iter().filter_map(|(name, value)| Some((name.into(), value?))));
    let created = sent.created_at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok()).map(Time);
    let alert = Alert {
        name: sent.message,
        labels,
        annotations: BTreeMap::new(),
        starts_at: created,
        fingerprint: Some(sent.alert_id.to_string()),
        others: 0,
        not_meant: Vec::new(),
    };
    // A second `Create` comes where a team is added to the alert.
    let key = Some(format!("{}:{}", sent.alert_id, body.action));
    Ok(HookDelivered { alerts: vec![ReceivedAlert { alert, firing, ended_at: None }], key, left_out: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(action: &str) -> String {
        format!(
            r#"{{"source":{{"name":"web","type":"API"}},"alert":{{"alertId":"052652ac","tinyId":"23","alias":"a","message":"test alert",
            "tags":["t1","t2"],"entity":"","priority":"P2","createdAt":1420452191104,"updatedAt":1420452193166002000,
            "details":{{"host":"db-1","message":"x","n":3}}}},"action":"{action}","integrationId":"i"}}"#
        )
    }

    #[test]
    fn an_alert_fires_from_its_creation_until_it_is_closed() {
        let created = read_opsgenie(body("Create").as_bytes()).unwrap();
        let one = &created.alerts[0];
        assert_eq!(
            (one.firing, one.fingerprint(), one.alert.name.as_str()),
            (true, "052652ac", "test alert")
        );
        let labels = &one.alert.labels;
        assert_eq!(
            (labels["host"].as_str(), labels["tags"].as_str(), labels["priority"].as_str()),
            ("db-1", "t1,t2", "P2")
        );
        assert_eq!(one.alert.starts_at.unwrap().to_string(), "2015-01-05T10:03:11Z");
        assert_eq!(created.key.as_deref(), Some("052652ac:Create"));
        let closed = read_opsgenie(body("Close").as_bytes()).unwrap();
        assert!(!closed.alerts[0].firing);
        assert_eq!(read_opsgenie(body("Acknowledge").as_bytes()).unwrap(), HookDelivered::default());
        assert!(read_opsgenie(br#"{"action":"Create"}"#).is_err());
        assert!(read_opsgenie(b"{}").is_err());
    }
}
