//! Exits with code 70 and a bug report where an invariant of rbl itself is broken.

/// Reports a state that the program's own rules exclude. Ends the process with exit code 70 and says how to report it
/// (see `src/bug.rs`).
#[cold]
#[track_caller]
#[allow(clippy::panic)] // the one place
pub fn bug(what: &str) -> ! {
    panic!("{what}")
}
