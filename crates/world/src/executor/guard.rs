//! What ends a command of this machine when rbl itself is killed: a shell of its own that listens for the end of rbl.
//!
//! *Why:* nothing runs in rbl any more then, and the command's time-out with it. It costs a process, so it is only there
//! for commands that have run for a while already.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use rustix::process::Pid;

/// Ends the group named by `$1` when its stdin ends: asks it to, and ends it for good if it does not.
const LISTENS: &str = "read -r _; kill -TERM \"-$1\" && sleep 2 && kill -KILL \"-$1\"";

/// Listens for as long as it is kept.
#[derive(Debug)]
pub(super) struct Guard(Child);

impl Guard {
    /// Guards a group. Nothing where no other process can be had: the command runs all the same.
    pub(super) fn over(group: Pid) -> Option<Self> {
        // In a group of its own, so that Ctrl-C at the terminal does not end it before us. Its stdin is a pipe that nobody
        // but us holds: the system closes it however we end.
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", LISTENS, "rbl"]).arg(group.as_raw_nonzero().to_string()).current_dir("/");
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        shell.spawn().ok().map(Self)
    }
}

impl Drop for Guard {
    /// It is ended before its stdin is: it does nothing.
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
