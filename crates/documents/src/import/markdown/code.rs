//! What the code in a document is: commands, a script, a query, or a sample of output. What is not certain is a sample.

use std::collections::BTreeSet;

use rbl_check::ReadPart;
use rbl_check::shell::ShellPart;

use super::placeholder::{placeholders, uses_assigned};
use super::shell_lines::{ShellCommand, dedent, plain, prompted};

/// What a piece of code is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CodeClass {
    /// Commands, each on its own.
    Commands(Vec<ShellCommand>),
    /// Lines that only make sense together.
    Script(String),
    /// `PromQL`
    Query(String),
    /// Output, a log, a configuration, code of another language.
    Sample(String),
}

/// Programs that are known, besides those that only look.
const PROGRAMS: &[&str] = &[
    "ansible",
    "ansible-playbook",
    "apt",
    "apt-get",
    "argocd",
    "aws",
    "az",
    "bash",
    "bin/rails",
    "bundle",
    "cat",
    "ceph",
    "chef-client",
    "cd",
    "consul",
    "cp",
    "crontab",
    "curl",
    "docker",
    "docker-compose",
    "docker-machine",
    "dmesg",
    "dig",
    "echo",
    "flux",
    "flyctl",
    "etcdctl",
    "gcloud",
    "gds",
    "git",
    "gitlab-ctl",
    "gitlab-psql",
    "gitlab-rails",
    "go",
    "gsutil",
    "heroku",
    "helm",
    "istioctl",
    "jq",
    "k6",
    "kill",
    "knife",
    "kubectl",
    "kustomize",
    "make",
    "mongo",
    "mongosh",
    "mv",
    "mysql",
    "mysqldump",
    "nerdctl",
    "nomad",
    "ocm",
    "oc",
    "openssl",
    "pg_dump",
    "pg_restore",
    "podman",
    "psql",
    "python",
    "python3",
    "rabbitmqctl",
    "rails",
    "rake",
    "rbd",
    "redis-cli",
    "rm",
    "rsync",
    "scp",
    "service",
    "sh",
    "ssh",
    "sudo",
    "systemctl",
    "terraform",
    "tf",
    "touch",
    "vault",
    "velero",
    "vi",
    "vim",
    "virtctl",
    "watch",
    "wget",
    "xargs",
    "yq",
    "yum",
];

/// Whether the first word of a text is a program that is known.
pub(crate) fn is_known_program(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    PROGRAMS.contains(&word)
        || word.ends_with("ctl") && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
        || word.starts_with("./") && word.len() > 3
        || word == "find" && begins_with_argument(text)
        || [
            "arch",
            "df",
            "du",
            "free",
            "getent",
            "grep",
            "head",
            "ip",
            "iostat",
            "journalctl",
            "ls",
            "netstat",
            "nslookup",
            "ping",
            "ps",
            "ss",
            "tail",
            "top",
            "uptime",
            "vmstat",
            "zfs",
            "zpool",
        ]
        .contains(&word)
}

/// Whether what stands behind the first word can only be an argument: `find /var -mtime +3`, but not `find the pod`.
fn begins_with_argument(text: &str) -> bool {
    text.split_whitespace().nth(1).is_some_and(|it| it.starts_with(['/', '.', '~', '-', '$']))
}

/// Whether a paragraph is a command that somebody wrote without marking it as code.
pub(crate) fn is_bare_command(text: &str) -> bool {
    const TOOLS: &[&str] =
        &["kubectl ", "oc ", "ocm ", "aws ", "gcloud ", "docker ", "systemctl ", "sudo ", "helm ", "ceph "];
    let line = text.trim();
    TOOLS.iter().any(|it| line.starts_with(it))
        && !line.ends_with(['.', ':', '?'])
        && !line.contains(['`', '\n', ','])
}

/// Classifies a block of code by its language and its text.
pub(crate) fn classify(language: &str, text: &str) -> CodeClass {
    let text = dedent(text);
    match language {
        "promql" => query(&text).map_or(CodeClass::Sample(text), CodeClass::Query),
        "sh"
        | "bash"
        | "shell"
        | "zsh"
        | "shell-session"
        | "shellsession"
        | "azurecli"
        | "azurecli-interactive" => shell(&text, true),
        "" | "console" | "text" | "terminal" | "bash-session" => shell(&text, false),
        _ => CodeClass::Sample(text),
    }
}

/// Whether a command certainly changes nothing, whatever is filled in.
pub(crate) fn only_reads(command: &str, assigned: &BTreeSet<String>) -> bool {
    if uses_assigned(command, assigned) {
        return false;
    }
    let mut parts = vec![ReadPart::Text(command.to_owned())];
    for placeholder in placeholders(command, assigned) {
        parts = parts
            .into_iter()
            .flat_map(|part| match part {
                ReadPart::Text(text) => split(&text, &placeholder.spelled),
                value @ ReadPart::Value(_) => vec![value],
            })
            .collect();
    }
    rbl_check::only_reads(&parts)
}

/// Whether a command can be one of a runbook: its quotes are closed, and each value stands where it stays one word.
pub(crate) fn can_run(command: &str, assigned: &BTreeSet<String>) -> bool {
    let mut pieces = vec![ReadPart::Text(command.to_owned())];
    for placeholder in placeholders(command, assigned) {
        pieces = pieces
            .into_iter()
            .flat_map(|part| match part {
                ReadPart::Text(text) => split(&text, &placeholder.spelled),
                value @ ReadPart::Value(_) => vec![value],
            })
            .collect();
    }
    let parts: Vec<ShellPart<'_>> = pieces
        .iter()
        .map(|part| match part {
            ReadPart::Text(text) => ShellPart::Text(text),
            ReadPart::Value(_) => ShellPart::Value,
        })
        .collect();
    rbl_check::shell::sites(&parts).is_ok()
}

/// Whether every quote of a command is closed.
fn is_whole(command: &str) -> bool {
    rbl_check::shell::sites(&[ShellPart::Text(command)]).is_ok()
}

fn split(text: &str, spelled: &str) -> Vec<ReadPart> {
    let mut parts = Vec::new();
    for (n, piece) in text.split(spelled).enumerate() {
        if n > 0 {
            parts.push(ReadPart::Value(vec!["x".to_owned()]));
        }
        if !piece.is_empty() {
            parts.push(ReadPart::Text(piece.to_owned()));
        }
    }
    parts
}

/// `NAME=$(COMMAND)`: the name and the command.
pub(crate) fn capture(command: &str) -> Option<(&str, &str)> {
    let command = command.strip_prefix("export ").unwrap_or(command);
    let (name, value) = command.split_once('=')?;
    let named = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let value = value.trim().trim_matches('"');
    let inner = value.strip_prefix("$(")?.strip_suffix(')')?;
    named.then_some((name, inner.trim()))
}

/// A query without the comments that `PromQL` does not have, if it parses.
fn query(text: &str) -> Option<String> {
    let text: Vec<&str> = text.lines().filter(|it| !it.trim_start().starts_with("//")).collect();
    let text = text.join("\n").trim().to_owned();
    rbl_check::promql::tree(&text).is_ok().then_some(text)
}

fn shell(text: &str, labelled: bool) -> CodeClass {
    if is_log(text) {
        return CodeClass::Sample(text.to_owned());
    }
    if let Some(commands) = prompted(text) {
        return CodeClass::Commands(commands);
    }
    if looks_like_script(text) {
        // A loop on one line is a command wherever it stands.
        let is_loop = ["for ", "while "].iter().any(|it| text.starts_with(it)) && text.contains("done");
        return if labelled || is_loop {
            CodeClass::Script(text.to_owned())
        } else {
            CodeClass::Sample(text.to_owned())
        };
    }
    let commands = plain(text);
    if commands.iter().any(|it| !is_whole(&it.text)) {
        return CodeClass::Sample(text.to_owned());
    }
    let certain = |command: &ShellCommand| {
        is_known_program(&command.text)
            || capture(&command.text).is_some()
            || labelled && is_plausible(&command.text)
    };
    if !commands.is_empty() && commands.iter().all(certain) {
        return CodeClass::Commands(commands);
    }
    if !labelled && let Some(query) = query(text).filter(|it| it.contains(['{', '['])) {
        return CodeClass::Query(query);
    }
    CodeClass::Sample(text.to_owned())
}

/// Lines such as `level=error msg="…"` are what a program said, however the block is labelled.
fn is_log(text: &str) -> bool {
    let says = |line: &str| {
        let (key, rest) = line.split_once('=').unwrap_or(("", ""));
        ["level", "ts", "time", "msg", "lvl", "severity"].contains(&key) && rest.contains('=')
    };
    text.lines().next().is_some_and(says)
}

/// A word that can be a program, with arguments that can be arguments.
fn is_plausible(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    let first = word.chars().next().unwrap_or(' ');
    (first.is_ascii_lowercase() || "./~/".contains(first))
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "._-/~+".contains(c))
        && !text.trim_end().ends_with([':', ','])
        && !is_sentence(text)
}

/// `restart the server, then wait`: words of a language that nobody types into a shell, and nothing that only a shell has.
fn is_sentence(text: &str) -> bool {
    const JOINING: [&str; 10] = ["the", "and", "then", "is", "are", "it", "its", "your", "this", "that"];
    let words: Vec<&str> =
        text.split_whitespace().map(|it| it.trim_matches(['(', ')', ',', '.', ';', ':', '!'])).collect();
    let is_word = |it: &&str| {
        it.starts_with(char::is_alphanumeric) && it.chars().all(|c| c.is_alphanumeric() || "'-".contains(c))
    };
    words.len() > 2 && words.iter().all(is_word) && words.iter().skip(1).any(|it| JOINING.contains(it))
}

/// Control flow, functions, here-documents and variables that later lines need.
fn looks_like_script(text: &str) -> bool {
    let begins = |line: &str, word: &str| line.trim_start().starts_with(word);
    let assignments = text
        .lines()
        .filter(|line| capture(line.trim()).is_none())
        .filter(|line| {
            line.trim_start().trim_start_matches("export ").split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            })
        })
        .count();
    text.lines().any(|line| {
        ["#!", "for ", "while ", "if [", "function ", "case ", "do ", "done", "fi"]
            .iter()
            .any(|word| begins(line, word))
            && !begins(line, "find")
            || line.contains("<<")
            || line.trim_end().ends_with("() {")
    }) || assignments > 0 && text.lines().filter(|it| !it.trim().is_empty()).count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(language: &str, text: &str) -> Vec<String> {
        match classify(language, text) {
            CodeClass::Commands(commands) => commands.into_iter().map(|it| it.text).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn prompts_divide_commands_from_output() {
        let CodeClass::Commands(found) =
            classify("console", "$ kubectl get \\\n    pods\nNAME READY\na 1/1\n$ ls\n")
        else {
            panic!("no commands")
        };
        assert_eq!(found[0].text, "kubectl get pods");
        assert_eq!(found[0].output, ["NAME READY", "a 1/1"]);
        assert_eq!(found[1].text, "ls");
    }

    #[test]
    fn what_is_not_certainly_a_command_is_a_sample() {
        let is_sample = |language: &str, text: &str| matches!(classify(language, text), CodeClass::Sample(_));
        assert!(is_sample("console", "1 drain_controller.go:173] node x: initiating drain"));
        assert!(is_sample("", "tags:\n  nofailover: true"));
        assert!(is_sample("bash", "Basic Details:\n\nAddon name:"));
        assert!(is_sample("bash", "level=error msg=\"it failed\"\n\nlevel=error msg=\"again\""));
        assert!(is_sample("json", "{}"));
        assert!(is_sample("sh", "restart the server, then wait"));
        assert!(is_sample("bash", "mytool --all\ncheck that it is done."));
        assert!(is_sample("sh", "drain the node, then wait 5 minutes"));
        assert!(is_sample("sh", "restart the read-only replica (in this region)"));
        assert_eq!(commands("sh", "mytool restart api"), ["mytool restart api"]);
        assert_eq!(commands("", "oc get ds -n x\n--all | grep E"), ["oc get ds -n x --all | grep E"]);
        assert_eq!(commands("sh", "# look\nmytool --all"), ["mytool --all"]);
        assert!(matches!(classify("bash", "for x in a; do\n  rm $x\ndone"), CodeClass::Script(_)));
    }

    #[test]
    fn only_certain_looks_are_evidence() {
        let reads = |command: &str| only_reads(command, &BTreeSet::new());
        assert!(reads("kubectl -n $NS get pod <pod>") && reads("oc logs $POD | grep E"));
        assert!(!reads("kubectl delete pod <pod>") && !reads("mytool --all"));
    }
}
