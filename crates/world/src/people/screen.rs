//! What a live world shows while it works.

/// Shows what happens in the world to whoever watches the run. Called from several threads.
pub trait Screen: Send + Sync {
    /// Whether anybody can see it: what is only shown counts as delivered then.
    fn is_seen(&self) -> bool;

    /// A framed text that nobody overlooks: a page or a record.
    fn notice(&self, notice: &Notice);

    /// A line that a running command printed, with secrets replaced and control characters removed.
    fn output(&self, stream: Stream, line: &str);

    /// What is being waited for, until the next call; `None`: nothing. Progress only, never a result.
    fn status(&self, status: Option<&str>);
}

/// Which stream of a command a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// How urgent a [`Notice`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// Somebody has to act on it now.
    Page,
    /// Somebody should see it.
    Record,
}

/// A title and sections of lines below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How urgent it is.
    pub urgency: Urgency,
    /// What it says.
    pub title: String,
    /// The details; a section without lines is left out.
    pub sections: Vec<Vec<String>>,
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoScreen;

impl Screen for NoScreen {
    fn is_seen(&self) -> bool {
        false
    }

    fn notice(&self, _: &Notice) {}

    fn output(&self, _: Stream, _: &str) {}

    fn status(&self, _: Option<&str>) {}
}
