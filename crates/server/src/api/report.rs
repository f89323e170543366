//! `GET /report`: figures over the runs, the same as `rbl report --format json`.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use rbl_engine::RunsReport;
use schemars::JsonSchema;
use serde::Deserialize;

use super::caller::{ApiCaller, TokenRight};
use super::looking::{query, time};
use super::reading::read;
use crate::http::{HarmlessJson, HttpRefusal};
use crate::state::ServerState;

/// Which runs are counted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportAsked {
    /// Only runs that began at this time or later.
    since: Option<String>,
}

/// `GET /report`
pub(super) async fn report(
    State(state): State<Arc<ServerState>>,
    caller: ApiCaller,
    asked: Result<Query<ReportAsked>, QueryRejection>,
) -> Result<HarmlessJson<RunsReport>, HttpRefusal> {
    caller.may(TokenRight::Look)?;
    let asked = query(asked)?;
    let since = asked.since.as_deref().map(time).transpose()?;
    let report = read(&state, move |reader| {
        RunsReport::read(reader, since, caller.scope.as_deref(), rbl_world::clock::now())
    });
    Ok(HarmlessJson(report.await?))
}
