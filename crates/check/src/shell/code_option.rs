//! The words of other tools that are a command: for a shell on another machine, in a container, or on this one.

use super::code_reader::{RemoteAt, remote_at, takes_letter, takes_long};
use super::code_table::remote;
use super::code_variable::is_git_code;

/// Options whose value a shell reads: the program, words that must stand before, the letters, and the long options.
const COMMAND_OPTIONS: &[(&str, &[&str], &str, &[&str])] = &[
    ("ansible", &[], "a", &["--args"]),
    ("aws", &["send-command"], "", &["--parameters"]),
    ("aws", &["execute-command"], "", &["--command"]),
    ("aws", &["start-session"], "", &["--parameters"]),
    ("az", &["run-command"], "", &["--scripts", "--script"]),
    ("az", &["exec"], "", &["--exec-command", "--command"]),
    ("cf", &["ssh"], "c", &["--command"]),
    ("doctl", &["ssh"], "", &["--ssh-command"]),
    ("fly", &["ssh"], "C", &["--command"]),
    ("flyctl", &["ssh"], "C", &["--command"]),
    ("fzf", &[], "", &["--preview", "--bind"]),
    ("gcloud", &["ssh"], "", &["--command"]),
    ("git", &["rebase"], "x", &["--exec"]),
    ("git", &["filter-branch"], "", &["--env-filter", "--tree-filter", "--index-filter", "--msg-filter"]),
    ("git", &[], "", &["--upload-pack", "--receive-pack"]),
    ("man", &[], "PH", &["--pager", "--html"]),
    ("nc", &[], "e", &["--exec", "--sh-exec"]),
    ("ncat", &[], "ec", &["--exec", "--sh-exec"]),
    ("nix-shell", &[], "", &["--run", "--command"]),
    ("npm", &["exec"], "c", &["--call"]),
    ("npx", &[], "c", &["--call"]),
    ("rpm", &[], "E", &["--eval"]),
    ("rsync", &[], "e", &["--rsh", "--rsync-path"]),
    ("sort", &[], "", &["--compress-program"]),
    ("split", &[], "", &["--filter"]),
    ("tar", &[], "I", &["--to-command", "--use-compress-program", "--rsh-command"]),
    ("bsdtar", &[], "", &["--use-compress-program"]),
    ("tcpdump", &[], "z", &[]),
    ("vagrant", &["ssh"], "c", &["--command"]),
    ("xterm", &[], "e", &[]),
];

/// Their `ssh` takes a host, and then a command for a shell there.
const SSH_SUBCOMMANDS: &[&str] = &["tsh", "juju", "docker-machine", "tailscale"];

/// Every word behind these is read by a shell: the program, and what must stand before. A name that ends in `.` is the beginning of
/// a word.
const COMMAND_WORDS: &[(&str, &[&str])] = &[
    ("bolt", &["command", "run"]),
    ("consul", &["exec"]),
    ("fab", &["--"]),
    ("gcloud", &["ssh", "--"]),
    ("git", &["bisect", "run"]),
    ("git", &["submodule", "foreach"]),
    ("heroku", &["run"]),
    ("juju", &["exec"]),
    ("minikube", &["ssh"]),
    ("mco", &["shell", "run"]),
    ("salt", &["cmd."]),
    ("salt-call", &["cmd."]),
    ("salt-ssh", &["cmd."]),
    ("salt-run", &["cmd."]),
    ("sops", &["exec-env"]),
    ("sops", &["exec-file"]),
    ("vagrant", &["ssh", "--"]),
];

/// Whether a shell reads the word behind `arguments`, given the beginning of that word.
pub(super) fn is_command(name: &str, arguments: &[String], begun: &str) -> bool {
    let stands = |wanted: &str| {
        arguments.iter().any(|word| word == wanted || wanted.ends_with('.') && word.starts_with(wanted))
    };
    let option = COMMAND_OPTIONS.iter().any(|(program, before, letters, long)| {
        *program == name
            && before.iter().all(|word| stands(word))
            && (takes_letter(arguments, begun, letters) || takes_long(arguments, begun, long))
    });
    let behind_option = arguments.last().is_some_and(|word| word.starts_with('-') && word != "--");
    let words = !behind_option
        && COMMAND_WORDS
            .iter()
            .any(|(program, before)| *program == name && before.iter().all(|word| stands(word)));
    option
        || words
        || match name {
            "git" => in_git(arguments, begun),
            _ if SSH_SUBCOMMANDS.contains(&name) => {
                let ssh = arguments.iter().position(|word| word == "ssh");
                let behind = ssh.and_then(|at| arguments.get(at + 1..));
                let letters = remote("ssh").map_or("", |(letters, _)| letters);
                behind.is_some_and(|behind| matches!(remote_at(letters, true, behind), RemoteAt::Command(_)))
            }
            // The query comes first.
            "knife" => {
                !behind_option
                    && arguments
                        .iter()
                        .skip_while(|word| *word != "ssh")
                        .skip(1)
                        .any(|word| !word.starts_with('-'))
            }
            "socat" => {
                let address = begun.to_ascii_lowercase();
                address.starts_with("exec:") || address.starts_with("system:")
            }
            "docker" | "podman" | "nerdctl" => is_entrypoint_shell(arguments),
            _ => false,
        }
}

/// `docker run --entrypoint sh IMAGE -c …`
fn is_entrypoint_shell(arguments: &[String]) -> bool {
    let shell = |word: &str| super::code_table::is_shell(super::program::base_name(word));
    let entrypoint = arguments.iter().enumerate().any(|(at, word)| {
        word.strip_prefix("--entrypoint=").is_some_and(shell)
            || word == "--entrypoint" && arguments.get(at + 1).is_some_and(|word| shell(word))
    });
    entrypoint && takes_letter(arguments, "", "c")
}

/// A setting whose value git runs, or an address of a kind that is a command.
fn in_git(arguments: &[String], begun: &str) -> bool {
    let last = arguments.last().map_or("", String::as_str);
    if last == "-c" || last == "--config" {
        let (setting, complete) =
            begun.split_once('=').map_or((begun, false), |(setting, _)| (setting, true));
        return setting.is_empty() || is_git_code(setting) || !complete && setting.ends_with('.');
    }
    let sets = arguments.iter().any(|word| word == "config") && is_git_code(last);
    let commands_allowed = arguments.iter().any(|word| {
        let word = word.to_ascii_lowercase();
        word.starts_with("protocol.ext.allow=") || word == "protocol.allow=always"
    });
    sets || commands_allowed && begun.is_empty()
}
