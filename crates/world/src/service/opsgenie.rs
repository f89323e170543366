//! Opsgenie, and the integration events of Jira Service Management, which have the same API at another address.
//!
//! Success is status 202 with a `requestId`, and that the request does not turn out to have failed within a few seconds: 202 only says
//! that it was taken. Every alert has an `alias`, the key of the page, so that a repetition opens no second one, and everything else is
//! addressed by it (`identifierType=alias`).

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use rbl_check::{Key, KeyKind};
use rbl_project::setting::Setting;
use rbl_runtime::{
    AnswerAuthor, Conclude, Delivery, DeliveryTicket, EndNotice, Page, Secrets, TicketHolder, percent_encoded,
};
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ReachConfig, address, bad_answer, get, json, person, post, secret, short_key, wording};
use crate::delivery_context::Outlet;
use crate::http::{Client, Request, Response, server};
use crate::webhook;

const PRIORITIES: [&str; 5] = ["P1", "P2", "P3", "P4", "P5"];
/// The longest parts, in characters.
const MESSAGE: usize = 130;
const DESCRIPTION: usize = 15_000;
const ALIAS: usize = 512;
pub(crate) const NOTE: usize = 25_000;
const TAGS_MOST: usize = 20;
const TAG: usize = 50;

/// How long is waited for what becomes of a request: after that it counts as what it was answered, taken.
const PROCESSED: Duration = Duration::from_secs(5);

/// Where Opsgenie answers.
pub(crate) const OPSGENIE: &str = "https://api.opsgenie.com";
/// Where the integration events of Jira Service Management answer.
pub(crate) const JSM: &str = "https://api.atlassian.com/jsm/ops/integration";

pub(crate) const API_KEY: Key =
    Key::needed("api_key", KeyKind::Secret, "the key of an API integration, sent as `GenieKey …`");
pub(crate) const OPSGENIE_URL: Key = Key::optional(
    "url",
    KeyKind::Url,
    "\"https://api.opsgenie.com\"",
    "where it answers; in the EU https://api.eu.opsgenie.com",
);
pub(crate) const JSM_URL: Key = Key::optional(
    "url",
    KeyKind::Url,
    "\"https://api.atlassian.com/jsm/ops/integration\"",
    "where it answers",
);
pub(crate) const RESPONDERS: Key = Key::optional(
    "responders",
    KeyKind::Words,
    "those of the integration",
    "who is notified: `team:NAME`, `user:NAME`, `escalation:NAME` or `schedule:NAME`; in Jira ids in place of names",
);
pub(crate) const TAGS: Key = Key::optional("tags", KeyKind::Words, "none", "tags of the alert");
pub(crate) const PRIORITY: Key = Key::optional(
    "priority",
    KeyKind::OneOfEach(&PRIORITIES),
    "P1",
    "what a runbook's `severity` is there, like { sev1 = \"P1\", sev3 = \"P3\" }",
);

/// The section of a team.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct OpsgenieTeamConfig {
    #[serde(flatten)]
    access: OpsgenieAccess,
    #[serde(default)]
    responders: Vec<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    priority: BTreeMap<String, String>,
}

/// How it is reached; the section of a channel.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct OpsgenieAccess {
    api_key: Setting,
    url: Option<Setting>,
    #[serde(flatten)]
    reach: ReachConfig,
}

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// Responders have names.
    Opsgenie,
    /// Responders have ids.
    Jira,
}

impl Flavour {
    const fn name(self) -> &'static str {
        match self {
            Self::Opsgenie => "Opsgenie",
            Self::Jira => "Jira Service Management",
        }
    }

    const fn address(self) -> &'static str {
        match self {
            Self::Opsgenie => OPSGENIE,
            Self::Jira => JSM,
        }
    }
}

/// Access to the alerts.
#[derive(Debug)]
pub(crate) struct OpsgenieAlerts {
    client: Client,
    api_key: Setting,
    flavour: Flavour,
}

/// How a team is paged.
#[derive(Debug)]
pub(crate) struct Opsgenie {
    alerts: OpsgenieAlerts,
    responders: Vec<Value>,
    tags: Vec<String>,
    priority: BTreeMap<String, String>,
}

impl Opsgenie {
    /// Errors: a responder is not written as `TYPE:NAME`, or there are more tags or longer ones than Opsgenie keeps.
    pub(crate) fn new(config: OpsgenieTeamConfig, flavour: Flavour, base: &Path) -> Result<Self, String> {
        let OpsgenieTeamConfig { access, responders, tags, priority } = config;
        let responders = responders.iter().map(|it| responder(it, flavour)).collect::<Result<_, _>>()?;
        if tags.len() > TAGS_MOST || tags.iter().any(|tag| tag.chars().count() > TAG) {
            return Err(format!("an alert has at most {TAGS_MOST} tags of {TAG} characters"));
        }
        Ok(Self { alerts: OpsgenieAlerts::new(access, flavour, base), responders, tags, priority })
    }

    /// Creates an alert.
    pub(crate) fn create(&self, page: &Page, outlet: &Outlet) -> Result<Delivery, Reason> {
        let alias = short_key(&page.key, ALIAS);
        let mut alert = json!({
            "message": wording::line(&wording::title(page), MESSAGE),
            "alias": alias,
            "description": wording::page_text(page, DESCRIPTION),
            "details": { "team": page.team, "run": crate::delivery::run_of(&page.key) },
            "source": "rbl",
            "priority": self.priority(page.severity.as_deref()),
        });
        if let Some(alert) = alert.as_object_mut() {
            if !self.responders.is_empty() {
                alert.insert("responders".into(), json!(self.responders));
            }
            if !self.tags.is_empty() {
                alert.insert("tags".into(), json!(self.tags));
            }
        }
        self.alerts.change("/v2/alerts", &alert, &outlet.secrets)?;
        Ok(Delivery {
            reference: Some(alias.clone()),
            ticket: Some(DeliveryTicket {
                through: TicketHolder::Team(page.team.as_str().into()),
                id: alias,
                acknowledges: true,
                hears: EndNotice::Resolved,
                message: None,
            }),
            ..Delivery::by(self.alerts.flavour.name(), true)
        })
    }

    fn priority<'s>(&'s self, severity: Option<&'s str>) -> &'s str {
        let Some(severity) = severity else { return "P1" };
        let configured = self.priority.get(severity).map(String::as_str);
        let known = PRIORITIES.into_iter().find(|known| known.eq_ignore_ascii_case(severity));
        configured.or(known).unwrap_or("P1")
    }

    /// Closes the alert of a page.
    pub(crate) fn close(&self, it: &Conclude, secrets: &Secrets) -> Result<Delivery, Reason> {
        let body = json!({ "source": "rbl", "note": wording::cut(&it.message, NOTE) });
        self.alerts.change(&about(&it.ticket.id, "close"), &body, secrets)?;
        Ok(Delivery::by(self.alerts.flavour.name(), true))
    }

    /// Who acknowledged it.
    pub(crate) fn acknowledged(&self, alias: &str, outlet: &Outlet) -> Result<Option<AnswerAuthor>, Reason> {
        let path = format!("/v2/alerts/{}?identifierType=alias", percent_encoded(alias));
        let headers = self.alerts.headers(&outlet.secrets)?;
        let answer = get(&self.alerts.client, &path, &headers, &outlet.secrets)?;
        // Jira leaves out the envelope.
        let alert = answer.get("data").unwrap_or(&answer);
        let Some(acknowledged) = alert.get("acknowledged").and_then(Value::as_bool) else {
            let text = format!("{} answered an alert without `acknowledged`", self.alerts.flavour.name());
            return Err(Reason::new(ReasonKind::BadAnswer, text));
        };
        if !acknowledged && alert.get("status").and_then(Value::as_str) != Some("closed") {
            return Ok(None);
        }
        let by = alert.pointer("/report/acknowledgedBy").or_else(|| alert.get("owner"));
        let by = by.and_then(Value::as_str).filter(|by| !by.is_empty());
        let known = by.and_then(|by| {
            person(outlet, |names| names.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(by)))
        });
        let words = known.or(by).unwrap_or("somebody");
        Ok(Some(AnswerAuthor {
            by: Some(outlet.secrets.one_line(words)),
            vouched: known.is_some(),
            remark: None,
        }))
    }

    pub(crate) fn test(&self) -> Result<String, Reason> {
        self.alerts.test()
    }
}

impl OpsgenieAlerts {
    pub(crate) fn new(access: OpsgenieAccess, flavour: Flavour, base: &Path) -> Self {
        let OpsgenieAccess { api_key, url, reach } = access;
        Self { client: reach.client(address(url, flavour.address()), base), api_key, flavour }
    }

    /// Adds a note to the alert of a page.
    pub(crate) fn note(&self, text: &str, alias: &str, secrets: &Secrets) -> Result<Delivery, Reason> {
        let body = json!({ "source": "rbl", "note": wording::cut(text, NOTE) });
        self.change(&about(alias, "notes"), &body, secrets)?;
        Ok(Delivery::by(self.flavour.name(), true))
    }

    fn headers(&self, secrets: &Secrets) -> Result<Vec<(&'static str, String)>, Reason> {
        let key = secret(&self.client, &self.api_key, secrets)?;
        Ok(vec![("Authorization", format!("GenieKey {key}"))])
    }

    fn change(&self, path: &str, body: &Value, secrets: &Secrets) -> Result<(), Reason> {
        let response = post(&self.client, path, body, &self.headers(secrets)?, secrets)?;
        let request = taken(&response)?;
        self.processed(&request, secrets)
    }

    /// Whether a request that was taken is not known to have failed.
    fn processed(&self, request: &str, secrets: &Secrets) -> Result<(), Reason> {
        let until = Instant::now() + PROCESSED;
        let path = format!("/v2/alerts/requests/{}", percent_encoded(request));
        let mut pause = Duration::from_millis(100);
        loop {
            std::thread::sleep(pause);
            pause = pause.saturating_mul(2);
            let look = self
                .headers(secrets)?
                .into_iter()
                .fold(Request::get(self.client.at(&path, secrets)?), |look, (name, value)| {
                    look.header(name, value)
                });
            // A look that fails says nothing about the request.
            let Ok(response) = self.client.send(&look, secrets) else { return Ok(()) };
            let waits = response.status == 404
                && response.header("x-opsgenie-errortype") == Some("RequestNotProcessed");
            if !waits {
                return failed(self.flavour, &response).map_or(Ok(()), Err);
            }
            if Instant::now() + pause >= until {
                return Ok(());
            }
        }
    }

    /// Whether it accepts the key: asks for a request that there is not.
    pub(crate) fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        let headers = self.headers(&secrets)?;
        let path = "/v2/alerts/requests/00000000-0000-0000-0000-000000000000";
        let request = Request::get(self.client.at(path, &secrets)?).within(super::TEST);
        let request = headers.iter().fold(request, |it, (name, value)| it.header(name, value.as_str()));
        let response = self.client.send(&request, &secrets)?;
        let to = server(&response.address);
        match response.status {
            200..=299 | 404 if !response.is_page() => Ok(format!("{to} accepts the key")),
            _ => {
                webhook::accepted(&response, &to, "")?;
                Err(bad_answer(&response, "something unexpected"))
            }
        }
    }
}

fn about(alias: &str, what: &str) -> String {
    format!("/v2/alerts/{}/{what}?identifierType=alias", percent_encoded(alias))
}

/// `team:NAME`
fn responder(text: &str, flavour: Flavour) -> Result<Value, String> {
    let refused = || {
        format!("a responder is `team:NAME`, `user:NAME`, `escalation:NAME` or `schedule:NAME`, not `{text}`")
    };
    let (kind, name) = text.split_once(':').ok_or_else(refused)?;
    let (kind, name) = (kind.trim(), name.trim());
    if !matches!(kind, "team" | "user" | "escalation" | "schedule") || name.is_empty() {
        return Err(refused());
    }
    let key = match (flavour, kind) {
        (Flavour::Jira, _) => "id",
        (Flavour::Opsgenie, "user") => "username",
        (Flavour::Opsgenie, _) => "name",
    };
    Ok(json!({ "type": kind, key: name }))
}

/// The id of a request that was taken.
fn taken(response: &Response) -> Result<String, Reason> {
    webhook::accepted(response, &server(&response.address), "sent")?;
    let answer = json(response);
    let id = answer.as_ref().and_then(|it| it.get("requestId")).and_then(Value::as_str);
    id.map(str::to_owned).ok_or_else(|| webhook::perhaps("sent", &bad_answer(response, "no `requestId`")))
}

/// Why a request that was taken came to nothing, if that is what an answer says. Where it names an alert, there is one.
fn failed(flavour: Flavour, response: &Response) -> Option<Reason> {
    let answer = json(response).filter(|_| (200..=299).contains(&response.status))?;
    // Jira leaves out the envelope.
    let request = answer.get("data").unwrap_or(&answer);
    let field = |name: &str| request.get(name);
    let success = field("isSuccess").or_else(|| field("success")).and_then(Value::as_bool);
    let alert = field("alertId").and_then(Value::as_str).filter(|id| !id.is_empty());
    if success != Some(false) || alert.is_some() {
        return None;
    }
    let why = field("status").and_then(Value::as_str).unwrap_or("it does not say why");
    let text = format!("{} took the request, and did not do it: {}", flavour.name(), response.said(why));
    Some(Reason::new(ReasonKind::ProviderError, text))
}
