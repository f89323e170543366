//! `[hooks.NAME]` of `rbl.toml`: an address at which the server takes alerts, and how a delivery is known to be authentic.

use rbl_check::{Key, KeyKind};
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

use super::section::SectionReader;
use crate::setting::{Seconds, Setting};

/// What sends to a hook: how its body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookKind {
    /// Alertmanager's webhook; Grafana sends the same shape.
    Alertmanager,
    /// PagerDuty's webhooks, version 3.
    PagerDuty,
    /// The webhooks of Opsgenie and of Jira Service Management.
    Opsgenie,
    /// Anything with JSON: paths say where things are.
    Json,
}

impl HookKind {
    /// Its name in `rbl.toml`.
    pub fn word(self) -> &'static str {
        HOOK_KINDS.iter().find(|it| it.kind == self).map_or("", |it| it.word)
    }

    /// The key that makes its deliveries authentic.
    pub const fn protected_by(self) -> &'static str {
        match self {
            Self::Alertmanager | Self::Json => "`token`",
            Self::PagerDuty => "`secrets`",
            Self::Opsgenie => "`header` and `secret`",
        }
    }
}

/// A kind of hook: `type = "…"` in its section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HookDescription {
    /// What sends to it.
    pub kind: HookKind,
    /// Its name in `rbl.toml`.
    pub word: &'static str,
    /// What it is, in a few words.
    pub summary: &'static str,
    /// The keys of its section; `type` is not among them.
    pub keys: &'static [Key],
}

const TOKEN: Key =
    Key::optional("token", KeyKind::Secret, "none", "what the sender gives as `Authorization: Bearer …`");
const USER: Key =
    Key::optional("user", KeyKind::Text, "none", "the name of a sender that signs in by name …");
const PASSWORD: Key = Key::optional("password", KeyKind::Secret, "none", "… and its password");
const REPEAT: Key = Key::optional(
    "repeat",
    KeyKind::Duration,
    "4h10m",
    "how long an alert counts as firing without another delivery",
);

/// Every kind of hook.
pub const HOOK_KINDS: &[HookDescription] = &[
    HookDescription {
        kind: HookKind::Alertmanager,
        word: "alertmanager",
        summary: "Alertmanager's webhook; Grafana sends the same",
        keys: &[TOKEN, USER, PASSWORD, REPEAT],
    },
    HookDescription {
        kind: HookKind::PagerDuty,
        word: "pagerduty",
        summary: "webhooks of PagerDuty, version 3: an incident is an alert",
        keys: &[
            Key::needed(
                "secrets",
                KeyKind::Secrets,
                "what its signatures are made with; several while one is exchanged",
            ),
            REPEAT,
        ],
    },
    HookDescription {
        kind: HookKind::Opsgenie,
        word: "opsgenie",
        summary: "webhooks of Opsgenie and of Jira Service Management",
        keys: &[
            Key::needed("header", KeyKind::Plain, "the header in which the sender gives the secret"),
            Key::needed("secret", KeyKind::Secret, "that secret"),
            REPEAT,
        ],
    },
    HookDescription {
        kind: HookKind::Json,
        word: "json",
        summary: "anything with JSON, one alert in each delivery: JSONPath (RFC 9535) says where things are",
        keys: &[
            Key::needed("name", KeyKind::Plain, "the path of the name of the alert, like `$.title`"),
            Key::optional(
                "labels",
                KeyKind::Plain,
                "none",
                "the path of an object, or of a list of `NAME:VALUE`",
            ),
            Key::optional(
                "start",
                KeyKind::Plain,
                "when it came in",
                "the path of the time at which it began to fire",
            ),
            Key::optional("status", KeyKind::Plain, "it fires", "the path of its status"),
            Key::optional(
                "firing",
                KeyKind::Words,
                "`[\"firing\"]`",
                "the statuses with which it fires; it is resolved with every other",
            ),
            Key::optional("key", KeyKind::Plain, "its labels", "the path of what identifies the alert"),
            TOKEN,
            USER,
            PASSWORD,
            REPEAT,
        ],
    },
];

/// The keys that hold a path.
const PATHS: [&str; 5] = ["name", "labels", "start", "status", "key"];

/// Where the parts of an alert are in a body of JSON, as JSONPath.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HookPaths {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: Option<String>,
    /// When it began to fire.
    pub start: Option<String>,
    /// Its status.
    pub status: Option<String>,
    /// The statuses with which it fires.
    pub firing: Vec<String>,
    /// What identifies it.
    pub key: Option<String>,
}

/// The configuration of one hook.
#[derive(Debug, Clone, PartialEq)]
pub struct HookConfig {
    /// What sends to it.
    pub kind: HookKind,
    /// The bearer token of the sender.
    pub token: Option<Setting>,
    /// The name and the password of the sender.
    pub user: Option<(Setting, Setting)>,
    /// What the signatures of the sender are made with.
    pub secrets: Vec<Setting>,
    /// A header, and the secret that the sender gives in it.
    pub header: Option<(String, Setting)>,
    /// Where the parts of an alert are in JSON.
    pub paths: HookPaths,
    /// How long an alert counts as firing without another delivery.
    pub repeat: Seconds,
}

/// The content of the section.
#[derive(Deserialize)]
struct HookSection {
    token: Option<Setting>,
    user: Option<Setting>,
    password: Option<Setting>,
    #[serde(default)]
    secrets: Vec<Setting>,
    header: Option<String>,
    secret: Option<Setting>,
    #[serde(default)]
    name: String,
    labels: Option<String>,
    start: Option<String>,
    status: Option<String>,
    firing: Option<Vec<String>>,
    key: Option<String>,
    #[serde(default = "four_hours")]
    repeat: Seconds,
}

/// Alertmanager repeats a firing alert after four hours, unless it is configured otherwise.
const fn four_hours() -> Seconds {
    Seconds(15_000.0)
}

impl HookConfig {
    /// A hook of this kind of which nothing is configured: nobody has to sign in.
    pub fn open(kind: HookKind) -> Self {
        Self {
            kind,
            token: None,
            user: None,
            secrets: Vec::new(),
            header: None,
            paths: HookPaths::default(),
            repeat: four_hours(),
        }
    }

    /// Whether a sender has to prove who it is.
    pub fn is_protected(&self) -> bool {
        self.token.is_some() || self.user.is_some() || !self.secrets.is_empty() || self.header.is_some()
    }

    /// Reads a section whose keys are right; `None` for a kind that there is not.
    pub(super) fn read(kind: &str, section: &Spanned<DeValue<'_>>) -> Result<Option<Self>, Error> {
        let Some(description) = HOOK_KINDS.iter().find(|it| it.word == kind) else { return Ok(None) };
        let written = HookSection::deserialize(ValueDeserializer::from(section.clone()))?;
        Ok(Some(Self {
            kind: description.kind,
            token: written.token,
            user: written.user.zip(written.password),
            secrets: written.secrets,
            header: written.header.zip(written.secret),
            paths: HookPaths {
                name: written.name,
                labels: written.labels,
                start: written.start,
                status: written.status,
                firing: written.firing.unwrap_or_else(|| vec!["firing".to_owned()]),
                key: written.key,
            },
            repeat: written.repeat,
        }))
    }
}

/// The kinds with their keys, for the check of a section.
pub(super) fn types() -> Vec<(&'static str, &'static [Key])> {
    HOOK_KINDS.iter().map(|it| (it.word, it.keys)).collect()
}

/// Whether the name fits into an address, and the ways to sign in fit together.
pub(super) fn check(
    reader: &mut SectionReader<'_>,
    name: &Spanned<std::borrow::Cow<'_, str>>,
    keys: &DeTable<'_>,
) -> bool {
    let mut right = true;
    let mut wrong = |name: &Spanned<std::borrow::Cow<'_, str>>, message: &str, label: &str, help: &str| {
        right = false;
        reader.misplaced(name, message, label, help);
    };
    let fits = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    if name.get_ref().is_empty() || !name.get_ref().chars().all(fits) {
        let message = format!("`{}` cannot be the name of a hook", name.get_ref());
        let help = "it is part of its address, `/hooks/NAME`: write letters, digits, `-` and `_`";
        wrong(name, &message, "not part of an address", help);
    }
    for path in PATHS {
        let Some((name, value)) = keys.get_key_value(path) else { continue };
        if let Some(Err(why)) = value.get_ref().as_str().map(serde_json_path::JsonPath::parse) {
            let message = format!("`{path}` is not a JSONPath");
            wrong(name, &message, "cannot be read", &format!("write one like `$.alert.name`: {why}"));
        }
    }
    if let Some((name, value)) = keys.get_key_value("header") {
        let token = |it: u8| it.is_ascii_alphanumeric() || b"-_".contains(&it);
        if value.get_ref().as_str().is_some_and(|it| it.is_empty() || !it.bytes().all(token)) {
            let help = "write letters, digits and `-`, like `X-Rbl-Secret`";
            wrong(name, "`header` is not the name of a header", "cannot be sent", help);
        }
    }
    if let Some((name, value)) = keys.get_key_value("firing") {
        let is_empty = value.get_ref().as_array().is_some_and(|it| it.is_empty());
        if is_empty {
            let help =
                "name the statuses with which it fires, like `[\"open\"]`, or leave it out: `[\"firing\"]`";
            wrong(name, "`firing` names no status: no alert ever fires", "with which status?", help);
        } else if !keys.contains_key("status") {
            let help =
                "add the path of the status, like `status = \"$.state\"`: without one every alert fires";
            wrong(name, "there is a `firing` and no `status`", "which status?", help);
        }
    }
    let key = |name: &str| keys.get_key_value(name).map(|(name, _)| name);
    match (key("token"), key("user"), key("password")) {
        (Some(_), Some(user), _) => wrong(
            user,
            "there are two ways to sign in",
            "besides `token`",
            "keep `token`, or `user` and `password`",
        ),
        (_, Some(user), None) => {
            wrong(
                user,
                "there is a `user` and no `password`",
                "with which password?",
                "add `password = { env = \"NAME\" }`",
            );
        }
        (_, None, Some(password)) => {
            wrong(password, "there is a `password` and no `user`", "whose?", "add `user = \"NAME\"`");
        }
        _ => {}
    }
    right
}
