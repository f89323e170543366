//! Runs over a store in memory, in a world of the tests' own.

mod answering;
mod leases;
mod working;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rbl_check::{Catalogue, LoadedFile, Loader, Program, check};
use rbl_runtime::journal::{
    Accepted, AppendGuard, Appended, Claim, Filter, Freeze, HeldRun, JournalRecord, Lease, Memory, NewRun,
    NotedWork, Release, Renewal, RunQuery, RunSummary, Signal, SignalName, Stamp, StartOutcome, Store,
    StoreError, Tally, Worker,
};
use rbl_runtime::{Acted, Delivery, Effect, Interrupt, NoObserver, Parked, Reply, Secrets, Start, World};
use rbl_syntax::source::Source;
use rbl_syntax::value::CommandOutput;
use rbl_world::{Cancel, clock};

use crate::{ClaimedRun, Engine, Inputs, TurnEnd, TurnSettings, recorded_sources};

/// A store whose leases can be made impossible to renew.
pub(super) struct Cut {
    pub(super) memory: Memory,
    pub(super) no_renewal: AtomicBool,
    /// Whether the end of a turn has to wait, for ten seconds at most.
    pub(super) no_release: AtomicBool,
}

impl Store for Cut {
    fn start_counted(
        &self,
        new: &NewRun,
        counts: &[Tally],
        holder: Option<(&Worker, Duration)>,
    ) -> Result<StartOutcome, StoreError> {
        self.memory.start_counted(new, counts, holder)
    }

    fn leases_expire(&self) -> bool {
        self.memory.leases_expire()
    }

    fn claim(&self, worker: &Worker, which: &Claim, ttl: Duration) -> Result<Vec<Lease>, StoreError> {
        self.memory.claim(worker, which, ttl)
    }

    fn load(&self, lease: &Lease, from: u64) -> Result<(Vec<JournalRecord>, Vec<Signal>), StoreError> {
        self.memory.load(lease, from)
    }

    fn append_guarded(
        &self,
        lease: &mut Lease,
        batch: &[JournalRecord],
        guards: &[AppendGuard],
    ) -> Result<Appended, StoreError> {
        self.memory.append_guarded(lease, batch, guards)
    }

    fn renew(&self, worker: &Worker, held: &[HeldRun], ttl: Duration) -> Result<Renewal, StoreError> {
        if self.no_renewal.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("the network is down".into()));
        }
        self.memory.renew(worker, held, ttl)
    }

    fn release(&self, lease: &mut Lease, batch: &[JournalRecord], how: &Release) -> Result<(), StoreError> {
        for _ in 0..1_000 {
            if !self.no_release.load(Ordering::SeqCst) {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.memory.release(lease, batch, how)
    }

    fn note_process(&self, lease: &Lease, process: Option<&NotedWork>) -> Result<(), StoreError> {
        self.memory.note_process(lease, process)
    }

    fn noted_process(&self, lease: &Lease) -> Result<Option<NotedWork>, StoreError> {
        self.memory.noted_process(lease)
    }

    fn frozen(&self) -> Result<Option<Freeze>, StoreError> {
        self.memory.frozen()
    }

    fn signal_named(
        &self,
        run: &str,
        name: &SignalName,
        data: &str,
        quorum: u32,
    ) -> Result<Accepted, StoreError> {
        self.memory.signal_named(run, name, data, quorum)
    }

    fn idle(&self, longest: Duration) -> Result<(), StoreError> {
        self.memory.idle(longest)
    }
}

/// A store in memory, and a folder without a configuration.
pub(super) struct Bench {
    pub(super) store: Arc<Cut>,
    folder: tempfile::TempDir,
}

/// No other files.
struct Alone;

impl Loader for Alone {
    fn load(&mut self, _: &str, _: &str) -> Result<LoadedFile, String> {
        Err("there is no such file".into())
    }
}

impl Bench {
    pub(super) fn new() -> Self {
        let store = Cut {
            memory: Memory::new(clock::now),
            no_renewal: AtomicBool::new(false),
            no_release: AtomicBool::new(false),
        };
        Self { store: Arc::new(store), folder: tempfile::tempdir().unwrap() }
    }

    /// A worker of this name, whose leases last this long.
    pub(super) fn engine(&self, name: &str, ttl: Duration) -> Engine {
        let store: Arc<dyn Store> = Arc::<Cut>::clone(&self.store);
        Engine::with(store, Worker { name: name.into() }, ttl)
    }

    /// Hands the inputs of a run of this body to `with`.
    #[track_caller]
    pub(super) fn inputs<T>(&self, run: &str, body: &str, with: impl FnOnce(&Inputs<'_>) -> T) -> T {
        let text = format!("runbook \"R\"\nowner \"ops\"\n{body}\n");
        let checked = check(Source::new("a.rb", text.as_str()), "/a.rb", &mut Alone, &Catalogue::default());
        let program = checked.program.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
        let path = self.folder.path().join("a.rb");
        std::fs::write(&path, &text).unwrap();
        let path = path.to_string_lossy().into_owned();
        let start = Start { run_id: run.into(), ..Start::default() };
        with(&Inputs {
            program: &program,
            start: &start,
            sources: recorded_sources(&program, |_| path.clone()),
            providers: [].into(),
            by: "ana".into(),
            confirm: false,
            mode: crate::StartMode::Given(rbl_runtime::journal::RunMode::Act),
            secrets: &Secrets::new(),
            dedupe: None,
        })
    }

    /// Starts a run of this body, for any worker.
    #[track_caller]
    pub(super) fn start(&self, run: &str, body: &str) {
        let engine = self.engine("starter", Duration::from_mins(1));
        assert_eq!(self.inputs(run, body, |inputs| engine.start(inputs)), Ok((run.into(), true)));
    }

    pub(super) fn summary(&self, run: &str) -> RunSummary {
        self.store.memory.find(run, 1).unwrap().remove(0)
    }

    pub(super) fn state(&self, run: &str) -> &'static str {
        self.summary(run).state.word()
    }

    pub(super) fn runs(&self) -> Vec<RunSummary> {
        self.store.memory.list(&Filter::default()).unwrap()
    }
}

/// Notes what is done. A command `sleep` lasts until the run is cancelled, or as long as it says.
pub(super) struct Noting {
    pub(super) log: Arc<Mutex<Vec<String>>>,
    pub(super) cancel: Cancel,
}

impl Noting {
    fn act(&mut self, title: &str) -> Result<Acted, Interrupt> {
        self.log.lock().unwrap().push(title.to_owned());
        let length = title.strip_prefix("sleep ").map_or(0, |length| length.parse().unwrap());
        let until = Instant::now() + Duration::from_millis(length);
        while Instant::now() < until {
            if self.cancel.take().is_some() {
                self.log.lock().unwrap().push("cancelled".into());
                return Err(Interrupt::Aborted { by: "SIGTERM".into() });
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(Acted { result: Ok(()), output: CommandOutput::default(), by: None, remark: None })
    }
}

impl World for Noting {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        Ok(match effect {
            Effect::Now => Reply::Now(clock::now()),
            Effect::Mode(_) => Reply::Mode(rbl_runtime::journal::ModeInForce::act()),
            Effect::Sleep(_) => Reply::Slept,
            Effect::Act(act) => Reply::Acted(self.act(&act.title)?),
            Effect::Ask(ask) => return Err(Interrupt::Parked(Parked::person(ask.prompt.clone()))),
            Effect::Page(_) | Effect::Record(_) | Effect::Conclude(_) => {
                self.log.lock().unwrap().push("paged".into());
                Reply::Delivered(Ok(Delivery::by("here", true)))
            }
            Effect::Acknowledge(_) => Reply::Acknowledged(Ok(rbl_runtime::AnswerAuthor::default())),
            Effect::Secret { .. } => Reply::Secret(Ok(())),
            Effect::Lock(_) | Effect::Enter(_) | Effect::Leave(_) => {
                panic!("the journal answers: {effect:?}")
            }
            Effect::Read(_) | Effect::Firing(_) | Effect::Probe(_) => {
                panic!("not in these tests: {effect:?}")
            }
        })
    }
}

/// What was done, by all runs.
pub(super) type Log = Arc<Mutex<Vec<String>>>;

/// A turn at a claimed run, as the command line does it.
pub(super) fn turn(engine: &Engine, claimed: ClaimedRun, log: &Log) -> TurnEnd {
    let beginning = claimed.beginning().unwrap();
    let program: Program = beginning.program().unwrap();
    let start = beginning.begun.start();
    let cancel = Cancel::no_signals().unwrap();
    let turn = TurnSettings {
        program: &program,
        start: &start,
        secrets: Secrets::new(),
        confirm: false,
        parks_sleeps: true,
        worth_parking: rbl_runtime::journal::WORTH_PARKING,
        teams: crate::connections(&beginning.begun).map(|it| it.team_rules).unwrap_or_default(),
        alone: true,
        stamp: Stamp::default(),
        resumed: (claimed.records().len() > 1).then(|| beginning.resumed("bo")),
        cancel: cancel.sender(),
    };
    engine.turn(claimed, turn, Noting { log: Arc::clone(log), cancel }, Box::new(NoObserver))
}

/// What is in the log.
pub(super) fn done(log: &Log) -> Vec<String> {
    log.lock().unwrap().clone()
}
