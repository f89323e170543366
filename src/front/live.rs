//! Builds the world of a real run from the configuration and the command line.

use crate::config::Config;
use crate::front::{Refusal, Surroundings};
use crate::run::World;
use crate::world::console::{ColorChoice, Console, Keyboard, Surroundings as Screen};
use crate::world::executor::SshOptions;
use crate::world::person::AtTerminal;
use crate::world::team::{Members, TerminalTeam};
use crate::world::{LiveBuilder, Redact, Secrets, Stop};

/// The people of a run, as the command line gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct People {
    /// The name of the person who answers.
    pub(super) name: String,
    /// Whether anybody can be asked.
    pub(super) present: bool,
}

/// The only owner of standard error. `live`: whether it may show a status line that moves.
pub(super) fn console(surroundings: &Surroundings, live: bool) -> Console {
    let style = surroundings.stderr;
    let screen = Screen {
        terminal: surroundings.stderr_is_terminal,
        ci: !(live && surroundings.live),
        utf8: style.unicode,
        ..Screen::default()
    };
    Console::stderr(&screen, if style.color { ColorChoice::Always } else { ColorChoice::Never })
}

/// Builds the real world. It handles Ctrl-C and the other signals from now on.
///
/// The values of `secrets` are masked in everything that it returns.
pub(super) fn world(
    config: &Config,
    console: &Console,
    people: &People,
    secrets: &Secrets,
) -> Result<Box<dyn World>, Refusal> {
    Ok(Box::new(Redact::new(builder(config, console, people, secrets)?.build(), secrets.clone())))
}

/// A builder with the configuration and the people.
pub(super) fn builder(
    config: &Config,
    console: &Console,
    people: &People,
    secrets: &Secrets,
) -> Result<LiveBuilder, Refusal> {
    let stop = Stop::listen().map_err(|why| Refusal::new(format!("cannot listen to Ctrl-C: {why}")))?;
    let keyboard = if people.present { Keyboard::open() } else { None };
    let present = keyboard.is_some();
    let builder = LiveBuilder::new(console.clone(), stop, keyboard, people.name.as_str());
    let builder = configured(builder.secrets(secrets.clone()), config, console);
    Ok(if present { builder.person(AtTerminal) } else { builder })
}

/// Adds everything that is configured to a builder.
pub(super) fn configured(builder: LiveBuilder, config: &Config, console: &Console) -> LiveBuilder {
    let mut builder = builder.ssh(ssh(config));
    for (name, provider) in &config.providers {
        builder = builder.provider(name, provider.provider.clone());
    }
    for (name, team) in &config.teams {
        let members = team.members().to_vec();
        // The only kind of team and of channel is this terminal: one that is not named is shown there as well.
        builder = builder.team(name, std::sync::Arc::new(TerminalTeam::new(console.clone())), members);
    }
    builder
}

/// The options for reaching hosts.
pub(super) fn ssh(config: &Config) -> SshOptions {
    let mut ssh = SshOptions::default();
    ssh.command =
        std::iter::once(config.ssh.command.clone()).chain(config.ssh.options.iter().cloned()).collect();
    ssh
}

/// The members of the configured teams, who may answer for them.
pub(super) fn members(config: &Config) -> Members {
    let mut members = Members::default();
    for (name, team) in &config.teams {
        members.add(name, team.members().to_vec());
    }
    members
}

/// The system's user, who answers unless `--as` names somebody else.
pub(super) fn user() -> String {
    let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    named("USER").or_else(|| named("LOGNAME")).unwrap_or_else(|| {
        let id = rustix::process::getuid().as_raw();
        if id == 0 { "root".into() } else { format!("user {id}") }
    })
}
