//! A secret that a command prints (`secret NAME from command "…"`): a vault, a password manager, a cloud.
//!
//! *Invariant:* what the command prints is in no message, whether it works or not. A value is kept in memory for
//! [`KEPT`], so that a page of actions does not ask the manager ten times; a failure is not kept.

use std::collections::HashMap;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rbl_runtime::Secrets;
use rbl_syntax::io_error::starting;
use rbl_syntax::one_line;
use rbl_syntax::value::{Quantity, Reason, ReasonKind, SecretCommand};
use secrecy::SecretString;
use zeroize::{Zeroize, Zeroizing};

use crate::process::{
    GRACE, Limited, NotEnded, Process, ProcessEnd, ProcessInput, ProcessResult, StreamCapture, Unattended,
};

/// How long it may take.
const LONGEST: Duration = Duration::from_secs(30);
/// The most that it may print, in bytes: as much as a secret's file may hold.
const LARGEST: usize = 1 << 20;
/// How long a value is used before the command is run again.
const KEPT: Duration = Duration::from_mins(1);

type ReadSecrets = HashMap<SecretCommand, (Instant, SecretString)>;

/// What was printed a moment ago.
static KNOWN: LazyLock<Mutex<ReadSecrets>> = LazyLock::new(Mutex::default);

/// The value, or why there is none. It is hidden from now on.
pub(crate) fn read(command: &SecretCommand, secrets: &Secrets) -> Result<SecretString, Reason> {
    if let Some(value) = known(command) {
        return Ok(value);
    }
    let value: SecretString = run(command, LONGEST, secrets)?.as_str().into();
    let mut all = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    all.insert(command.clone(), (Instant::now(), value.clone()));
    Ok(value)
}

/// The value that was printed a moment ago. Older ones are forgotten, and overwritten in memory.
fn known(command: &SecretCommand) -> Option<SecretString> {
    let mut all = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    all.retain(|_, (at, _)| at.elapsed() < KEPT);
    all.get(command).map(|(_, value)| value.clone())
}

fn run(command: &SecretCommand, longest: Duration, secrets: &Secrets) -> Result<Zeroizing<String>, Reason> {
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command.command.as_str());
    if let Some(folder) = command.folder.as_deref() {
        if !Path::new(folder).is_dir() {
            let text = format!("the folder of the runbook is gone: {}", one_line(folder));
            return Err(Reason::new(ReasonKind::Unreadable, text));
        }
        shell.current_dir(folder).env("PWD", folder);
    }
    let process = Process {
        command: shell,
        input: ProcessInput::None,
        until: Instant::now() + longest,
        ends_its_group: true,
        grace: GRACE,
        out: Limited::new(LARGEST),
        err: StreamCapture::default(),
    };
    let what = format!("`{}`", one_line(&command.command));
    let (end, out, err) = match process.run(&mut Unattended::new(None)) {
        Ok(ProcessResult { end, out, err, .. }) => (end, out, err),
        Err(NotEnded::NotStarted(error)) => {
            let text = format!("{what} was not started: {}", starting(&error));
            return Err(Reason::new(ReasonKind::Unreadable, text));
        }
        Err(NotEnded::Halted { .. }) => {
            return Err(Reason::new(ReasonKind::TimedOut, format!("{what} was stopped")));
        }
    };
    let printed = out.whole();
    // Whatever becomes of it: a program that fails may say on stderr what it printed.
    let text = printed.map(text_of);
    if let Some(Ok(text)) = &text {
        secrets.hide(text);
    }
    let failed = |kind, how: String| {
        let said = secrets.redact(&err.text(secrets).0);
        let said = said.lines().rev().find(|line| !line.trim().is_empty()).map(one_line);
        let said = said.map_or_else(String::new, |said| format!(": {said}"));
        Err(Reason::new(kind, format!("{what} {how}{said}")))
    };
    match end {
        ProcessEnd::Exit(status) if status.success() => {}
        ProcessEnd::Exit(status) => {
            return failed(
                ReasonKind::Unreadable,
                match (status.code(), status.signal()) {
                    (Some(code), _) => format!("ended with exit code {code}"),
                    (None, signal) => format!("was ended by signal {}", signal.unwrap_or(0)),
                },
            );
        }
        ProcessEnd::Unknown => return failed(ReasonKind::Unreadable, "ended, and how is unknown".into()),
        ProcessEnd::TimedOut => {
            let within = Quantity::seconds(longest.as_secs_f64());
            return failed(ReasonKind::TimedOut, format!("printed nothing within {within}"));
        }
        ProcessEnd::Full => {}
    }
    match text {
        None => failed(ReasonKind::Unreadable, "printed more than 1 MiB, which no secret is".into()),
        Some(Err(())) => failed(ReasonKind::Unreadable, "printed something that is not text".into()),
        Some(Ok(text)) if text.is_empty() => failed(ReasonKind::Unreadable, "printed nothing".into()),
        Some(Ok(text)) => Ok(text),
    }
}

/// The text without its last line end.
fn text_of(bytes: Vec<u8>) -> Result<Zeroizing<String>, ()> {
    let mut text = match String::from_utf8(bytes) {
        Ok(text) => Zeroizing::new(text),
        Err(error) => {
            error.into_bytes().zeroize();
            return Err(());
        }
    };
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed_by(command: &str, longest: Duration) -> Result<String, Reason> {
        let command = SecretCommand { command: command.into(), folder: None };
        run(&command, longest, &Secrets::new()).map(|text| text.to_string())
    }

    fn refusal(command: &str) -> String {
        printed_by(command, Duration::from_secs(10)).unwrap_err().text
    }

    #[test]
    fn the_last_line_end_is_taken_off_and_no_other() {
        let value = |command: &str| printed_by(command, Duration::from_secs(10)).unwrap();
        assert_eq!(value("printf 'hunter-two\\n'"), "hunter-two");
        assert_eq!(value("printf 'hunter-two\\r\\n'"), "hunter-two");
        assert_eq!(value("printf ' one\\ntwo \\n\\n'"), " one\ntwo \n");
    }

    #[test]
    fn what_cannot_be_read_says_why_and_never_what_was_printed() {
        let failed = refusal("echo hunter-two; echo 'no: hunter-two is over' >&2; exit 3");
        assert!(failed.ends_with("ended with exit code 3: no: ••• is over"), "{failed}");
        assert!(refusal("true").ends_with("printed nothing"));
        assert!(refusal("printf '\\n'").ends_with("printed nothing"));
        assert!(refusal("printf '\\377\\376'").ends_with("printed something that is not text"));
        assert!(refusal("kill -9 $$").ends_with("was ended by signal 9"));
        assert!(refusal("rbl-no-such-manager get x").contains("exit code 127"));
        assert!(refusal("yes hunter-two").contains("more than 1 MiB"));
    }

    #[test]
    fn one_that_never_ends_is_ended_with_all_it_started() {
        let began = Instant::now();
        let reason =
            printed_by("sleep 61.75 & echo hunter-two; wait", Duration::from_millis(300)).unwrap_err();
        assert_eq!(reason.kind, ReasonKind::TimedOut);
        assert!(reason.text.contains("within 300ms") && !reason.text.contains("hunter-two\n"), "{reason}");
        assert!(began.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_value_is_asked_for_once_a_minute_and_a_failure_each_time() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().to_str().unwrap();
        let command = |text: &str| SecretCommand { command: text.into(), folder: Some(folder.into()) };
        let (secrets, good) = (Secrets::new(), command("echo x >> asked; echo hunter-two"));
        for _ in 0..3 {
            assert!(read(&good, &secrets).is_ok());
        }
        let asked = || std::fs::read_to_string(directory.path().join("asked")).unwrap().lines().count();
        assert_eq!(asked(), 1);
        let bad = command("echo x >> asked; exit 1");
        for _ in 0..2 {
            assert!(read(&bad, &secrets).is_err());
        }
        assert_eq!(asked(), 3);
    }
}
