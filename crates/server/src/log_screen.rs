//! [`LogScreen`]: what a run shows, as lines of the log. Nobody watches it: a page that is only shown did not reach anybody.

use rbl_world::people::{Notice, Screen, Stream, Urgency};

/// See the module.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LogScreen;

impl Screen for LogScreen {
    fn is_seen(&self) -> bool {
        false
    }

    fn notice(&self, notice: &Notice) {
        match notice.urgency {
            Urgency::Page => tracing::warn!(page = %notice.title, "a page that is only shown here"),
            Urgency::Record => tracing::info!(record = %notice.title, "a record that is only shown here"),
        }
    }

    fn output(&self, _: Stream, _: &str) {}

    fn status(&self, _: Option<&str>) {}
}
