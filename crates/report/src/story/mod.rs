//! The output of a run: the same events as a page for a person, as lines for a log, or as JSON for a program.
//!
//! *Invariant:* every event of a run is put into words in one place (`words`), so a terminal, a log and a replay use
//! the same text. Marks and colours only repeat what a word says.

mod clock;
mod closing;
mod followed_sink;
mod header;
mod json;
mod markdown;
mod page;
mod plain;
mod planned;
mod recorded;
mod sink;

pub use clock::Clock;
pub use header::PLAN;
pub use json::Json;
pub use json::schema;
pub use page::PagePrinter;
pub use plain::Plain;
pub use recorded::{RecordedRun, markdown, page};
pub use sink::Sink;

/// Formats an event as one line; `None` for an event that adds nothing to the one before it.
pub fn words_of(event: &rbl_runtime::Event) -> Option<String> {
    let words = rbl_runtime::words::say(&event.kind)?;
    let text = std::iter::once(words.text).chain(words.notes).filter(|it| !it.is_empty()).collect::<Vec<_>>();
    let line = format!("{:<10} {}", words.word, text.join("; "));
    Some(rbl_syntax::clean(&line).replace('\n', " / "))
}
