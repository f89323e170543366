//! Ends a command of this machine and its descendants when rbl itself is killed: a helper shell waits for the end of rbl.
//!
//! *Why:* a killed rbl cannot enforce the command's time limit any more. The helper costs a process, so it is started
//! only for commands that have run for a while.

use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Pid;

use super::ending::END;
use super::table::ProcessRow;

/// Ends the process `$1` and its descendants, which carry the mark `$2` or are named on stdin, when stdin ends.
const LISTENS: &str = "rbl_leader=$1 rbl_session=$1 rbl_mark=$2 rbl_known=\n\
                       while read -r rbl_p; do rbl_known=\"$rbl_known $rbl_p\"; done\nrbl_end";
/// The time until the descendants are looked for the second time; it doubles each time.
const LOOK: Duration = Duration::from_millis(500);
/// The longest time between two looks.
const RARELY: Duration = Duration::from_secs(30);

/// Guards for as long as it is kept.
#[derive(Debug)]
pub(super) struct Guard {
    helper: Child,
    named: BTreeSet<(i32, u64)>,
    pause: Duration,
    next: Instant,
}

impl Guard {
    /// Guards a process. `None` where no process can be started: the command runs unguarded.
    pub(super) fn over(leader: Pid, mark: &str) -> Option<Self> {
        // In a group of its own, so that Ctrl-C at the terminal does not end it before us. Only we hold the other end
        // of its stdin: the system closes it however we end.
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(format!("{END}{LISTENS}")).arg("rbl");
        shell.arg(leader.as_raw_nonzero().to_string()).arg(mark).current_dir("/");
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let helper = shell.spawn().ok()?;
        Some(Self { helper, named: BTreeSet::new(), pause: LOOK, next: Instant::now() })
    }

    /// Whether it is time to look for descendants again.
    pub(super) fn is_curious(&self) -> bool {
        Instant::now() >= self.next
    }

    /// Names the descendants to the helper. Once rbl is gone, it cannot find those that have left everything behind: they
    /// are children of rbl only as long as there is one.
    pub(super) fn name(&mut self, descendants: &[ProcessRow]) {
        self.next = Instant::now() + self.pause;
        self.pause = (2 * self.pause).min(RARELY);
        for row in descendants {
            if self.named.insert((row.pid, row.started))
                && let Some(stdin) = &mut self.helper.stdin
            {
                // A helper that has ended has nothing to know.
                let _ = writeln!(stdin, "{}:{}", row.pid, row.started);
            }
        }
    }
}

impl Drop for Guard {
    /// Kills the helper before its stdin closes, so that it does nothing.
    fn drop(&mut self) {
        let _ = self.helper.kill();
        let _ = self.helper.wait();
    }
}
