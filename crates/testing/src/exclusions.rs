//! A note on what coverage and mutants do not count.

use std::fmt;

/// What was left out of a measurement. Displays as a suffix; empty if everything counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOut {
    /// The number of tests that a filter left out.
    pub left_out: usize,
    /// The number of files with errors.
    pub broken: usize,
}

/// `; 1 test was left out by `--filter`; a file with errors is not counted`
impl fmt::Display for LeftOut {
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
