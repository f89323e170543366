//! Waits for a process on a thread that no signal and no person interrupts.

use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};

use super::{ActionNote, Patience};
use crate::worker::LazyWorker;

/// How often a wait looks whether it was stopped.
const LOOK: Duration = Duration::from_millis(50);

/// A wait that only the given function ends.
pub(crate) struct Unattended<'a> {
    stopped: Option<&'a dyn Fn() -> bool>,
    note: Option<&'a ActionNote>,
    worker: LazyWorker,
}

/// The function said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WaitStopped;

impl<'a> Unattended<'a> {
    /// A wait that ends when this returns true; `None`: nothing ends it but its time limit.
    pub(crate) fn new(stopped: Option<&'a dyn Fn() -> bool>) -> Self {
        Self { stopped, note: None, worker: LazyWorker::default() }
    }

    /// What is waited for is noted here when it has started.
    pub(crate) fn noting(self, note: Option<&'a ActionNote>) -> Self {
        Self { note, ..self }
    }
}

impl Patience for Unattended<'_> {
    type Halt = WaitStopped;

    fn begin(&mut self, work: impl FnOnce() + Send + 'static) -> std::io::Result<UnixStream> {
        self.worker.begin(work)
    }

    fn note(&self) -> Option<&ActionNote> {
        self.note
    }

    fn wait(
        &mut self,
        fds: &[(BorrowedFd<'_>, PollFlags)],
        until: Instant,
    ) -> Result<Vec<bool>, WaitStopped> {
        let left = until.saturating_duration_since(Instant::now());
        let longest = if self.stopped.is_some() { left.min(LOOK) } else { left };
        let timeout =
            Timespec { tv_sec: longest.as_secs().cast_signed(), tv_nsec: longest.subsec_nanos().into() };
        let mut polls: Vec<PollFd<'_>> =
            fds.iter().map(|(fd, flags)| PollFd::from_borrowed_fd(*fd, *flags)).collect();
        let polled = rustix::event::poll(&mut polls, Some(&timeout));
        if self.stopped.is_some_and(|stopped| stopped()) {
            return Err(WaitStopped);
        }
        Ok(polls.iter().map(|poll| polled.is_ok() && !poll.revents().is_empty()).collect())
    }
}
