//! How a run is told: the same events as a page for a person, as lines for a log, as JSON for a machine.
//!
//! *Invariant:* every event of a run becomes words in one place (`words`), so a terminal, a log and later a recorded
//! story say the same thing in the same way. Marks and colours only repeat what a word says.

mod clock;
mod closing;
mod header;
mod json;
mod markdown;
mod page;
mod plain;
mod recorded;
mod sink;
mod would;

pub use clock::Clock;
pub use header::PLAN;
pub use json::Json;
pub use json::schema;
pub use page::Page;
pub use plain::Plain;
pub use recorded::{Recorded, markdown, page};
pub use sink::Sink;

/// An event in one line; `None` for those that only end what was said before.
pub fn words_of(event: &rbl_runtime::Event) -> Option<String> {
    let words = rbl_runtime::words::say(&event.kind)?;
    let text = std::iter::once(words.text).chain(words.notes).filter(|it| !it.is_empty()).collect::<Vec<_>>();
    let line = format!("{:<10} {}", words.word, text.join("; "));
    Some(rbl_syntax::clean(&line).replace('\n', " / "))
}
