//! [`RoleService`]: the access key of a role, from the Security Token Service (STS) of AWS.
//!
//! `AssumeRole` is signed by the key that may take the role on. `AssumeRoleWithWebIdentity` is not signed: its token says who asks.
//!
//! Success is 200 with exactly one access key, its session token and its end. An answer that has a key is never shown.
//!
//! *Invariant:* a key or a token is sent encrypted, or to the own machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use aws_credential_types::Credentials as AwsCredentials;
use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::{Secrets, percent_encoded};
use rbl_syntax::one_line;
use rbl_syntax::value::{Reason, ReasonKind};
use url::Url;

use crate::aws::{domain, signed};
use crate::aws_keys::{FoundKeys, hide, is_near_or_encrypted, unreadable, variable};
use crate::http::{Client, Credentials, Request, Response, TlsFiles, server};
use crate::secrets;

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
const VERSION: &str = "2011-06-15";
/// What a session is called in the records of AWS, unless it is configured.
const SESSION: &str = "rbl";
/// How long an answer may take.
const TIMEOUT: Seconds = Seconds(5.0);
/// How much of an answer is read.
const LONGEST_ANSWER: u64 = 100_000;

/// A role that is taken on.
#[derive(Debug)]
pub(crate) struct AwsRole {
    arn: String,
    session: Option<String>,
    external_id: Option<String>,
    duration: Option<String>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct RoleService {
    region: String,
    tls: TlsFiles,
    base: PathBuf,
}

impl AwsRole {
    /// The role of a profile, by its keys; `None`: it takes on none.
    ///
    /// Errors: it needs somebody who types a code.
    pub(crate) fn of_profile(name: &str, found: &BTreeMap<String, String>) -> Result<Option<Self>, Reason> {
        let Some(arn) = found.get("role_arn").cloned() else { return Ok(None) };
        if found.contains_key("mfa_serial") {
            let shown = one_line(name);
            return Err(unreadable(&format!(
                "the profile `{shown}` asks for a code of a device (`mfa_serial`), which nobody is there to type: make a profile with \
                 `credential_process = aws configure export-credentials --profile {shown}`, and name that"
            )));
        }
        let of = |key: &str| found.get(key).cloned();
        Ok(Some(Self {
            arn,
            session: of("role_session_name"),
            external_id: of("external_id"),
            duration: of("duration_seconds"),
        }))
    }

    /// The role of the environment, which a token in a file takes on; `None`: there is none.
    ///
    /// Errors: there is only the token.
    pub(crate) fn of_environment() -> Result<Option<(Self, String)>, Reason> {
        let Some(file) = variable("AWS_WEB_IDENTITY_TOKEN_FILE") else { return Ok(None) };
        let Some(arn) = variable("AWS_ROLE_ARN") else {
            return Err(unreadable(
                "AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN names no role for its token",
            ));
        };
        let session = variable("AWS_ROLE_SESSION_NAME");
        Ok(Some((Self { arn, session, external_id: None, duration: None }, file)))
    }

    fn form(&self, action: &str, more: &[(&str, &str)]) -> String {
        let session = self.session.as_deref().unwrap_or(SESSION);
        let mut fields = vec![
            ("Action", action),
            ("Version", VERSION),
            ("RoleArn", &self.arn),
            ("RoleSessionName", session),
        ];
        fields.extend(self.duration.as_deref().map(|duration| ("DurationSeconds", duration)));
        fields.extend(more);
        let fields = fields.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value)));
        fields.collect::<Vec<_>>().join("&")
    }
}

impl RoleService {
    pub(crate) fn new(region: String, tls: TlsFiles, base: &Path) -> Self {
        Self { region, tls, base: base.to_owned() }
    }

    /// The key of a role that another key takes on.
    pub(crate) fn by_key(
        &self,
        role: &AwsRole,
        keys: AwsCredentials,
        secrets: &Secrets,
    ) -> Result<FoundKeys, Reason> {
        let client = self.client()?;
        let external: Vec<(&str, &str)> =
            role.external_id.iter().map(|id| ("ExternalId", id.as_str())).collect();
        let form = role.form("AssumeRole", &external);
        let address = client.at("/", secrets)?;
        let scope = (self.region.as_str(), "sts");
        let headers = [("content-type", FORM)];
        let signed = signed(&address.to_string(), &headers, form.as_bytes(), scope, keys, SystemTime::now())
            .ok_or_else(|| Reason::new(ReasonKind::NotRun, "the request cannot be signed"))?;
        let request = Request::post(address, FORM, form);
        let request = signed.into_iter().fold(request, |request, (name, value)| request.header(&name, value));
        given(role, &client.send(&request, secrets).map_err(Reason::from)?, secrets)
    }

    /// The key of a role that the token in a file takes on. Whoever writes that file puts a new token into it before the old one ends.
    pub(crate) fn by_token(
        &self,
        role: &AwsRole,
        file: &str,
        secrets: &Secrets,
    ) -> Result<FoundKeys, Reason> {
        let token = secrets::setting(secrets, &Setting::File { file: file.to_owned() }, Path::new("/"))?;
        let token = token.trim();
        secrets.hide(token);
        let client = self.client()?;
        let form = role.form("AssumeRoleWithWebIdentity", &[("WebIdentityToken", token)]);
        let request = Request::post(client.at("/", secrets)?, FORM, form);
        given(role, &client.send(&request, secrets).map_err(Reason::from)?, secrets)
    }

    fn client(&self) -> Result<Client, Reason> {
        let usual = || format!("https://sts.{}.{}", self.region, domain(&self.region));
        let address = variable("AWS_ENDPOINT_URL_STS").unwrap_or_else(usual);
        if !Url::parse(&address).is_ok_and(|url| is_near_or_encrypted(&url)) {
            return Err(unreadable(
                "AWS_ENDPOINT_URL_STS is neither an https:// address nor one of this machine",
            ));
        }
        let credentials = Credentials { tls: self.tls.clone(), ..Credentials::default() };
        Ok(Client::new(Setting::Text(address), TIMEOUT, credentials, &self.base, LONGEST_ANSWER))
    }
}

/// The key in an answer.
fn given(role: &AwsRole, response: &Response, secrets: &Secrets) -> Result<FoundKeys, Reason> {
    let to = server(&response.address);
    let text = String::from_utf8_lossy(&response.body);
    if response.status != 200 {
        let (code, why) = (element(&text, "Code"), element(&text, "Message").unwrap_or_default());
        let arn = one_line(&role.arn);
        let said = match code {
            Some(code) => format!("{to} does not give the role {arn}: {code}: {why}"),
            None => format!("{to} does not give the role {arn}: it answered {}", response.status_in_words()),
        };
        return Err(Reason::new(ReasonKind::ProviderError, response.said(&said)));
    }
    read(&text, secrets).ok_or_else(|| {
        Reason::new(ReasonKind::BadAnswer, format!("{to} answered without the access key of a role"))
    })
}

fn read(text: &str, secrets: &Secrets) -> Option<FoundKeys> {
    let credentials = element(text, "Credentials")?;
    let of = |name: &str| element(&credentials, name).filter(|text| !text.is_empty());
    let (id, key, token) = (of("AccessKeyId")?, of("SecretAccessKey")?, of("SessionToken")?);
    let keys = AwsCredentials::new(id, key, Some(token), None, "rbl");
    hide(&keys, secrets);
    let end = of("Expiration")?.parse::<jiff::Timestamp>().ok()?;
    Some(FoundKeys { keys, end: Some(SystemTime::from(end)) })
}

/// What is in the one element of this name; `None`: there is none, or more than one.
fn element(text: &str, name: &str) -> Option<String> {
    let (begin, end) = (format!("<{name}>"), format!("</{name}>"));
    let (_, rest) = text.split_once(&begin)?;
    let (inside, rest) = rest.split_once(&end)?;
    if rest.contains(&begin) || inside.contains(&begin) {
        return None;
    }
    let plain =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#x27;", "'"), ("&amp;", "&")];
    let inside = plain.iter().fold(inside.to_owned(), |text, (written, meant)| text.replace(written, meant));
    Some(inside.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
        <SessionToken>tok/en+1==</SessionToken><SecretAccessKey>key+/1</SecretAccessKey><Expiration>2026-11-30T09:00:00Z</Expiration>\
        <AccessKeyId>ASIA1</AccessKeyId></Credentials><AssumedRoleUser><Arn>arn:x</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>";

    #[test]
    fn the_one_key_of_an_answer_is_read() {
        let secrets = Secrets::new();
        let found = read(ANSWER, &secrets).unwrap();
        assert_eq!(found.keys.access_key_id(), "ASIA1");
        assert_eq!(
            (found.keys.secret_access_key(), found.keys.session_token()),
            ("key+/1", Some("tok/en+1=="))
        );
        assert!(found.end.is_some());
        for (part, instead) in [
            ("<AccessKeyId>ASIA1</AccessKeyId>", ""),
            ("ASIA1", ""),
            ("tok/en+1==", " "),
            ("2026-11-30T09:00:00Z", "soon"),
            ("<AccessKeyId>", "<AccessKeyId>A</AccessKeyId><AccessKeyId>"),
            ("</AccessKeyId>", ""),
            ("</AssumeRoleResult>", "<Credentials></Credentials></AssumeRoleResult>"),
            ("<AssumeRoleResult>", "<!-- <Credentials> -->"),
        ] {
            assert!(read(&ANSWER.replacen(part, instead, 1), &secrets).is_none(), "{part} {instead}");
        }
    }

    #[test]
    fn what_is_sent_is_a_form() {
        let role = AwsRole {
            arn: "arn:aws:iam::1:role/a b&c".into(),
            session: None,
            external_id: Some("x=y".into()),
            duration: Some("900".into()),
        };
        assert_eq!(
            role.form("AssumeRole", &[("ExternalId", "x=y")]),
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fa%20b%26c&RoleSessionName=rbl&DurationSeconds=900&ExternalId=x%3Dy"
        );
    }
}
