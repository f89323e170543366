//! The output of a plug-in: whole, up to a limit.

use super::OutputSink;

/// Bytes up to a limit; a process that prints more is ended.
pub(crate) struct Limited {
    bytes: Vec<u8>,
    limit: usize,
    over: bool,
}

impl Limited {
    /// Takes this many bytes.
    pub(crate) const fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit, over: false }
    }

    /// All of it; `None`: there was more than the limit.
    pub(crate) fn whole(self) -> Option<Vec<u8>> {
        (!self.over).then_some(self.bytes)
    }
}

impl OutputSink for Limited {
    fn push(&mut self, bytes: &[u8]) {
        let room = self.limit.saturating_sub(self.bytes.len());
        self.over |= bytes.len() > room;
        self.bytes.extend(bytes.iter().take(room));
    }

    fn is_full(&self) -> bool {
        self.over
    }
}
