//! The provider `dns` against dnsmasq, and against servers that fail.

use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_runtime::ReadTime;
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::ReasonKind;
use rbl_world::provider::Provider;

use super::{at, one, provider, read, read_pieces, text, typed, value};
use crate::support::{free_port, listens, start_server};

/// A real server for `rbl.example`; ended by its process id when dropped.
struct Dnsmasq {
    child: Child,
    port: u16,
}

impl Dnsmasq {
    /// `None`, with a line on stderr: this machine has no dnsmasq, which is a failure in CI.
    fn start() -> Option<Self> {
        let there = |program: &&str| Command::new(program).arg("--version").output().is_ok();
        let Some(program) = ["dnsmasq", "/usr/sbin/dnsmasq"].into_iter().find(there) else {
            assert!(std::env::var_os("CI").is_none(), "this machine has no `dnsmasq`: install dnsmasq-base");
            eprintln!("skipped: this machine has no `dnsmasq`");
            return None;
        };
        let long = |at: usize| format!("--txt-record=long.rbl.example,part-{at:03}-{}", "x".repeat(200));
        let launch = |port: u16| {
            Command::new(program)
                .args([
                    "--keep-in-foreground",
                    "--no-resolv",
                    "--no-hosts",
                    "--no-daemon",
                    "--conf-file=/dev/null",
                ])
                .args(["--bind-interfaces", "--listen-address=127.0.0.1", "--local=/example/", "--pid-file="])
                .arg(format!("--port={port}"))
                .args([
                    "--host-record=api.rbl.example,192.0.2.1,2001:db8::1",
                    "--host-record=two.rbl.example,192.0.2.2",
                ])
                .args(["--host-record=two.rbl.example,192.0.2.3", "--cname=www.rbl.example,api.rbl.example"])
                .args(["--txt-record=rbl.example,v=spf1 -all", "--mx-host=rbl.example,mail.rbl.example,10"])
                .args([
                    "--mx-host=rbl.example,api.rbl.example,20",
                    "--srv-host=_sip._tcp.rbl.example,api.rbl.example,5060,1,2",
                ])
                .args((0..20).map(long))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        };
        // It listens on TCP too: without that, no answer is waited for.
        let answers = |port: u16| {
            listens(port) && read(&asking(&format!("127.0.0.1:{port}"), "2s"), "api.rbl.example").is_ok()
        };
        let (child, port) = start_server("dnsmasq", launch, answers).unwrap();
        Some(Self { child, port })
    }

    fn provider(&self) -> Arc<dyn Provider> {
        asking(&format!("127.0.0.1:{}", self.port), "30s")
    }
}

impl Drop for Dnsmasq {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn asking(server: &str, timeout: &str) -> Arc<dyn Provider> {
    provider(&format!("[providers.it]\ntype = \"dns\"\nserver = \"{server}\"\ntimeout = \"{timeout}\"\n"))
}

#[test]
fn records_are_counted_and_read() {
    let Some(server) = Dnsmasq::start() else { return };
    let it = server.provider();
    let lines = |query: &str| typed(&it, MetricType::Lines, query).unwrap().lines.unwrap();
    assert_eq!(lines("api.rbl.example"), ["192.0.2.1"]);
    assert_eq!(lines("two.rbl.example A"), ["192.0.2.2", "192.0.2.3"]);
    assert_eq!(lines("api.rbl.example aaaa"), ["2001:db8::1"]);
    assert_eq!(lines("www.rbl.example CNAME"), ["api.rbl.example"]);
    assert_eq!(lines("www.rbl.example"), ["192.0.2.1"], "through its other name");
    assert_eq!(lines("rbl.example TXT"), ["v=spf1 -all"]);
    assert_eq!(lines("rbl.example MX"), ["10 mail.rbl.example", "20 api.rbl.example"]);
    assert_eq!(lines("_sip._tcp.rbl.example SRV"), ["1 2 5060 api.rbl.example"]);
    assert_eq!(lines("long.rbl.example TXT").len(), 20, "longer than a packet, so it comes over TCP");
    assert_eq!(one(&it, "two.rbl.example"), 2.0);
    assert_eq!(typed(&it, MetricType::Text, "api.rbl.example").unwrap().texts[0].text, "192.0.2.1");
    assert_eq!(
        typed(&it, MetricType::Text, "two.rbl.example").unwrap().texts.len(),
        2,
        "which is not one text"
    );
    // No record is an answer, and so is no name.
    assert_eq!(one(&it, "api.rbl.example MX"), 0.0);
    assert!(lines("api.rbl.example MX").is_empty());
    assert!(typed(&it, MetricType::Text, "api.rbl.example MX").unwrap().texts.is_empty());
    let gone = read(&it, "gone.rbl.example").unwrap();
    assert_eq!(
        (gone.samples[0].value, gone.warnings[0].as_str()),
        (0.0, "there is no name gone.rbl.example (NXDOMAIN)")
    );
    let reason = typed(&it, MetricType::Text, "gone.rbl.example").unwrap_err();
    assert_eq!(reason.kind, ReasonKind::NoData, "{reason}");
    assert!(reason.text.contains("(NXDOMAIN)"), "{reason}");
    let reason = read(&it, "api.elsewhere.test").unwrap_err();
    assert_eq!(reason.kind, ReasonKind::ProviderError, "{reason}");
    assert!(reason.text.ends_with("answered REFUSED: it does not answer us"), "{reason}");
    let pieces = vec![value("api"), text(".rbl.example")];
    assert_eq!(read_pieces(&it, pieces, ReadTime::Now).unwrap().samples[0].value, 1.0);
    for (query, words) in [
        ("api.rbl.example PTR", "there is no type `PTR` here"),
        ("a b c", "is not `NAME [TYPE]`"),
        ("", "is not `NAME [TYPE]`"),
        ("a..b", "is no name"),
    ] {
        let reason = read(&it, query).unwrap_err();
        assert_eq!(reason.kind, ReasonKind::NotRun, "{query}: {reason}");
        assert!(reason.text.contains(words), "{query}: {reason}");
    }
    let window = ReadTime::Window { end: at(100.0), seconds: 10.0 };
    assert_eq!(read_pieces(&it, vec![text("a")], window).unwrap_err().kind, ReasonKind::NoHistory);
}

/// A server that answers each question with this code and no record.
fn answering(code: u8) -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((count, from)) = socket.recv_from(&mut buffer) {
            let mut answer = buffer[..count].to_vec();
            answer[2] |= 0x80;
            answer[3] = 0x80 | code;
            let _ = socket.send_to(&answer, from);
        }
    });
    port
}

#[test]
fn a_server_that_fails_is_no_answer() {
    for (code, words) in [(2, "SERVFAIL"), (5, "REFUSED"), (4, "NOTIMP"), (1, "FORMERR")] {
        let reason =
            read(&asking(&format!("127.0.0.1:{}", answering(code)), "30s"), "api.rbl.example").unwrap_err();
        assert!(reason.text.contains(words), "{words}: {reason}");
        assert_eq!(reason.kind, ReasonKind::ProviderError, "{reason}");
    }
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let began = Instant::now();
    let reason =
        read(&asking(&silent.local_addr().unwrap().to_string(), "600ms"), "api.rbl.example").unwrap_err();
    assert_eq!(reason.kind, ReasonKind::TimedOut, "{reason}");
    assert!(reason.text.ends_with("within 600ms") && began.elapsed() < Duration::from_mins(1), "{reason}");
    let closed = asking(&format!("127.0.0.1:{}", free_port()), "1s");
    let reason = read(&closed, "api.rbl.example").unwrap_err();
    assert!(matches!(reason.kind, ReasonKind::Unreachable | ReasonKind::TimedOut), "{reason}");
    assert!(closed.test().is_err());
}
