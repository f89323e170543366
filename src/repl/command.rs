//! Session commands: lines that begin with `:`.

use rbl_syntax::diagnostic::did_you_mean;
use rbl_syntax::value::{Dimension, Quantity};

/// A session command.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum SessionCommand {
    /// `:help [TOPIC]`
    Help(Option<String>),
    /// `:load FILE [NAME=VALUE …]`
    Load(String, Vec<(String, String)>),
    /// `:reload`
    Reload,
    /// `:step`
    Step,
    /// `:next`
    Next,
    /// `:continue`
    Continue,
    /// `:back [N]`
    Back(usize),
    /// `:paths [N]`
    Paths(Option<u64>),
    /// `:given [LINE]`
    Given(Option<String>),
    /// `:clear [WHAT]`
    Clear(Option<String>),
    /// `:save [FILE]`
    Save(Option<String>),
    /// `:metrics [PATTERN]`
    Metrics(Option<String>),
    /// `:where`
    Where,
    /// `:why`
    Why,
    /// `:story`
    Story,
    /// `:names`
    Names,
    /// `:type EXPR`
    Type(String),
    /// `:arm [D]`: seconds
    Arm(f64),
    /// `:disarm`
    Disarm,
    /// `:quit`
    Quit,
}

/// An entry in the list of commands.
pub(super) struct CommandRow {
    /// Its name, without the colon.
    pub(super) name: &'static str,
    /// Its short forms: those of debuggers, and words that people try.
    pub(super) short: &'static [&'static str],
    /// Its arguments.
    pub(super) takes: &'static str,
    /// What it does.
    pub(super) does: &'static str,
}

/// Every command, in the order of the list.
pub(super) const COMMANDS: &[CommandRow] = &[
    CommandRow {
        name: "help",
        short: &["h", "?"],
        takes: "[TOPIC]",
        does: "this list, or a topic: a statement, a function, a code",
    },
    CommandRow {
        name: "load",
        short: &["l"],
        takes: "FILE [NAME=VALUE …]",
        does: "load a runbook, with its parameters: its names are known, and it can be stepped through",
    },
    CommandRow { name: "reload", short: &["r"], takes: "", does: "read the loaded runbook again" },
    CommandRow {
        name: "step",
        short: &["s"],
        takes: "",
        does: "walk the next statement of the loaded runbook",
    },
    CommandRow { name: "next", short: &["n"], takes: "", does: "walk to its next step" },
    CommandRow { name: "continue", short: &["c"], takes: "", does: "walk to its end" },
    CommandRow { name: "back", short: &["b"], takes: "[N]", does: "take N statements back (1)" },
    CommandRow {
        name: "paths",
        short: &["p"],
        takes: "[N]",
        does: "the paths that are still open in the loaded runbook, or one in full",
    },
    CommandRow {
        name: "given",
        short: &["g"],
        takes: "[LINE]",
        does: "assume something, as a test does: `:given p99 = 812ms`; what is given",
    },
    CommandRow {
        name: "clear",
        short: &[],
        takes: "[WHAT]",
        does: "stop assuming what is given, all of it or one",
    },
    CommandRow {
        name: "save",
        short: &[],
        takes: "[FILE_test.rb]",
        does: "the walk as a test: what was given, answered and seen",
    },
    CommandRow {
        name: "metrics",
        short: &[],
        takes: "[PATTERN]",
        does: "the names that the providers have; `*` stands for anything",
    },
    CommandRow { name: "where", short: &["w"], takes: "", does: "where in the runbook this is" },
    CommandRow { name: "why", short: &[], takes: "", does: "what the last decision was made of" },
    CommandRow { name: "story", short: &[], takes: "", does: "what happened so far" },
    CommandRow { name: "names", short: &[], takes: "", does: "the names in scope and their values" },
    CommandRow {
        name: "type",
        short: &["t"],
        takes: "EXPR",
        does: "the type of an expression, without evaluating it",
    },
    CommandRow { name: "arm", short: &[], takes: "[D]", does: "from now on actions are done, for D (15m)" },
    CommandRow { name: "disarm", short: &[], takes: "", does: "actions only say what they would do" },
    CommandRow { name: "quit", short: &["q", "exit"], takes: "", does: "leave (Ctrl-D does too)" },
];

/// The time for which `:arm` holds by default: 15 minutes.
const ARMED: f64 = 900.0;

/// Parses a line that begins with `:`. The error is a message for the user.
pub(super) fn read(line: &str) -> Result<SessionCommand, String> {
    let line = line.trim().trim_start_matches(':').trim_start();
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let row = match known(name).as_slice() {
        [row] => *row,
        [] => {
            let names = COMMANDS.iter().map(|row| row.name);
            let help = did_you_mean(name, names)
                .map_or_else(|| "`:help` lists them".to_owned(), |near| format!("did you mean `:{near}`?"));
            return Err(format!("there is no command `:{name}`; {help}"));
        }
        several => {
            let names: Vec<String> = several.iter().map(|row| format!("`:{}`", row.name)).collect();
            return Err(format!("`:{name}` could be {}", names.join(" or ")));
        }
    };
    let nothing = |command: SessionCommand| {
        if rest.is_empty() { Ok(command) } else { Err(format!("`:{}` takes no argument", row.name)) }
    };
    let needed = |what: &str| {
        if rest.is_empty() {
            Err(format!("`:{} {what}`: {what} is missing", row.name))
        } else {
            Ok(rest.to_owned())
        }
    };
    match row.name {
        "help" => Ok(SessionCommand::Help((!rest.is_empty()).then(|| rest.to_owned()))),
        "load" => needed("FILE").and_then(|rest| load(&rest)),
        "reload" => nothing(SessionCommand::Reload),
        "step" => nothing(SessionCommand::Step),
        "next" => nothing(SessionCommand::Next),
        "continue" => nothing(SessionCommand::Continue),
        "back" if rest.is_empty() => Ok(SessionCommand::Back(1)),
        "back" => rest
            .parse()
            .map(SessionCommand::Back)
            .map_err(|_| format!("`:back {rest}`: how many statements?")),
        "paths" if rest.is_empty() => Ok(SessionCommand::Paths(None)),
        "paths" => rest
            .parse()
            .map(|number| SessionCommand::Paths(Some(number)))
            .map_err(|_| format!("`:paths {rest}`: which number?")),
        "given" => Ok(SessionCommand::Given((!rest.is_empty()).then(|| rest.to_owned()))),
        "clear" => Ok(SessionCommand::Clear((!rest.is_empty()).then(|| rest.to_owned()))),
        "save" => Ok(SessionCommand::Save((!rest.is_empty()).then(|| rest.to_owned()))),
        "metrics" => Ok(SessionCommand::Metrics((!rest.is_empty()).then(|| rest.to_owned()))),
        "where" => nothing(SessionCommand::Where),
        "why" => nothing(SessionCommand::Why),
        "story" => nothing(SessionCommand::Story),
        "names" => nothing(SessionCommand::Names),
        "type" => needed("EXPR").map(SessionCommand::Type),
        "arm" if rest.is_empty() => Ok(SessionCommand::Arm(ARMED)),
        "arm" => match Quantity::parse(rest) {
            Ok(time) if time.dimension == Dimension::DURATION && time.base > 0.0 => {
                Ok(SessionCommand::Arm(time.base))
            }
            _ => Err(format!("`:arm {rest}`: for how long? `:arm 10m`")),
        },
        "disarm" => nothing(SessionCommand::Disarm),
        _ => nothing(SessionCommand::Quit),
    }
}

/// Parses a file name, followed by values for its parameters. The file name may contain blanks, and so may a quoted
/// value.
fn load(rest: &str) -> Result<SessionCommand, String> {
    let mut quoted = false;
    let words: Vec<&str> = rest
        .split(|it: char| {
            quoted ^= it == '"';
            it.is_whitespace() && !quoted
        })
        .collect();
    if quoted {
        return Err("a quote is open; `:load FILE NAME=\"VALUE\"`".into());
    }
    let pair = |word: &str| {
        let (name, value) = word.split_once('=')?;
        let is_name = name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
            && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
        let bare = value.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap_or(value);
        is_name.then(|| (name.to_owned(), bare.to_owned()))
    };
    let first = words.iter().position(|word| pair(word).is_some()).unwrap_or(words.len());
    let (file, given) = words.split_at(first);
    let file = file.join(" ");
    let file = file.trim();
    if file.is_empty() {
        return Err("`:load FILE`: FILE is missing; the parameters come after it".into());
    }
    let mut params: Vec<(String, String)> = Vec::new();
    for word in given.iter().filter(|it| !it.is_empty()) {
        let Some((name, value)) = pair(word) else {
            return Err(format!("`{word}` gives no parameter: `NAME=VALUE`, with blanks `NAME=\"VALUE\"`"));
        };
        if params.iter().any(|(other, _)| *other == name) {
            return Err(format!("the parameter `{name}` is given twice; keep one of them"));
        }
        params.push((name, value));
    }
    Ok(SessionCommand::Load(file.to_owned(), params))
}

/// The command of that name or short form; else all whose names begin with it.
fn known(name: &str) -> Vec<&'static CommandRow> {
    let whole = COMMANDS.iter().find(|row| row.name == name || row.short.contains(&name));
    match whole {
        Some(row) => vec![row],
        None => COMMANDS.iter().filter(|row| !name.is_empty() && row.name.starts_with(name)).collect(),
    }
}

/// The session command that somebody means who types `help`, `?`, `exit` or `quit` without the colon; `None` for any
/// other text.
pub(super) fn without_colon(line: &str) -> Option<String> {
    let (word, topic) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let topic = topic.trim();
    let is_topic = topic.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '-' | '/' | ' ' | '`'));
    match word {
        "help" | "?" if is_topic => Some(format!(":help {topic}")),
        "exit" | "quit" | "exit()" | "quit()" if topic.is_empty() => Some(":quit".into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_may_be_cut_short_where_it_is_the_only_one() {
        assert_eq!(read(":help"), Ok(SessionCommand::Help(None)));
        assert_eq!(read(": q"), Ok(SessionCommand::Quit));
        assert_eq!(read(":load  a b.rb "), Ok(SessionCommand::Load("a b.rb".into(), Vec::new())));
        assert_eq!(read(":back 3"), Ok(SessionCommand::Back(3)));
        assert_eq!(read(":arm 10m"), Ok(SessionCommand::Arm(600.0)));
        assert_eq!(read(":arm 10"), Err("`:arm 10`: for how long? `:arm 10m`".into()));
        assert_eq!(read(":sotry"), Err("there is no command `:sotry`; did you mean `:story`?".into()));
        assert_eq!(read(":s"), Ok(SessionCommand::Step));
        assert_eq!(read(":exit"), Ok(SessionCommand::Quit));
        assert_eq!(read(":? check"), Ok(SessionCommand::Help(Some("check".into()))));
        assert_eq!(read(":st"), Err("`:st` could be `:step` or `:story`".into()));
        assert_eq!(read(":step 2"), Err("`:step` takes no argument".into()));
        assert_eq!(read(":load"), Err("`:load FILE`: FILE is missing".into()));
    }

    #[test]
    fn values_for_parameters_stand_behind_the_file() {
        let pairs = |all: &[(&str, &str)]| -> Vec<(String, String)> {
            all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let load = |file: &str, all: &[(&str, &str)]| Ok(SessionCommand::Load(file.into(), pairs(all)));
        assert_eq!(
            read(":load a b.rb service=api limit=5"),
            load("a b.rb", &[("service", "api"), ("limit", "5")])
        );
        assert_eq!(read(":load a.rb why=\"two words\" x="), load("a.rb", &[("why", "two words"), ("x", "")]));
        assert_eq!(read(":load ./k=v/a.rb"), load("./k=v/a.rb", &[]));
        for (line, said) in [
            (":load a.rb x=1 x=2", "given twice"),
            (":load x=1", "FILE is missing"),
            (":load a.rb x=two words", "`words` gives no parameter"),
            (":load a.rb x=\"two", "a quote is open"),
        ] {
            assert!(read(line).unwrap_err().contains(said), "{line}");
        }
    }

    #[test]
    fn no_short_form_stands_for_two_commands() {
        let all: Vec<&str> =
            COMMANDS.iter().flat_map(|row| row.short.iter().copied().chain([row.name])).collect();
        for (at, name) in all.iter().enumerate() {
            assert!(!all.iter().skip(at + 1).any(|other| other == name), "{name}");
        }
    }

    #[test]
    fn help_and_exit_need_no_colon() {
        let meant = |line: &str| without_colon(line);
        assert_eq!(meant("?"), Some(":help ".into()));
        assert_eq!(meant("help for each"), Some(":help for each".into()));
        assert_eq!(meant("help unit/missing"), Some(":help unit/missing".into()));
        assert_eq!(meant("exit"), Some(":quit".into()));
        assert_eq!(meant("quit()"), Some(":quit".into()));
        for line in ["help = 3", "exit + 1", "exit.status == 0", "helpful", "check exit"] {
            assert_eq!(meant(line), None, "{line}");
        }
    }

    #[test]
    fn every_command_of_the_list_can_be_read() {
        for row in COMMANDS {
            let line = if row.takes == "EXPR" || row.takes.starts_with("FILE") {
                format!(":{} x", row.name)
            } else {
                format!(":{}", row.name)
            };
            assert!(read(&line).is_ok(), "{line}");
        }
    }
}
