//! The provider `tls` against OpenSSL, and against what does not speak TLS.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_runtime::ReadTime;
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::ReasonKind;
use rbl_world::provider::Provider;

use super::{at, hostile, one, provider_in, read, read_pieces, text, typed, value};
use crate::support::{Certificates, free_port};

fn it(folder: &Path, more: &str) -> Arc<dyn Provider> {
    let timeout = if more.contains("timeout") { "" } else { "timeout = \"60s\"" };
    provider_in(&format!("[providers.it]\ntype = \"tls\"\n{timeout}\n{more}\n"), "it", folder)
}

fn verdict(it: &Arc<dyn Provider>, query: &str) -> String {
    typed(it, MetricType::Text, query).unwrap_or_else(|reason| panic!("{query}: {reason}")).texts[0]
        .text
        .clone()
}

#[test]
fn each_certificate_has_its_verdict_and_its_days() {
    let Some(certificates) = Certificates::new() else { return };
    let folder = certificates.path();
    certificates.issue("good", "localhost", -1, 10);
    certificates.issue("old", "localhost", -9, -2);
    certificates.issue("early", "localhost", 3, 9);
    certificates.issue("other", "other.example", -1, 10);
    certificates.self_signed("own", "localhost");
    let trusting = it(folder, "ca = \"ca.pem\"");
    let server = |name: &str| {
        let server = certificates.server(name, &[]);
        let query = format!("localhost:{}", server.port);
        (server, query)
    };
    let (_good, query) = server("good");
    assert_eq!(verdict(&trusting, &query), "valid");
    let days = one(&trusting, &query);
    assert!((9.9..10.1).contains(&days), "{days}");
    let chain = typed(&trusting, MetricType::Lines, &query).unwrap().lines.unwrap();
    assert_eq!(chain.len(), 1);
    assert!(chain[0].starts_with("CN=localhost, issued by CN=test-ca, until 20"), "{chain:?}");
    // Nobody vouches for it on this machine.
    let alone = it(folder, "");
    assert_eq!(verdict(&alone, &query), "not trusted");
    let reason = read(&alone, &query).unwrap_err();
    assert!(reason.text.contains("nobody that this machine trusts"), "{reason}");
    // The same server under another name than it is reached by.
    let port = query.rsplit(':').next().unwrap();
    assert_eq!(verdict(&trusting, &format!("127.0.0.1:{port} localhost")), "valid");
    assert_eq!(verdict(&trusting, &format!("127.0.0.1:{port}")), "wrong name");
    let (_old, query) = server("old");
    assert_eq!(verdict(&trusting, &query), "expired");
    let days = one(&trusting, &query);
    assert!((-2.1..-1.9).contains(&days), "it ended two days ago: {days}");
    assert!(
        read(&alone, &query).unwrap_err().text.contains("nobody that this machine trusts"),
        "an expired one too"
    );
    for (name, words, reason) in [
        ("early", "not yet valid", "is not valid yet"),
        ("other", "wrong name", "is for another name"),
        ("own", "not trusted", "nobody that this machine trusts"),
    ] {
        let (_server, query) = server(name);
        assert_eq!(verdict(&trusting, &query), words);
        let found = read(&trusting, &query).unwrap_err();
        assert_eq!(found.kind, ReasonKind::ProviderError, "{found}");
        assert!(found.text.contains(reason), "{name}: {found}");
    }
    // It shows its certificate although it wants ours.
    let asking = certificates.server("good", &["-Verify", "1", "-tls1_2"]);
    assert_eq!(verdict(&trusting, &format!("localhost:{}", asking.port)), "valid");
    // The chain counts where one in the middle ends first, and the root that comes along does not.
    std::fs::copy(folder.join("ca.pem"), folder.join("chain.pem")).unwrap();
    let with_root = certificates.server("good", &["-cert_chain", "chain.pem"]);
    let query = format!("localhost:{}", with_root.port);
    assert_eq!(typed(&trusting, MetricType::Lines, &query).unwrap().lines.unwrap().len(), 2);
    assert!((9.9..10.1).contains(&one(&trusting, &query)));
    assert!(trusting.test().unwrap().contains("certificates are trusted"));
}

/// The turns of a server that begins in plain text: what it says, and how much it then hears.
type Turns = &'static [(&'static [u8], usize)];

/// Servers that begin in plain text: ours, which hand the connection on to OpenSSL once they are asked to.
#[test]
fn a_server_is_asked_for_encryption_in_its_own_words() {
    let Some(certificates) = Certificates::new() else { return };
    let folder = certificates.path();
    certificates.issue("good", "localhost", -1, 10);
    let openssl = certificates.server("good", &[]);
    let behind = openssl.port;
    let front = |turns: Turns| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let mut client = client.unwrap();
                for (says, hears) in turns {
                    client.write_all(says).unwrap();
                    let mut heard = vec![0; *hears];
                    if client.read_exact(&mut heard).is_err() {
                        return;
                    }
                }
                let mut server = std::net::TcpStream::connect(("127.0.0.1", behind)).unwrap();
                let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                // OpenSSL serves one at a time: where one side has ended, the other hears of it.
                std::thread::spawn(move || {
                    drop(std::io::copy(&mut from, &mut to));
                    drop(to.shutdown(std::net::Shutdown::Both));
                });
                std::thread::spawn(move || {
                    drop(std::io::copy(&mut server, &mut client));
                    drop(client.shutdown(std::net::Shutdown::Both));
                });
            }
        });
        format!("localhost:{port}")
    };
    let smtp: Turns =
        &[(b"220 mail ESMTP\r\n", 16), (b"250-mail\r\n250 STARTTLS\r\n", 10), (b"220 go\r\n", 0)];
    let imap: Turns = &[(b"* OK hello\r\n", 14), (b"rbl OK begin\r\n", 0)];
    let ldap: Turns = &[(b"", 31), (b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", 0)];
    let postgres: Turns = &[(b"", 8), (b"S", 0)];
    for (protocol, turns) in [("smtp", smtp), ("imap", imap), ("ldap", ldap), ("postgres", postgres)] {
        let asking = it(folder, &format!("ca = \"ca.pem\"\nstarttls = \"{protocol}\""));
        let query = front(turns);
        assert_eq!(verdict(&asking, &query), "valid", "{protocol}");
        assert!((9.9..10.1).contains(&one(&asking, &query)));
    }
    let asking = it(folder, "ca = \"ca.pem\"\nstarttls = \"smtp\"");
    let quick = it(folder, "ca = \"ca.pem\"\nstarttls = \"smtp\"\ntimeout = \"2s\"");
    let refuses: Turns =
        &[(b"220 mail\r\n", 16), (b"250 mail\r\n", 10), (b"502 no such\x1b[31m word\r\n", 0)];
    let hangs: Turns = &[(b"220 mail\r\n", 16), (b"", 1)];
    let hangs_up: Turns = &[(b"554 no\r\n", 1)];
    for (turns, kind, words) in [
        (refuses, ReasonKind::ProviderError, "does not begin to encrypt: 502 no such"),
        (hangs, ReasonKind::TimedOut, "within 2s"),
        (hangs_up, ReasonKind::ProviderError, "does not begin to encrypt"),
    ] {
        let asking = if kind == ReasonKind::TimedOut { &quick } else { &asking };
        let reason = read(asking, &front(turns)).unwrap_err();
        assert_eq!(reason.kind, kind, "{reason}");
        assert!(reason.text.contains(words) && !reason.text.contains('\x1b'), "{reason}");
    }
    // Encrypted from the first byte: it waits for us, and we for it.
    let reason = read(&quick, &format!("localhost:{behind}")).unwrap_err();
    assert_eq!(reason.kind, ReasonKind::TimedOut, "{reason}");
    // The port of the protocol.
    let reason = read(&it(folder, "starttls = \"imap\""), "127.0.0.1").unwrap_err();
    assert!(reason.text.contains("127.0.0.1:143"), "{reason}");
}

#[test]
fn no_certificate_is_unknown_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (patient, quick) = (it(folder.path(), ""), it(folder.path(), "timeout = \"2s\""));
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let page = TcpListener::bind("127.0.0.1:0").unwrap();
    let page_port = page.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for connection in page.incoming() {
            let Ok(mut connection) = connection else { return };
            // As a server of pages answers what is no request.
            let _ = connection.read(&mut [0; 512]);
            let _ = connection.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let dripping = TcpListener::bind("127.0.0.1:0").unwrap();
    let dripping_port = dripping.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for connection in dripping.incoming() {
            let Ok(mut connection) = connection else { return };
            // The head of a record of 16 kB, and a byte of it now and then: each comes before the time of a single read is over.
            for byte in [22, 3, 3, 64, 0, 2].into_iter().chain(std::iter::repeat_n(0, 1_000)) {
                if connection.write_all(&[byte]).is_err() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(300));
            }
        }
    });
    let silent = silent.local_addr().unwrap().to_string();
    let refused = free_port();
    for (query, kind, words) in [
        (silent.clone(), ReasonKind::TimedOut, format!("no answer from {silent} within 2s")),
        (format!("127.0.0.1:{dripping_port}"), ReasonKind::TimedOut, "within 2s".into()),
        (
            format!("127.0.0.1:{refused}"),
            ReasonKind::Unreachable,
            format!("connection refused by 127.0.0.1:{refused}"),
        ),
        (format!("127.0.0.1:{page_port}"), ReasonKind::Unreachable, "it does not speak TLS".into()),
        (
            "no-such-host.invalid".into(),
            ReasonKind::Unreachable,
            "no such host: no-such-host.invalid:443".into(),
        ),
        ("a b c".into(), ReasonKind::NotRun, "is not `HOST[:PORT] [NAME]`".into()),
        ("localhost:https".into(), ReasonKind::NotRun, "the port is a number".into()),
    ] {
        // A resolver may take its time to say that a name is not there.
        let it = if kind == ReasonKind::TimedOut { &quick } else { &patient };
        let began = Instant::now();
        let reason = read(it, &query).unwrap_err();
        assert_eq!(reason.kind, kind, "{query}: {reason}");
        assert!(reason.text.contains(&words), "{query}: {reason}");
        assert!(began.elapsed() < Duration::from_mins(1), "{query}: {:?}", began.elapsed());
    }
    let window = ReadTime::Window { end: at(100.0), seconds: 10.0 };
    let reason = read_pieces(&patient, vec![text("localhost")], window).unwrap_err();
    assert_eq!(reason.kind, ReasonKind::NoHistory);
    for hostile in hostile() {
        let reason = read_pieces(&patient, vec![text("a "), value(&hostile)], ReadTime::Now).unwrap_err();
        assert!(reason.kind == ReasonKind::NotRun || reason.kind == ReasonKind::Unreachable, "{reason}");
    }
    let missing =
        super::provider_in("[providers.it]\ntype = \"tls\"\nca = \"gone.pem\"\n", "it", folder.path());
    assert!(missing.test().unwrap_err().text.contains("gone.pem: no such file"));
}
