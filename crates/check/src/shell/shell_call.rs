//! How a shell is called: which of its words are options, which are values of options, and where its script stands.

use super::code_reader::takes_code;

/// The shortest name that is read as the value of a `-o` in the same word: `-opipefail`.
const ATTACHED_NAME: usize = 5;

/// The words of a shell behind its name, as far as they are written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // Each is about another word.
pub(super) struct ShellCall {
    /// `-c`: the first operand is a script.
    pub(super) code: bool,
    /// `-s`: the script is its stdin.
    pub(super) stdin: bool,
    /// The first word that is neither an option nor the value of one.
    pub(super) operand: Option<usize>,
    /// Whether `--` or `-` has ended the options.
    pub(super) ended: bool,
    /// Whether the next word is the value of an option.
    pub(super) value_follows: bool,
}

/// Reads the words of a shell. Each `o` in a group of options takes a word: `-euo pipefail`.
pub(super) fn shell_call(arguments: &[String]) -> ShellCall {
    let mut call = ShellCall::default();
    let mut values = 0;
    for (at, word) in arguments.iter().enumerate() {
        if matches!(word.as_str(), "-" | "--") {
            call.ended = true;
            call.operand = Some(at + 1).filter(|at| *at < arguments.len());
            return call;
        }
        if word.starts_with(['-', '+']) {
            // No name of an option begins like an option, so no value is left out here.
            let group = without_attached(word);
            let names_command = matches!(word.as_str(), "--command" | "-Command" | "-command");
            call.code |= names_command || takes_code(group, "c").is_some();
            call.stdin |= takes_code(group, "s").is_some();
            values = match word.as_str() {
                "--rcfile" | "--init-file" => 1,
                _ if names_command || group.starts_with("--") => 0,
                _ => group.chars().filter(|c| matches!(c, 'o' | 'O')).count(),
            };
        } else if values > 0 {
            values -= 1;
        } else {
            call.operand = Some(at);
            return call;
        }
    }
    call.value_follows = values > 0;
    call
}

/// The index of the script behind `-c`.
pub(crate) fn script_at(arguments: &[String]) -> Option<usize> {
    let call = shell_call(arguments);
    call.operand.filter(|_| call.code)
}

/// A group of options without the name behind its `o`.
fn without_attached(word: &str) -> &str {
    let Some(at) = word.find(['o', 'O']).filter(|_| !word.starts_with("--")) else { return word };
    let attached = word.len() - at > ATTACHED_NAME;
    if attached { word.get(..at).unwrap_or(word) } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Option<String> {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        script_at(&words).and_then(|at| words.get(at).cloned())
    }

    #[test]
    fn the_value_of_an_option_is_not_the_script() {
        for text in [
            "-c X y",
            "-euo pipefail -c X",
            "-euo pipefail -c -- X",
            "-exo pipefail -c X",
            "-co pipefail X y",
            "-ceu X",
            "-oo pipefail errexit -c X",
            "+o posix -O extglob -c X",
            "-opipefail -c X",
            "--rcfile f -c X",
            "-c -- X",
            "-Command X",
        ] {
            assert_eq!(script(text).as_deref(), Some("X"), "{text}");
        }
        for text in ["X", "-euo pipefail X -c y", "-s -- X", "-o X", "- -c X", "-ec"] {
            assert_eq!(script(text), None, "{text}");
        }
    }
}
