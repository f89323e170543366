//! The output of a run: the same events as a page for a person, as lines for a log, or as JSON for a program.
//!
//! *Invariant:* every event of a run is put into words in one place (`words`), so a terminal, a log and a replay use
//! the same text. Marks and colours only repeat what a word says.

mod clock;
mod closing;
mod header;
mod json;
mod markdown;
mod page;
mod plain;
mod recorded;
mod sink;
mod took;
mod words;
mod would;

pub use clock::Clock;
pub(in crate::front) use header::PLAN;
pub use json::Json;
pub(in crate::front) use json::schema;
pub use page::Page;
pub use plain::Plain;
pub(in crate::front) use recorded::{Recorded, markdown, page};
pub use sink::Sink;
pub use took::Took;
pub(in crate::front) use words::{Mark, Words, operands, say};

/// Formats an event as one line; `None` for an event that adds nothing to the one before it.
pub(in crate::front) fn words_of(event: &crate::run::Event) -> Option<String> {
    let words = words::say(&event.kind)?;
    let text = std::iter::once(words.text).chain(words.notes).filter(|it| !it.is_empty()).collect::<Vec<_>>();
    let line = format!("{:<10} {}", words.word, text.join("; "));
    Some(crate::world::console::clean(&line).replace('\n', " / "))
}
