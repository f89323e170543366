//! What happens to a server from outside: a disk that is full or can only be read, a process that is stopped and goes on, folders that are
//! not what they seem, and people whose streams are never read.

use std::io::Write;
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::api::token;
use super::{ServerBench, alert, delivery};
use crate::journal::disk::Disk;

const T: &str = "2026-11-29T03:00:00Z";

fn firing(fingerprint: &str) -> String {
    delivery(&[alert("A", "firing", "", fingerprint, T)])
}

/// A server whose journal is on this disk, with a team that is paged where it cannot work.
fn on(disk: &Disk) -> ServerBench {
    let sections = format!(
        "[store]\npath = {:?}\n[teams]\nfallback = \"ops\"\n",
        disk.path().join("rbl").display().to_string()
    );
    let bench = ServerBench::new("", &sections);
    bench.runbook("a.rb", "\"A\"", "record \"it fires\"\nresolve \"done\"");
    bench
}

/// Delivers until it is refused, and checks how; how many were acknowledged.
fn until_refused(bench: &ServerBench) -> u32 {
    let label = format!("\"filler\":\"{}\"", "x".repeat(20_000));
    for number in 0..5_000 {
        let body = delivery(&[alert("A", "firing", &label, &format!("f{number}"), T)]);
        match bench.deliver(&body) {
            Some((202, _)) => {}
            Some((503, why)) => {
                let clear = ["the disk is full", "write-protected", "cannot be read or written"];
                assert!(clear.iter().any(|it| why.contains(it)), "{why}");
                return number;
            }
            other => panic!("{other:?}\n{}", bench.log()),
        }
    }
    panic!("it was never refused")
}

#[test]
fn on_a_full_disk_deliveries_are_refused_and_nothing_that_was_taken_is_lost() {
    let Some(disk) = Disk::of("4m") else { return };
    let bench = on(&disk);
    let server = bench.start();
    std::fs::write(disk.path().join("filler"), vec![0; 1 << 20]).unwrap();
    let taken = until_refused(&bench);
    bench.until("the fallback team is paged", || !bench.pages().is_empty());
    assert_eq!(server.get("/-/healthy").unwrap().0, 200);
    // There is room again: everything that was taken becomes a run, and what is sent again is taken.
    disk.again("remount,size=64m");
    // A run that could not be recorded is tried again after a minute; a new process does so at once.
    server.kill();
    let server = bench.start();
    bench.until("it is ready again", || server.get("/-/ready").is_some_and(|(code, _)| code == 200));
    bench.until("it is taken", || bench.deliver(&firing("last")).is_some_and(|(code, _)| code == 202));
    bench.until_settled();
    let ended = || bench.states().iter().filter(|it| *it == "resolved").count();
    bench.until("every run has ended", || ended() == taken as usize + 1);
    let outages = bench.pages().iter().filter(|it| it.contains("are not taken (503)")).count();
    assert_eq!(outages, 1, "{:?}", bench.pages());
    drop(server);
}

#[test]
fn on_a_disk_that_can_only_be_read_deliveries_are_refused_until_it_can_be_written_again() {
    let Some(disk) = Disk::of("16m") else { return };
    let bench = on(&disk);
    let server = bench.start();
    bench.delivered(&firing("1"));
    bench.until_states(&["resolved"]);
    // A file that is open for writing keeps a disk from being made read-only.
    drop(server);
    disk.again("remount,ro");
    let refused = bench.shell.rbl("serve").code(2).err;
    assert!(refused.contains("its file system is read-only"), "{refused}");
    assert_eq!(bench.states(), ["resolved"], "it can still be read");
    disk.again("remount,rw");
    let _server = bench.start();
    bench.delivered(&firing("2"));
    bench.until_states(&["resolved", "resolved"]);
}

/// A process that is stopped holds its runs: nobody else executes them, and it goes on where it was.
#[test]
fn a_server_that_is_stopped_for_a_while_keeps_its_runs_and_nobody_else_takes_them() {
    let bench = ServerBench::new("", "");
    bench.runbook(
        "a.rb",
        "\"A\"",
        "action `touch begun; until test -f go; do sleep 0.1; done; echo one >> done`\naction `echo two >> done`\nresolve \"done\"",
    );
    let server = bench.start();
    bench.delivered(&firing("1"));
    bench.until("it acts", || bench.shell.path().join("begun").exists());
    server.signal(Signal::STOP);
    let run = bench.runs()[0]["run"].as_str().unwrap().to_owned();
    let refused = bench.shell.rbl(&format!("resume {run} --no-input"));
    assert!(refused.code == Some(2) || refused.out.contains("the server"), "{refused:?}");
    let refused = bench.shell.rbl("serve").code(2).err;
    assert!(refused.contains("another server uses the journal"), "{refused}");
    bench.shell.write("go", "");
    bench.until("the action ends without it", || bench.read("done") == "one\n");
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(bench.read("done").matches("two").count(), 0);
    server.signal(Signal::CONT);
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("done"), "one\ntwo\n");
}

#[test]
fn folders_with_loops_pipes_and_files_that_are_none_are_served_all_the_same() {
    use std::os::unix::fs::symlink;
    let bench = ServerBench::new("", "");
    bench.runbook("good.rb", "\"A\"", "resolve \"done\"");
    let at = |name: &str| bench.shell.path().join(name);
    symlink(bench.shell.path(), at("loop")).unwrap();
    symlink("nowhere", at("dangling.rb")).unwrap();
    symlink("/dev/zero", at("endless.rb")).unwrap();
    std::fs::create_dir(at("folder.rb")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(at("pipe.rb")).status().unwrap().success());
    bench.shell.write("binary.rb", [0xff, 0xfe, 0, 1, 2].repeat(1000));
    bench.shell.write("empty.rb", "");
    let step = "step \"One more\" {\n  check \"Is it right?\"\n}\n";
    bench.shell.write("huge.rb", format!("runbook \"Huge\"\nowner \"ops\"\n{}", step.repeat(20_000)));
    let begun = Instant::now();
    let server = bench.start();
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    bench.delivered(&firing("1"));
    bench.until_states(&["resolved"]);
    // Each file is there once, although the folder contains itself.
    let look = token(&bench, "look --may look");
    let listed = super::api::call(&bench, &look, "GET /runbooks", None).1;
    let files: Vec<&str> =
        listed["runbooks"].as_array().unwrap().iter().map(|it| it["file"].as_str().unwrap()).collect();
    assert_eq!(files.iter().filter(|it| it.ends_with("good.rb")).count(), 1, "{files:?}");
    // The runbook of a run that waits is replaced and removed: the run goes on with the text that it began with.
    let ask = "if \"Is it real?\" { record \"real\" }\nresolve \"done\"";
    bench.runbook("good.rb", "\"A\"", ask);
    // The first reading of the folder is logged as a change too.
    let read = |times: usize| bench.log().matches("changed=good.rb").count() == times;
    bench.until("it is read again", || read(2));
    bench.delivered(&firing("2"));
    bench.until_states(&["resolved", "waiting"]);
    bench.runbook("good.rb", "\"A\"", "resolve \"at once\"");
    bench.until("it is replaced", || read(3));
    assert_eq!(bench.states(), ["resolved", "waiting"]);
    // A library that is a pipe: nothing waits for it, and what changes afterwards is read.
    bench.runbook("pipes.rb", "\"B\"", "use \"pipe.rb\"\nresolve \"done\"");
    bench.until("the pipe is refused", || bench.log().contains("`pipe.rb` cannot be read"));
    std::fs::remove_file(at("good.rb")).unwrap();
    bench.until("it is gone", || {
        let listed = super::api::call(&bench, &look, "GET /runbooks", None).1;
        !listed.to_string().contains("good.rb")
    });
    bench.shell.rbl("answer last yes").code(0);
    bench.until_states(&["resolved", "resolved"]);
    let shown = bench.shell.rbl("show last").out;
    assert!(shown.contains("real") && !shown.contains("at once"), "{shown}");
    drop(server);
}

/// Fifty streams of a run that says a lot, none of which is read.
#[test]
fn streams_that_nobody_reads_hold_neither_memory_nor_others() {
    let bench = ServerBench::new("", "");
    let says = "action `head -c 60000 /dev/urandom | base64`\n".repeat(20);
    bench.runbook("a.rb", "\"A\"", &format!("{says}if \"Is it real?\" {{ record \"x\" }}\nresolve \"done\""));
    let look = token(&bench, "look --may look");
    let server = bench.start();
    bench.delivered(&firing("1"));
    bench.until_states(&["waiting"]);
    let run = bench.runs()[0]["run"].as_str().unwrap().to_owned();
    let streams: Vec<TcpStream> = (0..50)
        .map(|_| {
            let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, bench.port)).unwrap();
            let head = format!(
                "GET /api/v1/runs/{run}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {look}\r\n\
                 Accept: text/event-stream\r\n\r\n"
            );
            connection.write_all(head.as_bytes()).unwrap();
            connection
        })
        .collect();
    std::thread::sleep(Duration::from_secs(3));
    bench.until("others are answered", || server.get("/-/ready").is_some_and(|(code, _)| code == 200));
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let peak = status.lines().find(|it| it.starts_with("VmHWM:")).unwrap();
    let peak: u64 = peak.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(peak < 400_000, "{peak} kB");
    bench.shell.rbl("answer last yes").code(0);
    bench.until_states(&["resolved"]);
    let begun = Instant::now();
    assert_eq!(server.stop().code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    drop(streams);
}
