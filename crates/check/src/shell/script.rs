//! A script that stands in a command as text: that of `sh -c`, `eval`, `ssh HOST`, `su -c`.

use super::code_reader::{RemoteAt, remote_at, takes_code};
use super::code_table::{SHELL_USERS, is_shell, remote};
use super::program::{ProgramWords, base_name, resolved};
use super::shell_call::{script_at, shell_call};

/// What a script knows of the variables of the command that runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inherited {
    /// It runs on another machine.
    Nothing,
    /// The variables of the environment.
    Environment,
    /// It runs in the same shell.
    Everything,
}

/// A script, and what it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EmbeddedScript {
    /// Its text, quotes removed.
    pub(super) text: String,
    /// The words of the command from which it is made.
    pub(super) words: std::ops::Range<usize>,
    /// The word of the command that is its `$0`; those behind it are `$1` and so on.
    pub(super) zeroth: Option<usize>,
    pub(super) inherited: Inherited,
    /// Whether words that come in on stdin are arguments of it too.
    pub(super) by_xargs: bool,
}

/// The script that these words run, if they hold one.
pub(super) fn embedded_script(words: &[String]) -> Option<EmbeddedScript> {
    let program = resolved(words);
    program.as_ref().and_then(|program| in_program(program, words.len())).or_else(|| {
        // A program that is not known may run what stands behind it: `our-wrapper sh -c …`.
        let at = words.iter().rposition(|word| is_shell(base_name(word)))?;
        let name = base_name(words.get(at)?);
        let shell = ProgramWords { name, arguments: words.get(at + 1..)?, by_xargs: false, rereads: None };
        in_program(&shell, words.len())
    })
}

/// The first of the words that a shell which reads its script from stdin hands to that script.
pub(super) fn arguments_of_stdin(words: &[String]) -> Option<usize> {
    let program = resolved(words).filter(|program| is_shell(program.name))?;
    let offset = words.len() - program.arguments.len();
    let call = shell_call(program.arguments);
    call.operand.filter(|_| call.stdin && !call.code).map(|at| offset + at)
}

fn in_program(program: &ProgramWords<'_>, length: usize) -> Option<EmbeddedScript> {
    let ProgramWords { name, arguments, by_xargs, rereads } = *program;
    if rereads.is_some() {
        return None;
    }
    let offset = length - arguments.len();
    let at = |index: usize| {
        let text = arguments.get(index)?.clone();
        Some((text, offset + index..offset + index + 1))
    };
    let joined = |from: usize| {
        let text = arguments.get(from..).filter(|words| !words.is_empty())?.join(" ");
        Some((text, offset + from..length))
    };
    let ((text, words), zeroth, inherited) = if is_shell(name) {
        let script = script_at(arguments)?;
        (at(script)?, Some(offset + script + 1), Inherited::Environment)
    } else if let Some((values, host)) = remote(name) {
        let RemoteAt::Command(command) = remote_at(values, host, arguments) else { return None };
        (joined(arguments.len() - command.len())?, None, Inherited::Nothing)
    } else if SHELL_USERS.contains(&name) {
        let option =
            arguments.iter().position(|word| takes_code(word, "c") == Some("") || word == "--command")?;
        (at(option + 1)?, None, Inherited::Environment)
    } else {
        match name {
            "eval" => (joined(0)?, None, Inherited::Everything),
            "trap" => (
                at(usize::from(arguments.first().is_some_and(|word| word == "--")))?,
                None,
                Inherited::Everything,
            ),
            "watch" => {
                let first = arguments.iter().position(|word| !word.starts_with('-'))?;
                (joined(first)?, None, Inherited::Environment)
            }
            _ => return None,
        }
    };
    Some(EmbeddedScript { text, words, zeroth, inherited, by_xargs })
}
