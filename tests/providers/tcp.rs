//! The provider `tcp` against the network of this machine.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rbl_runtime::ReadTime;
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::ReasonKind;

use super::{at, one, provider, read, read_pieces, text, typed, value};
use crate::support::{free_port, python_with};

#[test]
fn open_refused_and_unknown() {
    // A resolver may take its time to say that a name is not there.
    let it = provider("[providers.it]\ntype = \"tcp\"\ntimeout = \"60s\"\n");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let open = listener.local_addr().unwrap().to_string();
    let taken = one(&it, &open);
    assert!((0.0..60_000.0).contains(&taken), "{taken} ms");
    let said = |query: &str| typed(&it, MetricType::Text, query).map(|reading| reading.texts[0].text.clone());
    assert_eq!(said(&open).unwrap(), "open");
    let closed = format!("127.0.0.1:{}", free_port());
    assert_eq!(said(&closed).unwrap(), "refused", "which is an answer");
    let reason = read(&it, &closed).unwrap_err();
    assert_eq!(
        (reason.kind, reason.text),
        (ReasonKind::Unreachable, format!("connection refused by {closed}"))
    );
    for (query, kind, words) in [
        ("no-such-host.invalid:80", ReasonKind::Unreachable, "no such host: no-such-host.invalid:80"),
        ("localhost", ReasonKind::NotRun, "it has no port"),
        ("a:1 b:2", ReasonKind::NotRun, "is not `HOST:PORT`"),
    ] {
        for of in [MetricType::Number, MetricType::Text] {
            let reason = typed(&it, of, query).unwrap_err();
            assert_eq!(reason.kind, kind, "{query}: {reason}");
            assert!(reason.text.contains(words), "{query}: {reason}");
        }
    }
    // A name that the runbook read is one host.
    let pieces = vec![value("127.0.0.1"), text(&open.replace("127.0.0.1", ""))];
    assert_eq!(read_pieces(&it, pieces, ReadTime::Now).unwrap().samples.len(), 1);
    let window = ReadTime::Window { end: at(100.0), seconds: 10.0 };
    assert_eq!(read_pieces(&it, vec![text(&open)], window).unwrap_err().kind, ReasonKind::NoHistory);
    assert!(typed(&it, MetricType::Lines, &open).unwrap_err().text.contains("numbers and texts only"));
    assert!(it.test().is_ok());
}

/// A port whose queue is full: the system says nothing to whoever comes.
#[test]
fn nobody_answers() {
    let it = provider("[providers.it]\ntype = \"tcp\"\ntimeout = \"300ms\"\n");
    let Some(python) = python_with("socket") else { return };
    let script = "import socket, sys; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(0); print(s.getsockname()[1], flush=True); sys.stdin.read()";
    let mut child = Command::new(python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut port = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
    let address: SocketAddr = format!("127.0.0.1:{}", port.trim()).parse().unwrap();
    let waiting: Vec<_> =
        (0..8).map(|_| TcpStream::connect_timeout(&address, Duration::from_millis(100))).collect();
    assert!(waiting.iter().any(Result::is_err), "the queue is full");
    let began = Instant::now();
    let reason = read(&it, &address.to_string()).unwrap_err();
    assert_eq!(reason.kind, ReasonKind::TimedOut, "{reason}");
    assert_eq!(reason.text, format!("no answer from {address} within 300ms"));
    assert!(began.elapsed() < Duration::from_mins(1));
    drop(child.stdin.take());
    child.wait().unwrap();
}
