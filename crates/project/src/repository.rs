//! The repository of the checked files: services name files from its root, people from the current folder.

use std::path::{Path, PathBuf};

use super::files::{STDIN, tidy};

/// The root of the repository, and the position of the current folder in it.
#[derive(Debug, Clone, Default)]
pub struct Repository {
    root: PathBuf,
    /// The path from the root to the current folder.
    below: PathBuf,
}

impl Repository {
    /// Finds the root: the checkout that GitHub names in `GITHUB_WORKSPACE`, else the nearest folder upwards with a
    /// `.git`, else the current folder.
    pub fn find() -> Self {
        let Ok(here) = std::env::current_dir() else { return Self::default() };
        let workspace = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
        let workspace = workspace.and_then(|path| path.canonicalize().ok());
        let root = workspace
            .filter(|path| here.starts_with(path))
            .or_else(|| here.ancestors().find(|path| path.join(".git").exists()).map(Path::to_path_buf))
            .unwrap_or_else(|| here.clone());
        Self::at(&root, &here)
    }

    fn at(root: &Path, here: &Path) -> Self {
        let below = here.strip_prefix(root).unwrap_or(Path::new("")).to_path_buf();
        Self { root: root.to_path_buf(), below }
    }

    /// The path of a file from the root; the absolute path if it lies outside; `None` for standard input.
    pub fn path(&self, shown: &str) -> Option<String> {
        if shown == STDIN {
            return None;
        }
        let path = Path::new(shown);
        let seen = match path.strip_prefix(&self.root) {
            Ok(inside) if path.is_absolute() => inside.to_path_buf(),
            _ if path.is_absolute() => path.to_path_buf(),
            _ => tidy(&self.below.join(path)),
        };
        let seen = if seen.starts_with("..") { tidy(&self.root.join(seen)) } else { seen };
        Some(seen.to_string_lossy().into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_seen_from_the_root() {
        let from = |here: &str, shown: &str| {
            Repository::at(Path::new("/w/repo"), Path::new(here)).path(shown).unwrap_or_default()
        };
        assert_eq!(from("/w/repo", "books/a.rb"), "books/a.rb");
        assert_eq!(from("/w/repo/ops", "./books/a.rb"), "ops/books/a.rb");
        assert_eq!(from("/w/repo/ops", "../lib/a.rb"), "lib/a.rb");
        assert_eq!(from("/w/repo/ops", "/w/repo/lib/a.rb"), "lib/a.rb");
        assert_eq!(from("/w/repo/ops", "/etc/a.rb"), "/etc/a.rb");
        assert_eq!(from("/w/repo", "../other/a.rb"), "/w/other/a.rb");
        assert_eq!(from("/w/repo", STDIN), "");
    }
}
