//! The provider `prometheus`, for every server with its query API: instants by `/api/v1/query`, windows by
//! `/api/v1/query_range`.

mod answer;

use crate::registry::ConnectionKind;
use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::partial::{PARTIAL, Partial};
use super::{Described, Provider, without_secrets};
use crate::config_keys;
use crate::http::{Client, Credentials, Request, percent_encoded, server};
use crate::secrets::reveal;
use rbl_check::promql;
use rbl_check::promql::{InsertedValue, PromqlPart};
use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::{CommandLine, Datum, Piece, RawSample, Read, ReadTime, Reading, Secrets};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Labels, Quantity, Reason, ReasonKind, Time};

/// Its entry in the registry.
pub(super) const KIND: ConnectionKind<dyn Provider> = ConnectionKind {
    description: KindDescription {
        family: Family::Provider,
        kind: "prometheus",
        summary: "Prometheus, Thanos, Mimir, VictoriaMetrics: QUERY is PromQL",
        metrics: &[MetricType::Number],
        contract: Contract::Real("Prometheus 2.42"),
        keys: &[
            Key::needed(
                "url",
                KeyKind::Url,
                "where it answers, with the path before `/api/v1` where there is one",
            ),
            config_keys::TIMEOUT,
            config_keys::MAX_AGE,
            Key::optional("step", KeyKind::Duration, "15s", "the distance between two samples of a window"),
            Key::optional("headers", KeyKind::Settings, "none", "sent with each query, like `X-Scope-OrgID`"),
            PARTIAL,
            config_keys::BEARER_TOKEN,
            config_keys::USERNAME,
            config_keys::PASSWORD,
            config_keys::CA,
            config_keys::CLIENT_CERTIFICATE,
            config_keys::CLIENT_KEY,
        ],
    },
    configure: |section, base| {
        Ok(Arc::new(PrometheusProvider::new(PrometheusProviderConfig::deserialize(section)?, base)))
    },
};

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct PrometheusProviderConfig {
    url: Setting,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
    max_age: Option<Seconds>,
    #[serde(default = "fifteen_seconds")]
    step: Seconds,
    #[serde(default)]
    partial: Partial,
    #[serde(flatten)]
    credentials: Credentials,
}

const fn fifteen_seconds() -> Seconds {
    Seconds(15.0)
}

/// The largest response: some hundred thousand series.
const LIMIT: u64 = 64 << 20;

/// The most points per series that a server returns.
const MOST_POINTS: f64 = 11_000.0;

#[derive(Debug)]
struct PrometheusProvider {
    client: Client,
    max_age: Option<Seconds>,
    step: Seconds,
    partial: Partial,
}

impl PrometheusProvider {
    fn new(config: PrometheusProviderConfig, base: &Path) -> Self {
        let PrometheusProviderConfig { url, timeout, max_age, step, partial, credentials } = config;
        Self { client: Client::new(url, timeout, credentials, base, LIMIT), max_age, step, partial }
    }

    fn post(&self, path: &str, form: &[(&str, &str)], secrets: &Secrets) -> Result<answer::Success, Reason> {
        let address = self.client.at(path, secrets)?;
        let server = server(&address);
        let body: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
        let request = Request::post(address, "application/x-www-form-urlencoded", body.join("&"));
        answer::read(&self.client.send(&request, secrets)?, &server, self.partial)
    }

    fn instant(&self, query: &str, at: Option<Time>, secrets: &Secrets) -> Result<Reading, Reason> {
        let time = at.map(|at| format!("{:.3}", at.unix()));
        let mut form = vec![("query", query)];
        form.extend(time.as_deref().map(|time| ("time", time)));
        let success = self.post("/api/v1/query", &form, secrets)?;
        let evaluated = answer::evaluated_at(&success);
        let mut reading = answer::instant(success)?;
        // The timestamp of an instant vector is that of the evaluation; only `timestamp(…)` knows the sample's own.
        if let (Some(selector), Some(evaluated)) = (promql::plain_selector(query), evaluated) {
            match self.ages(selector, evaluated, secrets) {
                Ok(times) => self.date(&mut reading, &times, evaluated)?,
                // Without `max_age`, the age is only shown to people, and no reason to lose the value.
                Err(reason) if self.max_age.is_some() => return Err(reason),
                Err(_) => {}
            }
        }
        Ok(reading)
    }

    /// When each series' sample was measured.
    fn ages(&self, selector: &str, at: Time, secrets: &Secrets) -> Result<BTreeMap<Labels, f64>, Reason> {
        // On a line of its own, so that a comment at the selector's end cannot swallow the bracket.
        let query = format!("timestamp({selector}\n)");
        let time = format!("{:.3}", at.unix());
        let success = self.post("/api/v1/query", &[("query", &query), ("time", &time)], secrets)?;
        Ok(answer::instant(success)?
            .samples
            .into_iter()
            .map(|sample| (sample.labels, sample.value))
            .collect())
    }

    fn date(
        &self,
        reading: &mut Reading,
        times: &BTreeMap<Labels, f64>,
        evaluated: Time,
    ) -> Result<(), Reason> {
        let several = reading.samples.len() > 1;
        for sample in &mut reading.samples {
            let mut labels = sample.labels.clone();
            labels.remove("__name__");
            let Some(at) = times.get(&labels).and_then(|at| Time::from_unix(*at)) else { continue };
            sample.at = Some(at);
            let age = evaluated.since(at);
            if let Some(limit) = self.max_age.filter(|limit| age.base > limit.0) {
                return Err(stale(age, limit, sample, several));
            }
        }
        Ok(())
    }

    fn window(&self, query: &str, end: Time, seconds: f64, secrets: &Secrets) -> Result<Reading, Reason> {
        let (start, step) = grid(end, seconds, self.step.0);
        let (start, end, step_text) =
            (format!("{start:.3}"), format!("{:.3}", end.unix()), format!("{step:.3}"));
        let form = [("query", query), ("start", &start), ("end", &end), ("step", &step_text)];
        answer::window(self.post("/api/v1/query_range", &form, secrets)?, step)
    }
}

/// The first point and the step, in seconds: at least the requested step, evenly spaced, with both ends of the window
/// as points, and never more points than the server returns.
fn grid(end: Time, seconds: f64, wished: f64) -> (f64, f64) {
    let step = wished.max(seconds / (MOST_POINTS - 1.0));
    let intervals = (seconds / step + 1e-9).floor().max(1.0);
    // The server counts in milliseconds.
    let step = ((seconds / intervals) * 1000.0).floor().max(1.0) / 1000.0;
    (end.unix() - intervals * step, step)
}

fn stale(age: Quantity, limit: Seconds, sample: &RawSample, several: bool) -> Reason {
    let labels: Vec<String> = sample
        .labels
        .iter()
        .filter(|(name, _)| *name != "__name__")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let which =
        if several && !labels.is_empty() { format!(" ({})", labels.join(", ")) } else { String::new() };
    let limit = Quantity::seconds(limit.0);
    Reason::new(ReasonKind::Stale, format!("the newest sample{which} is {age} old, max_age is {limit}"))
}

impl Provider for PrometheusProvider {
    fn read(&self, read: &Read, _now: Time) -> Result<Reading, Reason> {
        super::reported::only_numbers(read)?;
        let secrets = Secrets::of_connection();
        let result =
            query_text(&read.query, &secrets, self.client.base()).and_then(|query| match read.time {
                // The server's own clock decides what "now" is.
                ReadTime::Now => self.instant(&query, None, &secrets),
                ReadTime::At(at) => self.instant(&query, Some(at), &secrets),
                ReadTime::Window { end, seconds } => self.window(&query, end, seconds, &secrets),
            });
        without_secrets(result, &secrets)
    }

    fn describe(&self, query: &CommandLine) -> Result<Option<Described>, Reason> {
        let secrets = Secrets::of_connection();
        let asked = || {
            let query = query_text(query, &secrets, self.client.base())?;
            let name = promql::plain_selector(&query).and_then(|it| it.split('{').next()).map(str::trim);
            let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(None) };
            let path = format!("/api/v1/metadata?metric={}", percent_encoded(name));
            let answer = self.client.send(&Request::get(self.client.at(&path, &secrets)?), &secrets)?;
            Ok(answer::described(&answer, name))
        };
        asked().map_err(|reason| secrets.redact_reason(&reason))
    }

    fn names(&self) -> Result<Vec<String>, Reason> {
        let secrets = Secrets::of_connection();
        let asked = || {
            let address = self.client.at("/api/v1/label/__name__/values", &secrets)?;
            let server = server(&address);
            answer::names(&self.client.send(&Request::get(address), &secrets)?, &server)
        };
        asked().map_err(|reason| secrets.redact_reason(&reason))
    }

    fn labels(&self, metric: &str, label: Option<&str>) -> Result<Vec<String>, Reason> {
        let secrets = Secrets::of_connection();
        let asked = || {
            let path = label.map_or("/api/v1/labels".to_owned(), |label| {
                format!("/api/v1/label/{}/values", percent_encoded(label))
            });
            let only = if metric.is_empty() {
                String::new()
            } else {
                format!("?match[]={}", percent_encoded(metric))
            };
            let address = self.client.at(&format!("{path}{only}"), &secrets)?;
            let server = server(&address);
            let names = answer::names(&self.client.send(&Request::get(address), &secrets)?, &server)?;
            Ok(names.into_iter().filter(|it| it != "__name__").collect())
        };
        asked().map_err(|reason| secrets.redact_reason(&reason))
    }

    fn time_out(&self) -> Option<std::time::Duration> {
        Some(self.client.timeout())
    }

    fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        let version = || {
            let address = self.client.at("/api/v1/status/buildinfo", &secrets)?;
            Ok(answer::version(&self.client.send(&Request::get(address), &secrets)?))
        };
        let named = version().map_err(|reason: Reason| secrets.redact_reason(&reason))?;
        // Not every server with this API reports its version.
        named.map_or_else(
            || {
                let asked = self.post("/api/v1/query", &[("query", "1")], &secrets);
                asked
                    .map(|_| "a server with Prometheus's API".to_owned())
                    .map_err(|reason| secrets.redact_reason(&reason))
            },
            Ok,
        )
    }
}

/// The query as `PromQL` text.
fn query_text(query: &CommandLine, secrets: &Secrets, base: &Path) -> Result<String, Reason> {
    let parts: Result<Vec<PromqlPart<'_>>, Reason> = query
        .0
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => Ok(PromqlPart::Text(text)),
            Piece::Value(datum) => Ok(PromqlPart::Value(put(reveal(secrets, datum, base)?))),
        })
        .collect();
    promql::place(&parts?).map_err(|error| Reason::new(ReasonKind::Unreadable, error.to_string()))
}

fn put(datum: Datum) -> InsertedValue {
    match datum {
        Datum::Text(text) => InsertedValue::Text(text),
        Datum::Number(value) => InsertedValue::Number(value),
        Datum::ExactNumber(digits) => InsertedValue::ExactNumber(digits),
        Datum::Duration(seconds) => InsertedValue::Duration { number: seconds, seconds },
        Datum::Reading { number, seconds } => InsertedValue::Duration { number, seconds },
        Datum::Data(value) => InsertedValue::Data(value),
        Datum::Bool(value) => InsertedValue::Bool(value),
        Datum::List(items) => InsertedValue::List(items.into_iter().map(put).collect()),
        // INVARIANT: `reveal` has read every secret; what it could not read ended there.
        Datum::Secret(_) => InsertedValue::Text(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_both_its_ends() {
        let end = Time::from_unix(1_790_000_000.0).unwrap();
        for (seconds, wished) in
            [(300.0, 15.0), (100.0, 15.0), (5.0, 15.0), (86_400.0 * 30.0, 15.0), (1.0, 0.1), (0.5, 15.0)]
        {
            let (start, step) = grid(end, seconds, wished);
            let intervals = ((end.unix() - start) / step).round();
            assert!(intervals < MOST_POINTS, "{seconds} {intervals}");
            assert!((end.unix() - start - seconds).abs() <= 0.001 * intervals, "{seconds} {start}");
            assert!(step >= wished || seconds < wished, "{seconds} {step}");
        }
        assert_eq!(grid(end, 300.0, 15.0), (1_789_999_700.0, 15.0));
    }
}
