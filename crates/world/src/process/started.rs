//! A process that was just started, in a session of its own; and how it is started without a copy of this process.
//!
//! *Why not only `Command::spawn`:* a session can be made only between fork and exec there, and a fork copies the page tables
//! of this process: the more a run remembers, the more each of its commands costs. `posix_spawn` copies nothing.

use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use process_wrap::std::{CommandWrap, CommandWrapper, ProcessSession};
use rustix::process::{Pid, Signal, WaitOptions};

/// The leader of a new session, and our ends of its pipes. It is not reaped when this is dropped.
#[derive(Debug)]
pub(super) struct ChildProcess {
    pub(super) pid: Pid,
    pub(super) stdin: Option<ChildStdin>,
    pub(super) stdout: Option<ChildStdout>,
    pub(super) stderr: Option<ChildStderr>,
}

impl ChildProcess {
    /// Starts a command as the leader of a new session, which is a new group too. Its output is ours, and its stdin too if
    /// `has_input`; else that is empty.
    pub(super) fn of(command: &mut Command, has_input: bool) -> std::io::Result<Self> {
        // What is not possible without a copy is tried with one: its error counts.
        #[cfg(target_os = "linux")]
        if let Ok(started) = without_copy::start(command, has_input) {
            return Ok(started);
        }
        Self::by_fork(command, has_input)
    }

    fn by_fork(command: &mut Command, has_input: bool) -> std::io::Result<Self> {
        command.stdin(if has_input { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let unused = CommandWrap::with_new("", |_| {});
        ProcessSession.pre_spawn(command, &unused)?;
        let mut child = command.spawn()?;
        let pid = number(&child).ok_or(std::io::ErrorKind::InvalidData)?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        Ok(Self { pid, stdin, stdout, stderr })
    }

    /// Ends it at once and waits for its end: it is not to be.
    pub(super) fn undo(self) {
        let _ = rustix::process::kill_process(self.pid, Signal::KILL);
        let _ = rustix::process::waitpid(Some(self.pid), WaitOptions::empty());
    }
}

/// The exit status of a process that has ended. From now on its number may name another one.
pub(super) fn reap(pid: Pid) -> Option<ExitStatus> {
    use std::os::unix::process::ExitStatusExt;
    let (_, status) = rustix::process::waitpid(Some(pid), WaitOptions::NOHANG).ok().flatten()?;
    Some(ExitStatus::from_raw(status.as_raw()))
}

fn number(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

#[cfg(target_os = "linux")]
mod without_copy {
    use std::collections::BTreeMap;
    use std::ffi::{CString, OsStr, OsString};
    use std::fs::File;
    use std::os::fd::{AsRawFd, OwnedFd};
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    use std::path::Path;
    use std::process::{ChildStderr, ChildStdin, ChildStdout, Command};

    use nix::sched::{CloneFlags, unshare};
    use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawnp};
    use nix::sys::signal::{SigSet, Signal};
    use rustix::process::Pid;

    use super::ChildProcess;

    /// `POSIX_SPAWN_SETSID` of glibc (2.26) and musl, which nix has no name for.
    const SESSION: i32 = 0x80;

    /// What [`Command`] keeps of a text with a zero byte, which it refuses to start only later.
    const WITH_ZERO: &str = "<string-with-nul>";

    pub(super) fn start(command: &Command, has_input: bool) -> std::io::Result<ChildProcess> {
        let folder = command.get_current_dir().map(Path::as_os_str);
        if std::iter::once(command.get_program())
            .chain(command.get_args())
            .chain(folder)
            .any(|it| it == WITH_ZERO)
        {
            return Err(std::io::ErrorKind::InvalidInput.into());
        }
        // The program would be looked for in the other path.
        if command.get_envs().any(|(name, _)| name == "PATH") {
            return Err(std::io::ErrorKind::Unsupported.into());
        }
        let arguments = std::iter::once(command.get_program()).chain(command.get_args()).map(as_is);
        let arguments: Vec<CString> = arguments.collect::<Result<_, _>>()?;
        let program = arguments.first().ok_or(std::io::ErrorKind::InvalidInput)?;
        let environment = environment(command)?;
        let (input, stdin) = if has_input {
            let (theirs, ours) = std::io::pipe()?;
            (OwnedFd::from(theirs), Some(ChildStdin::from(OwnedFd::from(ours))))
        } else {
            (OwnedFd::from(File::open("/dev/null")?), None)
        };
        let (out, their_out) = std::io::pipe()?;
        let (err, their_err) = std::io::pipe()?;
        let spawn = || -> std::io::Result<_> {
            let mut actions = PosixSpawnFileActions::init()?;
            for (fd, theirs) in
                [input.as_raw_fd(), their_out.as_raw_fd(), their_err.as_raw_fd()].into_iter().zip(0..)
            {
                actions.add_dup2(fd, theirs)?;
            }
            Ok(posix_spawnp(program, &actions, &attributes()?, &arguments, &environment)?)
        };
        let pid = match command.get_current_dir().filter(|folder| !is_current(folder)) {
            None => spawn()?,
            Some(folder) => {
                // A thread with a current folder of its own: what it starts begins there.
                let elsewhere = || -> std::io::Result<_> {
                    unshare(CloneFlags::CLONE_FS)?;
                    rustix::process::chdir(folder)?;
                    spawn()
                };
                let thread = std::thread::Builder::new();
                std::thread::scope(|scope| {
                    let started = thread.spawn_scoped(scope, elsewhere)?;
                    started.join().map_err(|_| std::io::Error::from(std::io::ErrorKind::Other))?
                })?
            }
        };
        let pid = Pid::from_raw(pid.as_raw()).ok_or(std::io::ErrorKind::InvalidData)?;
        let (out, err) = (OwnedFd::from(out), OwnedFd::from(err));
        Ok(ChildProcess {
            pid,
            stdin,
            stdout: Some(ChildStdout::from(out)),
            stderr: Some(ChildStderr::from(err)),
        })
    }

    /// A session of its own, and the signals as a new program expects them.
    fn attributes() -> std::io::Result<PosixSpawnAttr> {
        let signals = PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF | PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK;
        let mut attributes = PosixSpawnAttr::init()?;
        let mut defaults = SigSet::empty();
        defaults.add(Signal::SIGPIPE);
        attributes.set_sigdefault(&defaults)?;
        attributes.set_sigmask(&SigSet::empty())?;
        attributes.set_flags(signals | PosixSpawnFlags::from_bits_retain(SESSION))?;
        // A system that knows no sessions here sets none of the flags, and nix does not notice.
        if attributes.flags()?.contains(signals) {
            Ok(attributes)
        } else {
            Err(std::io::ErrorKind::Unsupported.into())
        }
    }

    /// Our environment, with what the command changes in it.
    fn environment(command: &Command) -> std::io::Result<Vec<CString>> {
        let mut all: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => drop(all.insert(name.to_owned(), value.to_owned())),
                None => drop(all.remove(name)),
            }
        }
        let entry = |(name, value): (OsString, OsString)| {
            let mut bytes = name.into_vec();
            bytes.push(b'=');
            bytes.extend_from_slice(value.as_bytes());
            Ok(CString::new(bytes)?)
        };
        all.into_iter().map(entry).collect()
    }

    /// Whether this is the current folder; a link to it is another path, and still the same folder.
    fn is_current(folder: &Path) -> bool {
        let same = |one: rustix::fs::Stat, other: rustix::fs::Stat| {
            (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
        };
        matches!((rustix::fs::stat(folder), rustix::fs::stat(".")), (Ok(one), Ok(other)) if same(one, other))
    }

    fn as_is(text: &OsStr) -> std::io::Result<CString> {
        Ok(CString::new(text.as_bytes())?)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    fn printed(mut command: Command, input: Option<&str>) -> (String, Option<i32>) {
        let mut started = ChildProcess::of(&mut command, input.is_some()).unwrap();
        if let (Some(mut stdin), Some(input)) = (started.stdin.take(), input) {
            stdin.write_all(input.as_bytes()).unwrap();
        }
        let mut text = String::new();
        started.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        started.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        let status = rustix::process::waitpid(Some(started.pid), WaitOptions::empty()).unwrap();
        (text, status.and_then(|(_, status)| status.exit_status()))
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(script);
        command
    }

    #[test]
    fn it_leads_a_session_of_its_own() {
        let (text, status) = printed(shell("cat; echo $$ $(ps -o pgid=,sid= -p $$); exit 7"), None);
        let numbers: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(numbers.len(), 3, "{text}");
        assert!(numbers.iter().all(|number| *number == numbers[0]), "{text}");
        assert_eq!(status, Some(7));
    }

    #[test]
    fn input_output_and_errors_arrive() {
        let (text, _) = printed(shell("cat; echo seen >&2"), Some("given\n"));
        assert_eq!(text, "given\nseen\n");
    }

    #[test]
    fn it_has_our_environment_and_what_was_changed_in_it() {
        let mut command = shell("echo \"$ADDED|${CARGO_MANIFEST_DIR-gone}|${PATH:+path}\"");
        command.env("ADDED", "a b").env_remove("CARGO_MANIFEST_DIR");
        assert_eq!(printed(command, None).0, "a b|gone|path\n");
    }

    #[test]
    fn it_begins_in_its_folder_and_we_stay_in_ours() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        let before = std::env::current_dir().unwrap();
        let mut command = shell("pwd -P");
        command.current_dir(folder.path());
        assert_eq!(printed(command, None).0.trim_end(), real.to_str().unwrap());
        assert_eq!(std::env::current_dir().unwrap(), before);
        let mut here = shell("pwd -P");
        here.current_dir(&before);
        assert_eq!(printed(here, None).0.trim_end(), before.canonicalize().unwrap().to_str().unwrap());
    }

    #[test]
    fn signals_are_as_a_program_expects_them() {
        // Rust ignores SIGPIPE; a program that is given nothing else ends by it.
        let ignored = "grep SigIgn /proc/self/status; grep SigBlk /proc/self/status";
        let (text, _) = printed(shell(ignored), None);
        let mut masks =
            text.lines().filter_map(|line| u64::from_str_radix(line.split_whitespace().nth(1)?, 16).ok());
        assert!(masks.clone().all(|mask| mask & (1 << 12) == 0), "{text}");
        assert_eq!(masks.next_back(), Some(0), "{text}");
    }

    #[test]
    fn what_cannot_be_started_says_why() {
        let kind = |mut command: Command| ChildProcess::of(&mut command, false).unwrap_err().kind();
        assert_eq!(kind(Command::new("/there/is/no/such/program")), std::io::ErrorKind::NotFound);
        assert_eq!(kind(Command::new("/etc/passwd")), std::io::ErrorKind::PermissionDenied);
        assert_eq!(kind(shell("a\0b")), std::io::ErrorKind::InvalidInput);
        let mut nowhere = shell("true");
        nowhere.current_dir("/there/is/no/such/folder");
        assert_eq!(kind(nowhere), std::io::ErrorKind::NotFound);
    }

    /// As a shell starts it.
    #[test]
    fn a_script_without_a_first_line_is_a_script_of_sh() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("script");
        std::fs::write(&script, "echo \"$1\"\n").unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = Command::new(&script);
        command.arg("ran");
        assert_eq!(printed(command, None).0, "ran\n");
    }

    #[test]
    fn a_copy_does_the_same() {
        let mut command = shell("cat; echo $$ $(ps -o sid= -p $$)");
        let mut started = ChildProcess::by_fork(&mut command, false).unwrap();
        let mut text = String::new();
        started.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        let numbers: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(numbers.first(), numbers.last(), "{text}");
        rustix::process::waitpid(Some(started.pid), WaitOptions::empty()).unwrap();
    }
}
