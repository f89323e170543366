//! Questions that are answered by buttons in Slack: over Socket Mode, and by requests that Slack signs.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{RunningServer, ServerBench, alert, delivery};
use crate::support::python_with;
use crate::support::slack::{SlackFake, TICKET};

const T: &str = "2026-11-29T03:00:00Z";
const ASKS: &str = "if \"Is <it> real?\" by \"dba\" within 20m showing `echo rows are locked` { action `echo x >> done` } else { action `echo no >> done` }\nresolve \"done\"";
const SECRETS: [&str; 4] = ["planted-Bot-0a1b2c3d", "planted-App-4e5f6a7b", "planted-Signing-8c9d", TICKET];

fn bench(slack: &SlackFake, more: &str, team: &str) -> ServerBench {
    let sections = format!(
        "[teams.dba]\ntype = \"terminal\"\nasks = \"chat\"\nmembers = [\"ana\", \"ben\", \"cy\"]\n{team}
[channels.chat]\ntype = \"slack\"\napi_url = \"{}/api\"\ntoken = {{ file = \"bot\" }}\nchannel = \"C1\"\n{more}
[people.ana]\nslack = \"U1\"\n[people.ben]\nslack = \"U2\"\n[people.cy]\n[people.dan]\nslack = \"U4\"\n",
        slack.http.url()
    );
    let bench = ServerBench::new("url = \"https://rbl.example.com\"", &sections);
    for (file, secret) in ["bot", "app", "signing"].iter().zip(SECRETS) {
        bench.shell.write(file, secret);
    }
    bench.runbook("a.rb", "\"A\"", ASKS);
    bench
}

fn by_socket(slack: &SlackFake, team: &str) -> ServerBench {
    bench(slack, "app_token = { file = \"app\" }", team)
}

/// The server, when it hears what is pressed.
fn hearing<'b>(bench: &'b ServerBench, slack: &SlackFake, sockets: usize) -> RunningServer<'b> {
    let server = bench.start();
    bench.until("its sockets are open", || slack.sockets() == sockets);
    server
}

fn fire(bench: &ServerBench, slack: &SlackFake, fingerprint: &str) {
    let before = slack.messages().len();
    bench.delivered(&delivery(&[alert("A", "firing", "", fingerprint, T)]));
    bench.until("the question is posted", || {
        slack.messages().len() >= before + 2 && slack.question().is_some()
    });
}

/// Nothing that was sent, logged or kept shows a secret; what goes to Slack itself is signed in with its tokens.
fn no_secret(bench: &ServerBench) {
    let shown = bench.shell.rbl("show last --format json");
    let everything = format!("{}{}{}", shown.out, shown.err, bench.log());
    for secret in SECRETS {
        assert!(!everything.contains(secret), "{secret}: {everything}");
    }
}

#[test]
fn a_button_answers_and_the_message_says_who_answered_what() {
    let slack = SlackFake::start();
    let bench = by_socket(&slack, "");
    let tested = bench.shell.rbl("connections test chat").code(0).out;
    assert!(tested.contains("as rbl in Ours"), "{tested}");
    let _server = hearing(&bench, &slack, 2);
    fire(&bench, &slack, "1");
    let asked = slack.question().unwrap();
    let text = asked["blocks"].to_string();
    for part in ["Is &lt;it&gt; real?", "rows are locked", "rbl answer ", "\"Yes\"", "\"No\"", "\"Not sure\""]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(asked["thread_ts"], slack.messages()[0]["ts"], "it is in the thread of the run");

    // A stranger, somebody who is not in the team.
    slack.press("Yes", "U9");
    bench.until("the stranger is told", || slack.told("U9").len() == 1);
    let told = &slack.told("U9")[0];
    assert!(told.contains("nobody of `[people]` has `U9`") && told.contains("rbl answer "), "{told}");
    assert!(told.contains("--server https://rbl.example.com"), "{told}");
    slack.press("Yes", "U4");
    bench.until("dan is told", || slack.told("U4").len() == 1);
    assert!(slack.told("U4")[0].contains("only ana, ben, cy can answer this"), "{:?}", slack.told("U4"));
    bench.until_states(&["waiting"]);
    assert!(bench.read("done").is_empty());

    slack.press("Yes", "U1");
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("done"), "x\n");
    bench.until("she is told", || slack.told("U1").iter().any(|it| it == "Taken: yes, by ana."));
    let shown = slack.messages()[1]["blocks"].to_string();
    assert!(shown.contains("yes, by ana") && !shown.contains("\"actions\""), "{shown}");
    let first = slack.messages()[0]["text"].to_string();
    assert!(first.contains("resolved"), "the first message shows how the run ended: {first}");

    // Too late: with the message that had the buttons.
    let late = SlackFake::pressed(&asked, "No", "U2");
    slack.deliver(1, &late, "late");
    bench.until("ben is told", || slack.told("U2").len() == 1);
    assert!(
        slack.told("U2")[0].starts_with("Not taken: too late: the question of run ")
            && slack.told("U2")[0].contains("is already answered by ")
    );
    bench.shell.rbl("show last --verify").code(0);
    let replayed = bench.shell.rbl("replay last").code(0);
    assert!(!replayed.err.contains("differs"), "{replayed:?}");
    assert!(!bench.log().contains("not of this server"), "{}", bench.log());
    no_secret(&bench);
}

/// An action that needs approval is shown with what to look at, and done once it is approved.
#[test]
fn an_action_is_approved_by_a_button() {
    let slack = SlackFake::start();
    let bench = by_socket(&slack, "");
    let body = "action `echo x >> done` by \"dba\" within 20m showing `echo rows are locked` else { \"not done\" }\nresolve \"over\"";
    bench.runbook("a.rb", "\"A\"", body);
    let _server = hearing(&bench, &slack, 2);
    for (fingerprint, label, done) in [("1", "No", ""), ("2", "Yes", "x\n")] {
        fire(&bench, &slack, fingerprint);
        let asked = slack.question().unwrap()["blocks"].to_string();
        assert!(asked.contains("rows are locked") && asked.contains("echo x"), "{asked}");
        slack.press(label, "U2");
        bench.until("it is over", || bench.states().iter().all(|it| it == "resolved"));
        assert_eq!(bench.read("done"), done);
    }
}

/// Slack hears of a press when it is in the journal, so a server that is killed at that moment has lost nothing; but it is not kept waiting.
#[test]
fn a_press_is_acknowledged_when_it_is_recorded() {
    let slack = SlackFake::start();
    let bench = by_socket(&slack, "");
    // The kill may come in the middle of the action: it may be repeated, so that rbl need not ask whether it was done.
    bench.runbook("a.rb", "\"A\"", &ASKS.replace("`echo x >> done`", "`echo x > done` retry 1"));
    let server = hearing(&bench, &slack, 2);
    // Nobody else can write into the journal for so long.
    let held = |long: Duration| {
        let journal = bench.journal();
        journal.execute_batch("BEGIN IMMEDIATE").unwrap();
        std::thread::spawn(move || {
            std::thread::sleep(long);
            journal.execute_batch("COMMIT").unwrap();
        })
    };
    fire(&bench, &slack, "1");
    let begun = Instant::now();
    let released = held(Duration::from_secs(1));
    slack.press("Yes", "U1");
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
    server.kill();
    released.join().unwrap();
    let _server = hearing(&bench, &slack, 2);
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("done"), "x\n");

    fire(&bench, &slack, "2");
    bench.until_states(&["resolved", "waiting"]);
    let released = held(Duration::from_secs(4));
    let took = slack.press("Yes", "U1");
    assert!(took > Duration::from_millis(1700) && !released.is_finished(), "{took:?}");
    released.join().unwrap();
    bench.until("it is over", || bench.states().iter().all(|it| it == "resolved"));
}

#[test]
fn of_two_who_press_at_once_one_wins_and_what_comes_twice_counts_once() {
    let slack = SlackFake::start();
    let bench = by_socket(&slack, "");
    let _server = hearing(&bench, &slack, 2);
    for round in 0..3 {
        fire(&bench, &slack, &round.to_string());
        let asked = slack.question().unwrap();
        let (yes, no) = (SlackFake::pressed(&asked, "Yes", "U1"), SlackFake::pressed(&asked, "No", "U2"));
        let told = slack.told("U1").len() + slack.told("U2").len();
        std::thread::scope(|scope| {
            scope.spawn(|| slack.deliver(0, &yes, &format!("yes-{round}")));
            scope.spawn(|| slack.deliver(1, &no, &format!("no-{round}")));
        });
        // Slack sends an envelope again that it thinks was not acknowledged; also on another connection.
        slack.deliver(0, &yes, &format!("yes-{round}"));
        slack.deliver(1, &yes, &format!("yes-{round}-again"));
        bench.until("both are told", || slack.told("U1").len() + slack.told("U2").len() >= told + 2);
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(slack.told("U1").len() + slack.told("U2").len(), told + 2);
        bench.until("it is over", || bench.states().iter().all(|it| it == "resolved"));
        assert_eq!(bench.read("done").lines().count(), round + 1);
    }
    let all = [slack.told("U1"), slack.told("U2")].concat();
    assert_eq!(all.iter().filter(|it| it.starts_with("Taken: ")).count(), 3, "{all:?}");
    assert_eq!(all.iter().filter(|it| it.starts_with("Not taken: ")).count(), 3, "{all:?}");
}

#[test]
fn several_have_to_approve_and_everybody_sees_who_has() {
    let slack = SlackFake::start();
    let bench = by_socket(&slack, "quorum = 2");
    let _server = hearing(&bench, &slack, 2);
    fire(&bench, &slack, "1");
    assert!(slack.question().unwrap()["blocks"].to_string().contains("2 people have to approve."));
    slack.press("Yes", "U1");
    bench.until("the thread says so", || {
        slack.messages().iter().any(|it| it["text"] == "Taken. 1 of 2 have approved: ana")
    });
    slack.press("Yes", "U1");
    bench.until("she is told", || {
        slack.told("U1").iter().any(|it| it.contains("ana has answered this already"))
    });
    assert!(bench.read("done").is_empty());
    slack.press("Yes", "U2");
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("done"), "x\n");
    bench.until("the message says who", || slack.messages()[1]["blocks"].to_string().contains("ana and ben"));
}

#[test]
fn a_text_is_asked_for_in_a_form() {
    let slack = SlackFake::start();
    let bench = by_socket(&slack, "");
    bench.runbook(
        "a.rb",
        "\"A\"",
        "let cause = ask \"What was it?\" by \"dba\" within 20m\nresolve \"it was #{cause}\"",
    );
    let _server = hearing(&bench, &slack, 2);
    fire(&bench, &slack, "1");
    slack.press("Answer…", "U1");
    bench.until("the form is shown", || !slack.calls("views.open").is_empty());
    let view = slack.calls("views.open")[0]["view"].clone();
    let block = view["blocks"][0].clone();
    let (name, action) =
        (block["block_id"].as_str().unwrap(), block["element"]["action_id"].as_str().unwrap());
    let sent = json!({
        "type": "view_submission",
        "user": { "id": "U1" },
        "trigger_id": "99.1.def",
        "view": {
            "id": "V1", "callback_id": view["callback_id"], "private_metadata": view["private_metadata"],
            "state": { "values": { name: { action: { "type": "plain_text_input", "value": "a bad deploy" } } } },
        },
    });
    slack.deliver(0, &sent, "form");
    bench.until_states(&["resolved"]);
    assert!(bench.shell.rbl("show last").out.contains("it was a bad deploy"));
    assert!(slack.messages()[1]["blocks"].to_string().contains("a bad deploy, by ana"));
}

/// Nobody could press one who would be heard.
#[test]
fn without_somebody_who_is_known_there_are_no_buttons() {
    let slack = SlackFake::start();
    let bench = by_socket(&slack, "");
    let text = std::fs::read_to_string(bench.shell.path().join("rbl.toml")).unwrap();
    bench.shell.write("rbl.toml", text.replace("slack = \"U1\"", "").replace("slack = \"U2\"", ""));
    let _server = hearing(&bench, &slack, 2);
    bench.delivered(&delivery(&[alert("A", "firing", "", "1", T)]));
    bench.until("the question is posted", || slack.messages().len() == 2);
    let asked = slack.messages()[1]["blocks"].to_string();
    assert!(!asked.contains("\"actions\"") && asked.contains("rbl answer "), "{asked}");
}

#[test]
fn a_connection_is_renewed_before_it_ends_and_opened_again_after_it_broke() {
    let slack = SlackFake::start();
    let bench = by_socket(&slack, "");
    let server = hearing(&bench, &slack, 2);
    fire(&bench, &slack, "1");
    // Slack says before that it will close a connection.
    let warning = json!({ "type": "disconnect", "reason": "warning", "debug_info": { "host": "applink-1" } });
    slack.send(0, &warning);
    bench.until("a third one is opened", || slack.opened() == 3);
    bench.until("and the old one closed", || slack.sockets() == 2);
    slack.send(1, &json!({ "type": "disconnect", "reason": "refresh_requested" }));
    bench.until("a fourth one is opened", || slack.opened() == 4 && slack.sockets() == 2);
    // Closed in order, and without a word.
    slack.close(true);
    bench.until("both are opened again", || slack.opened() >= 6 && slack.sockets() == 2);
    slack.close(false);
    bench.until("both are opened again", || slack.opened() >= 8 && slack.sockets() == 2);
    // Others have connections too, and get some of the presses.
    slack.foreign(3);
    let opened = slack.opened();
    slack.close(true);
    bench
        .until("it is said", || bench.log().contains("connections of this Slack app are not of this server"));
    bench.until("both are open", || slack.opened() >= opened + 2 && slack.sockets() == 2);
    // Acknowledged at once, although the answer to whoever pressed takes long.
    slack.slow("chat.postEphemeral", Duration::from_secs(7));
    for number in 0..3 {
        let payload = SlackFake::pressed(&slack.question().unwrap(), "Yes", "U9");
        let took = slack.deliver(number, &payload, &format!("slow-{number}"));
        assert!(took < Duration::from_secs(6), "{took:?}");
    }
    slack.quick();
    slack.press("Yes", "U1");
    bench.until_states(&["resolved"]);
    drop(server);
    bench.until("they are closed", || slack.sockets() == 0);
    no_secret(&bench);
}

/// Slack itself is encrypted. Whom the machine does not trust is not spoken to, unless the section says so.
#[test]
fn a_connection_is_encrypted_and_its_certificate_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    if crate::connections::failures::certificates(folder.path()).is_none() {
        return;
    }
    let slack = SlackFake::encrypted(folder.path());
    let ca = folder.path().join("ca.pem");
    let trusting = bench(&slack, &format!("app_token = {{ file = \"app\" }}\nca = \"{}\"", ca.display()), "");
    let server = hearing(&trusting, &slack, 2);
    fire(&trusting, &slack, "1");
    slack.press("Yes", "U1");
    trusting.until_states(&["resolved"]);
    drop(server);
    let bare = by_socket(&slack, "");
    let _server = bare.start();
    bare.until("it is said", || {
        bare.log().contains("nobody that this machine trusts vouches for its certificate")
    });
    no_secret(&bare);
}

#[test]
fn where_socket_mode_is_refused_it_is_said_and_tried_again() {
    let slack = SlackFake::start();
    slack.refuses("apps.connections.open", "not_allowed_token_type");
    let bench = by_socket(&slack, "");
    let tested = bench.shell.rbl("connections test chat").code(1).out;
    assert!(tested.contains("Slack refused apps.connections.open: not_allowed_token_type"), "{tested}");
    let _server = bench.start();
    bench.until("it is said", || bench.log().contains("not_allowed_token_type"));
    let tries = || slack.calls("apps.connections.open").len();
    bench.until("it is tried again", || tries() >= 5);
    no_secret(&bench);
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let slack = SlackFake::start();
    for (more, words) in [
        ("sockets = 2", "`sockets` needs an `app_token`"),
        ("app_token = { file = \"app\" }\nsockets = 11", "1 to 10"),
        ("app_token = \"xapp-1\"", "app_token"),
    ] {
        let bench = bench(&slack, more, "");
        let refused = bench.shell.rbl("connections").code(2);
        let said = refused.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(words), "{words}: {said}");
    }
    let text = "[channels.chat]\ntype = \"slack\"\nwebhook = { file = \"hook\" }\nsigning_secret = { file = \"signing\" }\n";
    let bench = ServerBench::new("", text);
    let refused = bench.shell.rbl("connections").code(2);
    assert!(refused.err.contains("buttons need a bot"), "{refused:?}");
}

/// A request of Slack: the payload as a form, signed by the library of Slack.
fn signed(payload: &Value, secret: &str, age: i64) -> Option<(String, String)> {
    signed_text(&payload.to_string(), secret, age)
}

fn signed_text(payload: &str, secret: &str, age: i64) -> Option<(String, String)> {
    let python = python_with("slack_sdk")?;
    let program = "import sys, time, json, urllib.parse
from slack_sdk.signature import SignatureVerifier
body = urllib.parse.urlencode({'payload': sys.argv[1]})
timestamp = str(int(time.time()) - int(sys.argv[3]))
signature = SignatureVerifier(sys.argv[2]).generate_signature(timestamp=timestamp, body=body)
print(json.dumps([timestamp, signature, body]))";
    let ended = Command::new(python).args(["-c", program, payload, secret, &age.to_string()]).output();
    let ended = ended.unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let parts: Vec<String> = serde_json::from_slice(&ended.stdout).unwrap();
    let head = format!(
        "POST /slack/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nX-Slack-Request-Timestamp: {}\r\nX-Slack-Signature: {}",
        parts[0], parts[1]
    );
    Some((head, parts[2].clone()))
}

#[test]
fn requests_that_slack_signs_are_answers_too() {
    let slack = SlackFake::start();
    let bench = bench(&slack, "signing_secret = { file = \"signing\" }", "");
    let _server = bench.start();
    fire(&bench, &slack, "1");
    let asked = slack.question().unwrap();
    let payload = SlackFake::pressed(&asked, "Yes", "U9");
    let Some((head, body)) = signed(&payload, SECRETS[2], 0) else { return };
    let post = |head: &str, body: &str| bench.request(head, body.as_bytes()).unwrap();
    assert_eq!(post(&head, &body).0, 200);
    bench.until("the stranger is told", || slack.told("U9").len() == 1);
    // The same request once more is the same press.
    assert_eq!(post(&head, &body).0, 200);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(slack.told("U9").len(), 1);

    let yes = SlackFake::pressed(&asked, "Yes", "U1");
    let (wrong, body) = signed(&yes, "another-secret", 0).unwrap();
    let (code, said) = post(&wrong, &body);
    assert_eq!(code, 401, "{said}");
    let (old, body) = signed(&yes, SECRETS[2], 301).unwrap();
    let (code, said) = post(&old, &body);
    assert!(code == 401 && said.contains("five minutes"), "{code} {said}");
    let (good, body) = signed(&yes, SECRETS[2], 0).unwrap();
    assert_eq!(post(&good, &format!("{body}x")).0, 401, "the signature covers the body");
    // Which of two keys counts is nobody's to guess, whoever signed them.
    let twice = yes.to_string().replacen('{', "{\"user\":{\"id\":\"U2\"},", 1);
    let (twice, text) = signed_text(&twice, SECRETS[2], 0).unwrap();
    let (code, said) = post(&twice, &text);
    assert!(code == 400 && said.contains("the key `user` is there twice"), "{code} {said}");
    let unsigned = good.split("\r\nX-Slack-Signature").next().unwrap();
    assert_eq!(post(unsigned, &body).0, 401);
    assert_eq!(post(&good.replace("/slack/chat", "/slack/other"), &body).0, 404);
    bench.until_states(&["waiting"]);
    let begun = Instant::now();
    slack.slow("chat.postEphemeral", Duration::from_secs(15));
    assert_eq!(post(&good, &body), (200, String::new()));
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("done"), "x\n");
    assert!(slack.messages()[1]["blocks"].to_string().contains("yes, by ana"));
    no_secret(&bench);
}

/// The fake of these tests serves Slack's own client: it connects, says hello, sends a press, and takes what acknowledges it.
#[test]
fn the_library_of_slack_speaks_to_the_same_fake() {
    let Some(python) = python_with("slack_sdk") else { return };
    let slack = SlackFake::start();
    let program = "import sys, threading
from slack_sdk.web import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
web = WebClient(token='xoxb-1', base_url=sys.argv[1] + '/api/')
client = SocketModeClient(app_token='xapp-1', web_client=web)
got = threading.Event()
def take(client, request):
    assert request.type == 'interactive', request.type
    assert request.payload['actions'][0]['value'] == 'v', request.payload
    client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
    got.set()
client.socket_mode_request_listeners.append(take)
client.connect()
print('connected', flush=True)
assert got.wait(20)
root = web.chat_postMessage(channel='C1', text='a', metadata={'event_type': 'rbl_message', 'event_payload': {'key': 'k1'}})
web.chat_postMessage(channel='C1', text='b', thread_ts=root['ts'], metadata={'event_type': 'rbl_message', 'event_payload': {'key': 'k2'}})
history = web.conversations_history(channel='C1', include_all_metadata=True, limit=200)
assert [it['metadata']['event_payload']['key'] for it in history['messages']] == ['k1'], history
replies = web.conversations_replies(channel='C1', ts=root['ts'], include_all_metadata=True, limit=200)
assert [it['metadata']['event_payload']['key'] for it in replies['messages']] == ['k1', 'k2'], replies
assert 'metadata' not in web.conversations_history(channel='C1')['messages'][0]
web.chat_update(channel='C1', ts=root['ts'], text='c')
web.chat_postEphemeral(channel='C1', user='U1', thread_ts=root['ts'], text='d')
web.views_open(trigger_id='1.1', view={'type': 'modal', 'title': {'type': 'plain_text', 'text': 'T'}, 'blocks': []})
client.close()
";
    let mut child = Command::new(python)
        .args(["-c", program, &slack.http.url()])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    while slack.sockets() == 0 {
        assert!(Instant::now() < end, "it does not connect");
        std::thread::sleep(Duration::from_millis(20));
    }
    let action = json!({ "type": "button", "action_id": "rbl_answer_0_0", "value": "v" });
    slack.deliver(0, &json!({ "type": "block_actions", "user": { "id": "U1" }, "actions": [action] }), "e1");
    let status = child.wait().unwrap();
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
    assert!(status.success(), "{said}");
}
