//! Alerts as they are posted to Alertmanager itself (its API v2): vmalert and Prometheus can so send them without one.
//!
//! They have no status: an alert fires until its `endsAt`, which its sender moves on as long as it does.

use std::collections::BTreeMap;

use rbl_runtime::journal::ReceivedAlert;
use rbl_runtime::{Alert, outside_json};
use rbl_syntax::value::Time;
use serde::Deserialize;
use smol_str::SmolStr;

use super::fingerprint::fingerprint;
use super::{HookDelivered, HookError};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostedAlert {
    labels: BTreeMap<SmolStr, SmolStr>,
    #[serde(default)]
    annotations: BTreeMap<SmolStr, SmolStr>,
    starts_at: Option<String>,
    ends_at: Option<String>,
}

/// Reads a body, as of now. An alert without an end, or with one that cannot be read, fires.
pub fn read_posted(body: &[u8], now: Time) -> Result<HookDelivered, HookError> {
    let posted: Vec<PostedAlert> = outside_json(body)
        .map_err(|why| HookError(format!("the body is not what is posted to Alertmanager: {why}")))?;
    Ok(HookDelivered {
        alerts: posted.into_iter().map(|it| it.received(now)).collect(),
        key: None,
        left_out: 0,
    })
}

impl PostedAlert {
    fn received(self, now: Time) -> ReceivedAlert {
        // The zero time of the sender's language is no end.
        let unset = |at: &Time| at.0.as_second() < 0;
        let time = |text: Option<String>| text.as_deref().and_then(Time::parse).filter(|at| !unset(at));
        let ended_at = time(self.ends_at).filter(|end| *end <= now);
        let alert = Alert {
            name: self.labels.get("alertname").cloned().unwrap_or_default(),
            fingerprint: Some(fingerprint(&self.labels)),
            labels: self.labels,
            annotations: self.annotations,
            starts_at: time(self.starts_at),
            others: 0,
            not_meant: Vec::new(),
        };
        ReceivedAlert { alert, firing: ended_at.is_none(), ended_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_fires_until_its_end() {
        let now = Time::parse("2026-11-29T03:00:00Z").unwrap();
        let body = r#"[
            {"startsAt":"2026-11-29T02:50:00Z","endsAt":"2026-11-29T03:04:00Z","labels":{"alertname":"A"},
             "generatorURL":"http://vmalert:8880/","annotations":{"summary":"s"}},
            {"startsAt":"2026-11-29T02:50:00Z","endsAt":"2026-11-29T02:59:00Z","labels":{"alertname":"B"}},
            {"labels":{"alertname":"C"},"endsAt":"0001-01-01T00:00:00Z"}]"#;
        let delivered = read_posted(body.as_bytes(), now).unwrap();
        let shown: Vec<_> = delivered
            .alerts
            .iter()
            .map(|it| (it.alert.name.as_str(), it.firing, it.ended_at.map(|at| at.to_string())))
            .collect();
        let ended = Some("2026-11-29T02:59:00Z".to_owned());
        assert_eq!(shown, [("A", true, None), ("B", false, ended), ("C", true, None)]);
        assert!(delivered.alerts.iter().all(|it| it.fingerprint().len() == 16));
        assert_eq!(delivered.alerts[0].alert.annotations["summary"], "s");
        for wrong in ["{}", "[{}]", "[{\"labels\":{\"a\":7}}]", ""] {
            let why = read_posted(wrong.as_bytes(), now).unwrap_err().0;
            assert!(why.starts_with("the body is not what is posted to Alertmanager: "), "{why}");
        }
    }
}
