//! Findings about text that cannot be read: each mistake once, at its place, with what to write instead.
//!
//! *Invariant:* only reached if something could not be read; a correct text costs nothing.

mod conflict;
mod expected;
pub(super) mod fix;
mod foreign;
mod foreign_line;
mod form;
mod habit;
mod misplaced_part;
mod value;

use pest::Parser;
use pest::error::{Error, ErrorVariant, InputLocation};

pub use foreign_line::OTHERWISE;
pub(crate) use misplaced_part::list_in_words;
pub(super) use value::of_no_expression as value_of_no_expression;

use super::build::GrammarPair;
use super::grammar::{Grammar, Rule};
use super::layout::LaidOut;
use crate::diagnostic::{Code, Diagnostic, Safety, did_you_mean};
use crate::source::{SourceId, Span};

/// Whether a word only follows the beginning of a statement.
pub(super) fn is_modifier(word: &str) -> bool {
    form::MODIFIERS.contains(&word)
}

/// The maximum size of a text, in bytes.
const MAX_SIZE: usize = 64 << 20;

/// Reports a file that is not a text, or too large.
pub(super) fn not_a_text(source: SourceId, text: &str) -> Option<Diagnostic> {
    if text.len() > MAX_SIZE {
        let place = Span::new(0, 0).in_source(source);
        let message = "this file is larger than 64 MiB";
        return Some(Diagnostic::new(Code::SYNTAX_FILE, message, place, "not read").help("is it a runbook?"));
    }
    let nul = memchr::memchr(0, text.as_bytes())?;
    let at = u32::try_from(nul).unwrap_or(0);
    let place = Span::new(at, at + 1).in_source(source);
    let diagnostic = Diagnostic::new(Code::SYNTAX_FILE, "this file is not text", place, "a byte of value 0");
    Some(diagnostic.help("is it a runbook? save it as UTF-8"))
}

/// Reports that the grammar rejected the whole file. Error recovery should prevent this; it is here so that no error is
/// lost.
pub(super) fn whole_file(source: SourceId, laid_out: &LaidOut, error: &Error<Rule>) -> Diagnostic {
    let at = position(error);
    let place = laid_out.span(at, at).in_source(source);
    Diagnostic::new(Code::SYNTAX_STATEMENT, "this file cannot be read from here on", place, "here")
        .help("take this line out and check again")
}

/// Reports a statement, declaration, line or condition that could not be read.
pub(super) fn unreadable(
    source: SourceId,
    laid_out: &LaidOut,
    pair: &GrammarPair<'_>,
    lone: Rule,
) -> Diagnostic {
    let written = Excerpt::new(source, laid_out, pair.as_span().start(), pair.as_span().end());
    let is_condition = lone == Rule::lone_condition;
    let whole_line = !is_condition && lone != Rule::text;
    let foreign = whole_line.then(|| foreign_line::find(&written, lone == Rule::lone_match_arm)).flatten();
    if let Some(diagnostic) = foreign
        .or_else(|| misplaced_part::find(&written, is_condition))
        .or_else(|| habit::find(&written, is_condition))
    {
        return diagnostic;
    }
    let word = written.first_word();
    match lone {
        Rule::text => {
            let message = "a title is a text in quotes";
            return Diagnostic::new(
                Code::SYNTAX_STATEMENT,
                message,
                written.head_place(),
                "no text in quotes",
            )
            .help("write for example `step \"Look at the dashboard\" { … }`");
        }
        Rule::for_each_stmt | Rule::repeat_stmt => {
            let (word, shown) =
                if lone == Rule::repeat_stmt { ("repeat", "repeat") } else { ("for", "for each") };
            let message = format!("this `{shown}` cannot be read");
            let diagnostic =
                Diagnostic::new(Code::SYNTAX_STATEMENT, message, written.head_place(), "not of its form");
            return with_form(diagnostic, word);
        }
        Rule::lone_condition => {}
        _ => {
            if let Some(diagnostic) = form::unknown_start(&written, word, lone) {
                return diagnostic;
            }
        }
    }
    not_of_its_form(&written, word, lone)
}

/// `any r in lag: r > 5s`: what to write, for the statement and what follows it.
fn quantified_by_name(statement: &str, rest: &str) -> Option<String> {
    let body = rest.strip_prefix(':')?.trim();
    let before = statement.get(..statement.rfind(rest)?)?.trim_end();
    let words: Vec<&str> = before.split_whitespace().collect();
    let [.., word @ ("any" | "every"), element, "in", over] = words.as_slice() else { return None };
    let comparison = body.strip_prefix(element).filter(|rest| rest.starts_with(' ')).unwrap_or(" OP VALUE");
    let (_, comparison) = comparison.split_at_checked(1)?;
    let comparison = comparison.split('{').next().unwrap_or(comparison).trim_end();
    Some(format!("write `{word} {over} {comparison}`: it compares each of them"))
}

/// Reports unreadable text after a readable statement.
pub(super) fn tail(
    source: SourceId,
    laid_out: &LaidOut,
    pair: &GrammarPair<'_>,
    statement: &GrammarPair<'_>,
) -> Diagnostic {
    let written = Excerpt::new(source, laid_out, pair.as_span().start(), pair.as_span().end());
    let statement = Excerpt::new(source, laid_out, statement.as_span().start(), pair.as_span().end());
    let found = foreign_line::find(&statement, false)
        .or_else(|| misplaced_part::find(&statement, false))
        .or_else(|| habit::find(&statement, false));
    if let Some(diagnostic) = found.or_else(|| habit::other_else_if(&written)) {
        return diagnostic;
    }
    let keyword = statement.first_word();
    let what = written.shown();
    let word = written.first_word();
    let known = !keyword.is_empty() && form::of(keyword).is_some();
    let operator = |c: char| c.is_ascii_punctuation() && !"(){}[]\"`".contains(c);
    let cut_off = form::MODIFIERS.contains(&written.text()) || written.text().chars().all(operator);
    let (message, label) = if known && cut_off {
        (format!("{what} lacks what belongs after it"), "nothing after it")
    } else if known {
        (format!("{what} does not fit after this `{keyword}`"), "the statement was complete before this")
    } else {
        (format!("{what} does not fit here"), "the statement was complete before this")
    };
    let diagnostic = Diagnostic::new(Code::SYNTAX_STATEMENT, message, written.head_place(), label);
    if let Some(form) = quantified_by_name(statement.text(), written.text()) {
        return diagnostic.help(form);
    }
    // A misspelt modifier.
    if let Some(meant) = did_you_mean(word, form::MODIFIERS.iter().copied()).filter(|meant| *meant != word) {
        let place = written.word_place();
        return diagnostic.help(format!("did you mean `{meant}`?")).fix(
            format!("write `{meant}`"),
            Safety::Choice,
            place,
            meant,
        );
    }
    if keyword == "for" && word == "else" {
        let diagnostic = Diagnostic { message: "a `for each` has no `else`".into(), ..diagnostic };
        return diagnostic.help(
            "`none {…}` runs when there was nothing to go through, `unknown {…}` when that is unknown",
        );
    }
    if matches!(word, "on" | "within" | "no") && names_a_probe(&statement, &written) {
        return diagnostic.help(format!(
            "a declared probe takes its modifiers where it is declared: ``probe NAME(…) as `COMMAND` {}``",
            written.text()
        ));
    }
    with_form(diagnostic, keyword)
}

/// Whether a statement ends, before its unreadable tail, in a name or a call alone: it may be a declared probe.
fn names_a_probe(statement: &Excerpt<'_>, tail: &Excerpt<'_>) -> bool {
    let before = statement.laid_out.text.get(statement.start..tail.start).unwrap_or_default().trim_end();
    let rest = match before.split_once(char::is_whitespace) {
        Some(("let", rest)) => rest.split_once('=').map_or("", |(_, value)| value),
        Some(("check", rest)) => rest,
        _ => return false,
    };
    let rest = rest.trim().trim_start_matches("not ").trim_start();
    let name = rest.split('(').next().unwrap_or_default();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name && (rest.len() == name.len() || rest.ends_with(')'))
}

fn with_form(diagnostic: Diagnostic, keyword: &str) -> Diagnostic {
    match form::of(keyword) {
        Some(form) => diagnostic.help(format!("the form is `{form}`")),
        None => diagnostic,
    }
}

/// Parses the statement alone once more, and reports where the grammar gave up and what it expected.
fn not_of_its_form(written: &Excerpt<'_>, word: &str, lone: Rule) -> Diagnostic {
    let text = written.text();
    if matches!(word, "if" | "match" | "for" | "repeat" | "step" | "test") && !written.code().contains('{') {
        let message = format!("this `{word}` has no block");
        let place = written.place(text.len(), text.len());
        return with_form(Diagnostic::new(Code::SYNTAX_STATEMENT, message, place, "`{` belongs here"), word);
    }
    let error = Grammar::parse(lone, text).err();
    let at = error.as_ref().map_or(0, position).min(text.len());
    let names = error.as_ref().map(expected_names).unwrap_or_default();
    let belongs = match names.as_slice() {
        // A line of a test can begin with many words, of which naming two of them would not help.
        _ if lone == Rule::lone_test_line => None,
        [one] => Some(format!("{one} belongs here")),
        [one, two] => Some(format!("{one} or {two} belongs here")),
        _ => None,
    };
    let (what, form) = match lone {
        Rule::lone_condition => {
            ("this condition".to_owned(), Some("write a condition: `p99 < 500ms`, or a question in quotes"))
        }
        Rule::lone_match_arm => ("this arm of the `match`".to_owned(), Some("the form is `PATTERN {…}`")),
        _ => (format!("this `{word}`"), None),
    };
    let with_form = |diagnostic: Diagnostic| match form {
        Some(form) => diagnostic.help(form),
        None => with_form(diagnostic, word),
    };
    if text.get(at..).is_none_or(|rest| rest.trim().is_empty()) {
        let label = belongs.unwrap_or_else(|| "something is missing here".to_owned());
        let message = format!("{what} ends too early");
        return with_form(Diagnostic::new(Code::SYNTAX_STATEMENT, message, written.place(at, at), label));
    }
    let (start, end) = written.token_at(at);
    let message = format!("{what} cannot be read from {} on", written.quoted(start, end));
    let label = belongs.unwrap_or_else(|| "does not belong here".to_owned());
    with_form(Diagnostic::new(Code::SYNTAX_STATEMENT, message, written.place(start, end), label))
}

fn position(error: &Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    }
}

/// The names of what was expected, each once.
fn expected_names(error: &Error<Rule>) -> Vec<&'static str> {
    let ErrorVariant::ParsingError { positives, .. } = &error.variant else { return Vec::new() };
    let mut names: Vec<&'static str> = positives.iter().filter_map(|rule| expected::shown(*rule)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A piece of the laid out text, with its place in the source.
pub(super) struct Excerpt<'a> {
    source: SourceId,
    laid_out: &'a LaidOut,
    start: usize,
    end: usize,
}

impl<'a> Excerpt<'a> {
    fn new(source: SourceId, laid_out: &'a LaidOut, start: usize, end: usize) -> Self {
        let text = laid_out.text.get(start..end).unwrap_or_default();
        let blank = text.len() - text.trim_start().len();
        Self { source, laid_out, start: start + blank, end: start + text.trim_end().len().max(blank) }
    }

    /// The text itself.
    fn text(&self) -> &'a str {
        self.laid_out.text.get(self.start..self.end).unwrap_or_default()
    }

    /// The text after it.
    fn behind(&self) -> &'a str {
        self.laid_out.text.get(self.end..).unwrap_or_default()
    }

    /// Its first word; empty if it begins with something else.
    fn first_word(&self) -> &'a str {
        let text = self.text();
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
        text.get(..end).unwrap_or_default()
    }

    fn place(&self, start: usize, end: usize) -> crate::source::Place {
        self.laid_out.span(self.start + start, self.start + end).in_source(self.source)
    }

    fn word_place(&self) -> crate::source::Place {
        self.place(0, self.first_word().len())
    }

    /// Its first line, without a block.
    fn head(&self) -> &'a str {
        let text = self.text();
        let end = text.find(['\n', '{']).unwrap_or(text.len());
        text.get(..end).unwrap_or_default().trim_end()
    }

    fn head_place(&self) -> crate::source::Place {
        self.place(0, self.head().len().max(1).min(self.text().len()))
    }

    /// Its head in back quotes, shortened.
    fn shown(&self) -> String {
        let head = if self.head().is_empty() { "{" } else { self.head() };
        shortened(head)
    }

    /// The word, number, text or operator at a position.
    fn token_at(&self, at: usize) -> (usize, usize) {
        let text = self.text();
        let rest = text.get(at..).unwrap_or_default();
        let start = at + rest.len() - rest.trim_start().len();
        let rest = text.get(start..).unwrap_or_default();
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let length = match rest.chars().next() {
            None => 0,
            Some(c) if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            Some('"') => rest.get(1..).and_then(|rest| rest.find('"')).map_or(rest.len(), |end| end + 2),
            Some(c) if c.is_ascii_punctuation() => {
                let signs = |c: char| "=<>!&|+-*/.".contains(c);
                rest.find(|c| !signs(c)).filter(|end| *end > 0).unwrap_or(c.len_utf8())
            }
            Some(c) => c.len_utf8(),
        };
        (start, start + length)
    }

    fn quoted(&self, start: usize, end: usize) -> String {
        shortened(self.text().get(start..end).unwrap_or_default())
    }

    /// The text with quoted content blanked, so that only code is searched.
    fn code(&self) -> String {
        let mut inside = None;
        let mut escaped = false;
        self.text()
            .chars()
            .flat_map(|c| {
                let keep = match inside {
                    Some(quote) if c == quote && !escaped => {
                        inside = None;
                        true
                    }
                    Some(_) => false,
                    None => {
                        if c == '"' || c == '`' {
                            inside = Some(c);
                        }
                        true
                    }
                };
                escaped = c == '\\' && !escaped;
                // One blank per byte, so that positions stay the same.
                let length = if keep { 1 } else { c.len_utf8() };
                std::iter::repeat_n(if keep { c } else { ' ' }, length)
            })
            .collect()
    }
}

/// At most twenty characters, in back quotes.
fn shortened(text: &str) -> String {
    let text = text.trim();
    if text.chars().count() <= 20 {
        return format!("`{text}`");
    }
    let short: String = text.chars().take(18).collect();
    format!("`{}…`", short.trim_end())
}

/// Drops findings on the line of a text or command that lacks a quote: the missing quote caused them.
fn fold_unclosed(text: &str, diagnostics: &mut Vec<Diagnostic>) {
    let line = |diagnostic: &Diagnostic| {
        let at = diagnostic.place().map_or(0, |place| place.span.start as usize).min(text.len());
        text.as_bytes()
            .get(..at)
            .and_then(|before| memchr::memrchr(b'\n', before))
            .map_or(0, |start| start + 1)
    };
    let quote = |diagnostic: &&Diagnostic| {
        let first = diagnostic.place().and_then(|place| text.as_bytes().get(place.span.start as usize));
        matches!(diagnostic.code, Code::SYNTAX_UNCLOSED | Code::SYNTAX_UNOPENED)
            && matches!(first, Some(b'"' | b'`'))
    };
    let torn: Vec<usize> = diagnostics.iter().filter(quote).map(line).collect();
    if !torn.is_empty() {
        let caused = |code: Code| matches!(code, Code::SYNTAX_STATEMENT | Code::SYNTAX_VALUE);
        diagnostics.retain(|it| !caused(it.code) || torn.binary_search(&line(it)).is_err());
    }
}

/// Drops the findings of the lines above a `"""` that stands alone and is never closed: they are the text that it closes,
/// and what is missing is the `"""` before them.
fn fold_lost_opening(text: &str, diagnostics: &mut Vec<Diagnostic>) {
    let start = |it: &Diagnostic| it.place().map_or(0, |place| place.span.start as usize).min(text.len());
    let line_of = |at: usize| text.get(..at).map_or(0, |before| before.matches('\n').count());
    let is_alone = |it: &Diagnostic| {
        let at = start(it);
        let before = text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
        it.code == Code::SYNTAX_UNCLOSED
            && text.get(at..).is_some_and(|rest| rest.starts_with("\"\"\""))
            && before.trim().is_empty()
    };
    let Some(at) = diagnostics.iter().position(is_alone) else { return };
    let closing = diagnostics.get(at).map_or(0, |it| line_of(start(it)));
    let caused =
        |it: &Diagnostic| matches!(it.code, Code::SYNTAX_STATEMENT | Code::SYNTAX_VALUE | Code::SYNTAX_HABIT);
    let broken: Vec<usize> =
        diagnostics.iter().filter(|it| caused(it)).map(|it| line_of(start(it))).collect();
    let mut first = closing;
    while first > 0 && broken.contains(&(first - 1)) {
        first -= 1;
    }
    if first == closing {
        return;
    }
    let opened = diagnostics.remove(at);
    diagnostics.retain(|it| !caused(it) || !(first..closing).contains(&line_of(start(it))));
    diagnostics.push(opened.help(format!(
        "or, if it ends a text, write the `\"\"\"` that is missing before it, in line {}",
        first + 1
    )));
}

/// Drops what follows from a test of the shell: its `then` and its `fi`.
fn fold_shell_test(text: &str, diagnostics: &mut Vec<Diagnostic>) {
    if !diagnostics.iter().any(|it| it.message == misplaced_part::SHELL_TEST) {
        return;
    }
    diagnostics.retain(|it| {
        let at = it.place().map_or(0, |place| place.span.start as usize);
        let rest = text.get(at..).unwrap_or_default();
        let word = rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        let is_caused = matches!(it.code, Code::SYNTAX_STATEMENT | Code::SYNTAX_HABIT);
        !(is_caused && matches!(word, "then" | "fi" | "do" | "done"))
    });
}

/// Final pass: reports a file of another kind as one finding, lets merge conflicts absorb what they caused, and removes
/// duplicates.
pub(super) fn tidy(source: SourceId, text: &str, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(diagnostic) = foreign::detect(source, text) {
        *diagnostics = vec![diagnostic];
        return;
    }
    conflict::fold(source, text, diagnostics);
    fold_unclosed(text, diagnostics);
    fold_lost_opening(text, diagnostics);
    fold_shell_test(text, diagnostics);
    diagnostics.sort_by_key(|diagnostic| diagnostic.place().map(|place| place.span.start));
    diagnostics.dedup();
}
