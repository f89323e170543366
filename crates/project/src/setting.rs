//! The values of keys in `rbl.toml`: a text written there or read from the environment or a file, a duration, an amount of
//! data.

use std::path::Path;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;

use crate::files::read_regular;
use rbl_syntax::io_error::reading;
use rbl_syntax::value::{Dimension, Reason, ReasonKind, SecretRef, Unit};

/// A text: written in the file, or read when it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Setting {
    /// The text itself.
    Text(String),
    /// `{ env = "NAME" }`: an environment variable.
    Env {
        /// Its name.
        env: String,
    },
    /// `{ file = "PATH" }`: a file, relative to the directory of `rbl.toml`; its last line end is removed.
    File {
        /// Its path.
        file: String,
    },
}

impl Setting {
    /// Reads the text. The error names the variable or file that cannot be read.
    pub fn resolve(&self, base: &Path) -> Result<String, Reason> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Env { env } => from_environment(env),
            Self::File { file } => from_file(&base.join(file)),
        }
    }

    /// Whether it comes from outside the file, as a secret must.
    pub fn is_outside(&self) -> bool {
        !matches!(self, Self::Text(_))
    }
}

/// Reads a secret that comes from the environment or a file.
///
/// Errors: it cannot be read, or is empty; or a person typed it in this run, and only the world that asked has it.
pub fn read_secret(secret: &SecretRef, base: &Path) -> Result<SecretString, Reason> {
    let value = match secret {
        SecretRef::Env(name) => from_environment(name),
        SecretRef::File(path) => from_file(&base.join(path.as_str())),
        SecretRef::Command(_) => Err(Reason::new(
            ReasonKind::Unreadable,
            "a secret that a command prints is read where commands are run",
        )),
        SecretRef::Asked(name) => Err(Reason::new(
            ReasonKind::Unreadable,
            format!("the secret `{name}` that was typed is not kept here"),
        )),
    }?;
    if value.is_empty() {
        let what = match secret {
            SecretRef::Env(name) => format!("the environment variable {name} is empty"),
            SecretRef::File(path) => format!("{path} is empty"),
            SecretRef::Command(it) => format!("{} prints nothing", it.command),
            SecretRef::Asked(name) => format!("the secret `{name}` is empty"),
        };
        return Err(Reason::new(ReasonKind::Unreadable, what));
    }
    Ok(value.into())
}

fn from_environment(name: &str) -> Result<String, Reason> {
    std::env::var(name).map_err(|error| {
        let why = match error {
            std::env::VarError::NotPresent => "is not set",
            std::env::VarError::NotUnicode(_) => "is not text",
        };
        Reason::new(ReasonKind::Unreadable, format!("the environment variable {name} {why}"))
    })
}

/// The largest file that a setting or a secret is read from, in bytes.
const LARGEST: u64 = 1 << 20;

fn from_file(path: &Path) -> Result<String, Reason> {
    let unreadable = |why: &str| Reason::new(ReasonKind::Unreadable, format!("{}: {why}", path.display()));
    let bytes = read_regular(path, LARGEST, "setting").map_err(|why| unreadable(&why))?;
    let text = std::io::read_to_string(bytes.as_slice());
    let mut text = text.map_err(|error| unreadable(&reading(&error)))?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

/// A duration in `rbl.toml`, in seconds: `"10s"`, `"1h30m"`, in the units of the language.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Seconds(pub f64);

/// An amount of data in `rbl.toml`, in bytes: `"10MB"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

/// A number of times within a duration in `rbl.toml`: `"10 in 10m"`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// That many times, at least once.
    pub most: u32,
    /// Within this many seconds.
    pub window: f64,
}

impl Rate {
    /// Parses a rate; the error is a message.
    pub fn parse(text: &str) -> Result<Self, String> {
        let like = || "write a number and a duration, like \"10 in 10m\"".to_owned();
        let (most, window) = text.split_once(" in ").ok_or_else(like)?;
        let most = most.trim().parse::<u32>().ok().filter(|most| *most > 0).ok_or_else(like)?;
        let window = Seconds::parse(window.trim())?.0;
        if window <= 0.0 { Err(like()) } else { Ok(Self { most, window }) }
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl Seconds {
    /// Converts it to the standard library's type. *Invariant:* parsing has refused what does not fit.
    pub fn duration(self) -> std::time::Duration {
        std::time::Duration::try_from_secs_f64(self.0).unwrap_or(std::time::Duration::MAX)
    }

    /// Parses a duration as the language writes it; the error is a message.
    pub fn parse(text: &str) -> Result<Self, String> {
        let seconds = quantity(text, Dimension::DURATION, "a duration", "10s")?;
        if seconds > 0.0 { Ok(Self(seconds)) } else { Err("it has to be longer than zero".into()) }
    }
}

impl Bytes {
    /// Parses an amount of data as the language writes it; the error is a message.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bytes = quantity(text, Dimension::DATA, "an amount of data", "10MB")?;
        // A petabyte is far below where an f64 loses bytes.
        if !(1.0..=1e15).contains(&bytes) {
            return Err("it has to lie between 1B and 1PB".into());
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // bounded above
        Ok(Self(bytes as u64))
    }
}

/// Parses numbers with units, once or several times (`1h30m`), to base units.
fn quantity(text: &str, dimension: Dimension, what: &str, example: &str) -> Result<f64, String> {
    let mut total = 0.0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(format!("write {what}, like \"{example}\""));
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(rest.len());
        let (number, behind) = rest.split_at_checked(digits).unwrap_or((rest, ""));
        let value: f64 =
            number.replace('_', "").parse().map_err(|_| format!("write {what}, like \"{example}\""))?;
        let letters = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at_checked(letters).unwrap_or((behind, ""));
        let unit = unit.trim();
        if unit.is_empty() {
            return Err(format!("{number} what? write {what} with its unit, like \"{example}\""));
        }
        let unit = match Unit::parse(unit) {
            Ok(unit) if unit.dimension() == dimension => unit,
            Ok(_) => return Err(format!("`{unit}` is not a unit of {what}; write one like \"{example}\"")),
            Err(rbl_syntax::value::UnitRefusal::Doubtful(right)) => {
                let right: Vec<String> = right.iter().map(|right| format!("\"{number}{right}\"")).collect();
                return Err(format!("write {}", right.join(" or ")));
            }
            Err(rbl_syntax::value::UnitRefusal::Unknown) => {
                return Err(format!("`{unit}` is not a unit; write {what}, like \"{example}\""));
            }
        };
        total += value * unit.factor();
        rest = behind.trim_start();
    }
    if total.is_finite() && total < 1e10 || dimension == Dimension::DATA {
        Ok(total)
    } else {
        Err("that is more than three hundred years".into())
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = SmolStr::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = SmolStr::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_the_language() {
        assert_eq!(Seconds::parse("10s"), Ok(Seconds(10.0)));
        assert_eq!(Seconds::parse("1h30m"), Ok(Seconds(5400.0)));
        assert_eq!(Seconds::parse("1.5s"), Ok(Seconds(1.5)));
        assert_eq!(Seconds::parse("5min"), Err("write \"5m\"".into()));
        assert!(Seconds::parse("10").unwrap_err().starts_with("10 what?"));
        assert!(
            Seconds::parse("10MB").is_err() && Seconds::parse("").is_err() && Seconds::parse("0s").is_err()
        );
        assert!(Seconds::parse("999999w").is_err());
        assert_eq!(Bytes::parse("10MB"), Ok(Bytes(10_000_000)));
        assert!(Bytes::parse("0B").is_err() && Bytes::parse("5s").is_err());
    }

    #[test]
    fn a_setting_is_read_where_it_is_used() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("token"), "s3cret\n").unwrap();
        let file = Setting::File { file: "token".into() };
        assert_eq!(file.resolve(directory.path()).unwrap(), "s3cret");
        let gone = Setting::File { file: "gone".into() };
        assert!(gone.resolve(directory.path()).unwrap_err().text.contains("no such file"));
        let folder = Setting::File { file: ".".into() };
        assert!(folder.resolve(directory.path()).unwrap_err().text.ends_with("it is a folder"));
        let unset = Setting::Env { env: "RBL_SURELY_NOT_SET".into() };
        assert!(unset.resolve(directory.path()).unwrap_err().text.contains("RBL_SURELY_NOT_SET is not set"));
    }
}
