//! Waiting, in a way that signals can end.
//!
//! Everything that takes time in the world waits here: for a process, a provider, a person, a clock. [`Waiter`] holds what
//! outlasts one wait (the cancel token of the run, whether it was aborted, a kept thread); [`AttendedWait`] is a waiter together
//! with the people and the screen beside it. So Ctrl-C is answered at once wherever the run is, while what was begun
//! continues.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rbl_runtime::{Interrupt, Parked};
use rustix::event::{PollFd, PollFlags, Timespec};

use super::clock;
use super::people::{AbortQuestion, People, Screen};
use super::process::ActionNote;
use super::signals::{self, Cancel, StopSignal};
use super::worker::LazyWorker;

/// What waits of one run have in common.
pub struct Waiter {
    cancel: Cancel,
    /// Who a Ctrl-C at the keyboard comes from.
    name: String,
    aborted: bool,
    /// Whether a Ctrl-C is confirmed by a question.
    asks: bool,
    question: Option<AbortQuestion>,
    worker: LazyWorker,
}

/// Why a wait ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Wake {
    /// These of the things waited for are ready.
    Ready(Vec<bool>),
    /// The deadline passed.
    Time,
    /// A question was open in between: what was on the screen may have to be shown again.
    Resumed,
}

/// A [`Waiter`] with the people and the screen beside it.
pub struct AttendedWait<'a> {
    waiter: &'a mut Waiter,
    people: &'a mut dyn People,
    screen: &'a dyn Screen,
    note: Option<ActionNote>,
}

impl Waiter {
    /// Waits of one run, which this token cancels. `name`: who is at the keyboard.
    pub fn new(cancel: Cancel, name: String) -> Self {
        Self { cancel, name, aborted: false, asks: true, question: None, worker: LazyWorker::default() }
    }

    /// From now on a Ctrl-C ends the current wait at once.
    pub fn end_waits(&mut self) {
        self.asks = false;
    }

    /// Forgets that the run was aborted: another begins.
    pub fn begin(&mut self) {
        self.aborted = false;
        while self.cancel.take().is_some() {}
    }

    /// Whether the question about a Ctrl-C is open.
    pub fn is_asking(&self) -> bool {
        self.question.is_some()
    }

    /// Waits until one of these is ready, or the deadline passes.
    pub fn wait(
        &mut self,
        fds: &[(BorrowedFd<'_>, PollFlags)],
        until: Option<Instant>,
        people: &mut dyn People,
    ) -> Result<Wake, Interrupt> {
        loop {
            while let Some(signal) = self.cancel.take() {
                if signal == StopSignal::Suspend {
                    self.suspend(people);
                    return Ok(Wake::Resumed);
                }
                self.handle_signal(signal, people)?;
            }
            let question = self.question.clone();
            let asking = question.as_ref().map(|question| question.until);
            let until_either = [until, asking].into_iter().flatten().min();
            let polled = self.poll(fds, question.as_ref().map(|it| &*it.answered), until_either);
            if polled.stopped {
                continue;
            }
            if let Some(question) = question {
                if polled.answered {
                    self.answer(people)?;
                } else if Instant::now() >= question.until {
                    self.close_question(people);
                }
                if self.question.is_none() {
                    return Ok(Wake::Resumed);
                }
            }
            if polled.ready.contains(&true) {
                return Ok(Wake::Ready(polled.ready));
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                return Ok(Wake::Time);
            }
        }
    }

    fn poll(
        &self,
        fds: &[(BorrowedFd<'_>, PollFlags)],
        answered: Option<&OwnedFd>,
        until: Option<Instant>,
    ) -> Polled {
        let asking = answered.map(AsRawFd::as_raw_fd);
        let mut polls: Vec<PollFd<'_>> =
            self.cancel.fds().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
        let signals = polls.len();
        polls.extend(answered.map(|fd| PollFd::new(fd, PollFlags::IN)));
        let first = polls.len();
        for (fd, flags) in fds {
            // A line that is typed now answers the open question, not what is waited for.
            let flags = if asking == Some(fd.as_raw_fd()) { PollFlags::empty() } else { *flags };
            polls.push(PollFd::from_borrowed_fd(*fd, flags));
        }
        // No single poll has to last longer; the caller comes back.
        let left = until.map_or(Duration::from_hours(1), clock::left).min(Duration::from_hours(1));
        let timeout = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
        let _ = rustix::event::poll(&mut polls, Some(&timeout));
        let set = |poll: &PollFd<'_>| !poll.revents().is_empty();
        Polled {
            stopped: polls.iter().take(signals).any(set),
            answered: asking.is_some() && polls.get(signals).is_some_and(set),
            ready: polls.iter().skip(first).map(set).collect(),
        }
    }

    fn handle_signal(&mut self, signal: StopSignal, people: &mut dyn People) -> Result<(), Interrupt> {
        let by = match signal {
            StopSignal::Interrupt if self.aborted || self.question.is_some() => return Err(self.park(people)),
            StopSignal::Interrupt if self.asks => match people.open_abort_question() {
                Some(question) => {
                    self.question = Some(question);
                    return Ok(());
                }
                None => "SIGINT",
            },
            _ if self.aborted => return Err(self.park(people)),
            StopSignal::Interrupt => "SIGINT",
            StopSignal::Terminate => "SIGTERM",
            StopSignal::HangUp => "SIGHUP",
            StopSignal::Suspend => return Ok(()),
        };
        self.close_question(people);
        self.aborted = true;
        Err(Interrupt::Aborted { by: by.into() })
    }

    fn answer(&mut self, people: &mut dyn People) -> Result<(), Interrupt> {
        let Some(abort) = people.read_abort_answer() else { return Ok(()) };
        self.question = None;
        if abort {
            self.aborted = true;
            return Err(Interrupt::Aborted { by: self.name.clone() });
        }
        Ok(())
    }

    fn suspend(&mut self, people: &mut dyn People) {
        self.close_question(people);
        people.before_suspend();
        signals::suspend();
        people.after_suspend();
    }

    fn park(&mut self, people: &mut dyn People) -> Interrupt {
        self.close_question(people);
        Interrupt::Parked(Parked::ByHand)
    }

    fn close_question(&mut self, people: &mut dyn People) {
        if self.question.take().is_some() {
            people.close_abort_question();
        }
    }
}

impl<'a> AttendedWait<'a> {
    /// The waiter together with these people and this screen.
    pub fn new(waiter: &'a mut Waiter, people: &'a mut dyn People, screen: &'a dyn Screen) -> Self {
        Self { waiter, people, screen, note: None }
    }

    /// A process that is waited for is noted here when it has started.
    #[must_use]
    pub(crate) fn noting(self, note: Option<ActionNote>) -> Self {
        Self { note, ..self }
    }

    /// Where a process is noted.
    pub(crate) fn note(&self) -> Option<&ActionNote> {
        self.note.as_ref()
    }

    /// What is shown while it lasts.
    pub fn screen(&self) -> &'a dyn Screen {
        self.screen
    }

    /// Waits until one of these is ready, or it is time.
    pub fn wait(
        &mut self,
        fds: &[(BorrowedFd<'_>, PollFlags)],
        until: Option<Instant>,
    ) -> Result<Wake, Interrupt> {
        self.waiter.wait(fds, until, self.people)
    }

    /// Waits for the answer to a question that is still open, when there is nothing else to wait for.
    pub fn settle(&mut self) -> Result<(), Interrupt> {
        while self.waiter.is_asking() {
            self.wait(&[], None)?;
        }
        Ok(())
    }

    /// Lets time pass; `status` is shown, anew about every second.
    pub fn sleep(&mut self, until: Instant, mut status: impl FnMut() -> String) -> Result<(), Interrupt> {
        while Instant::now() < until {
            if !self.waiter.is_asking() {
                self.screen.status(Some(&status()));
            }
            let next = (Instant::now() + Duration::from_secs(1)).min(until);
            self.wait(&[], Some(next))?;
        }
        self.settle()
    }

    /// Begins something that is not waited for here; what comes back can be read once it is done.
    pub fn begin_on_thread(&mut self, work: impl FnOnce() + Send + 'static) -> std::io::Result<UnixStream> {
        self.waiter.worker.begin(work)
    }

    /// Does something slow on a thread of its own; `what` is shown while it lasts. `None`: not in time, or it broke. The work
    /// then continues by itself, and its result is dropped.
    pub fn on_thread<T: Send + 'static>(
        &mut self,
        what: &str,
        limit: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, Interrupt> {
        let (sender, receiver) = std::sync::mpsc::channel();
        let (begun, until) = (Instant::now(), Instant::now() + limit);
        let Ok(done) = self.begin_on_thread(move || drop(sender.send(work()))) else { return Ok(None) };
        let mut shown = false;
        let waited = loop {
            let next = (Instant::now() + Duration::from_secs(1)).min(until);
            match self.wait(&[(done.as_fd(), PollFlags::IN)], Some(next)) {
                Ok(Wake::Ready(_)) => break Ok(()),
                Ok(Wake::Time) if Instant::now() >= until => break Ok(()),
                Ok(Wake::Time | Wake::Resumed) => {}
                Err(interrupt) => break Err(interrupt),
            }
            shown = true;
            self.screen.status(Some(&format!("{what} {}", clock::countdown(begun.elapsed()))));
        };
        if shown {
            self.screen.status(None);
        }
        waited?;
        self.settle()?;
        Ok(receiver.try_recv().ok())
    }
}

struct Polled {
    stopped: bool,
    answered: bool,
    ready: Vec<bool>,
}
