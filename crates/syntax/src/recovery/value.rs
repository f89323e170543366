//! Reports `#{…}` around something that is not an expression, with what was probably meant: a default, a format, a
//! filter, a call without brackets.

use crate::diagnostic::{Code, Diagnostic, Safety};
use crate::source::Place;

/// The way out if the characters themselves are meant.
const LITERAL: &str = "if the characters themselves are meant, write `\\#{`";

/// The functions that other languages write as a filter or as a word before the value, each with its name here.
const FUNCTIONS: [(&str, &str); 20] = [
    ("upper", "upper"),
    ("upcase", "upper"),
    ("uppercase", "upper"),
    ("lower", "lower"),
    ("downcase", "lower"),
    ("lowercase", "lower"),
    ("trim", "trim"),
    ("strip", "trim"),
    ("round", "round"),
    ("abs", "abs"),
    ("min", "min"),
    ("max", "max"),
    ("avg", "avg"),
    ("sum", "sum"),
    ("count", "count"),
    ("length", "length"),
    ("len", "length"),
    ("size", "length"),
    ("number", "number"),
    ("int", "number"),
];

/// Reports `#{…}` as written, with its braces; one that nothing closes ends at its brace.
pub(crate) fn of_no_expression(place: Place, written: &str) -> Diagnostic {
    let finding = |message: &str, label: &str| Diagnostic::new(Code::SYNTAX_VALUE, message, place, label);
    let Some(inside) = written.strip_prefix("#{").and_then(|rest| rest.strip_suffix('}')) else {
        return finding("`#{` is never closed", "a value begins here").help("write `#{NAME}`").help(LITERAL);
    };
    let inside = inside.trim();
    if inside.is_empty() {
        return finding("there is nothing in `#{}`", "a value belongs here")
            .help("write the value: `#{NAME}`")
            .help(LITERAL);
    }
    let shown: String = if inside.chars().count() > 32 {
        let start: String = inside.chars().take(30).collect();
        format!("{start}…")
    } else {
        inside.to_owned()
    };
    let base = finding(&format!("`#{{{shown}}}` is not an expression"), "no value can be put in");
    match meant(inside) {
        Some(Meant { help, right: Some((right, safety)) }) => {
            let title = format!("write `{right}`");
            base.help(help.unwrap_or_else(|| title.clone())).fix(title, safety, place, right).help(LITERAL)
        }
        Some(Meant { help, right: None }) => base.help(help.unwrap_or_default()).help(LITERAL),
        None => base.help("write a name or an expression: `#{p99}`, `#{max(disk)}`").help(LITERAL),
    }
}

/// What was probably meant.
struct Meant {
    help: Option<String>,
    right: Option<(String, Safety)>,
}

// The searches return an option each, and these are their results.
#[allow(clippy::unnecessary_wraps)]
impl Meant {
    fn only(help: String) -> Option<Self> {
        Some(Self { help: Some(help), right: None })
    }

    fn right(right: String, safety: Safety) -> Option<Self> {
        Some(Self { help: None, right: Some((right, safety)) })
    }
}

fn meant(inside: &str) -> Option<Meant> {
    default(inside)
        .or_else(|| shell_form(inside))
        .or_else(|| filter(inside))
        .or_else(|| format(inside))
        .or_else(|| call(inside))
        .or_else(|| wrapped(inside))
        .or_else(|| other_language(inside))
}

/// `name:-web`, `name-web`, `name:=web`, `name ?? "web"`, `name || "web"`: a default.
fn default(inside: &str) -> Option<Meant> {
    let (name, rest) = leading_name(inside)?;
    let rest = rest.trim_start();
    let signs = [":-", ":=", ":?", ":+", "??", "?:", "||", "//"];
    let sign = signs.iter().find(|sign| rest.starts_with(**sign))?;
    let value = rest.get(sign.len()..)?.trim().trim_matches(['"', '\'']);
    let help = match *sign {
        ":?" | ":+" => {
            format!("write `#{{{name}}}`: a value that is not there is unknown, and is shown as that")
        }
        _ => {
            format!("write `#{{{name}}}`, and the default where it is declared: `param {name} = \"{value}\"`")
        }
    };
    Meant::only(help)
}

/// `name%.txt`, `name##*/`, `name^^`, `#name`, `name[@]`: the shell's own expansions.
fn shell_form(inside: &str) -> Option<Meant> {
    if let Some(name) = inside.strip_prefix('#').filter(|name| is_name(name)) {
        return Meant::right(format!("#{{length({name})}}"), Safety::Choice);
    }
    if let Some(name) = inside.strip_prefix(['$', '@', '!']).filter(|name| is_name(name)) {
        return Meant::right(format!("#{{{name}}}"), Safety::Safe);
    }
    let (name, rest) = leading_name(inside)?;
    match rest {
        "^^" | "^" => return Meant::right(format!("#{{upper({name})}}"), Safety::Choice),
        ",," | "," => return Meant::right(format!("#{{lower({name})}}"), Safety::Choice),
        "[@]" | "[*]" => return Meant::right(format!("#{{{name}}}"), Safety::Choice),
        _ => {}
    }
    let cuts =
        rest.starts_with('#') || rest.starts_with("%%") || (rest.starts_with('%') && !rest.ends_with('d'));
    cuts.then(|| {
        Meant::only(format!(
            "write `#{{{name}}}`: nothing is cut from a value as the shell does; cut it in the command, from a variable of its own"
        ))
    })?
}

/// `name | upper`, `name|default("web")`: a filter.
fn filter(inside: &str) -> Option<Meant> {
    let (value, filter) = inside.split_once('|')?;
    let (value, filter) = (value.trim(), filter.trim());
    let word = leading_name(filter)?.0;
    if word == "default" {
        let given = filter.get(word.len()..)?.trim_matches(['(', ')', ' ', ':', '"', '\'']);
        return Meant::only(format!(
            "write `#{{{value}}}`, and the default where it is declared: `param {value} = \"{given}\"`"
        ));
    }
    match ours(word) {
        Some(function) if filter.len() == word.len() => {
            Meant::right(format!("#{{{function}({value})}}"), Safety::Choice)
        }
        _ => Meant::only(format!(
            "there are no filters: write a function around it, as in `#{{upper({value})}}`"
        )),
    }
}

/// `load:.1f`, `load:>10`, `x!r`, `x % 2`: a format.
fn format(inside: &str) -> Option<Meant> {
    let (value, rest) = inside.split_once(':').or_else(|| {
        let (value, rest) = inside.split_once('!')?;
        (rest.len() == 1).then_some((value, rest))
    })?;
    let value = value.trim();
    let rest = rest.trim();
    let format = !value.is_empty()
        && !rest.is_empty()
        && rest.chars().all(|c| c.is_ascii_alphanumeric() || ".,<>^+-%_#= ".contains(c))
        && rest.chars().any(|c| c.is_ascii_digit() || "<>^.%,".contains(c) || rest.len() == 1);
    format.then(|| {
        Meant::only(format!(
            "write `#{{{value}}}`: a reading is shown in a unit that fits; for fewer digits `#{{round({value})}}`"
        ))
    })?
}

/// `max disk`: a call without its brackets.
fn call(inside: &str) -> Option<Meant> {
    let (word, rest) = leading_name(inside)?;
    let value = rest.strip_prefix(' ')?.trim();
    let function = ours(word)?;
    leading_name(value)?;
    Meant::right(format!("#{{{function}({value})}}"), Safety::Choice)
}

/// `{x}`, `{{x}}`, `(x`: braces too many.
fn wrapped(inside: &str) -> Option<Meant> {
    let name = inside.trim_matches(['{', '}', ' ', '%']);
    (name.len() < inside.len() && is_path(name))
        .then(|| Meant::right(format!("#{{{name}}}"), Safety::Safe))?
}

/// `a ? b : c`, `'x'`, `a && b`, `x.first(3)`, `x = 1`.
fn other_language(inside: &str) -> Option<Meant> {
    if let Some((condition, values)) = inside.split_once('?')
        && let Some((yes, no)) = values.split_once(':')
    {
        let (condition, yes, no) = (condition.trim(), yes.trim(), no.trim());
        return Meant::only(format!("write `#{{(if {condition} {{ {yes} }} else {{ {no} }})}}`"));
    }
    if inside.contains("&&") {
        return Meant::only("`&&` is written `and` here".to_owned());
    }
    if inside.contains('\'') {
        return Meant::only("a text in it has double quotes too: `#{x[\"key\"]}`".to_owned());
    }
    None
}

fn ours(word: &str) -> Option<&'static str> {
    FUNCTIONS.iter().find(|(theirs, _)| *theirs == word).map(|(_, ours)| *ours)
}

/// Splits off the name, with its fields, that a text begins with.
fn leading_name(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    let name_only = name.trim_end_matches('.');
    is_path(name_only).then_some((name_only, rest))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn is_path(text: &str) -> bool {
    text.split('.').all(is_name)
}

#[cfg(test)]
mod tests {
    use crate::source::SourceId;

    /// The first help of each finding.
    fn helps(text: &str) -> Vec<String> {
        let parsed = crate::parse(SourceId(0), &format!("runbook \"x\"\n{text}\n"));
        parsed.diagnostics.iter().map(|it| it.help.first().cloned().unwrap_or_default()).collect()
    }

    #[test]
    fn what_was_meant_is_guessed() {
        for (written, help) in [
            ("\"#{}\"", "write the value: `#{NAME}`"),
            ("\"#{ }\"", "write the value: `#{NAME}`"),
            ("\"#{a|upper}\"", "write `#{upper(a)}`"),
            ("\"#{max disk}\"", "write `#{max(disk)}`"),
            ("\"#{$x}\"", "write `#{x}`"),
            ("\"#{{x}}\"", "write `#{x}`"),
            ("\"#{#list}\"", "write `#{length(list)}`"),
            ("\"#{name^^}\"", "write `#{upper(name)}`"),
            ("action `echo #{x ? \"a\" : \"b\"}`", "write `#{(if x { \"a\" } else { \"b\" })}`"),
            ("record \"#{a +}\"", "write a name or an expression: `#{p99}`, `#{max(disk)}`"),
            ("record \"\"\"\n  #{a b c}\n\"\"\"", "write a name or an expression: `#{p99}`, `#{max(disk)}`"),
        ] {
            assert_eq!(helps(written), [help], "{written}");
        }
        for (written, part) in [
            ("action `restart #{unit:-web} now`", "`param unit = \"web\"`"),
            ("\"#{unit ?? \"web\"}\"", "`param unit = \"web\"`"),
            ("\"load is #{load:.1f}\"", "`#{round(load)}`"),
            ("\"#{a|default('x')}\"", "`param a = \"x\"`"),
            ("\"#{name%.txt}\"", "nothing is cut"),
            ("metric m from prometheus \"up{job='#{job:-x}'}\"", "`param job = \"x\"`"),
        ] {
            let said = helps(written);
            assert!(said.len() == 1 && said.iter().all(|it| it.contains(part)), "{written}: {said:?}");
        }
    }

    #[test]
    fn the_characters_themselves_are_written_with_a_backslash() {
        assert!(helps("\"\\#{}\"").is_empty());
        assert!(helps("action `awk '{ print \\#{x} }'`").is_empty());
        assert!(helps("record \"\"\"\n  \\#{a b c}\n\"\"\"").is_empty());
        assert!(helps("\"a # b #c #\"").is_empty());
    }
}
