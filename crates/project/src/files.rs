//! Runbooks on disk: reads them, and loads the files that they name.

use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::Refusal;
use crate::source_cache::SourceCache;
use rbl_check::{LoadedFile, Loader, ParsedFile};
use rbl_syntax::io_error::reading;

/// The largest file that is read; no runbook is that large.
const LARGEST: u64 = 64 << 20;

/// The name under which standard input is shown.
pub const STDIN: &str = "<stdin>";

/// A file that was named on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// Its path, as it is shown.
    pub shown: String,
    /// Its canonical path; `<stdin>` for standard input.
    pub identity: String,
    /// Its text.
    pub text: String,
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnreadableFile {
    /// It cannot be opened, or is too large.
    Closed(String),
    /// It holds bytes that are not UTF-8.
    NotText {
        /// The place of the first such byte.
        what: String,
        /// What kind of file it seems to be.
        looks: &'static str,
        /// The text before them.
        before: String,
    },
}

/// Formats the reason.
impl std::fmt::Display for UnreadableFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Closed(why) => f.write_str(why),
            Self::NotText { what, looks, .. } => write!(f, "{what}: {looks}"),
        }
    }
}

impl UnreadableFile {
    /// Converts it to a refusal for a file that was named on the command line.
    pub fn refusal(&self, path: &str) -> Refusal {
        if path == "-" {
            return Refusal::new(format!("cannot read standard input: {self}"));
        }
        Refusal::new(format!("cannot read `{path}`: {self}"))
    }
}

impl NamedFile {
    /// Reads a file that was named on the command line; `-` is standard input.
    pub fn read(path: &str) -> Result<Self, UnreadableFile> {
        if path == "-" {
            return Ok(Self { shown: STDIN.into(), identity: STDIN.into(), text: stdin()? });
        }
        let text = read(Path::new(path))?;
        let identity = identity(Path::new(path)).map_err(UnreadableFile::Closed)?;
        Ok(Self { shown: path.into(), identity, text })
    }

    /// Reads a file that was found in a folder: only a regular one, see [`read_regular`].
    pub fn found(path: &str) -> Result<Self, UnreadableFile> {
        let text = read_text(Path::new(path))?;
        let identity = identity(Path::new(path)).map_err(UnreadableFile::Closed)?;
        Ok(Self { shown: path.into(), identity, text })
    }

    /// The folder of the file; for standard input the current folder.
    pub fn folder(&self) -> PathBuf {
        folder(&self.identity)
    }
}

/// Reads a text file that was named on the command line. It may be a named pipe: whoever names it wants to wait for it.
pub fn read(path: &Path) -> Result<String, UnreadableFile> {
    let closed = |error: std::io::Error| UnreadableFile::Closed(reading(&error));
    let file = std::fs::File::open(path).map_err(closed)?;
    let about = file.metadata().map_err(closed)?;
    if about.is_dir() {
        return Err(UnreadableFile::Closed("it is a folder".into()));
    }
    if about.len() > LARGEST {
        return Err(UnreadableFile::Closed(too_large()));
    }
    // One more, so that the read that finds the end needs no more room.
    text(file, usize::try_from(about.len()).unwrap_or(0) + 1)
}

/// Reads a text file that nobody named just now: it was found in a folder, or another file names it. See [`read_regular`].
pub fn read_text(path: &Path) -> Result<String, UnreadableFile> {
    let bytes = read_regular(path, LARGEST, "runbook").map_err(UnreadableFile::Closed)?;
    text(bytes.as_slice(), bytes.len() + 1)
}

/// Reads a regular file of at most this many bytes; `what` it is said to be where it is larger. An error is the reason.
///
/// Anything else is refused: a pipe or a device may never end, and opening one may already wait for ever.
pub fn read_regular(path: &Path, largest: u64, what: &str) -> Result<Vec<u8>, String> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let closed = |error: std::io::Error| reading(&error);
    regular(&std::fs::metadata(path).map_err(closed)?)?;
    // What was a file a moment ago may be a pipe now: it is opened without waiting, and looked at again.
    let unwaiting = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = std::fs::OpenOptions::new().read(true).custom_flags(unwaiting).open(path).map_err(closed)?;
    let about = file.metadata().map_err(closed)?;
    regular(&about)?;
    // One more, so that the read that finds the end needs no more room.
    let mut bytes = Vec::with_capacity(usize::try_from(about.len().min(largest)).unwrap_or(0) + 1);
    file.take(largest + 1).read_to_end(&mut bytes).map_err(closed)?;
    if bytes.len() as u64 > largest {
        return Err(format!("it is larger than {} MiB, which no {what} is", largest >> 20));
    }
    Ok(bytes)
}

fn regular(about: &std::fs::Metadata) -> Result<(), String> {
    match about {
        about if about.is_file() => Ok(()),
        about if about.is_dir() => Err("it is a folder".into()),
        _ => Err("it is not a regular file".into()),
    }
}

fn stdin() -> Result<String, UnreadableFile> {
    text(std::io::stdin().lock(), 0)
}

/// Reads a text, of which `expected` is the length if it is known.
fn text(from: impl std::io::Read, expected: usize) -> Result<String, UnreadableFile> {
    let mut bytes = Vec::with_capacity(expected);
    from.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| UnreadableFile::Closed(reading(&error)))?;
    if bytes.len() as u64 > LARGEST {
        return Err(UnreadableFile::Closed(too_large()));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let before = String::from_utf8_lossy(bytes.get(..at).unwrap_or_default()).into_owned();
        let line = before.matches('\n').count() + 1;
        let looks = looks_like(bytes, error.utf8_error().error_len().is_none());
        UnreadableFile::NotText { what: format!("line {line} is not UTF-8 text (byte {at})"), looks, before }
    })
}

/// Guesses what bytes that are not UTF-8 are, and says what to do about it.
fn looks_like(bytes: &[u8], cut: bool) -> &'static str {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        "it looks like UTF-16: save it as UTF-8"
    } else if bytes.contains(&0) {
        "it looks like a program or an archive"
    } else if cut {
        "it ends in the middle of a character"
    } else {
        "it looks like Latin-1 or another old encoding: save it as UTF-8"
    }
}

fn too_large() -> String {
    format!("it is larger than {} MiB, which no runbook is", LARGEST >> 20)
}

/// The canonical path of a file, or why there is none.
pub fn identity(path: &Path) -> Result<String, String> {
    let path = std::fs::canonicalize(path).map_err(|error| reading(&error))?;
    Ok(path.to_string_lossy().into_owned())
}

/// A loader for the files that runbooks name, relative to the file that names them.
#[derive(Debug)]
pub struct Files {
    /// How each loaded file is shown, by identity.
    shown: std::collections::HashMap<String, String>,
    /// Files that were read before, perhaps for another check.
    cache: Arc<SourceCache>,
    /// The identity of each shown name.
    identities: std::collections::HashMap<String, String>,
}

impl Files {
    /// Returns a loader that knows how the first file is shown.
    pub fn new(first: &NamedFile) -> Self {
        Self::sharing(Arc::default(), first)
    }

    /// Returns a loader that shares the cached files.
    pub fn sharing(cache: Arc<SourceCache>, first: &NamedFile) -> Self {
        Self {
            shown: [(first.identity.clone(), first.shown.clone())].into(),
            identities: [(first.shown.clone(), first.identity.clone())].into(),
            cache,
        }
    }

    /// The identity of a loaded file, by the name under which it is shown.
    pub fn identity<'a>(&'a self, shown: &'a str) -> &'a str {
        self.identities.get(shown).map_or(shown, String::as_str)
    }
}

impl Loader for Files {
    fn load(&mut self, from: &str, named: &str) -> Result<LoadedFile, String> {
        let ParsedFile { identity, source, .. } = self.read(from, named)?;
        Ok(LoadedFile { identity, shown: source.name().to_owned(), text: source.text().to_owned() })
    }

    fn read(&mut self, from: &str, named: &str) -> Result<ParsedFile, String> {
        let read = self.cache.named(&folder(from).join(named))?;
        let shown = self.shown.get(from).map_or(from, String::as_str);
        let shown =
            if shown == STDIN { Path::new("") } else { Path::new(shown).parent().unwrap_or(Path::new("")) };
        let shown = tidy(&shown.join(named)).to_string_lossy().into_owned();
        let read = read.shown_as(&shown);
        self.identities.insert(shown.clone(), read.identity.clone());
        self.shown.insert(read.identity.clone(), shown);
        Ok(read)
    }
}

/// The folder of a file, by the file's identity.
pub fn folder(identity: &str) -> PathBuf {
    if identity == STDIN {
        return PathBuf::from(".");
    }
    Path::new(identity).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Whether a file is a runbook or a library, by its name.
pub fn is_runbook(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "rb" || it == "rbl")
}

/// Removes `.` and, behind a folder, `..`, so that one file is always shown by one name.
pub fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for part in path.components() {
        let before = tidied.components().next_back();
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(before, Some(Component::Normal(_))) => {
                tidied.pop();
            }
            part => tidied.push(part),
        }
    }
    tidied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_in_one_way() {
        let tidied = |path: &str| tidy(Path::new(path)).to_string_lossy().into_owned();
        assert_eq!(tidied("./a.rb"), "a.rb");
        assert_eq!(tidied("books/../lib/./b.rb"), "lib/b.rb");
        assert_eq!(tidied("../b.rb"), "../b.rb");
        assert_eq!(tidied("/a/../b.rb"), "/b.rb");
    }

    #[test]
    fn a_file_is_found_beside_the_one_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("lib")).unwrap();
        std::fs::write(folder.path().join("main.rb"), "").unwrap();
        std::fs::write(folder.path().join("lib/a.rb"), "a").unwrap();
        std::fs::write(folder.path().join("lib/b.rb"), "b").unwrap();
        let main = NamedFile::read(folder.path().join("main.rb").to_str().unwrap()).unwrap();
        let mut files = Files::new(&main);
        let first = files.load(&main.identity, "lib/a.rb").unwrap();
        let second = files.load(&first.identity, "b.rb").unwrap();
        assert_eq!(second.text, "b");
        assert!(second.shown.ends_with("/lib/b.rb"), "{}", second.shown);
        assert_eq!(files.load(&main.identity, "c.rb").unwrap_err(), "no such file");
        assert_eq!(files.load(&main.identity, "lib").unwrap_err(), "it is a folder");
    }

    #[test]
    fn a_pipe_that_nobody_writes_to_and_a_device_without_end_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.rb");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let endless = folder.path().join("endless.rb");
        std::os::unix::fs::symlink("/dev/zero", &endless).unwrap();
        let socket = folder.path().join("socket.rb");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        std::fs::write(folder.path().join("main.rb"), "").unwrap();
        let (send, receive) = std::sync::mpsc::channel();
        // Whoever waits for a pipe waits for ever: a thread of its own is left behind then.
        std::thread::spawn(move || {
            let main = NamedFile::found(folder.path().join("main.rb").to_str().unwrap()).unwrap();
            for path in [pipe, endless, socket] {
                let name = path.file_name().unwrap().to_str().unwrap();
                let found = NamedFile::found(path.to_str().unwrap()).unwrap_err().to_string();
                let named = Files::new(&main).load(&main.identity, name).unwrap_err();
                send.send((found, named)).unwrap();
            }
        });
        for _ in 0..3 {
            let (found, named) = receive.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
            assert_eq!(found, "it is not a regular file");
            assert_eq!(named, found);
        }
    }

    #[test]
    fn a_file_is_read_up_to_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, vec![b'x'; 1 << 20]).unwrap();
        assert_eq!(read_regular(&path, 1 << 20, "setting").unwrap().len(), 1 << 20);
        std::fs::write(&path, vec![b'x'; (1 << 20) + 1]).unwrap();
        let why = read_regular(&path, 1 << 20, "setting").unwrap_err();
        assert_eq!(why, "it is larger than 1 MiB, which no setting is");
    }

    #[test]
    fn what_is_not_text_is_said_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rb");
        let why = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            read(&path).unwrap_err().to_string()
        };
        assert_eq!(
            why(b"one\ntw\xff, three"),
            "line 2 is not UTF-8 text (byte 6): it looks like Latin-1 or another old encoding: save it as UTF-8"
        );
        assert_eq!(
            why(b"\xff\xfer\0u\0n\0"),
            "line 1 is not UTF-8 text (byte 0): it looks like UTF-16: save it as UTF-8"
        );
        assert_eq!(
            why(b"PK\x03\x04\0\0\xff\0"),
            "line 1 is not UTF-8 text (byte 6): it looks like a program or an archive"
        );
        assert_eq!(
            why(b"one\xe2\x82"),
            "line 1 is not UTF-8 text (byte 3): it ends in the middle of a character"
        );
    }
}
