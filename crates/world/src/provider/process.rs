//! Runs a program to its end, with content on stdin, an output limit and a time limit.
//!
//! *Why:* a grandchild that outlives its process group can hold a pipe open for ever; so every reader has a deadline.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How a program ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// Its exit code, or the signal that ended it.
    pub(super) end: End,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    /// Whether it printed more than is kept.
    pub(super) cut: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    Exit(i32),
    Signal(i32),
    TimedOut,
}

/// How long to wait for the rest of the output after the program has ended.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Runs the program. An error means that it could not be started.
pub(super) fn run(
    mut command: Command,
    stdin: Vec<u8>,
    timeout: Duration,
    limit: usize,
) -> std::io::Result<Ended> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()?;
    let started = Instant::now();
    if let Some(mut pipe) = child.stdin.take() {
        // A program may ignore its stdin: that is not an error.
        std::thread::spawn(move || pipe.write_all(&stdin).is_ok());
    }
    let stdout = collect(child.stdout.take(), limit);
    let stderr = collect(child.stderr.take(), limit);
    let end = wait(&mut child, started, timeout);
    end_group(&child);
    let deadline = Instant::now() + LAST_WORDS;
    let (stdout, cut) = drain(&stdout, deadline);
    let (stderr, _) = drain(&stderr, deadline);
    Ok(Ended { end: end?, stdout, stderr, cut })
}

fn wait(child: &mut Child, started: Instant, timeout: Duration) -> std::io::Result<End> {
    use std::os::unix::process::ExitStatusExt;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(match (status.code(), status.signal()) {
                (Some(code), _) => End::Exit(code),
                (None, signal) => End::Signal(signal.unwrap_or(0)),
            });
        }
        if started.elapsed() >= timeout {
            end_group(child);
            child.wait()?;
            return Ok(End::TimedOut);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// Ends the whole group, including what is left of it when the program itself has ended.
fn end_group(child: &Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // An error means that nobody is left, which is the goal.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

/// Reads a pipe on a thread; each message is a chunk, and whether the limit was exceeded.
fn collect(pipe: Option<impl Read + Send + 'static>, limit: usize) -> Receiver<(Vec<u8>, bool)> {
    let (sender, receiver) = channel();
    if let Some(mut pipe) = pipe {
        std::thread::spawn(move || {
            let mut kept = 0;
            let mut buffer = vec![0; 1 << 16];
            while let Ok(count) = pipe.read(&mut buffer) {
                if count == 0 {
                    break;
                }
                let room = (limit - kept).min(count);
                kept += room;
                let piece = buffer.get(..room).unwrap_or_default().to_vec();
                if sender.send((piece, room < count)).is_err() {
                    break;
                }
            }
        });
    }
    receiver
}

fn drain(receiver: &Receiver<(Vec<u8>, bool)>, deadline: Instant) -> (Vec<u8>, bool) {
    let mut all = Vec::new();
    let mut cut = false;
    while let Ok((piece, more)) = receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        all.extend(piece);
        cut |= more;
    }
    (all, cut)
}
