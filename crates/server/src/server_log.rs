//! Adds what happens to the server to its log in the journal.

use rbl_store::{ServedText, ServerDeed, ServerLogEntry, Sqlite};

/// Adds an entry. Where the journal refuses, the log on standard error says so: the server goes on.
pub(crate) fn log_entry(store: &Sqlite, deed: ServerDeed, by: &str, about: String, texts: Vec<ServedText>) {
    let entry = ServerLogEntry { deed, by: by.into(), about, texts };
    if let Err(why) = store.log(&entry, rbl_world::clock::now()) {
        tracing::error!(deed = deed.words(), %why, "the log of the server lacks an entry");
    }
}
