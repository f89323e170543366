//! `POST /runs`: starts a runbook of the set.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use rbl_engine::{Inputs, LimitPolicy, StartMode, named_secrets, run_id};
use rbl_runtime::journal::RunMode;
use rbl_runtime::{ParamSources, Start, json_with_digits, read_params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use smol_str::SmolStr;

use super::acting::engine_refused;
use super::caller::{ApiCaller, TokenRight};
use super::looking::wrong;
use super::message::{CallBody, Created};
use super::reading::blocking;
use crate::counters::CountedStart;
use crate::http::HttpRefusal;
use crate::state::ServerState;

/// What is to be started.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StartCall {
    /// The file of the runbook, as `GET /runbooks` names it.
    file: String,
    /// Its parameters. A text is read by the type of its parameter, as `--param NAME=TEXT` is. As it was sent, so that a
    /// number keeps its digits.
    #[schemars(with = "Option<Map<String, Value>>")]
    params: Option<Box<RawValue>>,
    /// A stricter mode than the configured one; a laxer one changes nothing.
    #[serde(default)]
    mode: RunMode,
}

impl StartCall {
    fn table(&self) -> Result<Map<String, Value>, HttpRefusal> {
        let Some(params) = &self.params else { return Ok(Map::new()) };
        match json_with_digits(params.get().as_bytes()) {
            Ok(Value::Object(table)) => Ok(table),
            Ok(_) | Err(_) => Err(wrong("`params` is not an object of names and values")),
        }
    }
}

/// What was started.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct StartAnswer {
    /// The run.
    run: SmolStr,
}

/// `POST /runs`. A limit of the runbook holds: a person who wants to exceed it does so at a terminal.
pub(super) async fn start(
    State(state): State<Arc<ServerState>>,
    caller: ApiCaller,
    body: CallBody<StartCall>,
) -> Result<Created<StartAnswer>, HttpRefusal> {
    caller.may(TokenRight::Start)?;
    let asked = body.read(&state).await?;
    let table = asked.table()?;
    let set = state.runbooks.current();
    let runbook = set.runbooks.iter().find(|it| it.file == asked.file && caller.sees(&it.identity)).cloned();
    let runbook = runbook.ok_or_else(|| {
        HttpRefusal::not_found(format!("there is no runbook `{}`", asked.file))
            .help("`GET /api/v1/runbooks` lists them")
    })?;
    blocking(move || {
        let runnable = runbook.runnable.as_ref().map_err(|finding| {
            HttpRefusal::new(StatusCode::CONFLICT, format!("the runbook has errors: {finding}"))
        })?;
        let sources = ParamSources { table: Some(&table), ..ParamSources::default() };
        let params = read_params(&runnable.program, &sources).map_err(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            wrong(errors.join("; "))
        })?;
        let start = Start { run_id: run_id::new().into(), params, ..Start::default() };
        let secrets = named_secrets(&runnable.program);
        let inputs = Inputs {
            program: &runnable.program,
            start: &start,
            sources: runnable.sources.clone(),
            providers: runnable.providers.clone(),
            by: caller.name().to_owned(),
            confirm: false,
            mode: StartMode::Configured { modes: &state.settings.modes, at_least: asked.mode },
            secrets: &secrets,
            dedupe: None,
        };
        let started = state.engine.start_within(&inputs, LimitPolicy::Refuse, false).map_err(engine_refused)?;
        state.counters.start(CountedStart::Call);
        tracing::info!(run = %started.run, by = caller.name(), file = %runbook.file, "a run was started by a call");
        Ok(Created(StartAnswer { run: started.run }))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_digits() {
        let asked = |text: &str| serde_json::from_str::<StartCall>(text).unwrap().table();
        let table =
            asked(r#"{"file": "a.rb", "params": {"version": 1.10, "id": 563018673253974017}}"#).unwrap();
        assert_eq!(rbl_runtime::json_number(&table["version"]).as_deref(), Some("1.10"));
        assert_eq!(rbl_runtime::json_number(&table["id"]).as_deref(), Some("563018673253974017"));
        assert!(asked(r#"{"file": "a.rb"}"#).unwrap().is_empty());
        assert!(asked(r#"{"file": "a.rb", "params": [1]}"#).is_err());
    }
}
