//! `GET /runs/ID/events`: the events of a run, all there are as JSON Lines; with `Accept: text/event-stream` also those that
//! come, until the run has ended.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::IntoResponse;
use http_body_util::channel::{Channel, Sender};
use rbl_runtime::journal::{Entry, JournalRecord, RunState, StoreError, exported};
use rbl_store::SqliteReader;
use rbl_syntax::harmless_json;

use super::caller::{ApiCaller, TokenRight};
use super::message::{JsonLines, RunPath};
use super::reading::read;
use crate::http::HttpRefusal;
use crate::state::ServerState;

/// How often it is looked for new events.
const LOOK: Duration = Duration::from_millis(500);

/// How many bytes of records are read at once.
const PAGE: usize = 64 << 10;

/// After how many looks without an event a line says that the stream lives.
const SILENT_LOOKS: u32 = 20;

/// `GET /runs/ID/events`
pub(super) async fn events(
    State(state): State<Arc<ServerState>>,
    caller: ApiCaller,
    Path(RunPath { run }): Path<RunPath>,
    headers: HeaderMap,
) -> Result<JsonLines, HttpRefusal> {
    caller.may(TokenRight::Look)?;
    let text = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let after = text("last-event-id").trim().parse::<u64>().ok();
    let from = after.map_or(0, |after| after.saturating_add(1));
    let of = run.clone();
    if text("accept").contains("text/event-stream") {
        let asks = caller.clone();
        let first = read(&state, move |reader| EventPage::read(reader, &asks, &of, from)).await?;
        let (sender, body) = Channel::<Bytes>::new(1);
        tokio::spawn(stream((state, caller), run, first, sender));
        let kind = HeaderValue::from_static("text/event-stream");
        let mut response = (Body::new(body)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // A proxy that collects what it passes on would keep the events back.
        response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
        return Ok(JsonLines(response));
    }
    let lines = read(&state, move |reader| {
        caller.run(reader, &of)?;
        let records = reader.records_from(&of, from)?;
        Ok(records.iter().filter_map(line).map(|(_, line)| line + "\n").collect::<String>())
    });
    Ok(JsonLines::of(lines.await?))
}

/// `GET /runs/ID/records`
pub(super) async fn records(
    State(state): State<Arc<ServerState>>,
    caller: ApiCaller,
    Path(RunPath { run }): Path<RunPath>,
) -> Result<JsonLines, HttpRefusal> {
    caller.may(TokenRight::Look)?;
    let lines = read(&state, move |reader| {
        caller.run(reader, &run)?;
        let records = reader.records_from(&run, 0)?;
        Ok(records.iter().map(|record| exported(record) + "\n").collect::<String>())
    });
    Ok(JsonLines::of(lines.await?))
}

/// A part of the events of a run, in the form in which they are sent.
struct EventPage {
    text: String,
    /// The position of the record behind it.
    next: u64,
    /// Whether there was no record, and the run had ended before that was looked for.
    is_over: bool,
    is_empty: bool,
}

impl EventPage {
    /// Reads it, where the caller still has a token.
    fn read(reader: &SqliteReader, caller: &ApiCaller, run: &str, from: u64) -> Result<Self, StoreError> {
        if !caller.is_known(reader)? {
            return Err(StoreError::NoSuchRun(run.into()));
        }
        // In this order: a run that has ended gets no more records.
        let has_ended = matches!(caller.run(reader, run)?.state, RunState::Ended { .. });
        let records = reader.records_page(run, from, PAGE)?;
        let mut text = String::new();
        for record in &records {
            if let Some((kind, line)) = line(record) {
                let _ = write!(text, "id: {}\nevent: {kind}\ndata: {line}\n\n", record.seq);
            }
        }
        let next = records.last().map_or(from, |last| last.seq.saturating_add(1));
        let is_empty = records.is_empty();
        Ok(Self { text, next, is_over: has_ended && is_empty, is_empty })
    }
}

/// Sends events until the run has ended, the reader has gone, its token was removed, or the server stops. The number of an event is its position
/// among the records, so that a reader that comes again misses none and gets none twice. The next page is read once the one
/// before is on its way: a reader that takes nothing costs two pages.
async fn stream(
    (state, caller): (Arc<ServerState>, ApiCaller),
    run: String,
    first: EventPage,
    mut sender: Sender<Bytes>,
) {
    let mut stopping = state.stopping.watch();
    let (mut page, mut silent) = (first, 0);
    loop {
        let mut text = std::mem::take(&mut page.text);
        silent = if text.is_empty() { silent + 1 } else { 0 };
        if silent >= SILENT_LOOKS {
            text.push_str(": still here\n\n");
            silent = 0;
        }
        if !text.is_empty() {
            tokio::select! {
                sent = sender.send_data(Bytes::from(text)) => if sent.is_err() { return },
                _ = stopping.changed() => return,
            }
        }
        if page.is_over {
            return;
        }
        if page.is_empty {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                _ = stopping.changed() => return,
            }
        }
        let (of, asks, next) = (run.clone(), caller.clone(), page.next);
        let found = read(&state, move |reader| EventPage::read(reader, &asks, &of, next));
        let Ok(found) = found.await else { return };
        page = found;
    }
}

/// The type of an event and its JSON, with the position and the time of its record; `None` for what is none.
fn line(record: &JournalRecord) -> Option<(String, String)> {
    let Ok(Entry::Event(_)) = record.entry() else { return None };
    let mut event: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&record.data).ok()?;
    let kind = event.get("type")?.as_str()?.to_owned();
    event.insert("seq".into(), record.seq.into());
    event.insert("at".into(), serde_json::to_value(record.at).ok()?);
    Some((kind, harmless_json(serde_json::Value::Object(event).to_string())))
}
