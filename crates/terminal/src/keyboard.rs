//! Lines that a person types, read so that a wait for them can be ended by anything else.

use std::fs::{File, OpenOptions};
use std::io::IsTerminal;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;

use rustix::fs::OFlags;
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, Termios};

/// What came from the keyboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// A line, without its end.
    Line(String),
    /// Ctrl-D on an empty line.
    End,
    /// The terminal is gone: nothing will ever come again.
    Gone,
}

/// The terminal's input, a line at a time: the terminal itself does the editing.
pub struct Keyboard {
    fd: Arc<OwnedFd>,
    pending: Vec<u8>,
    ends: u32,
    /// The modes to go back to, while nothing typed is shown.
    shown: Option<Termios>,
}

/// So many ends of input without a line between them mean that nobody is there.
const ENDS_UNTIL_GONE: u32 = 8;

impl Keyboard {
    /// This process's terminal: `/dev/tty`, else stdin where that is one. `None` where there is none.
    pub fn open() -> Option<Self> {
        // A line can be gone between being announced and being read: Ctrl-C takes it back.
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let flags = i32::try_from(flags.bits()).unwrap_or_default();
        let tty = OpenOptions::new().read(true).write(true).custom_flags(flags).open("/dev/tty").ok();
        let stdin = || {
            let stdin = std::io::stdin();
            stdin.is_terminal().then(|| rustix::io::dup(&stdin).ok().map(File::from)).flatten()
        };
        tty.or_else(stdin).map(|file| Self::of(file.into()))
    }

    /// Any source of lines.
    pub fn of(fd: OwnedFd) -> Self {
        Self { fd: Arc::new(fd), pending: Vec::new(), ends: 0, shown: None }
    }

    /// What becomes readable when a line was typed.
    pub fn fd(&self) -> Arc<OwnedFd> {
        Arc::clone(&self.fd)
    }

    /// Forgets what was typed before the question was there: it was not meant for it.
    pub fn flush(&mut self) {
        self.pending.clear();
        let _ = rustix::termios::tcflush(&*self.fd, QueueSelector::IFlush);
    }

    /// Takes what can be read now. `None`: no whole line yet.
    pub fn read(&mut self) -> Option<Typed> {
        let mut bytes = [0; 4096];
        match rustix::io::read(&*self.fd, &mut bytes) {
            Ok(0) => {
                self.ends += 1;
                // A terminal that was closed reads as one whose person pressed Ctrl-D, but has no modes any more.
                let closed = matches!(rustix::termios::tcgetattr(&*self.fd), Err(rustix::io::Errno::IO));
                if closed || self.ends >= ENDS_UNTIL_GONE {
                    return Some(Typed::Gone);
                }
                if self.pending.is_empty() { Some(Typed::End) } else { Some(self.line()) }
            }
            Ok(length) => {
                self.ends = 0;
                self.pending.extend_from_slice(bytes.get(..length).unwrap_or_default());
                self.pending.contains(&b'\n').then(|| self.line())
            }
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => None,
            Err(_) => Some(Typed::Gone),
        }
    }

    /// A line that came together with the one before it.
    pub fn already(&mut self) -> Option<Typed> {
        self.pending.contains(&b'\n').then(|| self.line())
    }

    fn line(&mut self) -> Typed {
        let length = self.pending.iter().position(|byte| *byte == b'\n');
        let rest = self.pending.split_off(length.map_or(self.pending.len(), |at| at + 1));
        let line = std::mem::replace(&mut self.pending, rest);
        let text = String::from_utf8_lossy(&line);
        Typed::Line(text.trim_end_matches(['\n', '\r']).to_owned())
    }

    /// From now on nothing typed is shown, until [`Self::show`]. Whether that was possible.
    pub fn hide(&mut self) -> bool {
        let Ok(shown) = rustix::termios::tcgetattr(&*self.fd) else { return false };
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        hidden.local_modes.insert(LocalModes::ECHONL);
        let done = rustix::termios::tcsetattr(&*self.fd, OptionalActions::Flush, &hidden).is_ok();
        if done && self.shown.is_none() {
            self.shown = Some(shown);
        }
        done
    }

    /// What is typed is shown again. Whether it was hidden.
    pub fn show(&mut self) -> bool {
        let Some(shown) = self.shown.take() else { return false };
        let _ = rustix::termios::tcsetattr(&*self.fd, OptionalActions::Now, &shown);
        true
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        self.show();
    }
}
