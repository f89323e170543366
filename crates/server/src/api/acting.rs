//! The calls that signal a run: an answer, an acknowledgement, an abort. They only signal; a worker resumes the
//! run.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use rbl_engine::{AnswerInput, AnswerRefusal, AnswerWay, EngineError, OpenQuestion};
use rbl_runtime::journal::{AbortRequest, RunState, RunSummary};
use rbl_store::SqliteReader;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::caller::{ApiCaller, TokenRight};
use super::looking::{query, wrong};
use super::message::{AcceptedCall, CallBody, RunPath};
use super::reading::{blocking, refused};
use crate::http::{HarmlessJson, HttpRefusal};
use crate::state::ServerState;

/// An answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerCall {
    /// Which question: as `GET /runs/ID` names it.
    question: String,
    /// The answer, as for `rbl answer`.
    answer: String,
    /// A remark that is kept with it.
    remark: Option<String>,
}

/// Which page is acknowledged.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AcknowledgeAsked {
    /// The number that `GET /runs/ID` has in `questions`: where another page waits by now, that is not acknowledged. Without it: the page that
    /// waits.
    question: Option<String>,
}

/// An answer that counts.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct TakenAnswer {
    /// Where several have to approve: who has, while others are still needed.
    waits: Option<String>,
}

/// Why a run is to end.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AbortCall {
    /// It is kept in the story of the run.
    reason: String,
}

/// `POST /runs/ID/answer`
pub(super) async fn answer(
    State(state): State<Arc<ServerState>>,
    caller: ApiCaller,
    Path(RunPath { run }): Path<RunPath>,
    body: CallBody<AnswerCall>,
) -> Result<HarmlessJson<TakenAnswer>, HttpRefusal> {
    caller.may(TokenRight::Answer)?;
    let asked = body.read(&state).await?;
    blocking(move || {
        let (look, summary) = found(&state, &caller, &run)?;
        let way = if caller.person.is_some() { AnswerWay::SignedIn } else { AnswerWay::Machine };
        let question = OpenQuestion::named(&look, &summary, way, &asked.question).map_err(not_taken)?;
        let (text, remark) = (&asked.answer, asked.remark.as_deref());
        let given = AnswerInput { text, remark, name: caller.name(), way };
        let taken = state.engine.answer(&look, &question, &given).map_err(not_taken)?;
        tracing::info!(%run, by = caller.name(), token = caller.token, "a question is answered");
        Ok(HarmlessJson(TakenAnswer { waits: taken.waits }))
    })
    .await
}

/// `POST /runs/ID/acknowledge`
pub(super) async fn acknowledge(
    State(state): State<Arc<ServerState>>,
    caller: ApiCaller,
    Path(RunPath { run }): Path<RunPath>,
    asked: Result<Query<AcknowledgeAsked>, QueryRejection>,
) -> Result<AcceptedCall, HttpRefusal> {
    caller.may(TokenRight::Answer)?;
    let page = query(asked)?.question;
    let Some(person) = caller.person.clone() else {
        return Err(needs_person("a page is acknowledged by a person, and the token is nobody's"));
    };
    blocking(move || {
        let (look, summary) = found(&state, &caller, &run)?;
        let by = (person.as_str(), AnswerWay::SignedIn);
        state.engine.acknowledge(&look, (&summary, page.as_deref()), by).map_err(not_taken)?;
        tracing::info!(%run, by = person, "a page is acknowledged");
        Ok(AcceptedCall)
    })
    .await
}

/// `POST /runs/ID/abort`
pub(super) async fn abort(
    State(state): State<Arc<ServerState>>,
    caller: ApiCaller,
    Path(RunPath { run }): Path<RunPath>,
    body: CallBody<AbortCall>,
) -> Result<AcceptedCall, HttpRefusal> {
    caller.may(TokenRight::Admin)?;
    let asked = body.read(&state).await?;
    if asked.reason.trim().is_empty() {
        return Err(wrong("`reason` is empty").help("say why: it is kept in the story of the run"));
    }
    blocking(move || {
        let (_, summary) = found(&state, &caller, &run)?;
        if let RunState::Ended { outcome, .. } = summary.state {
            let error = format!("too late: run {run} has already ended, {outcome}");
            return Err(HttpRefusal::new(StatusCode::CONFLICT, error));
        }
        let request = AbortRequest { by: caller.name().to_owned(), because: asked.reason };
        if let RunState::Stuck { .. } = summary.state {
            // No worker takes it up, and a signal does not wake it: it is ended here, and its locks are free.
            let claimed = state.engine.claim(&run).map_err(engine_refused)?;
            claimed.end_aborted(&request).map_err(engine_refused)?;
            tracing::warn!(%run, by = caller.name(), token = caller.token, "a stuck run is ended uncleaned");
            return Ok(AcceptedCall);
        }
        state.engine.abort(&run, &request).map_err(engine_refused)?;
        tracing::info!(%run, by = caller.name(), token = caller.token, "a run is to end");
        Ok(AcceptedCall)
    })
    .await
}

/// The run of this id, where the caller sees it, and what reads its records.
fn found(
    state: &ServerState,
    caller: &ApiCaller,
    run: &str,
) -> Result<(SqliteReader, RunSummary), HttpRefusal> {
    let look = SqliteReader::open(&state.settings.store).map_err(refused)?;
    let summary = caller.run(&look, run).map_err(refused)?;
    Ok((look, summary))
}

/// The token is not that of a person.
fn needs_person(error: impl Into<String>) -> HttpRefusal {
    HttpRefusal::new(StatusCode::FORBIDDEN, error)
        .help("make a token for a person: `rbl serve token NAME --may answer --person WHO`")
}

/// Why an answer does not count.
#[allow(clippy::needless_pass_by_value)] // as `map_err` gives it
fn not_taken(refusal: AnswerRefusal) -> HttpRefusal {
    let status = match &refusal {
        AnswerRefusal::Engine(why) => return engine_refused(why.clone()),
        AnswerRefusal::MayNot { .. }
        | AnswerRefusal::Started { .. }
        | AnswerRefusal::NoTeam { .. }
        | AnswerRefusal::NoMembers { .. }
        | AnswerRefusal::NoPerson { .. }
        | AnswerRefusal::NotSignedIn { .. } => StatusCode::FORBIDDEN,
        AnswerRefusal::Misfit { .. } => StatusCode::BAD_REQUEST,
        AnswerRefusal::Running { .. }
        | AnswerRefusal::Ended { .. }
        | AnswerRefusal::NothingToAcknowledge { .. }
        | AnswerRefusal::NothingAsked { .. }
        | AnswerRefusal::Already { .. }
        | AnswerRefusal::Again { .. }
        | AnswerRefusal::TooLate { .. }
        | AnswerRefusal::Late { .. }
        | AnswerRefusal::Acknowledgement { .. }
        | AnswerRefusal::NothingPaged { .. }
        | AnswerRefusal::Secret { .. }
        | AnswerRefusal::Closed { .. }
        | AnswerRefusal::NotOpen { .. }
        | AnswerRefusal::CutOff { .. } => StatusCode::CONFLICT,
    };
    HttpRefusal { status, error: refusal.to_string(), help: refusal.help_at_server() }
}

/// Why the engine did nothing.
#[allow(clippy::needless_pass_by_value)] // as `map_err` gives it
pub(super) fn engine_refused(why: EngineError) -> HttpRefusal {
    let status = match &why {
        EngineError::Store(why) => return refused(why.clone()),
        EngineError::Held { .. }
        | EngineError::Ended { .. }
        | EngineError::AlreadyStarted { .. }
        | EngineError::LimitReached { .. }
        | EngineError::AlreadyAborted { .. } => StatusCode::CONFLICT,
        // Until it is put right nothing of its runs is known.
        EngineError::Misconfigured | EngineError::Unconfigured(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    HttpRefusal { status, error: why.to_string(), help: why.help() }
}
