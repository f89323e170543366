//! The log of the server: lines on standard error.

use std::io::IsTerminal;

use tracing_subscriber::fmt;

/// From now on what the server logs is written to standard error. A second call changes nothing.
pub(crate) fn start() {
    let lines = fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .with_max_level(tracing::Level::INFO)
        .finish();
    // Only a test starts two servers in one process.
    let _ = tracing::subscriber::set_global_default(lines);
}
