//! Signals that ask a run to stop, as file descriptors that can be polled with everything else.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP};

/// A signal to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal was closed.
    HangUp,
    /// Ctrl-Z: pauses the process, and leaves the screen to another one.
    Suspend,
}

/// The stop signals of this process, or those that a test sends. Each arrives as a byte on a pipe, so that it ends a
/// wait at once.
pub struct Stop {
    pipes: [(Signal, UnixStream); 4],
    senders: [UnixStream; 4],
}

/// Sends signals to a [`Stop`] without a real signal.
pub struct StopSender([UnixStream; 4]);

impl Stop {
    /// Handles SIGINT, SIGTERM, SIGHUP and SIGTSTP from now on, so that they do not end the process. A signal that the
    /// parent process set to be ignored (`nohup`, a shell's background job) stays ignored.
    pub fn listen() -> io::Result<Self> {
        let stop = Self::unheard()?;
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        for (sender, signal) in stop.senders.iter().zip([SIGINT, SIGTERM, SIGHUP, SIGTSTP]) {
            if is_ignored(signal, &status) {
                continue;
            }
            signal_hook::low_level::pipe::register(signal, sender.try_clone()?)?;
        }
        Ok(stop)
    }

    /// Handles no signal: only a [`StopSender`] stops it.
    pub fn unheard() -> io::Result<Self> {
        let (int, int_sender) = pair()?;
        let (term, term_sender) = pair()?;
        let (hup, hup_sender) = pair()?;
        let (suspend, suspend_sender) = pair()?;
        Ok(Self {
            pipes: [
                (Signal::Suspend, suspend),
                (Signal::Interrupt, int),
                (Signal::Terminate, term),
                (Signal::HangUp, hup),
            ],
            senders: [int_sender, term_sender, hup_sender, suspend_sender],
        })
    }

    /// A sender for it.
    pub fn sender(&self) -> io::Result<StopSender> {
        let [int, term, hup, suspend] = &self.senders;
        let senders = [int.try_clone()?, term.try_clone()?, hup.try_clone()?, suspend.try_clone()?];
        Ok(StopSender(senders))
    }

    /// The file descriptors that become readable when a signal has come.
    pub(super) fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.pipes.iter().map(|(_, pipe)| pipe.as_fd())
    }

    /// The next signal that was not taken yet; those that end the run come before Ctrl-C.
    pub fn take(&mut self) -> Option<Signal> {
        for (signal, pipe) in self.pipes.iter_mut().rev() {
            if matches!(pipe.read(&mut [0]), Ok(1)) {
                return Some(*signal);
            }
        }
        None
    }
}

impl StopSender {
    /// Simulates a signal.
    pub fn send(&mut self, signal: Signal) -> io::Result<()> {
        let [int, term, hup, suspend] = &mut self.0;
        match signal {
            Signal::Interrupt => int,
            Signal::Terminate => term,
            Signal::HangUp => hup,
            Signal::Suspend => suspend,
        }
        .write_all(b"x")
    }
}

/// Stops this process until it is continued, and leaves the terminal to its parent.
pub(super) fn suspend() {
    let _ = signal_hook::low_level::emulate_default_handler(SIGTSTP);
}

/// Whether a process with this `/proc` status ignores a signal.
fn is_ignored(signal: i32, status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}

fn pair() -> io::Result<(UnixStream, UnixStream)> {
    let (receiver, sender) = UnixStream::pair()?;
    receiver.set_nonblocking(true)?;
    sender.set_nonblocking(true)?;
    Ok((receiver, sender))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_ignored_from_the_start_is_known() {
        // As under `nohup`: SIGHUP, and SIGPIPE, which Rust ignores itself.
        let status = "Name:\trbl\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000004002\n";
        assert_eq!([SIGINT, SIGTERM, SIGHUP].map(|signal| is_ignored(signal, status)), [false, false, true]);
        assert!(!is_ignored(SIGHUP, ""));
    }

    #[test]
    fn signals_are_taken_one_by_one() {
        let mut stop = Stop::unheard().unwrap();
        let mut sender = stop.sender().unwrap();
        assert_eq!(stop.take(), None);
        sender.send(Signal::Interrupt).unwrap();
        sender.send(Signal::Interrupt).unwrap();
        sender.send(Signal::Terminate).unwrap();
        let taken: Vec<_> = std::iter::from_fn(|| stop.take()).collect();
        assert_eq!(taken, [Signal::Terminate, Signal::Interrupt, Signal::Interrupt]);
    }
}
