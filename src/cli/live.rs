//! The world of a real run, made from the configuration and what the command line says about people.

use std::sync::Arc;
use std::time::Instant;

use rbl_project::Refusal;
use rbl_report::story::Clock;
use rbl_runtime::layers::Redact;
use rbl_runtime::{Secrets, World};
use rbl_terminal::{Console, Keyboard, Terminal};
use rbl_world::clock;
use rbl_world::{Cancel, Connections, Live, LiveBuilder};

use crate::people::{ConsoleScreen, TerminalPeople};

/// The people of a run, as the command line gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunPeople {
    /// The name of the person who answers.
    pub(crate) name: String,
    /// Whether anybody can be asked.
    pub(crate) present: bool,
    /// Who started the run; `None`: that does not matter here.
    pub(crate) starter: Option<String>,
}

/// The only owner of standard error. `live`: whether it may show a status line that moves.
pub(crate) fn console(terminal: &Terminal, live: bool) -> Console {
    Console::stderr(terminal.stderr_look(live))
}

/// The world as it is. Ctrl-C and the other signals are heard by it from now on.
///
/// The values of these secrets are replaced in everything that comes back.
pub(crate) fn world(
    connections: &Connections,
    console: &Console,
    people: &RunPeople,
    secrets: &Secrets,
) -> Result<Box<dyn World>, Refusal> {
    Ok(Box::new(world_of(cancel()?, connections, console, people, secrets)))
}

/// The world as it is, for a run that this token cancels.
///
/// The values of these secrets are replaced in everything that comes back.
pub(crate) fn world_of(
    cancel: Cancel,
    connections: &Connections,
    console: &Console,
    people: &RunPeople,
    secrets: &Secrets,
) -> Redact<Live> {
    Redact::new(builder_of(cancel, connections, console, people, secrets).build(), secrets.clone())
}

/// A token that Ctrl-C and the other signals cancel, from now on.
pub(crate) fn cancel() -> Result<Cancel, Refusal> {
    Cancel::on_signals().map_err(|why| Refusal::new(format!("cannot listen to Ctrl-C: {why}")))
}

/// A builder with the configuration and the people.
pub(crate) fn builder(
    connections: &Connections,
    console: &Console,
    people: &RunPeople,
    secrets: &Secrets,
) -> Result<LiveBuilder, Refusal> {
    Ok(builder_of(cancel()?, connections, console, people, secrets))
}

fn builder_of(
    cancel: Cancel,
    connections: &Connections,
    console: &Console,
    people: &RunPeople,
    secrets: &Secrets,
) -> LiveBuilder {
    let keyboard = if people.present { Keyboard::open() } else { None };
    let builder = LiveBuilder::new(cancel, people.name.as_str())
        .screen(Arc::new(ConsoleScreen::new(console.clone())))
        .secrets(secrets.clone())
        .connections(connections);
    let builder = match &people.starter {
        Some(starter) => builder.started_by(starter),
        None => builder,
    };
    match keyboard {
        Some(keyboard) => builder.people(TerminalPeople::new(console.clone(), keyboard)),
        None => builder,
    }
}

/// The clocks of this machine, for the story of a run.
pub(crate) fn story_clock() -> Clock {
    Clock::live(clock::now, Instant::now)
}

/// The system's user, who answers unless `--as` names somebody else.
pub(crate) fn user() -> String {
    let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    named("USER").or_else(|| named("LOGNAME")).unwrap_or_else(|| {
        let id = rustix::process::getuid().as_raw();
        if id == 0 { "root".into() } else { format!("user {id}") }
    })
}
