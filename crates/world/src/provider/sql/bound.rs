//! [`BoundQuery`]: a SELECT whose values are bind parameters, never a part of its text.

use std::path::Path;

use rbl_runtime::{CommandLine, Datum, Piece, Secrets};
use rbl_syntax::value::{Reason, ReasonKind};

use crate::secrets;

/// How a database writes a bind parameter.
#[derive(Debug, Clone, Copy)]
pub(super) enum SqlPlaceholder {
    /// `?`
    Question,
    /// `$1`, `$2`, …
    Numbered,
}

/// A SELECT and the values of its parameters, in order; no secret is left among them.
#[derive(Debug)]
pub(super) struct BoundQuery {
    pub(super) text: String,
    pub(super) values: Vec<Datum>,
}

/// Where in a statement a character stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SqlPart {
    Statement,
    Quoted(char),
    Line,
    Block,
}

impl BoundQuery {
    /// Reads a query. What stands in quotes or in a comment is no place for a value.
    pub(super) fn read(
        query: &CommandLine,
        placeholder: SqlPlaceholder,
        secrets: &Secrets,
        base: &Path,
    ) -> Result<Self, Reason> {
        let refused = |text: &str| Reason::new(ReasonKind::NotRun, text);
        let (mut text, mut values) = (String::new(), Vec::new());
        let mut part = SqlPart::Statement;
        for piece in &query.0 {
            match piece {
                Piece::Text(written) => {
                    for c in written.chars() {
                        text.push(c);
                        part = match part {
                            SqlPart::Statement if matches!(c, '\'' | '"' | '`') => SqlPart::Quoted(c),
                            SqlPart::Statement if text.ends_with("--") => SqlPart::Line,
                            SqlPart::Statement if text.ends_with("/*") => SqlPart::Block,
                            SqlPart::Quoted(open) if c == open => SqlPart::Statement,
                            SqlPart::Line if c == '\n' => SqlPart::Statement,
                            SqlPart::Block if text.ends_with("*/") => SqlPart::Statement,
                            SqlPart::Statement | SqlPart::Quoted(_) | SqlPart::Line | SqlPart::Block => part,
                        };
                    }
                }
                Piece::Value(datum) => {
                    match part {
                        SqlPart::Statement => {}
                        SqlPart::Quoted(_) => {
                            return Err(refused(
                                "a value stands in quotes: write it without them, it is a bind parameter",
                            ));
                        }
                        SqlPart::Line | SqlPart::Block => {
                            return Err(refused("a value stands in a comment of the query"));
                        }
                    }
                    values.push(secrets::reveal(secrets, datum, base)?);
                    match placeholder {
                        SqlPlaceholder::Question => text.push('?'),
                        SqlPlaceholder::Numbered => {
                            text.push('$');
                            text.push_str(&values.len().to_string());
                        }
                    }
                }
            }
        }
        Ok(Self { text, values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&str], placeholder: SqlPlaceholder) -> Result<BoundQuery, String> {
        let mut all = Vec::new();
        for (index, piece) in pieces.iter().enumerate() {
            if index > 0 {
                all.push(Piece::Value(Datum::Text("it".into())));
            }
            all.push(Piece::Text((*piece).to_owned()));
        }
        let query =
            BoundQuery::read(&CommandLine(all), placeholder, &Secrets::of_connection(), Path::new("."));
        query.map_err(|reason| reason.text)
    }

    #[test]
    fn a_value_becomes_a_parameter() {
        let text = |pieces: &[&str], placeholder| read(pieces, placeholder).unwrap().text;
        let pieces = ["SELECT 'it''s' WHERE a = ", " AND b = ", " -- don't"];
        assert_eq!(text(&pieces, SqlPlaceholder::Question), "SELECT 'it''s' WHERE a = ? AND b = ? -- don't");
        assert_eq!(
            text(&pieces, SqlPlaceholder::Numbered),
            "SELECT 'it''s' WHERE a = $1 AND b = $2 -- don't"
        );
        let after_a_comment = ["SELECT 1 -- don't\n WHERE a = ", ""];
        assert_eq!(read(&after_a_comment, SqlPlaceholder::Numbered).unwrap().values.len(), 1);
        assert_eq!(read(&["SELECT /* don't */ ", ""], SqlPlaceholder::Numbered).unwrap().values.len(), 1);
    }

    #[test]
    fn a_value_has_no_place_in_a_text_or_a_comment() {
        for (pieces, words) in [
            (["SELECT '", "'"], "stands in quotes"),
            (["SELECT \"", "\""], "stands in quotes"),
            (["SELECT 1 -- ", ""], "in a comment"),
            (["SELECT 1 /* ", " */"], "in a comment"),
        ] {
            let refused = read(&pieces, SqlPlaceholder::Numbered).unwrap_err();
            assert!(refused.contains(words), "{pieces:?}: {refused}");
        }
    }
}
