//! The programs that read a word, or their stdin, as code: shells, interpreters, and clients of databases.

use super::code_option;
use super::code_table::{
    CLIENTS, INTERPRETERS, LOCAL_COMMANDS, OPTION_TAKERS, READS_ALL, REMOTE, SCRIPTED, SHELL_USERS, is_shell,
    named, remote,
};
use super::code_variable::is_code;
use super::program::{CommandWords, ProgramWords, base_name, resolved};
use super::run_file::{files_run, is_stdin};
use super::shell_call::shell_call;

/// What is read as code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CodeKind {
    /// A command.
    Shell,
    /// A program of another language.
    Program,
    /// A statement of a database, for which many clients have no other way to take a value.
    Query,
    /// An expression of the shell, which runs the commands in the index of an array.
    Arithmetic,
    /// An argument of a program that is known only during the run, or of one that runs commands.
    Argument,
    /// What stands where a command begins, without quotes: the shell makes words of it, and runs the first.
    Unquoted,
    /// A word without quotes, of which the shell makes several.
    Words,
}

/// A program that reads something as code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CodeReader {
    pub(super) name: String,
    pub(super) kind: CodeKind,
}

/// The last of these words that is a shell.
pub(super) fn last_shell(words: &[String]) -> Option<usize> {
    words.iter().rposition(|word| is_shell(base_name(word)))
}

/// The program that reads the word behind these as code, given the beginning of that word. `last_shell`: the last of the
/// words that is a shell, see [`last_shell`]; a command of thousands of values does not look for it before each.
pub(super) fn of_next_word(words: &[String], last_shell: Option<usize>, begun: &str) -> Option<CodeReader> {
    if let Some(variable) = assigned_code(words, begun) {
        return Some(reader(variable, CodeKind::Shell));
    }
    let program = resolved(words);
    let exact = program.as_ref().and_then(|program| in_program(program, begun));
    // A program that is not known may run what stands behind it: `our-wrapper sh -c …`.
    exact
        .or_else(|| {
            let at = last_shell?;
            let shell = ProgramWords {
                name: base_name(words.get(at)?),
                arguments: words.get(at + 1..)?,
                by_xargs: false,
                rereads: None,
            };
            of_shell(&shell, begun)
        })
        .or_else(|| {
            // A program that only the run knows.
            let name = program.as_ref()?.name;
            (name.starts_with('$') && !matches!(name, "$@" | "$*")).then(|| reader(name, CodeKind::Argument))
        })
}

/// The variable that the next word assigns for a program, or exports, if its value is code.
fn assigned_code<'a>(words: &[String], begun: &'a str) -> Option<&'a str> {
    let (name, _) = begun.split_once('=')?;
    let name = name.trim_end_matches('+');
    let assigns = resolved(words).is_none_or(|program| {
        matches!(program.name, "export" | "declare" | "typeset" | "readonly" | "local" | "setenv")
    });
    (assigns && is_code(name)).then_some(name)
}

fn in_program(program: &ProgramWords<'_>, begun: &str) -> Option<CodeReader> {
    let ProgramWords { name, arguments, rereads, .. } = *program;
    if let Some(wrapper) = rereads {
        return Some(reader(wrapper, CodeKind::Shell));
    }
    if READS_ALL.contains(&name) {
        return (!declares_text(name, arguments, begun)).then(|| reader(name, CodeKind::Shell));
    }
    if let Some(found) = of_shell(program, begun) {
        return Some(found);
    }
    if let Some((values, host)) = remote(name) {
        let local = |word: &str| is_local_setting(arguments, word);
        let in_command = matches!(remote_at(values, host, arguments), RemoteAt::Command(_));
        return (in_command || local(begun)).then(|| reader(name, CodeKind::Shell));
    }
    if SHELL_USERS.contains(&name)
        && (takes_letter(arguments, begun, "c") || takes_long(arguments, begun, &["--command"]))
    {
        return Some(reader(name, CodeKind::Shell));
    }
    if let Some((letters, long)) = named(INTERPRETERS, name) {
        let reads = takes_letter(arguments, begun, letters) || takes_long(arguments, begun, long);
        return reads.then(|| reader(name, CodeKind::Program));
    }
    if let Some((letters, long)) = named(CLIENTS, name) {
        // The statement is the operand behind the file.
        let operands = arguments.iter().filter(|word| !word.starts_with('-')).count();
        let operand = name == "sqlite3" && operands >= 1 && !begun.starts_with('-');
        let reads = operand || takes_letter(arguments, begun, letters) || takes_long(arguments, begun, long);
        return reads.then(|| reader(name, CodeKind::Query));
    }
    if let Some((_, values, program_letters)) = SCRIPTED.iter().find(|it| it.0 == name) {
        return reads_script(arguments, begun, values, program_letters)
            .then(|| reader(name, CodeKind::Program));
    }
    if matches!(name, "scp" | "sftp") && is_local_setting(arguments, begun) {
        return Some(reader(name, CodeKind::Shell));
    }
    match name {
        "m4" if takes_letter(arguments, begun, "D") || takes_long(arguments, begun, &["--define"]) => {
            Some(reader(name, CodeKind::Program))
        }
        // `$(shell …)` is expanded in the value of a variable.
        "make" | "gmake" if begun.contains('=') => Some(reader(name, CodeKind::Program)),
        "deno" if arguments.first().is_some_and(|word| word == "eval") => {
            Some(reader(name, CodeKind::Program))
        }
        "tar" | "bsdtar" if begun.contains("exec=") => Some(reader(name, CodeKind::Shell)),
        // The name of a variable: `test -v "a[$(…)]"`.
        "test" | "[" | "printf" if arguments.last().is_some_and(|word| word == "-v" || word == "-R") => {
            Some(reader(name, CodeKind::Shell))
        }
        "mapfile" | "readarray" if !begun.starts_with('-') => Some(reader(name, CodeKind::Shell)),
        _ if code_option::is_command(name, arguments, begun) => Some(reader(name, CodeKind::Shell)),
        _ => None,
    }
}

/// Whether the next word of `ssh` is a setting that runs a command on this machine, or may be one: `-o #{…}`.
fn is_local_setting(arguments: &[String], begun: &str) -> bool {
    let setting = match arguments.last().map(String::as_str) {
        Some("-o") => begun,
        _ => match begun.strip_prefix("-o") {
            Some(setting) => setting,
            None => return false,
        },
    };
    let (name, complete) = setting.split_once(['=', ' ']).map_or((setting, false), |(name, _)| (name, true));
    if complete {
        LOCAL_COMMANDS.iter().any(|option| name.eq_ignore_ascii_case(option))
    } else {
        LOCAL_COMMANDS.iter().any(|option| {
            option.get(..name.len()).is_some_and(|beginning| name.eq_ignore_ascii_case(beginning))
        })
    }
}

/// `declare x=…`, which is a plain assignment unless `x` is a number, an array or another name for a variable.
fn declares_text(name: &str, arguments: &[String], begun: &str) -> bool {
    matches!(name, "declare" | "typeset")
        && begun
            .split_once('=')
            .is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        && !arguments.iter().any(|word| takes_code(word, "iaAn").is_some())
}

/// The program that reads its stdin as code.
pub(super) fn of_stdin(program: &ProgramWords<'_>) -> Option<CodeReader> {
    let ProgramWords { name, arguments, by_xargs, rereads } = *program;
    if by_xargs {
        return by_arguments(program);
    }
    if rereads.is_some() {
        return arguments.iter().all(|word| word.starts_with('-')).then(|| reader("sudo", CodeKind::Shell));
    }
    if is_shell(name) {
        return shell_reads_stdin(arguments).then(|| reader(name, CodeKind::Shell));
    }
    if let Some((_, found)) = files_run(program).into_iter().find(|(file, _)| is_stdin(file)) {
        return Some(found);
    }
    if let Some((values, host)) = remote(name) {
        return match remote_at(values, host, arguments) {
            RemoteAt::Command(command) if !command.is_empty() => {
                let words: Vec<String> =
                    command.iter().flat_map(|word| word.split_whitespace()).map(str::to_owned).collect();
                of_stdin(&resolved(&words)?)
            }
            RemoteAt::Command(_) => Some(reader(name, CodeKind::Shell)),
            RemoteAt::Value | RemoteAt::Host => None,
        };
    }
    let names_code = |letters: &str, long: &[&str]| {
        arguments.iter().any(|word| {
            takes_code(word, letters).is_some() || long.iter().any(|option| word.starts_with(option))
        })
    };
    if let Some((letters, long)) = named(INTERPRETERS, name) {
        let script = arguments.iter().any(|word| !word.starts_with('-'));
        let stdin = arguments.iter().any(|word| word == "-");
        return (stdin || !script && !names_code(letters, long)).then(|| reader(name, CodeKind::Program));
    }
    if let Some((letters, long)) = named(CLIENTS, name) {
        let file = arguments.iter().any(|word| takes_code(word, "f").is_some());
        return (!file && !names_code(letters, long)).then(|| reader(name, CodeKind::Query));
    }
    match name {
        "su" | "runuser" if !names_code("c", &["--command"]) => Some(reader(name, CodeKind::Shell)),
        "at" | "batch" | "parallel" => Some(reader(name, CodeKind::Shell)),
        "crontab" if arguments.iter().all(|word| word == "-") => Some(reader(name, CodeKind::Shell)),
        "m4" if arguments.iter().all(|word| word.starts_with('-')) => Some(reader(name, CodeKind::Program)),
        "ed" | "ex" => Some(reader(name, CodeKind::Program)),
        _ => None,
    }
}

/// Whether it runs the file that it is given: `sh <(…)`, `source <(…)`.
pub(super) fn of_file(program: &ProgramWords<'_>) -> Option<CodeReader> {
    let runs = matches!(program.name, "." | "source")
        || is_shell(program.name) && shell_reads_stdin(program.arguments);
    runs.then(|| reader(program.name, CodeKind::Shell))
}

/// The program for which a word that begins with `-` here would be an option that runs code.
pub(super) fn option_taker(program: &ProgramWords<'_>) -> Option<&'static str> {
    let ProgramWords { name, arguments, .. } = *program;
    if let Some((known, values, host)) = REMOTE.iter().find(|it| it.0 == name) {
        let ended = arguments.iter().any(|word| word == "--");
        return (!ended && matches!(remote_at(values, *host, arguments), RemoteAt::Host)).then_some(*known);
    }
    let known = OPTION_TAKERS.iter().copied().find(|known| *known == name)?;
    // What stands behind the script of a shell belongs to the script.
    if is_shell(name) && shell_call(arguments).operand.is_some() {
        return None;
    }
    // Behind an option it may be the value of that.
    let is_value = arguments.last().is_some_and(|word| word.starts_with('-'));
    let ended = name != "find" && arguments.iter().any(|word| word == "--");
    (!is_value && !ended).then_some(known)
}

/// What `xargs` does with its stdin: further words, or in place of a mark.
fn by_arguments(program: &ProgramWords<'_>) -> Option<CodeReader> {
    let mut words = CommandWords::default();
    words.push(program.name);
    for word in program.arguments {
        if (word.contains("{}") || word.contains('%'))
            && let Some(found) = words.reading_again("")
        {
            return Some(found);
        }
        words.push(word);
    }
    words.reading_again("")
}

fn of_shell(program: &ProgramWords<'_>, begun: &str) -> Option<CodeReader> {
    if !is_shell(program.name) {
        return None;
    }
    let call = shell_call(program.arguments);
    let reads = call.operand.is_none()
        && (call.code && !call.value_follows
            || !call.ended && (begun.starts_with("--command=") || takes_code(begun, "c").is_some()));
    reads.then(|| reader(program.name, CodeKind::Shell))
}

/// Whether a shell reads its program from stdin: it has no file and no `-c`.
pub(super) fn shell_reads_stdin(arguments: &[String]) -> bool {
    let call = shell_call(arguments);
    let file = call.operand.and_then(|at| arguments.get(at));
    !call.code && (call.stdin || file.is_none_or(|file| is_stdin(file)))
}

/// Where the next word of `ssh` stands.
pub(super) enum RemoteAt<'a> {
    /// It is the value of an option.
    Value,
    /// It is an option or the host.
    Host,
    /// It belongs to the command, which begins with these.
    Command(&'a [String]),
}

pub(super) fn remote_at<'a>(values: &str, host: bool, arguments: &'a [String]) -> RemoteAt<'a> {
    let mut rest = arguments;
    let mut ended = false;
    while let Some((word, after)) = rest.split_first() {
        match word.strip_prefix('-').filter(|_| !ended) {
            Some("-") => ended = true,
            Some(option) if option.chars().count() == 1 && values.contains(option) => {
                let Some(behind) = after.get(1..) else { return RemoteAt::Value };
                rest = behind;
                continue;
            }
            Some(_) => {}
            None if host => {
                let command =
                    if after.first().is_some_and(|word| word == "--") { after.get(1..) } else { Some(after) };
                return RemoteAt::Command(command.unwrap_or_default());
            }
            None => return RemoteAt::Command(rest),
        }
        rest = after;
    }
    if host { RemoteAt::Host } else { RemoteAt::Command(&[]) }
}

/// Whether the next word is the program of `awk` or `sed`.
fn reads_script(arguments: &[String], begun: &str, values: &str, program_letters: &str) -> bool {
    let mut named = false;
    let mut operand = false;
    let mut value_of = None;
    for word in arguments {
        if value_of.take().is_some() {
            continue;
        }
        let Some(option) = word.strip_prefix('-').filter(|option| !option.is_empty()) else {
            operand = true;
            continue;
        };
        named |= takes_code(word, "ef").is_some() && !option.starts_with(['i', 'v', 'F'])
            || ["-expression", "-file", "-source"].iter().any(|long| option.starts_with(long));
        value_of = option.chars().last().filter(|last| !option.starts_with('-') && values.contains(*last));
    }
    if let Some(letter) = value_of {
        return program_letters.contains(letter);
    }
    if takes_long(arguments, begun, &["--expression", "--source"]) {
        return true;
    }
    if let Some(option) = begun.strip_prefix('-') {
        return !program_letters.is_empty() && option.starts_with(program_letters);
    }
    !named && !operand
}

/// Whether the next word is the value of one of these short options: behind it, or in the same word.
pub(super) fn takes_letter(arguments: &[String], begun: &str, letters: &str) -> bool {
    let last = arguments.last().map_or("", String::as_str);
    takes_code(last, letters) == Some("") || takes_code(begun, letters).is_some()
}

pub(super) fn takes_long(arguments: &[String], begun: &str, long: &[&str]) -> bool {
    let last = arguments.last().map_or("", String::as_str);
    long.iter()
        .any(|option| last == *option || begun.strip_prefix(option).is_some_and(|it| it.starts_with('=')))
}

/// What stands behind one of these letters in a group of short options: `-ec` for `c` is "".
pub(super) fn takes_code<'a>(word: &'a str, letters: &str) -> Option<&'a str> {
    let group = word.strip_prefix('-').filter(|group| !group.starts_with('-'))?;
    let at = group.find(|c| letters.contains(c))?;
    let (before, rest) = group.split_at_checked(at)?;
    before.chars().all(|c| c.is_ascii_alphanumeric()).then(|| rest.get(1..).unwrap_or_default())
}

pub(super) fn reader(name: &str, kind: CodeKind) -> CodeReader {
    CodeReader { name: name.to_owned(), kind }
}
