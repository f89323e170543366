//! Starts a process in a session of its own, watches it and, if necessary, ends it with all its descendants.
//!
//! Commands and plug-ins use the same runner. They differ in what they do with the output ([`OutputSink`]) and in how they wait
//! ([`Patience`]).
//!
//! What a process leaves behind when it ends by itself keeps running: a daemon that an action started is meant to.
//!
//! *Invariant:* nothing here waits without a limit. A grandchild that left the group and holds a pipe open costs a
//! moment, not the run; so no reader thread is ever joined.

mod adoption;
mod capture;
mod descendants;
mod ending;
mod guard;
mod limited;
mod noting;
mod running;
mod session;
mod started;
mod stream;
pub(crate) mod table;
mod unattended;

use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::process::Signal;

use running::Running;

pub use adoption::adopt_orphans;
pub(crate) use capture::StreamCapture;
pub(crate) use descendants::{Survivor, in_words};
pub(crate) use ending::END;
pub(crate) use limited::Limited;
pub(crate) use noting::{ActionNote, this_machine};
pub(crate) use session::{MARK, new_mark};
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

/// Whether a process that runs for longer is guarded. A debug build can be told not to: what becomes of a process whose rbl was killed
/// before that can then be tested without a race.
fn guards() -> bool {
    !cfg!(debug_assertions) || std::env::var_os("RBL_NO_GUARD").is_none()
}

/// A process to run.
pub(crate) struct Process<O, E> {
    pub(crate) command: Command,
    pub(crate) input: ProcessInput,
    /// When it and its descendants are ended.
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
    /// These bytes; then it stays open: closing it makes the other side end what it runs. Here it has no descendants
    /// but those in its session: what it leaves, like a shared connection of `ssh`, is for others too.
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

    /// Where to note the process as soon as it has started; `None` for one whose end nobody has to see to.
    fn note(&self) -> Option<&ActionNote> {
        None
    }

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
    /// What still runs of it, though it was ended.
    pub(crate) left: Vec<Survivor>,
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
    /// It was ended: the time limit had passed.
    TimedOut,
    /// It was ended: it printed more than a sink takes.
    Full,
}

/// Why a process did not run to its end.
#[derive(Debug)]
pub(crate) enum NotEnded<H> {
    /// It could not be started.
    NotStarted(std::io::Error),
    /// The wait was ended, and so was the process.
    Halted {
        /// What ended the wait.
        halt: H,
        /// What still runs of it.
        left: Vec<Survivor>,
    },
}

impl<O: OutputSink, E: OutputSink> Process<O, E> {
    /// Runs it to its end, or until it was ended.
    pub(crate) fn run<P: Patience>(self, patience: &mut P) -> Result<ProcessResult<O, E>, NotEnded<P::Halt>> {
        let (until, ends_its_group) = (self.until, self.ends_its_group);
        let mut running = Running::start(self, patience).map_err(NotEnded::NotStarted)?;
        let begun = Instant::now();
        let forced = loop {
            let pause = if running.needs_guard() { SHORT } else { Duration::from_secs(1) };
            let next = (Instant::now() + pause).min(until);
            match running.wait(patience, next) {
                Ok(true) => break None,
                Ok(false) => {}
                Err(halt) => {
                    patience.over();
                    let (_, left) = running.end();
                    running.finish();
                    return Err(NotEnded::Halted { halt, left });
                }
            }
            if running.is_full() {
                break Some(ProcessEnd::Full);
            }
            if Instant::now() >= until {
                break Some(ProcessEnd::TimedOut);
            }
            if begun.elapsed() >= SHORT && guards() {
                running.guard();
            }
            if begun.elapsed() >= Duration::from_secs(1) {
                patience.progress(begun.elapsed(), until);
            }
        };
        let (status, left) = if forced.is_some() {
            running.end()
        } else {
            if ends_its_group {
                // It is not reaped yet, so its number still names this group and no other.
                running.signal_group(Signal::KILL);
            }
            (running.reap(), Vec::new())
        };
        patience.over();
        let (out, err) = running.finish();
        let end = match (forced, status) {
            (Some(end), _) => end,
            (None, Some(status)) => ProcessEnd::Exit(status),
            (None, None) => ProcessEnd::Unknown,
        };
        Ok(ProcessResult { end, left, out, err })
    }
}
