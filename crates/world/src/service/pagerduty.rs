//! PagerDuty: pages by Events v2, notes and acknowledgements by the REST API.
//!
//! Success of an event is status 202 with `"status": "success"`; it says that the event was taken, not that anybody was called.
//! Every event has a `dedup_key`, the key of the page, so that a repetition opens no second incident. Success of a note is 2xx
//! with the note.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use rbl_check::{Key, KeyKind};
use rbl_project::setting::Setting;
use rbl_runtime::{
    AnswerAuthor, Delivery, DeliveryTicket, EndNotice, Page, Secrets, TicketHolder, percent_encoded,
};
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ReachConfig, address, bad_answer, get, json, person, post, secret, short_key, wording};
use crate::delivery_context::Outlet;
use crate::http::{Client, Response, server};
use crate::webhook;

/// The severities that PagerDuty knows.
const SEVERITIES: [&str; 4] = ["critical", "error", "warning", "info"];
/// The longest summary, in characters.
const SUMMARY: usize = 1024;
/// The longest `dedup_key`, in characters.
const DEDUP_KEY: usize = 255;
/// The most of the story, of the reason and of what a runbook says about its alert, each in bytes: an event may have 512 KB.
const DETAIL: usize = 120_000;
/// The longest name of a runbook as the source of an event, in characters.
const SOURCE: usize = 1024;
/// The longest note, in characters: PagerDuty names no limit, and this is more than people read.
pub(crate) const NOTE: usize = 25_000;
/// The length of a routing key.
const ROUTING_KEY: usize = 32;
/// How long an incident is looked for that a page has just opened: the event is only queued when it is accepted.
const APPEARS: Duration = Duration::from_secs(6);

pub(crate) const ROUTING: Key = Key::needed(
    "routing_key",
    KeyKind::Secret,
    "the integration key of the service (Events API v2), 32 characters",
);
pub(crate) const EVENTS_URL: Key = Key::optional(
    "url",
    KeyKind::Url,
    "\"https://events.pagerduty.com\"",
    "where events go; in the EU https://events.eu.pagerduty.com",
);
pub(crate) const API_URL: Key = Key::optional(
    "api_url",
    KeyKind::Url,
    "\"https://api.pagerduty.com\"",
    "the REST API; in the EU https://api.eu.pagerduty.com",
);
pub(crate) const API_TOKEN: Key = Key::optional(
    "api_token",
    KeyKind::Secret,
    "acknowledgements are not read",
    "a token of the REST API that may read incidents",
);
pub(crate) const SEVERITY: Key = Key::optional(
    "severity",
    KeyKind::OneOfEach(&SEVERITIES),
    "critical",
    "what a runbook's `severity` is there, like { sev1 = \"critical\", sev3 = \"warning\" }",
);

/// The section of a team.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PagerDutyTeamConfig {
    routing_key: Setting,
    url: Option<Setting>,
    #[serde(flatten)]
    rest: RestConfig,
    #[serde(default)]
    severity: BTreeMap<String, String>,
    #[serde(flatten)]
    reach: ReachConfig,
}

/// The keys of the REST API.
#[derive(Debug, Clone, Deserialize)]
struct RestConfig {
    api_url: Option<Setting>,
    api_token: Option<Setting>,
}

/// A service of PagerDuty.
#[derive(Debug)]
pub(crate) struct PagerDuty {
    events: Client,
    routing_key: Setting,
    rest: Option<PagerDutyRest>,
    severity: BTreeMap<String, String>,
}

/// The REST API with a token.
#[derive(Debug)]
struct PagerDutyRest {
    client: Client,
    token: Setting,
}

impl PagerDuty {
    pub(crate) fn new(config: PagerDutyTeamConfig, base: &Path) -> Self {
        let PagerDutyTeamConfig { routing_key, url, rest, severity, reach } = config;
        let events = reach.client(address(url, "https://events.pagerduty.com"), base);
        let RestConfig { api_url, api_token } = rest;
        let rest = api_token.map(|token| PagerDutyRest {
            client: reach.client(address(api_url, "https://api.pagerduty.com"), base),
            token,
        });
        Self { events, routing_key, rest, severity }
    }

    /// Opens an incident.
    pub(crate) fn trigger(&self, page: &Page, outlet: &Outlet) -> Result<Delivery, Reason> {
        let key = short_key(&page.key, DEDUP_KEY);
        let mut details = json!({
            "team": page.team,
            "story": wording::story_by(page, DETAIL, wording::json_bytes),
            "run": crate::delivery::run_of(&page.key),
        });
        if let (Some(details), Some(about)) = (details.as_object_mut(), &page.about) {
            details.insert("about".into(), json!(wording::cut_by(about, DETAIL, wording::json_bytes)));
        }
        let title = wording::title(page);
        let has_more = page.reason.lines().count() > 1 || title.chars().count() > SUMMARY;
        if let (Some(details), true) = (details.as_object_mut(), has_more) {
            let reason = wording::cut_by(&page.reason, DETAIL, wording::json_bytes);
            details.insert("reason".into(), json!(reason));
        }
        let mut event = json!({
            "event_action": "trigger",
            "dedup_key": key,
            "payload": {
                "summary": wording::line(&title, SUMMARY),
                "source": wording::line(&page.runbook, SOURCE),
                "severity": self.severity(page.severity.as_deref()),
                "custom_details": details,
            },
            "client": "rbl",
        });
        let links: Vec<Value> =
            page.links.iter().map(|(name, url)| json!({ "href": url, "text": name })).collect();
        if let (Some(event), Some((_, first)), false) =
            (event.as_object_mut(), page.links.first(), links.is_empty())
        {
            event.insert("client_url".into(), json!(first));
            event.insert("links".into(), links.into());
        }
        self.enqueue(event, &outlet.secrets)?;
        Ok(Delivery {
            by: "PagerDuty".into(),
            reached_others: true,
            reference: Some(key.clone()),
            ticket: Some(DeliveryTicket {
                through: TicketHolder::Team(page.team.as_str().into()),
                id: key,
                acknowledges: self.rest.is_some(),
                hears: EndNotice::Resolved,
                message: None,
            }),
        })
    }

    /// Resolves the incident that a page opened.
    pub(crate) fn resolve(&self, dedup_key: &str, secrets: &Secrets) -> Result<Delivery, Reason> {
        self.enqueue(json!({ "event_action": "resolve", "dedup_key": dedup_key }), secrets)?;
        Ok(Delivery::by("PagerDuty", true))
    }

    fn severity<'s>(&'s self, severity: Option<&'s str>) -> &'s str {
        let Some(severity) = severity else { return "critical" };
        let configured = self.severity.get(severity).map(String::as_str);
        let known = SEVERITIES.into_iter().find(|known| known.eq_ignore_ascii_case(severity));
        configured.or(known).unwrap_or("critical")
    }

    fn enqueue(&self, mut event: Value, secrets: &Secrets) -> Result<(), Reason> {
        let routing_key = self.routing_key(secrets)?;
        if let Some(event) = event.as_object_mut() {
            event.insert("routing_key".into(), json!(routing_key));
        }
        let response = post(&self.events, "/v2/enqueue", &event, &[], secrets)?;
        taken(&response)
    }

    fn routing_key(&self, secrets: &Secrets) -> Result<String, Reason> {
        let key = secret(&self.events, &self.routing_key, secrets)?;
        if key.chars().count() == ROUTING_KEY {
            return Ok(key);
        }
        let text = format!("the `routing_key` has {} characters and not {ROUTING_KEY}", key.chars().count());
        Err(Reason::new(ReasonKind::NotRun, text))
    }

    /// Who acknowledged the incident of a page, or resolved it by hand.
    pub(crate) fn acknowledged(
        &self,
        dedup_key: &str,
        outlet: &Outlet,
    ) -> Result<Option<AnswerAuthor>, Reason> {
        let Some(rest) = &self.rest else { return Ok(None) };
        let Some(incident) = rest.incident(dedup_key, &outlet.secrets)? else { return Ok(None) };
        let who = match incident.get("status").and_then(Value::as_str) {
            Some("acknowledged") => incident.pointer("/acknowledgements/0/acknowledger"),
            Some("resolved") => incident.get("last_status_change_by"),
            _ => return Ok(None),
        };
        let field = |name: &str| who.and_then(|who| who.get(name)).and_then(Value::as_str);
        let named = person(outlet, |names| {
            field("email").is_some_and(|email| {
                names.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(email))
            })
        });
        let by = named.or_else(|| field("summary")).unwrap_or("somebody in PagerDuty");
        Ok(Some(AnswerAuthor {
            by: Some(outlet.secrets.one_line(by)),
            vouched: named.is_some(),
            remark: None,
        }))
    }

    /// Whether it answers: nothing is opened.
    pub(crate) fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        self.routing_key(&secrets)?;
        if let Some(rest) = &self.rest {
            return rest.test(&secrets);
        }
        let answer = webhook::answers(&self.events, &secrets)?;
        Ok(format!("{answer}; whether the routing key is right only a page shows"))
    }
}

impl PagerDutyRest {
    fn headers(&self, secrets: &Secrets) -> Result<Vec<(&'static str, String)>, Reason> {
        let token = secret(&self.client, &self.token, secrets)?;
        Ok(vec![
            ("Authorization", format!("Token token={token}")),
            ("Accept", "application/vnd.pagerduty+json;version=2".into()),
        ])
    }

    /// The incident that has this key, the newest one; `None`: there is none, or not yet.
    fn incident(&self, dedup_key: &str, secrets: &Secrets) -> Result<Option<Value>, Reason> {
        let path = format!("/incidents?incident_key={}", percent_encoded(dedup_key));
        let answer = get(&self.client, &path, &self.headers(secrets)?, secrets)?;
        let all = answer.get("incidents").and_then(Value::as_array);
        let Some(all) = all else {
            let to = server(&self.client.at("", secrets)?);
            let text = format!("{to} answered a list of incidents without `incidents`");
            return Err(Reason::new(ReasonKind::BadAnswer, text));
        };
        Ok(all.iter().max_by_key(|it| it.get("created_at").and_then(Value::as_str)).cloned())
    }

    fn test(&self, secrets: &Secrets) -> Result<String, Reason> {
        get(&self.client, "/abilities", &self.headers(secrets)?, secrets)?;
        Ok(format!("{} accepts the token", server(&self.client.at("", secrets)?)))
    }
}

/// The section of a channel.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PagerDutyNotesConfig {
    api_url: Option<Setting>,
    api_token: Setting,
    from: String,
    #[serde(flatten)]
    reach: ReachConfig,
}

/// The notes of the incidents that a run has opened.
#[derive(Debug)]
pub(crate) struct PagerDutyNotes {
    rest: PagerDutyRest,
    from: String,
}

impl PagerDutyNotes {
    pub(crate) fn new(config: PagerDutyNotesConfig, base: &Path) -> Self {
        let client = config.reach.client(address(config.api_url, "https://api.pagerduty.com"), base);
        Self { rest: PagerDutyRest { client, token: config.api_token }, from: config.from }
    }

    /// Adds a note to the incident with this key.
    pub(crate) fn note(&self, text: &str, dedup_key: &str, secrets: &Secrets) -> Result<Delivery, Reason> {
        let until = Instant::now() + APPEARS;
        let incident = loop {
            match self.rest.incident(dedup_key, secrets)? {
                Some(incident) => break incident,
                None if Instant::now() >= until => {
                    let text = "there is no incident of this run's page to write the note on";
                    return Err(Reason::new(ReasonKind::NoData, text));
                }
                None => std::thread::sleep(Duration::from_millis(500)),
            }
        };
        let id = incident.get("id").and_then(Value::as_str).unwrap_or_default();
        let mut headers = self.rest.headers(secrets)?;
        headers.push(("From", self.from.clone()));
        let path = format!("/incidents/{}/notes", percent_encoded(id));
        let body = json!({ "note": { "content": text } });
        let response = post(&self.rest.client, &path, &body, &headers, secrets)?;
        webhook::accepted(&response, &server(&response.address), "sent")?;
        let note = json(&response).and_then(|it| it.pointer("/note/id").cloned());
        if note.is_none() {
            return Err(webhook::perhaps("sent", &bad_answer(&response, "no note")));
        }
        Ok(Delivery { reference: Some(id.to_owned()), ..Delivery::by("PagerDuty", true) })
    }

    pub(crate) fn test(&self) -> Result<String, Reason> {
        self.rest.test(&Secrets::of_connection())
    }
}

/// Whether an event was taken.
fn taken(response: &Response) -> Result<(), Reason> {
    let to = server(&response.address);
    webhook::accepted(response, &to, "sent")?;
    let answer = json(response);
    if answer.as_ref().and_then(|it| it.get("status")).and_then(Value::as_str) == Some("success") {
        return Ok(());
    }
    Err(webhook::perhaps("sent", &bad_answer(response, "something else than success")))
}
