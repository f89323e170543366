//! Commands that are known to change something: a probe must not run them.
//!
//! *Why a list of certain cases:* a finding stops the runbook, so a doubtful command is let through.

use crate::flow::command::{SimpleCommand, simple_commands};
use rbl_syntax::source::Span;
use rbl_syntax::tree::Part;

/// How deep commands within commands are followed.
const DEEPEST: u32 = 4;

/// Programs that change something whatever their arguments are.
const ALWAYS: [&str; 41] = [
    "chattr",
    "chgrp",
    "chmod",
    "chown",
    "groupadd",
    "groupdel",
    "halt",
    "killall",
    "kexec",
    "lvcreate",
    "lvextend",
    "lvreduce",
    "lvremove",
    "lvresize",
    "mkfs",
    "mkfs.ext4",
    "mkfs.xfs",
    "mkswap",
    "modprobe",
    "mv",
    "passwd",
    "pkill",
    "poweroff",
    "reboot",
    "rm",
    "rmdir",
    "rmmod",
    "shred",
    "shutdown",
    "swapoff",
    "swapon",
    "truncate",
    "umount",
    "unlink",
    "useradd",
    "userdel",
    "usermod",
    "vgreduce",
    "vgremove",
    "wall",
    "wipefs",
];

/// Programs of which some subcommands change something: the first plain word, or the first two.
const SUBCOMMANDS: [(&[&str], &[&str]); 24] = [
    (
        &["kubectl", "oc"],
        &[
            "annotate",
            "apply",
            "autoscale",
            "cordon",
            "create",
            "delete",
            "drain",
            "edit",
            "label",
            "patch",
            "replace",
            "rollout pause",
            "rollout restart",
            "rollout resume",
            "rollout undo",
            "scale",
            "set",
            "taint",
            "uncordon",
            "expose",
        ],
    ),
    (&["helm"], &["delete", "install", "rollback", "uninstall", "upgrade"]),
    (
        &["systemctl"],
        &[
            "daemon-reload",
            "disable",
            "enable",
            "halt",
            "isolate",
            "kill",
            "mask",
            "poweroff",
            "reboot",
            "reload",
            "reset-failed",
            "restart",
            "set-property",
            "start",
            "stop",
            "try-restart",
            "unmask",
        ],
    ),
    (
        &["docker", "podman", "nerdctl"],
        &[
            "kill",
            "pause",
            "prune",
            "push",
            "restart",
            "rm",
            "rmi",
            "start",
            "stop",
            "unpause",
            "update",
            "container rm",
            "image rm",
            "system prune",
            "volume rm",
            "compose up",
            "compose down",
            "compose restart",
        ],
    ),
    (&["git"], &["checkout", "clean", "commit", "merge", "pull", "push", "rebase", "reset", "revert"]),
    (&["terraform", "tofu"], &["apply", "destroy", "import", "taint"]),
    (&["nomad"], &["job run", "job stop", "node drain", "run", "stop"]),
    (&["consul"], &["kv put", "kv delete", "leave"]),
    (&["vault"], &["delete", "kv put", "kv delete", "write"]),
    (&["etcdctl"], &["del", "member add", "member remove", "put"]),
    (&["apt", "apt-get", "dnf", "yum"], &["autoremove", "install", "purge", "remove", "upgrade"]),
    (&["snap"], &["install", "refresh", "remove", "restart", "stop", "start"]),
    (&["pip", "npm"], &["install", "uninstall"]),
    (&["supervisorctl"], &["reload", "restart", "shutdown", "start", "stop", "update"]),
    (&["pm2"], &["delete", "reload", "restart", "start", "stop"]),
    (&["rabbitmqctl"], &["delete_queue", "purge_queue", "reset", "start_app", "stop", "stop_app"]),
    (&["gsutil"], &["cp", "mv", "rm", "rsync"]),
    (
        &["zpool"],
        &["add", "clear", "create", "destroy", "detach", "offline", "online", "remove", "replace", "scrub"],
    ),
    (&["zfs"], &["create", "destroy", "rename", "rollback", "set", "snapshot"]),
    (&["nft"], &["add", "delete", "flush", "insert"]),
    (&["ip"], &["addr add", "addr del", "link set", "route add", "route del", "route replace"]),
    (&["ceph"], &["osd set", "osd unset", "osd out", "osd in", "osd down", "osd purge", "mds fail", "tell"]),
    (&["mdadm"], &["--fail", "--remove", "--stop"]),
    (&["patronictl"], &["failover", "pause", "reinit", "reload", "restart", "resume", "switchover"]),
];

/// Beginnings of the operations of cloud command lines that change something.
const CLOUD: [&str; 17] = [
    "attach-",
    "authorize-",
    "create-",
    "delete-",
    "deregister-",
    "detach-",
    "disable-",
    "enable-",
    "modify-",
    "put-",
    "reboot-",
    "register-",
    "revoke-",
    "run-instances",
    "stop-",
    "terminate-",
    "update-",
];

/// Returns the part of a command that is known to change something, as a message names it.
pub(crate) fn what(it: &SimpleCommand) -> Option<String> {
    what_within(it, 0)
}

fn what_within(it: &SimpleCommand, depth: u32) -> Option<String> {
    if depth > DEEPEST {
        return None;
    }
    let inner = |text: &str| {
        let parts = [Part::Literal { text: text.into(), span: Span::default() }];
        simple_commands(&parts).iter().find_map(|it| what_within(it, depth + 1))
    };
    let substituted = it.words.iter().find_map(|word| inner(word.split_once("$(")?.1.trim_end_matches(')')));
    substituted.or_else(|| itself(it)).or_else(|| {
        let behind = match it.program() {
            "xargs" => it.arguments().iter().skip_while(|word| word.starts_with('-')).cloned().collect(),
            "ssh" => {
                it.arguments().iter().skip_while(|word| word.starts_with('-')).skip(1).cloned().collect()
            }
            "kubectl" | "oc" | "docker" | "podman" if it.has(&["exec"]) => {
                it.arguments().iter().skip_while(|word| *word != "--").skip(1).cloned().collect()
            }
            "sh" | "bash" | "dash" | "ksh" | "zsh" => {
                let program = it.arguments().iter().skip_while(|word| !takes_program(word)).nth(1)?;
                return inner(program);
            }
            _ => Vec::new(),
        };
        if behind.is_empty() { None } else { inner(&behind.join(" ")) }
    })
}

/// `-c`, `-ec`, `-lc`
fn takes_program(word: &str) -> bool {
    word.strip_prefix('-').is_some_and(|letters| !letters.starts_with('-') && letters.ends_with('c'))
}

fn itself(it: &SimpleCommand) -> Option<String> {
    let program = it.program();
    let says = |words: String| Some(format!("`{words}`"));
    if it.has_beginning(&["--dry-run"]) && !it.has(&["--dry-run=none"]) || it.has(&["--help", "--version"]) {
        return None;
    }
    if ALWAYS.contains(&program) {
        return says(program.to_owned());
    }
    let plain: Vec<&str> = it.plain().take(3).collect();
    let (first, second) = (plain.first().copied().unwrap_or(""), plain.get(1).copied().unwrap_or(""));
    let both = format!("{first} {second}");
    let table = SUBCOMMANDS.iter().filter(|(programs, _)| programs.contains(&program));
    if let Some(found) = table.flat_map(|(_, words)| *words).find(|word| **word == first || **word == both) {
        return says(format!("{program} {found}"));
    }
    match program {
        "service" if matches!(second, "start" | "stop" | "restart" | "reload") => {
            says(format!("service … {second}"))
        }
        "aws" if CLOUD.iter().any(|begin| second.starts_with(begin)) => says(format!("aws {first} {second}")),
        "aws" if first == "s3" && matches!(second, "rm" | "mv" | "cp" | "sync") => {
            says(format!("aws {both}"))
        }
        "gcloud" | "az" => {
            const CHANGES: [&str; 9] =
                ["create", "deallocate", "delete", "patch", "reset", "restart", "start", "stop", "update"];
            let found = it.plain().find(|word| CHANGES.contains(word))?;
            says(format!("{program} … {found}"))
        }
        "kill" if !it.has(&["-0", "-l", "-L"]) => says("kill".into()),
        "find" if it.has(&["-delete"]) => says("find -delete".into()),
        "sed" | "perl" if it.has(&["-i", "--in-place"]) => says(format!("{program} -i")),
        "iptables" | "ip6tables"
            if it.has(&[
                "-A", "-D", "-F", "-I", "-P", "-R", "--append", "--delete", "--flush", "--insert",
            ]) =>
        {
            says(program.to_owned())
        }
        "crontab" if it.has(&["-r"]) => says("crontab -r".into()),
        "curl" => {
            let args = it.arguments();
            let method = args.iter().enumerate().find_map(|(at, word)| match word.as_str() {
                "-X" | "--request" => args.get(at + 1).map(String::as_str),
                word => word.strip_prefix("--request=").or_else(|| word.strip_prefix("-X")),
            })?;
            matches!(method, "DELETE" | "PATCH" | "PUT").then(|| format!("`curl -X {method}`"))
        }
        "redis-cli" | "valkey-cli" => {
            const CHANGES: [&str; 13] = [
                "append", "decr", "del", "expire", "flushall", "flushdb", "incr", "lpush", "rpush", "set",
                "shutdown", "unlink", "xadd",
            ];
            let mut value = false;
            let own = it.arguments().iter().find(|word| {
                let skipped =
                    std::mem::replace(&mut value, matches!(word.as_str(), "-h" | "-p" | "-a" | "-n" | "-u"));
                !skipped && !word.starts_with('-')
            });
            let found = own?.to_ascii_lowercase();
            if CHANGES.contains(&found.as_str()) { says(format!("{program} {found}")) } else { None }
        }
        "psql" | "mysql" | "mariadb" | "sqlite3" | "clickhouse-client" => {
            const CHANGES: [&str; 8] =
                ["alter", "create", "delete", "drop", "grant", "insert", "truncate", "update"];
            let found = it.arguments().iter().find_map(|text| {
                let first = text.split_whitespace().next()?.to_ascii_lowercase();
                (text.contains(' ') && CHANGES.contains(&first.as_str())).then_some(first)
            })?;
            says(format!("{program} … {found}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<String> {
        let parts = [Part::Literal { text: text.into(), span: Span::default() }];
        simple_commands(&parts).iter().find_map(what)
    }

    #[test]
    fn what_changes_something_is_known() {
        for command in [
            "kubectl delete pod api-1",
            "kubectl -n shop rollout restart deployment/api",
            "sudo systemctl restart nginx",
            "test -e /tmp/a && rm -f /tmp/a",
            "find /tmp -name '*.log' -delete",
            "ls /tmp | xargs rm",
            "sh -c 'rm -rf /tmp/a'",
            "ssh db-1 reboot",
            "kubectl exec api-1 -- kill 1",
            "curl -fsS -X DELETE https://example.com/a",
            "aws ec2 terminate-instances --instance-ids i-1",
            "psql -c \"DELETE FROM jobs\"",
            "redis-cli -h cache-1 -p 6379 FLUSHALL",
            "echo $(systemctl stop nginx)",
            "gcloud compute instances stop a",
            "service nginx restart",
        ] {
            assert!(found(command).is_some(), "{command}");
        }
    }

    #[test]
    fn what_looks_is_let_through() {
        for command in [
            "kubectl get pods",
            "kubectl rollout status deployment/api",
            "kubectl delete pod a --dry-run=client",
            "systemctl is-active nginx",
            "systemctl status restart",
            "grep -q rm /etc/hosts",
            "kill -0 17",
            "curl -X POST https://example.com/_search -d '{}'",
            "curl -fsS https://example.com/delete",
            "psql -c 'select count(*) from updates'",
            "psql -h delete -d update",
            "aws logs start-query --query-string a",
            "aws ec2 describe-instances",
            "redis-cli get set",
            "echo rm",
            "docker exec a ls",
            "apt list --upgradable",
            "git status",
        ] {
            assert_eq!(found(command), None, "{command}");
        }
    }
}
