//! [`FileIdentity`]: which file a path named when it was opened.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// A file, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileIdentity {
    device: u64,
    inode: u64,
}

impl FileIdentity {
    /// The file of this metadata.
    pub(super) fn of(named: &Metadata) -> Self {
        Self { device: named.dev(), inode: named.ino() }
    }

    /// Whether this metadata is of the same file.
    pub(super) fn is_of(self, named: &Metadata) -> bool {
        self == Self::of(named)
    }
}
