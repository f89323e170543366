//! The bad days of a server, and every kind of team, channel and executor that speaks HTTP run through all of them.
//!
//! Each day has to end in time, with a reason that says what is known: a plain failure where nothing can have been taken, *may have
//! been sent* where nobody can know; without a second request that nobody asked for; and without a secret.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rbl_runtime::{
    Act, ActTarget, ActionRole, CommandLine, DeliveryTicket, EndNotice, Page, Piece, RecordEffect, Secrets,
    TicketHolder,
};
use rbl_syntax::source::{Source, Sources};
use rbl_world::executor::Job;
use rbl_world::people::NoScreen;
use rbl_world::{Connections, Outlet};

use crate::support::{Fake, Response, free_port};

/// The secret that every section is given, and that every fake server repeats.
const SECRET: &str = "planted-Secret-0123456789abcdefg";

/// A kind, and what its server answers where all is well.
struct Row {
    /// `teams`, `channels` or `executors`.
    section: &'static str,
    kind: &'static str,
    /// Its keys besides `type` and the time-out; `URL` is the address of the server.
    keys: &'static str,
    /// The answer to everything.
    good: &'static str,
    /// An answer with 200 that says that it did not work, and whether that leaves it open.
    not_ok: (&'static str, bool),
}

const ROWS: &[Row] = &[
    Row {
        section: "teams",
        kind: "webhook",
        keys: "url = \"URL/hook\"\nbearer_token = { file = \"secret\" }",
        good: "{}",
        not_ok: ("<html>sign in", true),
    },
    Row {
        section: "teams",
        kind: "pagerduty",
        keys: "url = \"URL\"\nrouting_key = { file = \"secret\" }",
        good: "{\"status\": \"success\"}",
        not_ok: ("{\"status\": \"invalid event\"}", true),
    },
    Row {
        section: "teams",
        kind: "slack",
        keys: "api_url = \"URL/api\"\ntoken = { file = \"secret\" }\nchannel = \"C1\"",
        good: "{\"ok\": true, \"channel\": \"C1\", \"ts\": \"1.1\"}",
        not_ok: ("{\"ok\": false, \"error\": \"channel_not_found\"}", false),
    },
    // By an incoming webhook.
    Row {
        section: "teams",
        kind: "slack",
        keys: "webhook = { file = \"hook\" }",
        good: "ok",
        not_ok: ("no_text", true),
    },
    Row {
        section: "teams",
        kind: "alertmanager",
        keys: "url = \"URL\"\nbearer_token = { file = \"secret\" }",
        good: "",
        not_ok: ("<html>sign in", true),
    },
    Row {
        section: "teams",
        kind: "msteams",
        keys: "webhook = { file = \"hook\" }",
        good: "",
        not_ok: ("<html>sign in", true),
    },
    Row {
        section: "teams",
        kind: "opsgenie",
        keys: "url = \"URL\"\napi_key = { file = \"secret\" }",
        good: "{\"result\": \"Request will be processed\", \"requestId\": \"r-1\"}",
        not_ok: ("{}", true),
    },
    Row {
        section: "teams",
        kind: "jsm",
        keys: "url = \"URL\"\napi_key = { file = \"secret\" }",
        good: "{\"result\": \"Request will be processed\", \"requestId\": \"r-1\"}",
        not_ok: ("{}", true),
    },
    Row {
        section: "channels",
        kind: "webhook",
        keys: "url = \"URL/hook\"\nbearer_token = { file = \"secret\" }",
        good: "{}",
        not_ok: ("<html>sign in", true),
    },
    Row {
        section: "channels",
        kind: "slack",
        keys: "api_url = \"URL/api\"\ntoken = { file = \"secret\" }\nchannel = \"C1\"",
        good: "{\"ok\": true, \"channel\": \"C1\", \"ts\": \"1.1\"}",
        not_ok: ("{\"ok\": false, \"error\": \"channel_not_found\"}", false),
    },
    Row {
        section: "channels",
        kind: "slack",
        keys: "webhook = { file = \"hook\" }",
        good: "ok",
        not_ok: ("no_text", true),
    },
    Row {
        section: "channels",
        kind: "msteams",
        keys: "webhook = { file = \"hook\" }",
        good: "",
        not_ok: ("<html>sign in", true),
    },
    Row {
        section: "channels",
        kind: "pagerduty",
        keys: "api_url = \"URL\"\napi_token = { file = \"secret\" }\nfrom = \"rbl@example.com\"\nteam = \"db\"",
        good: "{\"incidents\": [{\"id\": \"Q1\"}], \"note\": {\"id\": \"N1\"}}",
        not_ok: ("{}", false),
    },
    Row {
        section: "channels",
        kind: "opsgenie",
        keys: "url = \"URL\"\napi_key = { file = \"secret\" }\nteam = \"db\"",
        good: "{\"requestId\": \"r-1\"}",
        not_ok: ("{}", true),
    },
    Row {
        section: "channels",
        kind: "jsm",
        keys: "url = \"URL\"\napi_key = { file = \"secret\" }\nteam = \"db\"",
        good: "{\"requestId\": \"r-1\"}",
        not_ok: ("{}", true),
    },
    Row {
        section: "channels",
        kind: "matrix",
        keys: "url = \"URL\"\ntoken = { file = \"secret\" }\nroom = \"!a:localhost\"",
        good: "{\"event_id\": \"$1\"}",
        not_ok: ("{}", true),
    },
    Row {
        section: "executors",
        kind: "http",
        keys: "url = \"URL\"\nbearer_token = { file = \"secret\" }\nsuccess = \"$.ok\"",
        good: "{\"ok\": true}",
        not_ok: ("{\"ok\": false}", false),
    },
    Row {
        section: "executors",
        kind: "ssm",
        keys: "url = \"URL\"\nregion = \"eu-central-1\"\naccess_key_id = \"AKID\"\nsecret_access_key = { file = \"secret\" }",
        good: "{\"AutomationExecutionId\": \"e-1\", \"AutomationExecution\": {\"AutomationExecutionStatus\": \"Success\"}}",
        not_ok: ("{}", true),
    },
    Row {
        section: "executors",
        kind: "rundeck",
        keys: "url = \"URL\"\ntoken = { file = \"secret\" }",
        good: "{\"id\": 17, \"status\": \"succeeded\", \"entries\": []}",
        not_ok: ("{\"error\": true, \"message\": \"no such job\"}", false),
    },
    Row {
        section: "executors",
        kind: "azure",
        keys: "url = \"URL\"\nlogin_url = \"LOGIN\"\nsubscription = \"s-1\"\nresource_group = \"rg\"\naccount = \"ops\"\ntenant = \"t-1\"\nclient_id = \"c-1\"\nclient_secret = { file = \"secret\" }",
        good: "{\"properties\": {\"status\": \"Completed\"}}",
        not_ok: ("{}", true),
    },
];

/// What came of a try: `Err` is the reason.
type Came = Result<String, String>;

/// Does what the kind is for, once.
fn does(row: &Row, url: &str, timeout: &str) -> Came {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), SECRET).unwrap();
    std::fs::write(folder.path().join("hook"), format!("{url}/flow/{SECRET}")).unwrap();
    // Where an executor signs in elsewhere, all is well there: a bad day there is tested by itself.
    let login = Fake::always(Response::json("{\"access_token\": \"token-9f8e7d\", \"expires_in\": 3599}"));
    let keys =
        row.keys.replace("\"LOGIN\"", &format!("\"{}\"", login.url())).replace("\"URL", &format!("\"{url}"));
    let text = format!(
        "[teams.db]\ntype = \"terminal\"\n[{}.it]\ntype = \"{}\"\n{keys}\ntimeout = \"{timeout}\"\n",
        row.section, row.kind
    );
    let connections = configured(&text, folder.path());
    let outlet =
        Outlet { screen: Arc::new(NoScreen), secrets: Secrets::new(), teams: connections.team_rules.clone() };
    match row.section {
        "teams" => {
            let delivered = connections.teams["it"].it.page(&page(), &outlet);
            delivered.map(|it| format!("{it:?}")).map_err(|why| why.to_string())
        }
        "channels" => {
            let delivered = connections.channels["it"].it.post(&record(), &outlet);
            delivered.map(|it| format!("{it:?}")).map_err(|why| why.to_string())
        }
        _ => {
            let (job, stopper) = Job::new(act(), reference(row.kind), Vec::new(), Secrets::new());
            let acted = connections.executors["it"].it.run(&job);
            drop(stopper);
            acted.result.map(|()| acted.output.stdout).map_err(|why| why.to_string())
        }
    }
}

pub(super) fn configured(text: &str, folder: &Path) -> Connections {
    let source = Source::new("rbl.toml", text);
    let id = Sources::new().add(source.clone());
    Connections::read(&source, id, folder).unwrap_or_else(|found| panic!("{text}: {found:#?}"))
}

pub(super) fn page() -> Page {
    Page {
        team: "it".into(),
        reason: "the pool is full".into(),
        runbook: "Latency".into(),
        severity: Some("sev2".into()),
        story: vec!["looked at the pool".into()],
        links: vec![("Graphs".into(), "https://g.example".into())],
        about: None,
        key: "r1/0.12".into(),
        again: false,
    }
}

pub(super) fn record() -> RecordEffect {
    RecordEffect {
        channel: Some("it".into()),
        text: "it began".into(),
        runbook: "Latency".into(),
        key: "r1/0.20".into(),
        question: None,
        thread: None,
        pages: vec![DeliveryTicket {
            through: TicketHolder::Team("db".into()),
            id: "r1/0.12".into(),
            acknowledges: false,
            hears: EndNotice::Resolved,
            message: None,
        }],
        again: false,
    }
}

fn reference(kind: &str) -> CommandLine {
    let text = if kind == "http" { "POST /restart" } else { "Restart" };
    CommandLine(vec![Piece::Text(text.into())])
}

pub(super) fn act() -> Act {
    Act {
        target: ActTarget::Executor {
            executor: "it".into(),
            reference: reference("http"),
            arguments: Vec::new(),
        },
        title: "restart()".into(),
        call: None,
        host: None,
        folder: None,
        by: None,
        within: 5.0,
        key: "r1/0.30".into(),
        attempt: 1,
        tries: 1,
        role: ActionRole::Action,
        showing: Vec::new(),
        links: Vec::new(),
        at_most: None,
        remote: None,
    }
}

/// What a day has to end in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    /// A plain failure: nothing was taken.
    Refused,
    /// Nobody can know.
    Unclear,
}

/// Does this with every row, all of them at the same time: what they do is to wait.
fn each(with: impl Fn(&'static Row) + Sync) {
    std::thread::scope(|scope| {
        for row in ROWS {
            let with = &with;
            scope.spawn(move || with(row));
        }
    });
}

/// The requests of a server, once there is one: it notes them in a thread of its own.
pub(super) fn arrived(server: &Fake) -> Vec<String> {
    let until = Instant::now() + Duration::from_secs(10);
    while server.requests().is_empty() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    server.requests()
}

#[track_caller]
fn ends(row: &Row, day: &str, came: &Came, end: End, begun: Instant) {
    let name = format!("{} {}: {day}", row.section, row.kind);
    let Err(why) = came else { panic!("{name}: {came:?}") };
    let unclear = why.contains("may have been ");
    // What only looks first has sent nothing when the look fails.
    let looks_first = row.section == "channels" && row.kind == "pagerduty";
    assert_eq!(unclear, end == End::Unclear && !looks_first, "{name}: {why}");
    assert!(!why.contains(SECRET), "{name}: {why}");
    assert!(begun.elapsed() < Duration::from_secs(40), "{name}: {:?}", begun.elapsed());
}

#[test]
fn where_all_is_well_it_works() {
    for row in ROWS {
        let server = Fake::always(Response::json(row.good));
        let came = does(row, &server.url(), "20s");
        assert!(came.is_ok(), "{} {}: {came:?}", row.section, row.kind);
        assert!(!server.requests().is_empty());
    }
}

#[test]
fn a_server_that_refuses_or_says_nothing() {
    each(|row| {
        let begun = Instant::now();
        let gone = format!("http://127.0.0.1:{}", free_port());
        let came = does(row, &gone, "20s");
        ends(row, "refused", &came, End::Refused, begun);

        // Nobody speaks TLS there: the request is never written.
        let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let begun = Instant::now();
        let came = does(row, &format!("https://{}", silent.local_addr().unwrap()), "700ms");
        ends(row, "hung before the request", &came, End::Refused, begun);

        // Long enough for the request to be written.
        let server = Fake::always(Response::json(row.good).after(Duration::from_mins(1)));
        let begun = Instant::now();
        let came = does(row, &server.url(), "4s");
        ends(row, "hung after the request", &came, End::Unclear, begun);
        assert_eq!(arrived(&server).len(), 1, "{} {}", row.section, row.kind);
    });
}

#[test]
fn a_server_that_takes_no_more_for_now() {
    each(|row| {
        let seen = Arc::new(AtomicUsize::new(0));
        let (counted, good) = (Arc::clone(&seen), row.good);
        let server = Fake::start(move |_| match counted.fetch_add(1, Ordering::SeqCst) {
            0 => Response::with("429 Too Many Requests", "Retry-After: 1\r\n", ""),
            _ => Response::json(good),
        });
        let begun = Instant::now();
        let came = does(row, &server.url(), "20s");
        let is_look = row.section == "channels" && row.kind == "pagerduty";
        if is_look {
            assert!(came.as_ref().is_err_and(|why| why.contains("429")), "{came:?}");
        } else {
            assert!(came.is_ok(), "{} {}: {came:?}", row.section, row.kind);
            assert!(begun.elapsed() >= Duration::from_secs(1), "{} {}", row.section, row.kind);
        }

        // Where no time is named it is asked once more after a second, and then there is no time for the next pause.
        for (headers, timeout, most) in [("Retry-After: 3600\r\n", "20s", 1), ("", "2500ms", 2)] {
            let busy = Fake::always(Response::with("429 Too Many Requests", headers, SECRET));
            let begun = Instant::now();
            let came = does(row, &busy.url(), timeout);
            ends(row, "429", &came, End::Refused, begun);
            assert!(came.unwrap_err().contains("429"), "{} {}", row.section, row.kind);
            assert!((1..=most).contains(&busy.requests().len()), "{} {}", row.section, row.kind);
        }
    });
}

#[test]
fn a_server_that_answers_something_else() {
    let endless = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{}", "x".repeat(12_000_000));
    for row in ROWS {
        let page = format!("<html><title>Sign in</title>{SECRET}");
        let not_ok_end = if row.not_ok.1 { End::Unclear } else { End::Refused };
        for (day, response, end) in [
            ("500", Response::of("500 Internal Server Error", "text/plain", SECRET), End::Unclear),
            ("504", Response::of("504 Gateway Timeout", "text/html", "<html>"), End::Unclear),
            ("401", Response::of("401 Unauthorized", "application/json", "{}"), End::Refused),
            ("404", Response::of("404 Not Found", "text/plain", SECRET), End::Refused),
            ("200 that is not ok", Response::json(row.not_ok.0), not_ok_end),
            ("HTML", Response::of("200 OK", "text/html", &page), End::Unclear),
            ("an endless body", Response::raw(endless.as_bytes()), End::Unclear),
            ("no HTTP", Response::raw(b"220 hello\r\n"), End::Unclear),
            ("closed", Response::raw(b""), End::Unclear),
        ] {
            let server = Fake::always(response);
            let begun = Instant::now();
            let came = does(row, &server.url(), "20s");
            ends(row, day, &came, end, begun);
            let sent = server.requests().iter().filter(|it| !it.starts_with("GET ")).count();
            assert!(sent <= 1, "{} {} {day}: {:?}", row.section, row.kind, server.requests());
        }
    }
}

/// Where a redirect leads nobody goes: it would take the credentials there.
#[test]
fn a_server_that_sends_us_elsewhere() {
    let elsewhere = Fake::always(Response::json("{}"));
    for row in ROWS {
        for status in ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
            let to = format!("Location: {}/x\r\n", elsewhere.url());
            let server = Fake::always(Response::with(status, &to, ""));
            let begun = Instant::now();
            let came = does(row, &server.url(), "20s");
            ends(row, status, &came, End::Refused, begun);
            assert!(came.unwrap_err().contains("elsewhere"), "{} {}", row.section, row.kind);
        }
    }
    assert!(elsewhere.requests().is_empty(), "{:?}", elsewhere.requests());
}

/// Makes `ca.pem`, and `cert.pem` with `key.pem` for localhost, which it vouches for. `None`: this machine has no `openssl`, which
/// is a failure in CI.
pub fn certificates(folder: &Path) -> Option<()> {
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
        .unwrap();
    let made = [
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=ours",
        "req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj /CN=localhost",
        "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -days 2 -out cert.pem",
    ]
    .iter()
    .all(|words| {
        let run = Command::new("openssl")
            .args(words.split(' '))
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        run.is_ok_and(|status| status.success())
    });
    if !made {
        assert!(std::env::var_os("CI").is_none(), "this machine has no `openssl`");
        eprintln!("skipped: this machine has no `openssl`");
        return None;
    }
    Some(())
}

/// A server with a certificate that nobody vouches for.
struct BadCertificate {
    server: Child,
    url: String,
    folder: tempfile::TempDir,
}

impl BadCertificate {
    /// `None`: this machine has no `openssl`, which is a failure in CI.
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        certificates(folder.path())?;
        let port = free_port();
        let server = Command::new("openssl")
            .args(["s_server", "-quiet", "-www", "-cert", "cert.pem", "-key", "key.pem", "-accept"])
            .arg(format!("127.0.0.1:{port}"))
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let until = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(Instant::now() < until, "openssl s_server does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(Self { server, url: format!("https://localhost:{port}"), folder })
    }
}

impl Drop for BadCertificate {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn a_certificate_that_nobody_vouches_for() {
    let Some(server) = BadCertificate::start() else { return };
    for row in ROWS {
        let begun = Instant::now();
        let came = does(row, &server.url, "20s");
        ends(row, "bad certificate", &came, End::Refused, begun);
        assert!(
            came.unwrap_err().contains("nobody that this machine trusts"),
            "{} {}",
            row.section,
            row.kind
        );
    }
    // Unless its section says so. The server answers a page for people, which is as far as it gets.
    let ca = server.folder.path().join("ca.pem");
    for row in ROWS {
        let keys: &'static str =
            Box::leak(format!("{}\nca = \"{}\"", row.keys, ca.display()).into_boxed_str());
        let trusting = Row { section: row.section, kind: row.kind, keys, good: row.good, not_ok: row.not_ok };
        let why = does(&trusting, &server.url, "1s").unwrap_err();
        assert!(!why.contains("certificate"), "{} {}: {why}", row.section, row.kind);
    }
}

/// A proxy is taken from the environment, so this is a run of its own for each kind.
#[test]
fn a_proxy_that_is_down() {
    use crate::cli::shell::Shell;
    for row in ROWS {
        let shell = Shell::new().env("HTTP_PROXY", &format!("http://127.0.0.1:{}", free_port()));
        shell.write("secret", SECRET).write("hook", "http://service.example/flow");
        let keys = row.keys.replace("login_url = \"LOGIN\"", "login_url = \"http://login.example\"");
        let keys = keys.replace("\"URL", "\"http://service.example");
        let text = format!(
            "[teams.db]\ntype = \"terminal\"\n[{}.it]\ntype = \"{}\"\n{keys}\n",
            row.section, row.kind
        );
        let said = shell.write("rbl.toml", text).rbl("connections test it").code(1);
        let words = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            words.contains("connection refused by the proxy 127.0.0.1"),
            "{} {}: {words}",
            row.section,
            row.kind
        );
        assert!(!words.contains(SECRET), "{words}");
    }
}

/// A server that takes the request and never ends its answer.
#[test]
fn an_answer_that_drips_ends_in_time() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            std::thread::spawn(move || {
                let mut buffer = vec![0; 65536];
                let _ = connection.read(&mut buffer);
                let _ = connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{");
                while connection.write_all(b" ").is_ok() {
                    std::thread::sleep(Duration::from_millis(100));
                }
            });
        }
    });
    each(|row| {
        let begun = Instant::now();
        let came = does(row, &url, "3s");
        ends(row, "an answer that drips", &came, End::Unclear, begun);
    });
}

/// What speaks no HTTP has failures of its own: the test that runs through them.
const OTHERWISE: &[(&str, &str, &str)] = &[
    ("exec", include_str!("exec.rs"), "what_a_program_does_wrong_takes_else"),
    ("email", include_str!("mail.rs"), "what_a_mail_server_does_wrong_takes_else"),
    ("kubernetes", include_str!("kubernetes.rs"), "what_goes_wrong_says_what_is_known"),
    ("file", include_str!("services.rs"), "a_file_that_cannot_be_written_takes_no_record"),
    // It is this terminal: a screen that is gone ends the run.
    ("terminal", include_str!("failures.rs"), "the_table_of_failures_is_complete"),
];

/// Every kind that sends something is in the table above, or has a test of its own.
#[test]
fn the_table_of_failures_is_complete() {
    for kind in rbl_world::kinds() {
        let section = kind.family.section();
        if section == "providers" {
            continue;
        }
        let known = ROWS.iter().any(|row| row.section == section && row.kind == kind.kind);
        let otherwise = OTHERWISE.iter().find(|(name, ..)| *name == kind.kind);
        assert!(known || otherwise.is_some(), "{section} {} is not run through the failures", kind.kind);
        if let Some((name, text, test)) = otherwise {
            assert!(!known && text.contains(&format!("#[test]\nfn {test}() {{")), "{name}: {test}");
        }
    }
    for row in ROWS {
        let is_known =
            |kind: &rbl_check::KindDescription| kind.family.section() == row.section && kind.kind == row.kind;
        assert!(rbl_world::kinds().iter().any(is_known), "there is no {} {}", row.section, row.kind);
    }
}
