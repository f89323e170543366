//! The channel `file`: a line of JSON for each record, at the end of a file.

use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use std::fs::OpenOptions;
use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;

use rbl_check::{Key, KeyKind};
use rbl_runtime::{AskedQuestion, Delivery, RecordEffect};
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Channel;
use crate::delivery::Redelivery;
use crate::delivery_context::Outlet;
use crate::http::unique_json;
use crate::registry::ConnectionKind;
use crate::{clock, delivery};

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Channel> = ConnectionKind {
    description: KindDescription {
        family: Family::Channel,
        kind: "file",
        summary: "a line of JSON for each record, at the end of a file",
        metrics: &[],
        contract: Contract::Own,
        keys: &[Key::needed(
            "path",
            KeyKind::Plain,
            "the file, relative to the directory of `rbl.toml`; made where there is none",
        )],
    },
    configure: |section, base| {
        let config = FileChannelConfig::deserialize(section)?;
        Ok(Arc::new(FileChannel(base.join(config.path))))
    },
};

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct FileChannelConfig {
    path: String,
}

/// Posts to a file.
#[derive(Debug)]
struct FileChannel(PathBuf);

impl FileChannel {
    /// One write for the whole line, so that lines of several runs do not mix.
    fn append(&self, event: &str, mut fields: Value) -> Result<Delivery, Reason> {
        if let Some(fields) = fields.as_object_mut() {
            fields.insert("event".into(), json!(event));
            fields.insert("at".into(), json!(clock::now().to_string()));
        }
        let opened = OpenOptions::new().append(true).create(true).open(&self.0);
        let written = opened.and_then(|mut file| file.write_all(format!("{fields}\n").as_bytes()));
        written.map_err(|error| self.refused(&error))?;
        Ok(Delivery::by(self.0.display().to_string(), true))
    }

    /// Whether a line with this key is in the file. A line that was cut off is none.
    fn has(&self, key: &str) -> Result<bool, Reason> {
        let file = match std::fs::File::open(&self.0) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(self.refused(&error)),
        };
        for line in std::io::BufReader::new(file).split(b'\n') {
            let line = line.map_err(|error| self.refused(&error))?;
            let of_line = unique_json(&line).ok();
            if of_line.is_some_and(|it| it.get("key").and_then(Value::as_str) == Some(key)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn refused(&self, error: &std::io::Error) -> Reason {
        let why = rbl_syntax::io_error::writing(error);
        Reason::new(ReasonKind::Unreachable, format!("{}: {why}", self.0.display()))
    }
}

impl Channel for FileChannel {
    fn post(&self, record: &RecordEffect, _: &Outlet) -> Result<Delivery, Reason> {
        if record.again && self.has(&record.key)? {
            return Ok(Delivery::by(self.0.display().to_string(), true));
        }
        self.append("record", delivery::of_record(record))
    }

    fn ask(
        &self,
        question: &AskedQuestion,
        record: &RecordEffect,
        outlet: &Outlet,
    ) -> Result<Delivery, Reason> {
        if record.again && self.has(&record.key)? {
            return Ok(Delivery::by(self.0.display().to_string(), true));
        }
        self.append("question", delivery::of_question(question, record, outlet))
    }

    fn redelivery(&self) -> Redelivery {
        Redelivery::Once
    }

    fn test(&self) -> Result<String, Reason> {
        let known = self.0.exists();
        let opened = OpenOptions::new().append(true).create(true).open(&self.0);
        opened.map_err(|error| self.refused(&error))?;
        if !known {
            // Nothing is left of a test.
            let _ = std::fs::remove_file(&self.0);
        }
        Ok(format!("{} can be written", self.0.display()))
    }
}
