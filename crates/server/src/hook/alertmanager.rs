//! The body of Alertmanager's webhook, which Grafana sends in the same shape. Fields that are not known are ignored.

use rbl_runtime::{AlertRefusal, WebhookAlerts, webhook_alerts};

use super::fingerprint::fingerprint;
use super::{HookDelivered, HookError};

/// Reads a body: every alert with its own status, whatever that of the group is. An alert without one counts as firing:
/// when in doubt, the runbook starts.
pub fn read_alertmanager(body: &[u8]) -> Result<HookDelivered, HookError> {
    let WebhookAlerts { mut alerts, left_out } = webhook_alerts(body).map_err(|why| {
        let what = match why {
            AlertRefusal::NotJson(why) => why,
            AlertRefusal::NotAlertmanager(field) => format!("it has no `{field}`"),
            AlertRefusal::NoneFiring => why.to_string(),
        };
        HookError(format!("the body is not what Alertmanager sends: {what}"))
    })?;
    for received in &mut alerts {
        let alert = &mut received.alert;
        if alert.fingerprint.as_deref().is_none_or(str::is_empty) {
            alert.fingerprint = Some(fingerprint(&alert.labels));
        }
    }
    Ok(HookDelivered { alerts, key: None, left_out })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<HookDelivered, HookError> {
        read_alertmanager(body.as_bytes())
    }

    #[test]
    fn s1_every_alert_of_a_delivery_has_its_own_status() {
        let delivered = read(
            r#"{"version":"4","status":"firing","alerts":[
            {"status":"firing","labels":{"alertname":"A"},"startsAt":"2026-11-22T06:35:00Z",
             "endsAt":"0001-01-01T00:00:00Z","fingerprint":"f1"},
            {"status":"resolved","labels":{"alertname":"B"},"endsAt":"2026-11-22T06:36:00Z"},
            {"labels":{"alertname":"C"}}]}"#,
        )
        .unwrap();
        let shown: Vec<_> = delivered
            .alerts
            .iter()
            .map(|it| (it.alert.name.as_str(), it.firing, it.ended_at.map(|at| at.to_string())))
            .collect();
        let ended = Some("2026-11-22T06:36:00Z".to_owned());
        assert_eq!(shown, [("A", true, None), ("B", false, ended), ("C", true, None)]);
        assert_eq!(delivered.alerts[0].fingerprint(), "f1");
        assert_eq!(delivered.alerts[1].fingerprint().len(), 16);
    }

    #[test]
    fn what_is_no_webhook_of_alertmanager_is_refused_with_what_is_missing() {
        assert!(read("{").unwrap_err().0.contains("EOF"));
        assert!(read(r#"{"alerts":[]}"#).unwrap_err().0.ends_with("it has no `version`"));
        assert!(read(r#"{"version":"4"}"#).unwrap_err().0.ends_with("it has no `alerts`"));
        let wrong = r#"{"version":"4","alerts":[{"labels":{"alertname":7}}]}"#;
        assert!(read(wrong).unwrap_err().0.contains("invalid type: integer `7`"), "{:?}", read(wrong));
        assert_eq!(read(r#"{"version":"1","alerts":[],"new":1}"#).unwrap(), HookDelivered::default());
    }

    #[test]
    fn what_the_sender_left_out_is_counted() {
        let delivered =
            read(r#"{"version":"4","truncatedAlerts":5,"alerts":[{"labels":{"alertname":"A"}}]}"#);
        assert_eq!(delivered.unwrap().left_out, 5);
        assert_eq!(read(r#"{"version":"4","alerts":[]}"#).unwrap().left_out, 0);
    }

    #[test]
    fn a_real_body_is_read() {
        let delivered = read(include_str!("alertmanager_firing.json")).unwrap();
        assert!(delivered.alerts.iter().all(|it| it.firing && it.alert.starts_at.is_some()));
        assert!(!delivered.alerts.is_empty());
    }
}
