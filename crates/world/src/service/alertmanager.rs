//! Alertmanager: a page is an alert that is posted to it, so that the routes that page already page for a runbook too.
//!
//! Success is 200. The same labels are the same alert, so a repetition only renews it. The alert ends when the run is resolved,
//! and in any case after `lasts`. A silence that covers it and was made or changed after it was posted acknowledges the page.

use std::collections::BTreeMap;
use std::path::Path;

use rbl_check::{Key, KeyKind};
use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::{
    AnswerAuthor, Conclude, Delivery, DeliveryTicket, EndNotice, Page, Secrets, TicketHolder, percent_encoded,
};
use rbl_syntax::value::{Reason, ReasonKind, Time};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{get, wording};
use crate::clock;
use crate::config_keys;
use crate::delivery_context::Outlet;
use crate::http::{Client, Credentials, Request, patient, server};
use crate::webhook;

/// The longest description, in characters.
const DESCRIPTION: usize = 20_000;

pub(crate) const URL: Key =
    Key::needed("url", KeyKind::Url, "where it answers, with the path before /api/v2");
pub(crate) const LABELS: Key = Key::optional(
    "labels",
    KeyKind::Settings,
    "none",
    "labels of the alert, on top of `alertname`, `team`, `runbook`, `severity` and `rbl_page`: what its routes look at",
);
pub(crate) const LASTS: Key = Key::optional(
    "lasts",
    KeyKind::Duration,
    "1d",
    "how long the alert fires where the run does not end it by being resolved",
);

/// Its section.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct AlertmanagerTeamConfig {
    url: Setting,
    #[serde(default)]
    labels: BTreeMap<String, Setting>,
    #[serde(default = "one_day")]
    lasts: Seconds,
    #[serde(flatten)]
    credentials: Credentials,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
}

const fn one_day() -> Seconds {
    Seconds(86_400.0)
}

/// An Alertmanager.
#[derive(Debug)]
pub(crate) struct AlertmanagerPages {
    client: Client,
    labels: BTreeMap<String, Setting>,
    lasts: Seconds,
}

/// The labels of an alert.
type AlertLabels = BTreeMap<String, String>;

impl AlertmanagerPages {
    pub(crate) fn new(config: AlertmanagerTeamConfig, base: &Path) -> Self {
        let AlertmanagerTeamConfig { url, labels, lasts, credentials, timeout } = config;
        Self { client: Client::new(url, timeout, credentials, base, 10_000_000), labels, lasts }
    }

    /// Posts the alert.
    pub(crate) fn fire(&self, page: &Page, outlet: &Outlet) -> Result<Delivery, Reason> {
        let secrets = &outlet.secrets;
        let mut labels = AlertLabels::from([
            ("alertname".to_owned(), "RunbookPage".to_owned()),
            ("team".to_owned(), page.team.clone()),
            ("runbook".to_owned(), page.runbook.clone()),
            ("rbl_page".to_owned(), page.key.clone()),
        ]);
        labels.extend(page.severity.iter().map(|severity| ("severity".to_owned(), severity.clone())));
        for (name, setting) in &self.labels {
            labels.insert(name.clone(), crate::secrets::setting(secrets, setting, self.client.base())?);
        }
        let mut annotations = AlertLabels::from([
            ("summary".to_owned(), wording::title(page)),
            ("description".to_owned(), wording::page_text(page, DESCRIPTION)),
        ]);
        annotations.extend(page.links.first().map(|(_, url)| ("dashboard".to_owned(), url.clone())));
        let ends = clock::now().plus(self.lasts.0);
        let alert = json!([{
            "labels": labels,
            "annotations": annotations,
            "endsAt": ends.map(|ends| ends.to_string()),
        }]);
        self.post(&alert, secrets)?;
        Ok(Delivery {
            ticket: Some(DeliveryTicket {
                through: TicketHolder::Team(page.team.as_str().into()),
                id: json!(labels).to_string(),
                acknowledges: true,
                hears: EndNotice::Resolved,
                message: None,
            }),
            ..Delivery::by("Alertmanager", true)
        })
    }

    /// Ends the alert.
    pub(crate) fn end(&self, it: &Conclude, secrets: &Secrets) -> Result<Delivery, Reason> {
        let labels: Value = serde_json::from_str(&it.ticket.id).unwrap_or_default();
        let alert = json!([{
            "labels": labels,
            "annotations": { "summary": wording::cut(&it.message, DESCRIPTION) },
            "endsAt": clock::now().to_string(),
        }]);
        self.post(&alert, secrets)?;
        Ok(Delivery::by("Alertmanager", true))
    }

    fn post(&self, alerts: &Value, secrets: &Secrets) -> Result<(), Reason> {
        let address = self.client.at("/api/v2/alerts", secrets)?;
        let request = Request::post(address, "application/json", alerts.to_string());
        let response = patient::send(&self.client, &request, secrets, "sent")?;
        webhook::accepted(&response, &server(&response.address), "sent")
    }

    /// Who silenced the alert since it was posted.
    ///
    /// Errors: also where every silence was there before the page, because then nobody was notified of it.
    pub(crate) fn acknowledged(&self, id: &str, outlet: &Outlet) -> Result<Option<AnswerAuthor>, Reason> {
        let labels: AlertLabels = serde_json::from_str(id).unwrap_or_default();
        let key = labels.get("rbl_page").cloned().unwrap_or_default();
        let filter = percent_encoded(&format!("rbl_page={}", json!(key)));
        let alerts = get(&self.client, &format!("/api/v2/alerts?filter={filter}"), &[], &outlet.secrets)?;
        let Some(alerts) = alerts.as_array() else {
            return Err(Reason::new(
                ReasonKind::BadAnswer,
                "Alertmanager did not answer with a list of alerts",
            ));
        };
        let mut trouble = None;
        for alert in alerts {
            let silences = alert.pointer("/status/silencedBy").and_then(Value::as_array);
            for silence in silences.into_iter().flatten().filter_map(Value::as_str) {
                match self.silenced_since(alert, silence, outlet) {
                    Ok(author) => return Ok(Some(author)),
                    Err(why) => trouble = Some(why),
                }
            }
        }
        trouble.map_or(Ok(None), Err)
    }

    /// Who made this silence.
    ///
    /// Errors: it was there before the alert was posted.
    fn silenced_since(&self, alert: &Value, id: &str, outlet: &Outlet) -> Result<AnswerAuthor, Reason> {
        let path = format!("/api/v2/silence/{}", percent_encoded(id));
        let silence = get(&self.client, &path, &[], &outlet.secrets)?;
        if updated(&silence)? < updated(alert)? {
            let id = outlet.secrets.one_line(id);
            let text = format!("the silence {id} was there before the page, of which nobody was notified");
            return Err(Reason::new(ReasonKind::Unreachable, text));
        }
        let field = |name: &str| {
            let text = silence.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            text.map(|text| outlet.secrets.one_line(text))
        };
        Ok(AnswerAuthor {
            by: field("createdBy").or_else(|| Some("somebody, by a silence".into())),
            vouched: false,
            remark: field("comment"),
        })
    }

    pub(crate) fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        let status = get(&self.client, "/api/v2/status", &[], &secrets)?;
        let version = status.pointer("/versionInfo/version").and_then(Value::as_str).unwrap_or("?");
        Ok(secrets.one_line(&format!("Alertmanager {version}")))
    }
}

/// When an alert was last posted or a silence last changed, both by the clock of Alertmanager.
fn updated(it: &Value) -> Result<Time, Reason> {
    let at = it.get("updatedAt").and_then(Value::as_str).and_then(Time::parse);
    at.ok_or_else(|| Reason::new(ReasonKind::BadAnswer, "Alertmanager answered without `updatedAt`"))
}
