//! [`Begun`]: the first entry of every run, with everything needed to walk it again.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{Alert, Secrets};
use rbl_syntax::value::{Time, Value};

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
    /// Whether every action is confirmed before it starts (`--confirm`): those questions are part of the run.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub confirm: bool,
}

impl Begun {
    /// The entry format that this rbl writes.
    pub const FORMAT: u32 = 1;

    /// The beginning as it is recorded: values of secrets masked, and the inputs that contained one noted in
    /// [`Self::masked`].
    #[must_use]
    pub fn without_secrets(self, secrets: &Secrets) -> Self {
        let Some(mut clean) = secrets.redacted(&self) else { return self };
        clean.masked = MaskedInput::between(&self, &clean);
        clean
    }
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
            alert: Some(Alert {
                name: "Latency".into(),
                labels,
                annotations: BTreeMap::new(),
                starts_at: None,
                fingerprint: None,
                others: 0,
            }),
            scheduled: None,
            confirm: false,
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

    /// Three dots that somebody typed are a value like any other.
    #[test]
    fn dots_that_were_given_are_no_secret() {
        let secrets = Secrets::new();
        secrets.hide("hunter-two");
        let given = begun(&[("host", "•••")], &[("instance", "•••")]);
        assert_eq!(given.clone().without_secrets(&secrets), given);
    }
}
