//! Commands in a condition that read a failure as *yes* or as *no*: `! kubectl … | grep -q X`, `curl … | grep -q X`,
//! `test "$(curl …)" = ok`, `diff <(kubectl …) <(kubectl …)`, `! curl …`, `! grep -q X FILE`.

use super::exit_code::{self, script};
use super::substitution::{HiddenInside, hidden_inside};
use crate::flow::command::{Connector, SimpleCommand, simple_commands_of};

/// Scripts inside scripts are followed to this depth.
const DEPTH: usize = 3;

/// Programs that can always answer: a *no* of theirs is one.
const ALWAYS_ANSWERS: [&str; 15] = [
    "test",
    "[",
    "[[",
    "true",
    "false",
    ":",
    "command",
    "type",
    "hash",
    "which",
    "pgrep",
    "pidof",
    "ps",
    "mountpoint",
    "",
];

/// What hides a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HiddenFailure {
    /// A command before the `|` of a pipeline, whose exit code is that of its last command.
    Piped {
        program: String,
        /// Whether `!` turns it round: then `pipefail` does not help.
        negated: bool,
    },
    /// A command inside `$(…)` or `<(…)`, whose exit code the command around it does not see.
    Inside(HiddenInside),
    /// `!` before a command that also fails where it cannot tell.
    Negated {
        program: String,
        /// The exit codes that are a *no*, where they are known.
        codes: Option<&'static str>,
    },
}

/// Returns what hides a failure in a condition. `pipefail`: a shell that counts every failure of a pipeline.
pub(super) fn hidden_failure(commands: &[SimpleCommand], pipefail: bool) -> Option<HiddenFailure> {
    hidden_to(commands, pipefail, DEPTH)
}

fn hidden_to(commands: &[SimpleCommand], pipefail: bool, depth: usize) -> Option<HiddenFailure> {
    let mut rest = commands;
    let mut earlier = 0;
    while !rest.is_empty() {
        let length = rest.iter().position(|it| it.then != Connector::Pipe).map_or(rest.len(), |at| at + 1);
        let (pipeline, behind) = rest.split_at_checked(length)?;
        let before_it = commands.get(..earlier).unwrap_or_default();
        earlier += length;
        rest = behind;
        let decides = rest.is_empty() || pipeline.last().is_some_and(|it| it.then != Connector::End);
        let (Some((last, before)), true) = (pipeline.split_last(), decides) else { continue };
        let negated = pipeline.first().is_some_and(|it| it.negated);
        if let Some(hidden) = before.iter().find(|it| can_fail(it)).filter(|_| negated || !pipefail) {
            return Some(HiddenFailure::Piped { program: hidden.program().to_owned(), negated });
        }
        if let Some(hidden) = pipeline.iter().find_map(|it| hidden_inside(it, before_it)) {
            return Some(HiddenFailure::Inside(hidden));
        }
        if negated && before.is_empty() {
            let codes = exit_code::of(last).map(|known| known.codes);
            if codes.is_some() || !always_answers(last) {
                return Some(HiddenFailure::Negated { program: last.program().to_owned(), codes });
            }
        }
        // What a shell is given decides as if it stood here.
        let inner = script(last).filter(|_| depth > 0 && before.is_empty());
        if let Some(hidden) = inner.and_then(|it| hidden_to(&simple_commands_of(&it), pipefail, depth - 1)) {
            return Some(hidden);
        }
    }
    None
}

/// Whether a failure of a command is a *no*, and never that it could not look.
fn always_answers(command: &SimpleCommand) -> bool {
    let local = script(command).filter(|_| command.program() != "ssh");
    local.map_or_else(
        || ALWAYS_ANSWERS.contains(&command.program()),
        |script| simple_commands_of(&script).iter().all(always_answers),
    )
}

/// Whether a command before a `|` can fail while nobody can tell what it would have printed. Those that only show what this machine knows of
/// itself do not.
pub(super) fn can_fail(command: &SimpleCommand) -> bool {
    let local = matches!(
        command.program(),
        "ps" | "ss"
            | "netstat"
            | "dmesg"
            | "mount"
            | "df"
            | "free"
            | "uptime"
            | "who"
            | "w"
            | "lsof"
            | "uname"
            | "hostname"
            | "lsblk"
            | "lsmod"
            | "sysctl"
            | "ip"
            | "id"
            | "pgrep"
            | "cut"
            | "tr"
            | "sort"
            | "head"
            | "tail"
            | "grep"
            | "awk"
            | "sed"
    );
    let kernel =
        command.program() == "cat" && command.arguments().iter().all(|word| word.starts_with("/proc/"));
    !local && !kernel && !command.program().is_empty() && super::can_fail(command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::command::simple_commands_of;

    fn of(text: &str) -> Option<HiddenFailure> {
        hidden_failure(&simple_commands_of(text), text.contains("pipefail"))
    }

    #[test]
    fn a_failure_that_reads_as_an_answer_is_found() {
        let piped = |program: &str, negated| Some(HiddenFailure::Piped { program: program.into(), negated });
        assert_eq!(of("! kubectl get pods | grep -q CrashLoop"), piped("kubectl", true));
        assert_eq!(of("set -o pipefail; ! kubectl get pods | grep -q CrashLoop"), piped("kubectl", true));
        assert_eq!(of("curl -sf http://x | grep -q ok"), piped("curl", false));
        assert_eq!(of("test -e /a && curl -sf http://x | grep -q ok"), piped("curl", false));
        assert_eq!(of("cat /srv/state | grep -q ok"), piped("cat", false));
        let inside = Some(HiddenFailure::Inside(HiddenInside { program: "curl".into(), bracket: "$(…)" }));
        assert_eq!(of("test \"$(curl -sf http://x)\" = ok"), inside);
        assert_eq!(of("test -e /a && [ \"$(curl -sf http://x)\" = ok ]"), inside);
        assert_eq!(of("echo \"$(curl -sf http://x)\" | grep -q ok"), inside);
        assert_eq!(of("state=$(curl -sf http://x); ! test \"$state\" = ok"), inside);
        let negated = |program: &str, codes| Some(HiddenFailure::Negated { program: program.into(), codes });
        assert_eq!(of("! curl -sf http://x"), negated("curl", Some("7, 22")));
        assert_eq!(of("! grep -q a /b"), negated("grep", None));
        assert_eq!(of("test -e /a && ! diff -q /a /b"), negated("diff", None));
        assert_eq!(of("! our-check --quick"), negated("our-check", None));
        assert_eq!(of("! ssh web1 test -e /a"), negated("ssh", None));
        assert_eq!(of("! sh -c 'grep -q a /b'"), negated("sh", None));
        assert_eq!(of("bash -c '! grep -q a /b'"), negated("grep", None));
        assert_eq!(of("bash -euo pipefail -c 'test \"$(curl -sf http://x)\" = ok'"), inside);
        assert_eq!(of("x=$(curl -sf http://x) || true; test -z \"$x\""), inside);
        let files =
            Some(HiddenFailure::Inside(HiddenInside { program: "kubectl".into(), bracket: "<(…)" }));
        assert_eq!(of("diff <(kubectl get a) <(kubectl get b)"), files);
        assert_eq!(of("bash -c 'cmp -s <(sort f) <(kubectl get b -o name | sort)'"), files);
        for text in [
            "set -o pipefail; curl -sf http://x | grep -q ok",
            "ps aux | grep -q nginx",
            "echo a | grep -q a",
            "cat /proc/mounts | grep -q nfs",
            "! test -e /a",
            "! [ -e /a ]",
            "! pgrep -x nginx",
            "! sh -c 'test -e /a'",
            "! ps aux | grep -q nginx",
            "diff <(sort a) <(sort b)",
            "diff <(echo a) b",
            "x=$(curl -sf http://x) || exit 3; test -z \"$x\"",
            "x=$(curl -sf http://x) || x=down; test \"$x\" = up",
            "curl -sf http://x > /tmp/x; grep -q ok /tmp/x",
            "curl -sf http://x | tee /tmp/x; grep -q ok /tmp/x",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
