//! Runbooks at a revision of the git repository, with the files that they name at that revision.

use std::path::Path;
use std::process::{Command, Stdio};

use super::files::{NamedFile, tidy};
use crate::Refusal;
use rbl_check::{LoadedFile, Loader};
use rbl_syntax::io_error::starting;

/// Splits `REVISION:PATH`. Returns `None` if there is a file of that name, or if the part before the colon is a drive
/// or scheme.
pub fn split(text: &str) -> Option<(&str, &str)> {
    let (revision, path) = text.split_once(':')?;
    let meant = revision.chars().count() > 1 && !path.is_empty() && !path.starts_with("//");
    (meant && !Path::new(text).exists()).then_some((revision, path))
}

/// The files of one revision.
#[derive(Debug)]
pub struct Revision {
    name: String,
}

impl Revision {
    /// Reads a runbook at a revision. The path is relative to the current folder, as for git with `./`.
    pub fn read(revision: &str, path: &str) -> Result<(NamedFile, Self), Refusal> {
        if revision.starts_with('-') {
            return Err(Refusal::new(format!("`{revision}` is no revision")));
        }
        // From the root of the repository, so that `use "../x.rb"` can be followed.
        let prefix = git(&["rev-parse", "--show-prefix"]).map_err(|why| outside(&why))?;
        let path = inside(prefix.trim_end_matches(['\n', '\r']), path);
        let this = Self { name: revision.to_owned() };
        if git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")])
            .is_err()
        {
            let refusal = Refusal::new(format!("git knows no revision `{revision}` here"));
            return Err(refusal.help("fetch it first, for example `git fetch origin main`"));
        }
        let text = this.text(&path).map_err(|why| {
            Refusal::new(format!("cannot read `{path}` at `{revision}`: {why}"))
                .help(format!("`git ls-tree -r --name-only {revision}` lists what was there"))
        })?;
        Ok((NamedFile { shown: format!("{revision}:{path}"), identity: path, text }, this))
    }

    fn text(&self, path: &str) -> Result<String, String> {
        match git(&["show", "--no-textconv", "--end-of-options", &format!("{}:{path}", self.name)]) {
            Ok(text) => Ok(text),
            Err(GitError::Refused(_)) => Err("there was no such file".into()),
            Err(why) => Err(why.words()),
        }
    }
}

impl Loader for Revision {
    fn load(&mut self, from: &str, named: &str) -> Result<LoadedFile, String> {
        let folder = Path::new(from).parent().unwrap_or(Path::new(""));
        let path = tidy(&folder.join(named)).to_string_lossy().into_owned();
        let text = self.text(&path)?;
        Ok(LoadedFile { shown: format!("{}:{path}", self.name), identity: path, text })
    }
}

/// The path from the root of the repository.
fn inside(prefix: &str, path: &str) -> String {
    // Git takes a path from the root, and one that begins with `./` or `../` from the current folder.
    let from_here = path.starts_with("./") || path.starts_with("../");
    let path = if from_here { Path::new(prefix).join(path) } else { Path::new(path).to_owned() };
    tidy(&path).to_string_lossy().into_owned()
}

/// Why git returned nothing.
enum GitError {
    /// It could not be started.
    Missing(std::io::Error),
    /// It refused; its last line of output.
    Refused(String),
    /// Its output is not UTF-8.
    NotText,
}

impl GitError {
    fn words(&self) -> String {
        match self {
            Self::Missing(error) if error.kind() == std::io::ErrorKind::NotFound => {
                "there is no `git` on this machine".into()
            }
            Self::Missing(error) => format!("git could not be started: {}", starting(error)),
            Self::Refused(said) => said.clone(),
            Self::NotText => "it is no UTF-8 text".into(),
        }
    }
}

fn outside(why: &GitError) -> Refusal {
    match why {
        GitError::Refused(_) => Refusal::new("this folder lies in no git repository")
            .help("`REVISION:PATH` is looked for in the repository that you are in"),
        _ => Refusal::new(format!("cannot ask git: {}", why.words())).help("install git, or give two files"),
    }
}

/// Runs git, and returns its output.
fn git(arguments: &[&str]) -> Result<String, GitError> {
    let output = Command::new("git")
        .args(arguments)
        .stdin(Stdio::null())
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .output()
        .map_err(GitError::Missing)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("git says no");
        return Err(GitError::Refused(last.to_owned()));
    }
    String::from_utf8(output.stdout).map_err(|_| GitError::NotText)
}

#[cfg(test)]
mod tests {
    use super::{inside, split};

    #[test]
    fn a_revision_is_told_from_a_file() {
        assert_eq!(split("main:docs/rb/x.rb"), Some(("main", "docs/rb/x.rb")));
        assert_eq!(split("HEAD~2:./x.rb"), Some(("HEAD~2", "./x.rb")));
        assert_eq!(split("docs/rb/x.rb"), None);
        assert_eq!(split("c:\\x.rb"), None);
        assert_eq!(split("-"), None);
    }

    #[test]
    fn paths_are_taken_as_git_takes_them() {
        assert_eq!(inside("docs/", "docs/x.rb"), "docs/x.rb");
        assert_eq!(inside("docs/", "./x.rb"), "docs/x.rb");
        assert_eq!(inside("docs/", "../x.rb"), "x.rb");
    }
}
