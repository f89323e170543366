//! Inserts values into a query, each as one value at its position.

use super::regex_context::{RegexContext, literal};
use super::spelling::{SpellingRefusal, duration, number, one_text, push_escaped, refuse};
use super::{InsertedKind, InsertedValue, PromqlError, PromqlPart};

/// Returns the query as text. Errors if a value is not allowed at its position, or cannot be spelled there.
pub fn place(parts: &[PromqlPart<'_>]) -> Result<String, PromqlError> {
    place_with_map(parts).map(|placed| placed.text)
}

/// A query as text, with the origin of each part of it.
#[derive(Debug, Default)]
pub(super) struct PlacedQuery {
    pub(super) text: String,
    chunks: Vec<Chunk>,
}

#[derive(Debug, Clone, Copy)]
struct Chunk {
    out: usize,
    part: usize,
    byte: usize,
    is_value: bool,
}

/// What is wrong with the text of a query, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QueryFault {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl PlacedQuery {
    /// Converts a fault to its place in the author's parts.
    pub(super) fn error_at(&self, fault: QueryFault) -> PromqlError {
        let at = |out: usize| {
            let chunk = self.chunks.iter().rev().find(|chunk| chunk.out <= out);
            chunk.map_or((0, 0, false), |chunk| {
                let byte = if chunk.is_value { 0 } else { chunk.byte + out.saturating_sub(chunk.out) };
                (chunk.part, byte, chunk.is_value)
            })
        };
        let (part, byte, is_value) = at(fault.start);
        // The last covered byte, so that a fault that ends where a value begins stays in its own part.
        let (last_part, last, last_is_value) = at(fault.end.saturating_sub(1).max(fault.start));
        let len = if is_value || fault.end <= fault.start {
            0
        } else if last_part == part && !last_is_value {
            last + 1 - byte
        } else {
            1
        };
        PromqlError { part, byte, len, message: fault.message, help: fault.help }
    }

    fn mark(&mut self, part: usize, byte: usize, is_value: bool) {
        self.chunks.push(Chunk { out: self.text.len(), part, byte, is_value });
    }
}

/// The lexical state after the author's text so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Code,
    Comment,
    Text { quote: char, role: LiteralRole, regex: RegexContext, escape: Escape },
}

/// The role of a string literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LiteralRole {
    Plain,
    Regex,
    /// The replacement of `label_replace`, where `$1` refers to a group.
    Replacement,
}

/// The state within an escape of a string literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Begun,
    /// The number of missing digits.
    Digits(u8),
}

struct Opened {
    bracket: char,
    /// The word before it.
    word: String,
    commas: usize,
}

struct Placer {
    placed: PlacedQuery,
    mode: Mode,
    opened: Vec<Opened>,
    /// The word that ends here, or ended before white space.
    word: String,
    /// The last two characters that are not white space.
    last: [char; 2],
    /// The last character.
    previous: char,
    /// Whether raw strings are rewritten as escaped ones, so that no inserted value can end them.
    respell_raw: bool,
}

/// Returns the query as text, with the mapping back to the author's parts.
pub(super) fn place_with_map(parts: &[PromqlPart<'_>]) -> Result<PlacedQuery, PromqlError> {
    let mut placer = Placer {
        placed: PlacedQuery::default(),
        mode: Mode::Code,
        opened: Vec::new(),
        word: String::new(),
        last: [' '; 2],
        previous: ' ',
        respell_raw: parts.iter().any(|part| matches!(part, PromqlPart::Value(_))),
    };
    placer.placed.mark(0, 0, false);
    for (index, part) in parts.iter().enumerate() {
        match part {
            PromqlPart::Text(text) => placer.author(index, text),
            PromqlPart::Value(value) => {
                let next = match parts.get(index + 1) {
                    Some(PromqlPart::Text(text)) => text.chars().next(),
                    Some(PromqlPart::Value(_)) => Some('0'),
                    None => None,
                };
                placer.placed.mark(index, 0, true);
                placer.value(value, next).map_err(|(message, help)| PromqlError {
                    part: index,
                    byte: 0,
                    len: 0,
                    message,
                    help,
                })?;
            }
        }
    }
    Ok(placer.placed)
}

impl Placer {
    fn author(&mut self, part: usize, text: &str) {
        self.placed.mark(part, 0, false);
        for (byte, c) in text.char_indices() {
            self.character(part, byte, c);
            self.previous = c;
        }
    }

    fn character(&mut self, part: usize, byte: usize, c: char) {
        match self.mode {
            Mode::Comment => {
                self.placed.text.push(c);
                if c == '\n' {
                    self.mode = Mode::Code;
                }
            }
            Mode::Code => {
                self.code(c);
                if c == '`' && self.respell_raw {
                    self.placed.text.push('"');
                } else {
                    self.placed.text.push(c);
                }
            }
            Mode::Text { quote: '`', role, regex, .. } => {
                if c == '`' {
                    self.mode = Mode::Code;
                    self.after_code(c);
                    self.placed.text.push(if self.respell_raw { '"' } else { c });
                } else {
                    self.mode = Mode::Text { quote: '`', role, regex: regex.after(c), escape: Escape::None };
                    if self.respell_raw {
                        // The rewritten character may be longer than the author's: mark both ends.
                        self.placed.mark(part, byte, false);
                        push_escaped(&mut self.placed.text, c, '"');
                        self.placed.mark(part, byte + c.len_utf8(), false);
                    } else {
                        self.placed.text.push(c);
                    }
                }
            }
            Mode::Text { quote, role, regex, escape } => {
                self.placed.text.push(c);
                let (escape, regex) = match (escape, c) {
                    (Escape::None, c) if c == quote => {
                        self.mode = Mode::Code;
                        self.after_code(c);
                        return;
                    }
                    (Escape::None, '\\') => (Escape::Begun, regex),
                    (Escape::None, c) => (Escape::None, regex.after(c)),
                    (Escape::Begun, 'u') => (Escape::Digits(4), regex),
                    (Escape::Begun, 'U') => (Escape::Digits(8), regex),
                    (Escape::Begun, 'x' | '0'..='7') => (Escape::Digits(2), regex),
                    (Escape::Begun, '\\') => (Escape::None, regex.after('\\')),
                    // A character produced by an escape: in the regular expression it is a literal.
                    (Escape::Begun | Escape::Digits(0 | 1), _) => (Escape::None, regex.after('_')),
                    (Escape::Digits(left), _) => (Escape::Digits(left - 1), regex),
                };
                self.mode = Mode::Text { quote, role, regex, escape };
            }
        }
    }

    fn code(&mut self, c: char) {
        match c {
            '#' => self.mode = Mode::Comment,
            '"' | '\'' | '`' => {
                self.mode = Mode::Text {
                    quote: c,
                    role: self.role(),
                    regex: RegexContext::default(),
                    escape: Escape::None,
                };
            }
            '(' | '[' | '{' => {
                let word = std::mem::take(&mut self.word);
                self.opened.push(Opened { bracket: c, word, commas: 0 });
            }
            ')' | ']' | '}' => {
                self.opened.pop();
            }
            ',' => {
                if let Some(opened) = self.opened.last_mut() {
                    opened.commas += 1;
                }
            }
            _ => {}
        }
        self.after_code(c);
    }

    fn after_code(&mut self, c: char) {
        if c.is_whitespace() {
            return;
        }
        if c.is_alphanumeric() || c == '_' || c == ':' {
            if self.previous.is_whitespace() {
                self.word.clear();
            }
            self.word.push(c);
        } else if !(c == '-' && self.word.eq_ignore_ascii_case("offset")) {
            self.word.clear();
        }
        self.last = [self.last[1], c];
    }

    /// Returns the role of a string literal that begins here.
    fn role(&self) -> LiteralRole {
        if matches!(self.last, ['=' | '!', '~']) {
            return LiteralRole::Regex;
        }
        match self.opened.last() {
            Some(opened) if opened.bracket == '(' && opened.word.eq_ignore_ascii_case("label_replace") => {
                match opened.commas {
                    2 => LiteralRole::Replacement,
                    4 => LiteralRole::Regex,
                    _ => LiteralRole::Plain,
                }
            }
            _ => LiteralRole::Plain,
        }
    }

    fn value(&mut self, value: &InsertedValue, next: Option<char>) -> Result<(), SpellingRefusal> {
        match self.mode {
            // A comment has no effect; a value in it could end its line.
            Mode::Comment => Ok(()),
            Mode::Text { quote, role, regex, escape } => self.in_text(value, quote, role, regex, escape),
            Mode::Code => self.in_code(value, next),
        }
    }

    fn in_text(
        &mut self,
        value: &InsertedValue,
        quote: char,
        role: LiteralRole,
        regex: RegexContext,
        escape: Escape,
    ) -> Result<(), SpellingRefusal> {
        if escape != Escape::None {
            return refuse("a value cannot follow a backslash", "take the `\\` before the value away");
        }
        let content = match role {
            LiteralRole::Plain => one_text(value)?,
            LiteralRole::Replacement => one_text(value)?.replace('$', "$$"),
            LiteralRole::Regex => {
                if let Some(refusal) = regex.refusal() {
                    return refuse(refusal, "put the value outside of it");
                }
                self.mode = Mode::Text { quote, role, regex: RegexContext::Plain, escape };
                match value {
                    InsertedValue::List(items) if items.is_empty() => {
                        return refuse(
                            "an empty list matches nothing",
                            "check that the list has elements first",
                        );
                    }
                    InsertedValue::List(items) => {
                        let items: Result<Vec<String>, SpellingRefusal> =
                            items.iter().map(|item| Ok(literal(&one_text(item)?))).collect();
                        format!("(?:{})", items?.join("|"))
                    }
                    one => literal(&one_text(one)?),
                }
            }
        };
        let quote = if quote == '`' { '"' } else { quote };
        for c in content.chars() {
            push_escaped(&mut self.placed.text, c, quote);
        }
        self.previous = '_';
        Ok(())
    }

    fn in_code(&mut self, value: &InsertedValue, next: Option<char>) -> Result<(), SpellingRefusal> {
        let bracket = self.opened.last().map(|opened| opened.bracket);
        let in_range = bracket == Some('[');
        let after_offset = self.word.eq_ignore_ascii_case("offset");
        if bracket == Some('{') {
            return refuse("a value in a matcher needs quotes", "write `\"#{…}\"`");
        }
        if let InsertedValue::Text(_) | InsertedValue::Later(InsertedKind::Text) = value {
            return if in_range || after_offset {
                refuse("text where PromQL takes a duration", "give a duration, like `5m`, without quotes")
            } else {
                refuse("text is not allowed outside quotes in PromQL", "write `\"#{…}\"`")
            };
        }
        let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        if joins(self.previous) || self.previous == ':' && !in_range {
            return refuse("a value cannot continue a name or a number", "separate them by an operator");
        }
        if next.is_some_and(|c| joins(c) || c == ':' && !in_range) {
            return refuse(
                "a unit cannot follow a value",
                "put the unit into the value: `let w = 5m`, then `[#{w}]`",
            );
        }
        let spelled = if in_range || after_offset { duration(value, after_offset)? } else { number(value)? };
        if after_offset && spelled.starts_with('-') && self.last[1] == '-' {
            return refuse("two minus signs in a row", "take one of them away");
        }
        // `-1 ^ 2` is `-(1 ^ 2)`, so a negative value is put in parentheses. `@` does not allow any.
        let bare = in_range || after_offset || self.last[1] == '@' || !spelled.starts_with('-');
        if bare {
            self.placed.text.push_str(&spelled);
        } else {
            self.placed.text.push('(');
            self.placed.text.push_str(&spelled);
            self.placed.text.push(')');
        }
        self.word.clear();
        self.last = [self.last[1], '0'];
        self.previous = '0';
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(before: &str, value: InsertedValue, after: &str) -> Result<String, String> {
        place(&[PromqlPart::Text(before), PromqlPart::Value(value), PromqlPart::Text(after)])
            .map_err(|error| error.message)
    }

    fn text(text: &str) -> InsertedValue {
        InsertedValue::Text(text.into())
    }

    #[test]
    fn text_becomes_the_content_of_its_string() {
        let hostile = "\"} or vector(1) # \\ ' ` \n";
        for quotes in ["\"", "'", "`"] {
            let placed = with(&format!("up{{a={quotes}"), text(hostile), &format!("{quotes}}}")).unwrap();
            let promql_parser::parser::Expr::VectorSelector(selector) =
                promql_parser::parser::parse(&placed).unwrap()
            else {
                panic!("{placed}");
            };
            assert_eq!(selector.matchers.matchers[0].value, hostile, "{placed}");
        }
    }

    #[test]
    fn a_list_is_an_alternation_of_literals() {
        let list = InsertedValue::List(vec![text("a.b"), text("c|d")]);
        assert_eq!(with("up{a=~\"", list.clone(), "\"}").unwrap(), r#"up{a=~"(?:(?:a\\.b)|(?:c\\|d))"}"#);
        assert!(with("up{a=\"", list, "\"}").unwrap_err().contains("list"));
        assert!(with("up{a=~\"", InsertedValue::List(vec![]), "\"}").is_err());
        assert!(with("up{a=~\"[", text("a-z"), "]\"}").is_err());
        assert_eq!(with("up{a!~'web-", text(".*"), "'}").unwrap(), r"up{a!~'web-(?:\\.\\*)'}");
    }

    #[test]
    fn the_regular_expression_of_label_replace_is_one_too() {
        let placed = with("label_replace(up, \"a\", \"$1\", \"b\", \"", text(".*"), "\")").unwrap();
        assert!(placed.ends_with(r#", "(?:\\.\\*)")"#), "{placed}");
        let placed = with("label_replace(up, \"a\", \"", text("$1"), "\", \"b\", \"(.*)\")").unwrap();
        assert!(placed.contains("\"$$1\""), "{placed}");
    }

    #[test]
    fn numbers_and_durations_where_they_belong() {
        assert_eq!(
            with("rate(up[", InsertedValue::Duration { number: 5400.0, seconds: 5400.0 }, "])").unwrap(),
            "rate(up[1h30m])"
        );
        assert_eq!(
            with("up offset ", InsertedValue::Duration { number: -0.25, seconds: -0.25 }, "").unwrap(),
            "up offset -250ms"
        );
        assert_eq!(
            with("up[", InsertedValue::Duration { number: 300.0, seconds: 300.0 }, ":15s]").unwrap(),
            "up[5m:15s]"
        );
        assert_eq!(with("up > ", InsertedValue::Number(1e-9), "").unwrap(), "up > 0.000000001");
        assert_eq!(with("up > ", InsertedValue::Number(1e21), "").unwrap(), "up > 1000000000000000000000");
        assert_eq!(with("", InsertedValue::Number(-1.0), " ^ 2").unwrap(), "(-1) ^ 2");
        assert_eq!(with("up > ", InsertedValue::Data(1024.0), "").unwrap(), "up > 1024");
        assert_eq!(
            with("up{le=\"", InsertedValue::Duration { number: 0.5, seconds: 0.5 }, "\"}").unwrap(),
            "up{le=\"0.5\"}"
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (before, value, after) in [
            ("up{a=", text("x"), "}"),
            ("rate(up[", text("5m"), "])"),
            ("rate(up[", InsertedValue::Number(5.0), "m])"),
            ("rate(up[", InsertedValue::Duration { number: 0.0, seconds: 0.0 }, "])"),
            ("up", InsertedValue::Number(5.0), ""),
            ("up > ", InsertedValue::Bool(true), ""),
            ("sum by (", text("x"), ") (up)"),
            ("up{a=\"\\", text("n"), "\"}"),
            ("up{a=\"\\x4", text("1"), "\"}"),
            ("up > 1", InsertedValue::Number(5.0), ""),
        ] {
            assert!(with(before, value.clone(), after).is_err(), "{before}{value:?}{after}");
        }
    }

    #[test]
    fn a_comment_takes_no_value() {
        assert_eq!(with("up # ", text("\n or vector(1)"), "\n> 1").unwrap(), "up # \n> 1");
    }
}
