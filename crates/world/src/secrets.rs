//! Reads the value of a secret where it is kept: the environment, a file, what a command prints, or what a person typed in this run.

use std::path::Path;

use rbl_project::setting::{Setting, read_secret};
use rbl_runtime::{Datum, Secrets};
use rbl_syntax::value::{Reason, ReasonKind, SecretRef};
use secrecy::{ExposeSecret, SecretString};

use crate::secret_command;

/// The value of a secret, or why it cannot be read. From now on [`Secrets::redact`] replaces it.
pub fn resolve(secrets: &Secrets, secret: &SecretRef) -> Result<SecretString, Reason> {
    let value = match secret {
        SecretRef::Env(_) | SecretRef::File(_) => read_secret(secret, Path::new(""))?,
        SecretRef::Command(command) => secret_command::read(command, secrets)?,
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
            let text = match secret {
                SecretRef::Command(command) => secret_command::read(command, secrets)?,
                SecretRef::Env(_) | SecretRef::File(_) | SecretRef::Asked(_) => read_secret(secret, base)?,
            };
            secrets.hide(text.expose_secret());
            Datum::Text(text.expose_secret().to_owned())
        }
        Datum::List(items) => {
            Datum::List(items.iter().map(|item| reveal(secrets, item, base)).collect::<Result<_, _>>()?)
        }
        plain @ (Datum::Text(_)
        | Datum::Number(_)
        | Datum::ExactNumber(_)
        | Datum::Duration(_)
        | Datum::Reading { .. }
        | Datum::Data(_)
        | Datum::Bool(_)) => plain.clone(),
    })
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
        assert_eq!(missing(SecretRef::File("/no/such".into())), "/no/such: no such file");
        assert_eq!(missing(SecretRef::File("/dev/null".into())), "/dev/null: it is not a regular file");
        assert!(missing(SecretRef::Asked("k".into())).contains("typed again"));
    }

    /// Opening a pipe waits for somebody who writes into it.
    #[test]
    fn a_pipe_is_refused_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let secret = SecretRef::File(pipe.to_str().unwrap().into());
        let reason = resolve(&Secrets::new(), &secret).unwrap_err();
        assert!(reason.text.ends_with("it is not a regular file"), "{reason}");
        let datum = Datum::Secret(secret);
        assert!(reveal(&Secrets::new(), &datum, directory.path()).is_err());
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
