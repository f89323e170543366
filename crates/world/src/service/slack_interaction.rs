//! What people press in Slack: read from what Slack sends, however it came, and kept until the server takes it.
//!
//! Slack wants to hear within three seconds that something arrived. It hears that when what was pressed is on disk, and after [`SOON`] at the latest: a server that is killed
//! before has not answered, so Slack shows the person who pressed that nothing came of it. What Slack sends twice is taken once.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use rbl_project::setting::Setting;
use rbl_runtime::teams::TeamRules;
use rbl_runtime::{Secrets, hex_bytes, outside_json};
use serde_json::{Value, json};
use sha2::Sha256;

use super::slack;
use super::slack_blocks::{ANSWERS, FORM};
use super::slack_socket::SocketMode;
use crate::channel::{ChatAnswer, ChatAnswers, InteractionRefusal, SignedInteraction};
use crate::http::Client;
use crate::{clock, secrets};

/// Slack hears within this time that something arrived, recorded or not: it waits for three seconds, some of them on the way.
pub(super) const SOON: Duration = Duration::from_secs(2);

/// How long it is waited for something new.
const WAIT: Duration = Duration::from_secs(2);

/// How old a request may be, in seconds: an older one may have been recorded and sent again.
const WINDOW: f64 = 300.0;

/// How many presses are kept, and how many of them are known again.
const MOST: usize = 10_000;

/// The name of the text in a form.
const TEXT: &str = "text";

/// See the module.
#[derive(Debug)]
pub(super) struct Interactions {
    queue: Arc<InteractionQueue>,
    socket: Option<SocketMode>,
    signing_secret: Option<Setting>,
    base: PathBuf,
}

/// What was pressed, until it is taken.
#[derive(Debug)]
pub(super) struct InteractionQueue {
    state: Mutex<QueueState>,
    arrived: Condvar,
    recorded: Condvar,
    client: Arc<Client>,
    token: Setting,
}

#[derive(Debug, Default)]
struct QueueState {
    pressed: VecDeque<(Ticket, Pressed)>,
    warnings: Vec<String>,
    /// What came before, so that the same is not taken twice; and in which order.
    seen: BTreeMap<String, Option<Ticket>>,
    order: VecDeque<String>,
    /// The ticket of the last answer.
    last: u64,
    /// Of answers that are not recorded yet.
    open: BTreeSet<Ticket>,
    /// Of those that the server is about to record, in its order.
    taken: VecDeque<Ticket>,
}

/// The number of something that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(u64);

/// What became of a payload in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PayloadKept {
    /// There is nothing to record.
    Done,
    /// An answer, which will be recorded.
    Waits(Ticket),
    /// There was no room.
    Full,
}

/// Something that somebody pressed.
#[derive(Debug, Clone, PartialEq)]
struct Pressed {
    run: String,
    question: String,
    answer: String,
    user: String,
    /// `CHANNEL:TS`
    message: String,
    thread: Option<String>,
}

/// What a payload of Slack asks for.
#[derive(Debug, PartialEq)]
enum Payload {
    /// Somebody answers.
    Answer(Pressed),
    /// Somebody wants the form of a question: what shows it.
    Form(Value),
    /// Nothing of ours.
    Other,
}

impl Interactions {
    /// `client` and `token` are those of the bot, which shows forms.
    pub(super) fn new(
        (client, token): (Arc<Client>, Setting),
        socket: Option<SocketMode>,
        signing_secret: Option<Setting>,
        base: &Path,
    ) -> Self {
        let queue = InteractionQueue {
            state: Mutex::default(),
            arrived: Condvar::new(),
            recorded: Condvar::new(),
            client,
            token,
        };
        Self { queue: Arc::new(queue), socket, signing_secret, base: base.to_owned() }
    }

    /// What was pressed since the last call, as soon as there is something. The first call begins to listen.
    pub(super) fn listen(&self, place: Option<&str>, teams: &TeamRules) -> ChatAnswers {
        if let (None, Some(socket)) = (place, &self.socket) {
            socket.start(&self.queue);
        }
        let (pressed, warnings) = if place.is_none() { Default::default() } else { self.queue.take() };
        let heard = |it: Pressed| {
            let person =
                teams.people.iter().find(|(_, names)| names.slack.as_deref() == Some(it.user.as_str()));
            ChatAnswer {
                run: it.run.into(),
                question: it.question.into(),
                text: it.answer,
                remark: None,
                who: it.user,
                person: person.map(|(name, _)| name.to_string()),
                message: it.message,
                thread: it.thread,
            }
        };
        ChatAnswers { answers: pressed.into_iter().map(heard).collect(), place: "open".into(), warnings }
    }

    /// Takes a request of Slack, if it is signed with the secret of the app and new enough.
    pub(super) fn take(&self, request: &SignedInteraction<'_>) -> Result<(), InteractionRefusal> {
        let Some(secret) = &self.signing_secret else { return Err(InteractionRefusal::NotConfigured) };
        let known = Secrets::of_connection();
        let secret = secrets::setting(&known, secret, &self.base)
            .map_err(|why| InteractionRefusal::NoSecret(known.redact_reason(&why).text))?;
        signed(request, &secret, clock::now().unix())?;
        let unreadable = || InteractionRefusal::Unreadable;
        let mut fields = url::form_urlencoded::parse(request.body);
        // Slack asks now and then whether the certificate is good.
        let Some((_, payload)) = fields.clone().find(|(name, _)| name == "payload") else {
            return if fields.any(|(name, _)| name == "ssl_check") { Ok(()) } else { Err(unreadable()) };
        };
        let payload: Value = outside_json(payload.as_bytes()).map_err(InteractionRefusal::of_json)?;
        match self.queue.push(&payload, request.signature) {
            PayloadKept::Done => Ok(()),
            PayloadKept::Waits(ticket) => {
                self.queue.wait(ticket);
                Ok(())
            }
            PayloadKept::Full => Err(InteractionRefusal::Full),
        }
    }

    /// The next of the answers of [`Self::listen`] is recorded, or refused for good.
    pub(super) fn recorded(&self) {
        self.queue.record();
    }

    /// Whether the tokens are accepted.
    pub(super) fn test(&self, secrets: &Secrets) -> Result<(), rbl_syntax::value::Reason> {
        if let Some(secret) = &self.signing_secret {
            secrets::setting(secrets, secret, &self.base)?;
        }
        self.socket.as_ref().map_or(Ok(()), |socket| socket.test(secrets))
    }
}

impl InteractionQueue {
    /// Keeps what a payload says. `id` is what Slack calls this delivery.
    pub(super) fn push(&self, payload: &Value, id: &str) -> PayloadKept {
        let trigger = text(payload, "/trigger_id").unwrap_or(id).to_owned();
        let mut state = self.lock();
        if let Some(before) = state.seen.get(&trigger) {
            return before.map_or(PayloadKept::Done, PayloadKept::Waits);
        }
        let ticket = match read(payload) {
            Payload::Answer(pressed) => {
                if state.pressed.len() >= MOST {
                    return PayloadKept::Full;
                }
                state.last += 1;
                let ticket = Ticket(state.last);
                state.open.insert(ticket);
                state.pressed.push_back((ticket, pressed));
                self.arrived.notify_one();
                Some(ticket)
            }
            Payload::Form(form) => {
                self.show(form);
                None
            }
            Payload::Other => return PayloadKept::Done,
        };
        state.seen.insert(trigger.clone(), ticket);
        state.order.push_back(trigger);
        if state.order.len() > MOST
            && let Some(oldest) = state.order.pop_front()
        {
            state.seen.remove(&oldest);
        }
        ticket.map_or(PayloadKept::Done, PayloadKept::Waits)
    }

    /// Whether an answer is recorded.
    pub(super) fn is_recorded(&self, ticket: Ticket) -> bool {
        !self.lock().open.contains(&ticket)
    }

    /// Waits until an answer is recorded, for as long as Slack may wait.
    fn wait(&self, ticket: Ticket) {
        let open = |state: &mut QueueState| state.open.contains(&ticket);
        drop(self.recorded.wait_timeout_while(self.lock(), SOON, open));
    }

    fn record(&self) {
        let mut state = self.lock();
        if let Some(ticket) = state.taken.pop_front() {
            state.open.remove(&ticket);
            self.recorded.notify_all();
        }
    }

    /// Keeps what whoever runs the server has to know.
    pub(super) fn warn(&self, text: String) {
        let mut state = self.lock();
        if state.warnings.len() < MOST && state.warnings.last() != Some(&text) {
            state.warnings.push(text);
        }
        self.arrived.notify_one();
    }

    /// Shows a form, at once and beside everything else: Slack allows three seconds.
    fn show(&self, form: Value) {
        let (client, token) = (Arc::clone(&self.client), self.token.clone());
        std::thread::spawn(move || {
            let secrets = Secrets::of_connection();
            // Whoever pressed the button sees that nothing comes, and presses it again.
            drop(slack::call(&client, &token, "views.open", &form, &secrets));
        });
    }

    fn take(&self) -> (Vec<Pressed>, Vec<String>) {
        let state = self.lock();
        let nothing = |state: &mut QueueState| state.pressed.is_empty() && state.warnings.is_empty();
        let waited = self.arrived.wait_timeout_while(state, WAIT, nothing);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let (tickets, pressed): (Vec<Ticket>, Vec<Pressed>) = state.pressed.drain(..).unzip();
        state.taken.extend(tickets);
        (pressed, std::mem::take(&mut state.warnings))
    }

    fn lock(&self) -> MutexGuard<'_, QueueState> {
        // Every change here is made in one piece.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a request is signed with this secret, and not older than the window.
fn signed(request: &SignedInteraction<'_>, secret: &str, now: f64) -> Result<(), InteractionRefusal> {
    if secret.is_empty() {
        return Err(InteractionRefusal::NoSecret("the `signing_secret` is empty".into()));
    }
    let given = request.signature.strip_prefix("v0=").and_then(hex_bytes);
    let at = request.timestamp.parse::<u32>().ok();
    let (Some(given), Some(at)) = (given, at) else { return Err(InteractionRefusal::Unsigned) };
    let made = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    let made = made.map_err(|_| InteractionRefusal::WrongSignature)?;
    let made = made.chain_update(format!("v0:{}:", request.timestamp)).chain_update(request.body);
    made.verify_slice(&given).map_err(|_| InteractionRefusal::WrongSignature)?;
    if (now - f64::from(at)).abs() > WINDOW { Err(InteractionRefusal::TooOld) } else { Ok(()) }
}

/// What a payload asks for.
fn read(payload: &Value) -> Payload {
    answer(payload).or_else(|| form(payload)).unwrap_or(Payload::Other)
}

fn answer(payload: &Value) -> Option<Payload> {
    let user = text(payload, "/user/id")?.to_owned();
    match text(payload, "/type")? {
        "block_actions" => {
            let action = payload.pointer("/actions/0")?;
            if !text(action, "/action_id")?.starts_with(ANSWERS) {
                return None;
            }
            let about: Value = outside_json(text(action, "/value")?.as_bytes()).ok()?;
            Some(Payload::Answer(Pressed {
                run: text(&about, "/run")?.to_owned(),
                question: text(&about, "/question")?.to_owned(),
                answer: text(&about, "/answer")?.to_owned(),
                user,
                message: message(payload)?,
                thread: thread(payload),
            }))
        }
        "view_submission" if text(payload, "/view/callback_id") == Some(FORM) => {
            let about: Value = outside_json(text(payload, "/view/private_metadata")?.as_bytes()).ok()?;
            let answer = payload.pointer(&format!("/view/state/values/{TEXT}/{TEXT}/value"));
            Some(Payload::Answer(Pressed {
                run: text(&about, "/run")?.to_owned(),
                question: text(&about, "/question")?.to_owned(),
                answer: answer.and_then(Value::as_str)?.to_owned(),
                user,
                message: text(&about, "/message")?.to_owned(),
                thread: text(&about, "/thread").map(str::to_owned),
            }))
        }
        _ => None,
    }
}

/// What shows the form of a question that is answered by a text.
fn form(payload: &Value) -> Option<Payload> {
    let action = payload.pointer("/actions/0").filter(|it| text(it, "/action_id") == Some(FORM))?;
    let about: Value = outside_json(text(action, "/value")?.as_bytes()).ok()?;
    let about = json!({
        "run": text(&about, "/run")?,
        "question": text(&about, "/question")?,
        "message": message(payload)?,
        "thread": thread(payload),
    });
    let words = |text: &str| json!({ "type": "plain_text", "text": text });
    Some(Payload::Form(json!({
        "trigger_id": text(payload, "/trigger_id")?,
        "view": {
            "type": "modal",
            "callback_id": FORM,
            "private_metadata": about.to_string(),
            "title": words("Answer"),
            "submit": words("Send"),
            "close": words("Cancel"),
            "blocks": [{
                "type": "input",
                "block_id": TEXT,
                "label": words("Your answer"),
                "element": { "type": "plain_text_input", "action_id": TEXT, "multiline": true },
            }],
        },
    })))
}

/// The message that the button is in: `CHANNEL:TS`.
fn message(payload: &Value) -> Option<String> {
    let channel = text(payload, "/channel/id").or_else(|| text(payload, "/container/channel_id"))?;
    let ts = text(payload, "/message/ts").or_else(|| text(payload, "/container/message_ts"))?;
    Some(format!("{channel}:{ts}"))
}

fn thread(payload: &Value) -> Option<String> {
    let thread = text(payload, "/message/thread_ts").or_else(|| text(payload, "/container/thread_ts"));
    thread.map(str::to_owned)
}

fn text<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    value.pointer(path)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Slack's documentation on verifying requests.
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    const AT: f64 = 1_531_420_618.0;

    fn verified(timestamp: &str, signature: &str, body: &str, now: f64) -> Result<(), InteractionRefusal> {
        let request = SignedInteraction { timestamp, signature, body: body.as_bytes() };
        signed(&request, SECRET, now)
    }

    #[test]
    fn a_signature_covers_the_time_and_the_raw_bytes() {
        assert_eq!(verified("1531420618", SIGNATURE, BODY, AT), Ok(()));
        assert_eq!(verified("1531420618", SIGNATURE, BODY, AT + 299.0), Ok(()));
        for now in [AT + 301.0, AT - 301.0] {
            assert_eq!(verified("1531420618", SIGNATURE, BODY, now), Err(InteractionRefusal::TooOld));
        }
        let wrong = Err(InteractionRefusal::WrongSignature);
        assert_eq!(verified("1531420619", SIGNATURE, BODY, AT), wrong);
        assert_eq!(verified("1531420618", SIGNATURE, &format!("{BODY} "), AT), wrong);
        assert_eq!(verified("1531420618", &SIGNATURE.replace('a', "b"), BODY, AT), wrong);
        assert_eq!(verified("1531420618", "v0=", BODY, AT), wrong);
        for (timestamp, signature) in [
            ("", SIGNATURE),
            ("now", SIGNATURE),
            ("1531420618", ""),
            ("1531420618", "v1=00"),
            ("-1", SIGNATURE),
        ] {
            assert_eq!(verified(timestamp, signature, BODY, AT), Err(InteractionRefusal::Unsigned));
        }
        let request = SignedInteraction { timestamp: "1", signature: "v0=00", body: b"" };
        assert!(matches!(signed(&request, "", AT), Err(InteractionRefusal::NoSecret(_))));
    }

    #[test]
    fn what_is_not_ours_is_nothing() {
        for other in [
            json!({}),
            json!({ "type": "block_actions" }),
            json!({ "type": "block_actions", "user": { "id": "U1" }, "actions": [] }),
            json!({ "type": "block_actions", "user": { "id": "U1" }, "actions": [{ "action_id": "other", "value": "x" }] }),
            json!({ "type": "block_actions", "user": { "id": "U1" }, "channel": { "id": "C1" }, "message": { "ts": "1.1" },
                "actions": [{ "action_id": "rbl_answer_0_0", "value": "no JSON" }] }),
            json!({ "type": "view_submission", "user": { "id": "U1" }, "view": { "callback_id": "other" } }),
        ] {
            assert_eq!(read(&other), Payload::Other, "{other}");
        }
    }

    fn pressed(trigger: &str) -> Value {
        let about = json!({ "run": "r1", "question": "2", "answer": "yes" }).to_string();
        json!({ "type": "block_actions", "trigger_id": trigger, "user": { "id": "U1" }, "channel": { "id": "C1" }, "message": { "ts": "1.1" },
            "actions": [{ "action_id": format!("{ANSWERS}0_0"), "value": about }] })
    }

    #[test]
    fn an_answer_is_open_until_it_is_recorded() {
        let client = Client::new(
            Setting::Text("http://127.0.0.1:1".into()),
            rbl_project::setting::Seconds(1.0),
            crate::http::Credentials::default(),
            Path::new("."),
            1000,
        );
        let bot = (Arc::new(client), Setting::Text("xoxb".into()));
        let heard = Interactions::new(bot, None, None, Path::new("."));
        let queue = &heard.queue;
        let (PayloadKept::Waits(first), PayloadKept::Waits(second)) =
            (queue.push(&pressed("a"), "1"), queue.push(&pressed("b"), "2"))
        else {
            panic!("an answer waits")
        };
        assert_eq!(queue.push(&pressed("a"), "3"), PayloadKept::Waits(first), "the same once more");
        assert_eq!(queue.push(&json!({}), "4"), PayloadKept::Done);
        // Nobody has taken it: this records nothing.
        heard.recorded();
        assert!(!queue.is_recorded(first));
        assert_eq!(heard.listen(Some("open"), &TeamRules::default()).answers.len(), 2);
        assert!(!queue.is_recorded(first), "it is taken, and not recorded");
        heard.recorded();
        assert!(queue.is_recorded(first) && !queue.is_recorded(second));
        let is_told = |ticket: Ticket| {
            let (waiting, begun) = (Arc::clone(queue), std::time::Instant::now());
            let waits = std::thread::spawn(move || waiting.wait(ticket));
            heard.recorded();
            waits.join().unwrap();
            assert!(queue.is_recorded(ticket));
            begun.elapsed() < SOON
        };
        // On a busy machine that much time may pass all the same: one answer of several is enough.
        let is_next_told = |number: u32| {
            let next = queue.push(&pressed(&format!("b{number}")), "6");
            let PayloadKept::Waits(next) = next else { panic!("it waits") };
            assert_eq!(heard.listen(Some("open"), &TeamRules::default()).answers.len(), 1);
            is_told(next)
        };
        assert!(is_told(second) || (0..4).any(is_next_told));
        // Slack is not kept waiting.
        let PayloadKept::Waits(third) = queue.push(&pressed("c"), "5") else { panic!("it waits") };
        let begun = std::time::Instant::now();
        queue.wait(third);
        assert!(begun.elapsed() >= SOON && !queue.is_recorded(third));
    }
}
