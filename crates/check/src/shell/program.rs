//! Finds words of a command that its program evaluates as shell code again.

const READS_ALL: [&str; 9] = ["eval", "trap", "let", "unset", "read", "declare", "typeset", "alias", "watch"];
const SHELLS: [&str; 12] =
    ["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "fish", "su", "runuser", "script", "flock"];
const SSH_OPTIONS_WITH_A_VALUE: &str = "BbcDEeFIiJLlmOoPpQRSWw";

/// The words of a command so far, as far as they determine what evaluates the next one. Values are not included.
#[derive(Debug, Default)]
pub(super) struct CommandWords {
    any: bool,
    /// The first word, if it evaluates all words after it.
    reads_all: Option<&'static str>,
    /// The last word that is a shell.
    shell: Option<&'static str>,
    /// Whether the last word announces a command.
    command_follows: bool,
    ssh: Option<Ssh>,
}

/// The state after `ssh`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ssh {
    /// The host is still to come.
    Begun,
    /// The next word is the value of an option.
    Option,
    /// The host was given: what follows is the command.
    Host,
}

impl CommandWords {
    pub(super) fn is_empty(&self) -> bool {
        !self.any
    }

    pub(super) fn push(&mut self, word: &str) {
        let name = word.rsplit('/').next().unwrap_or(word);
        let known = |names: &[&'static str]| names.iter().copied().find(|known| *known == name);
        if !self.any {
            self.reads_all = known(&READS_ALL);
        }
        self.any = true;
        self.shell = known(&SHELLS).or(self.shell);
        self.command_follows = takes_command(word);
        self.ssh = match self.ssh {
            None => (name == "ssh").then_some(Ssh::Begun),
            Some(Ssh::Option) => Some(Ssh::Begun),
            Some(Ssh::Host) => Some(Ssh::Host),
            Some(Ssh::Begun) => Some(match word.strip_prefix('-') {
                None => Ssh::Host,
                Some(option) if option.len() == 1 && SSH_OPTIONS_WITH_A_VALUE.contains(option) => Ssh::Option,
                Some(_) => Ssh::Begun,
            }),
        };
    }

    /// Returns the program that evaluates the next word as a command, given the beginning of that word.
    pub(super) fn reading_again(&self, begun: &str) -> Option<String> {
        let shell = self.shell.filter(|_| self.command_follows || begun.starts_with("--command="));
        let ssh = (self.ssh == Some(Ssh::Host)).then_some("ssh");
        self.reads_all.or(shell).or(ssh).map(str::to_owned)
    }
}

/// `-c`, `-ec`, `--command`.
fn takes_command(word: &str) -> bool {
    let letters = word.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
    word == "--command"
        || letters.is_some_and(|letters| {
            letters.ends_with('c') && letters.chars().all(|letter| letter.is_ascii_alphabetic())
        })
}
