//! The provider `systemd`: how a unit is, by `systemctl show`. QUERY is `UNIT [PROPERTY]`, of `ActiveState` without one.
//!
//! Success is exit code 0, and a unit that systemd has loaded: of one that there is not, `systemctl show` says `inactive` as well.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use rbl_project::setting::Seconds;
use rbl_runtime::{RawSample, RawText, Read, Reading, Secrets};
use rbl_syntax::one_line;
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{ExactNumber, Labels, Reason, ReasonKind, Time};
use serde::Deserialize;

use super::words::words;
use super::{Provider, not_of, only_now, without_secrets};
use crate::config_keys;
use crate::registry::ConnectionKind;
use crate::tool::{Tool, ToolOutput, last_line};

/// Its entry in the registry.
pub(super) const KIND: ConnectionKind<dyn Provider> = ConnectionKind {
    description: KindDescription {
        family: Family::Provider,
        kind: "systemd",
        summary: "a unit of systemd: QUERY is UNIT [PROPERTY], its state without one",
        metrics: &[MetricType::Number, MetricType::Text],
        contract: Contract::OurReading("the manual page of systemctl 252"),
        keys: &[
            Key::optional(
                "host",
                KeyKind::Plain,
                "this machine",
                "the machine that is asked, by `systemctl --host` over ssh",
            ),
            Key::optional("user", KeyKind::Flag, "false", "whether the units of our user are meant"),
            Key::optional("command", KeyKind::Words, "[\"systemctl\"]", "the program that is asked"),
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| Ok(Arc::new(Systemd::new(SystemdConfig::deserialize(section)?, base))),
};

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct SystemdConfig {
    host: Option<String>,
    #[serde(default)]
    user: bool,
    #[serde(default = "systemctl")]
    command: Vec<String>,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
}

fn systemctl() -> Vec<String> {
    vec!["systemctl".into()]
}

#[derive(Debug)]
struct Systemd {
    tool: Tool,
    host: Option<String>,
    user: bool,
}

impl Systemd {
    fn new(config: SystemdConfig, base: &Path) -> Self {
        let SystemdConfig { host, user, command, timeout } = config;
        Self { tool: Tool::new(command, timeout.duration(), base), host, user }
    }

    fn ask(&self, arguments: &[&str], secrets: &Secrets) -> Result<ToolOutput, Reason> {
        let mut all: Vec<String> = self.host.iter().map(|host| format!("--host={host}")).collect();
        if self.user {
            all.push("--user".into());
        }
        all.extend(arguments.iter().map(|&word| word.to_owned()));
        let said = self.tool.ask(&all, secrets)?;
        if said.code == 0 {
            return Ok(said);
        }
        let name = self.tool.name();
        let line = last_line(&said.err);
        let text = match line.as_str() {
            "" => format!("{name} ended with exit code {}", said.code),
            line => format!("{name}: {line}"),
        };
        // It was asked, and did not reach systemd.
        let no_way =
            ["Failed to connect", "Failed to get D-Bus", "System has not been booted", "Host is down"];
        let is_there = !no_way.iter().any(|words| said.err.contains(words));
        let kind = if is_there { ReasonKind::ProviderError } else { ReasonKind::Unreachable };
        Err(Reason::new(kind, text))
    }

    fn reading(&self, read: &Read, now: Time, secrets: &Secrets) -> Result<Reading, Reason> {
        only_now(read)?;
        if read.of == MetricType::Lines {
            return Err(not_of(read, "numbers and texts"));
        }
        let refused = |text: String| Reason::new(ReasonKind::NotRun, text);
        let words = words(&read.query, secrets, self.tool.base())?;
        let (unit, property) = match words.as_slice() {
            [unit] if read.of == MetricType::Text => (unit, "ActiveState"),
            [_] => {
                return Err(refused(
                    "a number is that of a property: write `UNIT PROPERTY`, like `api NRestarts`".into(),
                ));
            }
            [unit, property] => (unit, property.as_str()),
            _ => return Err(refused("the query is not `UNIT [PROPERTY]`".into())),
        };
        let is_name =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '.' | '\\' | '@' | '-' | '/');
        if !unit.chars().all(is_name) || unit.starts_with('-') {
            return Err(refused(format!("`{}` is not the name of one unit", one_line(unit))));
        }
        if !property.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(refused(format!("`{}` is not the name of a property", one_line(property))));
        }
        let wanted = format!("--property=LoadState,{property}");
        let said = self.ask(&["show", "--no-pager", &wanted, "--", unit], secrets)?;
        let text = String::from_utf8_lossy(&said.out);
        let properties: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
        let bad = |text: String| Err(Reason::new(ReasonKind::BadAnswer, text));
        match properties.get("LoadState") {
            None => return bad(format!("{} did not say whether {unit} is loaded", self.tool.name())),
            Some(&"not-found") => {
                return Err(Reason::new(ReasonKind::NoData, format!("there is no unit {unit}")));
            }
            Some(&("error" | "bad-setting")) => {
                let text = format!("the file of the unit {unit} cannot be used");
                return Err(Reason::new(ReasonKind::ProviderError, text));
            }
            Some(_) => {}
        }
        let Some(value) = properties.get(property) else {
            let text = format!("the unit {unit} has no property `{property}`");
            return Err(Reason::new(ReasonKind::NoField, text));
        };
        let mut reading = Reading::default();
        // What systemd has not measured, or has not limited, has no value.
        if matches!(*value, "[not set]" | "" | "[no data]") {
            return Ok(reading);
        }
        if read.of == MetricType::Text {
            reading.texts.push(RawText { labels: Labels::new(), text: one_line(value) });
            return Ok(reading);
        }
        let number: Option<f64> = value.parse().ok().filter(|number: &f64| number.is_finite());
        let Some(number) = number.filter(|_| *value != u64::MAX.to_string()) else {
            let text = match *value {
                "18446744073709551615" | "infinity" => format!("{property} of {unit} has no limit"),
                other => format!("{property} of {unit} is \"{}\", not a number", one_line(other)),
            };
            return Err(Reason::new(ReasonKind::Unreadable, text));
        };
        let sample = RawSample::new(Labels::new(), number, Some(now));
        reading.samples.push(RawSample { digits: ExactNumber::parse(value), ..sample });
        Ok(reading)
    }
}

impl Provider for Systemd {
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason> {
        let secrets = Secrets::of_connection();
        without_secrets(self.reading(read, now, &secrets), &secrets)
    }

    fn time_out(&self) -> Option<Duration> {
        Some(self.tool.timeout())
    }

    /// Asks for a property of systemd itself.
    fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        let said = self.ask(&["show", "--no-pager", "--property=Version"], &secrets);
        let said = said.map_err(|reason| secrets.redact_reason(&reason))?;
        let text = String::from_utf8_lossy(&said.out);
        let version = text.lines().find_map(|line| line.strip_prefix("Version="));
        version.map(|version| format!("systemd {}", one_line(version))).ok_or_else(|| {
            Reason::new(ReasonKind::BadAnswer, format!("{} did not say its version", self.tool.name()))
        })
    }
}
