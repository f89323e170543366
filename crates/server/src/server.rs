//! [`serve`]: puts the parts together, runs them until a signal comes, and stops them in order.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use rbl_engine::{Actions, Engine, Until, Work, work};
use rbl_project::Refusal;
use rbl_runtime::journal::{Inbox, StoreError};
use rbl_store::{ServerDeed, ServerLock, Sqlite};
use rbl_world::{Cancel, StopSignal};
use tokio::net::TcpListener;

use crate::again::StillFiringWatch;
use crate::body_reader::BodyReader;
use crate::chat::ChatListener;
use crate::counters::Counters;
use crate::executed_runs::ExecutedRunCounts;
use crate::fallback::FallbackPager;
use crate::freeze::FreezeWatch;
use crate::heartbeat::HeartbeatCaller;
use crate::http::routes;
use crate::intake::{AlertRouter, FreshDeliveries, IntakeWriter};
use crate::listener::listen;
use crate::log;
use crate::runbooks::LiveRunbooks;
use crate::schedules::ScheduleWatch;
use crate::server_log::log_entry;
use crate::settings::ServerSettings;
use crate::state::ServerState;
use crate::stopping::Stopping;
use crate::traces::{EndedRuns, TraceExporter};
use crate::unclaimed::UnclaimedWatch;
use crate::workers::ServerTurns;

/// The threads that answer requests: they only hand them on.
const EDGE_THREADS: usize = 2;

/// How often it is looked for a signal.
const LOOK: Duration = Duration::from_millis(100);

/// How long a server may take to end that was killed before this one was started: until then it has its lock and its address.
const ENDING: Duration = Duration::from_secs(5);

/// Serves until SIGTERM or Ctrl-C. SIGHUP has the runbooks read again. `by` started it, as the log of the server shows.
///
/// Errors: it cannot listen, or the journal cannot be opened or belongs to another server.
pub fn serve(settings: ServerSettings, by: &str) -> Result<(), Refusal> {
    log::start();
    let signals = Cancel::on_signals();
    let mut signals = signals.map_err(|why| Refusal::new(format!("cannot listen to signals: {why}")))?;
    raise_file_limit();
    let store = Arc::new(Sqlite::open(&settings.store).map_err(|why| refusal(&why))?);
    let ending = Instant::now() + ENDING;
    let Some(_lock) = patiently(&mut signals, ending, || lock(&settings))? else { return Ok(()) };
    let settings = Arc::new(settings);
    let actions = Actions::at_most(settings.actions);
    let stopping = Stopping::new();
    let engine = Engine::new(store.clone())
        .with_actions(actions.clone())
        .with_modes(settings.modes.clone())
        .stopped_by(stopping.flag());
    let runbooks = Arc::new(LiveRunbooks::load(settings.runbooks.clone(), settings.modes.clone()));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(EDGE_THREADS)
        .thread_name("edge")
        .enable_io()
        .enable_time()
        .build()
        .map_err(|why| Refusal::new(format!("cannot start: {why}")))?;
    let listener = patiently(&mut signals, ending, || {
        runtime.block_on(TcpListener::bind(settings.listen)).map_err(|why| {
            let refusal = Refusal::new(format!("cannot listen at {}: {why}", settings.listen));
            if why.kind() == ErrorKind::AddrInUse { NotYet::Taken(refusal) } else { NotYet::Never(refusal) }
        })
    })?;
    let Some(listener) = listener else { return Ok(()) };
    let address = listener.local_addr().unwrap_or(settings.listen);
    let server = Server { store, engine, actions, runbooks, settings, stopping };
    let result = server.run(&runtime, listener, signals, || {
        tracing::info!("listening at http://{address}");
        let about =
            format!("rbl {} at {address}, with {}", env!("CARGO_PKG_VERSION"), server.runbooks.about());
        log_entry(&server.store, ServerDeed::Started, by, about, server.runbooks.all_texts());
    });
    log_entry(&server.store, ServerDeed::Stopped, "a signal", String::new(), Vec::new());
    tracing::info!("stopped");
    result
}

/// The parts that all threads share.
struct Server {
    store: Arc<Sqlite>,
    engine: Engine,
    actions: Actions,
    runbooks: Arc<LiveRunbooks>,
    settings: Arc<ServerSettings>,
    stopping: Stopping,
}

impl Server {
    fn run(
        &self,
        runtime: &tokio::runtime::Runtime,
        listener: TcpListener,
        signals: Cancel,
        listening: impl FnOnce(),
    ) -> Result<(), Refusal> {
        let inbox: Arc<dyn Inbox> = self.store.clone();
        let counters = Arc::new(Counters::default());
        self.runbooks.rename(&*inbox);
        let waiting = inbox.backlog().map_err(|why| refusal(&why))?;
        counters.waiting.store(waiting, std::sync::atomic::Ordering::Relaxed);
        let stopping = &self.stopping;
        let fresh = Arc::<FreshDeliveries>::default();
        let (writer, intake) =
            IntakeWriter::new(inbox.clone(), fresh.clone(), counters.clone(), stopping.clone());
        let (router, ring) = AlertRouter::new(
            self.engine.clone(),
            (inbox.clone(), fresh),
            self.runbooks.clone(),
            counters.clone(),
            stopping.clone(),
        );
        let fallback = FallbackPager::new(self.settings.clone(), counters.clone());
        let again = StillFiringWatch {
            engine: self.engine.clone(),
            inbox: inbox.clone(),
            runbooks: self.runbooks.clone(),
            settings: self.settings.clone(),
            counters: counters.clone(),
            fallback: fallback.clone(),
        };
        let schedules = ScheduleWatch {
            engine: self.engine.clone(),
            inbox: inbox.clone(),
            runbooks: self.runbooks.clone(),
            counters: counters.clone(),
        };
        let freeze = FreezeWatch { engine: self.engine.clone() };
        let unclaimed = UnclaimedWatch {
            engine: self.engine.clone(),
            runbooks: self.runbooks.clone(),
            settings: self.settings.clone(),
            fallback: fallback.clone(),
        };
        let settings = &self.settings;
        let exporter =
            settings.otlp.clone().map(|url| TraceExporter::new(url, &settings.base, &settings.store));
        let (exporter, ended) = match exporter {
            Some((exporter, ended)) => (Some(exporter), ended),
            None => (None, EndedRuns::ignored()),
        };
        let executed =
            Arc::new(ExecutedRunCounts::new(settings.teams_named.iter(), settings.channels_named.iter()));
        let counted = (counters.clone(), executed.clone());
        let turns =
            ServerTurns::new(self.engine.clone(), inbox, settings, counted, (ended, fallback.clone()));
        let state = ServerState {
            settings: self.settings.clone(),
            intake,
            store: self.store.clone(),
            engine: self.engine.clone(),
            actions: self.actions.clone(),
            runbooks: self.runbooks.clone(),
            counters: counters.clone(),
            executed,
            last_runs: Arc::default(),
            fallback,
            stopping: stopping.clone(),
            bodies: BodyReader::new(self.settings.body),
            looks: Arc::default(),
        };
        let edge = runtime.spawn(listen(listener, routes(Arc::new(state)), counters, stopping.watch()));
        std::thread::scope(|scope| {
            scope.spawn(|| writer.run(move || ring_bell(&ring)));
            scope.spawn(|| router.run());
            scope.spawn(|| again.run(stopping));
            scope.spawn(|| schedules.run(stopping));
            scope.spawn(|| unclaimed.run(stopping));
            scope.spawn(|| freeze.run(stopping));
            scope.spawn(|| self.runbooks.watch(&self.store, stopping));
            if let Some(url) = &self.settings.heartbeat {
                let heartbeat = HeartbeatCaller::new(self.store.clone(), url.clone(), &self.settings.base);
                scope.spawn(move || heartbeat.run(stopping));
            }
            if let Some(exporter) = exporter {
                scope.spawn(move || exporter.run(stopping));
            }
            for (name, channel) in &self.settings.chats {
                let listener = ChatListener {
                    engine: self.engine.clone(),
                    settings: self.settings.clone(),
                    name: name.clone(),
                    channel: channel.clone(),
                    teams: self.settings.teams.clone(),
                };
                scope.spawn(move || listener.run(stopping));
            }
            scope.spawn(|| self.hear(signals));
            listening();
            let settings = Work { at_once: self.settings.workers, until: Until::Stopped };
            // What the store refused was logged when it came, and was asked again.
            let _ = work(&self.engine, settings, &turns, || stopping.is_stopping());
        });
        // Whoever was promised an answer gets one.
        let _ = runtime.block_on(edge);
        Ok(())
    }

    /// Hears signals until the server is to stop. What is executed then may end within `drain`; after that the process
    /// ends as in a crash, and whoever starts next resumes what is left.
    fn hear(&self, mut signals: Cancel) {
        loop {
            match signals.take() {
                Some(StopSignal::HangUp) => {
                    tracing::info!("SIGHUP: the runbooks are read again");
                    self.runbooks.reload();
                }
                Some(StopSignal::Terminate | StopSignal::Interrupt) => break,
                Some(StopSignal::Suspend) | None => std::thread::sleep(LOOK),
            }
        }
        let drain = self.settings.drain;
        tracing::info!(?drain, "stopping: nothing more is begun, and what runs may end");
        self.stopping.stop();
        // Not joined: where everything ends in time, the process is gone before this.
        std::thread::spawn(move || end_after(drain, signals));
    }
}

/// Says that something came in; where that was said already, that is enough.
fn ring_bell(ring: &SyncSender<()>) {
    let _ = ring.try_send(());
}

/// Ends the process after this time, or at a second signal. What is executed then is resumed by the next server.
fn end_after(drain: Duration, mut signals: Cancel) {
    let end = Instant::now() + drain;
    while Instant::now() < end {
        if let Some(StopSignal::Terminate | StopSignal::Interrupt) = signals.take() {
            break;
        }
        std::thread::sleep(LOOK);
    }
    tracing::warn!("what still runs is left to the next server");
    std::process::exit(0);
}

/// Why this server cannot have what it needs for itself.
enum NotYet {
    /// Another process has it.
    Taken(Refusal),
    /// It will not be had.
    Never(Refusal),
}

/// Takes what another server may still have that was killed a moment ago, as soon as that has ended, until `end`. `None`: this
/// server is stopped.
fn patiently<T>(
    signals: &mut Cancel,
    end: Instant,
    mut take: impl FnMut() -> Result<T, NotYet>,
) -> Result<Option<T>, Refusal> {
    let mut is_told = false;
    loop {
        match take() {
            Ok(taken) => return Ok(Some(taken)),
            Err(NotYet::Never(refusal)) => return Err(refusal),
            Err(NotYet::Taken(refusal)) if Instant::now() >= end => return Err(refusal),
            Err(NotYet::Taken(refusal)) => {
                if let Some(StopSignal::Terminate | StopSignal::Interrupt) = signals.take() {
                    return Ok(None);
                }
                if !is_told {
                    tracing::info!(why = refusal.message, "waits for another process to end");
                    is_told = true;
                }
                std::thread::sleep(LOOK);
            }
        }
    }
}

/// The lock of the folder: a second server would start every schedule twice.
fn lock(settings: &ServerSettings) -> Result<ServerLock, NotYet> {
    let taken = ServerLock::take(&settings.store).map_err(|why| NotYet::Never(refusal(&why)))?;
    taken.ok_or_else(|| {
        let refusal =
            Refusal::new(format!("another server uses the journal in {}", settings.store.display()))
                .help("stop it first, or give this one a journal of its own: `[store]` in rbl.toml");
        NotYet::Taken(refusal)
    })
}

fn refusal(why: &StoreError) -> Refusal {
    Refusal::new(why.to_string())
}

/// A process may open as many files as the system allows it: each connection and each run has some.
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}
