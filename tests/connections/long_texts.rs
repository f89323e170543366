//! Texts that are too long, that try to be markup, or that hide: what each service gets of them.

use serde_json::{Value, json};

use super::mail::MailServer;
use super::run;
use super::services::{ROUTING_KEY, sent_to};
use crate::cli::shell::Shell;
use crate::support::{Fake, Response};

/// One line of what a program printed: mentions of several services, markup, colours, a text that runs backwards, and one that is not seen.
const LINE: &str = "<!channel> <@U1> @room @everyone *b* [a](https://evil.example) & \u{1b}[31mred\u{1b}[0m \u{202e}drawkcab\u{2066} hid\u{200b}den ü🔥 \u{7}";

const HIDDEN: [char; 6] = ['\u{1b}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{7}', '\u{9b}'];

/// Every service, as far as the calls of rbl go.
fn services() -> Fake {
    Fake::start(|request| {
        let path = request.split_whitespace().nth(1).unwrap_or_default();
        let taken = |body: &str| Response::of("202 Accepted", "application/json", body);
        match path.split('?').next().unwrap_or_default() {
            "/v2/enqueue" => taken("{\"status\": \"success\"}"),
            "/incidents" => Response::json(
                "{\"incidents\": [{\"id\": \"Q1\", \"status\": \"triggered\", \"created_at\": \"2026-11-29T10:00:00Z\"}]}",
            ),
            "/incidents/Q1/notes" => Response::json("{\"note\": {\"id\": \"N1\"}}"),
            "/api/chat.postMessage" | "/api/chat.update" => {
                Response::json("{\"ok\": true, \"channel\": \"C1\", \"ts\": \"1503435956.000001\"}")
            }
            path if path.starts_with("/og/v2/alerts") => taken("{\"requestId\": \"r\"}"),
            path if path.starts_with("/_matrix/") => {
                Response::json("{\"event_id\": \"$1:example.com\", \"user_id\": \"@rbl:example.com\"}")
            }
            "/slack-hook" => Response::of("200 OK", "text/plain", "ok"),
            _ => Response::json("{}"),
        }
    })
}

fn configuration(url: &str, mail: Option<&str>) -> String {
    let mut all = format!(
        "[teams.pd]\ntype = \"pagerduty\"\nurl = \"{url}\"\nrouting_key = {{ env = \"ROUTING\" }}\n\
         [teams.og]\ntype = \"opsgenie\"\nurl = \"{url}/og\"\napi_key = {{ env = \"TOKEN\" }}\n\
         [teams.sl]\ntype = \"slack\"\napi_url = \"{url}/api\"\ntoken = {{ env = \"TOKEN\" }}\nchannel = \"C1\"\n\
         [teams.sw]\ntype = \"slack\"\nwebhook = {{ file = \"slack-hook\" }}\n\
         [teams.te]\ntype = \"msteams\"\nwebhook = {{ file = \"teams-hook\" }}\n\
         [teams.am]\ntype = \"alertmanager\"\nurl = \"{url}/am\"\n\
         [teams.wh]\ntype = \"webhook\"\nurl = \"{url}/team\"\n\
         [channels.pd]\ntype = \"pagerduty\"\nteam = \"pd\"\nfrom = \"rbl@example.com\"\napi_url = \"{url}\"\napi_token = {{ env = \"TOKEN\" }}\n\
         [channels.og]\ntype = \"opsgenie\"\nteam = \"og\"\nurl = \"{url}/og\"\napi_key = {{ env = \"TOKEN\" }}\n\
         [channels.sl]\ntype = \"slack\"\napi_url = \"{url}/api\"\ntoken = {{ env = \"TOKEN\" }}\nchannel = \"C1\"\n\
         [channels.sw]\ntype = \"slack\"\nwebhook = {{ file = \"slack-hook\" }}\n\
         [channels.te]\ntype = \"msteams\"\nwebhook = {{ file = \"teams-hook\" }}\n\
         [channels.mx]\ntype = \"matrix\"\nurl = \"{url}\"\ntoken = {{ env = \"TOKEN\" }}\nroom = \"!a:example.com\"\n\
         [channels.wh]\ntype = \"webhook\"\nurl = \"{url}/channel\"\n"
    );
    if let Some(mail) = mail {
        let keys = format!(
            "type = \"email\"\nserver = \"{mail}\"\ntls = \"none\"\nfrom = \"rbl <rbl@example.com>\"\nto = [\"ana@example.com\"]\n"
        );
        all.push_str(&format!("[teams.ma]\n{keys}[channels.ma]\n{keys}"));
    }
    all
}

/// A run that pages every team because of this text, posts it to every channel, and ends with it.
fn told(server: &Fake, mail: Option<&str>, text: &str) {
    let shell = Shell::new().env("ROUTING", ROUTING_KEY).env("TOKEN", "token-0a1b2c3d");
    shell.write("text", text);
    shell.write("slack-hook", format!("{}/slack-hook", server.url()));
    shell.write("teams-hook", format!("{}/teams-hook", server.url()));
    let mut body = "severity \"sev1\"\nlink \"Graphs\" \"https://g.example\"\n\ndefine read() as `cat text`\naction read() as it else { stop \"no\" }\n".to_owned();
    let mail_too = if mail.is_some() { &["ma"][..] } else { &[] };
    for team in ["pd", "og", "sl", "sw", "te", "am", "wh"].iter().chain(mail_too) {
        body.push_str(&format!("escalate to \"{team}\" because \"#{{it.text}}\"\n"));
    }
    for channel in ["pd", "og", "sl", "sw", "te", "mx", "wh"].iter().chain(mail_too) {
        body.push_str(&format!("record \"#{{it.text}}\" to \"{channel}\"\n"));
    }
    let ended = run(&shell, &configuration(&server.url(), mail), &format!("{body}resolve \"#{{it.text}}\""));
    assert_eq!(ended.code, Some(0), "{}", ended.out.chars().take(3_000).collect::<String>());
    assert!(!ended.out.contains("could not be"), "{}", ended.out.chars().take(3_000).collect::<String>());
    assert!(!ended.out.contains("out of date"), "{}", ended.out.chars().take(3_000).collect::<String>());
}

/// All texts in a JSON value.
fn texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(entries) => entries.values().for_each(|item| texts(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What arrived at a path, at least one; nothing in it hides or acts.
fn readable(server: &Fake, line: &str) -> Vec<Value> {
    let all = sent_to(server, line);
    assert!(!all.is_empty(), "nothing came to {line}");
    for value in &all {
        let mut found = Vec::new();
        texts(value, &mut found);
        for text in found {
            assert!(!text.contains(HIDDEN), "{line}: {}", text.chars().take(300).collect::<String>());
        }
    }
    all
}

fn length(value: &Value) -> usize {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).chars().count()
}

#[test]
fn ten_thousand_lines_reach_every_service_within_its_limits() {
    let (server, mail) = (services(), MailServer::start(false));
    let text = format!("{LINE}\n{}", "an ordinary line\n".repeat(24)).repeat(400);
    told(&server, mail.as_ref().map(MailServer::address).as_deref(), &text);
    let is_cut =
        |text: &Value| assert!(text.as_str().unwrap().contains("more characters are left out"), "{text}");

    let events = readable(&server, "POST /v2/enqueue ");
    assert!(events[0].to_string().len() < 512_000);
    assert!(length(&events[0]["payload"]["summary"]) <= 1024);
    is_cut(&events[0]["payload"]["custom_details"]["reason"]);
    let notes = readable(&server, "POST /incidents/Q1/notes ");
    assert!(length(&notes[0]["note"]["content"]) <= 25_000);
    is_cut(&notes[0]["note"]["content"]);

    let alerts = readable(&server, "POST /og/v2/alerts ");
    assert!(length(&alerts[0]["message"]) <= 130 && length(&alerts[0]["description"]) <= 15_000);
    is_cut(&alerts[0]["description"]);
    assert!(alerts[0]["description"].as_str().unwrap().contains("Graphs: https://g.example\n\nRun "));
    for note in readable(&server, "POST /og/v2/alerts/").iter().filter_map(|it| it.get("note")) {
        assert!(length(note) <= 25_000);
    }

    let slack = [
        readable(&server, "POST /api/chat.postMessage "),
        readable(&server, "POST /api/chat.update "),
        readable(&server, "POST /slack-hook "),
    ];
    for message in slack.iter().flatten() {
        let text = message["text"].as_str().unwrap();
        let most = if text.contains(":rotating_light:") { 20_000 } else { 4_000 };
        assert!(text.encode_utf16().count() <= most, "{}", text.encode_utf16().count());
        assert!(!text.contains("<!") && !text.contains("<@") && text.contains("&lt;!channel&gt;"), "{text}");
        is_cut(&message["text"]);
    }

    for card in readable(&server, "POST /teams-hook ") {
        assert!(card.to_string().len() <= 28_000, "{}", card.to_string().len());
        assert!(card.to_string().contains("more characters are left out"));
        assert!(card.to_string().contains(r"\\[a\\](https://evil.example)"), "{card}");
    }

    for alert in readable(&server, "POST /am/api/v2/alerts ") {
        assert!(alert.to_string().len() < 100_000);
        is_cut(
            alert
                .pointer("/0/annotations/description")
                .or_else(|| alert.pointer("/0/annotations/summary"))
                .unwrap(),
        );
    }

    let messages = readable(&server, "PUT /_matrix/client/v3/rooms/");
    assert!(messages.iter().any(|it| it.get("m.new_content").is_some()));
    for message in messages {
        // What the homeserver adds has room too.
        assert!(message.to_string().len() <= 60_000, "{}", message.to_string().len());
        assert_eq!((&message["m.mentions"], &message["msgtype"]), (&json!({}), &json!("m.text")));
        is_cut(&message["body"]);
    }

    // A program gets all of it, as it is.
    for line in ["POST /team ", "POST /channel "] {
        let sent = &sent_to(&server, line)[0];
        let got = sent.get("reason").filter(|it| !it.is_null()).unwrap_or(&sent["text"]).as_str().unwrap();
        assert_eq!((got.matches('\u{202e}').count(), got.lines().count()), (400, 10_000), "{line}");
    }

    for mail in mail.iter().flat_map(MailServer::mails) {
        let all = mail.to_string();
        assert!(all.contains("more characters are left out") && all.len() < 1_000_000, "{}", all.len());
        assert!(!all.contains("\\u202e") && !all.contains("\\u001b") && !all.contains('\u{202e}'));
    }
}

/// A text of nothing is one that no service takes.
#[test]
fn an_empty_text_arrives_as_one() {
    for text in ["", "  \n", "\u{1b}[0m"] {
        let server = services();
        told(&server, None, text);
        for (line, path) in [
            ("POST /api/chat.postMessage ", "/text"),
            ("POST /slack-hook ", "/text"),
            ("POST /incidents/Q1/notes ", "/note/content"),
            ("PUT /_matrix/client/v3/rooms/", "/body"),
        ] {
            for message in readable(&server, line) {
                let text = message.pointer(path).and_then(Value::as_str).unwrap();
                assert!(!text.trim().is_empty(), "{line}: {message}");
            }
        }
        assert!(
            readable(&server, "POST /incidents/Q1/notes ")[0].to_string().contains("It: (an empty text)")
        );
    }
}
