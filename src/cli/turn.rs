//! Another turn at a run that was begun before: which one is meant, how it stands, and going on with it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::arguments::RunFormat;
use super::drive::{self, Driven, Driver, Kept};
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

/// A lease lasts so long where a store cannot know that a process has died. The embedded one can, and it counts for nothing
/// there.
const TTL: Duration = Duration::from_secs(30);

/// How many runs are named where a beginning fits several.
const CANDIDATES: usize = 10;

/// How a run is gone on with.
pub(super) struct Turn {
    pub(super) name: String,
    pub(super) confirm: bool,
    pub(super) no_input: bool,
    pub(super) format: Option<RunFormat>,
}

/// The journal that counts where the person stands.
pub(super) struct Runs {
    pub(super) folder: std::path::PathBuf,
    pub(super) look: SqliteLook,
}

impl Runs {
    /// Opens it to look at.
    pub(super) fn here() -> Result<Self, Refusal> {
        let configured = Configured::find(Path::new("."))?;
        let config = connections(&configured)?;
        let folder = store::folder(config)?;
        let look = store::look(&folder)?;
        Ok(Self { folder, look })
    }

    /// The run that is meant: by its id, the beginning of it, or `last`.
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
                Err(Refusal::new(format!("several runs begin with `{meant}`: say more of it"))
                    .help(format!("{}{more}", lines.join("\n"))))
            }
        }
    }
}

/// The configuration, where nothing is wrong with it.
pub(super) fn connections(configured: &Configured) -> Result<&Connections, Refusal> {
    configured
        .connections
        .as_ref()
        .ok_or_else(|| Refusal::new("the configuration has mistakes, so nothing was done").help("rbl check"))
}

/// With what a run began.
pub(super) fn begun(records: &[Record]) -> Result<Begun, Refusal> {
    match records.first().map(Record::entry) {
        Some(Ok(Entry::Own(Own::Begun(begun)))) if begun.format == Begun::FORMAT => Ok(*begun),
        Some(Ok(Entry::Own(Own::Begun(begun)))) => Err(Refusal::new(format!(
            "the run was written down by rbl {}, in a form that this one does not know",
            begun.rbl
        ))),
        Some(Err(why)) => Err(Refusal::new(format!("the beginning of the run cannot be read: {why}"))),
        Some(Ok(_)) | None => Err(Refusal::new("the run has no beginning")),
    }
}

/// Takes a run to drive, with everything that was written down.
pub(super) fn claim(store: Arc<dyn Store>, run: &str, resumed: Option<Own>) -> Result<Kept, Refusal> {
    let told = |why: StoreError| match why {
        StoreError::Fenced { by: Some(by) } => {
            Refusal::new(format!("run {run} is driven by {by}")).help(format!("rbl show {run}"))
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

/// Why a run is not gone on with now, from how it stands; `None`: it can be.
pub(super) fn stands_in_the_way(summary: &Summary, context: &mut Context) -> Result<Option<Exit>, Refusal> {
    let run = &summary.run;
    match &summary.state {
        State::Ended { outcome, message } => {
            context.err.line(&format!("run {run} has ended: {outcome}, {message}\n  see it: rbl show {run}"));
            Ok(Some((*outcome).into()))
        }
        State::Running { by } => {
            Err(Refusal::new(format!("run {run} is driven by {by}")).help(format!("rbl show {run}")))
        }
        State::Parked { until: Some(until), .. } => {
            let now = Time(jiff::Timestamp::now());
            let left = until.since(now).base;
            // Where the clock was set back since, `until` is too far off: the wait is counted anew, from now.
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

/// Goes on with it, in this process.
pub(super) fn go_on(folder: &Path, run: &str, turn: &Turn, context: &mut Context) -> Done {
    let store: Arc<Sqlite> = Arc::new(store::open(folder)?);
    let mut kept = claim(store, run, None)?;
    let begun = begun(&kept.loaded.0)?;
    let changed = changed(&begun);
    for name in &changed {
        context
            .err
            .line(&format!("{name} has changed since the run began: it goes on with the text it began with"));
    }
    if let Some(name) = taken_out(&begun) {
        return Err(Refusal::new(format!(
            "{name} was a secret, which is never written down: the run cannot be gone on with"
        ))
        .help(format!("`rbl show {run}` tells what was done; start anew: rbl run {}", file(&begun))));
    }
    let now = Time(jiff::Timestamp::now());
    if let Some(last) = kept.loaded.0.last().filter(|last| last.at > now) {
        let ahead = Took(last.at.since(now).base);
        context.err.line(&format!(
            "the clock is {ahead} behind the last record of the run ({}): a wait is counted from now on",
            last.at
        ));
    }
    let program = begun.program().map_err(|why| {
        Refusal::new(format!("run {run} cannot be gone on with: {why}"))
            .help("go on with the rbl that began it")
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

/// The texts that are not on disk any more as they were.
fn changed(begun: &Begun) -> Vec<&str> {
    let is_changed = |source: &&rbl_runtime::journal::RecordedSource| {
        source.identity != files::STDIN
            && files::read(Path::new(&source.identity)).map_or(true, |text| text != source.text)
    };
    begun.sources.iter().filter(is_changed).map(|source| source.name.as_str()).collect()
}

/// A parameter or a label whose value was taken out, for it was a secret.
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

/// The runbook, as it was shown.
pub(super) fn file(begun: &Begun) -> &str {
    begun.sources.first().map_or("", |source| source.name.as_str())
}

/// Who answers: the name that was given, else the system's user.
pub(super) fn name(given: Option<&String>) -> String {
    given.cloned().unwrap_or_else(live::user)
}
