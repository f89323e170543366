//! `rbl serve [FOLDER]`: takes alerts in through webhooks, starts runbooks, and executes whatever is due.

use std::path::PathBuf;

use super::{CliContext, CommandResult, resuming};
use crate::Exit;
use crate::cli::store;
use crate::cli::store::StoreArgument;
use clap::{Args, Subcommand};
use rbl_project::Refusal;
use rbl_report::findings::FindingsSummary;
use rbl_report::findings::print;
use rbl_report::findings::print::FindingsFormat;
use rbl_runtime::journal::RunMode;
use rbl_server::{ServerSettings, TokenRight, hash_of_token, new_token};
use rbl_store::{AccessToken, Sqlite};
use rbl_syntax::diagnostic::did_you_mean;
use rbl_world::Configured;
use smol_str::SmolStr;

/// `rbl serve`
#[derive(Debug, Args)]
#[command(
    after_help = "SIGTERM and Ctrl-C stop it: what runs is parked at its next step, and resumed by the next server. SIGHUP has \
                        the runbooks read again.\nExit codes: 0 it was stopped, 2 it cannot serve."
)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ServeArguments {
    /// The subcommand; without one, it serves. A folder of that name: `./token`.
    #[command(subcommand)]
    pub action: Option<ServeAction>,
    /// The folder of the runbooks; without it `runbooks` of `[serve]` in rbl.toml, else the current folder
    pub folder: Option<PathBuf>,
    /// The address and port it listens at; without it `listen` of `[serve]`, else 127.0.0.1:7180
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    #[command(flatten)]
    pub store: StoreArgument,
    /// What a run may do unasked where no pattern of `[serve.modes]` says it; without it `mode` of `[serve]`, else ask
    #[arg(long, value_name = "MODE")]
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(RunMode::WORDS))]
    pub mode: Option<String>,
}

/// The subcommands of `rbl serve`.
#[derive(Debug, Subcommand)]
pub(crate) enum ServeAction {
    /// Make a token for the API, and print it; it is shown this once
    Token(TokenArguments),
}

/// `rbl serve token`
#[derive(Debug, Args)]
pub(crate) struct TokenArguments {
    /// The name of the token
    pub name: String,
    /// What it may do
    #[arg(long, value_name = "RIGHT", value_delimiter = ',', required_unless_present = "remove")]
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(TokenRight::ALL.map(TokenRight::word)))]
    pub may: Vec<String>,
    /// The person whose token it is: only such a token answers what is asked of a team
    #[arg(long, value_name = "WHO")]
    pub person: Option<String>,
    /// Remove the token of this name: from now on it opens nothing
    #[arg(long, conflicts_with_all = ["may", "person"])]
    pub remove: bool,
    #[command(flatten)]
    pub store: StoreArgument,
}

/// Makes or removes a token.
fn token(asked: &TokenArguments, context: &mut CliContext) -> CommandResult {
    let configured = Configured::find(&PathBuf::from("."))?;
    let connections = resuming::connections(&configured)?;
    let folder = store::folder(connections, &asked.store)?;
    let people = &connections.team_rules.people;
    if let Some(person) = asked.person.as_deref().filter(|it| !people.is_empty() && !people.contains_key(*it))
    {
        let near = did_you_mean(person, people.keys().map(SmolStr::as_str));
        let help = near.map_or_else(
            || format!("add `[people.{person}]` to rbl.toml, or name somebody that there is"),
            |near| format!("write `--person {near}`"),
        );
        return Err(Refusal::new(format!("there is nobody `{person}` in rbl.toml")).help(help));
    }
    let journal = Sqlite::open(&folder).map_err(|why| store::refusal(&why))?;
    let name = &asked.name;
    if asked.remove {
        if !journal.remove_token(name).map_err(|why| store::refusal(&why))? {
            return Err(Refusal::new(format!("there is no token `{name}`")));
        }
        context.out.line(&format!("the token `{name}` opens nothing any more"));
        return Ok(Exit::Fine);
    }
    let secret = new_token().map_err(|why| Refusal::new(format!("cannot make a token: {why}")))?;
    let token = AccessToken {
        name: name.clone(),
        sha256: hash_of_token(&secret),
        may: asked.may.clone(),
        person: asked.person.clone(),
        made: rbl_world::clock::now(),
    };
    if !journal.add_token(&token).map_err(|why| store::refusal(&why))? {
        return Err(Refusal::new(format!("there is a token `{name}` already"))
            .help(format!("remove it first: rbl serve token {name} --remove")));
    }
    context.err.line(&format!("keep it: it is shown this once, and may {}", asked.may.join(", ")));
    context.out.line(&secret);
    Ok(Exit::Fine)
}

/// Serves until it is stopped.
pub(super) fn serve(asked: &ServeArguments, context: &mut CliContext) -> CommandResult {
    if let Some(ServeAction::Token(asked)) = &asked.action {
        return token(asked, context);
    }
    if let Some(folder) = asked.folder.as_ref().filter(|it| !it.exists()) {
        return Err(Refusal::new(format!("there is no folder `{}`", folder.display())));
    }
    let folder = asked.folder.clone().filter(|it| it.is_dir());
    let configured = Configured::find(&folder.unwrap_or_else(|| PathBuf::from(".")))?;
    if configured.connections.is_none() {
        let form = FindingsFormat::Pretty(context.terminal.stderr);
        let mut summary = FindingsSummary::default();
        print::print(&configured.diagnostics, &configured.sources, form, &mut context.err, &mut summary);
    }
    let connections = resuming::connections(&configured)?;
    let folder = store::folder(connections, &asked.store)?;
    let mut settings =
        ServerSettings::resolve(connections, folder, asked.folder.as_deref(), asked.listen.as_deref())?;
    if let Some(mode) = asked.mode.as_deref().and_then(RunMode::of) {
        settings.default_mode(mode);
    }
    context.out.flush();
    rbl_server::serve(settings)?;
    Ok(Exit::Fine)
}
