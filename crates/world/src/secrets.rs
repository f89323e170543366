//! Reads the value of a secret where it is kept: the environment, a file, or what a person typed in this run.

use std::path::Path;

use rbl_project::setting::{Setting, read_secret};
use rbl_runtime::{Datum, Secrets};
use rbl_syntax::value::{Reason, ReasonKind, SecretRef};
use secrecy::{ExposeSecret, SecretString};

/// The value of a secret, or why it cannot be read. From now on [`Secrets::redact`] replaces it.
pub fn resolve(secrets: &Secrets, secret: &SecretRef) -> Result<SecretString, Reason> {
    let value = match secret {
        SecretRef::Env(name) => from_env(name)?,
        SecretRef::File(path) => from_file(path)?,
        SecretRef::Asked(key) => secrets.typed(key).ok_or_else(|| {
            Reason::new(ReasonKind::NotRun, "the secret has to be typed again: it is never kept")
        })?,
    };
    secrets.hide(value.expose_secret());
    Ok(value)
}

/// The text of a setting in `rbl.toml`; hidden from now on if it comes from outside the file.
pub(crate) fn setting(secrets: &Secrets, setting: &Setting, base: &Path) -> Result<String, Reason> {
    let text = setting.resolve(base)?;
    if setting.is_outside() {
        secrets.hide(&text);
    }
    match setting {
        Setting::Env { env } if text.is_empty() => {
            Err(Reason::new(ReasonKind::Unreadable, format!("the environment variable {env} is empty")))
        }
        Setting::File { file } if text.is_empty() => {
            Err(Reason::new(ReasonKind::Unreadable, format!("{file} is empty")))
        }
        Setting::Text(_) | Setting::Env { .. } | Setting::File { .. } => Ok(text),
    }
}

/// The value in which every secret is replaced by its text, which is hidden from now on. A secret that was typed has to be
/// replaced before: only the world that asked for it has it.
pub(crate) fn reveal(secrets: &Secrets, datum: &Datum, base: &Path) -> Result<Datum, Reason> {
    Ok(match datum {
        Datum::Secret(secret) => {
            let text = read_secret(secret, base)?;
            secrets.hide(text.expose_secret());
            Datum::Text(text.expose_secret().to_owned())
        }
        Datum::List(items) => {
            Datum::List(items.iter().map(|item| reveal(secrets, item, base)).collect::<Result<_, _>>()?)
        }
        plain
        @ (Datum::Text(_) | Datum::Number(_) | Datum::Duration(_) | Datum::Data(_) | Datum::Bool(_)) => {
            plain.clone()
        }
    })
}

fn from_env(name: &str) -> Result<SecretString, Reason> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => {
            Err(Reason::new(ReasonKind::NotRun, format!("the environment variable {name} is empty")))
        }
        Ok(value) => Ok(value.into()),
        Err(std::env::VarError::NotPresent) => {
            Err(Reason::new(ReasonKind::NotRun, format!("the environment variable {name} is not set")))
        }
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Reason::new(ReasonKind::NotRun, format!("the environment variable {name} is not UTF-8")))
        }
    }
}

fn from_file(path: &str) -> Result<SecretString, Reason> {
    let text = std::fs::read_to_string(path).map(zeroize::Zeroizing::new).map_err(|error| {
        Reason::new(ReasonKind::NotRun, format!("cannot read the secret in {path}: {error}"))
    })?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_is_not_there_says_where_it_was_looked_for() {
        let missing = |secret| resolve(&Secrets::new(), &secret).unwrap_err().text;
        assert_eq!(
            missing(SecretRef::Env("RBL_NO_SUCH".into())),
            "the environment variable RBL_NO_SUCH is not set"
        );
        assert!(missing(SecretRef::File("/no/such".into())).contains("/no/such"));
        assert!(missing(SecretRef::Asked("k".into())).contains("typed again"));
    }

    #[test]
    fn a_secret_is_hidden_however_it_is_spelled() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("long"), "abc/def").unwrap();
        std::fs::write(directory.path().join("short"), "abc").unwrap();
        let secrets = Secrets::of_connection();
        for name in ["short", "long"] {
            let secret = Datum::List(vec![Datum::Secret(SecretRef::File(name.into()))]);
            assert!(!matches!(reveal(&secrets, &secret, directory.path()).unwrap(), Datum::Secret(_)));
        }
        let reason = Reason::new(ReasonKind::ProviderError, "no abc/def, no abc%2Fdef, no abc");
        assert_eq!(secrets.redact_reason(&reason).text, "no •••, no •••, no •••");
        let asked =
            reveal(&secrets, &Datum::Secret(SecretRef::Asked("pin".into())), directory.path()).unwrap_err();
        assert!(asked.text.contains("`pin`"), "{asked}");
    }
}
