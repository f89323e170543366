//! Parses `[PATH] JSONPATH`: a value in the path becomes one segment, a value in the `JSONPath` the content of one
//! string or one number.

use std::fmt::Write as _;
use std::path::Path;

use serde_json_path::JsonPath;

use crate::http::percent_encoded;
use crate::secrets::reveal;
use rbl_runtime::{CommandLine, Datum, Piece, Secrets};
use rbl_syntax::one_line;
use rbl_syntax::value::{Reason, ReasonKind};

/// A parsed query.
#[derive(Debug)]
pub(super) struct HttpQuery {
    /// Appended to the configured address; empty or beginning with `/`.
    pub(super) path: String,
    /// `None`: the whole answer, which need not be JSON.
    pub(super) jsonpath: Option<JsonPath>,
}

fn unreadable(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::Unreadable, text)
}

/// Parses a query. With `whole` it may have no `JSONPath`.
pub(super) fn read(
    line: &CommandLine,
    whole: bool,
    secrets: &Secrets,
    base: &Path,
) -> Result<HttpQuery, Reason> {
    let mut path = String::new();
    let mut json = JsonPathText::default();
    let mut in_path = true;
    let mut value_in_path = false;
    for (index, piece) in line.0.iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                for c in text.chars() {
                    // The JSONPath begins at the first `$` that begins a word.
                    if in_path && c == '$' && (path.is_empty() || path.ends_with(char::is_whitespace)) {
                        in_path = false;
                    }
                    if in_path { path.push(c) } else { json.author(c) }
                }
            }
            Piece::Value(datum) => {
                let datum = reveal(secrets, datum, base)?;
                if in_path {
                    if matches!(datum, Datum::List(_)) {
                        return Err(unreadable("a list cannot stand in a path"));
                    }
                    value_in_path = true;
                    path.push_str(&percent_encoded(&datum.shown()));
                } else {
                    let next = match line.0.get(index + 1) {
                        Some(Piece::Text(text)) => text.chars().next(),
                        Some(Piece::Value(_)) => Some('0'),
                        None => None,
                    };
                    json.value(&datum, next)?;
                }
            }
        }
    }
    // The parser recurses once for each bracket.
    if json.deepest > 64 {
        return Err(unreadable("the JSONPath is nested deeper than 64"));
    }
    if in_path && !whole {
        return Err(unreadable("the query has no JSONPath: write one that begins with `$`, like `$.value`"));
    }
    let path = path.trim().to_owned();
    if !path.is_empty() && !path.starts_with('/') {
        return Err(unreadable(format!("the path `{}` does not begin with `/`", one_line(&path))));
    }
    let climbs = |segment: &str| matches!(segment, "." | "..");
    if value_in_path && path.split(['?', '#']).next().unwrap_or("").split('/').any(climbs) {
        return Err(unreadable("a value in a path has to be a name, not `.` or `..`"));
    }
    if in_path {
        return Ok(HttpQuery { path, jsonpath: None });
    }
    let jsonpath = JsonPath::parse(json.text.trim()).map_err(|error| {
        unreadable(format!(
            "`{}` cannot be read as a JSONPath: {}",
            one_line(json.text.trim()),
            one_line(error.message())
        ))
    })?;
    Ok(HttpQuery { path, jsonpath: Some(jsonpath) })
}

/// A `JSONPath` under construction.
#[derive(Default)]
struct JsonPathText {
    text: String,
    quote: Option<char>,
    escape: bool,
    word: String,
    /// For each open bracket: whether it belongs to `match(` or `search(`.
    patterns: Vec<bool>,
    deepest: usize,
}

impl JsonPathText {
    fn author(&mut self, c: char) {
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

    fn value(&mut self, datum: &Datum, next: Option<char>) -> Result<(), Reason> {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Piece {
        Piece::Text(text.into())
    }

    fn value(text: &str) -> Piece {
        Piece::Value(Datum::Text(text.into()))
    }

    fn parse(pieces: Vec<Piece>) -> Result<HttpQuery, String> {
        read(&CommandLine(pieces), false, &Secrets::of_connection(), Path::new(""))
            .map_err(|reason| reason.text)
    }

    #[test]
    fn path_and_jsonpath() {
        let query = parse(vec![text("/queue/"), value("a/b?c"), text(" $.messages")]).unwrap();
        assert_eq!(query.path, "/queue/a%2Fb%3Fc");
        assert_eq!(parse(vec![text("$.a")]).unwrap().path, "");
        assert!(parse(vec![text("/queue")]).unwrap_err().contains("no JSONPath"));
        assert!(parse(vec![text("queue $.a")]).unwrap_err().contains("does not begin with `/`"));
        assert!(parse(vec![text("/queue/"), value(".."), text(" $.a")]).is_err());
        assert!(parse(vec![text("$.[")]).unwrap_err().contains("cannot be read as a JSONPath"));
    }

    #[test]
    fn a_value_is_one_name() {
        for name in ["a", "a']['b", "\\", "\"", "x\ny", "*", "$..*", "é", ""] {
            let document = serde_json::json!({ name: 7, "b": 8, "other": {"b": 9} });
            for quote in ["'", "\""] {
                let query = parse(vec![text(&format!("$[{quote}")), value(name), text(&format!("{quote}]"))])
                    .unwrap();
                assert_eq!(
                    query.jsonpath.as_ref().unwrap().query(&document).all(),
                    [&serde_json::json!(7)],
                    "{name}"
                );
            }
        }
        assert!(parse(vec![text("$."), value("a")]).is_err());
        assert!(
            parse(vec![text(&format!("$[?{}1", "(".repeat(100_000)))])
                .unwrap_err()
                .contains("deeper than 64")
        );
        assert!(parse(vec![text("$[?match(@.a, '"), value(".*"), text("')]")]).is_err());
        let index = parse(vec![text("$["), Piece::Value(Datum::Number(1.0)), text("]")]).unwrap();
        assert_eq!(
            index.jsonpath.as_ref().unwrap().query(&serde_json::json!([5, 6])).all(),
            [&serde_json::json!(6)]
        );
    }
}
