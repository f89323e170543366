//! [`ThreadMessage`]: a text that belongs to a run, for services that show a run as one thread.

use rbl_runtime::RecordEffect;

use crate::delivery::run_of;

/// See the module.
pub(crate) struct ThreadMessage<'a> {
    /// The channel, by its name in the configuration.
    pub(crate) name: Option<&'a str>,
    /// The title of the runbook.
    pub(crate) runbook: &'a str,
    /// What is posted.
    pub(crate) text: &'a str,
    /// The run.
    pub(crate) run: &'a str,
    /// The key of what is posted.
    pub(crate) key: &'a str,
    /// The first message of the run in this channel.
    pub(crate) thread: Option<&'a str>,
    /// Whether an earlier try was cut off.
    pub(crate) again: bool,
    /// All of it.
    pub(crate) record: &'a RecordEffect,
}

impl<'a> ThreadMessage<'a> {
    /// What a record posts.
    pub(crate) fn of(record: &'a RecordEffect) -> Self {
        Self {
            name: record.channel.as_deref(),
            runbook: &record.runbook,
            text: &record.text,
            run: run_of(&record.key),
            key: &record.key,
            thread: record.thread.as_deref(),
            again: record.again,
            record,
        }
    }
}
