//! How the check gets at other files: it reads none itself.

/// A file that `use` or `run` named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// What names it for good, however it was written: an absolute path without `..` and links.
    pub identity: String,
    /// How it is shown: the path seen from where the person stands.
    pub shown: String,
    /// Its text.
    pub text: String,
}

/// Finds and reads the files that a file names.
pub trait Loader {
    /// The file that `named` means in the file `from` (an identity). The error is the reason, in words for people.
    fn load(&mut self, from: &str, named: &str) -> Result<Loaded, String>;
}
