//! Reads lines that a person types, without blocking, so that anything else can end the wait.

use std::fs::{File, OpenOptions};
use std::io::IsTerminal;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;

use rustix::fs::OFlags;
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, Termios};

/// Input from the keyboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// A line, without its end.
    Line(String),
    /// Ctrl-D on an empty line.
    End,
    /// The terminal was closed: no more input will come.
    Gone,
}

/// The terminal's input, line by line; the terminal itself does the editing.
pub struct Keyboard {
    fd: Arc<OwnedFd>,
    pending: Vec<u8>,
    ends: u32,
    /// The modes to restore, while typing is hidden.
    shown: Option<Termios>,
}

/// This many ends of input without a line between them mean that nobody is there.
const ENDS_UNTIL_GONE: u32 = 8;

impl Keyboard {
    /// Opens this process's terminal: `/dev/tty`, else stdin if it is a terminal. `None` where there is none.
    pub fn open() -> Option<Self> {
        // A line can vanish between being announced and being read: Ctrl-C discards it.
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let flags = i32::try_from(flags.bits()).unwrap_or_default();
        let tty = OpenOptions::new().read(true).write(true).custom_flags(flags).open("/dev/tty").ok();
        let stdin = || {
            let stdin = std::io::stdin();
            stdin.is_terminal().then(|| rustix::io::dup(&stdin).ok().map(File::from)).flatten()
        };
        tty.or_else(stdin).map(|file| Self::of(file.into()))
    }

    /// Reads lines from any file descriptor.
    pub fn of(fd: OwnedFd) -> Self {
        Self { fd: Arc::new(fd), pending: Vec::new(), ends: 0, shown: None }
    }

    /// The file descriptor that becomes readable when a line was typed.
    pub fn fd(&self) -> Arc<OwnedFd> {
        Arc::clone(&self.fd)
    }

    /// Discards what was typed before the question appeared: it was not meant as its answer.
    pub fn flush(&mut self) {
        self.pending.clear();
        let _ = rustix::termios::tcflush(&*self.fd, QueueSelector::IFlush);
    }

    /// Reads what is available. `None`: no whole line yet.
    pub fn read(&mut self) -> Option<Typed> {
        let mut bytes = [0; 4096];
        match rustix::io::read(&*self.fd, &mut bytes) {
            Ok(0) => {
                self.ends += 1;
                // A closed terminal reads like one whose person pressed Ctrl-D, but has no modes any more.
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

    /// Returns a line that arrived together with the one before it.
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

    /// Hides typing until [`Self::show`]; returns whether that was possible.
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

    /// Shows typing again; returns whether it was hidden.
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
