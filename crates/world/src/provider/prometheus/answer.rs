//! Parses Prometheus's responses: the envelope, the four kinds of result, and a reason for each error.

use serde::Deserialize;
use serde_json::Value;
use smol_str::SmolStr;

use super::super::Described;
use super::super::partial::Partial;
use crate::http::{JsonFault, Response};
use rbl_check::promql;
use rbl_runtime::{OutsideJsonError, RawPoint, RawSample, RawSeries, Reading, outside_json};
use rbl_syntax::one_line;
use rbl_syntax::value::{ExactNumber, Labels, Reason, ReasonKind, Time};

/// A successful response.
#[derive(Debug)]
pub(super) struct Success {
    result_type: String,
    result: Value,
    warnings: Vec<String>,
}

#[derive(Deserialize)]
struct Envelope {
    status: String,
    data: Option<Value>,
    #[serde(rename = "errorType")]
    error_type: Option<String>,
    error: Option<String>,
    #[serde(default)]
    warnings: Option<Vec<String>>,
    #[serde(default)]
    infos: Option<Vec<String>>,
    /// `VictoriaMetrics`: a storage node did not answer.
    #[serde(default, rename = "isPartial")]
    is_partial: bool,
}

fn bad(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::BadAnswer, text)
}

fn refused(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::ProviderError, text)
}

/// Parses the result of a response, or returns why there is none.
pub(super) fn read(answer: &Response, server: &str, partial: Partial) -> Result<Success, Reason> {
    let (mut data, warnings) = content(answer, server, partial)?;
    let result_type = data.get("resultType").and_then(Value::as_str).map(str::to_owned);
    let result = data.get_mut("result").map(Value::take);
    let (Some(result_type), Some(result)) = (result_type, result) else {
        return Err(bad(format!("{server} answered without a result")));
    };
    Ok(Success { result_type, result, warnings })
}

/// The names of all metrics of the server, in its order.
pub(super) fn names(answer: &Response, server: &str) -> Result<Vec<String>, Reason> {
    // A list to choose from may be incomplete.
    let (data, _) = content(answer, server, Partial::Accept)?;
    let names = data.as_array().map(|all| all.iter().map(|it| it.as_str().map(one_line)).collect());
    names
        .flatten()
        .ok_or_else(|| bad(format!("{server} answered with something that is not a list of names")))
}

/// The data of the envelope, and its warnings. A server that could not reach a part of its data says so by a warning (Thanos,
/// remote reads) or by `isPartial`; a hint about the query itself is among `infos`.
fn content(answer: &Response, server: &str, partial: Partial) -> Result<(Value, Vec<String>), Reason> {
    let envelope: Envelope = outside_json(&answer.body).map_err(|why| match why {
        OutsideJsonError::Repeated(repeated) => {
            bad(format!("{server} answered with {}", JsonFault::Repeated(repeated.key)))
        }
        OutsideJsonError::Deep | OutsideJsonError::Reserved(_) | OutsideJsonError::Form(_) => {
            not_the_api(answer, server)
        }
    })?;
    if envelope.status != "success" || answer.status >= 400 {
        return Err(error(&envelope, answer, server));
    }
    let data = envelope.data.ok_or_else(|| bad(format!("{server} answered without data")))?;
    let said = |texts: Option<Vec<String>>| texts.into_iter().flatten().map(|text| answer.said(&text));
    let mut missing: Vec<String> = said(envelope.warnings).collect();
    if missing.is_empty() && envelope.is_partial {
        missing.push(format!("{server} answered with a part of its data (`isPartial`)"));
    }
    let mut warnings = partial.judge(missing)?;
    warnings.extend(said(envelope.infos));
    Ok((data, warnings))
}

fn error(envelope: &Envelope, answer: &Response, server: &str) -> Reason {
    let said = answer.said(envelope.error.as_deref().unwrap_or(""));
    let with = |text: &str| if said.is_empty() { text.to_owned() } else { format!("{text}: {said}") };
    match (envelope.error_type.as_deref(), answer.status) {
        (_, 401 | 403) => {
            refused(with(&format!("{server} does not let us in ({})", answer.status_in_words())))
        }
        (Some("timeout"), _) => Reason::new(ReasonKind::TimedOut, with("Prometheus gave up on the query")),
        (Some("canceled"), _) => refused(with("Prometheus canceled the query")),
        (Some("bad_data"), _) => refused(with("Prometheus cannot read the query")),
        (Some("execution"), _) => refused(with("Prometheus cannot evaluate the query")),
        (Some(kind), _) => {
            refused(with(&format!("Prometheus answered with an error ({})", answer.said(kind))))
        }
        (None, _) => refused(with(&format!("{server} answered {}", answer.status_in_words()))),
    }
}

/// Something answered that is not Prometheus's API: a proxy, a sign-in page, another server.
fn not_the_api(answer: &Response, server: &str) -> Reason {
    let status = answer.status_in_words();
    match answer.status {
        401 | 403 => {
            refused(format!("{server} does not let us in ({status}): look at the token or the password"))
        }
        404 | 405 => refused(format!("{server} has no query API there ({status}): is the url's path right?")),
        429 => refused(format!("{server} asks to be asked less often ({status})")),
        300..=399 => refused(format!(
            "{server} sends us elsewhere ({status}{}): is the url right, or is a sign-in needed?",
            answer.header("location").map(|to| format!(" to {}", answer.said(to))).unwrap_or_default()
        )),
        502..=504 => refused(format!("a proxy before Prometheus answered {status}")),
        200..=299 if answer.is_page() => {
            bad(format!("{server} answered with a web page: is the url right, or is a sign-in needed?"))
        }
        200..=299 if answer.body.is_empty() => bad(format!("{server} answered with nothing")),
        200..=299 => bad(format!("{server} answered with something that is not JSON: {}", answer.line())),
        _ if answer.is_page() => refused(format!("{server} answered {status} with a web page")),
        _ => refused(format!("{server} answered {status}: {}", answer.line())),
    }
}

/// What the server's metadata say about a metric and, if they have no unit, its name. Targets that disagree count as
/// unknown.
pub(super) fn described(answer: &Response, name: &str) -> Option<Described> {
    let in_name = promql::unit_in_name(name);
    let Some((grows, unit)) = in_metadata(answer, name) else {
        let unit = in_name?.to_owned();
        return Some(Described { grows: false, unit, by_name: true });
    };
    let unit = if unit.is_empty() { in_name.unwrap_or_default().to_owned() } else { unit };
    let by_name = in_name == Some(unit.as_str());
    Some(Described { grows, unit, by_name })
}

/// Whether it is a counter, and its unit.
fn in_metadata(answer: &Response, name: &str) -> Option<(bool, String)> {
    let body = answer.json().ok()?;
    let entries = body.get("data")?.get(name)?.as_array()?;
    let word = |one: &Value, key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut all = entries.iter().map(|one| (word(one, "type") == "counter", word(one, "unit")));
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

/// When the query was evaluated, if the response says so.
pub(super) fn evaluated_at(success: &Success) -> Option<Time> {
    let first = success.result.get(0)?;
    let stamp = if success.result_type == "vector" { first.get("value")?.get(0)? } else { first };
    stamp.as_f64().and_then(Time::from_unix)
}

/// The samples of a query at one point in time.
pub(super) fn instant(success: Success) -> Result<Reading, Reason> {
    let samples = match success.result_type.as_str() {
        "vector" => elements(&success.result)?
            .iter()
            .map(|element| {
                let value = element.get("value").ok_or_else(|| without_value(element))?;
                sample(labels(element)?, value)
            })
            .collect::<Result<_, Reason>>()?,
        "scalar" => {
            vec![sample(Labels::new(), &success.result)?]
        }
        "matrix" => {
            return Err(refused(
                "the query gives a range of samples: put `rate(…)` or `last_over_time(…)` around it",
            ));
        }
        "string" => return Err(refused("the query gives text, not a number")),
        other => return Err(bad(format!("Prometheus answered with a result of kind {}", one_line(other)))),
    };
    Ok(Reading { samples, warnings: success.warnings, ..Reading::default() })
}

/// The series of a query over a window.
pub(super) fn window(success: Success, step: f64) -> Result<Reading, Reason> {
    if success.result_type != "matrix" {
        return Err(bad(format!(
            "Prometheus answered with a {} for a window",
            one_line(&success.result_type)
        )));
    }
    let series = elements(&success.result)?
        .iter()
        .map(|element| {
            if element.get("histograms").is_some() {
                return Err(without_value(element));
            }
            let values =
                element.get("values").and_then(Value::as_array).ok_or_else(|| without_value(element))?;
            let points = values.iter().map(point).collect::<Result<_, Reason>>()?;
            Ok(RawSeries { labels: labels(element)?, points, step })
        })
        .collect::<Result<_, Reason>>()?;
    Ok(Reading { series, warnings: success.warnings, ..Reading::default() })
}

/// What `/api/v1/status/buildinfo` calls the server; `None` where it does not say.
pub(super) fn version(answer: &Response) -> Option<String> {
    let body = answer.json().ok()?;
    let version = body.get("data")?.get("version")?.as_str()?;
    Some(format!("Prometheus {}", one_line(version)))
}

fn elements(result: &Value) -> Result<&Vec<Value>, Reason> {
    result.as_array().ok_or_else(|| bad("Prometheus answered with a result that is not a list"))
}

fn without_value(element: &Value) -> Reason {
    if element.get("histogram").is_some() || element.get("histograms").is_some() {
        refused("the query gives a native histogram: put `histogram_quantile(0.99, …)` around it")
    } else {
        bad("Prometheus answered with a series without a value")
    }
}

fn labels(element: &Value) -> Result<Labels, Reason> {
    let metric = element.get("metric").and_then(Value::as_object);
    let metric = metric.ok_or_else(|| bad("Prometheus answered with a series without labels"))?;
    metric
        .iter()
        .map(|(name, value)| {
            let value =
                value.as_str().ok_or_else(|| bad("Prometheus answered with a label that is not text"))?;
            Ok((SmolStr::from(name), SmolStr::from(value)))
        })
        .collect()
}

/// One sample: a whole number beyond 2⁵³ keeps the digits that the server sent.
fn sample(labels: Labels, value: &Value) -> Result<RawSample, Reason> {
    let digits = value.get(1).and_then(Value::as_str).and_then(ExactNumber::parse);
    // What the server computes with is a float: only one that cannot be computed with further is an identifier.
    let digits = digits.filter(|digits| digits.computable().is_none());
    Ok(RawSample { digits, ..RawSample::new(labels, point(value)?.value, None) })
}

/// `[time, "value"]`. The value is text: JSON has no NaN and no infinity.
fn point(value: &Value) -> Result<RawPoint, Reason> {
    let at = value.get(0).and_then(Value::as_f64).and_then(Time::from_unix);
    let number = value.get(1).and_then(Value::as_str).and_then(|text| text.parse().ok());
    match (at, number) {
        (Some(at), Some(value)) => Ok(RawPoint { at, value }),
        _ => Err(bad(format!(
            "Prometheus answered with a sample that is not one: {}",
            one_line(&value.to_string())
        ))),
    }
}
