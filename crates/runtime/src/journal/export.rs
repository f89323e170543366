//! Exports a run as JSON Lines and reads it back: for `rbl show --format json` and `rbl replay FILE.rblrun`.
//!
//! A line is the record's entry with `seq`, `epoch`, `at` and `hash` appended to its fields, byte for byte: so the
//! hashes of an exported run are those of the run.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::entry::type_of;
use super::{Entry, Epoch, JournalRecord};
use rbl_syntax::harmless_json;
use rbl_syntax::value::Time;

/// A line of an exported run (`rbl show --format json`): the recorded entry, its position in the run, the claim and the
/// time of its writing, and the hash that ties it to the line before.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "rbl show --format json")]
struct ExportLine<'a> {
    #[serde(flatten)]
    entry: &'a Entry,
    /// Its position in the run, from 0, without a gap.
    seq: u64,
    /// The claim of the run under which it was written; 0 is the first.
    epoch: Epoch,
    /// When it was written.
    at: Time,
    /// SHA-256, in hexadecimal, of five lines: the hash of the record before (empty for the first), `seq`, `epoch`, `at`,
    /// and the entry, which is this object without its last four fields.
    hash: &'a str,
}

/// The schema of a line.
pub fn record_schema() -> schemars::Schema {
    schemars::generate::SchemaSettings::default()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<ExportLine<'_>>()
}

/// The fields appended to the entry in each line.
#[derive(Deserialize)]
struct ExportTail {
    #[serde(rename = "type")]
    kind: String,
    /// The content of a damaged record.
    data: Option<String>,
    seq: u64,
    epoch: Epoch,
    at: Time,
    hash: String,
}

/// The `type` of a record whose entry is not JSON any more: its bytes are exported nevertheless.
const DAMAGED: &str = "damaged";

/// Why a text is not an exported run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotExported {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

impl std::fmt::Display for NotExported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {} is not a record of a run: {}", self.line, self.why)
    }
}

impl std::error::Error for NotExported {}

/// Exports a record as one line, without its line end.
pub fn exported(record: &JournalRecord) -> String {
    let JournalRecord { seq, epoch, at, data, hash } = record;
    let mut line = match data.strip_suffix('}') {
        Some(open) if is_entry(data) => open.to_owned(),
        // A string always has a JSON form.
        _ => harmless_json(format!(
            "{{\"type\":\"{DAMAGED}\",\"data\":{}",
            serde_json::to_string(data).unwrap_or_default()
        )),
    };
    // Writing to a string cannot fail.
    let _ = write!(line, "{}", tail(*seq, *epoch, *at, hash));
    line
}

/// Reads the records of an exported run. Whether they are whole is for [`super::verify`] to check.
///
/// Errors: the first line that is not a record of a run, or was rewritten by another program.
pub fn read_exported(text: &str) -> Result<Vec<JournalRecord>, NotExported> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| record(line).map_err(|why| NotExported { line: at + 1, why })).collect()
}

fn record(line: &str) -> Result<JournalRecord, String> {
    let ExportTail { kind, data, seq, epoch, at, hash } =
        serde_json::from_str(line).map_err(|why| why.to_string())?;
    let data = match data {
        Some(data) if kind == DAMAGED => data,
        _ => {
            let entry = line.strip_suffix(&tail(seq, epoch, at, &hash));
            let entry = entry.ok_or("it was rewritten by another program")?;
            format!("{entry}}}")
        }
    };
    Ok(JournalRecord { seq, epoch, at, data, hash })
}

fn tail(seq: u64, epoch: Epoch, at: Time, hash: &str) -> String {
    let hash = serde_json::to_string(hash).unwrap_or_default();
    format!(",\"seq\":{seq},\"epoch\":{epoch},\"at\":\"{}\",\"hash\":{hash}}}", at.0)
}

/// Whether fields can be appended to it, on one line.
fn is_entry(data: &str) -> bool {
    type_of(data).is_some()
        && !data.contains(['\n', '\r'])
        && serde_json::from_str::<serde::de::IgnoredAny>(data).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Chain, EffectSite, JournalEvent, verify};
    use crate::{Effect, Event, EventKind};

    fn run() -> Vec<JournalRecord> {
        let entries = [
            Entry::Event(Event::of(EventKind::Noted { text: "a \"b\" \u{1b}[2J {}}\n,\"seq\":9".into() })),
            Entry::Own(JournalEvent::Intent {
                intent: Effect::Now,
                site: EffectSite::default(),
                lane: 0,
                behind: None,
            }),
            Entry::Event(Event::of(EventKind::StepEnded { number: 1 })),
        ];
        let mut chain = Chain::new();
        let at = |nanos: i64| {
            Time(jiff::Timestamp::new(1_800_000_000, 0).unwrap() + jiff::SignedDuration::from_nanos(nanos))
        };
        let times = [0, 120_000_000, 999_999_999];
        entries.iter().zip(times).map(|(entry, nanos)| chain.next(entry, at(nanos)).unwrap()).collect()
    }

    #[test]
    fn what_is_exported_is_read_back_to_the_byte() {
        let records = run();
        let text: String = records.iter().map(|record| exported(record) + "\n").collect();
        for line in text.lines() {
            assert!(line.starts_with("{\"type\":\""), "{line}");
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
        assert_eq!(read_exported(&text).unwrap(), records);
        verify(&read_exported(&text.replace('\n', "\n\n")).unwrap()).unwrap();
        assert_eq!(read_exported("").unwrap(), []);
    }

    #[test]
    fn damaged_records_are_exported_as_they_are() {
        for data in ["", "}", "{}", "{\"type\":\"x\"", "{\"type\":\n\"x\"}", "nothing \u{202e}"] {
            let mut record = run().remove(1);
            record.data = data.to_owned();
            let line = exported(&record);
            assert!(!line.contains('\n') && !line.contains('\u{202e}'), "{line}");
            assert_eq!(read_exported(&line).unwrap(), [record], "{data:?}");
        }
    }

    #[test]
    fn what_is_no_exported_run_is_told_with_its_line() {
        let line = exported(&run().remove(1));
        let wrong = |text: String| read_exported(&text).unwrap_err().to_string();
        assert!(wrong(format!("{line}\n{{\n")).starts_with("line 2 is not a record of a run: EOF"));
        assert!(wrong(format!("\n{}", line.replace(",\"seq\"", ", \"seq\""))).contains("rewritten by"));
        assert!(wrong(line.replace("\"hash\"", "\"hush\"")).contains("missing field `hash`"));
    }
}
