//! `rbl connections [test NAME]`: shows what is configured, and whether it answers.

use std::path::Path;

use super::{CliContext, CommandResult};
use crate::Exit;
use clap::{Args, Subcommand};
use rbl_check::Family;
use rbl_project::Refusal;
use rbl_report::findings::FindingsSummary;
use rbl_report::findings::print;
use rbl_report::findings::print::FindingsFormat;
use rbl_syntax::diagnostic::did_you_mean;
use rbl_syntax::harmless;
use rbl_syntax::value::{Reason, Took};
use rbl_world::Configured;
use rbl_world::Connections;

/// `rbl connections`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ConnectionsArguments {
    /// List every kind that `rbl.toml` can configure, with its keys
    #[arg(long)]
    pub kinds: bool,
    /// The subcommand; without one, everything that is configured is listed.
    #[command(subcommand)]
    pub action: Option<ConnectionsAction>,
}

/// The subcommands of `rbl connections`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionsAction {
    /// Ask a provider, executor, team or channel whether it answers; nothing is done, paged or posted
    Test {
        /// Its name in `rbl.toml`
        name: String,
    },
}

/// Lists the configuration of the current folder or the kinds, or tests one connection.
pub(super) fn connections(asked: &ConnectionsArguments, context: &mut CliContext) -> CommandResult {
    if asked.kinds {
        kinds(context);
        return Ok(Exit::Fine);
    }
    let configured = Configured::find(Path::new("."))?;
    let Some(config) = &configured.connections else {
        let form = FindingsFormat::Pretty(context.terminal.stderr);
        let mut summary = FindingsSummary::default();
        print::print(&configured.diagnostics, &configured.sources, form, &mut context.err, &mut summary);
        return Err(Refusal::new("the configuration has mistakes, so it cannot be listed"));
    };
    match &asked.action {
        None => list(config, &configured, context),
        Some(ConnectionsAction::Test { name }) => return test(config, name, context),
    }
    Ok(Exit::Fine)
}

fn kinds(context: &mut CliContext) {
    for (index, one) in rbl_world::kinds().iter().enumerate() {
        if index > 0 {
            context.out.line("");
        }
        context.out.line(&format!("[{}.NAME] type = \"{}\"", one.family.section(), one.kind));
        context.out.line(&format!("  {}", one.summary));
        if one.contract.is_experimental() {
            let (class, with) = (one.contract.class(), one.contract.with());
            context.out.line(&format!("  experimental: tested against {class} ({with})"));
        }
        let width = one.keys.iter().map(|key| key.name.len()).max().unwrap_or(0);
        for key in one.keys {
            let default = if key.required { "needed".into() } else { format!("else {}", key.default) };
            let (name, takes) = (key.name, key.kind.in_words());
            context.out.line(&format!("  {name:<width$}  {}: {takes}; {default}", key.meaning));
        }
    }
}

fn list(config: &Connections, configured: &Configured, context: &mut CliContext) {
    let file = configured.file.as_deref().unwrap_or("built in");
    let rows: Vec<[String; 4]> = config
        .all()
        .map(|(family, name, kind)| {
            let origin = if configured.names_entry(family.section(), name) { file } else { "built in" };
            [family.word().into(), name.into(), kind.into(), origin.into()]
        })
        .collect();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|it| it.chars().count()).max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    for [what, name, kind, origin] in &rows {
        let [a, b, c] = widths;
        context.out.line(&harmless(&format!("{what:<a$}  {name:<b$}  {kind:<c$}  {origin}")));
    }
    if let Some(name) = &config.default_channel {
        context.out.line(&harmless(&format!("a `record` without `to` goes to {name}")));
    }
    if configured.file.is_none() {
        context.out.flush();
        context.err.line(
            "no rbl.toml here or above: pages and records are shown on the terminal and go nowhere else",
        );
    }
}

/// Tests everything that has the name: a team and a channel may have the same.
fn test(config: &Connections, name: &str, context: &mut CliContext) -> CommandResult {
    let named: Vec<Family> =
        config.all().filter(|(_, other, _)| *other == name).map(|(family, ..)| family).collect();
    if named.is_empty() {
        let refusal = Refusal::new(format!("nothing named `{name}` is configured"));
        return Err(match did_you_mean(name, config.all().map(|(_, name, _)| name)) {
            Some(near) => refusal.help(format!("did you mean `rbl connections test {near}`?")),
            None => refusal.help("`rbl connections` lists what is configured"),
        });
    }
    let mut exit = Exit::Fine;
    for family in &named {
        let who = if named.len() > 1 { format!("the {} {name}", family.word()) } else { name.to_owned() };
        let began = std::time::Instant::now();
        let answer = answer(config, *family, name);
        let took = Took::from(began.elapsed());
        let line = match answer {
            Ok(what) => format!("{who} answers: {what} ({took})"),
            Err(reason) => {
                exit = Exit::Findings;
                format!("{who} does not answer: {reason} ({took})")
            }
        };
        context.out.line(&harmless(&line));
    }
    Ok(exit)
}

pub(super) fn answer(config: &Connections, family: Family, name: &str) -> Result<String, Reason> {
    let answer = match family {
        Family::Provider => config.providers.get(name).map(|one| one.it.test()),
        Family::Executor => config.executors.get(name).map(|one| one.it.test()),
        Family::Team => config.teams.get(name).map(|one| one.it.test()),
        Family::Channel => config.channels.get(name).map(|one| one.it.test()),
    };
    answer.unwrap_or_else(|| Ok("it is configured".into()))
}
