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
use rbl_runtime::journal::{Entry, JournalRecord, RunState, exported};
use rbl_syntax::harmless_json;

use super::caller::{ApiCaller, TokenRight};
use super::message::{JsonLines, RunPath};
use super::reading::read;
use crate::http::HttpRefusal;
use crate::state::ServerState;

/// How often it is looked for new events.
const LOOK: Duration = Duration::from_millis(500);

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
    let first = read(&state, move |reader| reader.records_from(&of, from)).await?;
    if text("accept").contains("text/event-stream") {
        let (sender, body) = Channel::<Bytes>::new(16);
        tokio::spawn(stream(state, run, first, from, sender));
        let kind = HeaderValue::from_static("text/event-stream");
        let mut response = (Body::new(body)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // A proxy that collects what it passes on would keep the events back.
        response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
        return Ok(JsonLines(response));
    }
    let lines: String = first.iter().filter_map(line).map(|(_, line)| line + "\n").collect();
    Ok(JsonLines::of(lines))
}

/// `GET /runs/ID/records`
pub(super) async fn records(
    State(state): State<Arc<ServerState>>,
    caller: ApiCaller,
    Path(RunPath { run }): Path<RunPath>,
) -> Result<JsonLines, HttpRefusal> {
    caller.may(TokenRight::Look)?;
    let records = read(&state, move |reader| reader.records_from(&run, 0)).await?;
    Ok(JsonLines::of(records.iter().map(|record| exported(record) + "\n").collect()))
}

/// Sends events until the run has ended, the reader has gone, or the server stops. The number of an event is its position
/// among the records, so that a reader that comes again misses none and gets none twice.
async fn stream(
    state: Arc<ServerState>,
    run: String,
    first: Vec<JournalRecord>,
    from: u64,
    mut sender: Sender<Bytes>,
) {
    let mut stopping = state.stopping.watch();
    let (mut records, mut next, mut silent) = (first, from, 0);
    loop {
        let mut text = String::new();
        for record in &records {
            next = record.seq.saturating_add(1);
            if let Some((kind, line)) = line(record) {
                let _ = write!(text, "id: {}\nevent: {kind}\ndata: {line}\n\n", record.seq);
            }
        }
        silent = if text.is_empty() { silent + 1 } else { 0 };
        if silent >= SILENT_LOOKS {
            text.push_str(": still here\n\n");
            silent = 0;
        }
        if !text.is_empty() && sender.send_data(Bytes::from(text)).await.is_err() {
            return;
        }
        let of = run.clone();
        let looked = read(&state, move |reader| {
            // In this order: a run that has ended gets no more records.
            let ended = matches!(reader.summary(&of)?.state, RunState::Ended { .. });
            Ok((ended, reader.records_from(&of, next)?))
        });
        let Ok((ended, found)) = looked.await else { return };
        if found.is_empty() {
            if ended {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                _ = stopping.changed() => return,
            }
        }
        records = found;
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
