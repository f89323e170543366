//! Runs commands on another host, by the system's own `ssh`.
//!
//! Nothing of the program is on a command line: a shell on the other side reads it from its stdin, values included, as
//! one function that runs only when it has arrived completely. The stdin then stays open as a lifeline: when it ends,
//! because the time is up, the run was aborted or the connection is lost, a watcher there ends the command and all its
//! descendants, and reports what came of it.

use std::process::Command;

use super::process::{CommandProcess, EndedCommand};
use super::remote_report::RemoteReport;
use super::script::ShellScript;
use crate::process::{END, MARK, new_mark};
use crate::wait::AttendedWait;
use rbl_runtime::Interrupt;
use rbl_runtime::Secrets;
use rbl_syntax::harmless;
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind};

/// Starts the shell over there. Where there is a `perl`, the shell becomes the parent of descendants that lose theirs
/// (`PR_SET_CHILD_SUBREAPER`, which stays across `exec`), and its first argument is `adopts`: so none of them is lost
/// by leaving its parent, its session and its environment. The number of `prctl` depends on the machine.
///
/// Between single quotes, which every login shell reads alike.
const SHELL: &str = r#"exec /bin/sh -c 'command -v perl >/dev/null && exec perl -e "syscall({qw(x86_64 157 aarch64 167 riscv64 167)}->{join q(), split q( ), qx(uname -m)} || -1, 36, 1) == 0 and exec qw(/bin/sh -s adopts); exec q(/bin/sh)"; exec /bin/sh'"#;

/// How hosts are reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshOptions {
    /// The program and its first arguments.
    pub command: Vec<String>,
    /// Options passed by `-o`, each `Name=value`.
    pub options: Vec<String>,
}

impl Default for SshOptions {
    /// The system's `ssh`, which asks nothing (keys or an agent log in), gives up connecting after ten seconds, notices
    /// a dead connection within 45, and prints nothing of its own but errors.
    fn default() -> Self {
        let options = [
            "BatchMode=yes",
            "ConnectTimeout=10",
            "ServerAliveInterval=15",
            "ServerAliveCountMax=3",
            "LogLevel=ERROR",
        ];
        Self { command: vec!["ssh".into()], options: options.map(String::from).into() }
    }
}

/// Runs a program on a host; it is ended there with its descendants when the time limit has passed.
pub(crate) fn run(
    script: &ShellScript,
    host: &str,
    within: f64,
    shown: usize,
    ssh: &SshOptions,
    wait: &mut AttendedWait<'_>,
    secrets: &Secrets,
) -> Result<CommandOutput, Interrupt> {
    let command_line = match arguments(ssh, host) {
        Ok(command_line) => command_line,
        Err(reason) => return Ok(super::not_run(reason)),
    };
    let Some((program, rest)) = command_line.split_first() else {
        return Ok(super::not_run(no_program()));
    };
    let mark = new_mark();
    let mut command = Command::new(program);
    command.args(rest);
    let marks = [format!("{mark}-begins"), format!("{mark}-ends")];
    let lifeline = Some(program_text(script, &mark).into_bytes());
    let process = CommandProcess { command, lifeline, marks: Some(marks), shown, within, secrets };
    Ok(interpreted(process.run(wait)?, host, &mark))
}

/// The arguments of the system's `ssh` that start a shell on that host; the reason says why the host name is refused.
pub(super) fn arguments(ssh: &SshOptions, host: &str) -> Result<Vec<String>, Reason> {
    if host.is_empty() || host.starts_with('-') || host.chars().any(|c| c.is_whitespace() || c.is_control()) {
        let text = format!("`{}` is not a host name", host.escape_debug());
        return Err(Reason::new(ReasonKind::NotRun, text));
    }
    if ssh.command.is_empty() {
        return Err(no_program());
    }
    let mut arguments = ssh.command.clone();
    arguments.extend(ssh.options.iter().flat_map(|option| ["-o".to_owned(), option.clone()]));
    arguments.extend(["-T", "-a", "-x", "--", host, SHELL].map(str::to_owned));
    Ok(arguments)
}

fn no_program() -> Reason {
    Reason::new(ReasonKind::NotRun, "no ssh program is configured")
}

/// The program for the shell on the other side. Values are shell variables there, not exported, so a program that the
/// command starts sees only those passed to it.
fn program_text(script: &ShellScript, mark: &str) -> String {
    let mut text =
        format!("rbl_mark() {{ printf '%s-%s' {mark} \"$1\"; printf '%s-%s' {mark} \"$1\" >&2; }}\n");
    text.push_str(END);
    text.push_str("rbl_run() {\nexec 3<&0 </dev/null\n");
    for (name, value) in &script.variables {
        text.extend([name, "=", &quoted(value), "\n"]);
    }
    for (name, value) in &script.exported {
        text.extend(["export ", name, "=", &quoted(value), "\n"]);
    }
    text.extend(["rbl_text=", &quoted(&script.text), "\nrbl_mark=", mark, "\nrbl_session=$$\n"]);
    text.extend([MARK, "=$rbl_mark\n"]);
    text.push_str("rbl_known=\nrbl_adopter=\ncase \"$1\" in adopts) rbl_adopter=$$ ;; esac\n");
    // Relies on sshd, which starts every command as the leader of its own session: what loses its parent is found by it.
    text.push_str(
        r#"rbl_ending=
trap : TERM HUP INT
trap rbl_ending=y USR1
(trap - TERM HUP INT USR1; exec 3<&-; export RBL_PROCESS; rbl_mark begins; eval "$rbl_text") &
rbl_leader=$!
(
  trap '' TERM HUP INT USR1
  exec 4>&2 >/dev/null 2>&1
  while read -r rbl_line <&3; do :; done
  kill -USR1 $$
  if rbl_end; then
    printf '%s-ends' "$rbl_mark" >&4
    for rbl_p in $rbl_alive; do
      rbl_name=
      { read -r rbl_name <"/proc/$rbl_p/comm"; } 2>/dev/null
      echo "$rbl_mark left $rbl_p $rbl_name" >&4
    done
    echo "$rbl_mark ended" >&4
  fi
) &
rbl_watcher=$!
exec 3<&-
wait $rbl_leader
rbl_code=$?
while kill -0 $rbl_leader 2>/dev/null; do wait $rbl_leader; rbl_code=$?; done
if [ -n "$rbl_ending" ]; then
  while kill -0 $rbl_watcher 2>/dev/null; do wait $rbl_watcher; done
else
  kill -KILL $rbl_watcher
fi 2>/dev/null
rbl_mark ends
echo "$rbl_mark code $rbl_code" >&2
exit $rbl_code
}
rbl_run "$1"
"#,
    );
    text
}

/// Quotes one word for any shell: between single quotes nothing has a special meaning.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The result of the command, from what `ssh` ended with and what the other side reported.
///
/// Exit code 255 is ssh's own, unless the command has ended over there. A command that never began has no result,
/// whatever a login printed in its place. The exit code is the one that the shell over there reports: what a login runs around
/// the command (`ForceCommand`) ends with a code of its own.
fn interpreted(ended: EndedCommand, host: &str, mark: &str) -> CommandOutput {
    let EndedCommand { mut output, begun, ended, report } = ended;
    let report = RemoteReport::read(&report, mark, begun);
    match (&mut output.trouble, output.status) {
        (Some(reason), None) if reason.kind == ReasonKind::TimedOut => {
            if let Some(what) = report.may_run(host) {
                *reason = Reason::new(ReasonKind::StillRuns, format!("{}, and {what}", reason.text));
            }
        }
        (Some(reason), None) if reason.kind == ReasonKind::ProbeFailed => {
            *reason = lost(format!("ssh to {host} was {}", reason.text), reason.kind, &report, host);
        }
        (None, Some(255)) if !ended => {
            let why = output.last_error().unwrap_or_else(|| "ssh ended without a word".into());
            let text = if begun {
                format!("the connection to {host} was lost: {why}")
            } else {
                format!("could not reach {host}: {why}")
            };
            output.status = None;
            output.trouble = Some(lost(text, ReasonKind::Unreachable, &report, host));
        }
        (None, Some(_)) if !begun => {
            let said = harmless::one_line(&output.stdout);
            let said = output.last_error().or_else(|| (!said.is_empty()).then_some(said));
            let why = said.map_or_else(String::new, |said| format!(": {said}"));
            output.status = None;
            output.trouble =
                Some(Reason::new(ReasonKind::NotRun, format!("{host} did not run the command{why}")));
        }
        (None, Some(_)) => {
            output.status = report.code();
            if output.status.is_none() {
                let text = format!(
                    "how the command ended is unknown: {host} ended the session without its exit code"
                );
                output.trouble = Some(Reason::new(ReasonKind::ProbeFailed, text));
            }
        }
        _ => {}
    }
    output
}

/// The reason of a connection that ended before the command did.
fn lost(text: String, kind: ReasonKind, report: &RemoteReport, host: &str) -> Reason {
    match report.may_run(host) {
        Some(what) => Reason::new(ReasonKind::StillRuns, format!("{text}, and {what}")),
        None => Reason::new(kind, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_leaves_its_quotes() {
        assert_eq!(quoted("a'; rm -rf /'"), r"'a'\''; rm -rf /'\'''");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn a_255_of_the_command_is_not_one_of_ssh() {
        let ended = |stderr: &str, begun, ended| EndedCommand {
            output: CommandOutput { status: Some(255), stderr: stderr.into(), ..CommandOutput::default() },
            begun,
            ended,
            report: if ended { "MARK code 255\n".into() } else { String::new() },
        };
        let own = interpreted(ended("oops\n", true, true), "db", "MARK");
        assert_eq!((own.status, own.trouble, own.stderr.as_str()), (Some(255), None, "oops\n"));
        let lost = interpreted(ended("Host key verification failed.\n", false, false), "db", "MARK");
        assert_eq!(lost.trouble.unwrap().text, "could not reach db: Host key verification failed.");
        let lost = interpreted(ended("Connection reset\n", true, false), "db", "MARK").trouble.unwrap();
        assert_eq!(lost.kind, ReasonKind::StillRuns);
        assert_eq!(
            lost.text,
            "the connection to db was lost: Connection reset, and whether the command still runs on db is unknown"
        );
    }

    #[test]
    fn a_time_out_says_what_it_left_on_the_other_side() {
        let after = |begun: bool, report: &str| {
            let trouble = Some(Reason::new(ReasonKind::TimedOut, "timed out after 1s"));
            let output = CommandOutput { trouble, ..CommandOutput::default() };
            let ended = EndedCommand { output, begun, ended: false, report: report.into() };
            let output = interpreted(ended, "db", "MARK");
            output.trouble.map(|reason| (reason.kind, reason.text)).unwrap()
        };
        let ended = (ReasonKind::TimedOut, "timed out after 1s".to_owned());
        assert_eq!(after(false, ""), ended, "it was never begun");
        assert_eq!(after(true, "MARK ended\n"), ended);
        let (kind, text) = after(true, "MARK left 12 rsync\nMARK ended\n");
        assert_eq!(kind, ReasonKind::StillRuns);
        assert_eq!(text, "timed out after 1s, and rsync (pid 12) still runs on db: it could not be ended");
        let (kind, text) = after(true, "of the command\n");
        assert_eq!(kind, ReasonKind::StillRuns);
        assert_eq!(text, "timed out after 1s, and whether the command still runs on db is unknown");
    }

    #[test]
    fn a_login_that_runs_something_else_is_no_answer() {
        let output =
            CommandOutput { status: Some(0), stdout: "menu only\n".into(), ..CommandOutput::default() };
        let other = interpreted(
            EndedCommand { output, begun: false, ended: false, report: String::new() },
            "db",
            "MARK",
        );
        assert_eq!(other.status, None);
        assert_eq!(other.trouble.unwrap().text, "db did not run the command: menu only");
    }
}
