//! The source cache: files that many runbooks use are read and parsed once for a whole check, from any number of
//! threads.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::files;
use rbl_check::ParsedFile;
use rbl_syntax::source::Source;

/// The limit of cached text, in bytes. Beyond it, files are read where they are needed. No check needs a gigabyte.
const LARGEST: usize = 256 << 20;

/// A file, or why it cannot be read.
type CachedFile = Arc<OnceLock<Result<ParsedFile, String>>>;

/// The cached files.
#[derive(Debug, Default)]
pub struct SourceCache {
    /// The identity of each path as it was named; one file may have several paths.
    identities: Mutex<HashMap<PathBuf, Result<String, String>>>,
    /// The files, by identity.
    held: Mutex<HashMap<String, CachedFile>>,
    /// The size of the cached text, in bytes.
    size: AtomicUsize,
    /// How often a file was read.
    reads: AtomicUsize,
}

impl SourceCache {
    /// Reads a file that another one names, and caches it.
    pub fn named(&self, path: &Path) -> Result<ParsedFile, String> {
        let identity = self.identity(path)?;
        let held = self.cell(&identity);
        let read = held.get_or_init(|| self.read(path, &identity)).clone();
        if self.size.load(Ordering::Relaxed) > LARGEST {
            self.take_down(&identity);
        }
        read
    }

    /// Parses a file that is itself checked. It is cached if others may use it.
    pub fn checked(&self, identity: &str, shown: &str, text: &str) -> ParsedFile {
        let held = self.cell(identity);
        let parse = || {
            self.reads.fetch_add(1, Ordering::Relaxed);
            self.size.fetch_add(text.len(), Ordering::Relaxed);
            Ok(ParsedFile::new(identity, Source::new(shown, text)))
        };
        let read = held.get_or_init(parse).clone();
        match read {
            // Both texts are of the same moment, unless the file is being written.
            Ok(read) if read.source.text() == text => {
                if !read.is_library() || self.size.load(Ordering::Relaxed) > LARGEST {
                    self.take_down(identity);
                }
                read.shown_as(shown)
            }
            Ok(_) | Err(_) => ParsedFile::new(identity, Source::new(shown, text)),
        }
    }

    fn identity(&self, path: &Path) -> Result<String, String> {
        let known = |all: &HashMap<PathBuf, Result<String, String>>| all.get(path).cloned();
        if let Some(known) = known(&self.identities.lock().unwrap_or_else(PoisonError::into_inner)) {
            return known;
        }
        let found = files::identity(path);
        let mut all = self.identities.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(path.to_path_buf(), found.clone());
        found
    }

    fn cell(&self, identity: &str) -> CachedFile {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = held.get(identity) {
            return Arc::clone(cell);
        }
        Arc::clone(held.entry(identity.to_owned()).or_default())
    }

    fn take_down(&self, identity: &str) {
        let taken = self.held.lock().unwrap_or_else(PoisonError::into_inner).remove(identity);
        if let Some(Ok(read)) = taken.as_ref().and_then(|cell| cell.get()) {
            self.size.fetch_sub(read.source.text().len(), Ordering::Relaxed);
        }
    }

    fn read(&self, path: &Path, identity: &str) -> Result<ParsedFile, String> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let text = files::read_text(path).map_err(|why| why.to_string())?;
        self.size.fetch_add(text.len(), Ordering::Relaxed);
        Ok(ParsedFile::new(identity, Source::new(identity, text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_take_in_is_read_once_and_what_is_only_checked_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (library, runbook) = (folder.path().join("common.rb"), folder.path().join("a.rb"));
        std::fs::write(&library, "param limit = 5\n").unwrap();
        std::fs::write(&runbook, "runbook \"a\"\n").unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        let cache = SourceCache::default();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for path in [&library, &folder.path().join("sub/../common.rb")] {
                        assert_eq!(cache.named(path).unwrap().source.text(), "param limit = 5\n");
                    }
                });
            }
        });
        let identity = files::identity(&library).unwrap();
        let shown = cache.checked(&identity, "lib/common.rb", "param limit = 5\n");
        assert_eq!(shown.source.name(), "lib/common.rb");
        assert_eq!(
            cache.reads.load(Ordering::Relaxed),
            1,
            "read and parsed once, checked itself or taken in"
        );
        // A runbook that is only checked is removed again.
        cache.checked(&files::identity(&runbook).unwrap(), "a.rb", "runbook \"a\"\n");
        assert_eq!(cache.held.lock().unwrap().len(), 1);
        assert_eq!(cache.size.load(Ordering::Relaxed), "param limit = 5\n".len());
        // A file that changed in between is not served from the cache.
        assert_eq!(cache.checked(&identity, "common.rb", "param x = 1\n").source.text(), "param x = 1\n");
    }

    #[test]
    fn what_cannot_be_had_is_said_each_time_and_looked_for_once() {
        let folder = tempfile::tempdir().unwrap();
        let cache = SourceCache::default();
        for _ in 0..3 {
            assert_eq!(cache.named(&folder.path().join("x.rb")).unwrap_err(), "no such file");
            let why = cache.named(folder.path()).unwrap_err();
            assert_eq!(why, "it is a folder");
        }
        assert_eq!(cache.reads.load(Ordering::Relaxed), 1);
    }
}
