//! Parses `[PATH] JSONPATH`: a value in the path becomes one segment, a value in the `JSONPath` the content of one
//! string or one number.

use std::path::Path;

use serde_json_path::JsonPath;

use crate::http::percent_encoded;
use crate::provider::jsonpath::JsonPathText;
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
                    json.value(&datum, line.0.get(index + 1))?;
                }
            }
        }
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
    let jsonpath = json.parse()?;
    Ok(HttpQuery { path, jsonpath: Some(jsonpath) })
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
