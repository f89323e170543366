//! The provider `sql`: a query of a SQLite database.
//!
//! QUERY is one SELECT. A value in it is a bind parameter and never a part of the text. The column `value`, or the last one, is the number or
//! text; the others are labels. A metric of lines reads one column, a row for each line. Nothing can be written: the database is opened for
//! reading only, and a statement that writes is refused.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use rbl_project::setting::Seconds;
use rbl_runtime::{CommandLine, Datum, Piece, RawSample, RawText, Read, ReadTime, Reading, Secrets};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{ExactNumber, Labels, Quantity, Reason, ReasonKind, Time, reported_lines};
use rusqlite::types::{Value as SqlValue, ValueRef};
use rusqlite::{Connection, OpenFlags};
use serde::Deserialize;
use smol_str::SmolStr;

use super::{Provider, without_secrets};
use crate::config_keys;
use crate::registry::ConnectionKind;
use crate::secrets;

/// Its entry in the registry.
pub(super) const KIND: ConnectionKind<dyn Provider> = ConnectionKind {
    description: KindDescription {
        family: Family::Provider,
        kind: "sql",
        summary: "a SQLite database: QUERY is a SELECT, values in it are bind parameters",
        metrics: &[MetricType::Number, MetricType::Text, MetricType::Lines],
        contract: Contract::Real("SQLite 3"),
        keys: &[
            Key::needed(
                "path",
                KeyKind::Plain,
                "the file of the database, relative to the directory of `rbl.toml`",
            ),
            config_keys::TIMEOUT,
            Key::optional(
                "rows",
                KeyKind::Count,
                "1000",
                "how many rows are read at most; more are an error",
            ),
        ],
    },
    configure: |section, base| Ok(Arc::new(Sql::new(SqlConfig::deserialize(section)?, base))),
};

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct SqlConfig {
    path: String,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
    #[serde(default = "thousand")]
    rows: u32,
}

const fn thousand() -> u32 {
    1000
}

#[derive(Debug)]
struct Sql {
    path: PathBuf,
    base: PathBuf,
    timeout: Seconds,
    rows: usize,
}

/// A SELECT and the values of its parameters.
struct BoundQuery {
    text: String,
    values: Vec<SqlValue>,
}

fn refused(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::NotRun, text)
}

impl Sql {
    fn new(config: SqlConfig, base: &Path) -> Self {
        let SqlConfig { path, timeout, rows } = config;
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        Self { path: base.join(path), base: base.to_owned(), timeout, rows }
    }

    fn open(&self) -> Result<Connection, Reason> {
        if !self.path.is_file() {
            let text = format!("{}: no such file", self.path.display());
            return Err(Reason::new(ReasonKind::Unreachable, text));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(&self.path, flags).map_err(|error| self.trouble(&error))?;
        connection.busy_timeout(self.timeout.duration()).map_err(|error| self.trouble(&error))?;
        Ok(connection)
    }

    fn trouble(&self, error: &rusqlite::Error) -> Reason {
        let path = self.path.display();
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::OperationInterrupted) => {
                let within = Quantity::seconds(self.timeout.0);
                Reason::new(ReasonKind::TimedOut, format!("no answer from {path} within {within}"))
            }
            Some(rusqlite::ErrorCode::NotADatabase) => {
                Reason::new(ReasonKind::BadAnswer, format!("{path} is not a SQLite database"))
            }
            _ => {
                let text = format!("{path}: {}", rbl_syntax::one_line(&error.to_string()));
                Reason::new(ReasonKind::ProviderError, text)
            }
        }
    }

    /// The rows of the query, and the names of its columns.
    fn rows(&self, query: &BoundQuery) -> Result<(Vec<SmolStr>, Vec<Vec<SqlValue>>), Reason> {
        let connection = self.open()?;
        let interrupt = connection.get_interrupt_handle();
        let (done, is_done) = channel::<()>();
        let timeout = self.timeout.duration();
        let watch = std::thread::spawn(move || {
            if is_done.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout) {
                interrupt.interrupt();
            }
        });
        let rows = self.selected(&connection, query);
        drop(done);
        let _ = watch.join();
        rows
    }

    fn selected(
        &self,
        connection: &Connection,
        query: &BoundQuery,
    ) -> Result<(Vec<SmolStr>, Vec<Vec<SqlValue>>), Reason> {
        let trouble = |error: rusqlite::Error| self.trouble(&error);
        let mut statement = connection.prepare(&query.text).map_err(trouble)?;
        if !statement.readonly() || statement.column_count() == 0 {
            return Err(refused("the query is not a SELECT: a metric only looks"));
        }
        let names: Vec<SmolStr> = statement.column_names().map(SmolStr::from).collect();
        let mut found = statement.query(rusqlite::params_from_iter(&query.values)).map_err(trouble)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next().map_err(trouble)? {
            if rows.len() == self.rows {
                let text = format!("the query returns more than {} rows", self.rows);
                return Err(Reason::new(ReasonKind::ProviderError, text));
            }
            let cells: Result<Vec<SqlValue>, rusqlite::Error> =
                (0..names.len()).map(|at| row.get_ref(at).map(owned)).collect();
            rows.push(cells.map_err(trouble)?);
        }
        Ok((names, rows))
    }

    fn reading(&self, read: &Read, secrets: &Secrets) -> Result<Reading, Reason> {
        if !matches!(read.time, ReadTime::Now) {
            let text = "a database has no history of its own: ask for the time in the query";
            return Err(Reason::new(ReasonKind::NoHistory, text));
        }
        let query = BoundQuery::read(&read.query, secrets, &self.base)?;
        let (names, rows) = self.rows(&query)?;
        let mut reading = Reading::default();
        match read.of {
            MetricType::Lines => {
                let mut lines = Vec::new();
                for row in &rows {
                    let [cell] = row.as_slice() else {
                        return Err(refused("a metric of lines reads one column"));
                    };
                    lines.extend(reported_lines(&text(cell).unwrap_or_default()));
                }
                reading.lines = Some(lines);
            }
            MetricType::Text => {
                for row in &rows {
                    let (labels, cell) = labelled(&names, row);
                    if let Some(text) = text(cell) {
                        reading.texts.push(RawText { labels, text });
                    }
                }
            }
            MetricType::Number | MetricType::Unknown => {
                for row in &rows {
                    let (labels, cell) = labelled(&names, row);
                    if let Some(sample) = number(labels, cell)? {
                        reading.samples.push(sample);
                    }
                }
            }
        }
        Ok(reading)
    }
}

fn owned(cell: ValueRef<'_>) -> SqlValue {
    match cell {
        ValueRef::Null => SqlValue::Null,
        ValueRef::Integer(number) => SqlValue::Integer(number),
        ValueRef::Real(number) => SqlValue::Real(number),
        ValueRef::Text(bytes) => SqlValue::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => SqlValue::Blob(bytes.to_vec()),
    }
}

/// The value of a row, and its labels: the column `value`, or the last one.
fn labelled<'r>(names: &[SmolStr], row: &'r [SqlValue]) -> (Labels, &'r SqlValue) {
    let at = names.iter().position(|name| name == "value").unwrap_or(names.len().saturating_sub(1));
    let labels = names.iter().zip(row).enumerate().filter(|(index, _)| *index != at);
    let labels =
        labels.map(|(_, (name, cell))| (name.clone(), SmolStr::from(text(cell).unwrap_or_default())));
    (labels.collect(), row.get(at).unwrap_or(&SqlValue::Null))
}

/// A cell as text; `None` for NULL.
fn text(cell: &SqlValue) -> Option<String> {
    match cell {
        SqlValue::Null => None,
        SqlValue::Integer(number) => Some(number.to_string()),
        SqlValue::Real(number) => Some(number.to_string()),
        SqlValue::Text(text) => Some(text.clone()),
        SqlValue::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// A cell as a number. NULL is none: nothing was measured.
fn number(labels: Labels, cell: &SqlValue) -> Result<Option<RawSample>, Reason> {
    Ok(match cell {
        SqlValue::Null => None,
        SqlValue::Integer(number) => {
            let digits = ExactNumber::parse(&number.to_string());
            #[allow(clippy::cast_precision_loss)] // what does not fit has its digits beside it
            let value = *number as f64;
            Some(RawSample { digits, ..RawSample::new(labels, value, None) })
        }
        SqlValue::Real(number) => Some(RawSample::new(labels, *number, None)),
        SqlValue::Text(text) => {
            let text = format!("the text \"{}\", not a number", rbl_syntax::one_line(text));
            return Err(Reason::new(ReasonKind::Unreadable, text));
        }
        SqlValue::Blob(_) => return Err(Reason::new(ReasonKind::Unreadable, "bytes, not a number")),
    })
}

impl BoundQuery {
    fn read(query: &CommandLine, secrets: &Secrets, base: &Path) -> Result<Self, Reason> {
        let (mut text, mut values) = (String::new(), Vec::new());
        let mut quoted: Option<char> = None;
        for piece in &query.0 {
            match piece {
                Piece::Text(part) => {
                    for c in part.chars() {
                        match quoted {
                            Some(open) if c == open => quoted = None,
                            None if matches!(c, '\'' | '"' | '`') => quoted = Some(c),
                            Some(_) | None => {}
                        }
                        text.push(c);
                    }
                }
                Piece::Value(datum) => {
                    if quoted.is_some() {
                        return Err(refused(
                            "a value stands in quotes: write it without them, it is a bind parameter",
                        ));
                    }
                    text.push('?');
                    values.push(match secrets::reveal(secrets, datum, base)? {
                        Datum::Text(text) => SqlValue::Text(text),
                        Datum::Number(number)
                        | Datum::Duration(number)
                        | Datum::Data(number)
                        | Datum::Reading { number, .. } => whole(number),
                        Datum::ExactNumber(digits) => SqlValue::Text(digits.to_string()),
                        Datum::Bool(value) => SqlValue::Integer(i64::from(value)),
                        Datum::List(_) => return Err(refused("a list cannot be a bind parameter")),
                        // INVARIANT: every secret was read before.
                        Datum::Secret(_) => SqlValue::Null,
                    });
                }
            }
        }
        Ok(Self { text, values })
    }
}

/// A number as SQL would write it: a whole one is an integer, which `LIMIT` needs.
fn whole(number: f64) -> SqlValue {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        #[allow(clippy::cast_possible_truncation)] // bounded above
        return SqlValue::Integer(number as i64);
    }
    SqlValue::Real(number)
}

impl Provider for Sql {
    fn read(&self, read: &Read, _: Time) -> Result<Reading, Reason> {
        let secrets = Secrets::of_connection();
        without_secrets(self.reading(read, &secrets), &secrets)
    }

    fn time_out(&self) -> Option<Duration> {
        Some(self.timeout.duration())
    }

    fn test(&self) -> Result<String, Reason> {
        let query = BoundQuery { text: "SELECT count(*) FROM sqlite_schema".into(), values: Vec::new() };
        let (_, rows) = self.rows(&query)?;
        let tables = rows.first().and_then(|row| row.first()).and_then(text).unwrap_or_default();
        Ok(format!("SQLite {}, {tables} tables and indexes", rusqlite::version()))
    }
}
