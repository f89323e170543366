//! Starts a process in its own group, watches it and, if necessary, ends the group.
//!
//! Commands and plug-ins use the same runner. They differ in what they do with the output ([`OutputSink`]) and in how they wait
//! ([`Patience`]).
//!
//! *Invariant:* nothing here waits without a limit. A grandchild that left the group and holds a pipe open costs a
//! moment, not the run; so no reader thread is ever joined.

mod capture;
mod guard;
mod limited;
mod stream;
mod unattended;

use std::io::{Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use guard::Guard;

pub(crate) use capture::StreamCapture;
pub(crate) use limited::Limited;
pub(crate) use stream::CommandStream;
pub(crate) use unattended::Unattended;

/// The time between SIGTERM and SIGKILL.
pub(crate) const GRACE: Duration = Duration::from_secs(2);
/// How long to wait for the rest of the output, once the process has ended.
const DRAIN: Duration = Duration::from_millis(300);
/// How long a process of this machine runs before it is guarded.
const SHORT: Duration = Duration::from_millis(500);
/// How long to wait for a killed process.
pub(crate) const REAP: Duration = Duration::from_secs(1);

/// A process to run.
pub(crate) struct Process<O, E> {
    pub(crate) command: Command,
    pub(crate) input: ProcessInput,
    /// When its group is ended.
    pub(crate) until: Instant,
    /// Whether the rest of its group is ended when the process itself has ended.
    pub(crate) ends_its_group: bool,
    /// The time between SIGTERM and SIGKILL; zero: SIGKILL at once.
    pub(crate) grace: Duration,
    pub(crate) out: O,
    pub(crate) err: E,
}

/// The stdin of a process.
pub(crate) enum ProcessInput {
    /// Empty.
    None,
    /// These bytes, then the end.
    Whole(Vec<u8>),
    /// These bytes; then it stays open: closing it makes the other side end its group.
    Lifeline(Vec<u8>),
}

/// Takes the output of a process.
pub(crate) trait OutputSink {
    /// Takes the next bytes.
    fn push(&mut self, bytes: &[u8]);

    /// Whether there is more than it can take: the process is then ended.
    fn is_full(&self) -> bool {
        false
    }

    /// Called after the last bytes.
    fn finish(&mut self) {}
}

/// How the caller waits while a process runs.
pub(crate) trait Patience {
    /// What ends the wait early.
    type Halt;

    /// Runs this on another thread. The stream becomes readable once it is done.
    fn begin(&mut self, work: impl FnOnce() + Send + 'static) -> std::io::Result<UnixStream>;

    /// Waits until one of these is ready, or the time has come; returns which are ready. It may return earlier.
    fn wait(&mut self, fds: &[(BorrowedFd<'_>, PollFlags)], until: Instant) -> Result<Vec<bool>, Self::Halt>;

    /// Shows how long it has been running, and until when it may.
    fn progress(&mut self, _running: Duration, _until: Instant) {}

    /// Shows nothing more.
    fn over(&mut self) {}
}

/// A process that has ended, and what its output went into.
pub(crate) struct ProcessResult<O, E> {
    pub(crate) end: ProcessEnd,
    pub(crate) out: O,
    pub(crate) err: E,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProcessEnd {
    /// By itself.
    Exit(ExitStatus),
    /// By itself, and the system does not say how.
    Unknown,
    /// Its group was ended: the time limit had passed.
    TimedOut,
    /// Its group was ended: it printed more than a sink takes.
    Full,
}

/// Why a process did not run to its end.
#[derive(Debug)]
pub(crate) enum NotEnded<H> {
    /// It could not be started.
    NotStarted(std::io::Error),
    /// The wait was ended, and so was its group.
    Halted(H),
}

struct Running<O, E> {
    child: Child,
    group: Option<Pid>,
    ended: UnixStream,
    /// Whether it still has to be guarded; a process with a lifeline ends with us anyway.
    needs_guard: bool,
    guard: Option<Guard>,
    stdin: Option<ChildStdin>,
    input: Vec<u8>,
    keeps_stdin: bool,
    grace: Duration,
    out: OutputPipe<ChildStdout, O>,
    err: OutputPipe<ChildStderr, E>,
}

struct OutputPipe<R, S> {
    pipe: Option<R>,
    sink: S,
}

impl<O: OutputSink, E: OutputSink> Process<O, E> {
    /// Runs it to its end, or until its group was ended.
    pub(crate) fn run<P: Patience>(self, patience: &mut P) -> Result<ProcessResult<O, E>, NotEnded<P::Halt>> {
        let (until, ends_its_group) = (self.until, self.ends_its_group);
        let mut running = self.start(patience).map_err(NotEnded::NotStarted)?;
        let begun = Instant::now();
        let forced = loop {
            let pause = if running.needs_guard { SHORT } else { Duration::from_secs(1) };
            let next = (Instant::now() + pause).min(until);
            match running.wait(patience, next) {
                Ok(true) => break None,
                Ok(false) => {}
                Err(halt) => {
                    patience.over();
                    running.end();
                    running.finish();
                    return Err(NotEnded::Halted(halt));
                }
            }
            if running.out.sink.is_full() || running.err.sink.is_full() {
                break Some(ProcessEnd::Full);
            }
            if Instant::now() >= until {
                break Some(ProcessEnd::TimedOut);
            }
            if begun.elapsed() >= SHORT {
                running.guard();
            }
            if begun.elapsed() >= Duration::from_secs(1) {
                patience.progress(begun.elapsed(), until);
            }
        };
        let status = if forced.is_some() {
            running.end()
        } else {
            if ends_its_group {
                // It is not reaped yet, so its number still names this group and no other.
                end_group(running.group, Signal::KILL);
            }
            running.reap()
        };
        patience.over();
        let (out, err) = running.finish();
        let end = match (forced, status) {
            (Some(end), _) => end,
            (None, Some(status)) => ProcessEnd::Exit(status),
            (None, None) => ProcessEnd::Unknown,
        };
        Ok(ProcessResult { end, out, err })
    }

    fn start<P: Patience>(mut self, patience: &mut P) -> std::io::Result<Running<O, E>> {
        let stdin = if matches!(self.input, ProcessInput::None) { Stdio::null() } else { Stdio::piped() };
        self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = self.command.spawn()?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let ended = match patience.begin(move || wait_for(group)) {
            Ok(ended) => ended,
            Err(error) => {
                end_group(group, Signal::KILL);
                let _ = child.wait();
                return Err(error);
            }
        };
        let (stdin, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        stdin.iter().for_each(unblock);
        out.iter().for_each(unblock);
        err.iter().for_each(unblock);
        let keeps_stdin = matches!(self.input, ProcessInput::Lifeline(_));
        let mut running = Running {
            child,
            group,
            ended,
            needs_guard: !keeps_stdin,
            guard: None,
            stdin,
            input: match self.input {
                ProcessInput::None => Vec::new(),
                ProcessInput::Whole(bytes) | ProcessInput::Lifeline(bytes) => bytes,
            },
            keeps_stdin,
            grace: self.grace,
            out: OutputPipe { pipe: out, sink: self.out },
            err: OutputPipe { pipe: err, sink: self.err },
        };
        running.close_stdin();
        Ok(running)
    }
}

impl<O: OutputSink, E: OutputSink> Running<O, E> {
    /// Starts the guard that ends it if we are killed.
    fn guard(&mut self) {
        if std::mem::take(&mut self.needs_guard) {
            self.guard = self.group.and_then(Guard::over);
        }
    }

    /// Waits for output or for the deadline; returns whether the process has ended.
    fn wait<P: Patience>(&mut self, patience: &mut P, until: Instant) -> Result<bool, P::Halt> {
        let mut fds = vec![(self.ended.as_fd(), PollFlags::IN)];
        fds.extend(self.out.pipe.iter().map(|pipe| (pipe.as_fd(), PollFlags::IN)));
        fds.extend(self.err.pipe.iter().map(|pipe| (pipe.as_fd(), PollFlags::IN)));
        if !self.input.is_empty() {
            fds.extend(self.stdin.iter().map(|pipe| (pipe.as_fd(), PollFlags::OUT)));
        }
        let ready = patience.wait(&fds, until)?;
        self.transfer();
        Ok(ready.first().copied().unwrap_or(false))
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
                // A program may ignore its stdin: that is not an error.
                Err(_) => self.input.clear(),
            }
        }
        self.close_stdin();
    }

    /// Closes stdin once all of it is written, unless it is a lifeline.
    fn close_stdin(&mut self) {
        if !self.keeps_stdin && self.input.is_empty() {
            self.stdin = None;
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
        if self.stdin.take().is_some() && self.keeps_stdin && self.wait_blindly(GRACE + REAP) {
            return self.reap();
        }
        if !self.grace.is_zero() {
            end_group(self.group, Signal::TERM);
            let _ = self.wait_blindly(self.grace);
        }
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

    /// What its output went into. Waits a moment for output that is still in the pipes.
    fn finish(mut self) -> (O, E) {
        let until = Instant::now() + DRAIN;
        loop {
            self.out.read();
            self.err.read();
            let closed = self.out.pipe.is_none() && self.err.pipe.is_none();
            if closed || self.out.sink.is_full() || self.err.sink.is_full() || Instant::now() >= until {
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.out.sink.finish();
        self.err.sink.finish();
        (self.out.sink, self.err.sink)
    }
}

impl<R: Read, S: OutputSink> OutputPipe<R, S> {
    fn read(&mut self) {
        let mut bytes = [0; 16 * 1024];
        // A bounded number of times: a process that prints without end must not delay its own time limit.
        for _ in 0..16 {
            let Some(pipe) = &mut self.pipe else { return };
            match pipe.read(&mut bytes) {
                Ok(0) => self.pipe = None,
                Ok(length) => self.sink.push(bytes.get(..length).unwrap_or_default()),
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
        // An error means that nobody is left, which is the goal.
        let _ = rustix::process::kill_process_group(group, signal);
    }
}

fn unblock(pipe: &impl AsFd) {
    let _ = rustix::io::ioctl_fionbio(pipe, true);
}

fn retry(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::Interrupted)
}
