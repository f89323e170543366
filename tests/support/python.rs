//! The Python of `target/test-python`, in which `.ci/run` installs what tests need of `PyPI`.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A Python that has this module. `None`, with a line on stderr, on a machine without one, which is a failure in CI.
pub fn python_with(module: &str) -> Option<PathBuf> {
    let own = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-python/bin/python"));
    let has = |python: &PathBuf| {
        let run = Command::new(python)
            .args(["-c", &format!("import {module}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        run.is_ok_and(|status| status.success())
    };
    let found = [own, PathBuf::from("python3")].into_iter().find(has);
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "this machine has no Python with `{module}`: install it, as .ci/run does"
        );
        eprintln!("skipped: this machine has no Python with `{module}`");
    }
    found
}
