//! The world of a real run, put together from the configuration and what the command line says about people.

use crate::config::Config;
use crate::front::{Refusal, Surroundings};
use crate::run::World;
use crate::world::console::{ColorChoice, Console, Keyboard, Surroundings as Screen};
use crate::world::executor::SshOptions;
use crate::world::person::AtTerminal;
use crate::world::team::{Members, TerminalTeam};
use crate::world::{LiveBuilder, Redact, Secrets, Stop};

/// What the command line says about people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct People {
    /// Who answers.
    pub(super) name: String,
    /// Whether anybody can be asked.
    pub(super) present: bool,
}

/// The one owner of standard error. `live`: whether a status line may move on it.
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

/// The world as it is. Ctrl-C and the other signals belong to it from now on.
///
/// The values of these secrets are taken out of everything that comes back.
pub(super) fn world(
    config: &Config,
    console: &Console,
    people: &People,
    secrets: &Secrets,
) -> Result<Box<dyn World>, Refusal> {
    Ok(Box::new(Redact::new(builder(config, console, people, secrets)?.build(), secrets.clone())))
}

/// What is configured, and who is there.
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

/// With everything that is configured.
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

/// How hosts are reached.
pub(super) fn ssh(config: &Config) -> SshOptions {
    let mut ssh = SshOptions::default();
    ssh.command =
        std::iter::once(config.ssh.command.clone()).chain(config.ssh.options.iter().cloned()).collect();
    ssh
}

/// Who may answer for the teams that are configured.
pub(super) fn members(config: &Config) -> Members {
    let mut members = Members::default();
    for (name, team) in &config.teams {
        members.add(name, team.members().to_vec());
    }
    members
}

/// The system's user: who answers unless `--as` says otherwise.
pub(super) fn user() -> String {
    let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    named("USER").or_else(|| named("LOGNAME")).unwrap_or_else(|| {
        let id = rustix::process::getuid().as_raw();
        if id == 0 { "root".into() } else { format!("user {id}") }
    })
}
