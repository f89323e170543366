//! `[serve]` of `rbl.toml`: how `rbl serve` listens, and where its runbooks are.

use std::collections::BTreeMap;

use rbl_check::{Key, KeyKind};
use serde::Deserialize;
use toml::de::DeTable;

use super::section::SectionReader;
use crate::setting::{Bytes, Seconds, Setting};

/// The configuration of the server.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, rename_all = "snake_case")]
pub struct ServeConfig {
    /// The address it listens at: `127.0.0.1:7180`.
    pub listen: Setting,
    /// The address under which it is reached from elsewhere.
    pub url: Option<Setting>,
    /// The folders of its runbooks, relative to the directory of `rbl.toml`; empty: the folder it was started for.
    pub runbooks: Vec<String>,
    /// What a run that nobody started may do unasked.
    pub mode: ConfiguredMode,
    /// The same by runbook: patterns of paths.
    pub modes: BTreeMap<String, ConfiguredMode>,
    /// The largest delivery, in bytes.
    pub body: Bytes,
    /// How many runs are executed at once.
    pub workers: u16,
    /// How many machine actions are done at once.
    pub actions: u16,
    /// How long after the end of a run its alerts may still fire before somebody is told.
    pub quiet: Seconds,
    /// What happens then.
    pub again: AfterQuiet,
    /// How long commands that were begun may take when it stops.
    pub drain: Seconds,
    /// An address that is called every minute while the server is healthy.
    pub heartbeat: Option<Setting>,
    /// Where the traces of runs are sent, by OTLP over HTTP.
    pub otlp: Option<Setting>,
}

/// What runs may do unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfiguredMode {
    /// They only look.
    Look,
    /// They ask before each machine action.
    Ask,
    /// Everything, as it is written.
    Act,
}

/// The words of [`ConfiguredMode`].
const MODES: &[&str] = &["look", "ask", "act"];

/// What happens where an alert still fires some time after its run has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterQuiet {
    /// The owner is paged, once.
    Page,
    /// The runbook runs once more, within its limits.
    Run,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            listen: Setting::Text("127.0.0.1:7180".into()),
            url: None,
            runbooks: Vec::new(),
            mode: ConfiguredMode::Ask,
            modes: BTreeMap::new(),
            body: Bytes(32 << 20),
            workers: 32,
            actions: 64,
            quiet: Seconds(900.0),
            again: AfterQuiet::Page,
            drain: Seconds(600.0),
            heartbeat: None,
            otlp: None,
        }
    }
}

/// The keys of `[serve]`.
pub const SERVE_KEYS: &[Key] = &[
    Key::optional("listen", KeyKind::Text, "`127.0.0.1:7180`", "the address and port it listens at"),
    Key::optional(
        "url",
        KeyKind::Url,
        "none",
        "the address under which it is reached from elsewhere; a question that is delivered says where it is answered",
    ),
    Key::optional("runbooks", KeyKind::Words, "the folder it is started for", "the folders of its runbooks"),
    Key::optional(
        "mode",
        KeyKind::OneOf(MODES),
        "ask",
        "what a run that nobody started may do unasked: only look, ask before each machine action, or act",
    ),
    Key::optional(
        "modes",
        KeyKind::OneOfEach(MODES),
        "`mode`",
        "the mode of the runbooks whose path matches a pattern; the strictest match counts",
    ),
    Key::optional("body", KeyKind::Data, "32MiB", "the largest delivery; a larger one is answered with 413"),
    Key::optional("workers", KeyKind::Count, "32", "how many runs are executed at once"),
    Key::optional(
        "actions",
        KeyKind::Count,
        "64",
        "how many commands and executors act at once, over all runs",
    ),
    Key::optional(
        "quiet",
        KeyKind::Duration,
        "15m",
        "how long after the end of a run its alerts may still fire",
    ),
    Key::optional(
        "again",
        KeyKind::OneOf(&["page", "run"]),
        "page",
        "what happens then: the owner is paged once, or the runbook runs once more",
    ),
    Key::optional("drain", KeyKind::Duration, "10m", "how long commands may still take when it is stopped"),
    Key::optional(
        "heartbeat",
        KeyKind::Url,
        "none",
        "an address that is called every minute while the server is healthy",
    ),
    Key::optional(
        "otlp",
        KeyKind::Url,
        "none",
        "the collector that gets a trace of each run, by OTLP over HTTP: `http://127.0.0.1:4318`",
    ),
];

/// Reports an address that nothing can listen at, and patterns that are none.
pub(super) fn check(reader: &mut SectionReader<'_>, content: &DeTable<'_>) {
    if let Some((name, value)) = content.get_key_value("listen")
        && value.get_ref().as_str().is_some_and(|it| !is_address(it))
    {
        let help = "write both, like `listen = \"127.0.0.1:7180\"`";
        reader.misplaced(name, "`listen` is no address and port", "nothing can listen there", help);
    }
    let modes = content.get("modes").and_then(|it| it.get_ref().as_table());
    for (pattern, _) in modes.into_iter().flatten() {
        if let Err(why) = globset::Glob::new(pattern.get_ref()) {
            let help = "write a path below the folder of the runbooks: `*` is any name, `**` any path";
            let message = format!("`{}` is no pattern of paths", pattern.get_ref());
            reader.misplaced(pattern, &message, &why.kind().to_string(), help);
        }
    }
}

/// Whether a text has the form `HOST:PORT`.
fn is_address(text: &str) -> bool {
    let port = text.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port);
    port.is_some_and(|port| port.parse::<u16>().is_ok())
}
