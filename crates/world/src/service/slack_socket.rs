//! [`SocketMode`]: hears what people press over WebSockets that rbl opens, so that nothing of it has to be reached from outside.
//!
//! Each envelope is acknowledged before anything is done with it. Slack renews a connection every few hours, and says so before: the next
//! one is open before the old one is closed. Whatever ends a connection, it is opened again.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rbl_project::setting::Setting;
use rbl_runtime::{Secrets, outside_json};
use rbl_syntax::one_line;
use rbl_syntax::value::{Reason, ReasonKind};
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Message, WebSocket};
use url::Url;

use super::slack;
use super::slack_interaction::{InteractionQueue, PayloadKept, SOON, Ticket};
use crate::http::{Client, TlsFiles, tunnel};

/// How long it may take to open a connection.
const TO_OPEN: Duration = Duration::from_secs(10);

/// How long a read waits, so that a connection notices in time that it is to end.
const LOOK: Duration = Duration::from_millis(250);

/// The same while an answer is not acknowledged.
const LOOK_WHILE_OPEN: Duration = Duration::from_millis(20);

/// After this long without a word of Slack it is asked for one, and after that long the connection counts as dead.
const QUIET: Duration = Duration::from_secs(15);
const DEAD: Duration = Duration::from_secs(40);

/// How long an old connection is still read after its successor is open.
const TO_DRAIN: Duration = Duration::from_secs(1);

/// The pause before a connection is opened again; it doubles up to the longest.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The largest message, in bytes.
const LARGEST: usize = 1 << 20;

/// See the module.
#[derive(Debug)]
pub(super) struct SocketMode {
    shared: Arc<Shared>,
    count: u16,
    started: AtomicBool,
}

/// What the connections share.
#[derive(Debug)]
struct Shared {
    client: Arc<Client>,
    token: Setting,
    tls: TlsFiles,
    base: PathBuf,
    /// How many connections are open.
    open: AtomicUsize,
    /// How many others were heard of last.
    others: AtomicUsize,
    /// Whether the channel is gone.
    gone: AtomicBool,
}

/// A stream that a WebSocket runs over.
trait Wire: Read + Write + Send {
    /// The socket below it.
    fn socket(&self) -> &TcpStream;
}

impl Wire for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Wire for rustls::StreamOwned<rustls::ClientConnection, TcpStream> {
    fn socket(&self) -> &TcpStream {
        &self.sock
    }
}

/// An open connection.
struct Connection {
    socket: WebSocket<Box<dyn Wire>>,
    counted: CountedConnection,
    heard: Instant,
    asked: Instant,
    /// Answers that Slack does not know to be here yet.
    unacknowledged: Vec<Unacknowledged>,
}

/// An answer that is acknowledged when it is recorded.
struct Unacknowledged {
    envelope: String,
    ticket: Ticket,
    arrived: Instant,
}

/// What a message of Slack means for the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AfterMessage {
    GoesOn,
    /// It will be closed: another one takes its place.
    Renew,
}

impl SocketMode {
    /// With the token of the app, through the client of the bot.
    pub(super) fn new(client: Arc<Client>, token: Setting, count: u16, tls: TlsFiles, base: &Path) -> Self {
        let (open, others) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (base, gone) = (base.to_owned(), AtomicBool::new(false));
        let shared = Arc::new(Shared { client, token, tls, base, open, others, gone });
        Self { shared, count, started: AtomicBool::new(false) }
    }

    /// Opens the connections, once. They put what they hear into the queue.
    pub(super) fn start(&self, queue: &Arc<InteractionQueue>) {
        if self.started.swap(true, Ordering::SeqCst) {
            return;
        }
        for _ in 0..self.count {
            let (shared, queue) = (Arc::clone(&self.shared), Arc::clone(queue));
            std::thread::spawn(move || keep_open(&shared, &queue));
        }
    }

    /// Whether the token of the app is accepted. Nothing is connected to: the address that Slack gives is not used.
    pub(super) fn test(&self, secrets: &Secrets) -> Result<(), Reason> {
        self.shared.address(secrets).map(drop)
    }
}

impl Drop for SocketMode {
    fn drop(&mut self) {
        self.shared.gone.store(true, Ordering::SeqCst);
    }
}

/// Keeps one connection open until nobody needs it.
fn keep_open(shared: &Arc<Shared>, queue: &InteractionQueue) {
    let (mut pause, mut last) = (PAUSE, None);
    loop {
        let opened = Instant::now();
        let Err(why) = serve(shared, queue) else { return };
        if opened.elapsed() > DEAD {
            (pause, last) = (PAUSE, None);
        }
        let why = one_line(&why.to_string());
        if last.as_ref() != Some(&why) {
            queue.warn(format!("a connection of Socket Mode ended ({why}): it is opened again"));
            last = Some(why);
        }
        // In short naps: whoever lets go of the channel waits for nobody.
        let until = Instant::now() + pause;
        while Instant::now() < until {
            if shared.is_gone() {
                return;
            }
            std::thread::sleep(LOOK);
        }
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

/// Serves one connection and its successors. Returns when nobody needs it any more.
///
/// Errors: it broke, or its successor could not be opened.
fn serve(shared: &Arc<Shared>, queue: &InteractionQueue) -> Result<(), Reason> {
    let mut connection = shared.connect()?;
    loop {
        if shared.is_gone() {
            let _ = connection.socket.close(None);
            let _ = connection.socket.flush();
            return Ok(());
        }
        if connection.step(queue)? == AfterMessage::Renew {
            let next = shared.connect()?;
            connection.drain(queue);
            connection = next;
        }
    }
}

impl Shared {
    fn is_gone(&self) -> bool {
        self.gone.load(Ordering::SeqCst)
    }

    /// The address of a new connection. It is a secret: whoever has it hears what people press.
    fn address(&self, secrets: &Secrets) -> Result<Url, Reason> {
        let answer = slack::call(&self.client, &self.token, "apps.connections.open", &json!({}), secrets)?;
        let text = answer.get("url").and_then(Value::as_str).unwrap_or_default();
        let url = Url::parse(text).ok().filter(|url| url.host_str().is_some_and(|host| !host.is_empty()));
        let Some(url) = url else {
            return Err(Reason::new(ReasonKind::BadAnswer, "Slack gave no address for Socket Mode"));
        };
        url.query_pairs().for_each(|(_, value)| secrets.hide(&value));
        // Without encryption only where the Web API is configured without it.
        let is_open = url.scheme() == "ws" && self.client.address(secrets)?.starts_with("http://");
        if url.scheme() != "wss" && !is_open {
            return Err(Reason::new(
                ReasonKind::BadAnswer,
                "the address that Slack gave for Socket Mode is not encrypted",
            ));
        }
        Ok(url)
    }

    /// Opens a connection.
    fn connect(self: &Arc<Self>) -> Result<Connection, Reason> {
        let secrets = Secrets::of_connection();
        // Counted from here on: Slack counts it before we know that it is open.
        let counted = CountedConnection::new(self);
        let opened = self.address(&secrets).and_then(|url| self.open_at(&url, &secrets));
        let socket = opened.map_err(|why| secrets.redact_reason(&why))?;
        let now = Instant::now();
        Ok(Connection { socket, counted, heard: now, asked: now, unacknowledged: Vec::new() })
    }

    fn open_at(&self, url: &Url, secrets: &Secrets) -> Result<WebSocket<Box<dyn Wire>>, Reason> {
        let stream = tunnel::connect(url, TO_OPEN, secrets)?;
        let timed =
            stream.set_read_timeout(Some(TO_OPEN)).and_then(|()| stream.set_write_timeout(Some(TO_OPEN)));
        timed.map_err(|why| broken(url, &why))?;
        let wire: Box<dyn Wire> = if url.scheme() == "wss" {
            Box::new(encrypted(url, stream, self.tls.client_config(&self.base)?)?)
        } else {
            Box::new(stream)
        };
        let config = WebSocketConfig::default().max_message_size(Some(LARGEST)).max_frame_size(Some(LARGEST));
        let opened = tungstenite::client::client_with_config(url.as_str(), wire, Some(config));
        let (socket, _) = opened.map_err(|why| {
            let why = match why {
                tungstenite::HandshakeError::Interrupted(_) => "no answer in time".to_owned(),
                tungstenite::HandshakeError::Failure(why) => why.to_string(),
            };
            let text = format!("{} opened no WebSocket: {why}", host(url));
            secrets.redact_reason(&Reason::new(ReasonKind::Unreachable, one_line(&text)))
        })?;
        let timed = socket.get_ref().socket().set_read_timeout(Some(LOOK));
        timed.map_err(|why| broken(url, &why))?;
        Ok(socket)
    }
}

impl Connection {
    /// Reads one message, or waits a moment for it.
    fn step(&mut self, queue: &InteractionQueue) -> Result<AfterMessage, Reason> {
        let after = self.read(queue)?;
        self.acknowledge_recorded(queue)?;
        Ok(after)
    }

    /// Acknowledges what is recorded by now, and what Slack would not wait for any longer.
    fn acknowledge_recorded(&mut self, queue: &InteractionQueue) -> Result<(), Reason> {
        let (now, waiting): (Vec<Unacknowledged>, Vec<Unacknowledged>) =
            std::mem::take(&mut self.unacknowledged)
                .into_iter()
                .partition(|it| queue.is_recorded(it.ticket) || it.arrived.elapsed() > SOON);
        self.unacknowledged = waiting;
        now.iter().try_for_each(|it| self.acknowledge(&it.envelope))?;
        // While something waits nobody sleeps for long.
        let pause = if self.unacknowledged.is_empty() { LOOK } else { LOOK_WHILE_OPEN };
        let timed = self.socket.get_ref().socket().set_read_timeout(Some(pause));
        timed.map_err(|why| Reason::new(ReasonKind::Unreachable, tunnel::cause(&why)))
    }

    fn acknowledge(&mut self, envelope: &str) -> Result<(), Reason> {
        let acknowledged = json!({ "envelope_id": envelope }).to_string();
        self.socket.send(Message::Text(acknowledged.into())).map_err(|why| ended(&why))
    }

    fn read(&mut self, queue: &InteractionQueue) -> Result<AfterMessage, Reason> {
        match self.socket.read() {
            Ok(message) => {
                self.heard = Instant::now();
                match message {
                    Message::Text(text) => return self.take(&text, queue),
                    Message::Close(_) => return Ok(AfterMessage::Renew),
                    // What answers a ping is sent with the next flush.
                    Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_) => {
                        self.socket.flush().map_err(|why| ended(&why))?;
                    }
                }
            }
            Err(tungstenite::Error::Io(why)) if is_pause(&why) => self.watch()?,
            Err(tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed) => {
                return Ok(AfterMessage::Renew);
            }
            Err(why) => return Err(ended(&why)),
        }
        Ok(AfterMessage::GoesOn)
    }

    /// Looks whether the other side still lives.
    fn watch(&mut self) -> Result<(), Reason> {
        if self.heard.elapsed() > DEAD {
            return Err(Reason::new(
                ReasonKind::TimedOut,
                format!("nothing was heard for {}s", DEAD.as_secs()),
            ));
        }
        if self.heard.elapsed() > QUIET && self.asked.elapsed() > QUIET {
            self.asked = Instant::now();
            self.socket.send(Message::Ping(Vec::new().into())).map_err(|why| ended(&why))?;
        }
        Ok(())
    }

    /// Takes a message: keeps what it says, and acknowledges it unless it has to be recorded first.
    fn take(&mut self, text: &str, queue: &InteractionQueue) -> Result<AfterMessage, Reason> {
        let Ok(message) = outside_json::<Value>(text.as_bytes()) else { return Ok(AfterMessage::GoesOn) };
        let field = |name: &str| message.get(name).and_then(Value::as_str);
        if let Some(id) = field("envelope_id") {
            let kept = match (field("type"), message.get("payload")) {
                (Some("interactive"), Some(payload)) => queue.push(payload, id),
                _ => PayloadKept::Done,
            };
            match kept {
                PayloadKept::Done => self.acknowledge(id)?,
                PayloadKept::Waits(ticket) => {
                    let (envelope, arrived) = (id.to_owned(), Instant::now());
                    self.unacknowledged.push(Unacknowledged { envelope, ticket, arrived });
                }
                // Without an answer Slack shows that nothing came of it.
                PayloadKept::Full => queue.warn("too many answers wait: one was dropped".into()),
            }
            return Ok(AfterMessage::GoesOn);
        }
        match field("type") {
            Some("hello") => self.count(&message, queue),
            Some("disconnect") if field("reason") == Some("link_disabled") => {
                return Err(Reason::new(ReasonKind::ProviderError, "Socket Mode of the app is switched off"));
            }
            Some("disconnect") => return Ok(AfterMessage::Renew),
            Some(_) | None => {}
        }
        Ok(AfterMessage::GoesOn)
    }

    /// Says so where others are connected with the token of this app: Slack sends each press to one of all connections.
    fn count(&self, hello: &Value, queue: &InteractionQueue) {
        let all = hello.get("num_connections").and_then(Value::as_u64);
        let all = all.and_then(|all| usize::try_from(all).ok()).unwrap_or_default();
        let shared = &self.counted.0;
        let others = all.saturating_sub(shared.open.load(Ordering::SeqCst));
        if shared.others.swap(others, Ordering::SeqCst) != others && others > 0 {
            queue.warn(format!(
                "{others} of the {all} connections of this Slack app are not of this server: what people press may reach those, and is lost for it; \
                 give each server an app of its own"
            ));
        }
    }

    /// Reads what is still on its way, and closes it.
    fn drain(&mut self, queue: &InteractionQueue) {
        let until = Instant::now() + TO_DRAIN;
        while Instant::now() < until && self.socket.can_read() {
            if self.step(queue).is_err() {
                return;
            }
        }
        for it in std::mem::take(&mut self.unacknowledged) {
            let _ = self.acknowledge(&it.envelope);
        }
        let _ = self.socket.close(None);
        let _ = self.socket.flush();
    }
}

/// A connection that is open, or about to be, for as long as this lives.
struct CountedConnection(Arc<Shared>);

impl CountedConnection {
    fn new(shared: &Arc<Shared>) -> Self {
        shared.open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(shared))
    }
}

impl Drop for CountedConnection {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

fn encrypted(
    url: &Url,
    stream: TcpStream,
    config: rustls::ClientConfig,
) -> Result<rustls::StreamOwned<rustls::ClientConnection, TcpStream>, Reason> {
    let name = ServerName::try_from(host(url)).map_err(|_| {
        Reason::new(ReasonKind::BadAnswer, "the address that Slack gave for Socket Mode names no host")
    })?;
    let client = rustls::ClientConnection::new(Arc::new(config), name)
        .map_err(|why| Reason::new(ReasonKind::Unreachable, format!("{}: {why}", host(url))))?;
    let mut wire = rustls::StreamOwned::new(client, stream);
    // The handshake, so that its error is not taken for one of the WebSocket.
    wire.conn.complete_io(&mut wire.sock).map_err(|why| broken(url, &why))?;
    Ok(wire)
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned()
}

fn broken(url: &Url, why: &std::io::Error) -> Reason {
    Reason::new(ReasonKind::Unreachable, format!("{}: {}", host(url), tunnel::cause(why)))
}

fn ended(why: &tungstenite::Error) -> Reason {
    Reason::new(ReasonKind::Unreachable, one_line(&why.to_string()))
}

/// Whether a read only took longer than it may.
fn is_pause(why: &std::io::Error) -> bool {
    matches!(why.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}
