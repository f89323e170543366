//! `rbl serve [FOLDER]`: takes alerts in through webhooks, starts runbooks, and executes whatever is due.

use std::path::PathBuf;

use super::tokens::TokensArguments;
use super::{CliContext, CommandResult, resuming, tokens};
use crate::Exit;
use crate::cli::store;
use crate::cli::store::StoreArgument;
use clap::{Args, Subcommand};
use rbl_engine::RunbookModes;
use rbl_project::{Refusal, files};
use rbl_report::findings::FindingsSummary;
use rbl_report::findings::print;
use rbl_report::findings::print::FindingsFormat;
use rbl_runtime::journal::RunMode;
use rbl_server::{ServerSettings, TokenRight, find_runbooks, hash_of_token, new_token};
use rbl_store::{AccessToken, ServerDeed, Sqlite};
use rbl_syntax::clean;
use rbl_syntax::diagnostic::did_you_mean;
use rbl_syntax::harmless::with_codes;
use rbl_world::{Configured, Connections};
use smol_str::SmolStr;

/// `rbl serve`
#[derive(Debug, Args)]
#[command(
    after_help = "SIGTERM and Ctrl-C stop it: what runs is parked at its next step, and resumed by the next server. SIGHUP has \
                        the runbooks read again.\nExit codes: 0 it was stopped, 2 it cannot serve."
)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ServeArguments {
    /// The subcommand; without one, it serves. A folder of such a name: `./token`.
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
    /// List the tokens that there are, and what each may do
    Tokens(TokensArguments),
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
    /// Only for the runbooks below the folder of runbooks that match, as `[serve.modes]` names them: `database/*`; may be repeated.
    /// Without it for all
    #[arg(long, value_name = "PATTERN")]
    pub runbooks: Vec<String>,
    /// Remove the token of this name: from now on it opens nothing
    #[arg(long, conflicts_with_all = ["may", "person", "runbooks"])]
    pub remove: bool,
    #[command(flatten)]
    pub store: StoreArgument,
}

/// Makes or removes a token.
fn token(asked: &TokenArguments, context: &mut CliContext) -> CommandResult {
    if !asked.remove {
        check_word("token", &asked.name)?;
    }
    let configured = Configured::find(&PathBuf::from("."))?;
    let connections = resuming::connections(&configured)?;
    let folder = store::folder(connections, &asked.store)?;
    let people = &connections.team_rules.people;
    if let Some(person) = asked.person.as_deref().filter(|it| !people.contains_key(*it)) {
        check_word("person", person)?;
    }
    if let Some(person) = asked.person.as_deref().filter(|it| !people.is_empty() && !people.contains_key(*it))
    {
        let near = did_you_mean(person, people.keys().map(SmolStr::as_str));
        let help = near.map_or_else(
            || format!("add `[people.{person}]` to rbl.toml, or name somebody that there is"),
            |near| format!("write `--person {near}`"),
        );
        return Err(Refusal::new(format!("there is nobody `{person}` in rbl.toml")).help(help));
    }
    let name = &asked.name;
    if asked.remove {
        // Looked for first: where there is no journal, none is made.
        let tokens = store::open_reader(&folder)?.tokens().map_err(|why| store::refusal(&why))?;
        if !tokens.iter().any(|it| it.name == *name) {
            return Err(no_token(name, &tokens));
        }
        let journal = Sqlite::open(&folder).map_err(|why| store::refusal(&why))?;
        if !journal.remove_token(name).map_err(|why| store::refusal(&why))? {
            return Err(Refusal::new(format!("somebody else removed the token `{}` just now", typed(name))));
        }
        store::log(&journal, ServerDeed::TokenRemoved, &resuming::name(None), format!("`{name}`"))?;
        context.out.line(&format!("the token `{name}` opens nothing any more"));
        return Ok(Exit::Fine);
    }
    let unused = unused(connections, &asked.runbooks)?;
    let rights = TokenRight::ALL.map(TokenRight::word).into_iter();
    let may: Vec<String> = rights.map(str::to_owned).filter(|it| asked.may.contains(it)).collect();
    let journal = Sqlite::open(&folder).map_err(|why| store::refusal(&why))?;
    let secret = new_token().map_err(|why| Refusal::new(format!("cannot make a token: {why}")))?;
    let token = AccessToken {
        name: name.clone(),
        sha256: hash_of_token(&secret),
        may: may.clone(),
        person: asked.person.clone(),
        runbooks: (!asked.runbooks.is_empty()).then(|| asked.runbooks.clone()),
        made: rbl_world::clock::now(),
    };
    if !journal.add_token(&token).map_err(|why| store::refusal(&why))? {
        return Err(Refusal::new(format!("there is a token `{name}` already"))
            .help(format!("remove it first: rbl serve token {name} --remove")));
    }
    let whose = token.person.map_or_else(String::new, |person| format!(", of {person}"));
    let only = match asked.runbooks.as_slice() {
        [] => String::new(),
        patterns => format!(", for `{}`", patterns.join("`, `")),
    };
    let about = format!("`{name}`{whose}, may {}{only}", may.join(", "));
    store::log(&journal, ServerDeed::TokenMade, &resuming::name(None), about)?;
    for pattern in unused {
        context.err.line(&clean(&format!("no runbook matches `{pattern}` now")));
    }
    context.err.line(&clean(&format!("keep it: it is shown this once, and may {}{only}", may.join(", "))));
    context.out.line(&secret);
    Ok(Exit::Fine)
}

/// Of the patterns of a token, those that mean none of the runbooks that are there now.
///
/// Errors: a text that is no pattern.
fn unused(connections: &Connections, patterns: &[String]) -> Result<Vec<String>, Refusal> {
    for pattern in patterns {
        if typed(pattern) != *pattern || pattern.contains('`') {
            let refusal =
                format!("`{}` is no pattern: it has a character that cannot be seen", typed(pattern));
            return Err(Refusal::new(refusal));
        }
    }
    let named = connections.serve.runbooks.iter().map(|it| connections.base.join(it));
    let mut folders: Vec<PathBuf> = named.collect();
    if folders.is_empty() {
        folders.push(PathBuf::from("."));
    }
    let scope = RunbookModes::configured(connections, &folders)?.scope(patterns)?;
    if patterns.is_empty() {
        return Ok(Vec::new());
    }
    let found = find_runbooks(&folders).into_iter().filter_map(|it| files::identity(&it).ok());
    Ok(scope.unused(&found.collect::<Vec<_>>()).map(str::to_owned).collect())
}

/// The longest name of a token or of its person, in characters.
const LONGEST_NAME: usize = 100;

/// How many tokens are named where another one was meant.
const LISTED: usize = 20;

/// Checks a name that is shown in lists and in the log, and that somebody types again.
fn check_word(what: &str, name: &str) -> Result<(), Refusal> {
    let refuse =
        |why: String| Err(Refusal::new(why).help("name it in one word, such as `ci` or `ana@example.com`"));
    if name.is_empty() {
        return refuse(format!("the name of a {what} is empty"));
    }
    if name.chars().count() > LONGEST_NAME {
        return refuse(format!("the name of a {what} is longer than {LONGEST_NAME} characters"));
    }
    let shown = typed(name);
    if name.starts_with('-') {
        return refuse(format!("`{shown}` names no {what}: it begins with `-`, as an option does"));
    }
    if name.chars().any(|c| c.is_whitespace() || c == '`') || typed(name) != name {
        return refuse(format!(
            "`{shown}` names no {what}: it has a space, a backtick or a character that cannot be seen"
        ));
    }
    Ok(())
}

/// A name in a line of its own, with what cannot be seen in it.
fn typed(name: &str) -> String {
    with_codes(name).replace('\n', "\\n")
}

/// There is no token of this name: which there are.
fn no_token(name: &str, tokens: &[AccessToken]) -> Refusal {
    let refusal = Refusal::new(format!("there is no token `{}`", typed(name)));
    let names = tokens.iter().map(|it| it.name.as_str());
    match did_you_mean(name, names.clone()) {
        Some(near) => refusal.help(format!("write `{near}`")),
        None if tokens.is_empty() => refusal.help("there are none in this journal"),
        None => {
            let more = if tokens.len() > LISTED { ", …" } else { "" };
            let listed = names.take(LISTED).collect::<Vec<_>>().join(", ");
            refusal.help(format!("there are: {}{more}", typed(&listed)))
        }
    }
}

/// Serves until it is stopped.
pub(super) fn serve(asked: &ServeArguments, context: &mut CliContext) -> CommandResult {
    match &asked.action {
        Some(ServeAction::Token(asked)) => return token(asked, context),
        Some(ServeAction::Tokens(asked)) => return tokens::tokens(asked, context),
        None => {}
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
    rbl_server::serve(settings, &resuming::name(None))?;
    Ok(Exit::Fine)
}
