//! Common tools whose *no* is another exit code than 1, or that explain a *no* on stderr.

use crate::flow::command::{Connector, SimpleCommand, simple_commands_of};
use crate::shell::script_at;

/// What is known about a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KnownExit {
    /// As a message names it.
    pub(super) tool: &'static str,
    /// What the codes mean.
    pub(super) label: &'static str,
    /// What to write behind `no on`.
    pub(super) codes: &'static str,
}

const fn known(tool: &'static str, codes: &'static str, label: &'static str) -> KnownExit {
    KnownExit { tool, label, codes }
}

/// Returns what is known about the exit code of a list of commands: of the last one, and of those before its `&&`. Behind `||` the
/// author has handled the failure.
pub(super) fn of_list(commands: &[SimpleCommand]) -> Option<KnownExit> {
    let (last, before) = commands.split_last()?;
    if before.last().is_some_and(|before| before.then == Connector::Or) {
        return None;
    }
    of(last).or_else(|| {
        let decides = |it: &&SimpleCommand| it.then == Connector::And && !it.negated;
        before.iter().rev().take_while(|it| it.then == Connector::And).filter(decides).find_map(of)
    })
}

/// Returns what is known about the exit codes of a command.
pub(super) fn of(it: &SimpleCommand) -> Option<KnownExit> {
    if let Some(script) = script(it) {
        return of_list(&simple_commands_of(&script)).filter(|_| !script.trim_start().starts_with('!'));
    }
    let first = it.plain().next().unwrap_or("");
    let second = it.plain().nth(1);
    Some(match it.program() {
        // One object that is named: a list is a yes even where it is empty.
        "kubectl" | "oc"
            if first == "get"
                && second.is_some_and(|kind| kind.contains('/') || it.plain().nth(2).is_some())
                && !it.has(&["--ignore-not-found"]) =>
        {
            known("`kubectl get`", "1", "1: not found, or no answer, said on stderr")
        }
        "kubectl" | "oc" if first == "rollout" && second == Some("status") => {
            known("`kubectl rollout status`", "1", "1: not in time, or no answer, said on stderr")
        }
        "kubectl" | "oc" if first == "wait" => {
            known("`kubectl wait`", "1", "1: not in time, or no answer, said on stderr")
        }
        "docker" | "podman" if it.plain().take(2).any(|word| word == "inspect") => {
            known("`docker inspect`", "1", "1: no such object, or no answer, said on stderr")
        }
        "helm" if first == "status" => known("`helm status`", "1", "1, with the reason on stderr"),
        "git" if it.plain().any(|word| word == "ls-remote") && it.has(&["--exit-code"]) => {
            known("`git ls-remote --exit-code`", "2", "2: no such ref")
        }
        "grpc_health_probe" => known("`grpc_health_probe`", "2, 4", "2: no connection, 4: not serving"),
        "curl" if fails_by_status(it) => known("`curl`", "7, 22", "7: refused, 22: an HTTP error"),
        "curl" => known("`curl`", "7", "7: refused"),
        "wget" => known("`wget`", "4, 8", "4: no connection, 8: an HTTP error"),
        "http" | "https" | "xh" if it.has(&["--check-status"]) => {
            known("this client", "4, 5", "4 and 5: the HTTP status")
        }
        "pg_isready" => known("`pg_isready`", "1, 2", "1: rejects, 2: no response"),
        "systemctl" if first == "is-active" => known("`systemctl is-active`", "3", "3: not active"),
        "systemctl" if first == "status" => known("`systemctl status`", "3", "3: not running"),
        "systemctl" if first == "is-enabled" => {
            known("`systemctl is-enabled`", "1, 4", "4: no such unit, said on stderr")
        }
        "service" if it.arguments().last().is_some_and(|last| last == "status") => {
            known("`service … status`", "3", "3: not running")
        }
        "aws" if it.plain().any(|word| word == "wait") => {
            known("`aws … wait`", "255", "255: not reached in time")
        }
        "aws" => known("`aws`", "254", "254: the service refused"),
        "nc" | "ncat" | "netcat" => known("`nc`", "1", "1, with the reason on stderr"),
        "redis-cli" | "valkey-cli" => known("`redis-cli`", "1", "1, with the reason on stderr"),
        "mysqladmin" | "mariadb-admin" if first == "ping" => {
            known("`mysqladmin ping`", "1", "1, with the reason on stderr")
        }
        "etcdctl" if first == "endpoint" => known("`etcdctl endpoint`", "1", "1, with the reason on stderr"),
        "dig" => known("`dig`", "9", "9: no reply"),
        "getent" => known("`getent`", "2", "2: no such entry"),
        "id" => known("`id`", "1", "1, with the reason on stderr"),
        "dpkg" if it.has(&["-s", "--status", "-l", "-L"]) => {
            known("`dpkg`", "1", "1, with the reason on stderr")
        }
        "ls" => known("`ls`", "2", "2: no such file, said on stderr"),
        "stat" => known("`stat`", "1", "1: no such file, said on stderr"),
        "mountpoint" => known("`mountpoint`", "1, 32", "32: not a mount point"),
        "terraform" | "tofu" if it.has(&["-detailed-exitcode", "--detailed-exitcode"]) => {
            known("`terraform plan`", "2", "2: there are changes")
        }
        "ntpstat" => known("`ntpstat`", "1", "1: not synchronised, 2: unknown"),
        _ => return None,
    })
}

/// The script that a command hands to a shell: `bash -c '…'`, `ssh HOST …`. The exit code of that is its own.
pub(super) fn script(it: &SimpleCommand) -> Option<String> {
    let arguments = it.arguments();
    match it.program() {
        "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh" => arguments.get(script_at(arguments)?).cloned(),
        "ssh" => {
            let mut rest = arguments;
            while let Some((word, after)) = rest.split_first() {
                let Some(option) = word.strip_prefix('-') else { break };
                let takes = option.chars().count() == 1 && "BbcDEeFIiJLlmOoPpQRSWw".contains(option);
                rest = if takes { after.get(1..)? } else { after };
            }
            let command = rest.get(1..)?;
            (!command.is_empty()).then(|| command.join(" "))
        }
        _ => None,
    }
}

/// Whether `curl` fails by the HTTP status: `-f`, `-fsS`, `--fail`.
fn fails_by_status(it: &SimpleCommand) -> bool {
    it.arguments().iter().any(|word| {
        let letters = word.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
        word.starts_with("--fail") || letters.is_some_and(|letters| letters.contains('f'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::command::simple_commands;
    use rbl_syntax::source::Span;
    use rbl_syntax::tree::Part;

    fn codes(text: &str) -> Option<&'static str> {
        let parts = [Part::Literal { text: text.into(), span: Span::default() }];
        of_list(&simple_commands(&parts)).map(|known| known.codes)
    }

    #[test]
    fn common_tools_are_known() {
        for (command, expected) in [
            ("curl -fsS https://example.com/health", "7, 22"),
            ("curl --fail-with-body https://example.com", "7, 22"),
            ("timeout 5 curl -s https://example.com", "7"),
            ("pg_isready -h db-1", "1, 2"),
            ("sudo systemctl is-active --quiet nginx", "3"),
            ("systemctl status nginx", "3"),
            ("aws s3api head-object --bucket a --key b", "254"),
            ("nc -zw3 db 5432", "1"),
            ("service nginx status", "3"),
            ("kubectl -n prod get pod api-1", "1"),
            ("kubectl get deploy/api", "1"),
            ("kubectl rollout status deploy/api --timeout=1s", "1"),
            ("docker inspect api", "1"),
            ("docker container inspect api", "1"),
            ("git ls-remote --exit-code origin main", "2"),
            ("ssh -p 22 web1 systemctl is-active nginx", "3"),
            ("ssh web1 'curl -f http://x'", "7, 22"),
            ("bash -c 'curl -f http://x'", "7, 22"),
            ("sh -ec \"ssh web1 'pg_isready -q'\"", "1, 2"),
            ("curl -sf http://x && test -e /y", "7, 22"),
        ] {
            assert_eq!(codes(command), Some(expected), "{command}");
        }
        for command in ["grep -q a b", "test -e /a", "diff a b", "ping -c1 a", "kubectl diff", "my-check"]
            .into_iter()
            .chain([
                "kubectl get pods",
                "kubectl get pod api --ignore-not-found",
                "git ls-remote origin",
                "ssh web1",
                "ssh web1 test -e /x",
                "sh check.sh",
                "curl -f http://x || test -e /y",
                "curl -f http://x; test -e /y",
            ])
        {
            assert_eq!(codes(command), None, "{command}");
        }
    }
}
