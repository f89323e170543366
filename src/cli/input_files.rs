//! The target files of a command: files named on the command line, and every runbook below the named folders.

use std::collections::HashMap;
use std::path::Path;

use rbl_project::Refusal;
use rbl_project::files::{NamedFile, UnreadableFile, is_runbook, tidy};

/// A file to process.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TargetFile {
    /// The path as it is shown.
    pub(super) path: String,
    /// Whether the file itself was named; otherwise it was found in a folder.
    pub(super) named: bool,
}

impl TargetFile {
    /// Reads it. Only what was named itself may be a pipe: whoever names a folder does not mean to wait for one in it.
    pub(super) fn read(&self) -> Result<NamedFile, UnreadableFile> {
        if self.named { NamedFile::read(&self.path) } else { NamedFile::found(&self.path) }
    }
}

/// All target files, each once, sorted by path within each folder. A path that does not exist gives a refusal; the
/// other targets are still returned.
pub(super) fn targets(paths: &[String]) -> (Vec<TargetFile>, Vec<Refusal>) {
    let mut found: Vec<TargetFile> = Vec::new();
    let mut at: HashMap<String, usize> = HashMap::new();
    let mut refusals = Vec::new();
    for path in paths {
        let targets = if path != "-" && Path::new(path).is_dir() {
            below(path, &mut refusals)
        } else {
            vec![TargetFile { path: path.clone(), named: true }]
        };
        for target in targets {
            if let Some(before) = at.get(&target.path).and_then(|at| found.get_mut(*at)) {
                before.named |= target.named;
            } else {
                at.insert(target.path.clone(), found.len());
                found.push(target);
            }
        }
    }
    (found, refusals)
}

/// The runbooks below a folder that `.gitignore` and similar files do not exclude, sorted by path.
fn below(folder: &str, refusals: &mut Vec<Refusal>) -> Vec<TargetFile> {
    let mut found = Vec::new();
    for entry in ignore::WalkBuilder::new(folder).require_git(false).build() {
        match entry {
            Ok(entry) if is_runbook(entry.path()) && entry.file_type().is_some_and(|it| !it.is_dir()) => {
                let path = tidy(entry.path()).to_string_lossy().into_owned();
                found.push(TargetFile { path, named: false });
            }
            Ok(_) => {}
            Err(error) => refusals.push(Refusal::new(format!("cannot look into `{folder}`: {error}"))),
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::targets;

    #[test]
    fn a_folder_means_what_lies_below_it_and_is_not_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        for path in ["b.rb", "a/z.rbl", "a/y.rb", "vendor/x.rb", ".hidden/w.rb", "note.md"] {
            write(path, "");
        }
        write(".gitignore", "vendor/\n");
        let root = folder.path().to_str().unwrap().to_owned();
        let named = format!("{root}/note.md");
        let (found, refusals) = targets(&[root.clone(), format!("{root}/b.rb"), named]);
        assert!(refusals.is_empty());
        let shown: Vec<(&str, bool)> =
            found.iter().map(|it| (it.path.strip_prefix(&root).unwrap(), it.named)).collect();
        assert_eq!(shown, [("/a/y.rb", false), ("/a/z.rbl", false), ("/b.rb", true), ("/note.md", true)]);
    }
}
