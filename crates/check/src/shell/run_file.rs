//! Files that a program runs: `sh FILE`, `. FILE`, `awk -f FILE`, and stdin under the name of a file.

use super::code_reader::{CodeKind, CodeReader, reader, takes_code};
use super::code_table::{INTERPRETERS, SCRIPTED, is_shell, named};
use super::program::ProgramWords;
use super::shell_call::shell_call;

/// What stdin is called where a file is expected.
const STDIN: &str = "/dev/stdin";

/// Whether a file of this name is stdin.
pub(super) fn is_stdin(file: &str) -> bool {
    matches!(file, STDIN | "/dev/fd/0" | "/proc/self/fd/0")
}

/// The files that a program runs, and as what.
pub(super) fn files_run(program: &ProgramWords<'_>) -> Vec<(String, CodeReader)> {
    let ProgramWords { name, arguments, .. } = *program;
    let mut found = Vec::new();
    let first = || {
        let at = arguments.iter().position(|word| !word.starts_with(['-', '+']))?;
        Some((at, arguments.get(at)?))
    };
    let runs = |file: Option<&String>, kind| file.map(|file| (file.clone(), reader(name, kind)));
    if is_shell(name) {
        let call = shell_call(arguments);
        let file = call.operand.filter(|_| !call.code && !call.stdin).and_then(|at| arguments.get(at));
        found.extend(runs(file, CodeKind::Shell));
    } else if matches!(name, "." | "source" | "crontab") {
        found.extend(runs(first().map(|(_, file)| file), CodeKind::Shell));
    } else if let (Some((letters, _)), Some((at, file))) = (named(INTERPRETERS, name), first()) {
        let before = arguments.get(..at).unwrap_or_default();
        let file = Some(file).filter(|_| !before.iter().any(|word| takes_code(word, letters).is_some()));
        found.extend(runs(file, CodeKind::Program));
    }
    let kind = match name {
        "make" | "gmake" | "at" | "expect" | "dc" => CodeKind::Program,
        "psql" | "ysqlsh" => CodeKind::Query,
        _ if SCRIPTED.iter().any(|row| row.0 == name) => CodeKind::Program,
        _ => return found,
    };
    let files = arguments.iter().enumerate().filter_map(|(at, word)| {
        let long = ["--file", "--makefile"].iter().find_map(|option| word.strip_prefix(option));
        let attached = takes_code(word, "f").or(long.map(|rest| rest.strip_prefix('=').unwrap_or(rest)))?;
        if attached.is_empty() { arguments.get(at + 1).map(String::as_str) } else { Some(attached) }
    });
    found.extend(files.map(|file| {
        let file = if file == "-" { STDIN } else { file };
        (file.to_owned(), reader(name, kind))
    }));
    found
}
