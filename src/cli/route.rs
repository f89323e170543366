//! `rbl route ALERT.json [FOLDER]`: the runbooks that a delivery would start, with their parameters; for an alert that starts
//! none, the nearest trigger.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::{CliContext, CommandResult, resuming};
use crate::Exit;
use clap::{Args, ValueEnum};
use rbl_engine::{AlertRoute, RunbookSet, SetRunbook, route as route_alert};
use rbl_project::Refusal;
use rbl_report::json;
use rbl_runtime::journal::ReceivedAlert;
use rbl_runtime::{Alert, ParamSources, Shown, read_params};
use rbl_server::{HookError, find_runbooks, read_alertmanager, read_posted};
use rbl_syntax::clean;
use rbl_syntax::io_error::reading;
use rbl_world::Configured;
use smol_str::SmolStr;

/// `rbl route`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 a runbook would start, 1 none would, 2 the delivery or a runbook cannot be read."
)]
pub(crate) struct RouteArguments {
    /// The body of an Alertmanager webhook or of alerts that are posted to Alertmanager, or `-`
    pub alert: PathBuf,
    /// The folder of the runbooks; without it `runbooks` of `[serve]` in rbl.toml, else the current folder
    pub folder: Option<PathBuf>,
    /// How it is printed
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: RouteFormat,
}

/// How a route is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RouteFormat {
    /// For people
    Pretty,
    /// One JSON object for each runbook that an alert would start, or for an alert that starts none
    Json,
}

/// What one alert leads to.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename = "route")]
struct RouteLine {
    /// The alert.
    alert: ReceivedAlert,
    /// Whether it starts the runbook.
    starts: bool,
    /// The file of the runbook; of an alert that starts none, the one with the nearest trigger.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<SmolStr>,
    /// The parameters that it is given.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    params: BTreeMap<SmolStr, Shown>,
    /// Why it starts nothing, or why the runbook cannot start, so that its owner is paged.
    #[serde(skip_serializing_if = "String::is_empty")]
    why: String,
}

/// The JSON schema of a line.
pub(super) fn schema() -> schemars::Schema {
    schemars::schema_for!(RouteLine)
}

/// Prints what each alert of the delivery leads to.
pub(super) fn route(asked: &RouteArguments, context: &mut CliContext) -> CommandResult {
    let shown = asked.alert.display();
    let body = if asked.alert.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(&asked.alert)
    };
    let body = body.map_err(|why| Refusal::new(format!("cannot read `{shown}`: {}", reading(&why))))?;
    // As alerts are posted to Alertmanager itself, they are a list.
    let delivered = if body.trim_start().starts_with('[') {
        read_posted(body.as_bytes(), rbl_world::clock::now())
    } else {
        read_alertmanager(body.as_bytes())
    };
    let delivered = delivered.map_err(|HookError(why)| Refusal::new(format!("`{shown}`: {why}")))?;
    let set = RunbookSet::load(&find_runbooks(&folders(asked)?), &RunbookSet::default());
    for broken in &set.broken {
        let first = broken.findings.first().cloned().unwrap_or_default();
        context.err.line(&clean(&format!("{} has errors: {first}", broken.file)));
    }
    if delivered.alerts.is_empty() {
        context.err.line(&clean(&format!("there is no alert in `{shown}`")));
    }
    let mut starts = false;
    for alert in &delivered.alerts {
        for line in lines(&set, alert) {
            starts |= line.starts;
            match asked.format {
                RouteFormat::Json => context.out.line(&json::line(&line)),
                RouteFormat::Pretty => context.out.line(&clean(&line.shown())),
            }
        }
    }
    Ok(if starts { Exit::Fine } else { Exit::Findings })
}

/// The folders of the runbooks, as `rbl serve` has them.
fn folders(asked: &RouteArguments) -> Result<Vec<PathBuf>, Refusal> {
    if let Some(folder) = &asked.folder {
        if !folder.exists() {
            return Err(Refusal::new(format!("there is no folder `{}`", folder.display())));
        }
        return Ok(vec![folder.clone()]);
    }
    let configured = Configured::find(&PathBuf::from("."))?;
    let connections = resuming::connections(&configured)?;
    let named = &connections.serve.runbooks;
    Ok(if named.is_empty() {
        vec![PathBuf::from(".")]
    } else {
        named.iter().map(|it| connections.base.join(it)).collect()
    })
}

fn lines(set: &RunbookSet, received: &ReceivedAlert) -> Vec<RouteLine> {
    let nothing = |file, why| {
        vec![RouteLine { alert: received.clone(), starts: false, file, params: BTreeMap::new(), why }]
    };
    if !received.firing {
        return nothing(None, "it is resolved".to_owned());
    }
    match route_alert(set, &received.alert) {
        AlertRoute::Starts(starts) => starts.iter().map(|(runbook, _)| started(runbook, received)).collect(),
        AlertRoute::Nothing(Some(nearest)) => nothing(Some(nearest.file), nearest.why),
        AlertRoute::Nothing(None) => nothing(None, "no trigger is for an alert of this name".to_owned()),
        AlertRoute::Own(why) => nothing(None, why),
    }
}

fn started(runbook: &SetRunbook, received: &ReceivedAlert) -> RouteLine {
    let (params, why) = match &runbook.runnable {
        Ok(runnable) => {
            let sources = ParamSources { alert: Some(&received.alert), ..ParamSources::default() };
            match read_params(&runnable.program, &sources) {
                Ok(params) => (params, String::new()),
                Err(errors) => {
                    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
                    (BTreeMap::new(), errors.join("; "))
                }
            }
        }
        Err(finding) => (BTreeMap::new(), format!("its text has errors: {finding}")),
    };
    let params = params.iter().map(|(name, value)| (name.clone(), Shown::of(value))).collect();
    RouteLine { alert: received.clone(), starts: true, file: Some(runbook.file.clone()), params, why }
}

impl RouteLine {
    fn shown(&self) -> String {
        let Alert { name, labels, .. } = &self.alert.alert;
        let labels = labels.iter().filter(|(label, _)| label.as_str() != "alertname");
        let labels: Vec<String> = labels.map(|(label, value)| format!("{label}={value}")).collect();
        let alert =
            if labels.is_empty() { name.to_string() } else { format!("{name} ({})", labels.join(", ")) };
        let file = self.file.as_deref().unwrap_or_default();
        match (self.starts, file, self.why.as_str()) {
            (true, file, "") if self.params.is_empty() => format!("{alert}\n  starts {file}"),
            (true, file, "") => {
                let params = self.params.iter().map(|(name, value)| format!("{name} = {}", value.text));
                format!("{alert}\n  starts {file} with {}", params.collect::<Vec<_>>().join(", "))
            }
            (true, file, why) => format!("{alert}\n  pages the owner of {file}, which cannot start: {why}"),
            (false, "", why) => format!("{alert}\n  starts nothing: {why}"),
            (false, file, why) => format!("{alert}\n  starts nothing; the nearest is {file}: {why}"),
        }
    }
}
