//! `rbl hooks`: what came in through the hooks of the server, and what became of it.

use schemars::JsonSchema;
use serde::Serialize;

use super::{CliContext, CommandResult, resuming};
use crate::Exit;
use crate::cli::store;
use crate::cli::store::StoreArgument;
use clap::{Args, ValueEnum};
use rbl_report::json;
use rbl_runtime::journal::{AlertResult, Became, ListedDelivery, ReceivedAlert};
use rbl_syntax::clean;
use rbl_syntax::value::Time;
use smol_str::SmolStr;

/// `rbl hooks`
#[derive(Debug, Args)]
#[command(
    after_help = "The newest first. Exit codes: 0, also where there is none; 2 the journal cannot be read."
)]
pub(crate) struct HooksArguments {
    /// The most deliveries that are listed
    #[arg(long, value_name = "N", default_value = "50", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// How they are printed
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: HooksFormat,
    #[command(flatten)]
    pub store: StoreArgument,
}

/// How deliveries are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HooksFormat {
    /// For people
    Pretty,
    /// One JSON object for each alert
    Json,
}

/// The width of the longest result, `not started`.
const BECAME: usize = 11;

/// Prints the list.
pub(super) fn hooks(asked: &HooksArguments, context: &mut CliContext) -> CommandResult {
    let runs = resuming::FolderJournal::here(&asked.store)?;
    let deliveries = runs.look.deliveries(asked.limit as usize).map_err(|why| store::refusal(&why))?;
    if deliveries.is_empty() && asked.format == HooksFormat::Pretty {
        context.out.line(&clean(&format!("nothing came in yet (the journal is {})", runs.folder.display())));
    }
    for delivery in &deliveries {
        for line in lines(delivery) {
            match asked.format {
                HooksFormat::Json => context.out.line(&json::line(&line)),
                HooksFormat::Pretty => context.out.line(&clean(&line.shown())),
            }
        }
    }
    Ok(Exit::Fine)
}

/// An alert that came in, and what became of it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename = "delivery")]
struct DeliveryLine {
    /// The number of the delivery.
    delivery: u64,
    /// When it came in.
    at: Time,
    /// The hook.
    hook: SmolStr,
    /// The alert.
    alert: ReceivedAlert,
    /// What became of it; nothing: that is not decided yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    became: Option<Became>,
    /// The run that was started or signaled.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<SmolStr>,
    /// The file of the runbook that means it; of an alert that no trigger means, the nearest one.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<SmolStr>,
    /// Why it became that.
    #[serde(skip_serializing_if = "String::is_empty")]
    why: String,
}

/// The JSON schema of a line.
pub(super) fn schema() -> schemars::Schema {
    schemars::schema_for!(DeliveryLine)
}

fn lines(listed: &ListedDelivery) -> Vec<DeliveryLine> {
    let line = |alert: &ReceivedAlert, result: Option<&AlertResult>| DeliveryLine {
        delivery: listed.id,
        at: listed.delivery.at,
        hook: listed.delivery.hook.clone(),
        alert: alert.clone(),
        became: result.map(|it| it.became),
        run: result.and_then(|it| it.run.clone()),
        file: result.and_then(|it| it.file.clone()),
        why: result.map(|it| it.why.clone()).unwrap_or_default(),
    };
    let alerts = &listed.delivery.alerts;
    match &listed.results {
        None => alerts.iter().map(|alert| line(alert, None)).collect(),
        Some(results) => {
            let of = |result: &AlertResult| {
                alerts.get(result.place as usize).map(|alert| line(alert, Some(result)))
            };
            results.iter().filter_map(of).collect()
        }
    }
}

impl DeliveryLine {
    fn shown(&self) -> String {
        let Self { at, hook, alert, .. } = self;
        let state = if alert.firing { "firing" } else { "resolved" };
        let name = &alert.alert.name;
        let became = self.became.map_or_else(|| "waits".to_owned(), |it| it.word().replace('_', " "));
        let mut about: Vec<String> = Vec::new();
        about.extend(self.run.as_ref().map(ToString::to_string));
        about.extend(self.file.as_ref().map(|file| match self.became {
            Some(Became::Unmatched) => format!("nearest {file}"),
            _ => file.to_string(),
        }));
        about.extend(Some(self.why.replace('\n', " ")).filter(|why| !why.is_empty()));
        format!("{at}  {hook}  {name} {state}  {became:<BECAME$}  {}", about.join(": ")).trim_end().to_owned()
    }
}
