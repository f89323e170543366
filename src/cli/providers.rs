//! `rbl providers [test NAME]`: shows what is configured, and whether a provider answers.

use std::path::Path;

use super::{Context, Done};
use crate::Exit;
use clap::{Args, Subcommand};
use rbl_project::Refusal;
use rbl_report::findings::Summary;
use rbl_report::findings::print;
use rbl_report::findings::print::Form;
use rbl_syntax::diagnostic::did_you_mean;
use rbl_syntax::harmless;
use rbl_syntax::value::Took;
use rbl_world::Configured;
use rbl_world::Connections;

/// `rbl providers`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Providers {
    /// The subcommand; without one, everything that is configured is listed.
    #[command(subcommand)]
    pub action: Option<ProvidersAction>,
}

/// The subcommands of `rbl providers`.
#[derive(Debug, Subcommand)]
pub(crate) enum ProvidersAction {
    /// Ask one provider whether it answers
    Test {
        /// The name of a provider in `rbl.toml`
        name: String,
    },
}

/// Lists the configuration of the current folder, or queries one provider.
pub(super) fn providers(asked: &Providers, context: &mut Context) -> Done {
    let configured = Configured::find(Path::new("."))?;
    let Some(config) = &configured.connections else {
        let form = Form::Pretty(context.terminal.stderr);
        let mut summary = Summary::default();
        print::print(&configured.diagnostics, &configured.sources, form, &mut context.err, &mut summary);
        return Err(Refusal::new("the configuration has mistakes, so it cannot be listed"));
    };
    match &asked.action {
        None => list(config, &configured, context),
        Some(ProvidersAction::Test { name }) => return test(config, name, context),
    }
    Ok(Exit::Fine)
}

fn list(config: &Connections, configured: &Configured, context: &mut Context) {
    let file = configured.file.as_deref().unwrap_or("built in");
    let mut rows: Vec<[String; 4]> = Vec::new();
    for (name, provider) in &config.providers {
        let origin = if configured.says("providers", name) { file } else { "built in" };
        rows.push(["provider".into(), name.to_string(), provider.kind.into(), origin.into()]);
    }
    let kind = |section, name| configured.kind(section, name).unwrap_or_default();
    for name in config.executors.keys() {
        rows.push(["executor".into(), name.to_string(), kind("executors", name), file.into()]);
    }
    for name in config.teams.keys() {
        rows.push(["team".into(), name.to_string(), kind("teams", name), file.into()]);
    }
    for name in config.channels.keys() {
        rows.push(["channel".into(), name.to_string(), kind("channels", name), file.into()]);
    }
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|it| it.chars().count()).max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    for [what, name, kind, origin] in &rows {
        let [a, b, c] = widths;
        context.out.line(&harmless(&format!("{what:<a$}  {name:<b$}  {kind:<c$}  {origin}")));
    }
    if configured.file.is_none() {
        context.out.flush();
        context.err.line(
            "no rbl.toml here or above: pages and records are shown on the terminal and go nowhere else",
        );
    }
}

fn test(config: &Connections, name: &str, context: &mut Context) -> Done {
    let Some(provider) = config.providers.get(name) else {
        let refusal = Refusal::new(format!("no provider `{name}` is configured"));
        let names = config.providers.keys().map(smol_str::SmolStr::as_str);
        return Err(match did_you_mean(name, names) {
            Some(near) => refusal.help(format!("did you mean `rbl providers test {near}`?")),
            None => refusal.help("`rbl providers` lists what is configured"),
        });
    };
    let began = std::time::Instant::now();
    let answer = provider.it.test();
    let took = Took::from(began.elapsed());
    let (line, exit) = match answer {
        Ok(what) => (format!("{name} answers: {what} ({took})"), Exit::Fine),
        Err(reason) => (format!("{name} does not answer: {reason} ({took})"), Exit::Findings),
    };
    context.out.line(&harmless(&line));
    Ok(exit)
}
