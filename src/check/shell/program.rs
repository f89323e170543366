//! Which words of a command its program reads as shell code again.

const READS_ALL: [&str; 9] = ["eval", "trap", "let", "unset", "read", "declare", "typeset", "alias", "watch"];
const SHELLS: [&str; 12] =
    ["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "fish", "su", "runuser", "script", "flock"];
const SSH_OPTIONS_WITH_A_VALUE: &str = "BbcDEeFIiJLlmOoPpQRSWw";

/// The program that reads the next word as a command, given the words before it and the beginning of the word itself.
pub(super) fn reading_again(words: &[String], begun: &str) -> Option<String> {
    let names: Vec<&str> = words.iter().map(|word| word.rsplit('/').next().unwrap_or(word)).collect();
    if let Some(first) = names.first().filter(|first| READS_ALL.contains(first)) {
        return Some((*first).to_owned());
    }
    let shell = names.iter().rev().find(|name| SHELLS.contains(name));
    if let Some(shell) = shell
        && (words.last().is_some_and(|word| takes_command(word)) || begun.starts_with("--command="))
    {
        return Some((*shell).to_owned());
    }
    let ssh = names.iter().position(|name| *name == "ssh")?;
    has_destination(words.get(ssh + 1..)?).then(|| "ssh".to_owned())
}

/// `-c`, `-ec`, `--command`.
fn takes_command(word: &str) -> bool {
    let letters = word.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
    word == "--command"
        || letters.is_some_and(|letters| {
            letters.ends_with('c') && letters.chars().all(|letter| letter.is_ascii_alphabetic())
        })
}

/// Whether the words behind `ssh` already name the host, so that what follows is the command.
fn has_destination(words: &[String]) -> bool {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(option) = word.strip_prefix('-') else { return true };
        if option.len() == 1 && SSH_OPTIONS_WITH_A_VALUE.contains(option) {
            words.next();
        }
    }
    false
}
