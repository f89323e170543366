//! PagerDuty's webhooks, version 3: an incident that was triggered is an alert that fires.

use std::collections::BTreeMap;

use rbl_runtime::journal::ReceivedAlert;
use rbl_runtime::{Alert, OutsideJsonError, outside_json};
use rbl_syntax::value::Time;
use serde::Deserialize;
use smol_str::SmolStr;

use super::{HookDelivered, HookError};

#[derive(Deserialize)]
struct PagerDutyBody {
    event: PagerDutyEvent,
}

#[derive(Deserialize)]
struct PagerDutyEvent {
    id: Option<String>,
    event_type: String,
    occurred_at: Option<String>,
    #[serde(default)]
    data: serde_json::Value,
}

#[derive(Deserialize)]
struct PagerDutyIncident {
    id: SmolStr,
    #[serde(default)]
    title: SmolStr,
    created_at: Option<String>,
    html_url: Option<SmolStr>,
    urgency: Option<SmolStr>,
    incident_key: Option<SmolStr>,
    service: Option<PagerDutyReference>,
    priority: Option<PagerDutyReference>,
}

/// Something that is named beside its id.
#[derive(Deserialize)]
struct PagerDutyReference {
    summary: Option<SmolStr>,
}

/// Reads a body. Events about anything but the begin and the end of an incident hold no alert; the list of types may grow.
/// `id` is that of the delivery, the same in each redelivery; that of the event counts before it, because the signature covers it.
pub(crate) fn read_pagerduty(body: &[u8], id: Option<String>) -> Result<HookDelivered, HookError> {
    let unreadable =
        |why: OutsideJsonError| HookError(format!("the body is not what PagerDuty sends: {why}"));
    let PagerDutyBody { event } = outside_json(body).map_err(unreadable)?;
    let (firing, began_now) = match event.event_type.as_str() {
        "incident.triggered" => (true, false),
        "incident.reopened" => (true, true),
        "incident.resolved" => (false, false),
        _ => return Ok(HookDelivered::default()),
    };
    let incident: PagerDutyIncident =
        serde_json::from_value(event.data).map_err(|why| unreadable(OutsideJsonError::Form(why)))?;
    let occurred = event.occurred_at.as_deref().and_then(Time::parse);
    let created = incident.created_at.as_deref().and_then(Time::parse);
    let mut labels: BTreeMap<SmolStr, SmolStr> = BTreeMap::new();
    let mut label = |name: &'static str, value: Option<SmolStr>| {
        if let Some(value) = value {
            labels.insert(name.into(), value);
        }
    };
    label("alertname", Some(incident.title.clone()));
    label("incident", Some(incident.id.clone()));
    label("incident_key", incident.incident_key);
    label("urgency", incident.urgency);
    label("service", incident.service.and_then(|it| it.summary));
    label("priority", incident.priority.and_then(|it| it.summary));
    let url = incident.html_url.map(|url| ("url".into(), url));
    let alert = Alert {
        name: incident.title,
        labels,
        annotations: url.into_iter().collect(),
        // An incident that is opened again begins again.
        starts_at: if began_now { occurred } else { created.or(occurred) },
        fingerprint: Some(incident.id.to_string()),
        others: 0,
        not_meant: Vec::new(),
    };
    let alert = ReceivedAlert { alert, firing, ended_at: occurred.filter(|_| !firing) };
    Ok(HookDelivered { alerts: vec![alert], key: event.id.or(id), left_out: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(kind: &str) -> String {
        format!(
            r#"{{"event":{{"id":"e1","event_type":"{kind}","resource_type":"incident","occurred_at":"2026-10-02T18:50:00Z",
            "agent":null,"data":{{"id":"PGR0VU2","type":"incident","title":"A little bump","urgency":"high",
            "created_at":"2026-10-02T18:45:22Z","html_url":"https://acme.pagerduty.com/incidents/PGR0VU2",
            "service":{{"id":"PF9","summary":"API","type":"service_reference"}},"priority":null,
            "incident_key":"k"}}}}}}"#
        )
    }

    #[test]
    fn an_incident_fires_from_its_trigger_to_its_resolve() {
        let read = |kind: &str, id: Option<&str>| {
            read_pagerduty(body(kind).as_bytes(), id.map(str::to_owned)).unwrap()
        };
        let triggered = read("incident.triggered", Some("w1"));
        assert_eq!(triggered.key.as_deref(), Some("e1"), "what is signed");
        let without = body("incident.triggered").replace("\"id\":\"e1\",", "");
        let without = read_pagerduty(without.as_bytes(), Some("w1".into())).unwrap();
        assert_eq!(without.key.as_deref(), Some("w1"));
        let one = &triggered.alerts[0];
        assert_eq!(
            (one.firing, one.fingerprint(), one.alert.name.as_str()),
            (true, "PGR0VU2", "A little bump")
        );
        assert_eq!(one.alert.labels.get("service").unwrap(), "API");
        assert_eq!(one.alert.starts_at.unwrap().to_string(), "2026-10-02T18:45:22Z");
        let reopened = read("incident.reopened", None);
        assert_eq!(reopened.key.as_deref(), Some("e1"));
        assert_eq!(reopened.alerts[0].alert.starts_at.unwrap().to_string(), "2026-10-02T18:50:00Z");
        let resolved = read("incident.resolved", None);
        assert!(!resolved.alerts[0].firing && resolved.alerts[0].ended_at.is_some());
        for other in ["incident.acknowledged", "incident.annotated", "service.updated", "a.new.one"] {
            assert_eq!(read(other, None), HookDelivered::default(), "{other}");
        }
        let ping = r#"{"event":{"event_type":"pagey.ping","data":{"message":"Hello"}}}"#;
        assert_eq!(read_pagerduty(ping.as_bytes(), None).unwrap(), HookDelivered::default());
        assert!(read_pagerduty(b"{}", None).is_err());
        assert!(read_pagerduty(br#"{"event":{"event_type":"incident.triggered","data":{}}}"#, None).is_err());
    }
}
