//! The check cache: which files had no findings when they were last checked. While nothing that their check read has
//! changed, it is not repeated.
//!
//! A file is known by a hash of its text, of its path and of everything else that the check depends on; the files that
//! it names are known by their paths and hashes. So a cache that is old, incomplete or damaged costs a check, and never
//! hides a finding. Findings themselves are not kept.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::files::{self, NamedFile, folder};
use crate::recording_loader::ReadDependency;
use rbl_syntax::source::Source;

/// The largest cache that is read, in bytes; one of 5,000 runbooks takes about a megabyte.
const LARGEST: u64 = 64 << 20;

/// A cache that was not written for this long is removed: its rbl or its folder may be gone.
const OLDEST: Duration = Duration::from_hours(30 * 24);

/// How the name of each cache ends.
const ENDING: &str = ".clean.json";

/// The SHA-256 of several parts, in hexadecimal. The length of each part counts, so no two lists have the same hash.
pub fn hash(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        for half in [byte >> 4, byte & 15] {
            hex.push(char::from_digit(u32::from(half), 16).unwrap_or_default());
        }
        hex
    })
}

/// A check without findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct CleanCheck {
    /// The hash of what was checked, and of how.
    key: String,
    /// The files that were read for it, in the order in which they were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    read: Vec<CleanDependency>,
}

/// A file that a clean file names, directly or through others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct CleanDependency {
    /// The canonical path of the file that names it.
    from: String,
    /// The path as written.
    named: String,
    /// The canonical path that this led to.
    path: String,
    /// The hash of its text.
    text: String,
}

/// What a path leads to now: the canonical path, and the hash of the text; `None` where there is no text.
type CurrentText = Option<(String, String)>;

/// The files without findings. Any number of threads may ask and add.
#[derive(Debug)]
pub struct CheckCache {
    path: PathBuf,
    /// By canonical path, as read at the start.
    known: BTreeMap<String, CleanCheck>,
    /// What this check adds.
    added: Mutex<BTreeMap<String, CleanCheck>>,
    /// The texts that several files name are read and hashed once.
    texts: Mutex<HashMap<PathBuf, CurrentText>>,
    /// The texts of libraries that were hashed to be added, by canonical path.
    hashed: Mutex<HashMap<String, (Source, String)>>,
}

impl CheckCache {
    /// Opens the cache of this name in a folder. A cache that cannot be read is empty.
    pub fn open(folder: &Path, name: &str) -> Self {
        let path = folder.join(format!("{name}{ENDING}"));
        let small = fs::metadata(&path).is_ok_and(|about| about.is_file() && about.len() <= LARGEST);
        let text = small.then(|| fs::read(&path).ok()).flatten().unwrap_or_default();
        let known = serde_json::from_slice(&text).unwrap_or_default();
        let (added, texts, hashed) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { path, known, added, texts, hashed }
    }

    /// Whether a check of the file had no findings, and would read the same now. `how` stands for everything else that
    /// the check depends on.
    pub fn is_clean(&self, file: &NamedFile, how: &str) -> bool {
        self.known.get(&file.identity).is_some_and(|known| {
            known.key == key(file, how) && known.read.iter().all(|it| self.is_unchanged(it))
        })
    }

    /// Keeps that a check of the file had no findings, and what it read.
    pub fn keep(&self, file: &NamedFile, how: &str, read: Vec<ReadDependency>) {
        let hashed = |it: ReadDependency| {
            let text = self.hashed(&it.identity, &it.source);
            CleanDependency { from: it.from, named: it.named, path: it.identity, text }
        };
        let clean = CleanCheck { key: key(file, how), read: read.into_iter().map(hashed).collect() };
        let mut added = self.added.lock().unwrap_or_else(PoisonError::into_inner);
        added.insert(file.identity.clone(), clean);
    }

    /// Writes what was added, as a whole file that takes the place of the one before. Of several processes that write
    /// at the same time one wins, and the others check again. Nothing depends on it, so an error is not reported.
    pub fn save(self) {
        let added = self.added.into_inner().unwrap_or_else(PoisonError::into_inner);
        if added.is_empty() {
            return;
        }
        let mut all = self.known;
        all.retain(|path, _| added.contains_key(path) || Path::new(path).exists());
        all.extend(added);
        if let Some(folder) = self.path.parent() {
            // The texts of runbooks are nobody else's, and a hash may give a short one away.
            let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
            if made.is_ok() && write(folder, &self.path, &all).is_ok() {
                remove_old(folder);
            }
        }
    }

    /// The hash of a text that was read.
    fn hashed(&self, identity: &str, source: &Source) -> String {
        let mut all = self.hashed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((held, hash)) = all.get(identity)
            && held.text() == source.text()
        {
            return hash.clone();
        }
        let hash = hash(&[source.text().as_bytes()]);
        all.insert(identity.to_owned(), (source.clone(), hash.clone()));
        hash
    }

    fn is_unchanged(&self, known: &CleanDependency) -> bool {
        let path = folder(&known.from).join(&known.named);
        let held = self.texts.lock().unwrap_or_else(PoisonError::into_inner).get(&path).cloned();
        let now = held.unwrap_or_else(|| {
            let now = files::identity(&path)
                .ok()
                .and_then(|identity| Some((identity, hash(&[files::read_text(&path).ok()?.as_bytes()]))));
            self.texts.lock().unwrap_or_else(PoisonError::into_inner).insert(path, now.clone());
            now
        });
        now.is_some_and(|(path, text)| path == known.path && text == known.text)
    }
}

/// The hash of a file, and of how it is checked.
fn key(file: &NamedFile, how: &str) -> String {
    hash(&[how.as_bytes(), file.identity.as_bytes(), file.text.as_bytes()])
}

fn write(folder: &Path, path: &Path, all: &BTreeMap<String, CleanCheck>) -> std::io::Result<()> {
    let text = serde_json::to_vec(all)?;
    let mut file = tempfile::Builder::new().prefix(".rbl-").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(&text)?;
    file.persist(path)?;
    Ok(())
}

/// Removes the caches that were not written for a long time.
fn remove_old(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_cache = entry.file_name().to_string_lossy().ends_with(ENDING);
        let written = entry.metadata().and_then(|about| about.modified());
        let age = written.ok().and_then(|written| written.elapsed().ok());
        if is_cache && age.is_some_and(|age| age > OLDEST) {
            // Another process may have removed it.
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Files;
    use crate::recording_loader::RecordingLoader;
    use rbl_check::Loader as _;

    /// A folder with a runbook `a.rb` that names `lib.rb`, and a cache that knows it as clean.
    fn kept() -> (tempfile::TempDir, NamedFile) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.rb"), "use \"lib.rb\"\n").unwrap();
        fs::write(folder.path().join("lib.rb"), "let limit = 5\n").unwrap();
        let file = NamedFile::read(folder.path().join("a.rb").to_str().unwrap()).unwrap();
        let mut loader = RecordingLoader::new(Files::new(&file));
        loader.read(&file.identity, "lib.rb").unwrap();
        let cache = open(&folder);
        assert!(!cache.is_clean(&file, "how"));
        cache.keep(&file, "how", loader.into_read().unwrap());
        cache.save();
        assert!(open(&folder).is_clean(&file, "how"));
        (folder, file)
    }

    fn open(folder: &tempfile::TempDir) -> CheckCache {
        CheckCache::open(&folder.path().join("cache"), "it")
    }

    #[test]
    fn a_change_of_anything_that_was_read_makes_it_unknown() {
        let (folder, file) = kept();
        let unknown = |file: &NamedFile, how| assert!(!open(&folder).is_clean(file, how));
        unknown(&file, "another way");
        unknown(&NamedFile { text: "use \"lib.rb\" ".into(), ..file.clone() }, "how");
        unknown(&NamedFile { identity: "/elsewhere/a.rb".into(), ..file.clone() }, "how");
        fs::write(folder.path().join("lib.rb"), "let limit = 6\n").unwrap();
        unknown(&file, "how");
        fs::remove_file(folder.path().join("lib.rb")).unwrap();
        unknown(&file, "how");
        // The same text at another place is another file: what it names lies beside it.
        fs::write(folder.path().join("other.rb"), "let limit = 5\n").unwrap();
        std::os::unix::fs::symlink("other.rb", folder.path().join("lib.rb")).unwrap();
        unknown(&file, "how");
        fs::remove_file(folder.path().join("lib.rb")).unwrap();
        fs::write(folder.path().join("lib.rb"), "let limit = 5\n").unwrap();
        assert!(open(&folder).is_clean(&file, "how"), "all is as it was");
    }

    #[test]
    fn a_damaged_cache_is_empty_and_written_anew() {
        let (folder, file) = kept();
        let path = folder.path().join("cache/it.clean.json");
        let whole = fs::read(&path).unwrap();
        let cut = whole.get(..whole.len() / 2).unwrap().to_vec();
        for damaged in [cut, vec![0; 100], b"{\"a\": 1}".to_vec(), b"[]".to_vec(), Vec::new()] {
            fs::write(&path, damaged).unwrap();
            let cache = open(&folder);
            assert!(!cache.is_clean(&file, "how"));
            cache.keep(&file, "how", Vec::new());
            cache.save();
            assert!(open(&folder).is_clean(&file, "how"));
        }
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let cache = open(&folder);
        cache.keep(&file, "how", Vec::new());
        cache.save();
        assert!(!open(&folder).is_clean(&file, "how"), "nothing can be written there, and nothing fails");
    }

    #[test]
    fn what_is_gone_is_forgotten_and_old_caches_are_removed() {
        let (folder, file) = kept();
        let other = folder.path().join("b.rb");
        fs::write(&other, "").unwrap();
        let other = NamedFile::read(other.to_str().unwrap()).unwrap();
        fs::remove_file(&file.identity).unwrap();
        let old = folder.path().join("cache/old.clean.json");
        let note = folder.path().join("cache/note.txt");
        for path in [&old, &note] {
            fs::write(path, "{}").unwrap();
            let long_ago = std::time::SystemTime::now() - OLDEST - Duration::from_mins(1);
            fs::File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
        }
        let cache = open(&folder);
        cache.keep(&other, "how", Vec::new());
        cache.save();
        let cache = open(&folder);
        assert!(cache.is_clean(&other, "how") && !cache.known.contains_key(&file.identity));
        assert!(!old.exists() && note.exists());
    }

    #[test]
    fn several_writers_leave_a_whole_cache() {
        let (folder, file) = kept();
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let (folder, file) = (&folder, &file);
                scope.spawn(move || {
                    for _ in 0..20 {
                        let cache = open(folder);
                        assert!(!cache.known.is_empty(), "a reader sees one whole cache or another");
                        cache.keep(file, &format!("how {writer}"), Vec::new());
                        cache.save();
                    }
                });
            }
        });
        let cache = open(&folder);
        assert_eq!((0..8).filter(|it| cache.is_clean(&file, &format!("how {it}"))).count(), 1);
        assert_eq!(fs::read_dir(folder.path().join("cache")).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn the_hash_tells_lists_apart() {
        assert_eq!(hash(&[]), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
        assert_ne!(hash(&[b"ab", b""]), hash(&[b"ab"]));
    }
}
