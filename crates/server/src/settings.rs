//! [`ServerSettings`]: the configuration of a server, resolved: every secret was read, every address parsed.

use std::collections::BTreeMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rbl_engine::RunbookModes;
use rbl_project::Refusal;
use rbl_project::config::{AfterQuiet, HookConfig, HookKind};
use rbl_project::setting::Setting;
use rbl_runtime::journal::RunMode;
use rbl_runtime::teams::TeamRules;
use rbl_store::SqliteReader;
use rbl_world::channel::Channel;
use rbl_world::team::Pager;
use rbl_world::{Connected, Connections};
use secrecy::SecretString;
use smol_str::SmolStr;

use crate::api::TokenRight;

/// How a server runs.
#[derive(Debug)]
pub struct ServerSettings {
    /// The address it listens at.
    pub listen: SocketAddr,
    /// The folder of the journal.
    pub store: PathBuf,
    /// The folders of its runbooks.
    pub runbooks: Vec<PathBuf>,
    /// The largest body of a request, in bytes.
    pub body: u64,
    /// How many runs are executed at once.
    pub workers: usize,
    /// How many machine actions are done at once.
    pub actions: usize,
    /// How long after the end of a run its alerts may still fire.
    pub quiet: Duration,
    /// What happens then.
    pub again: AfterQuiet,
    /// How long commands may still take when it stops.
    pub drain: Duration,
    /// What is called every minute while the server is healthy.
    pub heartbeat: Option<Setting>,
    /// Where the traces of runs are sent.
    pub otlp: Option<Setting>,
    /// The folder that files of settings are relative to.
    pub base: PathBuf,
    /// The hooks, by name.
    pub hooks: BTreeMap<SmolStr, ServerHook>,
    /// The team that is paged where the server cannot do its work.
    pub fallback: Option<(SmolStr, Connected<dyn Pager>)>,
    /// The names of the teams and of the channels that are configured.
    pub teams_named: Vec<SmolStr>,
    /// See [`Self::teams_named`].
    pub channels_named: Vec<SmolStr>,
    /// The teams, and the people in them.
    pub teams: Arc<TeamRules>,
    /// How long a run may be due that nobody can execute, before somebody is paged.
    pub unclaimed: Duration,
    /// In which mode each runbook is.
    pub modes: Arc<RunbookModes>,
    /// The channels in which people answer questions.
    pub chats: BTreeMap<SmolStr, Connected<dyn Channel>>,
}

/// A hook with the secrets that authenticate its deliveries.
#[derive(Debug)]
pub struct ServerHook {
    /// What it takes.
    pub config: HookConfig,
    /// The bearer token of its sender.
    pub token: Option<SecretString>,
    /// The name and password of its sender.
    pub user: Option<(String, SecretString)>,
    /// What its signatures are made with.
    pub secrets: Vec<SecretString>,
    /// A header, and the secret in it.
    pub header: Option<(String, SecretString)>,
}

impl ServerSettings {
    /// Resolves what is configured for a folder. `folder` and `listen` come from the command line, and win.
    ///
    /// Errors: what cannot be resolved, and a configuration under which anybody could start runs.
    pub fn resolve(
        connections: &Connections,
        store: PathBuf,
        folder: Option<&Path>,
        listen: Option<&str>,
    ) -> Result<Self, Refusal> {
        let (serve, base) = (&connections.serve, connections.base.as_path());
        let written = serve.listen.resolve(base).map_err(|why| unset("listen", "serve", &why.text))?;
        let listen = address(listen.unwrap_or(&written))?;
        let runbooks = match folder {
            Some(folder) => vec![folder.to_owned()],
            None if serve.runbooks.is_empty() => vec![PathBuf::from(".")],
            None => serve.runbooks.iter().map(|it| base.join(it)).collect(),
        };
        // An alert that means a runbook in it would start nothing, and nobody would know.
        if let Some(gone) = runbooks.iter().find(|it| !it.exists()) {
            return Err(Refusal::new(format!("there is no folder `{}`", gone.display()))
                .help("make it, or name another one in `runbooks` of `[serve]`"));
        }
        let mut hooks = BTreeMap::new();
        for (name, config) in &connections.hooks {
            hooks.insert(name.clone(), ServerHook::resolve(name, config, base)?);
        }
        if hooks.is_empty() {
            hooks.insert("alertmanager".into(), ServerHook::open(HookKind::Alertmanager));
        }
        let modes = Arc::new(RunbookModes::configured(connections, &runbooks)?);
        let settings = Self {
            listen,
            store,
            runbooks,
            body: serve.body.0,
            workers: usize::from(serve.workers),
            actions: usize::from(serve.actions),
            quiet: serve.quiet.duration(),
            again: serve.again,
            drain: serve.drain.duration(),
            heartbeat: serve.heartbeat.clone(),
            otlp: serve.otlp.clone(),
            base: base.to_owned(),
            hooks,
            fallback: connections.team_rules.fallback.as_ref().and_then(|name| {
                let team = connections.teams.get(name)?;
                Some((name.clone(), team.clone()))
            }),
            teams_named: connections.teams.keys().cloned().collect(),
            channels_named: connections.channels.keys().cloned().collect(),
            teams: Arc::clone(&connections.team_rules),
            unclaimed: crate::unclaimed::patience(),
            modes,
            chats: connections
                .channels
                .iter()
                .filter(|(_, channel)| channel.it.hears_answers())
                .map(|(name, channel)| (name.clone(), channel.clone()))
                .collect(),
        };
        settings.is_closed()?;
        Ok(settings)
    }

    /// Puts every runbook that no pattern means into this mode.
    pub fn default_mode(&mut self, mode: RunMode) {
        self.modes = Arc::new(RunbookModes::clone(&self.modes).or(mode));
    }

    /// Whether nobody reaches the server but from this machine.
    pub(crate) fn is_for_this_machine(&self) -> bool {
        self.listen.ip().is_loopback()
    }

    /// Whether only those can start runs who prove who they are, or are on this machine.
    fn is_closed(&self) -> Result<(), Refusal> {
        if self.is_for_this_machine() {
            return Ok(());
        }
        let Some((name, hook)) = self.hooks.iter().find(|(_, hook)| !hook.config.is_protected()) else {
            return Ok(());
        };
        // With a token for senders every delivery needs one.
        let tokens = SqliteReader::open(&self.store).and_then(|it| it.tokens());
        let tokens = tokens.map_err(|why| Refusal::new(why.to_string()))?;
        if tokens.iter().any(|it| it.may.iter().any(|right| right == TokenRight::Hook.word())) {
            return Ok(());
        }
        let kind = hook.config.kind.word();
        let message =
            format!("anybody who reaches {} could start runs through the hook `{name}`", self.listen);
        Err(Refusal::new(message).help(format!(
            "write `[hooks.{name}]` with `type = \"{kind}\"` and {}, make a token for its senders (`rbl serve token NAME --may hook`), or listen at 127.0.0.1",
            hook.config.kind.protected_by()
        )))
    }
}

impl ServerHook {
    /// A hook of which nothing is configured: it takes deliveries from this machine.
    pub(crate) fn open(kind: HookKind) -> Self {
        let config = HookConfig::open(kind);
        Self { config, token: None, user: None, secrets: Vec::new(), header: None }
    }

    fn resolve(name: &str, config: &HookConfig, base: &Path) -> Result<Self, Refusal> {
        let section = format!("hooks.{name}");
        let secret =
            |key: &str, setting: &Setting| read(key, &section, setting, base).map(SecretString::from);
        Ok(Self {
            config: config.clone(),
            token: config.token.as_ref().map(|it| secret("token", it)).transpose()?,
            user: match &config.user {
                Some((user, password)) => {
                    Some((read("user", &section, user, base)?, secret("password", password)?))
                }
                None => None,
            },
            secrets: config.secrets.iter().map(|it| secret("secrets", it)).collect::<Result<_, _>>()?,
            header: match &config.header {
                Some((header, value)) => Some((header.clone(), secret("secret", value)?)),
                None => None,
            },
        })
    }
}

/// The text of a setting, which must not be empty: an empty secret would let everybody in.
fn read(key: &str, section: &str, setting: &Setting, base: &Path) -> Result<String, Refusal> {
    let text = setting.resolve(base).map_err(|why| unset(key, section, &why.text))?;
    if text.is_empty() { Err(unset(key, section, "it is empty")) } else { Ok(text) }
}

fn unset(key: &str, section: &str, why: &str) -> Refusal {
    Refusal::new(format!("`{key}` of `[{section}]` cannot be read: {why}"))
}

/// The first address that a text names.
fn address(text: &str) -> Result<SocketAddr, Refusal> {
    let help = "write an address and a port, like `127.0.0.1:7180`";
    let found = text
        .to_socket_addrs()
        .map_err(|why| Refusal::new(format!("cannot listen at `{text}`: {why}")).help(help))?;
    let mut found: Vec<SocketAddr> = found.collect();
    found.sort_by_key(|it| !it.is_ipv4());
    let none = || Refusal::new(format!("cannot listen at `{text}`: it names no address")).help(help);
    found.into_iter().next().ok_or_else(none)
}
