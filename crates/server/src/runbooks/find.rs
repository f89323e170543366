//! Finds the files below folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rbl_project::config::file::NAME;
use rbl_project::files::{is_runbook, tidy};

/// How a file looked: a changed file has another size, time or number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileLook {
    size: u64,
    changed: Option<SystemTime>,
    number: u64,
}

/// The runbooks below folders that `.gitignore` and similar files do not exclude, in order, each once. A folder that is the
/// name of a file stands for that file.
pub fn find_runbooks(folders: &[PathBuf]) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = folders.iter().flat_map(|folder| walk(folder, is_runbook)).collect();
    found.sort();
    found.dedup();
    found
}

/// How everything looks that can change the runbooks: they themselves, what lies beside them, and the configuration.
pub(super) fn looks(folders: &[PathBuf], loaded: &[PathBuf]) -> BTreeMap<PathBuf, FileLook> {
    let matters = |path: &Path| is_runbook(path) || path.file_name().is_some_and(|it| it == NAME);
    let below = folders.iter().flat_map(|folder| walk(folder, matters));
    let above = folders.iter().filter_map(|folder| {
        let folder = if folder.is_file() { folder.parent()? } else { folder };
        rbl_project::config::file::find(folder)
    });
    let all = below.chain(above).chain(loaded.iter().cloned());
    all.filter_map(|path| Some((path.clone(), look(&path)?))).collect()
}

fn look(path: &Path) -> Option<FileLook> {
    use std::os::unix::fs::MetadataExt as _;
    let about = std::fs::metadata(path).ok()?;
    Some(FileLook { size: about.len(), changed: about.modified().ok(), number: about.ino() })
}

fn walk(folder: &Path, matters: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    if folder.is_file() {
        return vec![folder.to_owned()];
    }
    let walk = ignore::WalkBuilder::new(folder).require_git(false).follow_links(true).build();
    let files = walk.filter_map(Result::ok).filter(|it| it.file_type().is_some_and(|it| it.is_file()));
    let here = std::env::current_dir().unwrap_or_default();
    files.map(|it| named(&tidy(it.path()), &here)).filter(|path| matters(path)).collect()
}

/// A path as it is shown: from this folder on, where it is below it.
fn named(path: &Path, here: &Path) -> PathBuf {
    path.strip_prefix(here).unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_this_folder_is_named_from_it() {
        let of = |path: &str| named(Path::new(path), Path::new("/srv")).display().to_string();
        assert_eq!(of("/srv/runbooks/a.rb"), "runbooks/a.rb");
        assert_eq!(of("/etc/rbl/a.rb"), "/etc/rbl/a.rb");
        assert_eq!(of("runbooks/a.rb"), "runbooks/a.rb");
    }

    #[test]
    fn runbooks_are_found_below_folders_and_changes_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        for path in ["b.rb", "a/z.rbl", "vendor/x.rb", ".hidden/w.rb", "note.md"] {
            write(path, "");
        }
        write(".gitignore", "vendor/\n");
        let folders = [folder.path().to_owned(), folder.path().join("b.rb")];
        let found = find_runbooks(&folders);
        let names: Vec<_> = found.iter().map(|it| it.strip_prefix(folder.path()).unwrap()).collect();
        assert_eq!(names, [Path::new("a/z.rbl"), Path::new("b.rb")]);
        let before = looks(&folders, &[]);
        assert_eq!(before, looks(&folders, &[]));
        write("b.rb", "x");
        let changed = looks(&folders, &[]);
        assert_ne!(before, changed);
        write("a/rbl.toml", "");
        assert_ne!(changed, looks(&folders, &[]));
    }
}
