//! A disk that can be full.

use std::path::Path;

/// A small disk of its own, which is removed with it.
pub struct Disk(tempfile::TempDir);

impl Disk {
    /// `None` where this user may not make one.
    pub fn of(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(folder.path());
        let made = mount.output().is_ok_and(|it| it.status.success());
        if !made {
            eprintln!("skipped: a disk of its own needs root");
        }
        made.then_some(Self(folder))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Mounts it again, with other options.
    pub fn again(&self, options: &str) {
        let mut mount = std::process::Command::new("mount");
        assert!(mount.args(["-o", options]).arg(self.0.path()).output().unwrap().status.success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0.path()).output();
    }
}
