//! [`Begun`]: the first entry of every run, with everything needed to walk it again.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{RunMode, sha256};
use crate::{Alert, Secrets};
use rbl_syntax::value::{MASK, Time, Value};

/// The inputs of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Begun {
    /// The version of the entry format; [`Self::FORMAT`] for entries this rbl wrote.
    pub format: u32,
    /// The version of rbl that wrote it.
    pub rbl: SmolStr,
    /// The run's id.
    pub run: SmolStr,
    /// Who started it.
    pub by: String,
    /// The source texts, the runbook's own first.
    pub sources: Vec<RecordedSource>,
    /// The kinds of the configured providers by name: queries are checked with them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub providers: BTreeMap<String, String>,
    /// The inputs whose values were masked, because they contained a secret: such a run cannot be walked again.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub masked: Vec<MaskedInput>,
    /// The given parameters, by name.
    pub params: BTreeMap<SmolStr, Value>,
    /// The alert that started it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub alert: Option<Alert>,
    /// When its schedule fired.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scheduled: Option<Time>,
    /// The edition of the language; the run is walked under it to its end. [`Self::LANGUAGE`] for runs that this rbl
    /// begins.
    #[serde(default = "first_edition")]
    pub language: u32,
    /// What it may do unasked.
    #[serde(default)]
    pub mode: RunMode,
    /// The mode of each runbook that it may run and that is in another one, by its file, as it is shown.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub modes: BTreeMap<SmolStr, RunMode>,
    /// Whether the configuration says in which mode it is, now and whenever it is resumed; else whoever started it said it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub mode_is_configured: bool,
    /// The version of the time-zone data: `2026b`; `None` where the machine does not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub time_zones: Option<SmolStr>,
    /// The teams that had members when it began, with how many of them have to approve: while no members of such a team are
    /// known, nobody answers for it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub teams: BTreeMap<SmolStr, u32>,
    /// Whether every action is confirmed before it starts (`--confirm`): those questions are part of the run.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub confirm: bool,
}

impl Begun {
    /// The entry format that this rbl writes.
    pub const FORMAT: u32 = 2;

    /// The edition of the language of this rbl.
    pub const LANGUAGE: u32 = 2;

    /// Whether it asks for its mode before each machine action. Where nobody but who started it can have made it stricter
    /// than `act`, it does not.
    pub fn asks_mode(&self) -> bool {
        self.mode_is_configured || self.mode != RunMode::Act || !self.modes.is_empty()
    }

    /// The mode of the runbook in this file, as it was when the run began.
    pub fn mode_of(&self, file: &str) -> RunMode {
        self.modes.get(file).copied().unwrap_or(self.mode)
    }

    /// Why this rbl cannot walk the run, whatever its texts say; `None`: it can.
    pub fn unknown_edition(&self) -> Option<String> {
        if self.language == Self::LANGUAGE {
            return None;
        }
        Some(format!(
            "it began under edition {} of the language (rbl {}), and this rbl knows edition {} only",
            self.language,
            self.rbl,
            Self::LANGUAGE
        ))
    }

    /// The beginning as it is recorded: values of secrets masked, and the inputs that contained one noted in
    /// [`Self::masked`]. A text that contained one no longer has its hash: it is read from its file again where that is
    /// unchanged.
    #[must_use]
    pub fn without_secrets(self, secrets: &Secrets) -> Self {
        let Some(mut clean) = secrets.redacted_record(&self) else { return self };
        clean.masked = MaskedInput::between(&self, &clean);
        let sources = self.sources.into_iter().zip(clean.sources);
        // Where a file is, and its hash, are no data: without them the run could not be resumed.
        clean.sources = sources.map(|(whole, clean)| RecordedSource { text: clean.text, ..whole }).collect();
        clean.run = self.run;
        clean
    }
}

/// The edition of a record that names none.
fn first_edition() -> u32 {
    1
}

/// An input of a run whose value is not in the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MaskedInput {
    /// A parameter.
    Param(SmolStr),
    /// A label of the alert.
    Label(SmolStr),
    /// An annotation of the alert.
    Annotation(SmolStr),
    /// The name of the alert.
    AlertName,
    /// The fingerprint of the alert.
    AlertFingerprint,
    /// A part of the text of a file of the program.
    Text(SmolStr),
}

impl MaskedInput {
    /// The inputs that differ between the beginning and its copy without secrets.
    fn between(whole: &Begun, clean: &Begun) -> Vec<Self> {
        let mut all: Vec<Self> = differing(&whole.params, &clean.params).map(Self::Param).collect();
        if let (Some(whole), Some(clean)) = (&whole.alert, &clean.alert) {
            all.extend((whole.name != clean.name).then_some(Self::AlertName));
            all.extend(differing(&whole.labels, &clean.labels).map(Self::Label));
            all.extend(differing(&whole.annotations, &clean.annotations).map(Self::Annotation));
            all.extend((whole.fingerprint != clean.fingerprint).then_some(Self::AlertFingerprint));
        }
        all
    }
}

impl std::fmt::Display for MaskedInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Param(name) => write!(f, "the value of the parameter `{name}`"),
            Self::Label(name) | Self::Annotation(name) => write!(f, "`{name}` of the alert"),
            Self::AlertName => f.write_str("the name of the alert"),
            Self::AlertFingerprint => f.write_str("the fingerprint of the alert"),
            Self::Text(file) => write!(f, "a part of the text of `{file}`, which has changed since,"),
        }
    }
}

/// The names whose values differ. Masking keeps the names.
fn differing<'a, V: PartialEq>(
    whole: &'a BTreeMap<SmolStr, V>,
    clean: &'a BTreeMap<SmolStr, V>,
) -> impl Iterator<Item = SmolStr> + 'a {
    whole.iter().filter(|(name, value)| clean.get(*name) != Some(*value)).map(|(name, _)| name.clone())
}

impl RecordedSource {
    /// Whether a part of its text was the value of a secret, and is not in the record.
    pub fn is_masked(&self) -> bool {
        self.text.contains(MASK) && sha256(&self.text) != self.sha256
    }
}

/// A source text of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordedSource {
    /// Its name, as shown.
    pub name: SmolStr,
    /// Its permanent identity: see [`rbl_check::Loader`].
    pub identity: String,
    /// The text itself.
    pub text: String,
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(params: &[(&str, &str)], labels: &[(&str, &str)]) -> Begun {
        let texts = |all: &[(&str, &str)]| {
            all.iter().map(|(name, text)| (SmolStr::from(*name), SmolStr::from(*text))).collect()
        };
        let labels: BTreeMap<SmolStr, SmolStr> = texts(labels);
        let params: BTreeMap<SmolStr, SmolStr> = texts(params);
        Begun {
            format: Begun::FORMAT,
            rbl: "0.1.0".into(),
            run: "r1".into(),
            by: "ana".into(),
            sources: Vec::new(),
            providers: BTreeMap::new(),
            masked: Vec::new(),
            params: params.into_iter().map(|(name, text)| (name, Value::Text(text))).collect(),
            alert: Some(Alert::of("Latency".into(), labels)),
            scheduled: None,
            confirm: false,
            language: Begun::LANGUAGE,
            mode: RunMode::Act,
            modes: BTreeMap::new(),
            mode_is_configured: false,
            teams: std::collections::BTreeMap::new(),
            time_zones: None,
        }
    }

    #[test]
    fn what_was_masked_is_recorded_by_name() {
        let secrets = Secrets::new();
        secrets.hide("hunter-two");
        let clean = begun(&[("host", "db-1"), ("token", "x hunter-two")], &[("pass", "hunter-two")])
            .without_secrets(&secrets);
        let masked = [MaskedInput::Param("token".into()), MaskedInput::Label("pass".into())];
        assert_eq!(clean.masked, masked);
        assert_eq!(clean.params.get("token"), Some(&Value::text("x •••")));
        assert_eq!(clean.params.get("host"), Some(&Value::text("db-1")));
        let again: Begun = serde_json::from_str(&serde_json::to_string(&clean).unwrap()).unwrap();
        assert_eq!(again, clean);
        assert_eq!(masked[0].to_string(), "the value of the parameter `token`");
        assert_eq!(masked[1].to_string(), "`pass` of the alert");
    }

    #[test]
    fn the_text_of_a_file_is_masked_and_its_name_stays() {
        let secrets = Secrets::new();
        secrets.hide("disk");
        let text = "runbook \"disk full\"\n";
        let source = |name: &str, text: &str| RecordedSource {
            name: name.into(),
            identity: format!("/disk/{name}"),
            text: text.into(),
            sha256: sha256(text),
        };
        let whole = Begun { sources: vec![source("disk.rb", text), source("b.rb", "")], ..begun(&[], &[]) };
        let clean = whole.clone().without_secrets(&secrets);
        assert_eq!(clean.sources[0].text, "runbook \"••• full\"\n");
        assert!(clean.sources[0].is_masked() && !clean.sources[1].is_masked());
        assert_eq!(
            (&clean.sources[0].name, &clean.sources[0].identity),
            (&"disk.rb".into(), &"/disk/disk.rb".into())
        );
        assert_eq!(clean.sources[0].sha256, whole.sources[0].sha256);
        assert_eq!(clean.masked, Vec::new());
    }

    /// A record that names no edition is of the first one, which was never released.
    #[test]
    fn another_edition_is_known_by_its_number() {
        let own = begun(&[], &[]);
        assert_eq!(own.unknown_edition(), None);
        let mut json = serde_json::to_value(&own).unwrap();
        json.as_object_mut().unwrap().remove("language");
        let first: Begun = serde_json::from_value(json).unwrap();
        assert_eq!(first.language, 1);
        for language in [1, 3] {
            let other = Begun { language, ..own.clone() };
            let why = other.unknown_edition().unwrap();
            assert!(why.contains(&format!("edition {language} of the language")), "{why}");
        }
    }

    /// Three dots that somebody typed are a value like any other.
    #[test]
    fn dots_that_were_given_are_no_secret() {
        let secrets = Secrets::new();
        secrets.hide("hunter-two");
        let given = begun(&[("host", "•••")], &[("instance", "•••")]);
        assert_eq!(given.clone().without_secrets(&secrets), given);
    }
}
