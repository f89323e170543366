//! Kubernetes' own client.

use std::process::{Command, Stdio};

/// Whether this machine has `kubectl`, which CI must have.
pub fn has_kubectl() -> bool {
    let found = Command::new("kubectl")
        .arg("version")
        .arg("--client")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        assert!(
            std::env::var_os("CI").is_none(),
            "this machine has no `kubectl`: install it, as .ci/run does"
        );
        eprintln!("skipped: this machine has no `kubectl`");
    }
    found
}
