//! [`RunbookScope`]: some of the runbooks, by patterns; and what a pattern means, wherever one is written.

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use rbl_project::Refusal;

use crate::RunbookSet;

/// A pattern for the paths of runbooks below a folder: `*` is any name, `**` any path.
#[derive(Debug, Clone)]
pub(crate) struct RunbookPattern {
    pub(crate) text: String,
    matcher: GlobMatcher,
}

impl RunbookPattern {
    /// Reads a pattern.
    ///
    /// Errors: it is none, and why.
    pub(crate) fn new(text: &str) -> Result<Self, (String, String)> {
        let glob = GlobBuilder::new(text).literal_separator(true).build();
        let glob = glob.map_err(|why| (text.to_owned(), why.kind().to_string()))?;
        Ok(Self { text: text.to_owned(), matcher: glob.compile_matcher() })
    }

    /// Whether it means a file below one of these folders, by the permanent identity of the file.
    pub(crate) fn is_match(&self, folders: &[PathBuf], identity: &str) -> bool {
        let path = Path::new(identity);
        let below = folders.iter().filter_map(|folder| path.strip_prefix(folder).ok());
        below.into_iter().any(|path| self.matcher.is_match(path))
    }
}

/// Folders with every name that they have: the identity of a file below one begins with one of them.
pub(crate) fn with_real_names(folders: &[PathBuf]) -> Vec<PathBuf> {
    let names = folders.iter().flat_map(|it| [std::path::absolute(it), std::fs::canonicalize(it)]);
    names.flatten().collect()
}

/// That a text is no pattern for runbooks; `what` says where it is written.
pub(crate) fn no_pattern(what: &str, why: &str) -> Refusal {
    Refusal::new(format!("{what} is no pattern: {why}"))
        .help("write a path below the folder of the runbooks: `*` is any name, `**` any path")
}

/// Some of the runbooks: those that one of its patterns means. By default none.
#[derive(Debug, Clone, Default)]
pub struct RunbookScope {
    patterns: Vec<RunbookPattern>,
    folders: Vec<PathBuf>,
}

impl RunbookScope {
    /// The runbooks that one of these patterns means, below one of the folders, each with every name that it has.
    ///
    /// Errors: a text that is no pattern.
    pub(crate) fn new(patterns: &[String], folders: &[PathBuf]) -> Result<Self, Refusal> {
        let read = |text: &String| {
            RunbookPattern::new(text).map_err(|(text, why)| no_pattern(&format!("`{text}`"), &why))
        };
        let patterns = patterns.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { patterns, folders: folders.to_vec() })
    }

    /// Whether a runbook is among them, by the permanent identity of its file.
    pub fn takes(&self, identity: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.is_match(&self.folders, identity))
    }

    /// The same of a runbook that is named as a set of runbooks shows it, whether it is still there or not.
    pub fn takes_file(&self, set: &RunbookSet, file: &str) -> bool {
        match set.runbooks.iter().find(|it| it.file == file) {
            Some(runbook) => self.takes(&runbook.identity),
            None => std::path::absolute(file).is_ok_and(|path| self.takes(&path.to_string_lossy())),
        }
    }

    /// The patterns that mean none of these runbooks.
    pub fn unused<'s>(&'s self, identities: &'s [String]) -> impl Iterator<Item = &'s str> {
        let is_used =
            |pattern: &RunbookPattern| identities.iter().any(|it| pattern.is_match(&self.folders, it));
        self.patterns.iter().filter(move |it| !is_used(it)).map(|it| it.text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_paths_below_the_folders_and_nothing_else() {
        let folders = ["/srv".into(), "/srv/runbooks".into()];
        let scope = |patterns: &[&str]| {
            let patterns: Vec<String> = patterns.iter().map(|it| (*it).to_owned()).collect();
            RunbookScope::new(&patterns, &folders)
        };
        let database = scope(&["database/*", "a.rb"]).unwrap();
        assert!(database.takes("/srv/runbooks/database/disk.rb") && database.takes("/srv/database/disk.rb"));
        assert!(database.takes("/srv/runbooks/a.rb"));
        for other in [
            "/srv/runbooks/database/x/disk.rb",
            "/srv/runbooks/database.rb",
            "/srv/runbooks/other/database/disk.rb",
            "/elsewhere/database/disk.rb",
            "/srv/runbooks/b.rb",
            "database/disk.rb",
            "<stdin>",
            "",
        ] {
            assert!(!database.takes(other), "{other}");
        }
        assert!(scope(&["**"]).unwrap().takes("/srv/runbooks/database/x/disk.rb"));
        assert!(!scope(&["**"]).unwrap().takes("/elsewhere/a.rb"));
        assert!(!scope(&[]).unwrap().takes("/srv/a.rb"), "without a pattern it is none");
        let refusal = scope(&["a{"]).unwrap_err();
        assert!(refusal.message.starts_with("`a{` is no pattern: "), "{}", refusal.message);
        let identities = ["/srv/runbooks/database/disk.rb".to_owned()];
        assert_eq!(database.unused(&identities).collect::<Vec<_>>(), ["a.rb"]);
        assert!(!database.takes_file(&RunbookSet::default(), "database/disk.rb"), "of the current folder");
    }
}
