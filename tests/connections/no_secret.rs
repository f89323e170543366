//! No secret in anything that is shown or kept, whatever goes wrong: every kind of the registry, with a secret planted at every key that
//! can hold one, against servers that repeat everything they are sent.
//!
//! What is planted is derived from the keys of each kind, so a new kind is tested from the day that it is in the registry.

use std::fmt::Write as _;

use rbl_check::{Family, Key, KeyKind, KindDescription};

use super::everything;
use crate::cli::shell::Shell;
use crate::support::{Fake, Response, free_port};

/// The keys of a kind that are needed besides those that [`needed`] makes up, and those that they replace.
const BASES: &[(&str, &str, &str)] = &[
    ("teams", "slack", "token = { file = \"token\" }\nchannel = \"C1\""),
    ("channels", "slack", "token = { file = \"token\" }\nchannel = \"C1\""),
    ("channels", "matrix", "room = \"!a:localhost\""),
    ("channels", "pagerduty", "from = \"rbl@example.com\"\nteam = \"db\""),
    ("channels", "opsgenie", "team = \"db\""),
    ("channels", "jsm", "team = \"db\""),
    ("executors", "ssm", "access_key_id = \"AKID\"\nsecret_access_key = { file = \"secret_access_key\" }"),
    ("executors", "azure", "tenant = \"t\"\nclient_id = \"c\"\nclient_secret = { file = \"client_secret\" }"),
    ("providers", "sql", "url = \"postgres://u@127.0.0.1:PORT/shop\""),
    (
        "providers",
        "cloudwatch",
        "access_key_id = \"AKID\"\nsecret_access_key = { file = \"secret_access_key\" }",
    ),
];

/// The values of needed keys that are no secrets, by name.
const PLAIN: &[(&str, &str)] = &[
    ("region", "\"eu-central-1\""),
    ("server", "\"127.0.0.1:PORT\""),
    ("from", "\"rbl@example.com\""),
    ("to", "[\"ana@example.com\"]"),
    ("path", "\"data\""),
    ("command", "[\"sh\", \"-c\", \"env; cat; env >&2; exit 1\"]"),
];

/// Keys that go with another one.
const COMPANIONS: &[(&str, &str)] = &[
    ("password", "username = \"u\""),
    ("username", "password = { file = \"password\" }"),
    ("client_key", "client_certificate = \"cert.pem\""),
    ("session_token", ""),
    ("api_token", ""),
];

/// What is planted at a key: 32 characters, as some keys have to be.
fn planted(key: &str) -> String {
    let name: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut text = format!("plant3d{name}");
    let mut number = 0_u32;
    while text.len() < 32 {
        let _ = write!(text, "{}", number % 10);
        number += 7;
    }
    text.truncate(32);
    text
}

/// Whether a key can hold a secret.
fn holds_secret(key: &Key) -> bool {
    // A table of names.
    if matches!(key.name, "parameters") {
        return false;
    }
    match key.kind {
        KeyKind::Secret
        | KeyKind::Secrets
        | KeyKind::Settings
        | KeyKind::Url
        | KeyKind::Database
        | KeyKind::Text => true,
        KeyKind::Plain
        | KeyKind::Duration
        | KeyKind::Data
        | KeyKind::Count
        | KeyKind::Rate
        | KeyKind::Flag
        | KeyKind::Words
        | KeyKind::OneOfEach(_)
        | KeyKind::OneOf(_) => false,
    }
}

/// A line of a section with a secret in it, and the file that holds that.
fn line(key: &Key, url: &str, folder: &str) -> (String, (String, String)) {
    let (name, value) = (key.name, planted(key.name));
    let path = format!("{folder}/{name}");
    let file = format!("{{ file = \"{path}\" }}");
    match key.kind {
        KeyKind::Settings if name == "labels" => (format!("{name} = {{ X = {file} }}"), (path, value)),
        KeyKind::Settings => (format!("{name} = {{ X-Planted = {file} }}"), (path, value)),
        KeyKind::Secrets => (format!("{name} = [{file}]"), (path, value)),
        // The address of a hook is the secret; of another address its password and a part of its path are.
        KeyKind::Secret if name == "webhook" => {
            (format!("{name} = {file}"), (path, format!("{url}/flow/{value}")))
        }
        KeyKind::Url => {
            let host = url.trim_start_matches("http://");
            (format!("{name} = {file}"), (path, format!("http://me:{value}@{host}/{value}")))
        }
        KeyKind::Database => {
            let host = url.trim_start_matches("http://");
            (format!("{name} = {file}"), (path, format!("postgres://me:{value}@{host}/shop")))
        }
        KeyKind::Secret if name == "client_key" => {
            let pem = format!("-----BEGIN PRIVATE KEY-----\n{value}\n-----END PRIVATE KEY-----\n");
            (format!("{name} = {file}"), (path, pem))
        }
        _ => (format!("{name} = {file}"), (path, value)),
    }
}

/// The section of a kind with a secret at this key.
fn section(kind: &KindDescription, key: &Key, url: &str, (shell, folder): (&Shell, &str)) -> String {
    let family = kind.family.section();
    let port = url.rsplit(':').next().unwrap().to_owned();
    let mut text = format!("type = \"{}\"\n", kind.kind);
    let base = BASES.iter().find(|(of, name, _)| *of == family && *name == kind.kind).map(|it| it.2);
    // An incoming webhook takes the place of a bot, a profile that of an access key.
    let base = base.filter(|_| !matches!(key.name, "webhook" | "profile"));
    let mut names = vec![key.name.to_owned()];
    let mut add = |text: &mut String, lines: &str| {
        for line in lines.lines().filter(|line| !line.is_empty()) {
            let line = line.replace("{ file = \"", &format!("{{ file = \"{folder}/"));
            let name = line.split(' ').next().unwrap().to_owned();
            if !names.contains(&name) {
                names.push(name);
                text.push_str(&line);
                text.push('\n');
            }
        }
    };
    let (own, (file, value)) = line(key, url, folder);
    text.push_str(&own);
    text.push('\n');
    shell.write(&file, value);
    add(&mut text, &base.unwrap_or_default().replace("PORT", &port));
    // Of a kind that has such a key.
    let has = |line: &str| {
        line.is_empty() || kind.keys.iter().any(|it| line.starts_with(&format!("{} =", it.name)))
    };
    let companion = COMPANIONS.iter().find(|(name, line)| *name == key.name && has(line));
    add(&mut text, companion.map(|it| it.1).unwrap_or_default());
    for needed in kind.keys.iter().filter(|it| it.required) {
        let plain = PLAIN.iter().find(|(name, _)| *name == needed.name);
        let value = match (plain, needed.kind) {
            (Some((_, value)), _) => value.replace("PORT", &port),
            (None, KeyKind::Url) => format!("\"{url}\""),
            (None, KeyKind::Secret) => format!("{{ file = \"{}\" }}", needed.name),
            (None, _) => "\"x\"".to_owned(),
        };
        add(&mut text, &format!("{} = {value}", needed.name));
    }
    // Where a kind has a usual address, it is ours.
    for usual in kind.keys.iter().filter(|it| it.kind == KeyKind::Url && !it.required) {
        add(&mut text, &format!("{} = \"{url}\"", usual.name));
    }
    if kind.keys.iter().any(|it| it.name == "timeout") {
        add(&mut text, "timeout = \"2s\"");
    }
    for other in kind.keys.iter().filter(|it| matches!(it.kind, KeyKind::Secret)) {
        let (_, (file, value)) = line(other, url, folder);
        shell.write(&file, value);
    }
    text
}

/// A body that uses the connection of this number, in every way that its family has.
fn body(kind: &KindDescription, number: usize) -> String {
    match kind.family {
        // It answers no metric: it is only tested.
        Family::Provider if kind.metrics.is_empty() => format!("\"{number}\"\n"),
        Family::Provider => {
            format!("if load{number} > 1 {{ \"high\" }} else or unknown {{ \"not known\" }}\n")
        }
        Family::Executor => format!("action go{number}() within 3s else {{ \"not done\" }}\n"),
        Family::Team => {
            format!("escalate to \"it{number}\" because \"x\" else {{ \"nobody\" }}\n")
        }
        Family::Channel => format!("record \"x\" to \"it{number}\"\n"),
    }
}

/// What has to be declared before it.
fn declared(kind: &KindDescription, number: usize) -> String {
    match kind.family {
        Family::Provider if kind.metrics.is_empty() => String::new(),
        Family::Provider => {
            let query = match kind.kind {
                "http" => "/x $.a",
                "sql" => "SELECT 1",
                "cloudwatch" => "AWS/SQS Age Sum",
                _ => "x",
            };
            format!("metric load{number} from it{number} \"{query}\"\n")
        }
        Family::Executor => {
            let reference = match kind.kind {
                "http" => "POST /restart",
                "kubernetes" => "restart deployment/api",
                _ => "Restart",
            };
            format!("define go{number}() as it{number} \"{reference}\"\n")
        }
        Family::Team | Family::Channel => String::new(),
    }
}

/// Servers that repeat all that they are sent, each with another kind of no.
fn repeating(status: &'static str, content_type: &'static str) -> Fake {
    Fake::start(move |request| {
        let said = request.replace('"', "'").replace(['\r', '\n'], " ");
        let location =
            format!("Content-Type: {content_type}\r\nLocation: http://elsewhere.example/{}\r\n", said.len());
        let body = match content_type {
            "text/html" => format!("<html><title>{said}</title>{said}"),
            "application/json" => format!(
                "{{\"ok\": false, \"error\": \"{said}\", \"message\": \"{said}\", \"status\": \"{said}\", \"errors\": [\"{said}\"]}}"
            ),
            _ => said,
        };
        Response::with(status, &location, &body)
    })
}

/// Every kind of a family; the keys at which something was planted, and whether it was sent.
fn tested(family: Family) {
    let servers = [
        repeating("403 Forbidden", "text/plain"),
        repeating("500 Internal Server Error", "text/html"),
        repeating("200 OK", "application/json"),
        repeating("302 Found", "text/plain"),
    ];
    let certificates = tempfile::tempdir().unwrap();
    let certified = super::failures::certificates(certificates.path()).is_some();
    let mut planted_at = Vec::new();
    for kind in rbl_world::kinds().iter().filter(|kind| kind.family == family) {
        for (turn, key) in kind.keys.iter().filter(|key| holds_secret(key)).enumerate() {
            if key.name == "client_key" && !certified {
                continue;
            }
            let (shell, section_name) = (Shell::new(), family.section());
            if certified {
                shell.write("cert.pem", std::fs::read(certificates.path().join("cert.pem")).unwrap());
            }
            let gone = format!("http://127.0.0.1:{}", free_port());
            let urls: Vec<String> = servers.iter().map(Fake::url).chain([gone]).collect();
            let mut text =
                "[teams.owners]\ntype = \"terminal\"\n[teams.db]\ntype = \"terminal\"\n".to_owned();
            let (mut head, mut steps) = (String::new(), String::new());
            for (number, url) in urls.iter().enumerate() {
                let own = section(kind, key, url, (&shell, &number.to_string()));
                let _ = write!(text, "[{section_name}.it{number}]\n{own}");
                head.push_str(&declared(kind, number));
                steps.push_str(&body(kind, number));
            }
            let name = format!("{section_name} {} {}", kind.kind, key.name);
            shell.write("rbl.toml", &text);
            shell.write("it.rb", format!("runbook \"It\"\nowner \"owners\"\n\n{head}\n{steps}"));
            let ended = shell.rbl("run it.rb --no-input");
            assert!(matches!(ended.code, Some(0 | 4)), "{name}: {text}\n{ended:?}");
            let mut all = everything(&shell, &ended);
            let is_only_tested = family == Family::Provider && kind.metrics.is_empty();
            let numbers = if is_only_tested { vec![0, 1, 2, 3, 4] } else { vec![turn % 4, 4] };
            let tests: Vec<String> =
                numbers.iter().map(|number| format!("connections test it{number}")).collect();
            for words in tests.iter().map(String::as_str).chain(["connections"]) {
                let ended = shell.rbl(words);
                all += &(ended.out + &ended.err);
            }
            let value = planted(key.name);
            let pairs =
                ["u", "me"].map(|user| rbl_runtime::base64_padded(format!("{user}:{value}").as_bytes()));
            for secret in [value].iter().chain(&pairs) {
                let at = all.find(secret.as_str());
                let around = at.map(|at| {
                    let from = all[..at].char_indices().rev().nth(300).map_or(0, |(at, _)| at);
                    &all[from..at + secret.len()]
                });
                assert!(at.is_none(), "{name}: {around:?}");
            }
            planted_at.push((kind.kind, key.name));
        }
    }
    // What was planted in a request was sent: else nothing was tested.
    let sent: String = servers.iter().flat_map(Fake::requests).collect();
    for (kind, key) in planted_at {
        let is_sent =
            matches!(key, "bearer_token" | "token" | "api_key" | "routing_key" | "webhook" | "headers");
        assert!(!is_sent || sent.contains(&planted(key)), "{kind} {key} was never sent");
    }
}

#[test]
fn no_team_shows_a_secret_however_it_fails() {
    tested(Family::Team);
}

#[test]
fn no_channel_shows_a_secret_however_it_fails() {
    tested(Family::Channel);
}

#[test]
fn no_executor_shows_a_secret_however_it_fails() {
    tested(Family::Executor);
}

#[test]
fn no_provider_shows_a_secret_however_it_fails() {
    tested(Family::Provider);
}
