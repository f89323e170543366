//! Signals and requests that cancel a run, as something that can be waited for together with everything else.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::{SIGTSTP, SIGXFSZ};

/// A signal to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopSignal {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal was closed.
    HangUp,
    /// Ctrl-Z: pauses the process, and leaves the screen to another one.
    Suspend,
}

/// What cancels one run: the signals of the process where it listens to them, and those that a [`CancelSender`] sends. Each
/// arrives as a byte on a pipe, so that a wait ends at once.
pub struct Cancel {
    pipes: [(StopSignal, UnixStream); 4],
    sender: CancelSender,
}

/// Sends to a [`Cancel`]. Clones send to the same.
#[derive(Clone)]
pub struct CancelSender(Arc<[UnixStream; 4]>);

impl Cancel {
    /// Hears the signals of this process from now on: SIGINT, SIGTERM, SIGHUP and SIGTSTP no longer end it. The handlers are
    /// installed once per process, however many runs listen. A signal that the process was started with as ignored (`nohup`, a
    /// shell's background job) stays ignored.
    pub fn on_signals() -> io::Result<Self> {
        let cancel = Self::no_signals()?;
        process::subscribe(cancel.sender())?;
        Ok(cancel)
    }

    /// Hears no signal: only a [`CancelSender`] cancels.
    pub fn no_signals() -> io::Result<Self> {
        let (int, int_sender) = pair()?;
        let (term, term_sender) = pair()?;
        let (hup, hup_sender) = pair()?;
        let (suspend, suspend_sender) = pair()?;
        Ok(Self {
            pipes: [
                (StopSignal::Suspend, suspend),
                (StopSignal::Interrupt, int),
                (StopSignal::Terminate, term),
                (StopSignal::HangUp, hup),
            ],
            sender: CancelSender(Arc::new([int_sender, term_sender, hup_sender, suspend_sender])),
        })
    }

    /// A sender for it.
    pub fn sender(&self) -> CancelSender {
        self.sender.clone()
    }

    /// The file descriptors that become readable when a signal has come.
    pub(super) fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.pipes.iter().map(|(_, pipe)| pipe.as_fd())
    }

    /// Waits until a signal comes that ends the process: SIGTERM, or SIGHUP of a terminal that was closed.
    pub fn wait_for_end(&mut self) {
        loop {
            while let Some(signal) = self.take() {
                match signal {
                    StopSignal::Terminate | StopSignal::HangUp => return,
                    StopSignal::Interrupt | StopSignal::Suspend => {}
                }
            }
            let mut polls: Vec<PollFd<'_>> =
                self.fds().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
            let _ = poll(&mut polls, None);
        }
    }

    /// The next signal that was not taken yet; those that end the run come before Ctrl-C.
    pub fn take(&mut self) -> Option<StopSignal> {
        for (signal, pipe) in self.pipes.iter_mut().rev() {
            if matches!(pipe.read(&mut [0]), Ok(1)) {
                return Some(*signal);
            }
        }
        None
    }
}

impl CancelSender {
    /// Simulates a signal.
    ///
    /// Errors: nobody listens any more.
    pub fn send(&self, signal: StopSignal) -> io::Result<()> {
        let [int, term, hup, suspend] = &*self.0;
        let mut pipe = match signal {
            StopSignal::Interrupt => int,
            StopSignal::Terminate => term,
            StopSignal::HangUp => hup,
            StopSignal::Suspend => suspend,
        };
        pipe.write_all(b"x")
    }
}

/// The signals of the process: heard by one thread, and handed to every [`Cancel`] that listens.
mod process {
    use std::io::{self, Read};
    use std::os::unix::net::UnixStream;
    use std::sync::{Mutex, PoisonError};

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP};

    use super::{CancelSender, StopSignal, is_ignored};

    /// Who listens; `None` until the handlers are installed.
    static LISTENERS: Mutex<Option<Vec<CancelSender>>> = Mutex::new(None);

    /// Hands every signal to this listener as well, for as long as its [`super::Cancel`] is kept.
    pub(super) fn subscribe(listener: CancelSender) -> io::Result<()> {
        let mut listeners = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
        if listeners.is_none() {
            install()?;
        }
        listeners.get_or_insert_default().push(listener);
        Ok(())
    }

    fn install() -> io::Result<()> {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let signals = [
            (SIGINT, StopSignal::Interrupt),
            (SIGTERM, StopSignal::Terminate),
            (SIGHUP, StopSignal::HangUp),
            (SIGTSTP, StopSignal::Suspend),
        ];
        let mut receivers = Vec::new();
        for (number, signal) in signals {
            if is_ignored(number, &status) {
                continue;
            }
            let (receiver, sender) = UnixStream::pair()?;
            sender.set_nonblocking(true)?;
            signal_hook::low_level::pipe::register(number, sender)?;
            receivers.push((receiver, signal));
        }
        std::thread::Builder::new().name("signals".into()).spawn(move || hear(&receivers))?;
        Ok(())
    }

    /// Waits for every signal. One pipe for each, and a byte for each time: of two signals that come together none is lost.
    fn hear(receivers: &[(UnixStream, StopSignal)]) {
        loop {
            let mut heard: Vec<PollFd<'_>> =
                receivers.iter().map(|(receiver, _)| PollFd::new(receiver, PollFlags::IN)).collect();
            if poll(&mut heard, None).is_err_and(|error| error != Errno::INTR) {
                return;
            }
            for (fd, (receiver, signal)) in heard.iter().zip(receivers) {
                let mut receiver = receiver;
                if !fd.revents().is_empty() && matches!(receiver.read(&mut [0]), Ok(1)) {
                    hand_on(*signal);
                }
            }
        }
    }

    fn hand_on(signal: StopSignal) {
        let mut listeners = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(listeners) = listeners.as_mut() else { return };
        match signal {
            // The process is suspended once, whoever of its runs does it.
            StopSignal::Suspend => {
                let _ = listeners.iter().any(|listener| listener.send(signal).is_ok());
            }
            StopSignal::Interrupt | StopSignal::Terminate | StopSignal::HangUp => {
                listeners.retain(|listener| listener.send(signal).is_ok());
            }
        }
    }
}

/// From now on a write beyond the limit on the length of files (`ulimit -f`) fails, and no longer ends this process. A handler
/// that does nothing, in place of ignoring the signal: what is ignored would be ignored by every command of a run as well.
pub fn survive_file_limit() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if is_ignored(SIGXFSZ, &status) {
        return;
    }
    // Where that is impossible, everything stays as it is.
    drop(signal_hook::flag::register(SIGXFSZ, Arc::default()));
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
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    #[test]
    fn what_was_ignored_from_the_start_is_known() {
        // As under `nohup`: SIGHUP, and SIGPIPE, which Rust ignores itself.
        let status = "Name:\trbl\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000004002\n";
        assert_eq!([SIGINT, SIGTERM, SIGHUP].map(|signal| is_ignored(signal, status)), [false, false, true]);
        assert!(!is_ignored(SIGHUP, ""));
    }

    #[test]
    fn signals_are_taken_one_by_one() {
        let mut cancel = Cancel::no_signals().unwrap();
        let sender = cancel.sender();
        assert_eq!(cancel.take(), None);
        sender.send(StopSignal::Interrupt).unwrap();
        sender.send(StopSignal::Interrupt).unwrap();
        sender.send(StopSignal::Terminate).unwrap();
        let taken: Vec<_> = std::iter::from_fn(|| cancel.take()).collect();
        assert_eq!(taken, [StopSignal::Terminate, StopSignal::Interrupt, StopSignal::Interrupt]);
    }
}
