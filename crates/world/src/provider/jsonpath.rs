//! [`JsonPathText`]: a `JSONPath` in which a value is the content of one string, or one number.

use std::fmt::Write as _;

use serde_json_path::JsonPath;

use rbl_runtime::{Datum, Piece};
use rbl_syntax::one_line;
use rbl_syntax::value::{Reason, ReasonKind};

fn unreadable(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::Unreadable, text)
}

/// A `JSONPath` under construction.
#[derive(Default)]
pub(super) struct JsonPathText {
    text: String,
    quote: Option<char>,
    escape: bool,
    word: String,
    /// For each open bracket: whether it belongs to `match(` or `search(`.
    patterns: Vec<bool>,
    deepest: usize,
}

impl JsonPathText {
    /// Adds what the author wrote.
    pub(super) fn author(&mut self, c: char) {
        self.text.push(c);
        match self.quote {
            Some(_) if self.escape => self.escape = false,
            Some(_) if c == '\\' => self.escape = true,
            Some(quote) if c == quote => self.quote = None,
            Some(_) => {}
            None => match c {
                '"' | '\'' => self.quote = Some(c),
                '(' | '[' => self.patterns.push(c == '(' && matches!(self.word.as_str(), "match" | "search")),
                ')' | ']' => {
                    self.patterns.pop();
                }
                _ => {}
            },
        }
        self.deepest = self.deepest.max(self.patterns.len());
        if c.is_alphanumeric() { self.word.push(c) } else { self.word.clear() }
    }

    /// Adds a value, before this piece.
    pub(super) fn value(&mut self, datum: &Datum, next: Option<&Piece>) -> Result<(), Reason> {
        let next = match next {
            Some(Piece::Text(text)) => text.chars().next(),
            Some(Piece::Value(_)) => Some('0'),
            None => None,
        };
        if let Datum::List(_) = datum {
            return Err(unreadable("a list cannot stand in a JSONPath"));
        }
        if let Some(quote) = self.quote {
            if self.escape {
                return Err(unreadable("a value cannot follow a backslash"));
            }
            if self.patterns.last() == Some(&true) {
                return Err(unreadable("a value cannot be part of a regular expression: compare with `==`"));
            }
            for c in datum.shown().chars() {
                match c {
                    '\\' => self.text.push_str("\\\\"),
                    c if c == quote => self.text.extend(['\\', c]),
                    c if c.is_control() && u32::from(c) < 0x20 => {
                        // Writing to a string cannot fail.
                        let _ = write!(self.text, "\\u{:04x}", u32::from(c));
                    }
                    c => self.text.push(c),
                }
            }
            return Ok(());
        }
        let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        if self.text.chars().next_back().is_some_and(joins) || next.is_some_and(joins) {
            return Err(unreadable("a value cannot continue a name or a number: write `['#{…}']`"));
        }
        match datum {
            Datum::Number(value)
            | Datum::Duration(value)
            | Datum::Reading { number: value, .. }
            | Datum::Data(value)
                if value.is_finite() =>
            {
                self.text.push_str(&value.to_string());
            }
            Datum::ExactNumber(digits) => self.text.push_str(digits.as_str()),
            Datum::Bool(value) => self.text.push_str(&value.to_string()),
            _ => return Err(unreadable("text cannot stand outside quotes in a JSONPath: write `['#{…}']`")),
        }
        Ok(())
    }

    /// The path.
    pub(super) fn parse(&self) -> Result<JsonPath, Reason> {
        // The parser recurses once for each bracket.
        if self.deepest > 64 {
            return Err(unreadable("the JSONPath is nested deeper than 64"));
        }
        let text = self.text.trim();
        JsonPath::parse(text).map_err(|error| {
            let (text, why) = (one_line(text), one_line(error.message()));
            unreadable(format!("`{text}` cannot be read as a JSONPath: {why}"))
        })
    }
}
