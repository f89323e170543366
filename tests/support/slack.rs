//! Slack, as far as rbl speaks to it: the Web API, and Socket Mode over real WebSockets. `slack_sdk` drives it too, so that it is not only
//! our own reading: see `tests/server/slack.rs`.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use super::{Fake, Response};

/// What stands in the address of a connection, and nowhere else.
pub const TICKET: &str = "planted-ticket-00112233";

/// A connection of Socket Mode: what it is told to send, and what it was sent.
struct SocketHandle {
    number: usize,
    orders: Sender<Order>,
}

enum Order {
    Send(String),
    Close,
    Break,
}

#[derive(Default)]
struct State {
    sockets: Mutex<Vec<SocketHandle>>,
    acknowledged: Mutex<Vec<(String, Instant)>>,
    /// How many connections `hello` says there are besides those that are.
    foreign: AtomicUsize,
    opened: AtomicUsize,
    /// Messages of the channel: their bodies, with their `ts`.
    messages: Mutex<Vec<Value>>,
    /// Methods whose answer takes this long, or says this instead.
    slow: Mutex<Vec<(String, Duration)>>,
    refuses: Mutex<Vec<(String, String)>>,
    next: AtomicUsize,
}

/// See the module.
pub struct SlackFake {
    pub http: Fake,
    state: Arc<State>,
}

impl SlackFake {
    pub fn start() -> Self {
        Self::with_tls(None)
    }

    /// Its connections of Socket Mode are encrypted, with `cert.pem` and `key.pem` of this folder, for `localhost`.
    pub fn encrypted(folder: &Path) -> Self {
        Self::with_tls(Some(Arc::new(tls(folder))))
    }

    fn with_tls(tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let state = Arc::new(State::default());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let of_sockets = Arc::clone(&state);
        let address =
            if tls.is_some() { format!("wss://localhost:{port}") } else { format!("ws://127.0.0.1:{port}") };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let (state, tls) = (Arc::clone(&of_sockets), tls.clone());
                std::thread::spawn(move || {
                    let plain = stream.try_clone().unwrap();
                    match tls {
                        None => serve(stream, &plain, &state),
                        Some(tls) => {
                            let session = rustls::ServerConnection::new(tls).unwrap();
                            serve(rustls::StreamOwned::new(session, stream), &plain, &state);
                        }
                    }
                });
            }
        });
        let of_http = Arc::clone(&state);
        let http = Fake::start(move |request| answer(request, &address, &of_http));
        Self { http, state }
    }

    /// The bodies of the calls of a method, oldest first.
    pub fn calls(&self, method: &str) -> Vec<Value> {
        let head = format!("POST /api/{method} ");
        let all = self.http.requests();
        let of = |it: &String| serde_json::from_str(it.split_once("\r\n\r\n").unwrap().1).unwrap_or_default();
        all.iter().filter(|it| it.starts_with(&head)).map(of).collect()
    }

    /// The messages of the channel, oldest first.
    pub fn messages(&self) -> Vec<Value> {
        self.state.messages.lock().unwrap().clone()
    }

    /// The newest message with buttons.
    pub fn question(&self) -> Option<Value> {
        self.messages().into_iter().rev().find(|it| it.to_string().contains("\"actions\""))
    }

    /// How many connections are open.
    pub fn sockets(&self) -> usize {
        self.state.sockets.lock().unwrap().len()
    }

    /// How many were opened so far.
    pub fn opened(&self) -> usize {
        self.state.opened.load(Ordering::SeqCst)
    }

    /// From now on others are connected too, says Slack.
    pub fn foreign(&self, count: usize) {
        self.state.foreign.store(count, Ordering::SeqCst);
    }

    /// The answer to this method takes this long from now on, though it is done at once.
    pub fn slow(&self, method: &str, time: Duration) {
        self.state.slow.lock().unwrap().push((method.to_owned(), time));
    }

    /// It takes no longer than usual again.
    pub fn quick(&self) {
        self.state.slow.lock().unwrap().clear();
    }

    /// The answer to this method is this error.
    pub fn refuses(&self, method: &str, error: &str) {
        self.state.refuses.lock().unwrap().push((method.to_owned(), error.to_owned()));
    }

    /// Sends this on one of the connections.
    pub fn send(&self, socket: usize, text: &Value) {
        let sockets = self.state.sockets.lock().unwrap();
        let one = &sockets[socket % sockets.len()];
        one.orders.send(Order::Send(text.to_string())).unwrap();
    }

    /// Closes every connection: in order, or without a word.
    pub fn close(&self, in_order: bool) {
        for one in self.state.sockets.lock().unwrap().iter() {
            let _ = one.orders.send(if in_order { Order::Close } else { Order::Break });
        }
    }

    /// What somebody who presses a button of a message makes Slack send.
    pub fn pressed(message: &Value, label: &str, user: &str) -> Value {
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let buttons = message["blocks"].as_array().unwrap().iter();
        let mut buttons = buttons.filter_map(|it| it["elements"].as_array()).flatten();
        let button =
            buttons.find(|it| it["text"]["text"] == label).unwrap_or_else(|| panic!("{label}: {message}"));
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        json!({
            "type": "block_actions",
            "user": { "id": user, "username": "somebody", "team_id": "T1" },
            "api_app_id": "A1",
            "token": "verification-token",
            "container": { "type": "message", "message_ts": message["ts"], "channel_id": "C1", "thread_ts": message["thread_ts"] },
            "trigger_id": format!("{number}.1.abc"),
            "team": { "id": "T1", "domain": "ours" },
            "channel": { "id": "C1", "name": "incidents" },
            "message": message,
            "response_url": "https://hooks.slack.com/actions/T1/1/abc",
            "actions": [{
                "type": "button", "action_id": button["action_id"], "block_id": "rbl_answer_0", "text": button["text"],
                "value": button["value"], "action_ts": "1503435957.000001",
            }],
        })
    }

    /// Sends a payload over Socket Mode, and waits until it is acknowledged; returns how long that took.
    pub fn deliver(&self, socket: usize, payload: &Value, envelope: &str) -> Duration {
        let begun = Instant::now();
        let sent = json!({ "type": "interactive", "envelope_id": envelope, "payload": payload, "accepts_response_payload": false });
        let before = self.acknowledgements(envelope);
        self.send(socket, &sent);
        while self.acknowledgements(envelope) == before {
            assert!(begun.elapsed() < Duration::from_secs(20), "{envelope} is not acknowledged");
            std::thread::sleep(Duration::from_millis(5));
        }
        begun.elapsed()
    }

    fn acknowledgements(&self, envelope: &str) -> usize {
        self.state.acknowledged.lock().unwrap().iter().filter(|(id, _)| id == envelope).count()
    }

    /// Presses a button over Socket Mode.
    pub fn press(&self, label: &str, user: &str) -> Duration {
        let payload = Self::pressed(&self.question().expect("a question"), label, user);
        let envelope = payload["trigger_id"].as_str().unwrap().to_owned();
        self.deliver(0, &payload, &envelope)
    }

    /// What only this user sees.
    pub fn told(&self, user: &str) -> Vec<String> {
        let all = self.calls("chat.postEphemeral").into_iter().filter(|it| it["user"] == user);
        all.map(|it| it["text"].as_str().unwrap().to_owned()).collect()
    }
}

/// How an encrypted connection is served.
fn tls(folder: &Path) -> rustls::ServerConfig {
    use rustls::pki_types::pem::PemObject as _;
    let certificate = rustls::pki_types::CertificateDer::from_pem_file(folder.join("cert.pem")).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap()
}

/// The Web API.
fn answer(request: &str, address: &str, state: &State) -> Response {
    let path = request.split_whitespace().nth(1).unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let method = path.trim_start_matches("/api/");
    let refused = state.refuses.lock().unwrap().iter().find(|(name, _)| name == method).cloned();
    if let Some((_, error)) = refused {
        return Response::json(&json!({ "ok": false, "error": error }).to_string());
    }
    let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap_or_default();
    // The library of Slack sends what is only looked at as a form; Slack takes both.
    let form = if query.is_empty() { request.split_once("\r\n\r\n").unwrap().1 } else { query };
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let said = match method {
        "chat.postMessage" => {
            let ts = format!("1503435956.{:06}", state.next.fetch_add(1, Ordering::SeqCst) + 1);
            let mut message = body;
            message["ts"] = json!(ts);
            state.messages.lock().unwrap().push(message);
            json!({ "ok": true, "channel": "C1", "ts": ts })
        }
        "chat.update" => {
            let mut messages = state.messages.lock().unwrap();
            match messages.iter_mut().find(|it| it["ts"] == body["ts"]) {
                Some(message) => {
                    message["text"] = body["text"].clone();
                    message["blocks"] = body["blocks"].clone();
                    json!({ "ok": true, "channel": "C1", "ts": body["ts"] })
                }
                None => json!({ "ok": false, "error": "message_not_found" }),
            }
        }
        "conversations.history" | "conversations.replies" => {
            let thread = field("ts");
            let all = state.messages.lock().unwrap();
            let is_in = |it: &&Value| match &thread {
                Some(thread) => it["thread_ts"] == **thread || it["ts"] == **thread,
                None => it["thread_ts"].is_null(),
            };
            let mut found: Vec<Value> = all.iter().filter(is_in).cloned().collect();
            // Without this, Slack leaves metadata out.
            if !matches!(field("include_all_metadata").as_deref(), Some("true" | "1")) {
                for it in &mut found {
                    it.as_object_mut().unwrap().remove("metadata");
                }
            }
            json!({ "ok": true, "messages": found, "has_more": false })
        }
        "apps.connections.open" => {
            json!({ "ok": true, "url": format!("{address}/link/?ticket={TICKET}&app_id=A1") })
        }
        "auth.test" => json!({ "ok": true, "user": "rbl", "team": "Ours", "bot_id": "B1", "user_id": "U0" }),
        "chat.postEphemeral" | "views.open" => json!({ "ok": true }),
        _ => json!({ "ok": false, "error": "unknown_method" }),
    };
    let slow = state.slow.lock().unwrap().iter().find(|(name, _)| name == method).map(|(_, time)| *time);
    Response::json(&said.to_string()).after(slow.unwrap_or_default())
}

/// One connection of Socket Mode.
fn serve(stream: impl Read + Write, plain: &TcpStream, state: &State) {
    static NUMBER: AtomicUsize = AtomicUsize::new(1);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let Ok(mut socket) = tungstenite::accept(stream) else { return };
    plain.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    let (orders, todo) = channel();
    let count = {
        let mut sockets = state.sockets.lock().unwrap();
        sockets.push(SocketHandle { number, orders });
        sockets.len()
    };
    state.opened.fetch_add(1, Ordering::SeqCst);
    let hello = json!({
        "type": "hello",
        "num_connections": count + state.foreign.load(Ordering::SeqCst),
        "debug_info": { "host": "applink-1", "build_number": 10, "approximate_connection_time": 18060 },
        "connection_info": { "app_id": "A1" },
    });
    let mut lives = socket.send(Message::Text(hello.to_string().into())).is_ok();
    while lives {
        lives = turn(&mut socket, &todo, state).is_some();
    }
    state.sockets.lock().unwrap().retain(|it| it.number != number);
}

/// `None`: it is over.
fn turn(socket: &mut WebSocket<impl Read + Write>, todo: &Receiver<Order>, state: &State) -> Option<()> {
    while let Ok(order) = todo.try_recv() {
        match order {
            Order::Send(text) => socket.send(Message::Text(text.into())).ok()?,
            Order::Close => drop(socket.close(None)),
            Order::Break => return None,
        }
    }
    match socket.read() {
        Ok(Message::Text(text)) => {
            let message: Value = serde_json::from_str(&text).unwrap_or_default();
            if let Some(id) = message["envelope_id"].as_str() {
                state.acknowledged.lock().unwrap().push((id.to_owned(), Instant::now()));
            }
        }
        Ok(_) => drop(socket.flush()),
        Err(tungstenite::Error::Io(why))
            if matches!(why.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
        Err(_) => return None,
    }
    Some(())
}
