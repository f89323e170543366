//! `rbl serve tokens`: the tokens that there are, and what each may do.

use clap::{Args, ValueEnum};
use rbl_report::json;
use rbl_store::AccessToken;
use rbl_syntax::clean;
use rbl_syntax::value::Time;
use rbl_world::Configured;
use schemars::JsonSchema;
use serde::Serialize;

use super::{CliContext, CommandResult, resuming, store};
use crate::Exit;
use crate::cli::store::StoreArgument;

/// `rbl serve tokens`
#[derive(Debug, Args)]
#[command(
    after_help = "By name. None of them can be printed again: only its hash is kept.\nExit codes: 0, also where there is none; 2 the \
                        journal cannot be read."
)]
pub(crate) struct TokensArguments {
    /// How they are printed
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: TokensFormat,
    #[command(flatten)]
    pub store: StoreArgument,
}

/// How tokens are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TokensFormat {
    /// For people
    Pretty,
    /// One JSON object for each token
    Json,
}

/// A token, as it is listed: without its secret.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename = "token")]
struct TokenLine {
    name: String,
    /// What it may do: `hook`, `look`, `answer`, `start`, `admin`.
    may: Vec<String>,
    /// The person whose it is; nothing: a machine's.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<String>,
    /// Whether that person may answer for a team: not where `[people]` of rbl.toml names others only.
    #[serde(skip_serializing_if = "Option::is_none")]
    person_is_known: Option<bool>,
    /// The patterns of the runbooks that it is for; nothing: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    runbooks: Option<Vec<String>>,
    /// When it was made.
    made: Time,
}

/// The JSON schema of a line.
pub(super) fn schema() -> schemars::Schema {
    schemars::schema_for!(TokenLine)
}

/// Prints the list.
pub(super) fn tokens(asked: &TokensArguments, context: &mut CliContext) -> CommandResult {
    let configured = Configured::find(&std::path::PathBuf::from("."))?;
    let people = &resuming::connections(&configured)?.team_rules.people;
    let here = resuming::FolderJournal::here(&asked.store)?;
    let tokens = here.look.tokens().map_err(|why| store::refusal(&why))?;
    if tokens.is_empty() && asked.format == TokensFormat::Pretty {
        context.out.line(&clean(&format!("no tokens yet (the journal is {})", here.folder.display())));
    }
    let width = tokens.iter().map(|it| it.name.chars().count()).max().unwrap_or_default();
    for token in tokens {
        let AccessToken { name, sha256: _, may, person, runbooks, made } = token;
        let is_known = |person: &String| people.is_empty() || people.contains_key(person.as_str());
        let person_is_known = person.as_ref().map(is_known);
        let line = TokenLine { name, may, person, person_is_known, runbooks, made };
        match asked.format {
            TokensFormat::Json => context.out.line(&json::line(&line)),
            TokensFormat::Pretty => context.out.line(&clean(&line.shown(width))),
        }
    }
    Ok(Exit::Fine)
}

impl TokenLine {
    fn shown(&self, width: usize) -> String {
        let Self { name, may, person, person_is_known, runbooks, made } = self;
        let whose = person.as_ref().map_or_else(String::new, |person| format!("  of {person}"));
        let unknown = match person_is_known {
            Some(false) => ", who is not in rbl.toml and answers for no team",
            Some(true) | None => "",
        };
        let only = runbooks.as_ref().map_or_else(String::new, |it| format!("  for `{}`", it.join("`, `")));
        format!("{name:<width$}  made {made}  may {}{whose}{unknown}{only}", may.join(", "))
    }
}
