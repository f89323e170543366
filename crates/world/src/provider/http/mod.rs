//! The provider `http`: numbers from any JSON over HTTP. QUERY is `[PATH] JSONPATH`.

mod query;

use crate::registry::Kind;
use rbl_check::{Family, Key, KeyKind, KindDescription};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use smol_str::SmolStr;
use ureq::http::Uri;

use super::Provider;
use super::measured::Measured;
use crate::http::endpoint::{Access, Answer, Endpoint, Question, server};
use crate::http::mask::{Mask, one_line};
use crate::keys;
use rbl_project::setting::{Bytes, Seconds, Setting};
use rbl_runtime::{Read, Reading};
use rbl_syntax::value::{Reason, ReasonKind, Time};

/// Its entry in the registry.
pub(super) const KIND: Kind<dyn Provider> = Kind {
    description: KindDescription {
        family: Family::Provider,
        kind: "http",
        summary: "a number in JSON that HTTP fetches: QUERY is `[PATH] JSONPATH`",
        keys: &[
            Key::needed("url", KeyKind::Url, "where it answers; the PATH of a query is put behind it"),
            Key::optional("method", KeyKind::OneOf(&["GET", "POST"]), "GET", "how it is asked"),
            Key::optional("body", KeyKind::Text, "none", "the JSON sent with each POST"),
            keys::TIMEOUT,
            Key::optional("headers", KeyKind::Settings, "none", "sent with each question"),
            keys::BEARER_TOKEN,
            keys::USERNAME,
            keys::PASSWORD,
            Key::optional("numbers_in_text", KeyKind::Flag, "false", "whether `\"5\"` counts as 5"),
            keys::OUTPUT,
        ],
    },
    configure: |section, base| Ok(Arc::new(Http::new(Config::deserialize(section)?, base))),
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    #[default]
    Get,
    Post,
}

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct Config {
    url: Setting,
    #[serde(default)]
    method: Method,
    body: Option<Setting>,
    #[serde(default = "keys::ten_seconds")]
    timeout: Seconds,
    #[serde(default)]
    headers: BTreeMap<String, Setting>,
    bearer_token: Option<Setting>,
    username: Option<Setting>,
    password: Option<Setting>,
    #[serde(default)]
    numbers_in_text: bool,
    #[serde(default = "keys::ten_megabytes")]
    output: Bytes,
}

#[derive(Debug)]
struct Http {
    endpoint: Endpoint,
    method: Method,
    body: Option<Setting>,
    numbers_in_text: bool,
}

/// The maximum number of redirects.
const MOST_REDIRECTS: usize = 5;

fn refused(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::ProviderError, text)
}

impl Http {
    fn new(config: Config, base: &Path) -> Self {
        let Config { url, method, body, timeout, headers, bearer_token, username, password, .. } = config;
        let access = Access { headers, bearer_token, username, password };
        let endpoint = Endpoint::new(url, timeout, access, base, config.output.0);
        Self { endpoint, method, body, numbers_in_text: config.numbers_in_text }
    }

    /// Sends the request, and follows redirects on the same server only: the credentials must not reach another one.
    fn fetch(&self, path: &str, mask: &Mask) -> Result<(Answer, Uri), Reason> {
        let base = self.endpoint.address(mask)?;
        if !path.is_empty() && base.contains('?') {
            return Err(refused("the configured url has a `?`, so a query cannot add a path to it"));
        }
        let mut address = Endpoint::uri(&format!("{base}{path}"))?;
        for _ in 0..=MOST_REDIRECTS {
            let question = match self.method {
                Method::Get => Question { method: "GET", address: address.clone(), body: None },
                Method::Post => {
                    let body =
                        self.body.as_ref().map(|body| mask.resolve(body, &self.endpoint.base)).transpose()?;
                    let body = Some(("application/json", body.unwrap_or_default().into_bytes()));
                    Question { method: "POST", address: address.clone(), body }
                }
            };
            let answer = self.endpoint.ask(question, mask)?;
            let Some(to) = answer.location.as_ref().filter(|_| (300..400).contains(&answer.status)) else {
                return Ok((answer, address));
            };
            let status = answer.status_in_words();
            let from = server(&address);
            if self.method == Method::Post {
                return Err(refused(format!("{from} sends a POST elsewhere ({status} to {})", one_line(to))));
            }
            address = same_server(&address, to).ok_or_else(|| {
                refused(format!("{from} sends us to another server ({status} to {})", one_line(to)))
            })?;
        }
        Err(refused(format!("{} sends us on more than {MOST_REDIRECTS} times", server(&address))))
    }

    fn document(&self, path: &str, mask: &Mask) -> Result<Option<Value>, Reason> {
        let (answer, address) = self.fetch(path, mask)?;
        let server = server(&address);
        let status = answer.status_in_words();
        match answer.status {
            204 => Ok(None),
            200..=299 => serde_json::from_slice(&answer.body).map(Some).map_err(|_| {
                let what = if answer.is_page() {
                    "a web page: is the url right, or is a sign-in needed?".to_owned()
                } else if answer.body.is_empty() {
                    "nothing".to_owned()
                } else {
                    format!("something that is not JSON: {}", answer.line())
                };
                Reason::new(ReasonKind::BadAnswer, format!("{server} answered with {what}"))
            }),
            401 | 403 => Err(refused(format!(
                "{server} does not let us in ({status}): look at the token or the password"
            ))),
            404 => Err(refused(format!("{server} has no {} ({status})", one_line(address.path())))),
            _ if answer.is_page() || answer.body.is_empty() => {
                Err(refused(format!("{server} answered {status}")))
            }
            _ => Err(refused(format!("{server} answered {status}: {}", answer.line()))),
        }
    }

    fn answer(&self, read: &Read, now: Time, mask: &Mask) -> Result<Reading, Reason> {
        let query = query::read(&read.query, mask, &self.endpoint.base)?;
        let Some(document) = self.document(&query.path, mask)? else { return Ok(Reading::default()) };
        let nodes = query.jsonpath.query_located(&document);
        let several = nodes.len() > 1;
        let mut measured = Measured::default();
        for (index, node) in nodes.iter().enumerate() {
            let read_as_number = self.in_text(node.node());
            let value = read_as_number.as_ref().unwrap_or_else(|| node.node());
            let place = node.location().to_string();
            let found = Measured::of(value).map_err(|reason| {
                Reason::new(ReasonKind::Unreadable, format!("{} is {}", one_line(&place), reason.text))
            })?;
            if several {
                let labels = [
                    (SmolStr::new_static("path"), SmolStr::from(&place)),
                    (SmolStr::new_static("index"), SmolStr::from(index.to_string())),
                ];
                measured.add(found, &labels);
            } else {
                measured.add(found, &[]);
            }
        }
        measured.reading(read.time, now, None, None)
    }

    fn in_text(&self, value: &Value) -> Option<Value> {
        let number: f64 = value.as_str().filter(|_| self.numbers_in_text)?.trim().parse().ok()?;
        serde_json::Number::from_f64(number).map(Value::Number)
    }
}

/// The target of a redirect, if scheme, host and port stay the same.
fn same_server(from: &Uri, to: &str) -> Option<Uri> {
    let origin = |uri: &Uri| {
        let scheme = uri.scheme_str().unwrap_or("http").to_lowercase();
        let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
        (uri.host().map(str::to_lowercase), port, scheme)
    };
    let authority = format!("{}://{}", from.scheme_str()?, from.authority()?);
    let address = if to.starts_with("//") {
        format!("{}:{to}", from.scheme_str()?)
    } else if to.starts_with('/') {
        format!("{authority}{to}")
    } else if to.split(['/', '?', '#']).next().is_some_and(|start| start.contains(':')) {
        to.to_owned()
    } else {
        let directory = from.path().rsplit_once('/').map_or("", |(directory, _)| directory);
        format!("{authority}{directory}/{to}")
    };
    let address: Uri = address.split('#').next()?.parse().ok()?;
    (origin(&address) == origin(from)).then_some(address)
}

impl Provider for Http {
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason> {
        let mask = Mask::default();
        let result = self.answer(read, now, &mask);
        mask.result(result)
    }

    fn time_out(&self) -> Option<std::time::Duration> {
        Some(self.endpoint.timeout.duration())
    }

    fn test(&self) -> Result<String, Reason> {
        let mask = Mask::default();
        let answered = self.fetch("", &mask).map_err(|reason| mask.reason(reason))?;
        let (answer, address) = answered;
        match answer.status {
            // The configured address may be only a prefix of one that exists.
            200..=399 | 404 | 405 => Ok(format!("{} answers {}", server(&address), answer.status_in_words())),
            _ => Err(refused(format!("{} answered {}", server(&address), answer.status_in_words()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_stays_with_its_server() {
        let from: Uri = "http://a.example:8080/x/y".parse().unwrap();
        let to = |to: &str| same_server(&from, to).map(|uri| uri.to_string());
        assert_eq!(to("/z").unwrap(), "http://a.example:8080/z");
        assert_eq!(to("z?a=1").unwrap(), "http://a.example:8080/x/z?a=1");
        assert_eq!(to("http://A.example:8080/z").unwrap(), "http://A.example:8080/z");
        for elsewhere in [
            "http://a.example/z",
            "https://a.example:8080/z",
            "//b.example/z",
            "http://b.example:8080/",
            "ftp:x",
        ] {
            assert_eq!(to(elsewhere), None, "{elsewhere}");
        }
    }
}
