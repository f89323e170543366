//! S19: a stop with open streams, and readiness without the store.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use crate::server::api::token;
use crate::server::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

/// Fifty people watch a run when the server stops: each stream ends, the step that runs is finished, and the next server
/// goes on behind it.
#[test]
fn s19_a_stop_with_fifty_open_streams_is_short_and_loses_no_step() {
    let bench = ServerBench::new("", "");
    let steps: String = (3..=8).map(|it| format!("action `echo {it} >> done`\n")).collect();
    // It stops in the second step, however long that takes.
    let gate = "touch begun; until test -f go; do sleep 0.1; done";
    let steps = format!("action `echo 1 >> done`\naction `{gate}; echo 2 >> done`\n{steps}");
    bench.runbook("a.rb", "\"A\"", &format!("{steps}resolve \"done\""));
    let look = token(&bench, "look --may look");
    let server = bench.start();
    bench.delivered(&delivery(&[alert("A", "firing", "", "1", T)]));
    bench.until("it acts", || bench.shell.path().join("begun").exists());
    let run = bench.runs()[0]["run"].as_str().unwrap().to_owned();
    let mut streams: Vec<TcpStream> = (0..50)
        .map(|_| {
            let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, bench.port)).unwrap();
            connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
            let head = format!(
                "GET /api/v1/runs/{run}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {look}\r\n\
                 Accept: text/event-stream\r\n\r\n"
            );
            connection.write_all(head.as_bytes()).unwrap();
            connection
        })
        .collect();
    for stream in &mut streams {
        let mut first = [0; 15];
        stream.read_exact(&mut first).unwrap();
        assert_eq!(&first, b"HTTP/1.1 200 OK");
    }
    server.begin_stop();
    bench.shell.write("go", "");
    let begun = Instant::now();
    assert_eq!(server.ended().code(), Some(0), "{}", bench.log());
    assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
    for stream in &mut streams {
        let mut rest = String::new();
        stream.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("event: ") && rest.ends_with("\r\n"), "it ends whole: {rest}");
    }
    let done = bench.read("done");
    assert!(done.lines().count() < 8, "{done}");
    let server = bench.start();
    bench.until_states(&["resolved"]);
    drop(server);
    assert_eq!(bench.read("done"), "1\n2\n3\n4\n5\n6\n7\n8\n");
}

/// Where the journal is gone the server is not ready, and deliveries are refused so that they are sent again; the process is
/// healthy all the while, and ready again with its journal.
#[test]
fn s19_without_its_journal_the_server_is_not_ready() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let server = bench.start();
    let one = delivery(&[alert("A", "firing", "", "1", T)]);
    // Another process keeps the journal from being written: as a disk that does not answer.
    let journal = bench.journal();
    journal.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(server.get("/-/healthy").unwrap().0, 200);
    let begun = Instant::now();
    let (code, text) = bench.deliver(&one).unwrap();
    assert_eq!(code, 503, "{text}");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    journal.execute_batch("ROLLBACK").unwrap();
    drop(journal);
    bench.until("it takes deliveries again", || bench.deliver(&one).unwrap().0 == 202);
    bench.until_states(&["resolved"]);
    // Its files are moved away, and something else is in their place.
    let folder = bench.shell.state().join("rbl");
    let aside = bench.shell.state().join("aside");
    std::fs::rename(&folder, &aside).unwrap();
    bench.until("it is not ready", || server.get("/-/ready").unwrap().0 == 503);
    assert_eq!(server.get("/-/healthy").unwrap().0, 200);
    let other = delivery(&[alert("A", "firing", "", "2", T)]);
    assert_eq!(bench.deliver(&other).unwrap().0, 503, "nothing is acknowledged that is not kept");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::rename(&aside, &folder).unwrap();
    bench.until("it is ready again", || server.get("/-/ready").unwrap().0 == 200);
    bench.until("it is taken", || bench.deliver(&other).unwrap().0 == 202);
    bench.until_states(&["resolved", "resolved"]);
}
