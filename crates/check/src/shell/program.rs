//! The words of a simple command, and the program that they run in the end: `sudo -u x timeout 5 sh -c …` runs `sh`.

use super::code_reader::{self, CodeReader};
use super::code_table::{self, is_shell};

/// A program that runs another: its options that take a value, and the number of its own operands.
struct Wrapper {
    name: &'static str,
    values: &'static str,
    long_values: &'static [&'static str],
    operands: usize,
}

const fn wrapper(name: &'static str, values: &'static str, operands: usize) -> Wrapper {
    Wrapper { name, values, long_values: &[], operands }
}

const WRAPPERS: &[Wrapper] = &[
    Wrapper {
        name: "sudo",
        values: "ugphCrtTUDR",
        long_values: &["--user", "--group", "--host"],
        operands: 0,
    },
    wrapper("doas", "uC", 0),
    Wrapper { name: "env", values: "uC", long_values: &["--unset", "--chdir"], operands: 0 },
    wrapper("command", "", 0),
    wrapper("builtin", "", 0),
    wrapper("exec", "a", 0),
    wrapper("nohup", "", 0),
    wrapper("nice", "n", 0),
    wrapper("ionice", "cn", 0),
    Wrapper { name: "time", values: "fo", long_values: &["--format", "--output"], operands: 0 },
    Wrapper { name: "timeout", values: "sk", long_values: &["--signal", "--kill-after"], operands: 1 },
    wrapper("setsid", "", 0),
    wrapper("stdbuf", "ioe", 0),
    wrapper("chrt", "", 1),
    wrapper("taskset", "", 1),
    wrapper("chroot", "", 1),
    wrapper("faketime", "", 1),
    wrapper("strace", "eopsu", 0),
    wrapper("ltrace", "eopsu", 0),
    wrapper("xargs", "EIaLnPsd", 0),
    wrapper("sshpass", "pfd", 0),
    wrapper("setpriv", "", 0),
    wrapper("busybox", "", 0),
    wrapper("toybox", "", 0),
    wrapper("caffeinate", "tw", 0),
    wrapper("chronic", "", 0),
    wrapper("eatmydata", "", 0),
    wrapper("proxychains", "f", 0),
];

/// Programs that run another one somewhere among their words: behind `--`, or as the first that is known.
const CARRIERS: &[&str] = &[
    "kubectl",
    "oc",
    "docker",
    "podman",
    "nerdctl",
    "crictl",
    "lxc",
    "incus",
    "multipass",
    "nsenter",
    "unshare",
    "ip",
    "systemd-run",
    "flock",
    "cgexec",
    "numactl",
    "perf",
    "find",
    "fd",
    "retry",
    "systemd-inhibit",
];

/// The words of a command so far, quotes removed, without values.
#[derive(Debug, Default, Clone)]
pub(super) struct CommandWords {
    words: Vec<String>,
    /// The last of them that is a shell.
    last_shell: Option<usize>,
}

/// A program and its arguments.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProgramWords<'a> {
    /// Its name, without a path.
    pub(super) name: &'a str,
    pub(super) arguments: &'a [String],
    /// Whether it is given what comes in on stdin as further arguments.
    pub(super) by_xargs: bool,
    /// A wrapper that hands all words to a shell (`sudo -i`), or reads a word as words (`env -S`).
    pub(super) rereads: Option<&'static str>,
}

impl CommandWords {
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(super) fn push(&mut self, word: &str) {
        if is_shell(base_name(word)) {
            self.last_shell = Some(self.words.len());
        }
        self.words.push(word.to_owned());
    }

    pub(super) fn first(&self) -> Option<&str> {
        self.words.first().map(String::as_str)
    }

    pub(super) fn get(&self, index: usize) -> Option<&str> {
        self.words.get(index).map(String::as_str)
    }

    /// The program that is run in the end; `None` while only wrappers and assignments stand there.
    pub(super) fn program(&self) -> Option<ProgramWords<'_>> {
        resolved(&self.words)
    }

    /// Returns the program that reads the next word as code, given the beginning of that word.
    pub(super) fn reading_again(&self, begun: &str) -> Option<CodeReader> {
        code_reader::of_next_word(&self.words, self.last_shell, begun)
    }

    /// Returns the program that would read a value at the beginning of the next word as an option which runs code.
    pub(super) fn taking_option(&self, begun: &str) -> Option<&'static str> {
        if !begun.is_empty() {
            return None;
        }
        match self.program() {
            Some(program) => code_reader::option_taker(&program),
            None => wrapper_taking_option(&self.words),
        }
    }

    /// Returns the program that reads stdin as code.
    pub(super) fn reading_input(&self) -> Option<CodeReader> {
        code_reader::of_stdin(&self.program()?)
    }

    /// Returns the program that runs a file whose name is the next word.
    pub(super) fn reading_file(&self) -> Option<CodeReader> {
        code_reader::of_file(&self.program()?)
    }

    /// Whether the next word is the program that is run: nothing stands before it, or only programs that run another.
    pub(super) fn runs_next(&self) -> bool {
        const NEXT: &str = "\u{1}";
        let last = self.words.last().map_or("", String::as_str);
        if matches!(last, "-exec" | "-execdir" | "-ok" | "-okdir") {
            return true;
        }
        // `command -v NAME` only looks for it.
        if matches!(last, "-v" | "-V") && self.words.iter().any(|word| word == "command") {
            return false;
        }
        let mut words = self.words.clone();
        words.push(NEXT.to_owned());
        resolved(&words).is_some_and(|program| program.name == NEXT)
    }

    /// The environment variable that the next word sets for a program behind it: `env NAME=…`, `docker exec -e NAME=…`.
    pub(super) fn sets_variable<'a>(&self, word: &'a str) -> Option<&'a str> {
        let text = word.strip_prefix("--env=").unwrap_or(word);
        let (name, _) = text.split_once('=').filter(|_| is_assignment(text))?;
        let set_by_wrapper = || {
            let sets = |word: &String| matches!(base_name(word), "env" | "sudo" | "doas");
            self.program().is_none() && self.words.iter().any(sets)
        };
        let set_by_option = || {
            let option = word.len() > text.len() || matches!(self.words.last()?.as_str(), "-e" | "--env");
            Some(option && self.words.iter().any(|word| CARRIERS.contains(&base_name(word))))
        };
        (set_by_wrapper() || set_by_option().unwrap_or(false)).then_some(name)
    }

    /// The words.
    pub(super) fn all(&self) -> &[String] {
        &self.words
    }

    /// Whether it prints its own words or its input, so that a value in them comes out again.
    pub(super) fn prints(&self) -> bool {
        let program = self.program().map_or("", |program| program.name);
        matches!(program, "echo" | "printf" | "print" | "cat" | "tee")
    }
}

/// The wrapper that would read a value behind these words as an option: `env -S…`.
fn wrapper_taking_option(words: &[String]) -> Option<&'static str> {
    let last = words.last()?;
    if last == "--" {
        return None;
    }
    let name = words.iter().map(|word| base_name(word)).find(|word| !is_assignment(word))?;
    WRAPPERS.iter().find(|it| it.name == name).map(|it| it.name)
}

/// The program that these words run in the end.
pub(super) fn resolved(words: &[String]) -> Option<ProgramWords<'_>> {
    let mut rest = words;
    let mut by_xargs = false;
    loop {
        while rest.first().is_some_and(|word| is_assignment(word)) {
            rest = rest.get(1..)?;
        }
        let (word, arguments) = rest.split_first()?;
        let name = base_name(word);
        by_xargs |= name == "xargs";
        let plain = |arguments, rereads| Some(ProgramWords { name, arguments, by_xargs, rereads });
        if let Some(wrapper) = WRAPPERS.iter().find(|it| it.name == name) {
            match behind(wrapper, arguments) {
                Behind::Command(rest_of) => rest = rest_of,
                Behind::Rereads(how) => return plain(arguments, Some(how)),
            }
            if rest.is_empty() {
                return by_xargs.then_some(ProgramWords { name, arguments, by_xargs, rereads: None });
            }
        } else if CARRIERS.contains(&name) {
            let marked = arguments.iter().position(|word| word == "--").map(|at| at + 1);
            let known = || {
                (0..arguments.len()).find(|at| {
                    let entrypoint = at.checked_sub(1).and_then(|at| arguments.get(at));
                    arguments.get(*at).is_some_and(|word| code_table::is_known(base_name(word)))
                        && entrypoint.is_none_or(|word| word != "--entrypoint")
                })
            };
            match marked.or_else(known).and_then(|at| arguments.get(at..)).filter(|rest| !rest.is_empty()) {
                Some(carried) => rest = carried,
                None => return plain(arguments, None),
            }
        } else {
            return plain(arguments, None);
        }
    }
}

enum Behind<'a> {
    Command(&'a [String]),
    Rereads(&'static str),
}

/// What stands behind a wrapper's own options and operands.
fn behind<'a>(wrapper: &Wrapper, arguments: &'a [String]) -> Behind<'a> {
    let mut rest = arguments;
    while let Some((word, after)) = rest.split_first() {
        let Some(option) = word.strip_prefix('-').filter(|option| !option.is_empty()) else {
            if wrapper.name == "env" && is_assignment(word) {
                rest = after;
                continue;
            }
            break;
        };
        let short = !option.starts_with('-');
        match wrapper.name {
            "sudo" | "doas"
                if short
                    && option
                        .chars()
                        .take_while(|c| !wrapper.values.contains(*c))
                        .any(|c| "is".contains(c))
                    || matches!(option, "-login" | "-shell") =>
            {
                return Behind::Rereads("sudo");
            }
            "env" if short && option.contains('S') || option.starts_with("-split-string") => {
                return Behind::Rereads("env");
            }
            _ => {}
        }
        rest = after;
        if option == "-" {
            break;
        }
        let takes = if short {
            option.chars().count() == 1 && wrapper.values.contains(option)
        } else {
            wrapper.long_values.contains(&word.as_str())
        };
        if takes {
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    Behind::Command(rest.get(wrapper.operands..).unwrap_or_default())
}

pub(super) fn base_name(word: &str) -> &str {
    let from = memchr::memrchr(b'/', word.as_bytes()).map_or(0, |at| at + 1);
    let word = word.get(from..).unwrap_or(word);
    // Few words have a colon, and this is asked of every word of every command.
    if memchr::memchr(b':', word.as_bytes()).is_none() {
        return word;
    }
    // `${SSH:-ssh}` without its braces.
    word.split_once(":-").or_else(|| word.split_once(":=")).map_or(word, |(_, word)| word)
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(text: &str) -> String {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        resolved(&words).map_or_else(|| "none".into(), |it| format!("{} {}", it.name, it.arguments.len()))
    }

    #[test]
    fn a_wrapper_is_not_the_program() {
        assert_eq!(program("sudo -u postgres timeout -k 5 30 /usr/bin/psql -c"), "psql 1");
        assert_eq!(program("A=b nice -n 5 env X=y -u Z sh"), "sh 0");
        assert_eq!(program("kubectl exec -it pod -- sh -c"), "sh 1");
        assert_eq!(program("docker exec db mysql -e"), "mysql 1");
        assert_eq!(program("kubectl get pods"), "kubectl 2");
        assert_eq!(program("grep ssh x"), "grep 2");
        assert_eq!(program("sudo -u x"), "none");
        assert_eq!(program("command eval"), "eval 0");
    }
}
