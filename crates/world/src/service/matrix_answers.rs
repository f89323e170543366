//! Answers in a Matrix room: replies and reactions to the message of a question.
//!
//! The message carries which question of which run it is, so nothing has to be remembered: whoever hears a reply looks at the
//! message that it replies to. Only messages of our own user count as questions, and the homeserver vouches for who replies.
//! An answer is a real reply to the message of the question; a message that is only written in the thread answers nothing.

use std::time::Duration;

use rbl_runtime::teams::TeamRules;
use rbl_runtime::{AskedQuestion, QuestionKind, Secrets, percent_encoded};
use rbl_syntax::value::{Reason, ReasonKind};
use serde_json::{Value, json};

use super::matrix::MatrixRoom;
use super::{get, looked};
use crate::channel::{ChatAnswer, ChatAnswers};
use crate::http::Request;

/// The field of a message that says which question it is.
const FIELD: &str = "dev.rbl.question";

/// How long the homeserver waits for something new.
const WAIT: Duration = Duration::from_secs(2);

/// What a reaction answers.
const REACTIONS: [(&[&str], &str); 3] =
    [(&["👍", "✅", "✔"], "yes"), (&["👎", "❌"], "no"), (&["🤷", "❓"], "not sure")];

/// How a question is answered in the room; empty where it cannot be.
pub(super) fn hint(question: &AskedQuestion) -> &'static str {
    match question.kind {
        QuestionKind::YesNo => {
            "\n\nReply to this message with yes or no, and a remark if you have one; or react with 👍 or 👎."
        }
        QuestionKind::Instruction => {
            "\n\nReply to this message with done, failed or skipped, and a remark if you have one."
        }
        QuestionKind::Choice => "\n\nReply to this message with one of these.",
        QuestionKind::Text => "\n\nReply to this message.",
        QuestionKind::Secret => "",
    }
}

/// Marks the message of a question.
pub(super) fn mark(content: &mut Value, question: &AskedQuestion, run: &str) {
    if let (Some(content), false) = (content.as_object_mut(), question.kind == QuestionKind::Secret) {
        let kind = serde_json::to_value(question.kind).unwrap_or_default();
        content.insert(FIELD.into(), json!({ "run": run, "question": question.question, "kind": kind }));
    }
}

/// Listens for a short time. Without a place it begins with the newest messages of the room.
pub(super) fn listen(
    room: &MatrixRoom,
    place: Option<&str>,
    teams: &TeamRules,
    secrets: &Secrets,
) -> Result<ChatAnswers, Reason> {
    let nothing = json!({ "types": [] });
    let filter = json!({
        "presence": nothing,
        "account_data": nothing,
        "room": {
            "rooms": [room.id()],
            "timeline": { "types": ["m.room.message", "m.reaction"], "limit": 50 },
            "state": nothing,
            "ephemeral": nothing,
            "account_data": nothing,
        },
    });
    let headers = room.headers(secrets)?;
    let since = place.map(|place| format!("&since={}", percent_encoded(place))).unwrap_or_default();
    let path = format!(
        "/_matrix/client/v3/sync?timeout={}&filter={}{since}",
        if place.is_some() { WAIT.as_millis() } else { 0 },
        percent_encoded(&filter.to_string())
    );
    let answer = get(room.client(), &path, &headers, secrets)?;
    let next = answer.get("next_batch").and_then(Value::as_str).ok_or_else(|| {
        Reason::new(ReasonKind::BadAnswer, "the homeserver answered without the place where it stopped")
    })?;
    let events = answer
        .get("rooms")
        .and_then(|rooms| rooms.get("join")?.get(room.id())?.pointer("/timeline/events")?.as_array());
    let mut heard = ChatAnswers { answers: Vec::new(), place: next.to_owned(), warnings: Vec::new() };
    let own = room.user(secrets)?;
    for event in events.into_iter().flatten() {
        let (Some(sender), Some(message)) = (text(event, "sender"), text(event, "event_id")) else {
            continue;
        };
        let Some(said) = Said::of(event).filter(|_| sender != own) else { continue };
        let Some(asked) = asked(room, said.about, &own, secrets)? else { continue };
        let Some((answer, remark)) = said.answer(&asked.kind) else { continue };
        let person = teams.people.iter().find(|(_, names)| names.matrix.as_deref() == Some(sender));
        heard.answers.push(ChatAnswer {
            run: asked.run.into(),
            question: asked.question.into(),
            text: answer,
            remark,
            who: sender.to_owned(),
            person: person.map(|(name, _)| name.to_string()),
            message: message.to_owned(),
            thread: None,
        });
    }
    Ok(heard)
}

/// What somebody said about a message.
struct Said<'e> {
    about: &'e str,
    words: &'e str,
    is_reaction: bool,
}

impl<'e> Said<'e> {
    fn of(event: &'e Value) -> Option<Self> {
        let relation = event.pointer("/content/m.relates_to")?;
        if text(event, "type") == Some("m.reaction") {
            return Some(Self {
                about: text(relation, "event_id")?,
                words: text(relation, "key")?,
                is_reaction: true,
            });
        }
        // Written in the thread: for programs without threads it looks like a reply to the newest message there.
        if relation.get("is_falling_back").and_then(Value::as_bool) == Some(true) {
            return None;
        }
        let about = relation.pointer("/m.in_reply_to/event_id")?.as_str()?;
        Some(Self { about, words: event.pointer("/content/body")?.as_str()?, is_reaction: false })
    }

    /// The answer and the remark behind it.
    fn answer(&self, kind: &str) -> Option<(String, Option<String>)> {
        if self.is_reaction {
            let key = self.words.trim_end_matches('\u{fe0f}');
            let (_, answer) = REACTIONS.iter().find(|(keys, _)| keys.contains(&key))?;
            return (kind == "yes_no").then(|| ((*answer).to_owned(), None));
        }
        // Older programs quote what they reply to.
        let lines = self.words.lines().skip_while(|line| line.starts_with("> ") || line.trim().is_empty());
        let words = lines.collect::<Vec<_>>().join("\n");
        let words = words.trim();
        if words.is_empty() {
            return None;
        }
        if !matches!(kind, "yes_no" | "instruction") {
            return Some((words.to_owned(), None));
        }
        let lower = words.to_lowercase();
        if lower == "not sure" {
            return Some((lower, None));
        }
        let (answer, remark) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
        let answer = answer.trim_end_matches([',', '.', ':', ';', '!']).to_owned();
        let remark = remark.trim();
        Some((answer, (!remark.is_empty()).then(|| remark.to_owned())))
    }
}

/// The question that a message is.
struct MarkedQuestion {
    run: String,
    question: String,
    kind: String,
}

/// `None`: the message is no question of ours, or none that our user can see.
fn asked(
    room: &MatrixRoom,
    message: &str,
    own: &str,
    secrets: &Secrets,
) -> Result<Option<MarkedQuestion>, Reason> {
    let path =
        format!("/_matrix/client/v3/rooms/{}/event/{}", percent_encoded(room.id()), percent_encoded(message));
    let request = Request::get(room.client().at(&path, secrets)?);
    let headers = room.headers(secrets)?;
    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value.as_str()));
    let response = room.client().send(&request, secrets)?;
    // From before our user joined, or there is none: whoever writes may name any message.
    if matches!(response.status, 403 | 404) {
        return Ok(None);
    }
    let event = looked(&response)?;
    if text(&event, "sender") != Some(own) {
        return Ok(None);
    }
    let Some(marked) = event.get("content").and_then(|content| content.get(FIELD)) else { return Ok(None) };
    let field = |name: &str| text(marked, name).map(str::to_owned);
    Ok(match (field("run"), field("question"), field("kind")) {
        (Some(run), Some(question), Some(kind)) => Some(MarkedQuestion { run, question, kind }),
        _ => None,
    })
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_and_its_remark() {
        let said = |words: &'static str, is_reaction| Said { about: "$1", words, is_reaction };
        let answer = |words, kind| said(words, false).answer(kind);
        let some = |answer: &str, remark: Option<&str>| Some((answer.to_owned(), remark.map(str::to_owned)));
        assert_eq!(answer("yes, looks like a deploy", "yes_no"), some("yes", Some("looks like a deploy")));
        assert_eq!(answer("> <@rbl:x> Is it?\n> really\n\nNo", "yes_no"), some("No", None));
        assert_eq!(answer("not sure", "yes_no"), some("not sure", None));
        assert_eq!(answer("two words", "text"), some("two words", None));
        assert_eq!(answer("> only a quote", "text"), None);
        assert_eq!(said("👍\u{fe0f}", true).answer("yes_no"), some("yes", None));
        assert_eq!(said("👍", true).answer("instruction"), None);
        assert_eq!(said("🎉", true).answer("yes_no"), None);
    }

    #[test]
    fn only_a_real_reply_is_about_a_message() {
        let event = |falls_back: Value| {
            let relation = json!({
                "rel_type": "m.thread",
                "event_id": "$root",
                "is_falling_back": falls_back,
                "m.in_reply_to": { "event_id": "$newest" },
            });
            json!({ "type": "m.room.message", "content": { "body": "yes", "m.relates_to": relation } })
        };
        let about = |event: &Value| Said::of(event).map(|said| said.about.to_owned());
        assert_eq!(about(&event(json!(true))), None);
        assert_eq!(about(&event(json!(false))).as_deref(), Some("$newest"));
        assert_eq!(about(&event(Value::Null)).as_deref(), Some("$newest"));
    }
}
