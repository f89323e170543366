//! Detects files in another language. `.rb` is also Ruby's extension, and any file can be passed: a file that is
//! plainly something else gets one finding that says so.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};

/// A line with surrounding blanks removed, and its offset.
type ForeignLine<'t> = (usize, &'t str);

/// Reports what the file is instead of a runbook; `None` if any line is one that only a runbook has.
pub(super) fn detect(source: SourceId, text: &str) -> Option<Diagnostic> {
    if text.lines().any(is_ours) {
        return None;
    }
    let ((at, line), what) = of_its_beginning(text).or_else(|| of_its_lines(text))?;
    let place = Span::between(at, at + line.len()).in_source(source);
    let code = if what == "Ruby" { Code::SYNTAX_RUBY } else { Code::SYNTAX_FOREIGN };
    let label =
        if what == "a shell script" { "a line of shell".to_owned() } else { format!("a line of {what}") };
    Some(
        Diagnostic::new(code, format!("this file is {what}, not a runbook"), place, label)
            .help("a runbook begins with `runbook \"TITLE\"`; `rbl new FILE` writes a first one"),
    )
}

fn is_ours(line: &str) -> bool {
    let line = line.trim();
    if line.starts_with("step \"") {
        return line.ends_with('{');
    }
    ["runbook \"", "tests for \"", "check \"", "action \"", "action `", "escalate to ", "metric "]
        .iter()
        .any(|start| line.starts_with(start))
}

/// Iterates over the non-empty lines.
fn lines(text: &str) -> impl Iterator<Item = ForeignLine<'_>> {
    let body = without_mark(text);
    let mut at = text.len() - body.len();
    body.split_inclusive('\n')
        .map(move |line| {
            let begin = at + line.len() - line.trim_start().len();
            at += line.len();
            (begin, line.trim())
        })
        .filter(|(_, line)| !line.is_empty())
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Detects the language by the first line, if that is unambiguous.
fn of_its_beginning(text: &str) -> Option<(ForeignLine<'_>, &'static str)> {
    let (at, first) = lines(text).next()?;
    let small: String = first.chars().take(16).collect::<String>().to_lowercase();
    let what = if first.starts_with("#!") {
        interpreter(first)?
    } else if small.starts_with("<?xml") {
        "XML"
    } else if small.starts_with("<!doctype") || small.starts_with("<html") {
        "HTML"
    } else if is_json(text) {
        "JSON"
    } else if first.starts_with("--- a/") || first.starts_with("diff --git ") {
        "a patch"
    } else if first == "---" || first.starts_with("%YAML") {
        "YAML"
    } else if is_markdown(text, first) {
        "Markdown"
    } else {
        return None;
    };
    Some(((at, first), what))
}

/// Returns the program that a `#!` line starts.
fn interpreter(first: &str) -> Option<&'static str> {
    let mut words = first.trim_start_matches("#!").split_whitespace();
    let program = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
    let mut name = program(words.next()?);
    if name == "env" {
        name = program(words.find(|word| !word.starts_with('-'))?);
    }
    match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "sh" | "bash" | "dash" | "ksh" | "zsh" | "ash" | "fish" => Some("a shell script"),
        "python" => Some("Python"),
        "ruby" => Some("Ruby"),
        "perl" => Some("Perl"),
        "node" | "deno" | "bun" => Some("JavaScript"),
        _ => None,
    }
}

fn is_json(text: &str) -> bool {
    let text = without_mark(text).trim();
    let behind = |open| text.strip_prefix(open).map(str::trim_start);
    if let Some(rest) = behind('{') {
        return rest.starts_with('"') || rest == "}";
    }
    behind('[').is_some_and(|rest| rest.starts_with(['{', '[', '"']) || rest == "]")
}

/// Whether this is Markdown. A Markdown heading is a comment here, so a second sign that only Markdown has is required.
fn is_markdown(text: &str, first: &str) -> bool {
    let fenced = lines(text).any(|(_, line)| line.starts_with("```") || line.starts_with("~~~"));
    let heading = |line: &str| {
        let title = line.trim_start_matches('#');
        title.len() < line.len() && title.starts_with(' ')
    };
    let listed = |line: &str| line.starts_with("- ") || line.starts_with("* ") || line.starts_with("1. ");
    fenced || (heading(first) && lines(text).any(|(_, line)| listed(line)))
}

/// Detects the language by a line that only one language has.
fn of_its_lines(text: &str) -> Option<(ForeignLine<'_>, &'static str)> {
    if let Some(line) = lines(text).find(|(_, line)| is_python(line)) {
        return Some((line, "Python"));
    }
    if lines(text).any(|(_, line)| is_ruby(line)) {
        // The surest line is often the last one; the finding points at the first Ruby line.
        let line = lines(text).find(|(_, line)| is_ruby(line) || opens_ruby(line))?;
        return Some((line, "Ruby"));
    }
    let mut content = lines(text).filter(|(_, line)| !line.starts_with('#'));
    let first = content.next()?;
    if is_section(first.1) {
        return Some((first, "TOML"));
    }
    // A single such line could be a slip.
    (is_yaml(first.1) && content.next().is_none_or(|(_, line)| is_yaml(line) || line.starts_with("- ")))
        .then_some((first, "YAML"))
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && word.chars().all(|c| c.is_alphanumeric() || "_.".contains(c))
}

fn is_python(line: &str) -> bool {
    let code = line.split(" #").next().unwrap_or(line).trim_end();
    let (word, rest) = code.split_once(' ').unwrap_or((code, ""));
    match word {
        "import" => rest.split(',').all(|one| match one.split_whitespace().collect::<Vec<_>>().as_slice() {
            [name] => is_name(name),
            [name, "as", short] => is_name(name) && is_name(short),
            _ => false,
        }),
        "from" => rest.split_once(" import ").is_some_and(|(from, _)| from.starts_with('.') || is_name(from)),
        "def" => rest.contains('(') && code.ends_with(':'),
        "async" => rest.starts_with("def ") && code.ends_with(':'),
        "class" => code.ends_with(':') && is_name(rest.split(['(', ':']).next().unwrap_or_default()),
        _ => false,
    }
}

/// Whether only Ruby has this line.
fn is_ruby(line: &str) -> bool {
    let word = line.split([' ', '(', '"', '\'']).next().unwrap_or_default();
    let rest = line.get(word.len()..).unwrap_or_default();
    match word {
        "end" => rest.is_empty(),
        "require" | "require_relative" => {
            rest.trim_start().starts_with(['"', '\'']) && line.ends_with(['"', '\''])
        }
        "puts" => !rest.is_empty() && !line.ends_with(';'),
        "class" => rest
            .split_once(" < ")
            .is_some_and(|(name, from)| is_name(name.trim()) && from.starts_with(char::is_uppercase)),
        _ if word.starts_with("attr_") => rest.trim_start().starts_with(':'),
        _ => line.contains(" do |") && line.ends_with('|'),
    }
}

/// Whether Ruby has this line; other languages may have it too.
fn opens_ruby(line: &str) -> bool {
    let word = line.split([' ', '(']).next().unwrap_or_default();
    (matches!(word, "def" | "class" | "module") && line.len() > word.len()) || line.ends_with(" do")
}

fn is_section(line: &str) -> bool {
    let inside = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inside.map(|inside| inside.trim_matches(['[', ']'])).is_some_and(|name| {
        is_name(name.trim())
            || (name.contains('.')
                && name.split(['.', '"']).all(|part| part.is_empty() || !part.contains(',')))
    })
}

fn is_yaml(line: &str) -> bool {
    line.split_once(':').is_some_and(|(key, rest)| {
        (rest.is_empty() || rest.starts_with(' ')) && !key.is_empty() && is_name(&key.replace('-', "_"))
    })
}
