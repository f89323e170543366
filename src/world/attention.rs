//! [`Attention`]: waits that a signal can interrupt.
//!
//! Everything that takes time in the world waits here: for a process, a provider, a person, a clock. So Ctrl-C gets an
//! answer at once wherever the run is, while what was started continues.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};

use super::clock;
use super::console::{Console, Keyboard, Tone, Typed};
use super::stop::{self, Signal, Stop};
use super::worker::Worker;
use crate::run::{Interrupt, Parked};

/// A Ctrl-C question without an answer counts as "continue" after this time, so that a run never hangs in it.
const QUESTION_WAITS: Duration = Duration::from_mins(1);

/// Waits for things, and lets people interrupt.
pub struct Attention {
    stop: Stop,
    console: Console,
    keyboard: Option<Keyboard>,
    name: String,
    aborted: bool,
    /// Whether a Ctrl-C is confirmed by a question.
    asks: bool,
    question: Option<Question>,
    worker: Worker,
}

struct Question {
    until: Instant,
    /// Whether typing was hidden when the question came.
    hidden: bool,
}

/// Why a wait ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// These of the things waited for are ready.
    Ready(Vec<bool>),
    /// The deadline passed.
    Time,
    /// A question interrupted the wait: the screen may have to be drawn again.
    Resumed,
}

/// How the wait for a line ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The person typed a line.
    Typed(Typed),
    /// The deadline passed.
    TimedOut,
    /// A question interrupted the wait: ask again.
    Resumed,
}

impl Attention {
    /// Listens to these signals. Asks at the keyboard whether a Ctrl-C is meant; without a keyboard a Ctrl-C ends the
    /// run. `name`: the person at the keyboard.
    pub fn new(stop: Stop, console: Console, keyboard: Option<Keyboard>, name: String) -> Self {
        Self {
            stop,
            console,
            keyboard,
            name,
            aborted: false,
            asks: true,
            question: None,
            worker: Worker::default(),
        }
    }

    /// From now on a Ctrl-C ends the current wait at once.
    pub(crate) fn end_waits(&mut self) {
        self.asks = false;
    }

    /// Resets an earlier abort: another run begins.
    pub fn begin(&mut self) {
        self.aborted = false;
        while self.stop.take().is_some() {}
    }

    pub(crate) fn keyboard(&mut self) -> Option<&mut Keyboard> {
        self.keyboard.as_mut()
    }

    /// Waits until one of these is ready, or the deadline passes.
    pub(crate) fn wait(
        &mut self,
        fds: &[(BorrowedFd<'_>, PollFlags)],
        until: Option<Instant>,
    ) -> Result<Wake, Interrupt> {
        loop {
            while let Some(signal) = self.stop.take() {
                if signal == Signal::Suspend {
                    self.suspend();
                    return Ok(Wake::Resumed);
                }
                self.heard(signal)?;
            }
            let keyboard = self.keyboard.as_ref().map(Keyboard::fd);
            let asking = self.question.as_ref().map(|question| question.until);
            let until_either = [until, asking].into_iter().flatten().min();
            let polled = self.poll(fds, keyboard.as_deref().filter(|_| asking.is_some()), until_either);
            if polled.stopped {
                continue;
            }
            if asking.is_some() {
                if polled.keyboard {
                    self.answer_question()?;
                } else if asking.is_some_and(|until| Instant::now() >= until) {
                    self.close_question(false);
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

    /// Waits for the answer to a question that is still open, when there is nothing else to wait for.
    pub(crate) fn settle(&mut self) -> Result<(), Interrupt> {
        while self.question.is_some() {
            self.wait(&[], None)?;
        }
        Ok(())
    }

    /// Lets time pass; calls `tick` about every second.
    pub(crate) fn sleep(&mut self, until: Instant, mut tick: impl FnMut(&Console)) -> Result<(), Interrupt> {
        while Instant::now() < until {
            if self.question.is_none() {
                tick(&self.console);
            }
            let next = (Instant::now() + Duration::from_secs(1)).min(until);
            self.wait(&[], Some(next))?;
        }
        self.settle()
    }

    /// Starts something on a thread without waiting for it; the stream becomes readable when it is done.
    pub(crate) fn begin_on_thread(
        &mut self,
        work: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<UnixStream> {
        self.worker.begin(work)
    }

    /// Does something slow on a thread; shows `what` meanwhile. `None`: it timed out or panicked. What is not waited
    /// for any more continues by itself, and its result is dropped.
    pub(crate) fn on_thread<T: Send + 'static>(
        &mut self,
        what: &str,
        limit: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, Interrupt> {
        let (sender, receiver) = std::sync::mpsc::channel();
        let (begun, until) = (Instant::now(), Instant::now() + limit);
        let Ok(done) = self.worker.begin(move || drop(sender.send(work()))) else { return Ok(None) };
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
            let status = format!("    {what} {}", clock::countdown(begun.elapsed()));
            self.console.status(Some(&self.console.paint(Tone::Faint, &status)));
        };
        if shown {
            self.console.status(None);
        }
        waited?;
        self.settle()?;
        Ok(receiver.try_recv().ok())
    }

    /// Waits for a line from the keyboard. Calls `tick` about every second with the time left.
    pub(crate) fn line(
        &mut self,
        until: Instant,
        mut tick: impl FnMut(&Console, Duration),
    ) -> Result<Heard, Interrupt> {
        loop {
            let Some(keyboard) = &mut self.keyboard else { return Ok(Heard::Typed(Typed::Gone)) };
            if let Some(typed) = keyboard.already() {
                return Ok(Heard::Typed(typed));
            }
            let fd = keyboard.fd();
            let left = clock::left(until);
            // Wakes at the full second, in step with the countdown.
            let next = Duration::from_nanos(u64::from(left.subsec_nanos())) + Duration::from_millis(1);
            let next = (Instant::now() + next).min(until);
            match self.wait(&[(fd.as_fd(), PollFlags::IN)], Some(next))? {
                Wake::Resumed => return Ok(Heard::Resumed),
                Wake::Ready(_) if self.question.is_none() => {
                    if let Some(typed) = self.keyboard.as_mut().and_then(Keyboard::read) {
                        return Ok(Heard::Typed(typed));
                    }
                }
                Wake::Ready(_) | Wake::Time if self.question.is_some() => {}
                Wake::Ready(_) | Wake::Time => {
                    let left = clock::left(until);
                    if left.is_zero() {
                        return Ok(Heard::TimedOut);
                    }
                    tick(&self.console, left);
                }
            }
        }
    }

    fn poll(
        &self,
        fds: &[(BorrowedFd<'_>, PollFlags)],
        keyboard: Option<&OwnedFd>,
        until: Option<Instant>,
    ) -> Polled {
        let asking = keyboard.map(AsRawFd::as_raw_fd);
        let mut polls: Vec<PollFd<'_>> =
            self.stop.fds().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
        let stops = polls.len();
        polls.extend(keyboard.map(|fd| PollFd::new(fd, PollFlags::IN)));
        let first = polls.len();
        for (fd, flags) in fds {
            // A line typed now answers the question in front of everything else.
            let flags = if asking == Some(fd.as_raw_fd()) { PollFlags::empty() } else { *flags };
            polls.push(PollFd::from_borrowed_fd(*fd, flags));
        }
        // Longer than any single wait needs; the caller waits again.
        let left = until.map_or(Duration::from_hours(1), clock::left).min(Duration::from_hours(1));
        let timeout = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
        let _ = rustix::event::poll(&mut polls, Some(&timeout));
        let set = |poll: &PollFd<'_>| !poll.revents().is_empty();
        Polled {
            stopped: polls.iter().take(stops).any(set),
            keyboard: asking.is_some() && polls.get(stops).is_some_and(set),
            ready: polls.iter().skip(first).map(set).collect(),
        }
    }

    fn heard(&mut self, signal: Signal) -> Result<(), Interrupt> {
        let by = match signal {
            Signal::Interrupt if self.aborted || self.question.is_some() => return Err(self.set_aside()),
            Signal::Interrupt if self.keyboard.is_some() && self.asks => {
                self.open_question();
                return Ok(());
            }
            _ if self.aborted => return Err(self.set_aside()),
            Signal::Interrupt => "SIGINT",
            Signal::Terminate => "SIGTERM",
            Signal::HangUp => "SIGHUP",
            Signal::Suspend => return Ok(()),
        };
        self.close_question(false);
        self.aborted = true;
        Err(Interrupt::Aborted { by: by.into() })
    }

    /// Restores the terminal before another process gets it, and takes it back afterwards.
    fn suspend(&mut self) {
        self.close_question(false);
        let hidden = self.keyboard.as_mut().is_some_and(Keyboard::show);
        self.console.close_prompt(false);
        stop::suspend();
        if hidden && let Some(keyboard) = &mut self.keyboard {
            keyboard.hide();
        }
    }

    fn set_aside(&mut self) -> Interrupt {
        self.close_question(false);
        Interrupt::Parked(Parked::SetAside)
    }

    fn open_question(&mut self) {
        let hidden = self.keyboard.as_mut().is_some_and(Keyboard::show);
        self.question = Some(Question { until: Instant::now() + QUESTION_WAITS, hidden });
        if let Some(keyboard) = &mut self.keyboard {
            keyboard.flush();
        }
        let status = self.console.paint(Tone::Faint, "    not answered yet");
        self.console.prompt_status(&status);
        self.console.close_prompt(false);
        self.console.hold();
        let question = self.console.paint(Tone::Question, "Abort this run?");
        self.console
            .open_prompt(None, &format!("{question} Its finally and undo actions will still run. [y/N] "));
    }

    fn answer_question(&mut self) -> Result<(), Interrupt> {
        let Some(typed) = self.keyboard.as_mut().and_then(Keyboard::read) else { return Ok(()) };
        let yes = matches!(&typed, Typed::Line(line)
            if matches!(line.trim().to_lowercase().as_str(), "y" | "yes"));
        self.close_question(matches!(typed, Typed::Line(_)));
        if yes {
            self.aborted = true;
            return Err(Interrupt::Aborted { by: self.name.clone() });
        }
        Ok(())
    }

    fn close_question(&mut self, entered: bool) {
        let Some(question) = self.question.take() else { return };
        if question.hidden
            && let Some(keyboard) = &mut self.keyboard
        {
            keyboard.hide();
        }
        self.console.close_prompt(entered);
        self.console.release();
    }
}

struct Polled {
    stopped: bool,
    keyboard: bool,
    ready: Vec<bool>,
}
