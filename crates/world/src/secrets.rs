//! Reads the value of a secret where it is kept: the environment, a file, or what a person typed in this run.

use rbl_runtime::Secrets;
use rbl_syntax::value::{Reason, ReasonKind, SecretRef};

/// The value of a secret, or why it cannot be read. From now on [`Secrets::redact`] replaces it.
pub fn resolve(secrets: &Secrets, secret: &SecretRef) -> Result<String, Reason> {
    let value = match secret {
        SecretRef::Env(name) => from_env(name)?,
        SecretRef::File(path) => from_file(path)?,
        SecretRef::Asked(key) => secrets.typed(key).ok_or_else(|| {
            Reason::new(ReasonKind::NotRun, "the secret has to be typed again: it is never kept")
        })?,
    };
    secrets.hide(&value);
    Ok(value)
}

fn from_env(name: &str) -> Result<String, Reason> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => {
            Err(Reason::new(ReasonKind::NotRun, format!("the environment variable {name} is empty")))
        }
        Ok(value) => Ok(value),
        Err(std::env::VarError::NotPresent) => {
            Err(Reason::new(ReasonKind::NotRun, format!("the environment variable {name} is not set")))
        }
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Reason::new(ReasonKind::NotRun, format!("the environment variable {name} is not UTF-8")))
        }
    }
}

fn from_file(path: &str) -> Result<String, Reason> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Reason::new(ReasonKind::NotRun, format!("cannot read the secret in {path}: {error}"))
    })?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
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
}
