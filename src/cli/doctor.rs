//! `rbl doctor`: tries everything that is configured, does no harm, and says what is wrong.

use std::path::{Path, PathBuf};

use clap::Args;
use rbl_project::Refusal;
use rbl_store::{JournalFigures, Sqlite, SqliteReader};
use rbl_syntax::clean;
use rbl_syntax::value::Took;
use rbl_world::{Configured, Connections};

use super::{CliContext, CommandResult, connections};
use crate::Exit;
use crate::cli::store;
use crate::cli::store::StoreArgument;
use rbl_runtime::journal::{Filter, RunQuery};

/// `rbl doctor`
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is run, paged or posted. Exit codes: 0 all is well, 1 something is wrong, 2 it cannot be tried."
)]
pub(crate) struct DoctorArguments {
    /// The folder of the runbooks; without it `runbooks` of `[serve]` in rbl.toml, else the current folder
    pub folder: Option<PathBuf>,
    #[command(flatten)]
    pub store: StoreArgument,
}

/// Below this much room the journal may soon not be written, in bytes.
const LITTLE_ROOM: u64 = 256 << 20;

/// How far the clock may be behind the newest record, in seconds: clocks are set now and then.
const BEHIND: f64 = 2.0;

/// What is found about one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DoctorVerdict {
    Well,
    /// It works, and somebody should know it.
    Note,
    Wrong,
}

/// Prints a line for each thing that is tried.
struct Examination<'a> {
    context: &'a mut CliContext,
    wrong: usize,
}

impl Examination<'_> {
    fn say(&mut self, verdict: DoctorVerdict, what: &str, text: &str) {
        let word = match verdict {
            DoctorVerdict::Well => "ok",
            DoctorVerdict::Note => "note",
            DoctorVerdict::Wrong => {
                self.wrong += 1;
                "wrong"
            }
        };
        self.context.out.line(&clean(&format!("{word:<5}  {what}: {text}")));
        self.context.out.flush();
    }

    fn result(&mut self, what: &str, tried: Result<String, String>) {
        match tried {
            Ok(text) => self.say(DoctorVerdict::Well, what, &text),
            Err(why) => self.say(DoctorVerdict::Wrong, what, &why),
        }
    }
}

/// Tries everything.
pub(super) fn doctor(asked: &DoctorArguments, context: &mut CliContext) -> CommandResult {
    if let Some(folder) = asked.folder.as_ref().filter(|it| !it.exists()) {
        return Err(Refusal::new(format!("there is no folder `{}`", folder.display())));
    }
    let folder = asked.folder.clone().filter(|it| it.is_dir());
    let configured = Configured::find(&folder.unwrap_or_else(|| PathBuf::from(".")))?;
    let mut examination = Examination { context, wrong: 0 };
    let file = configured.file.clone().unwrap_or_else(|| "no rbl.toml here or above".into());
    let Some(config) = &configured.connections else {
        for finding in &configured.diagnostics {
            let text = rbl_syntax::diagnostic::short(finding, &configured.sources);
            examination.say(DoctorVerdict::Wrong, "configuration", &text);
        }
        return Ok(Exit::Findings);
    };
    examination.say(DoctorVerdict::Well, "configuration", &file);
    journal(config, &asked.store, &mut examination)?;
    reached(config, &mut examination);
    #[cfg(feature = "server")]
    served(config, asked, &mut examination);
    let wrong = examination.wrong;
    if wrong == 0 {
        return Ok(Exit::Fine);
    }
    context.out.flush();
    context.err.line(&format!("{} wrong", rbl_syntax::counted(wrong, "thing is", "things are")));
    Ok(Exit::Findings)
}

/// The journal, its disk, and the clock that it shows.
fn journal(
    config: &Connections,
    asked: &StoreArgument,
    examination: &mut Examination<'_>,
) -> Result<(), Refusal> {
    let folder = store::folder(config, asked)?;
    if Sqlite::file(&folder).exists() {
        kept(&folder, examination);
    } else {
        let text = format!("there is none yet in {}: the first run makes it", folder.display());
        examination.say(DoctorVerdict::Note, "journal", &text);
    }
    disk(&folder, examination);
    Ok(())
}

/// A journal that is there, its runs, and the clock that its newest record shows.
fn kept(folder: &Path, examination: &mut Examination<'_>) {
    let now = rbl_world::clock::now();
    let found = SqliteReader::open(folder).and_then(|look| {
        let newest = look.list(&Filter { limit: Some(1), ..Filter::default() })?;
        Ok((look.figures(now, 0.0)?, newest))
    });
    let (figures, newest) = match found {
        Ok(found) => found,
        Err(why) => return examination.say(DoctorVerdict::Wrong, "journal", &why.to_string()),
    };
    let written = Sqlite::open(folder).and_then(|journal| journal.try_write());
    let written = written.map(|()| format!("{} can be written", folder.display()));
    examination.result("journal", written.map_err(|why| why.to_string()));
    runs(&figures, examination);
    match newest.first().map(|run| run.changed.since(now).base).filter(|by| *by > BEHIND) {
        Some(by) => {
            let text = format!("it is {} behind the newest record of the journal: set it", Took(by));
            examination.say(DoctorVerdict::Wrong, "clock", &text);
        }
        None => examination.say(DoctorVerdict::Well, "clock", &now.to_string()),
    }
}

fn runs(figures: &JournalFigures, examination: &mut Examination<'_>) {
    if figures.stuck > 0 {
        let text = format!("{} cannot be resumed: rbl runs --state stuck", figures.stuck);
        examination.say(DoctorVerdict::Wrong, "runs", &text);
    }
    let open = figures.new + figures.running + figures.waiting + figures.answered;
    let questions = figures.questions;
    examination.say(
        DoctorVerdict::Well,
        "runs",
        &format!("{open} not ended, {questions} of which wait for a person"),
    );
}

/// The room on the disk of the journal: of the nearest folder that is there.
fn disk(folder: &Path, examination: &mut Examination<'_>) {
    let there = folder.ancestors().find(|it| it.is_dir());
    let Some(about) = there.and_then(|it| rustix::fs::statvfs(it).ok()) else {
        examination.say(DoctorVerdict::Note, "disk", "its room is unknown");
        return;
    };
    let room = about.f_bavail.saturating_mul(about.f_frsize);
    let text = format!("{:.1} GiB free for the journal", room as f64 / f64::from(1 << 30));
    if room < LITTLE_ROOM {
        examination.say(DoctorVerdict::Wrong, "disk", &format!("only {text}"));
    } else {
        examination.say(DoctorVerdict::Well, "disk", &text);
    }
}

/// Whether each connection answers; what only this machine needs is not asked.
fn reached(config: &Connections, examination: &mut Examination<'_>) {
    for (family, name, kind) in config.all() {
        let what = format!("{} {name}", family.word());
        match connections::answer(config, family, name) {
            Ok(text) => examination.say(DoctorVerdict::Well, &what, &format!("{text} ({kind})")),
            Err(reason) => examination.say(DoctorVerdict::Wrong, &what, &reason.to_string()),
        }
    }
}

/// The server: its settings, its hooks, its runbooks, and whether it lives.
#[cfg(feature = "server")]
fn served(config: &Connections, asked: &DoctorArguments, examination: &mut Examination<'_>) {
    use rbl_engine::RunbookSet;
    use rbl_server::{ServerSettings, TokenRight, find_runbooks};
    let folder = match store::folder(config, &asked.store) {
        Ok(folder) => folder,
        Err(refusal) => return examination.say(DoctorVerdict::Wrong, "server", &refusal.message),
    };
    let settings = ServerSettings::resolve(config, folder.clone(), asked.folder.as_deref(), None);
    let settings = match settings {
        Ok(settings) => settings,
        Err(refusal) => return examination.say(DoctorVerdict::Wrong, "server", &refusal.message),
    };
    let tokens = rbl_store::SqliteReader::open(&folder).and_then(|it| it.tokens()).unwrap_or_default();
    let senders =
        tokens.iter().filter(|it| it.may.iter().any(|right| right == TokenRight::Hook.word())).count();
    for (name, hook) in &config.hooks {
        if !hook.is_protected() {
            let needs = hook.kind.protected_by();
            let text = if senders == 0 {
                format!("it takes deliveries from this machine only, because it has no {needs}")
            } else {
                let tokens = rbl_syntax::counted(senders, "token", "tokens");
                format!("it has no {needs}: {tokens} may deliver (`rbl serve token NAME --may hook`)")
            };
            examination.say(DoctorVerdict::Note, &format!("hook {name}"), &text);
        }
    }
    let set = RunbookSet::load(&find_runbooks(&settings.runbooks), &RunbookSet::default());
    for broken in &set.broken {
        let text = format!("it has errors: {}", broken.findings.join(" | "));
        examination.say(DoctorVerdict::Wrong, &broken.file, &text);
    }
    for runbook in set.runbooks.iter().filter(|it| it.trigger.is_some() && it.owner.is_none()) {
        examination.say(DoctorVerdict::Note, &runbook.file, "it has no owner to page when it cannot start");
    }
    let count = rbl_syntax::counted(set.runbooks.len(), "runbook", "runbooks");
    examination.say(DoctorVerdict::Well, "runbooks", &format!("{count} below {}", shown(&settings.runbooks)));
    match store::has_server(&folder) {
        Ok(true) => {
            let url = rbl_project::setting::Setting::Text(format!("http://{}", settings.listen));
            let ready = rbl_world::WebClient::new(url, None, Path::new("."), 5.0).get("/-/ready", &[]);
            let tried = match ready {
                Ok(answer) if answer.status == 200 => Ok(format!("it is ready at {}", settings.listen)),
                Ok(answer) => Err(format!("it is not ready: {}", answer.body.trim())),
                Err(why) => {
                    Err(format!("it lives, and does not answer at {}: {}", settings.listen, why.text))
                }
            };
            examination.result("server", tried);
        }
        Ok(false) => examination.say(DoctorVerdict::Note, "server", "none uses this journal now"),
        Err(refusal) => examination.say(DoctorVerdict::Wrong, "server", &refusal.message),
    }
}

#[cfg(feature = "server")]
fn shown(folders: &[PathBuf]) -> String {
    folders.iter().map(|it| it.display().to_string()).collect::<Vec<_>>().join(", ")
}
