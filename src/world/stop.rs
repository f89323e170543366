//! Signals that ask a run to stop, as something that can be waited for together with everything else.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// What asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal is gone.
    HangUp,
}

/// The stop signals of this process, or those that a test sends. Each arrives as a byte on a pipe, so that a wait
/// ends at once.
pub struct Stop {
    pipes: [(Signal, UnixStream); 3],
    senders: [UnixStream; 3],
}

/// Sends signals to a [`Stop`] without a real signal.
pub struct StopSender([UnixStream; 3]);

impl Stop {
    /// Listens to SIGINT, SIGTERM and SIGHUP from now on, in place of ending the process.
    pub fn listen() -> io::Result<Self> {
        let stop = Self::unheard()?;
        for (sender, signal) in stop.senders.iter().zip([SIGINT, SIGTERM, SIGHUP]) {
            signal_hook::low_level::pipe::register(signal, sender.try_clone()?)?;
        }
        Ok(stop)
    }

    /// Listens to no signal: only a [`StopSender`] stops it.
    pub fn unheard() -> io::Result<Self> {
        let (int, int_sender) = pair()?;
        let (term, term_sender) = pair()?;
        let (hup, hup_sender) = pair()?;
        Ok(Self {
            pipes: [(Signal::Interrupt, int), (Signal::Terminate, term), (Signal::HangUp, hup)],
            senders: [int_sender, term_sender, hup_sender],
        })
    }

    /// Something that sends to it.
    pub fn sender(&self) -> io::Result<StopSender> {
        let [int, term, hup] = &self.senders;
        Ok(StopSender([int.try_clone()?, term.try_clone()?, hup.try_clone()?]))
    }

    /// What becomes readable when a signal has come.
    pub(super) fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.pipes.iter().map(|(_, pipe)| pipe.as_fd())
    }

    /// The next signal that has come and was not taken yet; those that end the run come before Ctrl-C.
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
    /// As if the signal had come.
    pub fn send(&mut self, signal: Signal) -> io::Result<()> {
        let [int, term, hup] = &mut self.0;
        match signal {
            Signal::Interrupt => int,
            Signal::Terminate => term,
            Signal::HangUp => hup,
        }
        .write_all(b"x")
    }
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
