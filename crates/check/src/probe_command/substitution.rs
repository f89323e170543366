//! Commands inside `$(…)` whose failure the command around them does not see: `test "$(curl …)" = ok`, `[ -n "$(kubectl …)" ]`,
//! `state=$(curl …); test "$state" = ok`.

use super::hidden_failure::can_fail;
use crate::flow::command::{Connector, SimpleCommand, simple_commands_of};

/// Programs that exit as if nothing had happened where a word of theirs is empty.
const BLIND: [&str; 8] = ["test", "[", "[[", "echo", "printf", "grep", "expr", "case"];

/// A program whose failure the command around it does not see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HiddenInside {
    pub(super) program: String,
    /// What it stands in: `$(…)` or `<(…)`.
    pub(super) bracket: &'static str,
}

/// Returns the program inside `$(…)` or `<(…)` whose failure is not seen by this command; `earlier`: the commands before it.
pub(super) fn hidden_inside(command: &SimpleCommand, earlier: &[SimpleCommand]) -> Option<HiddenInside> {
    let words = command.arguments().join(" ");
    // No command sees how what writes its file has ended.
    let in_file = failing_in(&words, &["<("]).map(|program| HiddenInside { program, bracket: "<(…)" });
    in_file.or_else(|| {
        let program = in_substitution(command, &words, earlier)?;
        Some(HiddenInside { program, bracket: "$(…)" })
    })
}

fn in_substitution(command: &SimpleCommand, words: &str, earlier: &[SimpleCommand]) -> Option<String> {
    if !BLIND.contains(&command.program()) {
        return None;
    }
    failing(words).or_else(|| {
        let stops = |it: &SimpleCommand| it.program() == "set" && it.has(&["-e", "-eu", "-ue", "-euo"]);
        if earlier.iter().any(stops) {
            return None;
        }
        let forgotten = earlier.iter().enumerate().filter(|(at, it)| {
            it.words.is_empty() && (it.then == Connector::End || is_ignored(it, earlier.get(at + 1)))
        });
        forgotten.flat_map(|(_, it)| &it.assigned).find_map(|assignment| {
            let (name, value) = assignment.split_once('=')?;
            uses(words, name).then(|| failing(value)).flatten()
        })
    })
}

/// Whether what stands behind `||` makes nothing of a failure: `|| true`, `|| echo failed >&2`.
fn is_ignored(command: &SimpleCommand, next: Option<&SimpleCommand>) -> bool {
    command.then == Connector::Or && next.is_some_and(|next| matches!(next.program(), "true" | ":"))
}

/// Whether a word holds this variable.
fn uses(words: &str, name: &str) -> bool {
    words.split('$').skip(1).any(|behind| {
        let behind = behind.strip_prefix('{').unwrap_or(behind);
        let rest = behind.strip_prefix(name);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c == '_' || c.is_ascii_alphanumeric()))
    })
}

/// The program of the first command inside `$(…)` or back quotes that can fail.
fn failing(words: &str) -> Option<String> {
    failing_in(words, &["$(", "`"])
}

/// The same inside brackets that are opened by one of these.
fn failing_in(words: &str, marks: &[&str]) -> Option<String> {
    let mut rest = words;
    while let Some((at, mark)) = marks.iter().filter_map(|mark| Some((rest.find(mark)?, *mark))).min() {
        let behind = rest.get(at + mark.len()..)?;
        // What is nested in it is looked at next.
        let (inner, next) = if mark == "`" {
            behind.split_once('`')?
        } else if behind.starts_with('(') {
            ("", behind)
        } else {
            (behind.get(..closing(behind))?, behind)
        };
        let commands = simple_commands_of(inner);
        // The first one that nothing else decides about: `a || b` has an answer of its own.
        let answered = |(at, it): (usize, &SimpleCommand)| {
            it.then == Connector::Or && !is_ignored(it, commands.get(at + 1))
        };
        let program = commands.iter().find(|it| can_fail(it));
        if let Some(program) = program.filter(|_| !commands.iter().enumerate().any(answered)) {
            return Some(program.program().to_owned());
        }
        rest = next;
    }
    None
}

/// Where the bracket that was opened before the text is closed.
fn closing(text: &str) -> usize {
    let mut open = 1_u32;
    for (at, c) in text.char_indices() {
        match c {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<String> {
        let commands = simple_commands_of(text);
        let (last, earlier) = commands.split_last()?;
        hidden_inside(last, earlier).map(|hidden| hidden.program)
    }

    #[test]
    fn a_failure_inside_brackets_is_found() {
        for text in [
            "test \"$(curl -s http://x)\" = ok",
            "[ $(curl -s http://x | jq .state) = ok ]",
            "[[ -n \"$(curl -s 'http://x')\" ]]",
            "test ok = \"`curl -s http://x`\"",
            "test \"$(echo \"$(curl -s http://x)\")\" = ok",
            "state=$(curl -s http://x); test \"$state\" = ok",
            "state=$(curl -s http://x)\n[ \"${state}\" = ok ]",
            "printf '%s' \"$(curl -s http://x)\"",
            "sudo test -z \"$(curl -s http://x)\"",
            "test -z \"$(curl -s http://x || true)\"",
            "state=$(curl -s http://x) || :; test -z \"$state\"",
            "comm -3 <(curl -s http://x) names",
        ] {
            assert_eq!(of(text).as_deref(), Some("curl"), "{text}");
        }
        assert_eq!(of("test \"$(cat /srv/state)\" = ok").as_deref(), Some("cat"));
    }

    #[test]
    fn what_decides_about_the_failure_is_silent() {
        for text in [
            "test \"$(id -u)\" = 0",
            "test \"$(date +%H)\" -lt 8",
            "test $((1 + 2)) = 3",
            "test \"$HOME\" = /root",
            "state=$(curl -s http://x) && test \"$state\" = ok",
            "set -e; state=$(curl -s http://x); test \"$state\" = ok",
            "state=$(curl -s http://x); test \"$states\" = ok",
            "test \"$(curl -s http://x || echo down)\" = up",
            "kubectl get \"$(cat /srv/name)\"",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
