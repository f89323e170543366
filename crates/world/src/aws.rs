//! [`Aws`]: signed calls of a service of AWS that speaks JSON.
//!
//! The official signer signs; its SDK is not used, because a call is one POST.

use std::path::Path;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use rbl_check::{Key, KeyKind};
use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::Secrets;
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use serde_json::Value;

use crate::aws_keys::{AwsKeys, AwsKeysConfig};
use crate::aws_role::RoleService;
use crate::config_keys;
use crate::http::{Client, Credentials, Request, Response, TlsFiles, patient, server};
use crate::webhook;

pub(crate) const REGION: Key = Key::needed("region", KeyKind::Plain, "the region, like \"eu-central-1\"");
pub(crate) const URL: Key =
    Key::optional("url", KeyKind::Url, "that of the service in the region", "where it answers");
/// AWS does not know the access key any more.
const OLD_KEYS: [&str; 4] =
    ["ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidClientTokenId"];

/// The keys of a section.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct AwsConfig {
    region: String,
    url: Option<Setting>,
    #[serde(flatten)]
    keys: AwsKeysConfig,
    #[serde(flatten)]
    tls: TlsFiles,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
}

/// A service in a region.
#[derive(Debug)]
pub(crate) struct Aws {
    client: Client,
    region: String,
    service: &'static str,
    content_type: &'static str,
    keys: AwsKeys,
}

/// Why a call did not work.
#[derive(Debug)]
pub(crate) struct AwsError {
    /// The name of the error in AWS; empty where there is none.
    pub(crate) code: String,
    /// Why.
    pub(crate) reason: Reason,
}

impl From<AwsError> for Reason {
    fn from(error: AwsError) -> Self {
        error.reason
    }
}

impl From<Reason> for AwsError {
    fn from(reason: Reason) -> Self {
        Self { code: String::new(), reason }
    }
}

impl Aws {
    /// A service by the name it signs with, which speaks this JSON. Errors: half of an access key is configured.
    pub(crate) fn new(
        config: AwsConfig,
        service: &'static str,
        content_type: &'static str,
        base: &Path,
    ) -> Result<Self, String> {
        let AwsConfig { region, url, keys, tls, timeout } = config;
        let url =
            url.unwrap_or_else(|| Setting::Text(format!("https://{service}.{region}.{}", domain(&region))));
        let credentials = Credentials { tls: tls.clone(), ..Credentials::default() };
        Ok(Self {
            client: Client::new(url, timeout, credentials, base, 10_000_000),
            service,
            content_type,
            keys: AwsKeys::new(keys, RoleService::new(region.clone(), tls, base), base)?,
            region,
        })
    }

    /// Calls an operation, in this time at most. `done`: what may have happened if that is unclear; a look has none.
    pub(crate) fn call(
        &self,
        target: &str,
        body: &Value,
        within: Option<Duration>,
        done: Option<&str>,
        secrets: &Secrets,
    ) -> Result<Value, AwsError> {
        let body = body.to_string();
        let address = self.client.at("/", secrets)?;
        let fixed = [("content-type", self.content_type), ("x-amz-target", target)];
        let keys = self.keys.keys(secrets)?;
        let signed =
            signed(&address.to_string(), &fixed, body.as_bytes(), self.scope(), keys, SystemTime::now())
                .ok_or_else(|| Reason::new(ReasonKind::NotRun, "the request cannot be signed"))?;
        let mut request = Request::post(address, self.content_type, body).header("X-Amz-Target", target);
        for (name, value) in signed {
            request = request.header(&name, value);
        }
        if let Some(within) = within {
            request = request.within(within);
        }
        let response = match done {
            Some(done) => patient::send(&self.client, &request, secrets, done)?,
            None => self.client.send(&request, secrets).map_err(Reason::from)?,
        };
        let answer = answer(&response, done);
        if answer.as_ref().is_err_and(|error| OLD_KEYS.contains(&error.code.as_str())) {
            self.keys.forget();
        }
        answer
    }

    /// The longest time of a call.
    pub(crate) fn timeout(&self) -> Duration {
        self.client.timeout()
    }

    /// The directory that files are relative to.
    pub(crate) fn base(&self) -> &Path {
        self.client.base()
    }

    fn scope(&self) -> (&str, &str) {
        (&self.region, self.service)
    }
}

/// The domain of the services of a region.
pub(crate) fn domain(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

/// The headers that sign a POST of these bytes; `None`: it cannot be signed. `scope`: region and service.
pub(crate) fn signed(
    address: &str,
    headers: &[(&str, &str)],
    body: &[u8],
    (region, service): (&str, &str),
    keys: AwsCredentials,
    time: SystemTime,
) -> Option<Vec<(String, String)>> {
    let identity = keys.into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(time)
        .settings(SigningSettings::default())
        .build()
        .ok()?;
    let request =
        SignableRequest::new("POST", address, headers.iter().copied(), SignableBody::Bytes(body)).ok()?;
    let (signing, _) = sign(request, &parameters.into()).ok()?.into_parts();
    Some(signing.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// The JSON of an answer that worked.
fn answer(response: &Response, done: Option<&str>) -> Result<Value, AwsError> {
    let to = server(&response.address);
    let json = response.json();
    if (400..500).contains(&response.status)
        && let Some(error) = json.as_ref().ok().and_then(|json| json.get("__type")).and_then(Value::as_str)
    {
        // The name may come with its name space.
        let code = error.rsplit('#').next().unwrap_or(error).to_owned();
        let said = json.as_ref().ok().and_then(|json| json.get("Message").or_else(|| json.get("message")));
        let said = said.and_then(Value::as_str).unwrap_or_default();
        let text = format!("{to} refused it: {code}: {said}");
        let reason = Reason::new(ReasonKind::ProviderError, response.said(&text));
        return Err(AwsError { code, reason });
    }
    webhook::accepted(response, &to, done.unwrap_or_default())?;
    // Some operations answer with nothing.
    if response.body.trim_ascii().is_empty() {
        return Ok(Value::Null);
    }
    json.map_err(|fault| {
        let text = format!("{to} answered with {fault}: {}", response.line());
        let reason = Reason::new(ReasonKind::BadAnswer, text);
        done.map_or_else(|| reason.clone(), |done| webhook::perhaps(done, &reason)).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What botocore's own signer gives for the same request, time and keys (`tests/connections/botocore_signature.py`).
    #[test]
    fn the_signature_is_that_of_botocore() {
        for (service, headers, body, token, right) in [
            (
                "ssm",
                &[
                    ("content-type", "application/x-amz-json-1.1"),
                    ("x-amz-target", "AmazonSSM.StartAutomationExecution"),
                ][..],
                "{\"DocumentName\":\"AWS-RestartEC2Instance\"}",
                None,
                SSM,
            ),
            (
                "sts",
                &[("content-type", "application/x-www-form-urlencoded; charset=utf-8")],
                "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx&RoleSessionName=rbl",
                Some("token/of+a=session".to_owned()),
                STS,
            ),
        ] {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_329_405);
            let key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
            let keys = AwsCredentials::new("AKIDEXAMPLE", key, token, None, "test");
            let address = format!("https://{service}.us-east-1.amazonaws.com/");
            let signed =
                signed(&address, headers, body.as_bytes(), ("us-east-1", service), keys, time).unwrap();
            let authorization = &signed.iter().find(|(name, _)| name == "authorization").unwrap().1;
            assert_eq!(authorization, right);
        }
    }

    const SSM: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/ssm/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date;x-amz-target, \
        Signature=32f879b8f6dac9b3866156b2dff6f43bf752127c5c166801686b9f4edd56dbbe";

    const STS: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/sts/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, \
        Signature=a23e16e56e8870713bbcd178c0bba221bf36d91507ec262f315ee565d0313df2";

    #[test]
    fn china_has_a_domain_of_its_own() {
        assert_eq!(domain("cn-north-1"), "amazonaws.com.cn");
        assert_eq!(domain("us-gov-west-1"), "amazonaws.com");
    }
}
