//! The kind `email` against aiosmtpd, a real mail server, and against servers that misbehave.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{everything, flat, run};
use crate::cli::shell::Shell;
use crate::support::{free_port, python_with};

/// A mail server; ended by its process id when dropped.
pub(super) struct MailServer {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl MailServer {
    /// `None`: this machine has no aiosmtpd.
    pub(super) fn start(encrypted: bool) -> Option<Self> {
        let python = python_with("aiosmtpd")?;
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut command = Command::new(python);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/connections/mail_server.py"));
        command.arg(port.to_string()).arg(folder.path().join("mails"));
        if encrypted {
            super::failures::certificates(folder.path())?;
            command.arg(folder.path().join("cert.pem")).arg(folder.path().join("key.pem"));
        }
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Some(Self { child, port, folder })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(super) fn mails(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("mails")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const PAGE: &str = "escalate to \"db\" because \"p99 is hoch: 812 µs\" else { \"nobody was reached\" }";

fn sections(server: &str, more: &str) -> String {
    let keys = format!(
        "type = \"email\"\nserver = \"{server}\"\nfrom = \"rbl <rbl@example.com>\"\ntimeout = \"20s\"\n{more}\n"
    );
    format!(
        "[teams.db]\n{keys}to = [\"ana@example.com\", \"nobody@example.com\"]\n\
         [channels.log]\n{keys}to = [\"log@example.com\"]\n"
    )
}

fn header<'m>(mail: &'m Value, name: &str) -> &'m str {
    let content = mail["content"].as_str().unwrap();
    let head = content.split("\r\n\r\n").next().unwrap();
    head.split("\r\n")
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        .unwrap_or_else(|| panic!("{name}: {content}"))
}

#[test]
fn a_page_and_a_record_arrive_in_one_thread() {
    let Some(server) = MailServer::start(false) else { return };
    let shell = Shell::new();
    let text = sections(&format!("127.0.0.1:{}", server.port), "tls = \"none\"");
    let ended = run(&shell, &text, &format!("record \"first\\nsecond\" to \"log\"\n{PAGE}")).code(4);
    let mails = server.mails();
    assert_eq!(mails.len(), 2, "{} {mails:#?}", ended.out);
    let (record, page) = (&mails[0], &mails[1]);
    assert_eq!(
        (record["from"].as_str(), &record["to"][0]),
        (Some("rbl@example.com"), &"log@example.com".into())
    );
    assert_eq!(header(record, "Subject"), "It: first");
    assert_eq!(header(record, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(page, "References"), header(record, "References"));
    assert_ne!(header(page, "Message-ID"), header(record, "Message-ID"));
    assert!(
        header(page, "Message-ID").starts_with("<rbl.")
            && header(page, "Message-ID").ends_with("@example.com>")
    );
    // One of two recipients was refused: the mail went to the other, and the story says so.
    assert_eq!(page["to"], serde_json::json!(["ana@example.com"]));
    assert!(flat(&ended).contains("not to nobody@example.com"), "{}", ended.out);
    assert!(record["content"].as_str().unwrap().contains("first\r\nsecond"), "{record}");
}

#[test]
fn a_test_signs_in_and_sends_nothing() {
    let Some(server) = MailServer::start(true) else { return };
    let shell = Shell::new().env("MAIL_PASSWORD", "mail-Pass-77").env("WRONG", "wrong-Pass-88");
    let ca = server.folder.path().join("ca.pem");
    let keys = |password: &str, ca: &Path| {
        format!("username = \"rbl\"\npassword = {{ env = \"{password}\" }}\nca = \"{}\"", ca.display())
    };
    let address = format!("localhost:{}", server.port);
    shell.write("rbl.toml", sections(&address, &keys("MAIL_PASSWORD", &ca)));
    let said = shell.rbl("connections test log").code(0).out;
    assert!(said.contains("takes mails"), "{said}");
    assert!(server.mails().is_empty());
    let ended = run(&shell, &sections(&address, &keys("MAIL_PASSWORD", &ca)), PAGE).code(4);
    assert_eq!(server.mails().len(), 1, "{}", ended.out);
    assert_eq!(server.mails()[0]["encrypted"], true);
    assert!(!everything(&shell, &ended).contains("mail-Pass-77"));

    let ended = run(&shell, &sections(&address, &keys("WRONG", &ca)), PAGE);
    assert!(flat(&ended).contains("does not let us in (535)"), "{}", ended.out);
    assert!(!everything(&shell, &ended).contains("wrong-Pass-88"));
    // Without the certificate nobody is trusted, and nothing is said to them.
    let bare = sections(&address, "username = \"rbl\"\npassword = { env = \"MAIL_PASSWORD\" }");
    let ended = run(&shell, &bare, PAGE);
    let story = flat(&ended);
    assert!(story.contains("nobody was reached") && !story.contains("may have been"), "{story}");
    assert_eq!(server.mails().len(), 1);
}

/// A server that says these lines, each after a line of ours, and then nothing.
fn scripted(lines: &'static [&'static str], closes: bool) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            let mut seen = vec![0; 65536];
            for line in lines {
                if connection.write_all(format!("{line}\r\n").as_bytes()).is_err() {
                    break;
                }
                if !matches!(connection.read(&mut seen), Ok(1..)) {
                    break;
                }
            }
            if !closes {
                std::thread::sleep(Duration::from_mins(1));
            }
        }
    });
    port
}

#[test]
fn what_a_mail_server_does_wrong_takes_else() {
    const TAKES: &[&str] = &["220 hi", "250 me", "250 ok", "250 ok", "250 ok", "354 go"];
    const REFUSES: &[&str] = &["220 hi", "250 me", "250 ok", "250 ok", "250 ok", "354 go", "554 spam"];
    for (lines, closes, words, unclear) in [
        (&[][..], false, "within 3s", false),
        (&["220 hi"][..], false, "within 3s", false),
        (&["421 too busy"][..], true, "421", false),
        (&["HTTP/1.1 400 Bad Request"][..], true, "127.0.0.1:", false),
        (&["220 hi", "250 me", "550 not you"][..], true, "refused the mail: 550", false),
        (TAKES, false, "may have been sent: no answer", true),
        (TAKES, true, "may have been sent: 127.0.0.1:", true),
        (REFUSES, true, "refused the mail: 554", false),
    ] {
        let port = scripted(lines, closes);
        let shell = Shell::new();
        let begun = Instant::now();
        let sections = sections(&format!("127.0.0.1:{port}"), "tls = \"none\"");
        let sections = if closes { sections } else { sections.replace("20s", "3s") };
        let ended = run(&shell, &sections, PAGE);
        let story = flat(&ended);
        assert!(story.contains(words), "{lines:?} {words}: {}", ended.out);
        assert_eq!(story.contains("may have been sent"), unclear, "{lines:?}: {}", ended.out);
        assert!(story.contains("nobody was reached"), "{}", ended.out);
        assert!(begun.elapsed() < Duration::from_secs(40), "{lines:?}");
    }
    let shell = Shell::new();
    let ended = run(&shell, &sections(&format!("127.0.0.1:{}", free_port()), "tls = \"none\""), PAGE);
    assert!(flat(&ended).contains("connection refused by 127.0.0.1"), "{}", ended.out);
}

/// A server that never ends its first word.
#[test]
fn a_greeting_without_an_end_ends_in_time() {
    for line in [&b"220-and more\r\n"[..], b"220 x"] {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let Ok((mut connection, _)) = listener.accept() else { return };
            while connection.write_all(line).is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let begun = Instant::now();
        let sections = sections(&format!("127.0.0.1:{port}"), "tls = \"none\"").replace("20s", "2s");
        let ended = run(&Shell::new(), &sections, PAGE);
        let story = flat(&ended);
        assert!(story.contains("nobody was reached") && !story.contains("may have been"), "{story}");
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    }
}

#[test]
fn a_section_that_would_leak_or_reach_nobody_is_refused() {
    let shell = Shell::new();
    for (more, words) in [
        (
            "tls = \"none\"\nusername = \"rbl\"\npassword = { env = \"P\" }",
            "a password is not sent without encryption",
        ),
        ("tls = \"ssl\"", "`tls` does not know \"ssl\""),
    ] {
        let refused = run(&shell, &sections("mail.example.com", more), PAGE).code(2);
        let said = refused.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(words), "{words}: {said}");
    }
    let wrong = sections("mail.example.com:smtp", "");
    assert!(run(&shell, &wrong, PAGE).code(2).err.contains("HOST:PORT"));
}
