//! [`AzureSignIn`]: tokens for Azure's management API, by client credentials or the managed identity of this machine.
//!
//! A token is kept until five minutes before its end. A sign-in that fails has begun nothing.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rbl_check::{Key, KeyKind};
use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::Secrets;
use rbl_syntax::value::{Reason, ReasonKind};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;

use crate::http::{Client, Credentials, Request, Response, TlsFiles, patient, percent_encoded, server};
use crate::{secrets, webhook};

pub(crate) const TENANT: Key =
    Key::optional("tenant", KeyKind::Text, "none", "the id of the tenant, with `client_secret`");
pub(crate) const CLIENT_ID: Key = Key::optional(
    "client_id",
    KeyKind::Text,
    "the identity of the machine",
    "the id of the application, or of a managed identity that a user assigned",
);
pub(crate) const CLIENT_SECRET: Key = Key::optional(
    "client_secret",
    KeyKind::Secret,
    "the managed identity of this machine signs in",
    "the secret of the application",
);
pub(crate) const LOGIN_URL: Key = Key::optional(
    "login_url",
    KeyKind::Url,
    "https://login.microsoftonline.com",
    "where an application signs in",
);
pub(crate) const IDENTITY_URL: Key = Key::optional(
    "identity_url",
    KeyKind::Url,
    "http://169.254.169.254",
    "where this machine gets the tokens of its identity",
);

/// What a token is for.
const RESOURCE: &str = "https://management.azure.com/";
/// A token is not used in the last minutes of its life.
const EARLY: Duration = Duration::from_mins(5);

/// The keys of a section.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct AzureSignInConfig {
    tenant: Option<Setting>,
    client_id: Option<Setting>,
    client_secret: Option<Setting>,
    login_url: Option<Setting>,
    identity_url: Option<Setting>,
}

/// Signs in.
#[derive(Debug)]
pub(crate) struct AzureSignIn {
    by: SignInWay,
    client: Client,
    token: Mutex<Option<(Instant, SecretString)>>,
}

#[derive(Debug)]
enum SignInWay {
    Application { tenant: Setting, id: Setting, secret: Setting },
    Machine { id: Option<Setting> },
}

impl AzureSignIn {
    /// Errors: half of an application is configured.
    pub(crate) fn new(
        config: AzureSignInConfig,
        tls: TlsFiles,
        timeout: Seconds,
        base: &Path,
    ) -> Result<Self, String> {
        let AzureSignInConfig { tenant, client_id, client_secret, login_url, identity_url } = config;
        let address =
            |written: Option<Setting>, usual: &str| written.unwrap_or_else(|| Setting::Text(usual.into()));
        let (by, url) = match (tenant, client_id, client_secret) {
            (Some(tenant), Some(id), Some(secret)) => (
                SignInWay::Application { tenant, id, secret },
                address(login_url, "https://login.microsoftonline.com"),
            ),
            (None, id, None) => (SignInWay::Machine { id }, address(identity_url, "http://169.254.169.254")),
            _ => return Err("an application signs in with `tenant`, `client_id` and `client_secret`".into()),
        };
        let credentials = Credentials { tls, ..Credentials::default() };
        Ok(Self {
            by,
            client: Client::new(url, timeout, credentials, base, 1_000_000),
            token: Mutex::default(),
        })
    }

    /// The header that signs a request in.
    pub(crate) fn header(&self, secrets: &Secrets) -> Result<String, Reason> {
        let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((until, token)) = token.as_ref()
            && Instant::now() < *until
        {
            secrets.hide(token.expose_secret());
            return Ok(format!("Bearer {}", token.expose_secret()));
        }
        let (new, life) = self.sign_in(secrets)?;
        secrets.hide(new.expose_secret());
        let header = format!("Bearer {}", new.expose_secret());
        *token = Some((Instant::now() + life.saturating_sub(EARLY), new));
        Ok(header)
    }

    /// The next request signs in again.
    pub(crate) fn forget(&self) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn sign_in(&self, secrets: &Secrets) -> Result<(SecretString, Duration), Reason> {
        let read = |setting: &Setting| secrets::setting(secrets, setting, self.client.base());
        let request = match &self.by {
            SignInWay::Application { tenant, id, secret } => {
                let form = form_urlencoded::Serializer::new(String::new())
                    .append_pair("client_id", &read(id)?)
                    .append_pair("grant_type", "client_credentials")
                    .append_pair("client_secret", &read(secret)?)
                    .append_pair("scope", &format!("{RESOURCE}.default"))
                    .finish();
                let path = format!("/{}/oauth2/v2.0/token", percent_encoded(&read(tenant)?));
                Request::post(self.client.at(&path, secrets)?, "application/x-www-form-urlencoded", form)
            }
            SignInWay::Machine { id } => {
                let mut path = format!(
                    "/metadata/identity/oauth2/token?api-version=2018-02-01&resource={}",
                    percent_encoded(RESOURCE)
                );
                if let Some(id) = id {
                    path = format!("{path}&client_id={}", percent_encoded(&read(id)?));
                }
                Request::get(self.client.at(&path, secrets)?).header("Metadata", "true")
            }
        };
        // A token that is asked for twice is two tokens: no harm.
        let response = patient::send(&self.client, &request, secrets, "")?;
        token(&response)
    }
}

/// The token of an answer, and how long it lives.
fn token(response: &Response) -> Result<(SecretString, Duration), Reason> {
    let to = server(&response.address);
    let answer = response.json().ok();
    let field = |name: &str| answer.as_ref().and_then(|answer| answer.get(name)).and_then(Value::as_str);
    if (400..500).contains(&response.status)
        && let Some(error) = field("error")
    {
        // Its description has traces and times behind the first line.
        let why = field("error_description").and_then(|why| why.lines().next()).unwrap_or_default();
        let text = response.said(&format!("{to} does not let us sign in: {error}: {why}"));
        return Err(Reason::new(ReasonKind::ProviderError, text));
    }
    webhook::accepted(response, &to, "")?;
    let Some(token) = field("access_token").filter(|token| !token.is_empty()) else {
        // The answer may be half a token: it is not shown.
        return Err(Reason::new(ReasonKind::BadAnswer, format!("{to} answered without an `access_token`")));
    };
    // The machine's own service writes the number as a text.
    let life = answer.as_ref().and_then(|answer| answer.get("expires_in")).and_then(|life| match life {
        Value::Number(life) => life.as_u64(),
        Value::String(life) => life.parse().ok(),
        _ => None,
    });
    Ok((token.into(), Duration::from_secs(life.unwrap_or(0))))
}
