//! Opens the file: as a journal to write, or only to read.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::schema::{self, SchemaError, SchemaState};
use super::{Sqlite, error};
use rbl_runtime::journal::StoreError;

/// How many statements are kept prepared.
const STATEMENTS: usize = 64;

/// Opens it to write: durable at every commit.
pub(super) fn to_write(folder: &Path) -> Result<Connection, StoreError> {
    let file = Sqlite::file(folder);
    let open = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&file, flags)?;
        careful(&connection)?;
        // All of them: preparing one costs more than running it.
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // A file that is not a journal of this version is left unchanged.
        schema::found(&connection)?;
        write_ahead(&connection, &file)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        schema::bring_up(&mut connection)?;
        Ok(connection)
    };
    open().map_err(|refused| refused_error(refused, &file))
}

/// Opens it to read; `None` where there is no journal, or an empty one.
pub(super) fn open_read_only(folder: &Path) -> Result<Option<Connection>, StoreError> {
    let file = Sqlite::file(folder);
    match std::fs::metadata(&file) {
        Ok(_) => {}
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(why) => return Err(super::folder::cannot("read", &file, &why)),
    }
    let open = |immutable: bool| {
        let flags =
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(uri(&file, immutable), flags)?;
        careful(&connection)?;
        Ok((schema::found(&connection)?, connection))
    };
    let opened = match open(false) {
        // Where nothing can be written, not even the files that readers keep beside it, nobody writes to it either: it
        // is read unchanged. With a log beside it that would miss the content of the log.
        Err(SchemaError::Sqlite(error)) if is_write_protected(&error) && !has_log(&file) => open(true),
        opened => opened,
    };
    match opened.map_err(|refused| refused_error(refused, &file))? {
        (SchemaState::Empty | SchemaState::Version(0), _) => Ok(None),
        (SchemaState::Version(version), connection) if version >= schema::newest() => Ok(Some(connection)),
        // The journal of an older rbl: a process that writes upgrades it, perhaps at this moment.
        (SchemaState::Version(_), _) => to_write(folder).map(Some),
    }
}

fn uri(file: &Path, immutable: bool) -> String {
    let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{escaped}{}", if immutable { "?immutable=1" } else { "" })
}

fn is_write_protected(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

fn has_log(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// Makes the connection distrust what it reads, and wait for other processes.
fn careful(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(error::PATIENCE))?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)
}

/// Turns the write-ahead log on. Two processes that do so at once do not wait for each other by themselves.
fn write_ahead(connection: &Connection, file: &Path) -> Result<(), SchemaError> {
    let end = Instant::now() + Duration::from_secs(error::PATIENCE);
    loop {
        let mode =
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match mode {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                return Err(SchemaError::Because(StoreError::Unavailable(format!(
                    "{} cannot have a log beside it (it stays in the mode `{mode}`): the journal needs a disk of this machine, \
                     not one over the network",
                    file.display()
                ))));
            }
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < end =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn refused_error(refused: SchemaError, file: &Path) -> StoreError {
    match refused {
        SchemaError::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            foreign(file)
        }
        SchemaError::Sqlite(error) => error::store_error(&error, file),
        SchemaError::Foreign => foreign(file),
        SchemaError::Because(error) => error,
    }
}

fn foreign(file: &Path) -> StoreError {
    StoreError::Corrupt(format!(
        "{} is not a journal of rbl, or its beginning is damaged: it was left as it is; move it away, or bring it back from a \
         backup",
        file.display()
    ))
}
