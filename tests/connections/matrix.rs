//! The kind `matrix` against Synapse, a real homeserver.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rbl_runtime::{Conclude, Outcome, RecordEffect, Secrets};
use rbl_world::Outlet;
use rbl_world::people::NoScreen;
use serde_json::Value;

use super::everything;
use super::failures::{configured, record};
use crate::cli::shell::Shell;
use crate::support::{free_port, python_with};

/// A homeserver; ends when its standard input does.
pub struct Homeserver {
    child: Child,
    about: Value,
    _folder: tempfile::TempDir,
}

impl Homeserver {
    /// `None`: this machine has no Synapse.
    pub fn start() -> Option<Self> {
        let python = python_with("synapse")?;
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/connections/matrix_server.py"))
            .arg(folder.path())
            .arg(free_port().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let about = serde_json::from_str(&line).unwrap_or_else(|why| panic!("{why}: {line}"));
        Some(Self { child, about, _folder: folder })
    }

    pub fn field(&self, name: &str) -> &str {
        self.about[name].as_str().unwrap()
    }

    pub fn section(&self) -> String {
        format!(
            "[channels.it]\ntype = \"matrix\"\nurl = \"{}\"\ntoken = {{ env = \"MATRIX_TOKEN\" }}\nroom = \"{}\"\n",
            self.field("url"),
            self.field("room")
        )
    }

    fn client(&self, who: &str) -> rbl_world::WebClient {
        let setting = |text: &str| rbl_project::setting::Setting::Text(text.to_owned());
        rbl_world::WebClient::new(
            setting(self.field("url")),
            Some(setting(self.field(who))),
            ".".as_ref(),
            10.0,
        )
    }

    /// Sends an event to the room as one of its users.
    pub fn send(&self, who: &str, kind: &str, content: &Value) {
        let room = self.field("room").replace('!', "%21").replace(':', "%3A");
        let path = format!("/_matrix/client/v3/rooms/{room}/send/{kind}");
        let answer = self.client(who).post(&path, content).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// The messages of the room as ana sees them, oldest first.
    pub fn messages(&self) -> Vec<Value> {
        let room = self.field("room").replace('!', "%21").replace(':', "%3A");
        let path = format!("/_matrix/client/v3/rooms/{room}/messages?dir=b&limit=100");
        let client = self.client("ana");
        let answer = client.get(&path, &[]).unwrap();
        let all: Value = serde_json::from_str(&answer.body).unwrap();
        let mut messages: Vec<Value> = all["chunk"].as_array().unwrap().clone();
        messages.retain(|it| it["type"] == "m.room.message");
        messages.reverse();
        messages
    }
}

impl Drop for Homeserver {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

#[test]
fn a_run_is_a_thread_in_a_real_room() {
    let Some(server) = Homeserver::start() else { return };
    let shell = Shell::new().env("MATRIX_TOKEN", server.field("rbl"));
    shell.write("rbl.toml", format!("[teams.owners]\ntype = \"terminal\"\n{}", server.section()));
    shell.write(
        "it.rb",
        "runbook \"It\"\nowner \"owners\"\n\nrecord \"it began\" to \"it\"\ncheck \"Is it well?\" within 10m else { stop \"no\" }\nrecord \"it is <well>\" to \"it\"\n",
    );
    let tested = shell.rbl("connections test it").code(0).out;
    assert!(tested.contains("Matrix, as @rbl:localhost"), "{tested}");
    assert!(server.messages().is_empty());
    shell.rbl("run it.rb --no-input").code(5);
    let ended = shell.rbl("answer last yes --as bo --no-input").code(0);
    let messages = server.messages();
    let root = messages[0]["event_id"].clone();
    let relation = |message: &Value| message["content"]["m.relates_to"].clone();
    let replies: Vec<&Value> = messages.iter().filter(|it| relation(it)["rel_type"] == "m.thread").collect();
    let texts: Vec<&str> = replies.iter().map(|it| it["content"]["body"].as_str().unwrap()).collect();
    assert_eq!(texts, ["it began", "it is <well>"], "{messages:#?}");
    assert!(replies.iter().all(|it| relation(it)["event_id"] == root));
    let edits: Vec<&Value> = messages.iter().filter(|it| relation(it)["rel_type"] == "m.replace").collect();
    assert!(edits.iter().all(|it| relation(it)["event_id"] == root) && edits.len() == 2, "{messages:#?}");
    let last = edits[1]["content"]["m.new_content"]["body"].as_str().unwrap();
    assert!(last.ends_with("resolved: every step is done"), "{last}");
    assert!(!everything(&shell, &ended).contains(server.field("rbl")));

    // The same record once more is the same event: the key is its transaction.
    let before = server.messages().len();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), server.field("rbl")).unwrap();
    let text = server.section().replace("{ env = \"MATRIX_TOKEN\" }", "{ file = \"token\" }");
    let connections = configured(&text, folder.path());
    let outlet =
        Outlet { screen: Arc::new(NoScreen), secrets: Secrets::new(), teams: connections.team_rules.clone() };
    let channel = &connections.channels["it"].it;
    let first = channel.post(&record(), &outlet).unwrap();
    let again = channel.post(&record(), &outlet).unwrap();
    assert_eq!((&first.reference, &first.ticket), (&again.reference, &again.ticket));
    assert_eq!(server.messages().len(), before + 2);
    let ticket = first.ticket.unwrap();
    let in_thread = RecordEffect { thread: Some(ticket.id.clone()), key: "r1/0.21".into(), ..record() };
    channel.post(&in_thread, &outlet).unwrap();
    let (outcome, message, runbook) = (Outcome::Escalated, "nobody knows".into(), "Latency".into());
    channel
        .conclude(
            &Conclude { ticket, outcome, message, runbook, key: "r1/end-1".into(), question: None },
            &outlet,
        )
        .unwrap();

    // A token that is none, and a room that the user is not in.
    let shell = Shell::new().env("MATRIX_TOKEN", "syt_no_such_token");
    shell.write("rbl.toml", server.section());
    let refused = shell.rbl("connections test it").code(1).out;
    assert!(refused.contains("does not let us in (401)"), "{refused}");
    let shell = Shell::new().env("MATRIX_TOKEN", server.field("rbl"));
    shell.write("rbl.toml", server.section().replace(server.field("room"), "!other:localhost"));
    let refused = shell.rbl("connections test it").code(1).out;
    assert!(refused.contains("has not joined the room !other:localhost"), "{refused}");
}
