//! The processes of this machine, as `/proc` lists them.

use std::path::Path;

use memchr::memmem;

/// One process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProcessRow {
    pub(crate) pid: i32,
    pub(crate) parent: i32,
    pub(crate) session: i32,
    /// When it was started, in ticks since the machine was: with its number it names one process for ever.
    pub(crate) started: u64,
    /// The first 15 bytes of its program's name.
    pub(super) name: String,
    /// It has ended, and its parent has not taken notice yet.
    pub(crate) ended: bool,
}

/// All processes; none where the system has no `/proc`.
pub(crate) fn processes() -> Vec<ProcessRow> {
    numbers().into_iter().filter_map(process).collect()
}

/// The numbers of all processes; none where the system has no `/proc`.
fn numbers() -> Vec<i32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

/// One process by its number, if there is one.
pub(super) fn process(pid: i32) -> Option<ProcessRow> {
    row(pid, &String::from_utf8_lossy(&std::fs::read(format!("/proc/{pid}/stat")).ok()?))
}

/// The session of this process; 0 where it was begun outside of the container that this process is in.
///
/// *Why not `getsid`:* rustix holds 0 for impossible there, which is what a container without `init` has.
pub(super) fn own_session() -> Option<i32> {
    process(rustix::process::getpid().as_raw_nonzero().get()).map(|row| row.session)
}

/// The children of this process. All processes are looked at only where the system does not list them.
pub(super) fn children() -> Vec<ProcessRow> {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return Vec::new() };
    let mut children = Vec::new();
    for thread in threads.flatten() {
        match std::fs::read_to_string(thread.path().join("children")) {
            Ok(list) => {
                children.extend(list.split_ascii_whitespace().filter_map(|pid| pid.parse::<i32>().ok()));
            }
            // The thread has ended since.
            Err(_) if !thread.path().exists() => {}
            Err(_) => return processes(),
        }
    }
    children.into_iter().filter_map(process).collect()
}

/// Whether a process was started with this text in its environment. `false` where it may not be read.
pub(super) fn was_given(pid: i32, text: &str) -> bool {
    memmem::find(&environment(pid), text.as_bytes()).is_some()
}

/// Whether a process was started with exactly this `NAME=VALUE` in its environment. `false` where it may not be read.
pub(crate) fn has_variable(pid: i32, variable: &str) -> bool {
    environment(pid).split(|byte| *byte == 0).any(|entry| entry == variable.as_bytes())
}

/// The environment that a process was started with; empty where it may not be read or has ended.
fn environment(pid: i32) -> Vec<u8> {
    std::fs::read(Path::new("/proc").join(pid.to_string()).join("environ")).unwrap_or_default()
}

/// Reads a line of `/proc/PID/stat`. The name may hold blanks and brackets, so what follows is counted from the last bracket.
fn row(pid: i32, stat: &str) -> Option<ProcessRow> {
    let (head, tail) = stat.rsplit_once(')')?;
    let name = head.split_once('(')?.1.to_owned();
    let fields: Vec<&str> = tail.split_ascii_whitespace().collect();
    let field = |index: usize| fields.get(index).copied();
    Some(ProcessRow {
        pid,
        parent: field(1)?.parse().ok()?,
        session: field(3)?.parse().ok()?,
        started: field(19)?.parse().ok()?,
        name,
        ended: matches!(field(0)?, "Z" | "X" | "x"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let stat = "71 (a) S 1 (b c) R 7 70 69 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 90210 1 1\n";
        let read = row(71, stat).unwrap();
        assert_eq!((read.parent, read.session, read.started), (7, 69, 90210));
        assert_eq!((read.name.as_str(), read.ended), ("a) S 1 (b c", false));
        assert!(row(71, "71 (a) Z 7 70 69 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 90210").unwrap().ended);
        assert_eq!(row(71, "71 (a"), None);
    }

    #[test]
    fn this_process_is_listed() {
        let own = i32::try_from(std::process::id()).unwrap();
        if !Path::new("/proc/self/stat").exists() {
            assert_eq!(processes(), []);
            return;
        }
        let found = processes().into_iter().find(|row| row.pid == own).unwrap();
        assert_eq!(Some(&found), process(own).as_ref());
        // In a container whose session was begun outside of it, the session has the number 0.
        assert!(!found.ended && found.session >= 0);
    }
}
