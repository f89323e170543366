//! `rbl replay RUN|FILE|FOLDER`: replays a recorded run through the same interpreter, with the same output, or
//! compares a changed runbook with the recording.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::as_test::as_test;
use super::execute::{self, RunSettings};
use super::resuming::FolderJournal;
use super::run::{RunFormat, checked_file};
use super::{CliContext, CommandResult};
use crate::Exit;
use crate::cli::store;
use crate::cli::store::StoreArgument;
use clap::Args;
use rbl_check::Program;
use rbl_project::Refusal;
use rbl_project::files;
use rbl_report::json;
use rbl_report::story::Sink;
use rbl_runtime::journal;
use rbl_runtime::journal::{
    ComparedPoint, JournalRecord, Replayed, RunComparison, RunQuery, Stamp, read_exported, verify,
};
use rbl_runtime::layers::asking;
use rbl_runtime::{NoObserver, Observer, Outcome};
use rbl_syntax::counted;

/// `rbl replay`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: of one run those of `rbl run`, 1 where something differs; of a folder 0, or 1 where anything differs. 2: \
                        there is\nno such run, or it cannot be read."
)]
pub(crate) struct ReplayArguments {
    /// A run (its id, the start of its id, or `last`), an exported run, or a folder of them (`*.rblrun`)
    #[arg(value_name = "RUN|FILE|FOLDER")]
    pub what: String,
    /// Compare this runbook with the recording: what it would have done, up to what was not recorded
    #[arg(long = "with", value_name = "RUNBOOK")]
    pub with: Option<String>,
    /// Print the run as a test that passes
    #[arg(long, conflicts_with_all = ["with", "format"])]
    pub as_test: bool,
    /// How the run is shown: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub format: Option<RunFormat>,
    #[command(flatten)]
    pub store: StoreArgument,
}

/// Replays one run, or prints one line for each run of a folder.
pub(super) fn replay(asked: &ReplayArguments, context: &mut CliContext) -> CommandResult {
    let format = RunSettings::format(asked.format, &context.terminal);
    let with = match &asked.with {
        None => None,
        Some(file) => match checked_file(file, format, context)? {
            Some(program) => Some(program),
            None => return Ok(Exit::Errors),
        },
    };
    let path = Path::new(&asked.what);
    if path.is_dir() && asked.as_test {
        return Err(Refusal::new("`--as-test` takes one run").help("name one of the folder's files"));
    }
    if path.is_dir() {
        return folder(path, with.as_ref(), format, context);
    }
    let records = if path.is_file() { exported(path)? } else { recorded(&asked.what, &asked.store)? };
    let run = LoadedRun::of(records)?;
    if asked.as_test {
        let program = run.program()?;
        return as_test(&run.begun, &run.records, &program, context);
    }
    match &with {
        Some(program) => Ok(differences(&run, program, format, context)),
        None => print_replay(run, format, context),
    }
}

/// A recorded run.
struct LoadedRun {
    begun: journal::Begun,
    records: Vec<JournalRecord>,
}

impl LoadedRun {
    fn of(records: Vec<JournalRecord>) -> Result<Self, Refusal> {
        verify(&records).map_err(|why| Refusal::new(format!("the record cannot be trusted: {why}")))?;
        Ok(Self { begun: rbl_engine::beginning(&records)?, records })
    }

    fn program(&self) -> Result<Program, Refusal> {
        self.begun.program().map_err(Refusal::new)
    }

    fn replay_with(self, program: &Program, stamp: Stamp, observer: &mut dyn Observer) -> Replayed {
        let (start, confirm) = (self.begun.start(), self.begun.confirm);
        let replay = journal::Replay::new(stamp);
        replay.replay(program, &start, &|world| asking(world, confirm), self.records, observer)
    }

    /// What another version of the runbook would have done.
    fn against(&self, program: &Program) -> RunComparison {
        let confirm = self.begun.confirm;
        journal::compare(program, &self.begun.start(), &|world| asking(world, confirm), &self.records)
    }
}

fn exported(path: &Path) -> Result<Vec<JournalRecord>, Refusal> {
    let refuse = |why: String| Refusal::new(format!("cannot read `{}`: {why}", path.display()));
    let text = files::read(path).map_err(|why| refuse(why.to_string()))?;
    read_exported(&text)
        .map_err(|why| refuse(why.to_string()).help("give what `rbl show RUN --format json` has printed"))
}

fn recorded(meant: &str, store: &StoreArgument) -> Result<Vec<JournalRecord>, Refusal> {
    let runs = FolderJournal::here(store)?;
    let summary = runs.find(meant)?;
    let (records, _) = runs.look.read(&summary.run).map_err(|why| store::refusal(&why))?;
    Ok(records)
}

/// Replays a run, with the output of the original.
fn print_replay(run: LoadedRun, format: RunFormat, context: &mut CliContext) -> CommandResult {
    let program = run.program()?;
    let stamp = Stamp::default();
    stamp.set(run.records.first().map(|record| record.at));
    let sink: Sink = execute::stream(&context.terminal);
    let mut observer = execute::printer(format, sink, execute::clock(&stamp), true);
    context.out.flush();
    let replayed = run.replay_with(&program, stamp, observer.as_mut());
    observer.pauses();
    if let Some(difference) = replayed.difference {
        context
            .err
            .line(&Refusal::new(format!("the replay differs from the recording: {difference}")).to_string());
        return Ok(Exit::Findings);
    }
    if replayed.cut_off {
        context.err.line("the record ends here: the run was cut off, or is still running");
        return Ok(Exit::Waiting);
    }
    Ok(replayed.ended.outcome.into())
}

/// What a changed runbook would have done, as one JSON object.
#[derive(Serialize)]
struct ChangedReplay<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    run: &'a str,
    differs: bool,
    same: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<ReplayPlace<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<ReplayPlace<'a>>,
    /// The place that needs an answer which was not recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    stops: Option<ReplayPlace<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
}

#[derive(Serialize)]
struct ReplayPlace<'a> {
    place: &'a str,
    text: &'a str,
}

impl<'a> ReplayPlace<'a> {
    fn of(point: &'a ComparedPoint) -> Self {
        Self { place: &point.place, text: &point.words }
    }
}

fn differences(run: &LoadedRun, program: &Program, format: RunFormat, context: &mut CliContext) -> Exit {
    let compared = run.against(program);
    let differs = compared.first.is_some() || compared.stops.is_some();
    if format == RunFormat::Json {
        context.out.line(&object(&run.begun.run, &compared, differs));
    } else {
        for line in words(&compared) {
            context.out.line(&rbl_syntax::harmless(&line));
        }
    }
    if differs { Exit::Findings } else { Exit::Fine }
}

fn object(run: &str, compared: &RunComparison, differs: bool) -> String {
    let (was, now) = compared.first.as_ref().map_or((None, None), |(was, now)| (was.as_ref(), now.as_ref()));
    let object = ChangedReplay {
        kind: "replay",
        run,
        differs,
        same: compared.same,
        was: was.map(ReplayPlace::of),
        now: now.map(ReplayPlace::of),
        stops: compared.stops.as_ref().map(ReplayPlace::of),
        outcome: compared.ended.as_ref().map(|ended| ended.outcome),
    };
    json::line(&object)
}

fn words(compared: &RunComparison) -> Vec<String> {
    let same = counted(compared.same, "decision or deed was the same", "decisions and deeds were the same");
    let mut lines = vec![same];
    let side = |word: &str, point: &Option<ComparedPoint>| match point {
        Some(point) if point.place.is_empty() => format!("  {word}  {}", point.words),
        Some(point) => format!("  {word}  {}: {}", point.place, point.words),
        None => format!("  {word}  nothing more"),
    };
    if let Some((was, now)) = &compared.first {
        lines.push("the first difference:".into());
        lines.extend([side("was", was), side("now", now)]);
    }
    if let Some(stops) = &compared.stops {
        lines.push(format!(
            "it stops at {}: {}, and its result is not in the recording",
            stops.place, stops.words
        ));
    }
    if let Some(ended) = &compared.ended {
        lines.push(format!("it ends {}: {}", ended.outcome, ended.message));
    }
    lines
}

/// Prints a line for each exported run of a folder.
fn folder(path: &Path, with: Option<&Program>, format: RunFormat, context: &mut CliContext) -> CommandResult {
    let refuse = |why: std::io::Error| Refusal::new(format!("cannot read `{}`: {why}", path.display()));
    let mut runs: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(path).map_err(refuse)? {
        let path = entry.map_err(refuse)?.path();
        if path.extension().is_some_and(|it| it == "rblrun") {
            runs.push(path);
        }
    }
    runs.sort();
    if runs.is_empty() {
        return Err(Refusal::new(format!("there is no exported run in `{}`", path.display()))
            .help("write one there: rbl show RUN --format json > NAME.rblrun"));
    }
    let mut differing = 0;
    for path in &runs {
        let result = one(path, with);
        differing += usize::from(result.differs);
        let name = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        if format == RunFormat::Json {
            let line = serde_json::json!({
                "type": "replayed", "file": name, "differs": result.differs, "text": result.words,
            });
            context.out.line(&rbl_syntax::harmless_json(line.to_string()));
        } else {
            let word = if result.differs { "differs" } else { "same" };
            context.out.line(&rbl_syntax::harmless(&format!("{word:<8} {name}: {}", result.words)));
        }
    }
    if format != RunFormat::Json {
        let all = counted(runs.len(), "run", "runs");
        context.out.line(&format!("{all}, {differing} differ"));
    }
    Ok(if differing > 0 { Exit::Findings } else { Exit::Fine })
}

/// The result of replaying one run of a folder.
struct ReplayLine {
    differs: bool,
    words: String,
}

fn one(path: &Path, with: Option<&Program>) -> ReplayLine {
    let run = match exported(path).and_then(LoadedRun::of) {
        Ok(run) => run,
        Err(refusal) => return ReplayLine { differs: true, words: refusal.message },
    };
    if let Some(program) = with {
        let compared = run.against(program);
        let differs = compared.first.is_some() || compared.stops.is_some();
        let lines = words(&compared).into_iter().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
        return ReplayLine { differs, words: lines.join("; ") };
    }
    let program = match run.program() {
        Ok(program) => program,
        Err(refusal) => return ReplayLine { differs: true, words: refusal.message },
    };
    let replayed = run.replay_with(&program, Stamp::default(), &mut NoObserver);
    match replayed.difference {
        Some(difference) => ReplayLine { differs: true, words: difference.to_string() },
        None if replayed.cut_off => {
            ReplayLine { differs: false, words: format!("cut off, {} events", replayed.events) }
        }
        None => ReplayLine {
            differs: false,
            words: format!("{}, {} events", replayed.ended.outcome, replayed.events),
        },
    }
}
