//! `rbl repl`: an interactive session for statements and expressions, with the interpreter and the world of a run.
//!
//! *Invariant:* nothing is changed in the world before `:arm`.

mod arming;
mod command;
mod complete;
mod complete_given;
mod complete_query;
mod completion_words;
mod display;
mod document;
pub mod dry_run;
mod ending;
mod evaluate;
mod given;
pub mod given_layer;
mod help;
mod history;
mod info_commands;
mod input;
mod line;
mod log;
mod metrics;
mod output;
mod placeholder;
mod relative_loader;
mod runbook;
mod save;
mod session_world;
mod source_map;
mod state;
mod stepper;
mod subject;
mod value_display;

use std::cell::RefCell;
use std::io::{BufRead, IsTerminal};
use std::rc::Rc;
use std::time::Duration;

use ending::SessionEnding;
use evaluate::{Repl, SessionControl};
use line::LineHelper;
use metrics::MetricNames;
use output::SessionOutput;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config as EditorConfig, Editor};
use session_world::SessionWorld;

use crate::Exit;
use crate::cli::live;
use crate::cli::live::RunPeople;
use crate::cli::processor_time::processor_time;
use crate::cli::run::GivenValues;
use crate::repl::dry_run::{Armed, DryRun};
use crate::repl::given_layer::{GivenLayer, Givens};
use rbl_project::Refusal;
use rbl_report::story::Sink;
use rbl_runtime::Secrets;
use rbl_runtime::layers::Redact;
use rbl_runtime::layers::{WithoutJournal, asking};
use rbl_runtime::{Effect, Interrupt, Reply, World};
use rbl_syntax::is_unfinished;
use rbl_terminal::Look;
use rbl_terminal::Output;
use rbl_terminal::Terminal;
use rbl_world::Connections;
use rbl_world::Live;

/// The number of inputs that the history keeps.
const HISTORY: usize = 2_000;

/// How many bytes a session reads that comes from a pipe. Each input is checked together with everything that was declared
/// before, so the cost of a session grows with the square of its length, and nobody sits there to notice.
const MOST_READ: usize = 24 << 20;

/// What an input costs besides its length, in bytes that are read.
const EACH_INPUT: usize = 5_000;

/// The processor time after which no other input of a pipe is read. A build without optimisation takes ten times as long for the
/// same work, and its tests must not reach it on a slow machine.
const MOST_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 600 } else { 6 });

/// The arguments of a session.
#[derive(Debug, Clone)]
pub(super) struct SessionArguments {
    /// A runbook to load.
    pub(super) file: Option<String>,
    /// The values of its parameters.
    pub(super) values: GivenValues,
    /// The person who answers.
    pub(super) people: RunPeople,
    /// The capabilities of the streams.
    pub(super) terminal: Terminal,
}

/// A world with two owners.
#[derive(Clone)]
struct SharedWorld(Rc<RefCell<Live>>);

impl World for SharedWorld {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        self.0.borrow_mut().perform(effect)
    }
}

/// Runs a session until the user leaves it.
pub(super) fn session(asked: &SessionArguments) -> Result<Exit, Refusal> {
    let terminal = asked.terminal;
    let configured = session_world::here()?;
    let Some(config) = &configured.connections else {
        return Err(Refusal::new("`rbl.toml` has mistakes; `rbl check` shows them"));
    };
    let at_terminal = std::io::stdin().is_terminal() && terminal.stdout_is_terminal;
    let console = live::console(&terminal, terminal.stdout_is_terminal);
    let secrets = Secrets::new();
    let ssh = Rc::new(RefCell::new(config.ssh_options()));
    let live = live::builder(config, &console, &asked.people, &secrets)?.ends_waits().build();
    let live = SharedWorld(Rc::new(RefCell::new(live)));
    let armed = Armed::default();
    let redacted = Redact::new(live.clone(), secrets.clone());
    let world = DryRun::new(
        asking(WithoutJournal::new(redacted), false),
        armed.clone(),
        console.clone(),
        Rc::clone(&ssh),
        secrets,
    );
    let givens = Givens::default();
    let world = GivenLayer::new(world, givens.clone(), armed.clone());
    let reaching = {
        let live = live.clone();
        move |connections: &Connections| {
            live.0.borrow_mut().reach(connections);
            ssh.replace(connections.ssh_options());
            Ok(())
        }
    };
    let one_screen = terminal.stdout_is_terminal && terminal.stderr_is_terminal;
    let sink = if one_screen {
        Sink::Screen(console)
    } else {
        let style = terminal.stdout;
        let look = Look { color: style.color, unicode: style.unicode, moves: false };
        Sink::Stream { output: Output::stdout(), look, width: style.width }
    };
    let listening = live.clone();
    let listed = move |metrics: &MetricNames| {
        let metrics = metrics.clone();
        let what = "asking for the names of metrics";
        // The wait itself ends before this limit.
        listening.0.borrow_mut().listen(what, metrics::LONGEST_WAIT * 2, move || metrics.wait())
    };
    let again = move || live.0.borrow_mut().begin();
    let world =
        SessionWorld::new(configured, Box::new(world), Box::new(reaching), Box::new(again), Box::new(listed));
    let output = SessionOutput::new(sink, terminal.stdout, at_terminal, givens.clone());
    let ending = SessionEnding::on_signals()?;
    let mut repl = Repl::new(world, givens, armed, output, ending.clone());
    if at_terminal {
        banner(&mut repl);
    }
    if let Some(file) = &asked.file
        && let Some(_busy) = ending.begin()
    {
        repl.load(file, asked.values.clone());
    }
    if at_terminal {
        typed(&mut repl, terminal.stdout.color)?;
        return Ok(if ending.came() { Exit::Waiting } else { Exit::Fine });
    }
    from_pipe(&mut repl)?;
    Ok(repl.output.worst())
}

/// Reads lines from a terminal.
fn typed(repl: &mut Repl, color: bool) -> Result<(), Refusal> {
    let cannot = |why: ReadlineError| Refusal::new(format!("cannot read the terminal: {why}"));
    let config = EditorConfig::builder()
        .auto_add_history(false)
        .history_ignore_dups(true)
        .map_err(cannot)?
        .max_history_size(HISTORY)
        .map_err(cannot)?
        .completion_type(CompletionType::List)
        .build();
    let mut editor: Editor<LineHelper, FileHistory> = Editor::with_config(config).map_err(cannot)?;
    editor.set_helper(Some(LineHelper::new(color)));
    let history = history::file();
    if let Some(file) = &history {
        // There is no history the first time; a session works without one.
        let _ = editor.load_history(file);
    }
    loop {
        repl.world.metrics().fetch();
        if let Some(line) = editor.helper_mut() {
            line.known = repl.vocabulary();
        }
        match whole_input(&mut editor, &repl.prompt()) {
            Ok(text) => {
                if history::is_recordable(&text) {
                    editor.add_history_entry(text.trim_end()).map_err(cannot)?;
                }
                if repl.take(&text) == SessionControl::Out {
                    break;
                }
            }
            // Ctrl-C drops the line, not the session.
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break,
            Err(why) => return Err(cannot(why)),
        }
    }
    if let Some(file) = &history {
        history::keep(&mut editor, file);
    }
    Ok(())
}

/// Reads lines until they form a whole input. An empty line ends it too: then its mistake is reported.
fn whole_input(editor: &mut Editor<LineHelper, FileHistory>, prompt: &str) -> Result<String, ReadlineError> {
    let mut text = editor.readline(prompt)?;
    let continuation = format!("{:>width$}", "...> ", width = prompt.chars().count());
    while is_open(&text) {
        text.push('\n');
        if let Some(line) = editor.helper_mut() {
            line.earlier.clone_from(&text);
        }
        let line = editor.readline(&continuation);
        if let Some(line) = editor.helper_mut() {
            line.earlier.clear();
        }
        let line = line?;
        text.push_str(&line);
        if line.trim().is_empty() {
            break;
        }
    }
    Ok(text)
}

/// Whether an input continues on the next line. A command never does, and a text that ends with an empty line was
/// ended by its author.
fn is_open(text: &str) -> bool {
    let ended = text.ends_with('\n') || text.lines().last().is_some_and(|line| line.trim().is_empty());
    !ended && !text.trim_start().starts_with(':') && is_unfinished(text)
}

/// What a session says at its start.
fn banner(repl: &mut Repl) {
    let version = env!("CARGO_PKG_VERSION");
    repl.output.faint(&format!(
        "rbl {version}: nothing is changed until `:arm`; `:help` lists commands, Ctrl-D leaves"
    ));
}

/// The files and folders that complete a path; only runbooks and folders.
fn files_beginning(beginning: &str) -> Vec<String> {
    let folder = beginning.rfind('/').map_or("", |at| beginning.get(..=at).unwrap_or_default());
    let Ok(entries) = std::fs::read_dir(if folder.is_empty() { "." } else { folder }) else {
        return Vec::new();
    };
    let shown = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let is_folder = entry.path().is_dir();
        let runbook = rbl_project::files::is_runbook(&entry.path());
        let kept = (is_folder && !name.starts_with('.')) || runbook;
        kept.then(|| format!("{folder}{name}{}", if is_folder { "/" } else { "" }))
    };
    entries.filter_map(Result::ok).filter_map(shown).collect()
}

/// Reads statements from standard input that is not a terminal.
fn from_pipe(repl: &mut Repl) -> Result<(), Refusal> {
    let (mut text, mut read, mut inputs) = (String::new(), 0, 0_u32);
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|why| Refusal::new(format!("cannot read standard input: {why}")))?;
        // A command ends an unfinished input: no line of the language begins with `:`.
        if line.starts_with(':')
            && !text.trim().is_empty()
            && repl.take(&std::mem::take(&mut text)) == SessionControl::Out
        {
            return Ok(());
        }
        text.push_str(&line);
        text.push('\n');
        read += text.len();
        if read > MOST_READ {
            return Err(too_long(inputs));
        }
        let command = text.trim_start().starts_with(':');
        if !command && is_unfinished(&text) {
            continue;
        }
        inputs += 1;
        read += repl.length() + EACH_INPUT;
        if repl.take(&std::mem::take(&mut text)) == SessionControl::Out {
            return Ok(());
        }
        if processor_time() > MOST_TIME {
            return Err(too_slow(inputs));
        }
    }
    if !text.trim().is_empty() {
        repl.take(&text);
    }
    Ok(())
}

fn too_slow(inputs: u32) -> Refusal {
    let inputs = rbl_syntax::counted(inputs, "input", "inputs");
    let most = MOST_TIME.as_secs();
    Refusal::new(format!("the session ended after {inputs}: they took more than {most} s of processor time"))
}

fn too_long(inputs: u32) -> Refusal {
    let inputs = rbl_syntax::counted(inputs, "input", "inputs");
    Refusal::new(format!(
        "the session ended after {inputs}: each is checked with everything before it, and that grew too long"
    ))
    .help("put what is declared into a file, and load it: `rbl repl FILE`")
}
