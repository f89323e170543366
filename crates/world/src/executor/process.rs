//! Starts a process in its own group, watches it and, if necessary, ends the group.
//!
//! *Invariant:* nothing here waits without a limit. A grandchild that left the group and holds a pipe open costs a
//! moment, not the run; so no reader thread is ever joined.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use super::guard::Guard;
use super::kept::Kept;
use super::stream::Stream;
use crate::clock;
use crate::people;
use crate::wait::{Wait, Wake};
use rbl_runtime::Interrupt;
use rbl_runtime::Secrets;
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind};

/// The time between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(2);
/// How long to wait for the rest of the output, once the process has ended.
const DRAIN: Duration = Duration::from_millis(300);
/// How long a command of this machine runs before it is guarded.
const SHORT: Duration = Duration::from_millis(500);
/// How long to wait for a killed process.
const REAP: Duration = Duration::from_secs(1);

/// A process to run.
pub(super) struct Process<'a> {
    pub(super) command: Command,
    /// Its stdin, which then stays open: closing it makes the other side end its group. `None`: no input.
    pub(super) lifeline: Option<Vec<u8>>,
    /// The mark of lines on stderr that the other side writes for us alone.
    pub(super) mark: Option<String>,
    /// Time limit in seconds; then its group is ended.
    pub(super) within: f64,
    pub(super) secrets: &'a Secrets,
}

struct Running<'a> {
    child: Child,
    group: Option<Pid>,
    ended: UnixStream,
    /// Whether it still has to be guarded; a process with a lifeline ends with us anyway.
    needs_guard: bool,
    guard: Option<Guard>,
    stdin: Option<ChildStdin>,
    input: Vec<u8>,
    out: Source<'a, ChildStdout>,
    err: Source<'a, ChildStderr>,
}

struct Source<'a, R> {
    pipe: Option<R>,
    kept: Kept,
    shown: Stream<'a>,
}

impl Process<'_> {
    /// Runs it to its end, or until its group was ended.
    pub(super) fn run(mut self, wait: &mut Wait<'_>) -> Result<CommandOutput, Interrupt> {
        let (within, screen) = (self.within, wait.screen());
        let mut running = match self.start(wait) {
            Ok(running) => running,
            Err(reason) => return Ok(super::not_run(reason)),
        };
        let (begun, until) = (Instant::now(), clock::deadline(within));
        let trouble = loop {
            let pause = if running.needs_guard { SHORT } else { Duration::from_secs(1) };
            let next = (Instant::now() + pause).min(until);
            match running.wait(wait, next) {
                Ok(true) => break None,
                Ok(false) => {}
                Err(interrupt) => {
                    screen.status(None);
                    running.end();
                    running.finish();
                    return Err(interrupt);
                }
            }
            if Instant::now() >= until {
                let text = format!("timed out after {}", rbl_syntax::value::span(within));
                break Some(Reason::new(ReasonKind::TimedOut, text));
            }
            if begun.elapsed() >= SHORT {
                running.guard();
            }
            if begun.elapsed() >= Duration::from_secs(1) {
                let left = clock::countdown(clock::left(until));
                screen.status(Some(&format!("running {} · {left} left", clock::countdown(begun.elapsed()))));
            }
        };
        let status = if trouble.is_some() { running.end() } else { running.reap() };
        screen.status(None);
        let (stdout, stderr, cut) = running.finish();
        wait.settle()?;
        let (status, trouble) = match (trouble, status) {
            (Some(reason), _) => (None, Some(reason)),
            (None, Some(status)) => ended(status),
            (None, None) => {
                (None, Some(Reason::new(ReasonKind::ProbeFailed, "how the command ended is unknown")))
            }
        };
        Ok(CommandOutput { status, trouble, stdout, stderr, cut })
    }

    fn start<'w>(&mut self, wait: &mut Wait<'w>) -> Result<Running<'w>, Reason> {
        let stdin = if self.lifeline.is_some() { Stdio::piped() } else { Stdio::null() };
        self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let program = self.command.get_program().to_string_lossy().into_owned();
        let cannot = |error: std::io::Error| {
            let text = match error.raw_os_error() {
                Some(7) => "the values of the command are too long together".to_owned(),
                _ => format!("cannot start {program}: {}", rbl_syntax::io_error::starting(&error)),
            };
            Reason::new(ReasonKind::NotRun, text)
        };
        let mut child = self.command.spawn().map_err(cannot)?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let ended = match wait.begin_on_thread(move || wait_for(group)) {
            Ok(ended) => ended,
            Err(error) => {
                end_group(group, Signal::KILL);
                let _ = child.wait();
                return Err(cannot(error));
            }
        };
        let (stdin, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        stdin.iter().for_each(unblock);
        out.iter().for_each(unblock);
        err.iter().for_each(unblock);
        Ok(Running {
            child,
            group,
            ended,
            needs_guard: self.lifeline.is_none(),
            guard: None,
            stdin,
            input: self.lifeline.take().unwrap_or_default(),
            out: Source {
                pipe: out,
                kept: Kept::default(),
                shown: Stream::new(wait.screen(), self.secrets, people::Stream::Out, None),
            },
            err: Source {
                pipe: err,
                kept: Kept::default(),
                shown: Stream::new(wait.screen(), self.secrets, people::Stream::Err, self.mark.take()),
            },
        })
    }
}

impl Running<'_> {
    /// Starts the guard that ends it if we are killed.
    fn guard(&mut self) {
        if std::mem::take(&mut self.needs_guard) {
            self.guard = self.group.and_then(Guard::over);
        }
    }

    /// Waits for output or for the deadline; returns whether the process has ended.
    fn wait(&mut self, wait: &mut Wait<'_>, until: Instant) -> Result<bool, Interrupt> {
        let mut fds = vec![(self.ended.as_fd(), PollFlags::IN)];
        fds.extend(self.out.pipe.iter().map(|pipe| (pipe.as_fd(), PollFlags::IN)));
        fds.extend(self.err.pipe.iter().map(|pipe| (pipe.as_fd(), PollFlags::IN)));
        if !self.input.is_empty() {
            fds.extend(self.stdin.iter().map(|pipe| (pipe.as_fd(), PollFlags::OUT)));
        }
        let ended = match wait.wait(&fds, Some(until))? {
            Wake::Ready(ready) => ready.first().copied().unwrap_or(false),
            Wake::Time | Wake::Resumed => false,
        };
        self.transfer();
        Ok(ended)
    }

    /// Reads and writes what is possible without waiting.
    fn transfer(&mut self) {
        self.out.read();
        self.err.read();
        if let Some(stdin) = &mut self.stdin
            && !self.input.is_empty()
        {
            match stdin.write(&self.input) {
                Ok(written) => drop(self.input.drain(..written)),
                Err(error) if retry(&error) => {}
                Err(_) => self.input.clear(),
            }
        }
    }

    /// Waits without interruption, until the process has ended or the limit has passed; returns whether it has ended.
    fn wait_blindly(&mut self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        let _ = self.ended.set_nonblocking(true);
        loop {
            self.transfer();
            if self.ended.read(&mut [0]).is_ok() {
                return true;
            }
            if Instant::now() >= until {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends the group: first with SIGTERM, then with SIGKILL.
    fn end(&mut self) -> Option<ExitStatus> {
        if self.stdin.take().is_some() && self.wait_blindly(GRACE + REAP) {
            return self.reap();
        }
        end_group(self.group, Signal::TERM);
        let _ = self.wait_blindly(GRACE);
        // Members of the group that outlived its first process are ended too: it is not reaped yet, so the number still
        // names this group and no other.
        end_group(self.group, Signal::KILL);
        let _ = self.wait_blindly(REAP);
        self.reap()
    }

    fn reap(&mut self) -> Option<ExitStatus> {
        // Before the number of the group can be reused.
        self.guard = None;
        self.child.try_wait().ok().flatten()
    }

    /// Its output, and how much of it was cut. Waits a moment for output that is still in the pipes.
    fn finish(mut self) -> (String, String, u64) {
        let until = Instant::now() + DRAIN;
        loop {
            self.out.read();
            self.err.read();
            if (self.out.pipe.is_none() && self.err.pipe.is_none()) || Instant::now() >= until {
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.out.shown.finish();
        self.err.shown.finish();
        let ((stdout, cut_out), (stderr, cut_err)) = (self.out.kept.text(), self.err.kept.text());
        (stdout, stderr, cut_out + cut_err)
    }
}

impl<R: Read> Source<'_, R> {
    fn read(&mut self) {
        let mut bytes = [0; 16 * 1024];
        // A bounded number of times: a process that prints without end must not delay its own time limit.
        for _ in 0..16 {
            let Some(pipe) = &mut self.pipe else { return };
            match pipe.read(&mut bytes) {
                Ok(0) => self.pipe = None,
                Ok(length) => {
                    let bytes = bytes.get(..length).unwrap_or_default();
                    self.kept.push(bytes);
                    self.shown.push(bytes);
                }
                Err(error) if retry(&error) => return,
                Err(_) => self.pipe = None,
            }
        }
    }
}

/// Waits until the process has ended, without reaping it: until then its number names its group.
fn wait_for(process: Option<Pid>) {
    let Some(pid) = process else { return };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    let interrupted = |result| matches!(result, Err(rustix::io::Errno::INTR));
    while interrupted(rustix::process::waitid(WaitId::Pid(pid), options).map(drop)) {}
}

fn end_group(group: Option<Pid>, signal: Signal) {
    if let Some(group) = group {
        let _ = rustix::process::kill_process_group(group, signal);
    }
}

fn unblock(pipe: &impl AsFd) {
    let _ = rustix::io::ioctl_fionbio(pipe, true);
}

fn retry(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::Interrupted)
}

/// The exit code, and the reason where the shell reports an error through it.
fn ended(status: ExitStatus) -> (Option<i32>, Option<Reason>) {
    let trouble = |text: String| Some(Reason::new(ReasonKind::ProbeFailed, text));
    match (status.code(), status.signal()) {
        (Some(126), _) => (Some(126), trouble("exit code 126: the command may not be run".into())),
        (Some(127), _) => (Some(127), trouble("exit code 127: no such command".into())),
        (Some(code), _) => (Some(code), None),
        (None, Some(signal)) => (None, trouble(format!("ended by signal {signal}{}", signal_name(signal)))),
        (None, None) => (None, trouble("how the command ended is unknown".into())),
    }
}

fn signal_name(signal: i32) -> String {
    let name = signal_hook::low_level::signal_name(signal);
    name.map_or_else(String::new, |name| format!(" ({name})"))
}
