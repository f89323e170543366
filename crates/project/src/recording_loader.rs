//! A loader that records what a check reads.

use crate::files::Files;
use rbl_check::{LoadedFile, Loader, ParsedFile};
use rbl_syntax::source::Source;

/// A file that was read because another one names it.
#[derive(Debug, Clone)]
pub struct ReadDependency {
    /// The canonical path of the file that names it.
    pub from: String,
    /// The path as written.
    pub named: String,
    /// Its canonical path.
    pub identity: String,
    /// Its text.
    pub source: Source,
}

/// Loads files, and records each.
#[derive(Debug)]
pub struct RecordingLoader {
    files: Files,
    read: Vec<ReadDependency>,
    failed: bool,
}

impl RecordingLoader {
    /// Records what is loaded from these files.
    pub fn new(files: Files) -> Self {
        Self { files, read: Vec::new(), failed: false }
    }

    /// The files that were read, in order; `None` if one could not be read.
    pub fn into_read(self) -> Option<Vec<ReadDependency>> {
        (!self.failed).then_some(self.read)
    }
}

impl Loader for RecordingLoader {
    fn load(&mut self, from: &str, named: &str) -> Result<LoadedFile, String> {
        let ParsedFile { identity, source, .. } = self.read(from, named)?;
        Ok(LoadedFile { identity, shown: source.name().to_owned(), text: source.text().to_owned() })
    }

    fn read(&mut self, from: &str, named: &str) -> Result<ParsedFile, String> {
        let read = self.files.read(from, named);
        match &read {
            Ok(file) => self.read.push(ReadDependency {
                from: from.to_owned(),
                named: named.to_owned(),
                identity: file.identity.clone(),
                source: file.source.clone(),
            }),
            Err(_) => self.failed = true,
        }
        read
    }
}
