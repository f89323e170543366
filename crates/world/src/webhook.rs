//! Webhooks: pages and records as JSON that is sent to an address by POST.
//!
//! Success is a status of 2xx with anything but a page for people: a sign-in page answers 200 too. A request is sent once. If
//! it may have arrived and nothing came back, the reason says so, and nobody sends it again.

mod template;

use std::path::Path;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use rbl_check::{Key, KeyKind};
use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::{Delivery, Page, RecordEffect, Secrets};
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::http::patient;
use crate::http::{Client, Credentials, JsonFault, Request, Response, server};
use crate::service::wording;
use crate::{config_keys, delivery, secrets};

pub(crate) use template::{BodyTemplate, TemplateError};

/// Where it is sent.
pub(crate) const URL: Key = Key::needed("url", KeyKind::Url, "where it is sent, by POST");

/// What is sent.
pub(crate) const BODY: Key = Key::optional(
    "body",
    KeyKind::Plain,
    "all fields",
    "the JSON to send; in its texts `#{FIELD}` stands for the value of a field",
);

/// The limit of the other side.
pub(crate) const LONGEST: Key = Key::optional(
    "longest",
    KeyKind::Count,
    "no limit",
    "how many characters the other side takes in one text of the JSON: a longer one is cut, and says so",
);

/// Headers.
pub(crate) const HEADERS: Key = Key::optional("headers", KeyKind::Settings, "none", "sent with each request");

/// The key of the signature.
pub(crate) const SECRET: Key = Key::optional(
    "secret",
    KeyKind::Secret,
    "not signed",
    "signs the body: `X-Rbl-Signature: sha256=…` is its HMAC-SHA256 in hex",
);

/// How much of an answer is read. It only says why something was refused.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// Its section.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct WebhookConfig {
    url: Setting,
    body: Option<BodyTemplate>,
    longest: Option<usize>,
    #[serde(flatten)]
    credentials: Credentials,
    secret: Option<Setting>,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
}

/// A webhook.
#[derive(Debug)]
pub(crate) struct Webhook {
    client: Client,
    body: Option<BodyTemplate>,
    longest: Option<usize>,
    secret: Option<Setting>,
}

impl Webhook {
    /// A webhook whose messages have these fields.
    ///
    /// Errors: the body names another field.
    pub(crate) fn new(config: WebhookConfig, fields: &[&str], base: &Path) -> Result<Self, TemplateError> {
        let WebhookConfig { url, body, longest, credentials, secret, timeout } = config;
        if let Some(body) = &body {
            body.check(fields)?;
        }
        Ok(Self {
            client: Client::new(url, timeout, credentials, base, LONGEST_ANSWER),
            body,
            longest,
            secret,
        })
    }

    /// The fields of a page; where the other side has a limit, each part of it gets a share.
    pub(crate) fn page_fields(&self, page: &Page) -> Value {
        let mut fields = delivery::of_page(page);
        if let (Some(longest), Some(fields)) = (self.longest, fields.as_object_mut()) {
            let share = longest / 4;
            fields.insert("reason".into(), json!(wording::cut(&page.reason, share)));
            let story = wording::story(page, share);
            fields.insert("story".into(), json!(story.lines().collect::<Vec<_>>()));
            let about = page.about.as_deref().map(|about| wording::cut(about, share));
            fields.insert("about".into(), json!(about));
        }
        fields
    }

    /// The text of a record; where the other side has a limit, the runbook and what the body says has room beside it.
    pub(crate) fn record_text(&self, record: &RecordEffect, mut fields: Value) -> Value {
        if let (Some(longest), Some(fields)) = (self.longest, fields.as_object_mut()) {
            fields.insert("text".into(), json!(wording::record_body(record, longest / 4 * 3)));
        }
        fields
    }

    /// Sends a message: its event and all its fields, or the configured body.
    pub(crate) fn send(
        &self,
        event: &str,
        mut fields: Value,
        key: &str,
        secrets: &Secrets,
    ) -> Result<Delivery, Reason> {
        let body = if let Some(body) = &self.body {
            body.filled(&fields)
        } else {
            if let Some(fields) = fields.as_object_mut() {
                fields.insert("event".into(), json!(event));
            }
            fields
        };
        let body = match self.longest {
            Some(longest) => template::each_cut(body, longest),
            None => body,
        };
        let body = body.to_string().into_bytes();
        let address = self.client.at("", secrets)?;
        let to = server(&address);
        let signature = self.signature(&body, secrets)?;
        let mut request = Request::post(address, "application/json", body).header("Idempotency-Key", key);
        if let Some(signature) = signature {
            request = request.header("X-Rbl-Signature", signature);
        }
        let response = patient::send(&self.client, &request, secrets, "sent")?;
        accepted(&response, &to, "sent")?;
        match says_no(&response) {
            Ok(false) => {}
            Ok(true) => return Err(Reason::new(ReasonKind::ProviderError, said(&response, &to))),
            Err(fault) => {
                let text = format!("{to} answered with {fault}: {}", response.line());
                return Err(perhaps("sent", &Reason::new(ReasonKind::BadAnswer, text)));
            }
        }
        Ok(Delivery::by(secrets.one_line(&to), true))
    }

    fn signature(&self, body: &[u8], secrets: &Secrets) -> Result<Option<String>, Reason> {
        let Some(secret) = &self.secret else { return Ok(None) };
        let key = secrets::setting(secrets, secret, self.client.base())?;
        if key.is_empty() {
            return Err(Reason::new(ReasonKind::NotRun, "the `secret` that signs the body is empty"));
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())
            .map_err(|_| Reason::new(ReasonKind::NotRun, "the `secret` cannot sign the body"))?;
        mac.update(body);
        let digest = mac.finalize().into_bytes();
        Ok(Some(digest.iter().fold("sha256=".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))))
    }

    /// Whether something answers at the address, asked by OPTIONS: nothing is sent.
    pub(crate) fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        // What a page would need and an OPTIONS request does not.
        self.signature(b"", &secrets)?;
        answers(&self.client, &secrets)
    }
}

/// Asks a server by OPTIONS, which changes nothing, whether it answers and accepts the sign-in.
pub(crate) fn answers(client: &Client, secrets: &Secrets) -> Result<String, Reason> {
    let request = Request::new("OPTIONS", client.at("", secrets)?).within(Duration::from_secs(10));
    let response = client.send(&request, secrets)?;
    let (to, status) = (server(&response.address), response.status_in_words());
    match response.status {
        401 | 403 => Err(no_entry(&to, response.status)),
        // That it does not know the method is an answer too.
        100..=299 | 400..=499 | 501 => Ok(format!("{to} answers {status}")),
        _ => Err(Reason::new(ReasonKind::ProviderError, format!("{to} answered {status}"))),
    }
}

/// Whether the request was accepted. `done`: what may have happened if that is unclear; empty for what only looks.
pub(crate) fn accepted(response: &Response, to: &str, done: &str) -> Result<(), Reason> {
    let status = response.status_in_words();
    let refused = |text: String| Err(Reason::new(ReasonKind::ProviderError, text));
    match response.status {
        200..=299 if !response.is_page() => Ok(()),
        200..=299 => Err(perhaps(
            done,
            &Reason::new(
                ReasonKind::BadAnswer,
                format!("{to} answered {status} with a page for people: is a sign-in needed?"),
            ),
        )),
        300..=399 => {
            let target = response.header("location").map(|target| format!(" to {}", response.said(target)));
            refused(format!("{to} sends us elsewhere ({status}{})", target.unwrap_or_default()))
        }
        401 | 403 => Err(no_entry(to, response.status)),
        // A gateway that got no answer, or a server that broke while it worked on it: nobody can know. 503 says that it did not
        // begin.
        500 | 502 | 504..=599 => {
            Err(perhaps(done, &Reason::new(ReasonKind::ProviderError, said(response, to))))
        }
        _ => refused(said(response, to)),
    }
}

/// Whether a service says in an answer of 200 that it did nothing, as many do: `{"ok": false, "error": …}`. What is not JSON says
/// nothing of that kind.
///
/// Errors: it says something twice, so that nobody knows what it says.
fn says_no(response: &Response) -> Result<bool, JsonFault> {
    match response.json() {
        Ok(Value::Object(answer)) => {
            Ok(["ok", "success"].into_iter().any(|name| answer.get(name) == Some(&Value::Bool(false))))
        }
        Ok(_) | Err(JsonFault::NotJson) => Ok(false),
        Err(fault @ JsonFault::Repeated(_)) => Err(fault),
    }
}

fn said(response: &Response, to: &str) -> String {
    let status = response.status_in_words();
    if response.is_page() || response.body.trim_ascii().is_empty() {
        format!("{to} answered {status}")
    } else {
        format!("{to} answered {status}: {}", response.line())
    }
}

fn no_entry(to: &str, status: u16) -> Reason {
    let text = format!("{to} does not let us in ({status}): look at the token or the password");
    Reason::new(ReasonKind::ProviderError, text)
}

/// The reason of something that may have happened all the same: `may have been sent: …`. `done` is empty for what only looks.
pub(crate) fn perhaps(done: &str, reason: &Reason) -> Reason {
    if done.is_empty() {
        return reason.clone();
    }
    Reason::new(reason.kind, format!("may have been {done}: {}", reason.text))
}
