//! Matrix: a room in which each run has a thread, whose first message is kept up to date.
//!
//! Success is 200 with an `event_id`. The transaction of a message is made of the key of the record, so the same message twice is one
//! event: the homeserver gives the first one again.

use std::path::Path;
use std::sync::OnceLock;

use rbl_check::{Key, KeyKind};
use rbl_project::setting::Setting;
use rbl_runtime::teams::TeamRules;
use rbl_runtime::{
    AskedQuestion, Conclude, Delivery, DeliveryTicket, EndNotice, Secrets, TicketHolder, percent_encoded,
};
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::matrix_answers;
use super::thread::ThreadMessage;
use super::{ReachConfig, bad_answer, get, json as json_of, secret, wording};
use crate::channel::ChatAnswers;
use crate::delivery::run_of;
use crate::delivery_context::Outlet;
use crate::http::{Client, Request, patient, server};
use crate::webhook;

/// The longest text of a message, in bytes of JSON: an event may have 64 KB, and one that edits another has the text twice.
const LONGEST: usize = 28_000;

/// The longest name of a runbook, in characters.
const NAME: usize = 200;

pub(crate) const URL: Key = Key::needed("url", KeyKind::Url, "where the homeserver answers");
pub(crate) const TOKEN: Key = Key::needed("token", KeyKind::Secret, "an access token of the user that posts");
pub(crate) const ROOM: Key = Key::needed(
    "room",
    KeyKind::Plain,
    "the id of the room, like \"!abc:example.com\"; the user has joined it",
);

/// Its section.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct MatrixConfig {
    url: Setting,
    token: Setting,
    room: String,
    #[serde(flatten)]
    reach: ReachConfig,
}

/// A room.
#[derive(Debug)]
pub(crate) struct MatrixRoom {
    client: Client,
    token: Setting,
    room: String,
    /// The user that posts, once it is known.
    user: OnceLock<String>,
}

impl MatrixRoom {
    /// Errors: the room is not written as the id of one.
    pub(crate) fn new(config: MatrixConfig, base: &Path) -> Result<Self, String> {
        let MatrixConfig { url, token, room, reach } = config;
        if !room.starts_with('!') {
            return Err(format!("`room` is the id of a room, like \"!abc:example.com\", not `{room}`"));
        }
        Ok(Self { client: reach.client(url, base), token, room, user: OnceLock::new() })
    }

    /// Posts a text to the thread of its run.
    pub(crate) fn post(&self, message: &ThreadMessage<'_>, outlet: &Outlet) -> Result<Delivery, Reason> {
        let text = wording::record_body_by(message.record, LONGEST, wording::json_bytes);
        self.in_thread(message, text_of(&text), false, outlet)
    }

    /// Posts a question, which a reply answers.
    pub(crate) fn ask(
        &self,
        question: &AskedQuestion,
        message: &ThreadMessage<'_>,
        outlet: &Outlet,
    ) -> Result<Delivery, Reason> {
        let hint = matrix_answers::hint(question);
        let text = wording::record_body_by(message.record, LONGEST - 2 * hint.len(), wording::json_bytes);
        let mut content = text_of(&format!("{text}{hint}"));
        matrix_answers::mark(&mut content, question, message.run);
        self.in_thread(message, content, true, outlet)
    }

    /// Listens for a short time to answers.
    pub(crate) fn listen(
        &self,
        place: Option<&str>,
        teams: &TeamRules,
        secrets: &Secrets,
    ) -> Result<ChatAnswers, Reason> {
        matrix_answers::listen(self, place, teams, secrets)
    }

    /// Replies to a message, once.
    pub(crate) fn reply(&self, message: &str, text: &str, secrets: &Secrets) -> Result<(), Reason> {
        let mut content = text_of(text);
        if let Some(content) = content.as_object_mut() {
            content.insert("m.relates_to".into(), json!({ "m.in_reply_to": { "event_id": message } }));
        }
        self.send(&content, &format!("reply {message}"), secrets).map(drop)
    }

    /// The id of the room.
    pub(super) fn id(&self) -> &str {
        &self.room
    }

    /// How it is reached.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// The user that posts.
    pub(super) fn user(&self, secrets: &Secrets) -> Result<String, Reason> {
        if let Some(user) = self.user.get() {
            return Ok(user.clone());
        }
        let who = get(&self.client, "/_matrix/client/v3/account/whoami", &self.headers(secrets)?, secrets)?;
        let user = who.get("user_id").and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
            Reason::new(ReasonKind::BadAnswer, "the homeserver does not say whose token it is")
        })?;
        Ok(self.user.get_or_init(|| user).clone())
    }

    fn in_thread(
        &self,
        message: &ThreadMessage<'_>,
        mut reply: Value,
        is_question: bool,
        outlet: &Outlet,
    ) -> Result<Delivery, Reason> {
        let secrets = &outlet.secrets;
        let first = first_message(message.runbook, message.run, message.text);
        let root = match message.thread {
            Some(root) => root.to_owned(),
            None => self.send(&text_of(&first), &format!("{}/first", message.run), secrets)?,
        };
        if let Some(reply) = reply.as_object_mut() {
            reply.insert(
                "m.relates_to".into(),
                json!({
                    "rel_type": "m.thread",
                    "event_id": root,
                    "is_falling_back": true,
                    "m.in_reply_to": { "event_id": root },
                }),
            );
        }
        let event = self.send(&reply, message.key, secrets)?;
        // The text has arrived: what the first message shows is a convenience.
        let behind = message.thread.and_then(|_| self.edit(&root, &first, message.key, secrets).err());
        let by = behind.map_or_else(
            || "Matrix".to_owned(),
            |why| format!("Matrix; the first message of the thread is out of date: {why}"),
        );
        Ok(Delivery {
            reference: Some(event.clone()),
            ticket: message.name.map(|name| DeliveryTicket {
                through: TicketHolder::Channel(name.into()),
                id: root,
                acknowledges: false,
                hears: EndNotice::Every,
                message: is_question.then_some(event.clone()),
            }),
            ..Delivery::by(by, true)
        })
    }

    /// Shows in the first message how the run ended.
    pub(crate) fn conclude(&self, it: &Conclude, outlet: &Outlet) -> Result<Delivery, Reason> {
        if let (Some(question), Some(message)) = (&it.question, &it.ticket.message) {
            let (asked, answer) =
                (bounded(&question.text, LONGEST / 2), bounded(&question.answer, LONGEST / 4));
            let text = format!("{asked}\n\n{answer}");
            self.edit(message, &text, &it.key, &outlet.secrets)?;
            return Ok(Delivery::by("Matrix", true));
        }
        let state = format!("{}: {}", it.outcome, it.message);
        let text = first_message(&it.runbook, run_of(&it.key), &state);
        self.edit(&it.ticket.id, &text, &it.key, &outlet.secrets)?;
        Ok(Delivery::by("Matrix", true))
    }

    fn edit(&self, event: &str, text: &str, key: &str, secrets: &Secrets) -> Result<(), Reason> {
        let new = text_of(text);
        let mut edit = text_of(&format!("* {text}"));
        if let Some(edit) = edit.as_object_mut() {
            edit.insert("m.new_content".into(), new);
            edit.insert("m.relates_to".into(), json!({ "rel_type": "m.replace", "event_id": event }));
        }
        self.send(&edit, &format!("{key}/first"), secrets).map(drop)
    }

    /// Sends a message under a key; returns its event.
    fn send(&self, content: &Value, key: &str, secrets: &Secrets) -> Result<String, Reason> {
        let path = format!(
            "/_matrix/client/v3/rooms/{}/send/m.room.message/{}",
            percent_encoded(&self.room),
            percent_encoded(&format!("rbl {key}"))
        );
        let mut request = Request::new("PUT", self.client.at(&path, secrets)?)
            .body("application/json", content.to_string());
        for (name, value) in self.headers(secrets)? {
            request = request.header(name, value);
        }
        let response = patient::send(&self.client, &request, secrets, "sent")?;
        webhook::accepted(&response, &server(&response.address), "sent")?;
        let event = json_of(&response).and_then(|it| it.get("event_id")?.as_str().map(str::to_owned));
        event.ok_or_else(|| webhook::perhaps("sent", &bad_answer(&response, "no `event_id`")))
    }

    pub(super) fn headers(&self, secrets: &Secrets) -> Result<Vec<(&'static str, String)>, Reason> {
        let token = secret(&self.client, &self.token, secrets)?;
        Ok(vec![("Authorization", format!("Bearer {token}"))])
    }

    /// Whether the user is in the room; nothing is posted.
    pub(crate) fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        let headers = self.headers(&secrets)?;
        let rooms = get(&self.client, "/_matrix/client/v3/joined_rooms", &headers, &secrets)?;
        let user = self.user(&secrets)?;
        let joined = rooms.get("joined_rooms").and_then(Value::as_array);
        if !joined.is_some_and(|rooms| rooms.iter().any(|room| room == self.room.as_str())) {
            let text = format!("{user} has not joined the room {}", self.room);
            return Err(Reason::new(ReasonKind::ProviderError, secrets.one_line(&text)));
        }
        Ok(secrets.one_line(&format!("Matrix, as {user}")))
    }
}

fn text_of(text: &str) -> Value {
    // Without `m.mentions`, a name or `@room` in the text would call those people.
    json!({ "msgtype": "m.text", "body": bounded(text, LONGEST), "m.mentions": {} })
}

/// The first message of a thread: what the run is, and how it stands.
fn first_message(runbook: &str, run: &str, state: &str) -> String {
    format!("{} · run {run}\n{state}", wording::line(runbook, NAME))
}

fn bounded(text: &str, most: usize) -> String {
    wording::cut_by(text, most, wording::json_bytes)
}
