//! SQLite: a file that is opened for reading only.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};

use rbl_project::setting::Seconds;
use rbl_runtime::Datum;
use rbl_syntax::value::{Quantity, Reason, ReasonKind};
use rusqlite::types::{Value as SqlValue, ValueRef};
use rusqlite::{Connection, OpenFlags};
use smol_str::SmolStr;

use super::bound::BoundQuery;
use super::cell::SqlCell;
use super::{Table, no_select, refused};

/// A database in a file.
#[derive(Debug)]
pub(super) struct SqliteDatabase {
    path: PathBuf,
    base: PathBuf,
    timeout: Seconds,
}

impl SqliteDatabase {
    /// The database in this file, relative to `base`. Opens nothing.
    pub(super) fn new(path: &str, timeout: Seconds, base: &Path) -> Self {
        Self { path: base.join(path), base: base.to_owned(), timeout }
    }

    /// The directory that files are relative to.
    pub(super) fn base(&self) -> &Path {
        &self.base
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

    /// The rows of the query, at most this many.
    pub(super) fn table(&self, query: &BoundQuery, most: usize) -> Result<Table, Reason> {
        let connection = self.open()?;
        let interrupt = connection.get_interrupt_handle();
        let (done, is_done) = channel::<()>();
        let timeout = self.timeout.duration();
        let watch = std::thread::spawn(move || {
            if is_done.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout) {
                interrupt.interrupt();
            }
        });
        let table = self.selected(&connection, query, most);
        drop(done);
        let _ = watch.join();
        table
    }

    fn selected(&self, connection: &Connection, query: &BoundQuery, most: usize) -> Result<Table, Reason> {
        let trouble = |error: rusqlite::Error| self.trouble(&error);
        let values: Vec<SqlValue> = query.values.iter().map(parameter).collect::<Result<_, _>>()?;
        let mut statement = connection.prepare(&query.text).map_err(trouble)?;
        if !statement.readonly() || statement.column_count() == 0 {
            return Err(no_select());
        }
        let names: Vec<SmolStr> = statement.column_names().map(SmolStr::from).collect();
        let mut table = Table { names, rows: Vec::new() };
        let mut found = statement.query(rusqlite::params_from_iter(&values)).map_err(trouble)?;
        while let Some(row) = found.next().map_err(trouble)? {
            let cells: Result<Vec<SqlCell>, rusqlite::Error> =
                (0..table.names.len()).map(|at| row.get_ref(at).map(cell)).collect();
            table.push(cells.map_err(trouble)?, most)?;
        }
        Ok(table)
    }

    /// What answers.
    pub(super) fn test(&self) -> Result<String, Reason> {
        let query = BoundQuery { text: "SELECT count(*) FROM sqlite_schema".into(), values: Vec::new() };
        let table = self.table(&query, 1)?;
        let tables =
            table.rows.first().and_then(|row| row.first()).and_then(SqlCell::text).unwrap_or_default();
        Ok(format!("SQLite {}, {tables} tables and indexes", rusqlite::version()))
    }
}

fn cell(value: ValueRef<'_>) -> SqlCell {
    match value {
        ValueRef::Null => SqlCell::Null,
        ValueRef::Integer(number) => SqlCell::Whole(number),
        ValueRef::Real(number) => SqlCell::Real(number),
        ValueRef::Text(bytes) => SqlCell::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => SqlCell::Bytes(bytes.to_vec()),
    }
}

/// A value as a bind parameter.
fn parameter(datum: &Datum) -> Result<SqlValue, Reason> {
    Ok(match datum {
        Datum::Text(text) => SqlValue::Text(text.clone()),
        Datum::Number(number)
        | Datum::Duration(number)
        | Datum::Data(number)
        | Datum::Reading { number, .. } => whole(*number),
        Datum::ExactNumber(digits) => SqlValue::Text(digits.to_string()),
        Datum::Bool(value) => SqlValue::Integer(i64::from(*value)),
        Datum::List(_) => return Err(refused("a list cannot be a bind parameter of SQLite")),
        // INVARIANT: every secret was read before.
        Datum::Secret(_) => SqlValue::Null,
    })
}

/// A number as SQL would write it: a whole one is an integer, which `LIMIT` needs.
fn whole(number: f64) -> SqlValue {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        #[allow(clippy::cast_possible_truncation)] // bounded above
        return SqlValue::Integer(number as i64);
    }
    SqlValue::Real(number)
}
