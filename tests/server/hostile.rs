//! Bad deliveries: clear answers, nothing started, nothing lost, memory bounded.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

/// Resident memory in MB.
pub(super) fn resident(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[test]
fn bodies_that_are_none_are_refused_and_start_nothing() {
    let bench = ServerBench::new("body = \"1MiB\"", "");
    bench.runbook("a.rb", "=~ \".*\"", "resolve \"done\"");
    let _server = bench.start();
    let whole = delivery(&[alert("A", "firing", "", "1", T)]);
    for body in [&whole[..whole.len() - 2], "", "[]", "null", "{\"version\":\"4\"}", "\u{fffd}"] {
        let (code, text) = bench.deliver(body).unwrap();
        assert_eq!(code, 400, "{body}: {text}");
        assert!(text.contains("\"error\":"), "{text}");
    }
    for wrong in ["{\"alertname\":7}", "[]", "{\"alertname\":null}", "\"x\""] {
        let body = format!("{{\"version\":\"4\",\"alerts\":[{{\"labels\":{wrong}}}]}}");
        assert_eq!(bench.deliver(&body).unwrap().0, 400, "{wrong}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(bench.deliver(&deep).unwrap().0, 400);
    let large = format!("{{\"version\":\"4\",\"alerts\":[],\"x\":\"{}\"}}", "x".repeat(2 << 20));
    assert_eq!(bench.deliver(&large).unwrap().0, 413);
    assert_eq!(bench.states().len(), 0);
    assert_eq!(bench.deliver("{\"version\":\"4\",\"alerts\":[]}").unwrap().0, 200);
}

#[test]
fn ten_thousand_alerts_in_one_delivery_are_taken() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\" where host = \"h7\"", "resolve \"done\"");
    let server = bench.start();
    let alerts: Vec<String> = (0..10_000)
        .map(|it| alert("A", "firing", &format!("\"host\":\"h{it}\""), &it.to_string(), T))
        .collect();
    bench.delivered(&delivery(&alerts));
    bench.until_states(&["resolved"]);
    assert!(resident(server.id()) < 300, "{} MB", resident(server.id()));
}

/// Labels are data, wherever they are shown.
#[test]
fn labels_made_of_shell_html_and_terminal_codes_stay_data() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "param host: text\naction `printf '%s' #{host} > done`\nresolve \"done\"");
    let server = bench.start();
    let evil = r"'; touch owned; echo <script>alert(1)</script>\u001b[31m\u001b]0;owned\u0007\u009b2J\u202e$(touch owned)`touch owned`";
    let unknown = alert(evil, "firing", &format!("\"host\":\"{evil}\",\"owned\":\"#{{secret}}\""), "2", T);
    bench.delivered(&delivery(&[alert("A", "firing", &format!("\"host\":\"{evil}\""), "1", T), unknown]));
    bench.until_states(&["resolved"]);
    bench.until_settled();
    assert_eq!(bench.read("owned"), "");
    assert!(!bench.shell.path().join("owned").exists());
    assert!(bench.read("done").contains("$(touch owned)"));
    let look = super::api::token(&bench, "look --may look");
    let mut shown = bench.log() + &bench.read("pages.txt") + &server.get("/metrics").unwrap().1;
    for words in [
        "hooks",
        "hooks --format json",
        "runs",
        "show last",
        "show last --format json",
        "show last --format markdown",
        "report",
        "report --format markdown",
        "replay last",
        "doctor",
    ] {
        let ended = bench.shell.rbl(words);
        let said = ended.out + &ended.err;
        assert!(!said.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']), "{words}: {said:?}");
        shown += &said;
    }
    let run = bench.runs()[0]["run"].as_str().unwrap().to_owned();
    for path in
        ["/runs", "/inbox", "/runbooks", "/report", "/runs/RUN", "/runs/RUN/events", "/runs/RUN/records"]
    {
        let path = path.replace("RUN", &run);
        let head = format!("GET /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {look}");
        let answer = bench.answer(&head, b"").unwrap();
        assert!(
            answer.to_lowercase().contains("content-type: application/json"),
            "no page of HTML: {answer}"
        );
        assert!(!answer.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']), "{path}: {answer:?}");
        shown += &answer;
    }
    assert!(shown.contains("touch owned"), "it is shown as what it is");
    for code in ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}', '\u{0}'] {
        assert!(!shown.contains(code), "{code:?} is in {shown}");
    }
}

/// Sends a body in pieces whose length is not said before, until it is refused; what was answered.
fn sent_in_pieces(port: u16, megabytes: usize) -> String {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    connection.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let head = "POST /hooks/alertmanager HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    connection.write_all(head.as_bytes()).unwrap();
    let piece = [b"100000\r\n".as_slice(), &vec![b' '; 1 << 20], b"\r\n"].concat();
    for _ in 0..megabytes {
        if connection.write_all(&piece).is_err() {
            break;
        }
    }
    let _ = connection.write_all(b"0\r\n\r\n");
    let mut answer = String::new();
    let _ = connection.read_to_string(&mut answer);
    answer
}

/// A hundred megabytes, with and without saying so before, from many at once.
#[test]
fn a_hundred_megabytes_are_refused_and_memory_stays_bounded() {
    let lead =
        "[teams]\nfallback = \"lead\"\n[teams.lead]\ntype = \"exec\"\ncommand = [\"sh\", \"page.sh\"]\n";
    let bench = ServerBench::new("", lead);
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let server = bench.start();
    let head = "POST /hooks/alertmanager HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
    let large = vec![b' '; 100 << 20];
    let (code, text) = bench.request(head, &large).unwrap();
    assert_eq!(code, 413, "{text}");
    assert!(
        text.contains("a delivery has 33554432 bytes at most") && text.contains("raise `body`"),
        "{text}"
    );
    drop(large);
    let mut most = 0;
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..12).map(|_| scope.spawn(|| sent_in_pieces(bench.port, 100))).collect();
        while !senders.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            most = most.max(resident(server.id()));
            std::thread::sleep(Duration::from_millis(20));
        }
        for sender in senders {
            let answer = sender.join().unwrap();
            // Where the connection was closed while it was still sending, the answer may be lost on its way.
            // On a busy machine it may not have come in within its time.
            let refused =
                ["HTTP/1.1 413", "HTTP/1.1 503", "HTTP/1.1 408"].iter().any(|it| answer.starts_with(it));
            assert!(refused || answer.is_empty(), "{answer}");
        }
    });
    assert!(most < 300, "{most} MB");
    // The largest that are allowed, at once; what is in them is nothing.
    let allowed = format!("{{\"version\":\"4\",\"alerts\":[],\"x\":\"{}\"}}", "x".repeat(31 << 20));
    std::thread::scope(|scope| {
        let senders: Vec<_> =
            (0..6).map(|_| scope.spawn(|| bench.request(head, allowed.as_bytes()))).collect();
        while !senders.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            most = most.max(resident(server.id()));
            std::thread::sleep(Duration::from_millis(20));
        }
        // Where one is refused while it still sends, the answer may be lost on its way.
        let answers: Vec<(u16, String)> =
            senders.into_iter().filter_map(|sender| sender.join().unwrap()).collect();
        assert!(!answers.is_empty());
        for (code, text) in answers {
            assert!(code == 200 || code == 503, "{code}: {text}");
        }
    });
    assert!(most < 300, "{most} MB");
    // Nobody else was kept out, and somebody knows of what is lost.
    bench.delivered(&delivery(&[alert("A", "firing", "", "1", T)]));
    bench.until_states(&["resolved"]);
    bench.until("the fallback team is paged", || bench.pages().iter().any(|it| it.contains("is lost (413)")));
}

/// Every value of a delivery as something else: each is refused with a reason or read as what it is, and nothing that is no alert
/// starts a run.
#[test]
fn values_of_wrong_types_have_clear_answers_and_start_nothing() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let server = bench.start();
    let right: serde_json::Value =
        serde_json::from_str(&delivery(&[alert("A", "resolved", "\"n\":\"x\"", "1", T)])).unwrap();
    let strange = ["null", "7", "-1e999", "true", "\"x\"", "[]", "{}", "[[]]", "\"\\u0000\\ud800\""];
    let places = [
        "/version",
        "/status",
        "/alerts",
        "/alerts/0",
        "/alerts/0/status",
        "/alerts/0/labels",
        "/alerts/0/labels/alertname",
        "/alerts/0/labels/n",
        "/alerts/0/annotations",
        "/alerts/0/startsAt",
        "/alerts/0/endsAt",
        "/alerts/0/fingerprint",
    ];
    let (mut refused, mut taken) = (0, 0);
    for place in places {
        for value in strange {
            let mut body = right.clone();
            let Some(at) = body.pointer_mut(place) else { panic!("{place}") };
            *at = serde_json::Value::String("PUT HERE".into());
            let body = body.to_string().replace("\"PUT HERE\"", value);
            let (code, text) = bench.deliver(&body).unwrap();
            match code {
                400 => {
                    assert!(text.starts_with("{\"error\":\"") && text.len() < 500, "{body}: {text}");
                    refused += 1;
                }
                200 | 202 => taken += 1,
                _ => panic!("{body}: {code} {text}"),
            }
        }
    }
    assert!(refused > 40 && taken > 5, "{refused} {taken}");
    bench.until_settled();
    // One whose status is a word that nobody knows fires: in doubt the runbook starts.
    bench.until_states(&["resolved"]);
    assert_eq!(bench.became().iter().filter(|it| *it == "started").count(), 1);
    assert_eq!(server.get("/-/ready").unwrap().0, 200);
}

/// Senders that are slow, or only say how much they will send, hold nobody up; what never comes in whole is answered as that.
#[test]
fn s10_slow_senders_hold_nobody_up() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let server = bench.start();
    let slow = |head: &str, declared: usize| {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, bench.port)).unwrap();
        connection.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let head = format!("{head}Content-Length: {declared}\r\n\r\n{{\"version\":");
        connection.write_all(head.as_bytes()).unwrap();
        connection
    };
    let head = "POST /hooks/alertmanager HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let begun = Instant::now();
    let mut waiting: Vec<TcpStream> = (0..100).map(|_| slow(head, 32 << 20)).collect();
    let mut headers = TcpStream::connect((Ipv4Addr::LOCALHOST, bench.port)).unwrap();
    headers.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    headers.write_all(b"POST /hooks/alert").unwrap();
    for number in 0..5 {
        let sent = Instant::now();
        bench.delivered(&delivery(&[alert("A", "firing", "", &number.to_string(), T)]));
        // Also one that is larger than what is not counted.
        let large = alert("A", "firing", &format!("\"x\":\"{}\"", "x".repeat(200_000)), "large", T);
        bench.delivered(&delivery(&[large]));
        assert!(sent.elapsed() < Duration::from_secs(20), "{:?}", sent.elapsed());
        for connection in &mut waiting {
            // On a busy machine it may be given up by now.
            let _ = connection.write_all(b" ");
        }
    }
    assert!(resident(server.id()) < 300, "{} MB", resident(server.id()));
    // Headers that do not come are given up first, then bodies.
    let mut rest = String::new();
    let _ = headers.read_to_string(&mut rest);
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
    for connection in &mut waiting {
        let mut answer = String::new();
        let _ = connection.read_to_string(&mut answer);
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains("did not come in whole, or not in time"), "{answer}");
    }
    assert!(begun.elapsed() < Duration::from_secs(90), "{:?}", begun.elapsed());
    bench.until_states(&["resolved"; 6]);
}

/// The signature of PagerDuty over a body.
pub(super) fn signed(secret: &str, body: &str) -> String {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whoever has the secret signs the bytes of the body; a signature of another body, with another secret, or none at all starts
/// nothing, and one that is delivered again starts nothing more.
#[test]
fn s10_forged_and_replayed_signatures_start_nothing() {
    let hook = "[hooks.pd]\ntype = \"pagerduty\"\nsecrets = [{ file = \"old\" }, { file = \"new\" }]\n";
    let bench = ServerBench::new("", hook);
    bench.shell.write("old", "old-secret").write("new", "new-secret");
    bench.runbook("a.rb", "\"The API is down\"", "action `echo x >> done`\nresolve \"done\"");
    let _server = bench.start();
    let event = |id: &str, kind: &str, at: &str| {
        let sample = include_str!("deliveries/pagerduty-v3.json");
        sample.replace("EVENT-ID", id).replace("EVENT-TYPE", kind).replace("OCCURRED-AT", at)
    };
    let post = |id: &str, signature: &str, body: &str| {
        let signature = if signature.is_empty() {
            String::new()
        } else {
            format!("\r\nX-PagerDuty-Signature: {signature}")
        };
        let head =
            format!("POST /hooks/pd HTTP/1.1\r\nHost: rbl.example.com\r\nX-Webhook-Id: {id}{signature}");
        bench.request(&head, body.as_bytes()).unwrap()
    };
    let triggered = event("e1", "incident.triggered", "2026-11-29T03:00:00Z");
    let right = format!("v1={}", signed("new-secret", &triggered));
    // Forged: another secret, another body, a hash without a key, a cut one, one of an older way, none.
    let hash = rbl_runtime::journal::sha256(&triggered);
    let other = event("e1", "incident.triggered", "2026-11-29T03:00:01Z");
    let forged = [
        (format!("v1={}", signed("no-secret", &triggered)), &triggered, 403),
        (right.clone(), &other, 403),
        (format!("v1={hash}"), &triggered, 403),
        (right[..41].to_owned(), &triggered, 403),
        (right[..40].to_owned(), &triggered, 400),
        (format!("v0={}", &right[3..]), &triggered, 400),
        (String::new(), &triggered, 400),
    ];
    for (signature, body, status) in forged {
        let (code, text) = post("w1", &signature, body);
        assert_eq!(code, status, "{signature}: {text}");
        assert!(text.starts_with("{\"error\":\"") && !text.contains("secret\""), "{text}");
    }
    assert_eq!(bench.states(), [""; 0]);
    assert_eq!(post("w1", &right, &triggered).0, 202);
    bench.until_states(&["resolved"]);
    // Replayed: as it was, under another number of the delivery, with the signature of the older secret beside it.
    let both = format!("v1={},{right}", signed("old-secret", &triggered));
    for (id, signature) in [("w1", &right), ("w2", &right), ("w3", &both)] {
        let (code, text) = post(id, signature, &triggered);
        assert_eq!(code, 202, "{text}");
        assert!(text.contains("\"repeated\":true"), "{text}");
    }
    // After its end too.
    let resolved = event("e2", "incident.resolved", "2026-11-29T03:20:00Z");
    assert_eq!(post("w4", &format!("v1={}", signed("old-secret", &resolved)), &resolved).0, 202);
    bench.until_settled();
    assert_eq!(post("w5", &right, &triggered).0, 202);
    let late = event("e3", "incident.triggered", "2026-11-29T03:00:00Z");
    assert_eq!(post("w6", &format!("v1={}", signed("new-secret", &late)), &late).0, 202);
    bench.until_settled();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!((bench.states().len(), bench.read("done").as_str()), (1, "x\n"));
}

#[test]
fn s10_a_thousand_connections_that_send_nothing_keep_nobody_out() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let server = bench.start();
    let raised = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    rustix::process::setrlimit(
        rustix::process::Resource::Nofile,
        rustix::process::Rlimit { current: raised.maximum, ..raised },
    )
    .unwrap();
    let silent: Vec<TcpStream> = (0..1000)
        .map(|number| {
            let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, bench.port)).unwrap();
            if number % 2 == 0 {
                connection.write_all(b"POST /hooks/alertmanager HTTP/1.1\r\nHost: ").unwrap();
            }
            connection
        })
        .collect();
    assert_eq!(server.get("/-/ready").unwrap().0, 200);
    bench.delivered(&delivery(&[alert("A", "firing", "", "1", T)]));
    bench.until_states(&["resolved"]);
    assert!(resident(server.id()) < 300, "{} MB", resident(server.id()));
    std::thread::sleep(Duration::from_millis(100));
    drop(silent);
}
