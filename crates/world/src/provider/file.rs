//! The provider `file`: numbers, texts and lines from a file that another program writes.

use crate::registry::ConnectionKind;
use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::measured::{Measurements, fresh_enough, kind_of};
use super::reported::{ReportedTexts, lines, whole};
use super::{Provider, without_secrets};
use crate::secrets;
use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::{CommandLine, OutsideJsonError, Piece, Read, Reading, Secrets};
use rbl_syntax::diagnostic::did_you_mean;
use rbl_syntax::one_line;
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Reason, ReasonKind, Time};

/// Its entry in the registry.
pub(super) const KIND: ConnectionKind<dyn Provider> = ConnectionKind {
    description: KindDescription {
        family: Family::Provider,
        kind: "file",
        summary: "from a JSON file: QUERY is `KEY`, or `PATH KEY` where no path is configured",
        metrics: &[MetricType::Number, MetricType::Text, MetricType::Lines],
        contract: Contract::Own,
        keys: &[
            Key::optional("path", KeyKind::Text, "the first word of QUERY", "the file"),
            Key::optional("max_age", KeyKind::Duration, "no limit", "what was written longer ago is unknown"),
        ],
    },
    configure: |section, base| {
        Ok(Arc::new(FileProvider::new(FileProviderConfig::deserialize(section)?, base)))
    },
};

/// Its section.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct FileProviderConfig {
    path: Option<Setting>,
    max_age: Option<Seconds>,
}

/// The largest file that is read.
const LIMIT: u64 = 64 << 20;

/// The largest file that is read as a text or as lines.
const WHOLE_LIMIT: usize = 10_000_000;

#[derive(Debug)]
pub(super) struct FileProvider {
    config: FileProviderConfig,
    base: PathBuf,
}

/// What a query may look like.
#[derive(Debug, Clone, Copy)]
struct QueryForm {
    /// It begins with the file.
    with_path: bool,
    /// It may name no key: the whole file.
    whole: bool,
}

/// What a query names: the file, if it names one, and the keys to follow.
#[derive(Debug, Default, PartialEq)]
struct FileQuery {
    path: Option<String>,
    keys: Vec<String>,
}

fn unreadable(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::Unreadable, text)
}

impl FileProvider {
    pub(super) fn new(config: FileProviderConfig, base: &Path) -> Self {
        Self { config, base: base.to_owned() }
    }

    /// The content of the file, and when it was written.
    fn content(&self, path: &str) -> Result<(Vec<u8>, Option<Time>), Reason> {
        let full = self.base.join(path);
        let trouble = |error: std::io::Error| {
            Reason::new(ReasonKind::Unreachable, format!("{path}: {}", rbl_syntax::io_error::reading(&error)))
        };
        let about = std::fs::metadata(&full).map_err(trouble)?;
        if !about.is_file() {
            return Err(Reason::new(ReasonKind::Unreachable, format!("{path}: not a plain file")));
        }
        if about.len() > LIMIT {
            return Err(Reason::new(ReasonKind::BadAnswer, format!("{path}: larger than {LIMIT} bytes")));
        }
        let written = about.modified().ok().and_then(|time| jiff::Timestamp::try_from(time).ok()).map(Time);
        Ok((std::fs::read(&full).map_err(trouble)?, written))
    }

    fn load(&self, path: &str) -> Result<(Value, Option<Time>), Reason> {
        let (content, written) = self.content(path)?;
        let value = rbl_runtime::json_with_digits(&content).map_err(|error| {
            let what = match error {
                OutsideJsonError::Form(error) => {
                    format!("not JSON (line {}, column {})", error.line(), error.column())
                }
                error => error.to_string(),
            };
            Reason::new(ReasonKind::BadAnswer, format!("{path}: {what}"))
        })?;
        Ok((value, written))
    }

    fn answer(&self, read: &Read, now: Time, secrets: &Secrets) -> Result<Reading, Reason> {
        let path =
            self.config.path.as_ref().map(|path| secrets::setting(secrets, path, &self.base)).transpose()?;
        let form = QueryForm { with_path: path.is_none(), whole: !read.of.is_number() };
        let query = query(&read.query, form, secrets, &self.base)?;
        let path = path.or(query.path).unwrap_or_default();
        if query.keys.is_empty() {
            return self.whole(&path, read, now);
        }
        let (document, written) = self.load(&path)?;
        let Some(value) = follow(&document, &query.keys, &path)? else { return Ok(Reading::default()) };
        let not_one =
            |reason: Reason| unreadable(format!("`{}` in {path} is {}", query.keys.join("."), reason.text));
        match read.of {
            MetricType::Number | MetricType::Unknown => {}
            MetricType::Text => {
                let texts = ReportedTexts::of(value).map_err(not_one)?;
                return texts.reading(now, written, self.config.max_age);
            }
            MetricType::Lines => {
                fresh_enough(written, now, self.config.max_age)?;
                return Ok(Reading { lines: lines(value).map_err(not_one)?, ..Reading::default() });
            }
        }
        let measured = Measurements::of(value).map_err(not_one)?;
        measured.reading(read.time, now, written, self.config.max_age)
    }

    /// The whole file, which need not be JSON, as a text or as lines.
    fn whole(&self, path: &str, read: &Read, now: Time) -> Result<Reading, Reason> {
        let (content, written) = self.content(path)?;
        if content.len() > WHOLE_LIMIT {
            let text = format!("{path}: larger than {WHOLE_LIMIT} bytes, so it is not read as a whole");
            return Err(Reason::new(ReasonKind::BadAnswer, text));
        }
        fresh_enough(written, now, self.config.max_age)?;
        whole(&content, read).map_err(|reason| unreadable(format!("{path}: {}", reason.text)))
    }
}

/// The value at the end of the keys. A key that contains dots is found too: the longest existing one wins.
fn follow<'a>(document: &'a Value, keys: &[String], path: &str) -> Result<Option<&'a Value>, Reason> {
    let mut value = document;
    let mut rest = keys;
    while !rest.is_empty() {
        let found = match value {
            Value::Object(object) => (1..=rest.len()).rev().find_map(|length| {
                let (taken, left) = rest.split_at_checked(length)?;
                object.get(&taken.join(".")).map(|value| (value, left))
            }),
            Value::Array(items) => rest.split_first().and_then(|(first, left)| {
                first.parse::<usize>().ok().and_then(|index| items.get(index)).map(|value| (value, left))
            }),
            Value::Null => return Ok(None),
            other => {
                let done = keys.len() - rest.len();
                let done = keys.get(..done).unwrap_or_default().join(".");
                return Err(unreadable(format!("`{done}` in {path} is {}, and has no keys", kind_of(other))));
            }
        };
        match found {
            Some((next, left)) => (value, rest) = (next, left),
            None => return Err(no_such_key(value, rest, path)),
        }
    }
    Ok(Some(value))
}

fn no_such_key(value: &Value, rest: &[String], path: &str) -> Reason {
    let wanted = rest.first().map_or("", String::as_str);
    let names = value.as_object().into_iter().flat_map(|object| object.keys()).map(String::as_str);
    let near =
        did_you_mean(wanted, names).map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
    Reason::new(ReasonKind::NoData, format!("no data: {path} has no `{}`{near}", one_line(wanted)))
}

/// Parses a query. The author's dots separate keys; a value is part of one key, or of one file name.
fn query(line: &CommandLine, form: QueryForm, secrets: &Secrets, base: &Path) -> Result<FileQuery, Reason> {
    let QueryForm { with_path, whole } = form;
    let mut path = String::new();
    let mut in_path = with_path;
    let mut keys = vec![String::new()];
    let key = |keys: &mut Vec<String>, text: &str| {
        if let Some(last) = keys.last_mut() {
            last.push_str(text);
        }
    };
    for piece in &line.0 {
        match piece {
            Piece::Text(text) => {
                for c in text.chars() {
                    match c {
                        c if in_path && c.is_whitespace() => in_path = path.is_empty(),
                        c if in_path => path.push(c),
                        '.' => keys.push(String::new()),
                        c => key(&mut keys, c.encode_utf8(&mut [0; 4])),
                    }
                }
            }
            Piece::Value(datum) => {
                let text = secrets::reveal(secrets, datum, base)?.shown();
                if !in_path {
                    key(&mut keys, &text);
                } else if text.contains(['/', '\\', '\0']) || text == ".." || text == "." {
                    return Err(unreadable("a value in a path has to be one name, without `/` and `..`"));
                } else {
                    path.push_str(&text);
                }
            }
        }
    }
    // `a/.#{x}` with a dot for x would still climb to the parent.
    let climbs = line.0.iter().any(|piece| matches!(piece, Piece::Value(_)))
        && path.split('/').any(|name| name == "..")
        && !authors_text(line).contains("..");
    if climbs {
        return Err(unreadable("a value in a path has to be one name, without `/` and `..`"));
    }
    let keys: Vec<String> = keys.iter().map(|key| key.trim().to_owned()).collect();
    let no_key = keys.iter().all(String::is_empty) && keys.len() == 1;
    if whole && no_key && !(with_path && path.is_empty()) {
        return Ok(FileQuery { path: with_path.then_some(path), keys: Vec::new() });
    }
    if keys.iter().any(String::is_empty) {
        let form = if with_path { "\"metrics.json p99\"" } else { "\"p99\"" };
        return Err(unreadable(format!("the query names no key: write it like {form}")));
    }
    Ok(FileQuery { path: with_path.then_some(path), keys })
}

fn authors_text(line: &CommandLine) -> String {
    line.0
        .iter()
        .filter_map(|piece| if let Piece::Text(text) = piece { Some(text.as_str()) } else { None })
        .collect()
}

impl Provider for FileProvider {
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason> {
        let secrets = Secrets::of_connection();
        let result = self.answer(read, now, &secrets);
        without_secrets(result, &secrets)
    }

    fn test(&self) -> Result<String, Reason> {
        let Some(path) = &self.config.path else {
            return Ok("reads the file that the query names".to_owned());
        };
        let known = Secrets::of_connection();
        let path = secrets::setting(&known, path, &self.base)?;
        let loaded = self.load(&path).map(|(value, _)| format!("{path}: {}", kind_of(&value)));
        loaded.map(|said| known.redact(&said)).map_err(|why| known.redact_reason(&why))
    }
}
