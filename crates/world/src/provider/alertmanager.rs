//! The provider `alertmanager`: whether an alert still fires. It has no metrics.
//!
//! *Why silences and inhibitions do not count:* they only keep notifications back. What they hide goes on firing, and
//! Alertmanager keeps it in the state `suppressed`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use smol_str::SmolStr;

use super::Provider;
use crate::config_keys;
use crate::http::{Client, Credentials, Request, Response, percent_encoded, server};
use crate::registry::ConnectionKind;
use rbl_check::{ALERTMANAGER, Contract, Family, Key, KeyKind, KindDescription};
use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::{AlertIdentity, FiringQuery, Read, Reading, Secrets};
use rbl_syntax::one_line;
use rbl_syntax::value::{Quantity, Reason, ReasonKind, Time};

/// Its entry in the registry.
pub(super) const KIND: ConnectionKind<dyn Provider> = ConnectionKind {
    description: KindDescription {
        family: Family::Provider,
        kind: ALERTMANAGER,
        summary: "Alertmanager: answers `alert.firing`; no metrics",
        metrics: &[],
        contract: Contract::Real("Alertmanager 0.25"),
        keys: &[
            Key::needed(
                "url",
                KeyKind::Url,
                "where it answers, with the path before `/api/v2` where there is one",
            ),
            config_keys::TIMEOUT,
            Key::optional(
                "settle",
                KeyKind::Duration,
                "2m",
                "how long after its own start it may not have received an older alert yet",
            ),
            Key::optional(
                "headers",
                KeyKind::Settings,
                "none",
                "sent with each request, like `X-Scope-OrgID`",
            ),
            config_keys::BEARER_TOKEN,
            config_keys::USERNAME,
            config_keys::PASSWORD,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
        ],
    },
    configure: |section, base| {
        Ok(Arc::new(AlertmanagerProvider::new(AlertmanagerProviderConfig::deserialize(section)?, base)))
    },
};

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct AlertmanagerProviderConfig {
    url: Setting,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
    #[serde(default = "two_minutes")]
    settle: Seconds,
    #[serde(flatten)]
    credentials: Credentials,
}

/// Prometheus sends an alert that fires again after a minute at most, once its rule has been evaluated.
const fn two_minutes() -> Seconds {
    Seconds(120.0)
}

/// The largest response: some ten thousand alerts of one name.
const LIMIT: u64 = 64 << 20;

#[derive(Debug)]
struct AlertmanagerProvider {
    client: Client,
    settle: Seconds,
}

/// One alert of `/api/v2/alerts`.
#[derive(Deserialize)]
struct ListedAlert {
    #[serde(default)]
    labels: BTreeMap<SmolStr, SmolStr>,
    fingerprint: Option<String>,
}

fn bad(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::BadAnswer, text)
}

fn refused(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::ProviderError, text)
}

impl AlertmanagerProvider {
    fn new(config: AlertmanagerProviderConfig, base: &Path) -> Self {
        let AlertmanagerProviderConfig { url, timeout, settle, credentials } = config;
        Self { client: Client::new(url, timeout, credentials, base, LIMIT), settle }
    }

    fn get(&self, path: &str, secrets: &Secrets) -> Result<Response, Reason> {
        let address = self.client.at(path, secrets)?;
        Ok(self.client.send(&Request::get(address), secrets)?)
    }

    /// Whether one of these alerts is among those that fire. Silenced and inhibited ones are listed too.
    fn fires(&self, query: &FiringQuery, now: Time, secrets: &Secrets) -> Result<bool, Reason> {
        for alert in &query.alerts {
            if self.lists(alert, secrets)? {
                return Ok(true);
            }
        }
        self.has_settled(query, now, secrets)?;
        Ok(false)
    }

    fn lists(&self, alert: &AlertIdentity, secrets: &Secrets) -> Result<bool, Reason> {
        let mut path = "/api/v2/alerts?active=true&silenced=true&inhibited=true&unprocessed=true".to_owned();
        if let Some(name) = alert.labels.get("alertname") {
            path.push_str("&filter=");
            path.push_str(&percent_encoded(&format!("alertname=\"{}\"", escaped(name))));
        }
        let answer = self.get(&path, secrets)?;
        let server = server(&answer.address);
        let listed: Vec<ListedAlert> = match answer.status {
            200..=299 => {
                let document = answer.json().map_err(|_| not_the_api(&answer, &server))?;
                if !document.is_array() {
                    return Err(bad(format!(
                        "{server} answered with something that is not a list of alerts"
                    )));
                }
                serde_json::from_value(document)
                    .map_err(|_| bad(format!("{server} answered with a list that is not one of alerts")))?
            }
            _ => return Err(not_the_api(&answer, &server)),
        };
        if listed.iter().any(|one| one.labels.is_empty()) {
            return Err(bad(format!("{server} answered with an alert that has no labels")));
        }
        Ok(listed.iter().any(|one| {
            let same_print = one.fingerprint.is_some() && one.fingerprint == alert.fingerprint;
            same_print || (!alert.labels.is_empty() && one.labels == alert.labels)
        }))
    }

    /// Refuses a *no* of an Alertmanager that was started after the alert began, and so recently that it may not have
    /// received it yet: it keeps alerts in memory only.
    fn has_settled(&self, query: &FiringQuery, now: Time, secrets: &Secrets) -> Result<(), Reason> {
        let Some(began) = query.alerts.iter().filter_map(|alert| alert.starts_at).max() else {
            return Ok(());
        };
        let answer = self.get("/api/v2/status", secrets)?;
        // Not every server with this API has a status, or lets everybody read it. One that answers says when it was started.
        if matches!(answer.status, 401 | 403 | 404 | 405) {
            return Ok(());
        }
        let Some(started) = started(&answer) else {
            let server = server(&answer.address);
            return Err(bad(format!(
                "{server} does not say when it was started ({}), so it may not have received the alert yet",
                answer.status_in_words()
            )));
        };
        let age = now.since(started);
        if started <= began || age.base >= self.settle.0 {
            return Ok(());
        }
        let age = Quantity::seconds(age.base.max(0.0).round());
        Err(Reason::new(
            ReasonKind::NoData,
            format!("Alertmanager started {age} ago, and may not have received the alert yet"),
        ))
    }
}

/// A value in a matcher.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// When the server says that it was started.
fn started(answer: &Response) -> Option<Time> {
    if !(200..=299).contains(&answer.status) {
        return None;
    }
    let status = answer.json().ok()?;
    Time::parse(status.get("uptime")?.as_str()?)
}

/// Something answered that is not this API, or that refuses.
fn not_the_api(answer: &Response, server: &str) -> Reason {
    let status = answer.status_in_words();
    match answer.status {
        401 | 403 => {
            refused(format!("{server} does not let us in ({status}): look at the token or the password"))
        }
        404 | 405 => {
            refused(format!("{server} has no alerts API there ({status}): is the url's path right?"))
        }
        429 => refused(format!("{server} asks to be asked less often ({status})")),
        300..=399 => refused(format!(
            "{server} sends us elsewhere ({status}): is the url right, or is a sign-in needed?"
        )),
        502..=504 => refused(format!("a proxy before Alertmanager answered {status}")),
        200..=299 if answer.is_page() => {
            bad(format!("{server} answered with a web page: is the url right, or is a sign-in needed?"))
        }
        200..=299 if answer.body.is_empty() => bad(format!("{server} answered with nothing")),
        200..=299 => bad(format!("{server} answered with something that is not JSON: {}", answer.line())),
        _ if answer.is_page() || answer.body.is_empty() => refused(format!("{server} answered {status}")),
        _ => refused(format!("{server} answered {status}: {}", answer.line())),
    }
}

impl Provider for AlertmanagerProvider {
    fn read(&self, read: &Read, _now: Time) -> Result<Reading, Reason> {
        Err(refused(format!("{} is an Alertmanager, and has no metrics", read.provider)))
    }

    fn firing(&self, query: &FiringQuery, now: Time) -> Option<Result<bool, Reason>> {
        let secrets = Secrets::of_connection();
        Some(self.fires(query, now, &secrets).map_err(|reason| secrets.redact_reason(&reason)))
    }

    fn knows_alerts(&self) -> bool {
        true
    }

    fn time_out(&self) -> Option<std::time::Duration> {
        // A *no* takes a second request.
        Some(self.client.timeout().saturating_mul(2))
    }

    fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        let answer = self.get("/api/v2/status", &secrets).map_err(|reason| secrets.redact_reason(&reason))?;
        let server = server(&answer.address);
        let status = answer.json().ok();
        let version = status.as_ref().and_then(|it| it.get("versionInfo")?.get("version")?.as_str());
        match version {
            Some(version) if (200..=299).contains(&answer.status) => {
                Ok(format!("Alertmanager {}", one_line(version)))
            }
            _ => Err(not_the_api(&answer, &server)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_value_of_the_matcher() {
        assert_eq!(escaped("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
    }
}
