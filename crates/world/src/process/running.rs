//! A process that was started: its pipes, its end, and the end of its descendants.

use std::io::{Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{ChildStderr, ChildStdin, ChildStdout, ExitStatus};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use super::adoption::{self, StartedHere};
use super::descendants::{Descendants, Survivor};
use super::guard::Guard;
use super::started::{self, ChildProcess};
use super::{DRAIN, GRACE, OutputSink, Patience, Process, ProcessInput, REAP, session};

/// How often the end of what was ended is looked for.
const LOOK: Duration = Duration::from_millis(10);

pub(super) struct Running<O, E> {
    pid: Pid,
    descendants: Descendants,
    mark: String,
    end: End,
    /// Whether it still has to be guarded; a process with a lifeline ends with us anyway.
    needs_guard: bool,
    guard: Option<Guard>,
    started: Option<StartedHere>,
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

impl<O: OutputSink, E: OutputSink> Running<O, E> {
    /// Starts it.
    pub(super) fn start<P: Patience>(process: Process<O, E>, patience: &mut P) -> std::io::Result<Self> {
        let Process { mut command, input, grace, out: out_sink, err: err_sink, .. } = process;
        let has_input = !matches!(input, ProcessInput::None);
        let keeps_stdin = matches!(input, ProcessInput::Lifeline(_));
        let mark = session::new_mark();
        if !keeps_stdin {
            session::mark(&mut command, &mark);
        }
        let (process, started) = adoption::start(&mut command, has_input)?;
        let pid = process.pid;
        let descendants = Descendants::of(pid, (!keeps_stdin).then(|| mark.clone()));
        if let Some(note) = patience.note() {
            note.started(pid, descendants.since(), keeps_stdin);
        }
        let end = match End::of(pid, patience) {
            Ok(end) => end,
            Err(error) => {
                process.undo();
                return Err(error);
            }
        };
        let ChildProcess { stdin, stdout: out, stderr: err, .. } = process;
        stdin.iter().for_each(unblock);
        out.iter().for_each(unblock);
        err.iter().for_each(unblock);
        let mut running = Self {
            pid,
            descendants,
            mark,
            end,
            needs_guard: !keeps_stdin,
            guard: None,
            started: Some(started),
            stdin,
            input: match input {
                ProcessInput::None => Vec::new(),
                ProcessInput::Whole(bytes) | ProcessInput::Lifeline(bytes) => bytes,
            },
            keeps_stdin,
            grace,
            out: OutputPipe { pipe: out, sink: out_sink },
            err: OutputPipe { pipe: err, sink: err_sink },
        };
        running.close_stdin();
        Ok(running)
    }
    /// Starts the guard that ends it if we are killed; from then on keeps it informed of the descendants.
    pub(super) fn guard(&mut self) {
        if std::mem::take(&mut self.needs_guard) {
            self.guard = Guard::over(self.pid, &self.mark);
        }
        if let Some(guard) = &mut self.guard
            && guard.is_curious()
        {
            guard.name(&self.descendants.running());
        }
    }

    /// Whether it is still to be guarded, once it has run for a while.
    pub(super) fn needs_guard(&self) -> bool {
        self.needs_guard
    }

    /// Whether it printed more than is taken.
    pub(super) fn is_full(&self) -> bool {
        self.out.sink.is_full() || self.err.sink.is_full()
    }

    /// Sends a signal to its group.
    pub(super) fn signal_group(&self, signal: Signal) {
        self.descendants.signal_group(signal);
    }

    /// Waits for output or for the deadline; returns whether the process has ended.
    pub(super) fn wait<P: Patience>(&mut self, patience: &mut P, until: Instant) -> Result<bool, P::Halt> {
        let mut fds = vec![(self.end.as_fd(), PollFlags::IN)];
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
        while !self.has_ended() {
            if Instant::now() >= until {
                return false;
            }
            std::thread::sleep(LOOK);
        }
        true
    }

    /// Whether it has ended; takes the output that is there.
    fn has_ended(&mut self) -> bool {
        self.transfer();
        self.end.has_come()
    }

    /// Ends it and its descendants: first with SIGTERM, then with SIGKILL. Returns what still runs.
    pub(super) fn end(&mut self) -> (Option<ExitStatus>, Vec<Survivor>) {
        // The other side takes as long as we do here, and reports what came of it. Without its report nobody knows whether the
        // command still runs. It looks through all its processes after each of its short pauses, thirty times at most: on a busy
        // machine the looks take many times as long as the pauses.
        if self.stdin.take().is_some() && self.keeps_stdin && self.wait_blindly(GRACE + 10 * REAP) {
            return (self.reap(), Vec::new());
        }
        if !self.grace.is_zero() {
            self.descendants.signal(Signal::TERM);
            self.wait_for_all(self.grace, None);
        }
        let left = self.wait_for_all(REAP, Some(Signal::KILL));
        (self.reap(), left)
    }

    /// Waits until it and all its descendants have ended, not longer than this. `signal` is sent to those that are left, as
    /// long as there are some. Returns what still runs.
    fn wait_for_all(&mut self, limit: Duration, signal: Option<Signal>) -> Vec<Survivor> {
        let until = Instant::now() + limit;
        loop {
            let ended = self.has_ended();
            let left = match signal {
                Some(signal) => self.descendants.signal(signal),
                None => self.descendants.running(),
            };
            if ended && left.is_empty() || Instant::now() >= until {
                return left.into_iter().map(Survivor::from).collect();
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Its exit status. From now on its number may name another process.
    pub(super) fn reap(&mut self) -> Option<ExitStatus> {
        self.guard = None;
        let status = started::reap(self.pid);
        self.started = None;
        adoption::reap();
        status
    }

    /// What its output went into. Waits a moment for output that is still in the pipes.
    pub(super) fn finish(mut self) -> (O, E) {
        let until = Instant::now() + DRAIN;
        loop {
            self.out.read();
            self.err.read();
            let closed = self.out.pipe.is_none() && self.err.pipe.is_none();
            if closed || self.is_full() || Instant::now() >= until {
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

/// What becomes readable when a process has ended. It is not reaped then: until it is, its number names its group.
enum End {
    /// The process itself (Linux 5.3).
    Process(OwnedFd),
    /// A stream of which a thread that waits closes the other side.
    Thread(UnixStream),
}

impl End {
    fn of<P: Patience>(pid: Pid, patience: &mut P) -> std::io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Ok(process) = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()) {
            return Ok(Self::Process(process));
        }
        patience.begin(move || wait_for(pid)).map(Self::Thread)
    }

    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Process(process) => process.as_fd(),
            Self::Thread(stream) => stream.as_fd(),
        }
    }

    /// Whether it is readable.
    fn has_come(&self) -> bool {
        let mut polls = [PollFd::from_borrowed_fd(self.as_fd(), PollFlags::IN)];
        matches!(rustix::event::poll(&mut polls, Some(&Timespec::default())), Ok(1..))
    }
}

/// Waits until the process has ended, without reaping it.
fn wait_for(pid: Pid) {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    let interrupted = |result| matches!(result, Err(rustix::io::Errno::INTR));
    while interrupted(rustix::process::waitid(WaitId::Pid(pid), options).map(drop)) {}
}

fn unblock(pipe: &impl AsFd) {
    let _ = rustix::io::ioctl_fionbio(pipe, true);
}

fn retry(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::Interrupted)
}
