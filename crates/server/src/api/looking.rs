//! The calls that read.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use rbl_check::trigger_word;
use rbl_engine::{RunbookModes, SetRunbook};
use rbl_runtime::journal::{Filter, RunMode, RunQuery, RunState, RunSummary, StoreError};
use rbl_syntax::value::Time;
use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::caller::{ApiCaller, TokenRight};
use super::message::RunPath;
use super::questions::questions;
use super::reading::read;
use super::views::{DeliveriesView, InboxView, RunView, RunbookView, RunbooksView, RunsView};
use crate::http::{HarmlessJson, HttpRefusal};
use crate::state::ServerState;

/// How many runs or deliveries are given where no number is asked for, and at most.
const FEW: usize = 50;
const MOST: usize = 500;

/// How many characters are repeated of what cannot be read.
const LONGEST: usize = 300;

/// Which runs are asked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RunsAsked {
    /// A word of `rbl runs --state`.
    state: Option<String>,
    /// A part of the title or the file of the runbook.
    runbook: Option<String>,
    /// Not begun before this time.
    since: Option<String>,
    /// How many at most.
    #[schemars(with = "Option<usize>")]
    limit: Option<String>,
    /// Only runs that began before this one: `next` of an answer.
    before: Option<String>,
    /// Only runs whose id begins with this.
    run: Option<String>,
}

/// How many deliveries are asked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InboxAsked {
    /// How many at most.
    #[schemars(with = "Option<usize>")]
    limit: Option<String>,
}

/// `GET /runs`
pub(super) async fn runs(
    State(state): State<Arc<ServerState>>,
    caller: ApiCaller,
    asked: Result<Query<RunsAsked>, QueryRejection>,
) -> Result<HarmlessJson<RunsView>, HttpRefusal> {
    caller.may(TokenRight::Look)?;
    let asked = query(asked)?;
    let limit = limit(asked.limit.as_deref())?;
    if let Some(state) = &asked.state
        && !RunState::WORDS.contains(&state.as_str())
    {
        return Err(wrong(format!("there is no state `{state}`"))
            .help(format!("write one of {}", RunState::WORDS.join(", "))));
    }
    let since = asked.since.as_deref().map(time).transpose()?;
    let filter = Filter {
        state: asked.state.map(SmolStr::from),
        runbook: asked.runbook,
        since,
        limit: Some(limit.saturating_add(1)),
    };
    let view = read(&state, move |reader| {
        let sees = |run: &RunSummary| caller.sees(&run.identity);
        let mut found = match (&asked.run, &asked.before) {
            (Some(beginning), _) => reader.find_matching(beginning, &filter, &sees)?,
            // Nor is it said where a run is that the caller does not see.
            (None, Some(before)) => match caller.run(reader, before) {
                Ok(_) => reader.list_before(&filter, Some(before), &sees)?,
                Err(StoreError::NoSuchRun(_)) => Vec::new(),
                Err(why) => return Err(why),
            },
            (None, None) => reader.list_before(&filter, None, &sees)?,
        };
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|last| last.run.clone());
        let view = |summary| Ok(RunView::of(summary, reader.members(&summary.run)?, None));
        Ok(RunsView { runs: found.iter().map(view).collect::<Result<_, _>>()?, next })
    });
    Ok(HarmlessJson(view.await?))
}

/// `GET /runs/ID`
pub(super) async fn run(
    State(state): State<Arc<ServerState>>,
    caller: ApiCaller,
    Path(RunPath { run }): Path<RunPath>,
) -> Result<HarmlessJson<RunView>, HttpRefusal> {
    caller.may(TokenRight::Look)?;
    let view = read(&state, move |reader| {
        let summary = caller.run(reader, &run)?;
        let (records, signals) = reader.read(&run)?;
        let questions = questions(&summary, &records, &signals);
        Ok(RunView::of(&summary, reader.members(&run)?, Some(questions)))
    });
    Ok(HarmlessJson(view.await?))
}

/// `GET /runbooks`
pub(super) async fn runbooks(
    State(state): State<Arc<ServerState>>,
    caller: ApiCaller,
) -> Result<HarmlessJson<RunbooksView>, HttpRefusal> {
    caller.may(TokenRight::Look)?;
    let set = state.runbooks.current();
    let (modes, last_runs) = (state.settings.modes.clone(), state.last_runs.clone());
    let view = read(&state, move |reader| {
        let last_runs = last_runs.read(reader)?;
        let mut runbooks = Vec::with_capacity(set.runbooks.len());
        for runbook in set.runbooks.iter().filter(|it| caller.sees(&it.identity)) {
            let broken = set.broken.iter().find(|it| it.file == runbook.file);
            runbooks.push(RunbookView {
                file: runbook.file.clone(),
                title: runbook.title.clone(),
                owner: runbook.owner.clone(),
                trigger: trigger_word(runbook.trigger.as_ref()),
                mode: mode_of(&modes, runbook).word(),
                findings: broken.map(|it| it.findings.clone()).unwrap_or_default(),
                last_run: last_runs.get(&runbook.identity).map(|start| start.run.clone()),
            });
        }
        Ok(RunbooksView { runbooks })
    });
    Ok(HarmlessJson(view.await?))
}

/// In which mode a run of this runbook starts; one without an owner cannot ask.
fn mode_of(modes: &RunbookModes, runbook: &SetRunbook) -> RunMode {
    let main = runbook.runnable.as_ref().ok().and_then(|it| it.sources.first());
    let mode = main.map_or_else(|| modes.of(&runbook.identity), |source| modes.of_runbook(source)).mode;
    let has_owner = runbook.runnable.as_ref().ok().and_then(|it| it.program.runbook(it.program.main()));
    let has_owner = has_owner.map_or(runbook.owner.is_some(), |it| it.owner.is_some());
    if mode == RunMode::Ask && !has_owner { RunMode::Look } else { mode }
}

/// `GET /inbox`
pub(super) async fn inbox(
    State(state): State<Arc<ServerState>>,
    caller: ApiCaller,
    asked: Result<Query<InboxAsked>, QueryRejection>,
) -> Result<HarmlessJson<DeliveriesView>, HttpRefusal> {
    caller.may(TokenRight::Look)?;
    let limit = limit(query(asked)?.limit.as_deref())?;
    let set = state.runbooks.current();
    let listed = read(&state, move |reader| match &caller.scope {
        None => reader.deliveries(limit),
        Some(scope) => reader.deliveries_of(limit, &|identity, file| match identity {
            Some(identity) => scope.takes(identity),
            None => scope.takes_file(&set, file),
        }),
    })
    .await?;
    Ok(HarmlessJson(DeliveriesView { deliveries: listed.iter().flat_map(InboxView::of).collect() }))
}

/// The time that `since` names.
pub(super) fn time(text: &str) -> Result<Time, HttpRefusal> {
    Time::parse(text).ok_or_else(|| {
        wrong(format!("`since` is no time: `{text}`")).help("write one like `2026-11-29T03:00:00Z`")
    })
}

/// What is asked for behind the `?` of an address.
pub(super) fn query<T>(asked: Result<Query<T>, QueryRejection>) -> Result<T, HttpRefusal> {
    asked.map(|Query(asked)| asked).map_err(|why| {
        let why = why.body_text();
        let why = why.rsplit("query string: ").next().unwrap_or_default();
        let why: String = why.chars().take(LONGEST).collect();
        wrong(format!("what is asked for in the address cannot be read: {why}"))
    })
}

/// How many at most, from what is asked for.
fn limit(asked: Option<&str>) -> Result<usize, HttpRefusal> {
    let Some(asked) = asked else { return Ok(FEW) };
    let number = asked.parse::<usize>().ok();
    number.map(|limit| limit.clamp(1, MOST)).ok_or_else(|| {
        wrong(format!("`limit` is no number: `{asked}`")).help(format!("write one up to {MOST}"))
    })
}

/// What was asked for cannot be read.
pub(super) fn wrong(error: impl Into<String>) -> HttpRefusal {
    HttpRefusal::new(StatusCode::BAD_REQUEST, error)
}
