//! Runs a program on a pseudo-terminal, up to its first prompt.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use wait4::Wait4;

/// A program without a prompt after this time is taken to have none.
const LONGEST: Duration = Duration::from_secs(20);

/// The cost of a program, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown {
    /// From just before its start to the last byte of its prompt.
    pub(crate) prompt: f64,
    /// Processor time, including its end.
    pub(crate) cpu: f64,
}

/// Starts a program, waits for its prompt, and ends it by Ctrl-D.
pub(crate) fn first_prompt(mut command: Command, prompt: &str) -> Shown {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave =
        rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
    let size = Winsize { ws_row: 24, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&slave, size).unwrap();
    let slave = File::from(slave);
    let stream = || Stdio::from(slave.try_clone().unwrap());
    command.stdin(stream()).stdout(stream()).stderr(stream());
    let mut master = File::from(master);

    let what = format!("{command:?}");
    let begun = Instant::now();
    let mut child = command.spawn().unwrap();
    // Once the program has ended, nobody holds its end of the terminal, and the reader gets the end of file.
    drop((command, slave));
    let mut shown = Vec::new();
    while !asks(&shown, prompt) {
        let left = LONGEST.checked_sub(begun.elapsed());
        if left.is_none_or(|left| !take(&mut master, left, &mut shown)) {
            let _ = child.kill();
            panic!("{what} never asked: {}", String::from_utf8_lossy(&shown));
        }
    }
    let asked = begun.elapsed();
    master.write_all(b"\x04").unwrap();
    while take(&mut master, LONGEST, &mut shown) {}
    let ended = child.wait4().unwrap();
    Shown {
        prompt: asked.as_secs_f64() * 1e3,
        cpu: (ended.rusage.utime + ended.rusage.stime).as_secs_f64() * 1e3,
    }
}

/// Takes the next output. Returns `false` if nothing came in time, or if the output has ended.
fn take(terminal: &mut File, within: Duration, shown: &mut Vec<u8>) -> bool {
    let within = Timespec::try_from(within).unwrap();
    if poll(&mut [PollFd::new(terminal, PollFlags::IN)], Some(&within)).is_ok_and(|ready| ready == 0) {
        return false;
    }
    let mut bytes = [0; 4096];
    let count = terminal.read(&mut bytes).unwrap_or(0);
    shown.extend(bytes.iter().take(count));
    count > 0
}

/// Whether the output ends with the prompt, ignoring colours.
fn asks(shown: &[u8], prompt: &str) -> bool {
    let text = String::from_utf8_lossy(shown);
    let (mut plain, mut letters) = (String::new(), text.chars());
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            // An escape sequence ends with its first letter.
            let _ = letters.find(char::is_ascii_alphabetic);
        } else {
            plain.push(letter);
        }
    }
    plain.trim_end().ends_with(prompt.trim_end())
}
