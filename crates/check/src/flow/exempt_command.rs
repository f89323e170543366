//! Commands that only observe or tidy up: an action that runs one need not be checked afterwards.

use super::command::{SimpleCommand, simple_commands};
use rbl_syntax::tree::Part;

/// Programs that work on files, write messages or observe.
const PROGRAMS: [&str; 58] = [
    "[",
    "awk",
    "basename",
    "cat",
    "cd",
    "chgrp",
    "chmod",
    "chown",
    "cmp",
    "cp",
    "cut",
    "date",
    "df",
    "diff",
    "dig",
    "dirname",
    "dmesg",
    "du",
    "echo",
    "env",
    "file",
    "find",
    "free",
    "getent",
    "grep",
    "gzip",
    "head",
    "hostname",
    "install",
    "jmap",
    "journalctl",
    "jq",
    "jstack",
    "ln",
    "logger",
    "ls",
    "lsof",
    "mkdir",
    "mv",
    "nslookup",
    "ping",
    "printf",
    "ps",
    "rm",
    "rmdir",
    "sleep",
    "sort",
    "ss",
    "stat",
    "tail",
    "tar",
    "tee",
    "test",
    "touch",
    "true",
    "umask",
    "uptime",
    "wc",
];

/// Programs of which only some subcommands observe.
const LOOKING: [(&str, &[&str]); 8] = [
    ("kubectl", &["get", "describe", "logs", "top", "version", "cluster-info", "explain", "api-resources"]),
    ("oc", &["get", "describe", "logs", "whoami", "status", "adm"]),
    ("docker", &["ps", "logs", "inspect", "stats", "images", "top"]),
    ("podman", &["ps", "logs", "inspect", "stats", "images", "top"]),
    ("systemctl", &["status", "is-active", "is-enabled", "is-failed", "show", "list-units"]),
    ("git", &["status", "log", "diff", "show", "fetch"]),
    ("helm", &["status", "history", "list", "get"]),
    ("terraform", &["plan", "show", "output", "validate"]),
];

/// Whether a command only does such things.
pub(super) fn is_housekeeping(parts: &[Part]) -> bool {
    let commands = simple_commands(parts);
    !commands.is_empty() && commands.iter().all(is_small)
}

fn is_small(command: &SimpleCommand) -> bool {
    let program = command.program();
    if program == "find" {
        return !command.has(&["-delete", "-exec", "-execdir", "-ok"]);
    }
    PROGRAMS.binary_search(&program).is_ok()
        || LOOKING.iter().any(|(name, looking)| {
            *name == program
                && command.plain().next().is_some_and(|first| looking.contains(&first))
                && !(program == "oc"
                    && command.has(&["adm"])
                    && !command.has(&["must-gather", "top", "inspect"]))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::source::Span;

    fn small(text: &str) -> bool {
        is_housekeeping(&[Part::Literal { text: text.into(), span: Span::default() }])
    }

    #[test]
    fn the_programs_are_in_order() {
        assert!(PROGRAMS.is_sorted());
    }

    #[test]
    fn what_changes_something_is_no_housekeeping() {
        for looks in [
            "rm -f /tmp/lock",
            "kubectl -n shop get pods | tee /tmp/pods",
            "oc adm must-gather",
            "date; df -h",
        ] {
            assert!(small(looks), "{looks}");
        }
        for acts in [
            "systemctl restart nginx",
            "find / -delete",
            "ls && reboot",
            "oc adm drain n",
            "kubectl apply -f a",
            "",
        ] {
            assert!(!small(acts), "{acts}");
        }
    }
}
