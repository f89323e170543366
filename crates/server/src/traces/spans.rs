//! [`trace`]: the spans of a run, from its records: one for the run, and one for each effect that takes time.

use std::collections::BTreeMap;

use rbl_runtime::journal::{Entry, JournalEvent, JournalRecord, RunState, RunSummary, sha256};
use rbl_runtime::{Acted, Effect, Outcome, Reply};
use rbl_syntax::value::Time;
use serde_json::{Value, json};

/// The most effects of a run that become spans.
const MOST: usize = 2000;

/// A span of work inside a service, in the words of OTLP.
const INTERNAL: u8 = 1;

/// The statuses of a span.
const UNSET: u8 = 0;
const ERROR: u8 = 2;

/// A span of a run.
struct EffectSpan {
    seq: u64,
    name: String,
    began: Time,
    ended: Time,
    /// Why it failed.
    error: Option<String>,
}

/// The trace of a run, as a collector takes it.
pub(super) fn trace(run: &RunSummary, records: &[JournalRecord]) -> Value {
    let id = sha256(&run.run);
    let trace_id = id.get(..32).unwrap_or_default();
    let span_id = |seq: u64| sha256(&format!("{}/{seq}", run.run)).get(..16).unwrap_or_default().to_owned();
    let root_id = sha256(&format!("{}/run", run.run)).get(..16).unwrap_or_default().to_owned();
    let (effects, left_out) = effects(records);
    let (outcome, message) = match &run.state {
        RunState::Ended { outcome, message } => (*outcome, message.as_str()),
        _ => (Outcome::Waiting, ""),
    };
    let mut root = json!({
        "traceId": trace_id,
        "spanId": root_id,
        "name": run.runbook,
        "kind": INTERNAL,
        "startTimeUnixNano": nanoseconds(run.started),
        "endTimeUnixNano": nanoseconds(run.changed),
        "attributes": [
            text("rbl.run", &run.run),
            text("rbl.file", &run.file),
            text("rbl.outcome", outcome.word()),
            text("rbl.message", message),
        ],
        "status": { "code": if outcome == Outcome::Failed { ERROR } else { UNSET } },
    });
    if left_out > 0 {
        let left_out = json!({ "key": "rbl.left_out", "value": { "intValue": left_out.to_string() } });
        if let Some(attributes) = root.get_mut("attributes").and_then(Value::as_array_mut) {
            attributes.push(left_out);
        }
    }
    let children = effects.into_iter().map(|effect| {
        let status = match effect.error {
            Some(why) => json!({ "code": ERROR, "message": why }),
            None => json!({ "code": UNSET }),
        };
        json!({
            "traceId": trace_id,
            "spanId": span_id(effect.seq),
            "parentSpanId": root_id,
            "name": effect.name,
            "kind": INTERNAL,
            "startTimeUnixNano": nanoseconds(effect.began),
            "endTimeUnixNano": nanoseconds(effect.ended),
            "status": status,
        })
    });
    let spans: Vec<Value> = std::iter::once(root).chain(children).collect();
    json!({ "resourceSpans": [{
        "resource": { "attributes": [text("service.name", "rbl")] },
        "scopeSpans": [{ "scope": { "name": "rbl", "version": env!("CARGO_PKG_VERSION") }, "spans": spans }],
    }] })
}

/// The effects in the order in which they ended, and how many were left out.
fn effects(records: &[JournalRecord]) -> (Vec<EffectSpan>, usize) {
    let mut open: BTreeMap<u64, EffectSpan> = BTreeMap::new();
    let mut found: Vec<EffectSpan> = Vec::new();
    for record in records {
        match record.entry() {
            Ok(Entry::Own(JournalEvent::Intent { intent, .. })) => {
                if let Some(name) = name(&intent) {
                    let (seq, began) = (record.seq, record.at);
                    open.insert(seq, EffectSpan { seq, name, began, ended: began, error: None });
                }
            }
            Ok(Entry::Own(JournalEvent::Reply { answer, to })) => {
                if let Some(span) = open.remove(&to) {
                    found.push(EffectSpan { ended: record.at, error: error(&answer), ..span });
                }
            }
            Ok(Entry::Own(JournalEvent::BrokenOff { by, to })) => {
                if let Some(span) = open.remove(&to) {
                    found.push(EffectSpan {
                        ended: record.at,
                        error: Some(format!("broken off by {by}")),
                        ..span
                    });
                }
            }
            Ok(Entry::Own(JournalEvent::Look { look, answer, took, .. })) => {
                if let Some(name) = name(&look) {
                    let began = record.at.plus(-took).unwrap_or(record.at);
                    let error = error(&answer);
                    found.push(EffectSpan { seq: record.seq, name, began, ended: record.at, error });
                }
            }
            // A sleep is over where anything follows; the others take no time.
            Ok(
                Entry::Event(_)
                | Entry::Own(
                    JournalEvent::Begun(_)
                    | JournalEvent::Mark(_)
                    | JournalEvent::AlertChanged(_)
                    | JournalEvent::Resumed { .. },
                ),
            )
            | Err(_) => {}
        }
    }
    let left_out = found.len().saturating_sub(MOST);
    found.truncate(MOST);
    (found, left_out)
}

/// What an effect is called; `None`: it takes no time.
fn name(effect: &Effect) -> Option<String> {
    match effect {
        Effect::Read(read) => Some(format!("read {}", read.metric)),
        Effect::Firing(_) => Some("read alert.firing".into()),
        Effect::Probe(_) => Some("probe".into()),
        Effect::Act(act) => Some(format!("action {}", act.title)),
        Effect::Ask(ask) => Some(format!("ask {}", ask.prompt)),
        Effect::Page(page) => Some(format!("page {}", page.team)),
        Effect::Acknowledge(_) => Some("wait for an acknowledgement".into()),
        Effect::Record(_) => Some("record".into()),
        Effect::Lock(lock) => Some(format!("lock {}", lock.name)),
        Effect::Now
        | Effect::Mode(_)
        | Effect::Sleep(_)
        | Effect::Secret { .. }
        | Effect::Enter(_)
        | Effect::Leave(_)
        | Effect::Conclude(_) => None,
    }
}

/// Why an effect failed.
fn error(reply: &Reply) -> Option<String> {
    match reply {
        Reply::Acted(Acted { result: Err(why), .. })
        | Reply::Reading(Err(why))
        | Reply::Firing(Err(why))
        | Reply::Delivered(Err(why))
        | Reply::Acknowledged(Err(why))
        | Reply::Locked(Err(why)) => Some(why.text.clone()),
        Reply::Acted(Acted { result: Ok(()), .. })
        | Reply::Reading(Ok(_))
        | Reply::Firing(Ok(_))
        | Reply::Delivered(Ok(_))
        | Reply::Acknowledged(Ok(_))
        | Reply::Locked(Ok(()))
        | Reply::Now(_)
        | Reply::Mode(_)
        | Reply::Slept
        | Reply::Output(_)
        | Reply::Answered(_)
        | Reply::Secret(_)
        | Reply::Entered(_)
        | Reply::Left => None,
    }
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

/// Nanoseconds since 1970, as a text: JSON numbers are not that exact.
fn nanoseconds(time: Time) -> String {
    time.0.as_nanosecond().max(0).to_string()
}
