//! The provider `sql`: a query of a SQLite or a `PostgreSQL` database.
//!
//! QUERY is one SELECT. A value in it is a bind parameter and never a part of the text. The column `value`, or the last one, is the number or
//! text; the others are labels. A metric of lines reads one column, a row for each line. Nothing can be written: a file of SQLite is opened
//! for reading only, `PostgreSQL` is asked in a transaction that only reads, and a statement that writes is refused.

mod bound;
mod cell;
mod numeric;
mod postgres;
mod postgres_row;
mod sqlite;
mod stream;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::{RawText, Read, ReadTime, Reading, Secrets};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Labels, Reason, ReasonKind, Time, reported_lines};
use serde::Deserialize;
use serde::de::Error as _;
use smol_str::SmolStr;
use toml::de::Error;

use self::bound::{BoundQuery, SqlPlaceholder};
use self::cell::SqlCell;
use self::postgres::Postgres;
use self::sqlite::SqliteDatabase;
use super::{Provider, without_secrets};
use crate::config_keys;
use crate::http::TlsFiles;
use crate::registry::ConnectionKind;

/// Its entry in the registry.
pub(super) const KIND: ConnectionKind<dyn Provider> = ConnectionKind {
    description: KindDescription {
        family: Family::Provider,
        kind: "sql",
        summary: "a SQLite or PostgreSQL database: QUERY is a SELECT, values in it are bind parameters",
        metrics: &[MetricType::Number, MetricType::Text, MetricType::Lines],
        contract: Contract::Real("SQLite 3, PostgreSQL 15"),
        keys: &[
            Key::optional(
                "path",
                KeyKind::Plain,
                "none",
                "the file of a SQLite database, relative to the directory of `rbl.toml`",
            ),
            Key::optional(
                "url",
                KeyKind::Database,
                "none",
                "a PostgreSQL database, like \"postgres://rbl@db.example.com/shop\"",
            ),
            Key::optional("password", KeyKind::Secret, "none", "for the name in `url`"),
            config_keys::CA,
            config_keys::TIMEOUT,
            Key::optional(
                "rows",
                KeyKind::Count,
                "1000",
                "how many rows are read at most; more are an error",
            ),
        ],
    },
    configure: |section, base| {
        let sql = Sql::new(SqlConfig::deserialize(section)?, base);
        Ok(Arc::new(sql.map_err(Error::custom)?))
    },
};

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct SqlConfig {
    path: Option<String>,
    url: Option<Setting>,
    password: Option<Setting>,
    ca: Option<String>,
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
    database: Database,
    timeout: Seconds,
    rows: usize,
}

#[derive(Debug)]
enum Database {
    Sqlite(SqliteDatabase),
    Postgres(Postgres),
}

/// The answer of a database.
#[derive(Debug, Default)]
struct Table {
    /// The names of the columns.
    names: Vec<SmolStr>,
    rows: Vec<Vec<SqlCell>>,
}

impl Table {
    /// Adds a row, unless there are as many as may be.
    fn push(&mut self, row: Vec<SqlCell>, most: usize) -> Result<(), Reason> {
        if self.rows.len() == most {
            let text = format!("the query returns more than {most} rows");
            return Err(Reason::new(ReasonKind::ProviderError, text));
        }
        self.rows.push(row);
        Ok(())
    }
}

fn refused(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::NotRun, text)
}

/// A statement that returns no rows.
fn no_select() -> Reason {
    refused("the query is not a SELECT: a metric only looks")
}

impl Sql {
    fn new(config: SqlConfig, base: &Path) -> Result<Self, &'static str> {
        let SqlConfig { path, url, password, ca, timeout, rows } = config;
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let database = match (path, url) {
            (Some(_), None) if password.is_some() || ca.is_some() => {
                return Err("`password` and `ca` belong to `url`: a file of SQLite has neither");
            }
            (Some(path), None) => Database::Sqlite(SqliteDatabase::new(&path, timeout, base)),
            (None, Some(url)) => {
                Database::Postgres(Postgres::new(url, password, TlsFiles::trusting(ca), timeout, base))
            }
            (Some(_), Some(_)) => return Err("`path` and `url` name two databases: keep one of them"),
            (None, None) => {
                return Err("write `path`, the file of a SQLite database, or `url`, a PostgreSQL database");
            }
        };
        Ok(Self { database, timeout, rows })
    }

    fn table(&self, read: &Read, secrets: &Secrets) -> Result<Table, Reason> {
        match &self.database {
            Database::Sqlite(sqlite) => {
                let query = BoundQuery::read(&read.query, SqlPlaceholder::Question, secrets, sqlite.base())?;
                sqlite.table(&query, self.rows)
            }
            Database::Postgres(postgres) => {
                let query =
                    BoundQuery::read(&read.query, SqlPlaceholder::Numbered, secrets, postgres.base())?;
                postgres.table(&query, self.rows, secrets)
            }
        }
    }

    fn reading(&self, read: &Read, secrets: &Secrets) -> Result<Reading, Reason> {
        if !matches!(read.time, ReadTime::Now) {
            let text = "a database has no history of its own: ask for the time in the query";
            return Err(Reason::new(ReasonKind::NoHistory, text));
        }
        let Table { names, rows } = self.table(read, secrets)?;
        let mut reading = Reading::default();
        if read.of == MetricType::Lines {
            let mut lines = Vec::new();
            for row in &rows {
                let [cell] = row.as_slice() else {
                    return Err(refused("a metric of lines reads one column"));
                };
                lines.extend(reported_lines(&cell.text().unwrap_or_default()));
            }
            reading.lines = Some(lines);
            return Ok(reading);
        }
        for row in &rows {
            let (labels, cell) = labelled(&names, row);
            if matches!(cell, SqlCell::Null) {
                // A row of its own does not vanish; a NULL that is all there is means that there is nothing.
                if !labels.is_empty() {
                    reading.missing.push(labels);
                }
                continue;
            }
            match read.of {
                MetricType::Text | MetricType::Lines => {
                    let text = cell.text().unwrap_or_default();
                    reading.texts.push(RawText { labels, text });
                }
                MetricType::Number | MetricType::Unknown => reading.samples.push(cell.sample(labels)?),
            }
        }
        Ok(reading)
    }
}

/// The value of a row, and its labels: the column `value`, or the last one.
fn labelled<'r>(names: &[SmolStr], row: &'r [SqlCell]) -> (Labels, &'r SqlCell) {
    let at = names.iter().position(|name| name == "value").unwrap_or(names.len().saturating_sub(1));
    let labels = names.iter().zip(row).enumerate().filter(|(index, _)| *index != at);
    let labels =
        labels.map(|(_, (name, cell))| (name.clone(), SmolStr::from(cell.text().unwrap_or_default())));
    (labels.collect(), row.get(at).unwrap_or(&SqlCell::Null))
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
        let secrets = Secrets::of_connection();
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.test(),
            Database::Postgres(postgres) => {
                postgres.test(&secrets).map_err(|reason| secrets.redact_reason(&reason))
            }
        }
    }
}
