//! What a measure of the tests does not count, in words.

use std::fmt;

/// What was left out of a measure, to be said behind it; nothing where everything counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uncounted {
    /// How many tests a filter left out.
    pub left_out: usize,
    /// How many files have errors.
    pub broken: usize,
}

/// `; 1 test was left out by `--filter`; a file with errors is not counted`
impl fmt::Display for Uncounted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.left_out {
            0 => {}
            1 => f.write_str("; 1 test was left out by `--filter`")?,
            several => write!(f, "; {several} tests were left out by `--filter`")?,
        }
        match self.broken {
            0 => Ok(()),
            1 => f.write_str("; a file with errors is not counted"),
            several => write!(f, "; {several} files with errors are not counted"),
        }
    }
}
