//! Another turn of an existing run: finds the run, checks its state, and resumes it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::drive::{self, Driven, Driver, Kept};
use super::run::RunFormat;
use super::{Context, Done};
use crate::Exit;
use crate::cli::{live, store};
use rbl_project::Refusal;
use rbl_project::files;
use rbl_runtime::journal::{
    Begun, Claim, Entry, Filter, Own, Record, RunQuery, State, Store, StoreError, Summary, Worker,
};
use rbl_store::{Sqlite, SqliteLook};
use rbl_syntax::value::Time;
use rbl_syntax::value::Took;
use rbl_world::Configured;
use rbl_world::Connections;

/// The lease time, for stores that cannot detect that a process has died. The embedded store can, and ignores it.
const TTL: Duration = Duration::from_secs(30);

/// The number of runs listed when several ids match.
const CANDIDATES: usize = 10;

/// The settings for resuming a run.
pub(super) struct Turn {
    pub(super) name: String,
    pub(super) confirm: bool,
    pub(super) no_input: bool,
    pub(super) format: Option<RunFormat>,
}

/// The journal of the current folder.
pub(super) struct Runs {
    pub(super) folder: std::path::PathBuf,
    pub(super) look: SqliteLook,
}

impl Runs {
    /// Opens the journal for reading.
    pub(super) fn here() -> Result<Self, Refusal> {
        let configured = Configured::find(Path::new("."))?;
        let config = connections(&configured)?;
        let folder = store::folder(config)?;
        let look = store::look(&folder)?;
        Ok(Self { folder, look })
    }

    /// Finds a run by its id, the start of its id, or `last`.
    pub(super) fn find(&self, meant: &str) -> Result<Summary, Refusal> {
        let told = |why: StoreError| store::refusal(&why);
        let found = if meant == "last" {
            self.look.list(&Filter { limit: Some(1), ..Filter::default() })
        } else {
            self.look.find(meant, CANDIDATES + 1)
        };
        let mut found = found.map_err(told)?;
        if let Some(at) = found.iter().position(|it| it.run == meant) {
            return Ok(found.swap_remove(at));
        }
        match found.as_slice() {
            [] if meant == "last" => Err(Refusal::new("there is no run yet")),
            [] => Err(told(StoreError::NoSuchRun(meant.into()))),
            [one] => Ok(one.clone()),
            several => {
                let line = |run: &Summary| format!("{}  {}  {}", run.run, run.state.word(), run.runbook);
                let lines: Vec<String> = several.iter().take(CANDIDATES).map(line).collect();
                let more = if several.len() > CANDIDATES { "\nand more" } else { "" };
                Err(Refusal::new(format!("several runs begin with `{meant}`: type more of the id"))
                    .help(format!("{}{more}", lines.join("\n"))))
            }
        }
    }
}

/// The configuration, if it has no mistakes.
pub(super) fn connections(configured: &Configured) -> Result<&Connections, Refusal> {
    configured
        .connections
        .as_ref()
        .ok_or_else(|| Refusal::new("the configuration has mistakes, so nothing was done").help("rbl check"))
}

/// The beginning of a run, from its records.
pub(super) fn begun(records: &[Record]) -> Result<Begun, Refusal> {
    match records.first().map(Record::entry) {
        Some(Ok(Entry::Own(Own::Begun(begun)))) if begun.format == Begun::FORMAT => Ok(*begun),
        Some(Ok(Entry::Own(Own::Begun(begun)))) => Err(Refusal::new(format!(
            "the run was recorded by rbl {}, in a format that this one does not know",
            begun.rbl
        ))),
        Some(Err(why)) => Err(Refusal::new(format!("the beginning of the run cannot be read: {why}"))),
        Some(Ok(_)) | None => Err(Refusal::new("the run has no beginning")),
    }
}

/// Takes the lease on a run, and reads its records.
pub(super) fn claim(store: Arc<dyn Store>, run: &str, resumed: Option<Own>) -> Result<Kept, Refusal> {
    let told = |why: StoreError| match why {
        StoreError::Fenced { by: Some(by) } => {
            Refusal::new(format!("run {run} is held by {by}")).help(format!("rbl show {run}"))
        }
        why => store::refusal(&why),
    };
    let worker = Worker { name: format!("pid {} on {}", std::process::id(), host()).into() };
    let mut leases = store.claim(&worker, &Claim::Run(run.into()), TTL).map_err(told)?;
    let lease = leases.pop().ok_or_else(|| Refusal::new(format!("run {run} has ended")))?;
    let loaded = store.load(&lease, 0).map_err(told)?;
    Ok(Kept { store, lease, loaded, resumed })
}

/// The name of this machine.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = name.or_else(|| std::env::var("HOSTNAME").ok()).unwrap_or_default();
    if name.trim().is_empty() { "this machine".into() } else { name.trim().to_owned() }
}

/// Why a run cannot be resumed now, given its state; `None`: it can be.
pub(super) fn stands_in_the_way(summary: &Summary, context: &mut Context) -> Result<Option<Exit>, Refusal> {
    let run = &summary.run;
    match &summary.state {
        State::Ended { outcome, message } => {
            context.err.line(&format!("run {run} has ended: {outcome}, {message}\n  see it: rbl show {run}"));
            Ok(Some((*outcome).into()))
        }
        State::Running { by } => {
            Err(Refusal::new(format!("run {run} is held by {by}")).help(format!("rbl show {run}")))
        }
        State::Parked { until: Some(until), .. } => {
            let now = Time(jiff::Timestamp::now());
            let left = until.since(now).base;
            // If the clock was set back in the meantime, `until` is too far in the future: the wait is counted again
            // from now.
            if left <= 0.0 || summary.changed > now {
                return Ok(None);
            }
            let left = Took(left);
            context.err.line(&format!("run {run} waits until {until}, for another {left}: rbl resume {run}"));
            Ok(Some(Exit::SetAside))
        }
        State::Parked { until: None, .. } | State::CutOff | State::Stuck { .. } => Ok(None),
    }
}

/// Resumes the run in this process.
pub(super) fn go_on(folder: &Path, run: &str, turn: &Turn, context: &mut Context) -> Done {
    let store: Arc<Sqlite> = Arc::new(store::open(folder)?);
    let mut kept = claim(store, run, None)?;
    let begun = begun(&kept.loaded.0)?;
    let changed = changed(&begun);
    for name in &changed {
        context
            .err
            .line(&format!("{name} has changed since the run began: it continues with its original text"));
    }
    if let Some(name) = taken_out(&begun) {
        return Err(Refusal::new(format!(
            "{name} was a secret, which is never recorded: the run cannot be resumed"
        ))
        .help(format!("`rbl show {run}` shows what was done; start anew: rbl run {}", file(&begun))));
    }
    let now = Time(jiff::Timestamp::now());
    if let Some(last) = kept.loaded.0.last().filter(|last| last.at > now) {
        let ahead = Took(last.at.since(now).base);
        context.err.line(&format!(
            "the clock is {ahead} behind the last record of the run ({}): a wait is counted again from now",
            last.at
        ));
    }
    let program = begun.program().map_err(|why| {
        Refusal::new(format!("run {run} cannot be resumed: {why}"))
            .help("resume it with the version of rbl that began it")
    })?;
    let identity = begun.sources.first().map_or(".", |source| source.identity.as_str());
    let configured = Configured::find(&files::folder(identity))?;
    kept.resumed = Some(Own::Resumed {
        by: turn.name.clone(),
        rbl: env!("CARGO_PKG_VERSION").into(),
        changed: !changed.is_empty(),
    });
    let terminal = context.terminal;
    let driver = Driver {
        config: connections(&configured)?,
        terminal,
        format: Driver::format(turn.format, &terminal),
        name: turn.name.clone(),
        no_input: turn.no_input,
        confirm: begun.confirm,
    };
    if turn.confirm && !begun.confirm {
        return Err(Refusal::new("the run did not begin with --confirm, and its questions are part of it")
            .help(format!("rbl resume {run}")));
    }
    let start = begun.start();
    let run_of = Driven { program: &program, start: &start, secrets: drive::secrets(&program) };
    context.out.flush();
    driver.kept(&run_of, kept, context)
}

/// The recorded files whose text has changed on disk.
fn changed(begun: &Begun) -> Vec<&str> {
    let is_changed = |source: &&rbl_runtime::journal::RecordedSource| {
        source.identity != files::STDIN
            && files::read(Path::new(&source.identity)).map_or(true, |text| text != source.text)
    };
    begun.sources.iter().filter(is_changed).map(|source| source.name.as_str()).collect()
}

/// A parameter or a label whose value was masked because it was a secret.
fn taken_out(begun: &Begun) -> Option<String> {
    let dots = |text: &str| text.contains("•••");
    let param =
        begun.params.iter().find(|(_, value)| serde_json::to_string(value).is_ok_and(|text| dots(&text)));
    if let Some((name, _)) = param {
        return Some(format!("the value of the parameter `{name}`"));
    }
    let alert = begun.alert.as_ref()?;
    let (name, _) = alert.labels.iter().chain(&alert.annotations).find(|(_, text)| dots(text))?;
    Some(format!("`{name}` of the alert"))
}

/// The runbook's file, as it was named.
pub(super) fn file(begun: &Begun) -> &str {
    begun.sources.first().map_or("", |source| source.name.as_str())
}

/// The name of the person who answers: the given name, else the system's user.
pub(super) fn name(given: Option<&String>) -> String {
    given.cloned().unwrap_or_else(live::user)
}
