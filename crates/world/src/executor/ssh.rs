//! Runs commands on another host, by the system's own `ssh`.
//!
//! Nothing of the program is on a command line: a shell on the other side reads it from its stdin, values included, as
//! one function that runs only when it has arrived completely. The stdin then stays open as a lifeline: when it ends,
//! because the time is up, the run was aborted or the connection is lost, a watcher there ends the whole group.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use super::process::CommandProcess;
use super::script::ShellScript;
use crate::clock;
use crate::wait::AttendedWait;
use rbl_runtime::Interrupt;
use rbl_runtime::Secrets;
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind};

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

/// Runs a program on a host; its group there is ended when the time limit has passed.
pub(crate) fn run(
    script: &ShellScript,
    host: &str,
    within: f64,
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
    let mark = mark();
    let mut command = Command::new(program);
    command.args(rest);
    let lifeline = Some(program_text(script, &mark).into_bytes());
    let output = CommandProcess { command, lifeline, mark: Some(mark.clone()), within, secrets }.run(wait)?;
    Ok(interpreted(output, host, &mark))
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
    arguments.extend(["-T", "-a", "-x", "--", host, "exec /bin/sh"].map(str::to_owned));
    Ok(arguments)
}

fn no_program() -> Reason {
    Reason::new(ReasonKind::NotRun, "no ssh program is configured")
}

/// A random mark that no command prints by chance.
fn mark() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let nanos = clock::now().0.as_nanosecond();
    format!("rbl-exit-{:x}-{nanos:x}-{count}", std::process::id())
}

/// The program for the shell on the other side. Values are shell variables there, not exported, so a program that the
/// command starts sees only those passed to it.
fn program_text(script: &ShellScript, mark: &str) -> String {
    let mut text = String::from("rbl_run() {\nexec 3<&0 </dev/null\n");
    for (name, value) in &script.variables {
        text.extend([name, "=", &quoted(value), "\n"]);
    }
    for (name, value) in &script.exported {
        text.extend(["export ", name, "=", &quoted(value), "\n"]);
    }
    text.extend(["rbl_text=", &quoted(&script.text), "\n"]);
    // Relies on sshd, which starts every command as the leader of its own session. Otherwise `kill -$$` does nothing,
    // and then the command itself is ended.
    text.push_str(
        r#"trap : TERM HUP INT
(trap - TERM HUP INT; exec 3<&-; eval "$rbl_text") &
rbl_command=$!
(
  trap '' TERM HUP INT
  while read -r rbl_line <&3; do :; done
  kill -TERM -$$ || kill -TERM $rbl_command
  sleep 2
  kill -KILL -$$ || kill -KILL $rbl_command
) >/dev/null 2>&1 &
rbl_watcher=$!
exec 3<&-
wait $rbl_command
rbl_end=$?
while kill -0 $rbl_command 2>/dev/null; do wait $rbl_command; rbl_end=$?; done
kill -KILL $rbl_watcher
"#,
    );
    text.extend(["if [ $rbl_end = 255 ]; then echo ", mark, "; fi >&2\n"]);
    text.push_str("exit $rbl_end\n}\nrbl_run\n");
    text
}

/// Quotes one word for any shell: between single quotes nothing has a special meaning.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Exit code 255 is ssh's own, unless the other side reported that it was the command's.
fn interpreted(mut output: CommandOutput, host: &str, mark: &str) -> CommandOutput {
    if let Some(at) = output.stderr.find(mark) {
        output.stderr.truncate(at);
        return output;
    }
    if let (None, Some(reason)) = (output.status, &mut output.trouble)
        && reason.kind == ReasonKind::ProbeFailed
    {
        reason.text = format!("ssh to {host} was {}", reason.text);
    }
    if output.status == Some(255) && output.trouble.is_none() {
        let last = output.stderr.lines().rev().find(|line| !line.trim().is_empty());
        let why = last.unwrap_or("ssh ended without a word").trim();
        output.status = None;
        output.trouble = Some(Reason::new(ReasonKind::Unreachable, format!("could not reach {host}: {why}")));
    }
    output
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
        let output = |stderr: &str| CommandOutput {
            status: Some(255),
            stderr: stderr.into(),
            ..CommandOutput::default()
        };
        let own = interpreted(output("oops\nMARK\n"), "db", "MARK");
        assert_eq!((own.status, own.trouble, own.stderr.as_str()), (Some(255), None, "oops\n"));
        let lost = interpreted(output("Host key verification failed.\n"), "db", "MARK");
        assert_eq!(lost.trouble.unwrap().text, "could not reach db: Host key verification failed.");
    }
}
