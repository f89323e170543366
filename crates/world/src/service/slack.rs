//! Slack: by a bot (`chat.postMessage`), which keeps one thread for each run, or by an incoming webhook.
//!
//! Success of a call of the Web API is `"ok": true`: Slack answers 200 to failures too. Success of an incoming webhook is the
//! text `ok`. There is no idempotency key: what may have arrived is not sent again. A message of a bot carries its key as metadata, so that
//! after a crash it is looked for, and posted only where it is not there.
//!
//! *Invariant:* `&`, `<` and `>` of everything that is not ours are escaped, so that no text can mention anybody.

use std::path::Path;
use std::sync::Arc;

use rbl_check::{Key, KeyKind};
use rbl_project::setting::Setting;
use rbl_runtime::teams::TeamRules;
use rbl_runtime::{
    AnswerAuthor, AskedQuestion, Conclude, Delivery, DeliveryTicket, EndNotice, Outcome, Page, Secrets,
    TicketHolder,
};
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::slack_blocks::{answered_blocks, question_blocks};
use super::slack_interaction::Interactions;
use super::slack_socket::SocketMode;
use super::thread::ThreadMessage;
use super::{ReachConfig, address, bad_answer, json, person, post, secret, wording};
use crate::channel::{AnswerResult, ChatAnswer, ChatAnswers, InteractionRefusal, SignedInteraction};
use crate::delivery::{Redelivery, not_sent_again, run_of};
use crate::delivery_context::Outlet;
use crate::http::{Client, Request, Response, percent_encoded, server};
use crate::webhook;

/// The longest text of a message, as [`limited`] counts: longer ones are hard to read, and `chat.update` refuses more than 4,000.
const LONGEST: usize = 3_000;

/// The longest name of a runbook.
const NAME: usize = 200;

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

pub(crate) const APP_TOKEN: Key = Key::optional(
    "app_token",
    KeyKind::Secret,
    "no buttons by Socket Mode",
    "the token of the app (`xapp-…`) that may `connections:write`: questions get buttons, and a server hears them by Socket Mode",
);
pub(crate) const SIGNING_SECRET: Key = Key::optional(
    "signing_secret",
    KeyKind::Secret,
    "no buttons by requests",
    "the signing secret of the app: questions get buttons, and a server hears them at `/slack/NAME`",
);
pub(crate) const SOCKETS: Key = Key::optional(
    "sockets",
    KeyKind::Count,
    "2",
    "how many connections a server holds for Socket Mode, 1 to 10: one that is renewed leaves another",
);

/// The event type of the metadata of a message.
const METADATA: &str = "rbl_message";

/// How many pages of messages are looked through for one that may have been sent.
const MOST_PAGES: usize = 5;

/// The keys of both modes.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SlackConfig {
    token: Option<Setting>,
    channel: Option<String>,
    webhook: Option<Setting>,
    api_url: Option<Setting>,
    #[serde(flatten)]
    hearing: HearingConfig,
    #[serde(flatten)]
    reach: ReachConfig,
}

/// How a message gets there.
#[derive(Debug)]
pub(crate) enum Slack {
    /// By a bot.
    Bot(SlackBot),
    /// By an incoming webhook.
    Webhook(Box<Client>),
}

/// A bot in a channel.
#[derive(Debug)]
pub(crate) struct SlackBot {
    client: Arc<Client>,
    token: Setting,
    channel: String,
    /// What people press; `None`: nobody hears it, and questions have no buttons.
    interactions: Option<Interactions>,
}

/// How a server hears what people press.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct HearingConfig {
    app_token: Option<Setting>,
    signing_secret: Option<Setting>,
    sockets: Option<u16>,
}

impl HearingConfig {
    fn is_some(&self) -> bool {
        self.app_token.is_some() || self.signing_secret.is_some()
    }

    /// `None`: nothing of it is configured.
    ///
    /// Errors: the keys do not fit together.
    fn interactions(
        self,
        (client, token): (&Arc<Client>, &Setting),
        reach: &ReachConfig,
        base: &Path,
    ) -> Result<Option<Interactions>, &'static str> {
        let is_some = self.is_some();
        let Self { app_token, signing_secret, sockets } = self;
        if sockets.is_some() && app_token.is_none() {
            return Err("`sockets` needs an `app_token`");
        }
        if sockets.is_some_and(|count| !(1..=10).contains(&count)) {
            return Err("`sockets` is a number from 1 to 10: Slack allows no more");
        }
        let socket = app_token.map(|app| {
            SocketMode::new(Arc::clone(client), app, sockets.unwrap_or(2), reach.tls().clone(), base)
        });
        let bot = (Arc::clone(client), token.clone());
        Ok(is_some.then(|| Interactions::new(bot, socket, signing_secret, base)))
    }
}

/// A message, before it is posted.
#[derive(Default)]
struct Draft<'a> {
    text: &'a str,
    blocks: Option<Value>,
    key: &'a str,
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
        let SlackConfig { token, channel, webhook, api_url, hearing, reach } = config;
        match (token, channel, webhook) {
            (Some(token), Some(channel), None) => {
                let client = Arc::new(reach.client(address(api_url, "https://slack.com/api"), base));
                let interactions = hearing.interactions((&client, &token), &reach, base)?;
                Ok(Self::Bot(SlackBot { client, token, channel, interactions }))
            }
            (None, None, Some(_)) if hearing.is_some() => {
                Err("buttons need a bot: write `token` and `channel` in place of `webhook`")
            }
            (None, None, Some(webhook)) => Ok(Self::Webhook(Box::new(reach.client(webhook, base)))),
            (Some(_), None, None) => Err("a bot needs the `channel` that it posts to"),
            (None, Some(_), None) => Err("a bot needs its `token`"),
            (None, None, None) => Err("write `token` and `channel` of a bot, or `webhook`"),
            (_, _, Some(_)) => Err("keep `token` and `channel` of a bot, or `webhook`"),
        }
    }

    /// Whether a server hears what people press.
    pub(crate) fn hears_answers(&self) -> bool {
        matches!(self, Self::Bot(SlackBot { interactions: Some(_), .. }))
    }

    /// What people pressed, for a short time.
    pub(crate) fn listen(&self, place: Option<&str>, teams: &TeamRules) -> Result<ChatAnswers, Reason> {
        match self {
            Self::Bot(SlackBot { interactions: Some(interactions), .. }) => {
                Ok(interactions.listen(place, teams))
            }
            Self::Bot(_) | Self::Webhook(_) => Err(crate::channel::hears_nothing()),
        }
    }

    /// The next of what people pressed is on disk.
    pub(crate) fn recorded(&self) {
        if let Self::Bot(SlackBot { interactions: Some(interactions), .. }) = self {
            interactions.recorded();
        }
    }

    /// Takes a request of Slack.
    pub(crate) fn take_interaction(&self, request: &SignedInteraction<'_>) -> Result<(), InteractionRefusal> {
        match self {
            Self::Bot(SlackBot { interactions: Some(interactions), .. }) => interactions.take(request),
            Self::Bot(_) | Self::Webhook(_) => Err(InteractionRefusal::NotConfigured),
        }
    }

    /// Says to whoever answered what became of it. Who else has to approve everybody in the thread may know.
    pub(crate) fn reply(
        &self,
        heard: &ChatAnswer,
        said: &AnswerResult,
        secrets: &Secrets,
    ) -> Result<(), Reason> {
        let Self::Bot(bot) = self else { return Err(crate::channel::hears_nothing()) };
        let Some(posted) = Posted::of(&heard.message) else { return Ok(()) };
        let thread = heard.thread.as_deref().unwrap_or(&posted.ts);
        let mut body =
            json!({ "channel": posted.channel, "thread_ts": thread, "text": escaped(&said.to_string()) });
        let method = if let AnswerResult::Waits(_) = said {
            "chat.postMessage"
        } else {
            if let Some(body) = body.as_object_mut() {
                body.insert("user".into(), json!(heard.who));
            }
            "chat.postEphemeral"
        };
        bot.call(method, &body, secrets).map(drop)
    }

    /// What becomes of a second try with the same key.
    pub(crate) fn redelivery(&self) -> Redelivery {
        match self {
            Self::Bot(_) => Redelivery::Once,
            Self::Webhook(_) => Redelivery::Twice,
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
                let draft = Draft { text: &text, blocks: None, key: &page.key };
                let posted = bot.post_once(&draft, None, page.again, &outlet.secrets)?;
                let id = posted.id();
                Ok(Delivery {
                    reference: Some(posted.ts),
                    ticket: Some(DeliveryTicket {
                        through: TicketHolder::Team(page.team.as_str().into()),
                        id,
                        acknowledges: true,
                        hears: EndNotice::Every,
                        message: None,
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
                let text = format!("*{}*: {}", name(message.runbook), body(message));
                by_webhook(client, &text, &outlet.secrets)
            }
            Self::Bot(bot) => bot.in_thread(message, None, &outlet.secrets),
        }
    }

    /// Posts a question: with buttons where somebody who may answer it has an id in Slack, and a server hears them.
    pub(crate) fn ask(
        &self,
        question: &AskedQuestion,
        message: &ThreadMessage<'_>,
        outlet: &Outlet,
    ) -> Result<Delivery, Reason> {
        let Self::Bot(bot) = self else { return self.post_text(message, outlet) };
        let mut members = question.by.iter().flat_map(|team| outlet.teams.members_of(team));
        let is_known = match &question.by {
            Some(_) => members.any(|(_, names)| names.is_some_and(|names| names.slack.is_some())),
            None => outlet.teams.people.values().any(|names| names.slack.is_some()),
        };
        let has_buttons = bot.interactions.is_some() && is_known;
        let blocks = question_blocks(question, message.runbook, message.run, has_buttons);
        bot.in_thread(message, Some(blocks), &outlet.secrets)
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
        let message = if it.question.is_some() { it.ticket.message.as_ref() } else { None };
        let (Self::Bot(bot), Some(posted)) = (self, Posted::of(message.unwrap_or(&it.ticket.id))) else {
            return Err(crate::team::nothing_to_conclude());
        };
        if let Some(question) = &it.question {
            let asked = limited(&question.text, LONGEST - 500);
            let text = format!("{asked}\n{}", limited(&question.answer, 500));
            let body = json!({
                "channel": posted.channel,
                "ts": posted.ts,
                "text": text,
                "blocks": answered_blocks(&it.runbook, question),
            });
            bot.call("chat.update", &body, &outlet.secrets)?;
            return Ok(Delivery::by("Slack", true));
        }
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
                if let Some(interactions) = &bot.interactions {
                    interactions.test(&secrets)?;
                }
                let field = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
                Ok(secrets.one_line(&format!("Slack, as {} in {}", field("user"), field("team"))))
            }
        }
    }
}

impl SlackBot {
    fn in_thread(
        &self,
        message: &ThreadMessage<'_>,
        blocks: Option<Value>,
        secrets: &Secrets,
    ) -> Result<Delivery, Reason> {
        let ThreadMessage { name, runbook, run, key, thread, again, .. } = message;
        let text = body(message);
        let first = first_message(runbook, run, &text);
        let is_question = blocks.is_some();
        let (root, is_new) = if let Some(root) = thread.and_then(Posted::of) {
            (root, false)
        } else {
            let key = format!("{run}/{name}/first", name = name.unwrap_or_default());
            let draft = Draft { text: &first, blocks: None, key: &key };
            (self.post_once(&draft, None, *again, secrets)?, true)
        };
        let posted = self.post_once(&Draft { text: &text, blocks, key }, Some(&root), *again, secrets);
        let (posted, by) = match posted {
            // The text has arrived: what the first message shows is a convenience.
            Ok(posted) => {
                let behind = if is_new { None } else { self.update(&root, &first, secrets).err() };
                let by = behind.map_or_else(
                    || "Slack".to_owned(),
                    |why| format!("Slack; the first message of the thread is out of date: {why}"),
                );
                (Some(posted), by)
            }
            // The first message of a new thread has the text too, and its thread is that of the run.
            Err(why) if is_new => (None, format!("Slack, only in the first message of the thread: {why}")),
            Err(why) => return Err(why),
        };
        Ok(Delivery {
            reference: Some(root.ts.clone()),
            ticket: name.map(|name| DeliveryTicket {
                through: TicketHolder::Channel(name.into()),
                id: root.id(),
                acknowledges: false,
                hears: EndNotice::Every,
                message: posted.filter(|_| is_question).map(|posted| posted.id()),
            }),
            ..Delivery::by(by, true)
        })
    }

    /// Posts a message; `again`: unless one with this key is there, because an earlier try was cut off.
    fn post_once(
        &self,
        draft: &Draft<'_>,
        thread: Option<&Posted>,
        again: bool,
        secrets: &Secrets,
    ) -> Result<Posted, Reason> {
        if again {
            let found = self.find(draft.key, thread, secrets).map_err(|why| {
                let not_sent = not_sent_again();
                Reason::new(not_sent.kind, format!("{}, and could not be looked for: {why}", not_sent.text))
            })?;
            if let Some(found) = found {
                return Ok(found);
            }
        }
        self.post(draft, thread, secrets)
    }

    /// The message with this key, in a thread or in the channel. The bot may read it: `channels:history`, `groups:history`.
    ///
    /// Errors: it cannot be looked for, or there are more messages than are looked through.
    fn find(&self, key: &str, thread: Option<&Posted>, secrets: &Secrets) -> Result<Option<Posted>, Reason> {
        let mut cursor = String::new();
        for _ in 0..MOST_PAGES {
            let mut fields = vec![
                ("channel", thread.map_or(self.channel.as_str(), |thread| thread.channel.as_str())),
                ("limit", "200"),
                ("include_all_metadata", "true"),
            ];
            if let Some(thread) = thread {
                fields.push(("ts", &thread.ts));
            }
            if !cursor.is_empty() {
                fields.push(("cursor", &cursor));
            }
            let method = if thread.is_some() { "conversations.replies" } else { "conversations.history" };
            let answer = self.look(method, &fields, secrets)?;
            let Some(messages) = answer.get("messages").and_then(Value::as_array) else {
                return Err(Reason::new(
                    ReasonKind::BadAnswer,
                    format!("Slack answered {method} without messages"),
                ));
            };
            let has_key = |message: &&Value| {
                let of = |path: &str| message.pointer(path).and_then(Value::as_str);
                of("/metadata/event_type") == Some(METADATA) && of("/metadata/event_payload/key") == Some(key)
            };
            if let Some(ts) = messages.iter().find(has_key).and_then(|it| it.get("ts")?.as_str()) {
                let channel = thread.map_or(&self.channel, |thread| &thread.channel).clone();
                return Ok(Some(Posted { channel, ts: ts.to_owned() }));
            }
            let next = answer.pointer("/response_metadata/next_cursor").and_then(Value::as_str);
            match next.filter(|next| !next.is_empty()) {
                Some(next) => next.clone_into(&mut cursor),
                None => return Ok(None),
            }
        }
        Err(Reason::new(
            ReasonKind::Partial,
            format!("it is not among the last {} messages", MOST_PAGES * 200),
        ))
    }

    fn post(&self, draft: &Draft<'_>, thread: Option<&Posted>, secrets: &Secrets) -> Result<Posted, Reason> {
        let mut body = json!({
            "channel": self.channel,
            "text": draft.text,
            "unfurl_links": false,
            "unfurl_media": false,
            "metadata": { "event_type": METADATA, "event_payload": { "key": draft.key } },
        });
        if let Some(body) = body.as_object_mut() {
            if let Some(thread) = thread {
                body.insert("thread_ts".into(), json!(thread.ts));
            }
            if let Some(blocks) = &draft.blocks {
                body.insert("blocks".into(), blocks.clone());
            }
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
        let fields = [("channel", posted.channel.as_str()), ("timestamp", &posted.ts), ("full", "true")];
        let answer = self.look("reactions.get", &fields, &outlet.secrets)?;
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

    /// Calls a method that only looks: those take no JSON.
    fn look(&self, method: &str, fields: &[(&str, &str)], secrets: &Secrets) -> Result<Value, Reason> {
        let token = secret(&self.client, &self.token, secrets)?;
        let query: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
        let request = Request::get(self.client.at(&format!("/{method}?{}", query.join("&")), secrets)?)
            .header("Authorization", format!("Bearer {token}"));
        let response = self.client.send(&request, secrets)?;
        webhook::accepted(&response, &server(&response.address), "")?;
        worked(method, &response)
    }

    /// Calls a method; the answer, where it says that it worked.
    fn call(&self, method: &str, body: &Value, secrets: &Secrets) -> Result<Value, Reason> {
        call(&self.client, &self.token, method, body, secrets)
    }
}

/// Calls a method with a token; the answer, where it says that it worked.
pub(super) fn call(
    client: &Client,
    token: &Setting,
    method: &str,
    body: &Value,
    secrets: &Secrets,
) -> Result<Value, Reason> {
    let token = secret(client, token, secrets)?;
    let headers = [("Authorization", format!("Bearer {token}"))];
    let response = post(client, &format!("/{method}"), body, &headers, secrets)?;
    webhook::accepted(&response, &server(&response.address), "sent")?;
    worked(method, &response)
}

/// The answer, where it says that it worked.
fn worked(method: &str, response: &Response) -> Result<Value, Reason> {
    let answer = json(response);
    match answer.as_ref().and_then(|it| it.get("ok")).and_then(Value::as_bool) {
        Some(true) => Ok(answer.unwrap_or_default()),
        Some(false) => {
            let error = answer.as_ref().and_then(|it| it.get("error")).and_then(Value::as_str);
            let error = response.said(error.unwrap_or("no reason"));
            let reason = Reason::new(ReasonKind::ProviderError, format!("Slack refused {method}: {error}"));
            // Slack itself does not know how far it got.
            let is_unclear = matches!(
                error.as_str(),
                "fatal_error" | "internal_error" | "service_unavailable" | "request_timeout"
            );
            Err(if is_unclear { webhook::perhaps("sent", &reason) } else { reason })
        }
        None => Err(webhook::perhaps("sent", &bad_answer(response, "something else than `ok`"))),
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
    format!("*{}* · run `{}`\n{state}", name(runbook), escaped(run))
}

/// How the run ended, in a line.
fn ended(it: &Conclude) -> String {
    let sign = match it.outcome {
        Outcome::Resolved => ":white_check_mark:",
        Outcome::Escalated => ":rotating_light:",
        Outcome::Failed | Outcome::Aborted | Outcome::Waiting => ":x:",
    };
    format!("{sign} {}: {}", it.outcome, limited(&it.message, LONGEST))
}

fn page_text(page: &Page, mention: Option<&str>) -> String {
    let mention = mention.map_or_else(String::new, |mention| format!("{mention} "));
    let severity = page.severity.as_ref().map_or_else(String::new, |it| format!("[{}] ", escaped(it)));
    let title = escaped(&wording::line(&wording::title(page), 300));
    let text = escaped(&wording::page_text(page, LONGEST));
    format!("{mention}:rotating_light: {severity}*{title}*\n{text}")
}

/// What is posted.
fn body(message: &ThreadMessage<'_>) -> String {
    escaped(&wording::record_body_by(message.record, LONGEST, weight))
}

/// The name of a runbook.
pub(super) fn name(runbook: &str) -> String {
    escaped(&wording::line(runbook, NAME))
}

/// A text, escaped and no longer than this as Slack counts it: nothing of what is escaped is cut in two.
pub(super) fn limited(text: &str, most: usize) -> String {
    escaped(&wording::cut_by(text, most, weight))
}

/// How long a character is where Slack counts, which it does in units of UTF-16.
pub(super) const fn weight(c: char) -> usize {
    match c {
        '&' => 5,
        '<' | '>' => 4,
        c => c.len_utf16(),
    }
}

/// The three characters that mean something in Slack's texts, escaped as it wants them.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
