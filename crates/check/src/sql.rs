//! Checks the query of a metric in SQL: that it parses, that it only reads, and that its values can be bind parameters.
//!
//! *Why two dialects, and a warning where neither fits:* databases read more than a parser of SQL knows.

use sqlparser::ast::{SetExpr, Statement};
use sqlparser::dialect::{Dialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::{Parser, ParserError};

use super::checker::Checker;
use super::executor_use::open_text;
use super::reference::OPEN;
use rbl_syntax::diagnostic::{Code, Severity};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Expr, Metric, Part};

/// How deep a query may nest.
const DEEPEST: usize = 40;

impl<'t> Checker<'t> {
    /// Checks the query of a metric in SQL.
    pub(super) fn sql(&mut self, metric: &'t Metric) {
        let query = &metric.query;
        if let Some(value) = quoted_value(&query.parts) {
            let message = "a value of a query cannot stand in quotes";
            let finding = self.finding(Code::PROVIDER_SQL, message, value.span, "a bind parameter");
            return self.report(finding.help("write it without the quotes: `WHERE name = #{name}`"));
        }
        let text = open_text(&query.parts);
        let parsed = parse(&text, &SQLiteDialect {}, "?").or_else(|first| {
            // The database of a metric is not known here.
            parse(&text, &PostgreSqlDialect {}, "$1").map_err(|_| first)
        });
        let statements = match parsed {
            Ok(statements) => statements,
            Err(error) => {
                let span = self.sql_place(&text, &error, metric).unwrap_or(query.span);
                let mut finding =
                    self.finding(Code::PROVIDER_SQL, "this is not SQL", span, "not understood here");
                // A database may know what the parser does not.
                finding.severity = Severity::Warning;
                return self.report(finding.help(format!("the parser says: {}", in_words(&error))));
            }
        };
        let (message, label) = match statements.as_slice() {
            [] => ("the query is empty".to_owned(), "nothing to ask"),
            [only] => match changes(only) {
                Some(word) => (
                    format!("`{word}` changes something, and a metric is only read"),
                    "refused by the provider",
                ),
                None => return,
            },
            _ => ("the query has several statements".to_owned(), "one is asked"),
        };
        let finding = self.finding(Code::PROVIDER_SQL, message, query.span, label);
        self.report(finding.help("write one `SELECT` whose column `value`, or last column, is the value"));
    }

    /// Where the parser stopped.
    fn sql_place(&self, text: &str, error: &ParserError, metric: &'t Metric) -> Option<Span> {
        let said = error.to_string();
        let (_, place) = said.rsplit_once(" at Line: ")?;
        let (line, column) = place.split_once(", Column: ")?;
        let (line, column): (usize, usize) = (line.parse().ok()?, column.parse().ok()?);
        let before: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
        let rest = text.get(before..)?;
        let within = rest.char_indices().nth(column.checked_sub(1)?).map_or(rest.len(), |(at, _)| at);
        // The marks of values are not in the source.
        let marks = text.get(..before + within)?.matches(OPEN).count() * OPEN.len_utf8();
        self.file.source_span(&metric.query.parts, before + within - marks)
    }
}

fn parse(text: &str, dialect: &dyn Dialect, parameter: &str) -> Result<Vec<Statement>, ParserError> {
    let text = text.replace(OPEN, parameter);
    Parser::new(dialect).with_recursion_limit(DEEPEST).try_with_sql(&text)?.parse_statements()
}

/// What the parser says, without its name and its place.
fn in_words(error: &ParserError) -> String {
    let said = error.to_string();
    let said = said.strip_prefix("sql parser error: ").unwrap_or(&said);
    let said = said.split(" at Line: ").next().unwrap_or(said).trim_end_matches(',');
    rbl_syntax::one_line(&said.replace("EOF", "the end"))
}

/// A value between quotes, which would be a part of a text there.
fn quoted_value(parts: &[Part]) -> Option<&Expr> {
    let mut quoted = None;
    for part in parts {
        match part {
            Part::Literal { text, .. } => {
                for c in text.chars() {
                    match quoted {
                        Some(open) if c == open => quoted = None,
                        None if matches!(c, '\'' | '"' | '`') => quoted = Some(c),
                        Some(_) | None => {}
                    }
                }
            }
            Part::Value(value) if quoted.is_some() => return Some(value),
            Part::Value(_) => {}
        }
    }
    None
}

/// The word of a statement that is known to change something.
fn changes(statement: &Statement) -> Option<&'static str> {
    let body = |body: &SetExpr| match body {
        SetExpr::Insert(_) => Some("INSERT"),
        SetExpr::Update(_) => Some("UPDATE"),
        SetExpr::Delete(_) => Some("DELETE"),
        _ => None,
    };
    match statement {
        Statement::Query(query) => body(&query.body),
        Statement::Insert(_) => Some("INSERT"),
        Statement::Update { .. } => Some("UPDATE"),
        Statement::Delete(_) => Some("DELETE"),
        Statement::Truncate { .. } => Some("TRUNCATE"),
        Statement::Drop { .. } => Some("DROP"),
        Statement::CreateTable(_) => Some("CREATE TABLE"),
        Statement::AlterTable { .. } => Some("ALTER TABLE"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Result<Option<&'static str>, String> {
        let parsed =
            parse(text, &SQLiteDialect {}, "?").or_else(|_| parse(text, &PostgreSqlDialect {}, "$1"));
        parsed.map(|all| all.first().and_then(changes)).map_err(|error| in_words(&error))
    }

    #[test]
    fn what_reads_is_told_from_what_changes() {
        for text in [
            "SELECT count(*) FROM jobs WHERE state = 'failed'",
            "WITH late AS (SELECT * FROM jobs) SELECT max(age), kind FROM late GROUP BY kind",
            "SELECT extract(epoch from now() - pg_last_xact_replay_timestamp())",
            "SELECT data->>'lag' FROM replicas",
            "EXPLAIN SELECT 1",
            "PRAGMA freelist_count",
            "SHOW max_connections",
        ] {
            assert_eq!(word(text), Ok(None), "{text}");
        }
        assert_eq!(word("INSERT INTO a VALUES (1)"), Ok(Some("INSERT")));
        assert_eq!(word("UPDATE a SET b = 1"), Ok(Some("UPDATE")));
        assert_eq!(word("DELETE FROM a"), Ok(Some("DELETE")));
        assert_eq!(word("WITH x AS (SELECT 1) DELETE FROM a"), Ok(Some("DELETE")));
        assert!(word("SELECT count(* FROM jobs").is_err());
        assert!(word("SELEC 1").is_err());
        assert!(word(&"(".repeat(10_000)).is_err());
    }
}
