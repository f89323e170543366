//! `rbl freeze`: every run of the journal only looks, wherever it is executed, until somebody ends that.

use super::{CliContext, CommandResult, resuming};
use crate::Exit;
use crate::cli::store;
use crate::cli::store::StoreArgument;
use clap::Args;
use rbl_project::Refusal;
use rbl_project::setting::Seconds;
use rbl_runtime::journal::Freeze;
use rbl_store::{ServerDeed, Sqlite, SqliteReader};
use rbl_syntax::clean;
use rbl_syntax::value::Time;
use rbl_world::{Configured, clock};
use std::path::Path;

/// `rbl freeze`
#[derive(Debug, Args)]
#[command(
    after_help = "Without an option it says whether every run is frozen. A run that only looks stops before its first machine \
                        action, and pages\nits owner with what it found; what cleans up after an action that was done still runs. \
                        Exit codes: 0, 2 cannot be done."
)]
pub(crate) struct FreezeArguments {
    /// Freeze, and say why: it is shown wherever a run stops because of it
    #[arg(long, value_name = "TEXT", conflicts_with = "off")]
    pub because: Option<String>,
    /// When it ends by itself: a time, or a length of time from now (`2h`)
    #[arg(long, value_name = "WHEN", requires = "because")]
    pub until: Option<String>,
    /// End it
    #[arg(long)]
    pub off: bool,
    /// Name of the person who freezes; the default is the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub person: Option<String>,
    #[command(flatten)]
    pub store: StoreArgument,
}

/// Freezes, ends that, or says which of the two it is.
pub(super) fn freeze(asked: &FreezeArguments, context: &mut CliContext) -> CommandResult {
    let configured = Configured::find(Path::new("."))?;
    let folder = store::folder(resuming::connections(&configured)?, &asked.store)?;
    let now = clock::now();
    let Some(because) = &asked.because else {
        let frozen = store::open_reader(&folder)?.frozen().map_err(|why| store::refusal(&why))?;
        if asked.off {
            let Some(freeze) = frozen else {
                context.out.line("nothing was frozen");
                return Ok(Exit::Fine);
            };
            let journal = Sqlite::open(&folder).map_err(|why| store::refusal(&why))?;
            if !journal.unfreeze(&freeze).map_err(|why| store::refusal(&why))? {
                return Err(Refusal::new(
                    "somebody else changed the freeze meanwhile, so it was not ended here",
                )
                .help("what holds now: rbl freeze"));
            }
            let was = format!("it was: {freeze}");
            let by = resuming::name(asked.person.as_ref());
            store::log(&journal, ServerDeed::Unfrozen, &by, was.clone())?;
            context.out.line("every run is in its own mode again; what stopped meanwhile stays as it ended");
            context.out.line(&clean(&was));
            return Ok(Exit::Fine);
        }
        let line = frozen.map_or_else(|| "not frozen".to_owned(), |freeze| freeze.to_string());
        context.out.line(&clean(&line));
        return Ok(Exit::Fine);
    };
    if because.trim().is_empty() {
        return Err(Refusal::new("`--because` is empty").help("say why: whoever is paged reads it"));
    }
    let until = asked.until.as_deref().map(|text| until(text, now)).transpose()?;
    let by = resuming::name(asked.person.as_ref());
    let freeze = Freeze { by, because: because.clone(), since: now, until };
    let journal = Sqlite::open(&folder).map_err(|why| store::refusal(&why))?;
    if let Some(other) = journal.freeze_unless_longer(&freeze).map_err(|why| store::refusal(&why))? {
        return Err(ends_later(&other));
    }
    store::log(&journal, ServerDeed::Frozen, &freeze.by, freeze.to_string())?;
    context.out.line(&clean(&freeze.to_string()));
    context.out.line("from the next action of any run on it only looks; end it: rbl freeze --off");
    Ok(Exit::Fine)
}

/// Why a freeze does not take the place of this one.
fn ends_later(other: &Freeze) -> Refusal {
    let end = other.until.map_or_else(|| "somebody ends it".to_owned(), |until| until.to_string());
    let message = format!("the freeze of {} holds longer, until {end}: {}", other.by, other.because);
    Refusal::new(clean(&message)).help("to freeze in its place, end it first: rbl freeze --off")
}

/// The line about a freeze, where there is one.
pub(super) fn line(reader: &SqliteReader) -> Result<Option<String>, Refusal> {
    let frozen = reader.frozen().map_err(|why| store::refusal(&why))?;
    Ok(frozen.map(|freeze| clean(&freeze.to_string())))
}

/// A time, or a length of time from now.
fn until(text: &str, now: Time) -> Result<Time, Refusal> {
    let time = Time::parse(text).or_else(|| Seconds::parse(text).ok().and_then(|length| now.plus(length.0)));
    let time = time.ok_or_else(|| {
        Refusal::new(format!("`--until {text}` is no time"))
            .help("write a length of time (`2h`) or a time with its zone (`2026-11-29T18:00:00Z`)")
    })?;
    if time <= now {
        return Err(Refusal::new(format!("`--until {text}` is over already: it is {now} now")));
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::until;
    use rbl_syntax::value::Time;

    #[test]
    fn it_ends_at_a_time_or_after_a_length_of_time() {
        let now = Time::parse("2026-11-29T03:00:00Z").unwrap();
        assert_eq!(until("2h", now).unwrap().to_string(), "2026-11-29T05:00:00Z");
        assert_eq!(until("2026-11-29T06:00:00+02:00", now).unwrap().to_string(), "2026-11-29T04:00:00Z");
        assert!(until("2026-11-29T03:00:00Z", now).unwrap_err().to_string().contains("is over already"));
        assert!(until("tomorrow", now).unwrap_err().to_string().contains("`2h`"));
    }
}
