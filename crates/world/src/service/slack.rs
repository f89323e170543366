//! Slack: by a bot (`chat.postMessage`), which keeps one thread for each run, or by an incoming webhook.
//!
//! Success of a call of the Web API is `"ok": true`: Slack answers 200 to failures too. Success of an incoming webhook is the
//! text `ok`. There is no idempotency key: what may have arrived is not sent again.
//!
//! *Invariant:* `&`, `<` and `>` of everything that is not ours are escaped, so that no text can mention anybody.

use std::path::Path;

use rbl_check::{Key, KeyKind};
use rbl_project::setting::Setting;
use rbl_runtime::{
    AnswerAuthor, Conclude, Delivery, DeliveryTicket, EndNotice, Outcome, Page, Secrets, TicketHolder,
};
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::thread::ThreadMessage;
use super::{ReachConfig, address, bad_answer, json, person, post, secret, wording};
use crate::delivery::run_of;
use crate::delivery_context::Outlet;
use crate::http::{Client, server};
use crate::webhook;

/// The longest text of a message, in characters: longer ones are hard to read, and at last cut by Slack.
const LONGEST: usize = 3_000;

pub(crate) const TOKEN: Key =
    Key::optional("token", KeyKind::Secret, "none", "the token of a bot (`xoxb-…`) that may `chat:write`");
pub(crate) const CHANNEL: Key =
    Key::optional("channel", KeyKind::Plain, "none", "the id of the channel, like `C024BE7LH`; for a bot");
pub(crate) const WEBHOOK: Key = Key::optional(
    "webhook",
    KeyKind::Secret,
    "none",
    "the address of an incoming webhook, in place of `token` and `channel`",
);
pub(crate) const API: Key =
    Key::optional("api_url", KeyKind::Url, "\"https://slack.com/api\"", "where the Web API answers");
pub(crate) const MENTION: Key = Key::optional(
    "mention",
    KeyKind::Plain,
    "nobody",
    "put in front of a page, like `<!subteam^S012AB3CD>`, `<@U024BE7LH>` or `<!here>`",
);
pub(crate) const ACKNOWLEDGED_BY: Key = Key::optional(
    "acknowledged_by",
    KeyKind::Words,
    "[\"eyes\", \"white_check_mark\"]",
    "the reactions of a person that acknowledge a page; read by a bot that may `reactions:read`",
);

/// The keys of both modes.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SlackConfig {
    token: Option<Setting>,
    channel: Option<String>,
    webhook: Option<Setting>,
    api_url: Option<Setting>,
    #[serde(flatten)]
    reach: ReachConfig,
}

/// How a message gets there.
#[derive(Debug)]
pub(crate) enum Slack {
    /// By a bot.
    Bot(SlackBot),
    /// By an incoming webhook.
    Webhook(Client),
}

/// A bot in a channel.
#[derive(Debug)]
pub(crate) struct SlackBot {
    client: Client,
    token: Setting,
    channel: String,
}

/// A message that was posted.
struct Posted {
    channel: String,
    ts: String,
}

impl Posted {
    /// As a ticket keeps it.
    fn id(&self) -> String {
        format!("{}:{}", self.channel, self.ts)
    }

    fn of(id: &str) -> Option<Self> {
        let (channel, ts) = id.split_once(':')?;
        Some(Self { channel: channel.to_owned(), ts: ts.to_owned() })
    }
}

impl Slack {
    /// Errors: neither a bot nor a webhook, or both.
    pub(crate) fn new(config: SlackConfig, base: &Path) -> Result<Self, &'static str> {
        let SlackConfig { token, channel, webhook, api_url, reach } = config;
        match (token, channel, webhook) {
            (Some(token), Some(channel), None) => {
                let client = reach.client(address(api_url, "https://slack.com/api"), base);
                Ok(Self::Bot(SlackBot { client, token, channel }))
            }
            (None, None, Some(webhook)) => Ok(Self::Webhook(reach.client(webhook, base))),
            (Some(_), None, None) => Err("a bot needs the `channel` that it posts to"),
            (None, Some(_), None) => Err("a bot needs its `token`"),
            (None, None, None) => Err("write `token` and `channel` of a bot, or `webhook`"),
            (_, _, Some(_)) => Err("keep `token` and `channel` of a bot, or `webhook`"),
        }
    }

    /// Pages by a message of its own.
    pub(crate) fn page(
        &self,
        page: &Page,
        mention: Option<&str>,
        outlet: &Outlet,
    ) -> Result<Delivery, Reason> {
        let text = page_text(page, mention);
        match self {
            Self::Webhook(client) => by_webhook(client, &text, &outlet.secrets),
            Self::Bot(bot) => {
                let posted = bot.post(&text, None, &outlet.secrets)?;
                let id = posted.id();
                Ok(Delivery {
                    reference: Some(posted.ts),
                    ticket: Some(DeliveryTicket {
                        through: TicketHolder::Team(page.team.as_str().into()),
                        id,
                        acknowledges: true,
                        hears: EndNotice::Every,
                    }),
                    ..Delivery::by("Slack", true)
                })
            }
        }
    }

    /// Posts a text of a run. By a bot it goes to the thread of the run, whose first message shows the state of the run.
    pub(crate) fn post_text(&self, message: &ThreadMessage<'_>, outlet: &Outlet) -> Result<Delivery, Reason> {
        match self {
            Self::Webhook(client) => {
                let text = format!("*{}*: {}", escaped(message.runbook), shortened(message.text));
                by_webhook(client, &text, &outlet.secrets)
            }
            Self::Bot(bot) => bot.in_thread(message, &outlet.secrets),
        }
    }

    /// Who reacted to a page in a way that acknowledges it.
    pub(crate) fn acknowledged(
        &self,
        id: &str,
        by: &[String],
        outlet: &Outlet,
    ) -> Result<Option<AnswerAuthor>, Reason> {
        let (Self::Bot(bot), Some(posted)) = (self, Posted::of(id)) else { return Ok(None) };
        bot.acknowledged(&posted, by, outlet)
    }

    /// Shows in the first message how the run ended.
    pub(crate) fn conclude(&self, it: &Conclude, outlet: &Outlet) -> Result<Delivery, Reason> {
        let (Self::Bot(bot), Some(posted)) = (self, Posted::of(&it.ticket.id)) else {
            return Err(crate::team::nothing_to_conclude());
        };
        let text = first_message(&it.runbook, run_of(&it.key), &ended(it));
        bot.update(&posted, &text, &outlet.secrets)?;
        Ok(Delivery::by("Slack", true))
    }

    /// Whether it answers; nothing is posted.
    pub(crate) fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        match self {
            Self::Webhook(client) => webhook::answers(client, &secrets),
            Self::Bot(bot) => {
                let answer = bot.call("auth.test", &json!({}), &secrets)?;
                let field = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
                Ok(secrets.one_line(&format!("Slack, as {} in {}", field("user"), field("team"))))
            }
        }
    }
}

impl SlackBot {
    fn in_thread(&self, message: &ThreadMessage<'_>, secrets: &Secrets) -> Result<Delivery, Reason> {
        let ThreadMessage { name, runbook, text, run, key: _, thread } = message;
        let first = first_message(runbook, run, &shortened(text));
        let (root, is_new) = match thread.and_then(Posted::of) {
            Some(root) => (root, false),
            None => (self.post(&first, None, secrets)?, true),
        };
        self.post(&shortened(text), Some(&root), secrets)?;
        // The text has arrived: what the first message shows is a convenience.
        let behind = if is_new { None } else { self.update(&root, &first, secrets).err() };
        let by = behind.map_or_else(
            || "Slack".to_owned(),
            |why| format!("Slack; the first message of the thread is out of date: {why}"),
        );
        Ok(Delivery {
            reference: Some(root.ts.clone()),
            ticket: name.map(|name| DeliveryTicket {
                through: TicketHolder::Channel(name.into()),
                id: root.id(),
                acknowledges: false,
                hears: EndNotice::Every,
            }),
            ..Delivery::by(by, true)
        })
    }

    fn post(&self, text: &str, thread: Option<&Posted>, secrets: &Secrets) -> Result<Posted, Reason> {
        let mut body = json!({
            "channel": self.channel,
            "text": text,
            "unfurl_links": false,
            "unfurl_media": false,
        });
        if let (Some(body), Some(thread)) = (body.as_object_mut(), thread) {
            body.insert("thread_ts".into(), json!(thread.ts));
        }
        let answer = self.call("chat.postMessage", &body, secrets)?;
        let field = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        match (field("channel"), field("ts")) {
            (Some(channel), Some(ts)) => Ok(Posted { channel, ts }),
            _ => Err(webhook::perhaps(
                "sent",
                &Reason::new(ReasonKind::BadAnswer, "Slack did not say what it posted"),
            )),
        }
    }

    fn update(&self, posted: &Posted, text: &str, secrets: &Secrets) -> Result<(), Reason> {
        let body = json!({ "channel": posted.channel, "ts": posted.ts, "text": text });
        self.call("chat.update", &body, secrets).map(drop)
    }

    fn acknowledged(
        &self,
        posted: &Posted,
        by: &[String],
        outlet: &Outlet,
    ) -> Result<Option<AnswerAuthor>, Reason> {
        let body = json!({ "channel": posted.channel, "timestamp": posted.ts, "full": true });
        let answer = self.call("reactions.get", &body, &outlet.secrets)?;
        let reactions = answer.pointer("/message/reactions").and_then(Value::as_array);
        let is_meant = |reaction: &&Value| {
            let name = reaction.get("name").and_then(Value::as_str);
            name.is_some_and(|name| by.iter().any(|known| known.trim_matches(':') == name))
        };
        let mut users = reactions.into_iter().flatten().filter(is_meant);
        let user = users.find_map(|reaction| reaction.get("users")?.as_array()?.first()?.as_str());
        Ok(user.map(|user| {
            let known = person(outlet, |names| names.slack.as_deref() == Some(user));
            AnswerAuthor {
                by: Some(outlet.secrets.one_line(known.unwrap_or(user))),
                vouched: known.is_some(),
                remark: None,
            }
        }))
    }

    /// Calls a method; the answer, where it says that it worked.
    fn call(&self, method: &str, body: &Value, secrets: &Secrets) -> Result<Value, Reason> {
        let token = secret(&self.client, &self.token, secrets)?;
        let headers = [("Authorization", format!("Bearer {token}"))];
        let response = post(&self.client, &format!("/{method}"), body, &headers, secrets)?;
        webhook::accepted(&response, &server(&response.address), "sent")?;
        let answer = json(&response);
        match answer.as_ref().and_then(|it| it.get("ok")).and_then(Value::as_bool) {
            Some(true) => Ok(answer.unwrap_or_default()),
            Some(false) => {
                let error = answer.as_ref().and_then(|it| it.get("error")).and_then(Value::as_str);
                let error = response.said(error.unwrap_or("no reason"));
                let reason =
                    Reason::new(ReasonKind::ProviderError, format!("Slack refused {method}: {error}"));
                // Slack itself does not know how far it got.
                let is_unclear = matches!(
                    error.as_str(),
                    "fatal_error" | "internal_error" | "service_unavailable" | "request_timeout"
                );
                Err(if is_unclear { webhook::perhaps("sent", &reason) } else { reason })
            }
            None => Err(webhook::perhaps("sent", &bad_answer(&response, "something else than `ok`"))),
        }
    }
}

fn by_webhook(client: &Client, text: &str, secrets: &Secrets) -> Result<Delivery, Reason> {
    let response = post(client, "", &json!({ "text": text }), &[], secrets)?;
    webhook::accepted(&response, &server(&response.address), "sent")?;
    if response.body.trim_ascii() != b"ok" {
        return Err(webhook::perhaps("sent", &bad_answer(&response, "something else than `ok`")));
    }
    Ok(Delivery::by("Slack", true))
}

/// The first message of a thread: what the run is, and how it stands.
fn first_message(runbook: &str, run: &str, state: &str) -> String {
    format!("*{}* · run `{}`\n{state}", escaped(runbook), escaped(run))
}

/// How the run ended, in a line.
fn ended(it: &Conclude) -> String {
    let sign = match it.outcome {
        Outcome::Resolved => ":white_check_mark:",
        Outcome::Escalated => ":rotating_light:",
        Outcome::Failed | Outcome::Aborted | Outcome::Waiting => ":x:",
    };
    format!("{sign} {}: {}", it.outcome, shortened(&it.message))
}

fn page_text(page: &Page, mention: Option<&str>) -> String {
    let mention = mention.map_or_else(String::new, |mention| format!("{mention} "));
    let severity = page.severity.as_ref().map_or_else(String::new, |it| format!("[{}] ", escaped(it)));
    let title = escaped(&wording::cut(&wording::title(page), 300));
    let text = escaped(&wording::page_text(page, LONGEST));
    format!("{mention}:rotating_light: {severity}*{title}*\n{text}")
}

fn shortened(text: &str) -> String {
    escaped(&wording::cut(text, LONGEST))
}

/// The three characters that mean something in Slack's texts, escaped as it wants them.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
