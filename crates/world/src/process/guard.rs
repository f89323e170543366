//! Ends a command of this machine when rbl itself is killed: a helper shell waits for the end of rbl.
//!
//! *Why:* a killed rbl cannot enforce the command's time limit any more. The helper costs a process, so it is started
//! only for commands that have run for a while.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use rustix::process::Pid;

/// Ends the group named by `$1` when stdin ends: first with SIGTERM, then with SIGKILL.
const LISTENS: &str = "read -r _; kill -TERM \"-$1\" && sleep 2 && kill -KILL \"-$1\"";

/// Guards for as long as it is kept.
#[derive(Debug)]
pub(super) struct Guard(Child);

impl Guard {
    /// Guards a group. `None` where no process can be started: the command runs unguarded.
    pub(super) fn over(group: Pid) -> Option<Self> {
        // In a group of its own, so that Ctrl-C at the terminal does not end it before us. Only we hold the other end
        // of its stdin: the system closes it however we end.
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", LISTENS, "rbl"]).arg(group.as_raw_nonzero().to_string()).current_dir("/");
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        shell.spawn().ok().map(Self)
    }
}

impl Drop for Guard {
    /// Kills the helper before its stdin closes, so that it does nothing.
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
