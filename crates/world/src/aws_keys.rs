//! [`AwsKeys`]: finds the access key that signs a call of AWS, where users of AWS keep it.
//!
//! In this order: the section; the environment; the profile of `AWS_PROFILE`, else `default`; the role of a token in a file; the service of a
//! container; that of an EC2 instance (`IMDSv2`). A `profile` of the section comes before the environment. What is half there ends the search: the next place may have
//! the key of somebody else.
//!
//! *Invariants:* what is read is hidden before anything is said about it. The answer of a service is never shown. A token for a
//! service of a container is sent to the own machine or link, or encrypted.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as AwsCredentials;
use rbl_check::{Key, KeyKind};
use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::Secrets;
use rbl_syntax::one_line;
use rbl_syntax::value::{Reason, ReasonKind, SecretCommand};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;
use url::{Host, Url};

use crate::aws_role::{AwsRole, RoleService};
use crate::http::{Client, Credentials, Request, Response, server, unique_json};
use crate::{secret_command, secrets};

const ELSEWHERE: &str = "looked for where AWS keeps it";

pub(crate) const ACCESS_KEY: Key = Key::optional(
    "access_key_id",
    KeyKind::Text,
    ELSEWHERE,
    "the name of the access key, with `secret_access_key`",
);
pub(crate) const SECRET_KEY: Key =
    Key::optional("secret_access_key", KeyKind::Secret, ELSEWHERE, "the access key itself");
pub(crate) const SESSION_TOKEN: Key = Key::optional(
    "session_token",
    KeyKind::Secret,
    "none",
    "of temporary access keys, like { env = \"AWS_SESSION_TOKEN\" }",
);
pub(crate) const PROFILE: Key = Key::optional(
    "profile",
    KeyKind::Text,
    "that of `AWS_PROFILE`, else `default`",
    "the profile in `~/.aws` that has the access key, before the environment",
);

/// New keys are asked for in the last minutes of the old ones.
const EARLY: Duration = Duration::from_mins(5);
/// How long a service of this machine may take: it is near, or not there.
const NEAR: Duration = Duration::from_secs(2);
const INSTANCE: &str = "http://169.254.169.254";
const CONTAINER: &str = "http://169.254.170.2";
/// How a profile gets its keys by a sign-in in a browser, which rbl does not do.
const BY_A_PERSON: [&str; 3] = ["sso_session", "sso_start_url", "login_session"];
/// How many profiles one key may come through.
const MOST_PROFILES: usize = 5;

/// The keys of a section.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct AwsKeysConfig {
    access_key_id: Option<Setting>,
    secret_access_key: Option<Setting>,
    session_token: Option<Setting>,
    profile: Option<Setting>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct AwsKeys {
    place: KeyPlace,
    session_token: Option<Setting>,
    roles: RoleService,
    base: PathBuf,
    /// Keys that end, and when.
    kept: Mutex<Option<(SystemTime, AwsCredentials)>>,
}

#[derive(Debug)]
enum KeyPlace {
    Section { id: Setting, key: Setting },
    Profile(Setting),
    Usual,
}

/// Keys, and when they end.
pub(crate) struct FoundKeys {
    /// The keys.
    pub(crate) keys: AwsCredentials,
    /// Their end; `None`: they have none that is known.
    pub(crate) end: Option<SystemTime>,
}

impl AwsKeys {
    /// Errors: half of a key is configured, or two places are.
    pub(crate) fn new(config: AwsKeysConfig, roles: RoleService, base: &Path) -> Result<Self, String> {
        let AwsKeysConfig { access_key_id, secret_access_key, session_token, profile } = config;
        let place = match (access_key_id, secret_access_key, profile) {
            (Some(id), Some(key), None) => KeyPlace::Section { id, key },
            (None, None, Some(profile)) if session_token.is_none() => KeyPlace::Profile(profile),
            (None, None, None) => KeyPlace::Usual,
            (_, _, Some(_)) => {
                return Err(
                    "`profile` names where the access key is: no other key of it goes with that".into()
                );
            }
            _ => return Err("`access_key_id` and `secret_access_key` go together".into()),
        };
        Ok(Self { place, session_token, roles, base: base.to_owned(), kept: Mutex::default() })
    }

    /// The keys for a call now.
    pub(crate) fn keys(&self, secrets: &Secrets) -> Result<AwsCredentials, Reason> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = SystemTime::now();
        if let Some((end, keys)) = kept.as_ref()
            && now + EARLY < *end
        {
            hide(keys, secrets);
            return Ok(keys.clone());
        }
        let found = match (self.find(secrets), kept.as_ref()) {
            (Ok(found), _) => found,
            // They are still good for a moment.
            (Err(_), Some((end, keys))) if now < *end => FoundKeys { keys: keys.clone(), end: Some(*end) },
            (Err(why), _) => return Err(secrets.redact_reason(&why)),
        };
        hide(&found.keys, secrets);
        *kept = found.end.map(|end| (end, found.keys.clone()));
        Ok(found.keys)
    }

    /// The next call looks for keys again.
    pub(crate) fn forget(&self) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn find(&self, secrets: &Secrets) -> Result<FoundKeys, Reason> {
        let read = |setting: &Setting| secrets::setting(secrets, setting, &self.base);
        match &self.place {
            KeyPlace::Section { id, key } => {
                let token = self.session_token.as_ref().map(read).transpose()?;
                Ok(lasting(read(id)?, read(key)?, token))
            }
            KeyPlace::Profile(name) => {
                let name = read(name)?;
                self.profile(&name, &[], secrets)?.ok_or_else(|| no_profile(&name))
            }
            KeyPlace::Usual => self.usual(secrets),
        }
    }

    fn usual(&self, secrets: &Secrets) -> Result<FoundKeys, Reason> {
        if let Some(found) = self.environment(secrets)? {
            return Ok(found);
        }
        if self.session_token.is_some() {
            return Err(unreadable("there is a `session_token`, and no access key that it belongs to"));
        }
        let named = variable("AWS_PROFILE");
        match self.profile(named.as_deref().unwrap_or("default"), &[], secrets)? {
            Some(found) => return Ok(found),
            None if named.is_some() => return Err(no_profile(&named.unwrap_or_default())),
            None => {}
        }
        // Behind it is the role of the whole machine, which may do other things.
        if let Some((role, file)) = AwsRole::of_environment()? {
            return self.roles.by_token(&role, &file, secrets);
        }
        if let Some(found) = self.container(secrets)? {
            return Ok(found);
        }
        let instance = self.instance(secrets);
        instance.map_err(|why| {
            unreadable(&format!(
                "no access key: the section and the environment (AWS_ACCESS_KEY_ID) have none, `~/.aws` has no profile `default`, and the identity \
                 of this machine cannot be read: {why}"
            ))
        })
    }

    /// The keys of the environment; `Ok(None)`: it has none.
    fn environment(&self, secrets: &Secrets) -> Result<Option<FoundKeys>, Reason> {
        if variable("AWS_ACCESS_KEY_ID").is_none() && variable("AWS_SECRET_ACCESS_KEY").is_none() {
            return Ok(None);
        }
        let from = |name: &str| Setting::Env { env: name.to_owned() };
        let read = |setting: &Setting| secrets::setting(secrets, setting, &self.base);
        let of_environment = variable("AWS_SESSION_TOKEN").map(|_| from("AWS_SESSION_TOKEN"));
        let token = self.session_token.clone().or(of_environment).as_ref().map(read).transpose()?;
        let (id, key) = (read(&from("AWS_ACCESS_KEY_ID"))?, read(&from("AWS_SECRET_ACCESS_KEY"))?);
        Ok(Some(lasting(id, key, token)))
    }

    /// The keys of a profile; `Ok(None)`: there is no such profile, or it says nothing about keys. `through`: the profiles that lead to
    /// it by `source_profile`.
    fn profile(&self, name: &str, through: &[&str], secrets: &Secrets) -> Result<Option<FoundKeys>, Reason> {
        let found = settings_of(name)?;
        let shown = one_line(name);
        let own = own_keys(&shown, &found)?;
        // A profile that others lead to is one with keys, where it has some.
        let role = AwsRole::of_profile(name, &found)?.filter(|_| through.is_empty() || own.is_none());
        if let Some(role) = role {
            if let Some(file) = found.get("web_identity_token_file") {
                return self.roles.by_token(&role, file, secrets).map(Some);
            }
            let keys = match (found.get("source_profile"), found.get("credential_source")) {
                (Some(source), None) if source == name => own.ok_or_else(|| {
                    unreadable(&format!(
                        "the profile `{shown}` takes on a role by its own access key, and has none"
                    ))
                })?,
                (Some(source), None) => self.source(name, source, through, secrets)?,
                (None, Some(source)) => self.credential_source(&shown, source, secrets)?,
                _ => {
                    return Err(unreadable(&format!(
                        "the profile `{shown}` has a `role_arn`, and has to say who takes it on, by one of `source_profile`, \
                         `credential_source` and `web_identity_token_file`"
                    )));
                }
            };
            hide(&keys.keys, secrets);
            return self.roles.by_key(&role, keys.keys, secrets).map(Some);
        }
        if own.is_some() {
            return Ok(own);
        }
        if let Some(command) = found.get("credential_process") {
            return printed(&shown, command, secrets).map(Some);
        }
        if let Some(key) = BY_A_PERSON.into_iter().find(|key| found.contains_key(*key)) {
            return Err(unreadable(&format!(
                "the profile `{shown}` gets its access key by a sign-in in a browser (`{key}`), which rbl does not do: make a profile with \
                 `credential_process = aws configure export-credentials --profile {shown}`, and name that"
            )));
        }
        Ok(None)
    }

    /// The keys of the profile that takes on the role of another one.
    fn source(
        &self,
        name: &str,
        source: &str,
        through: &[&str],
        secrets: &Secrets,
    ) -> Result<FoundKeys, Reason> {
        let through = [through, &[name]].concat();
        if through.contains(&source) || through.len() > MOST_PROFILES {
            let all = through.iter().map(|name| format!("`{}`", one_line(name))).collect::<Vec<_>>();
            let text =
                format!("the profiles {} lead to no access key by their `source_profile`", all.join(", "));
            return Err(unreadable(&text));
        }
        self.profile(source, &through, secrets)?.ok_or_else(|| no_profile(source))
    }

    /// The keys of the place that a profile names by `credential_source`.
    fn credential_source(&self, shown: &str, source: &str, secrets: &Secrets) -> Result<FoundKeys, Reason> {
        let found = match source {
            "Environment" => self.environment(secrets)?,
            "EcsContainer" => self.container(secrets)?,
            "Ec2InstanceMetadata" => Some(self.instance(secrets)?),
            _ => {
                return Err(unreadable(&format!(
                    "the profile `{shown}` has a `credential_source` that is none of `Environment`, `EcsContainer` and `Ec2InstanceMetadata`"
                )));
            }
        };
        found.ok_or_else(|| {
            unreadable(&format!("the profile `{shown}` takes its access key from {source}, which has none"))
        })
    }

    /// The keys of the task or pod that this runs in; `Ok(None)`: it runs in none.
    fn container(&self, secrets: &Secrets) -> Result<Option<FoundKeys>, Reason> {
        let address = match variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            Some(path) => format!("{CONTAINER}/{}", path.trim_start_matches('/')),
            None => match variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
                Some(address) => address,
                None => return Ok(None),
            },
        };
        let url = Url::parse(&address).ok().filter(is_near_or_encrypted).ok_or_else(|| {
            unreadable(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither an https:// address nor one of this machine",
            )
        })?;
        let token = match variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            Some(file) => Some(Setting::File { file }),
            None => variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
                .map(|_| Setting::Env { env: "AWS_CONTAINER_AUTHORIZATION_TOKEN".into() }),
        };
        let token = token.map(|token| secrets::setting(secrets, &token, Path::new("/"))).transpose()?;
        let service = self.service(&url.origin().ascii_serialization());
        let path = url.query().map_or_else(|| url.path().into(), |query| format!("{}?{query}", url.path()));
        let mut request = Request::get(service.at(&path, secrets)?).within(NEAR);
        if let Some(token) = token {
            request = request.header("Authorization", token.trim());
        }
        let response = service.send(&request, secrets).map_err(Reason::from)?;
        found_in(&response, secrets).map(Some)
    }

    /// The keys of the role of this EC2 instance.
    fn instance(&self, secrets: &Secrets) -> Result<FoundKeys, Reason> {
        if variable("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Err(unreadable("AWS_EC2_METADATA_DISABLED is set"));
        }
        let address = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT").unwrap_or_else(|| INSTANCE.into());
        let service = self.service(&address);
        let to = |path: &str| service.at(&format!("/latest/{path}"), secrets);
        let asked = Request::new("PUT", to("api/token")?)
            .header("X-aws-ec2-metadata-token-ttl-seconds", "21600")
            .within(NEAR);
        let response = service.send(&asked, secrets).map_err(Reason::from)?;
        let token = text_of(&response)?;
        secrets.hide(&token);
        let get = |path: &str| -> Result<Response, Reason> {
            let request =
                Request::get(to(path)?).header("X-aws-ec2-metadata-token", token.clone()).within(NEAR);
            service.send(&request, secrets).map_err(Reason::from)
        };
        let roles = get("meta-data/iam/security-credentials/")?;
        if roles.status == 404 {
            return Err(unreadable("this instance has no role"));
        }
        let roles = text_of(&roles)?;
        let role = crate::http::percent_encoded(roles.lines().next().unwrap_or_default().trim());
        found_in(&get(&format!("meta-data/iam/security-credentials/{role}"))?, secrets)
    }

    fn service(&self, url: &str) -> Client {
        let timeout = Seconds(NEAR.as_secs_f64());
        Client::new(Setting::Text(url.to_owned()), timeout, Credentials::default(), &self.base, 100_000)
    }
}

/// Why there is no key.
pub(crate) fn unreadable(text: &str) -> Reason {
    Reason::new(ReasonKind::Unreadable, text)
}

fn no_profile(name: &str) -> Reason {
    unreadable(&format!("`~/.aws` has no profile `{}`", one_line(name)))
}

/// An environment variable, if it is set to something.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn lasting(id: String, key: String, token: Option<String>) -> FoundKeys {
    FoundKeys { keys: AwsCredentials::new(id, key, token, None, "rbl"), end: None }
}

/// From now on nothing shows them.
pub(crate) fn hide(keys: &AwsCredentials, secrets: &Secrets) {
    secrets.hide(keys.access_key_id());
    secrets.hide(keys.secret_access_key());
    if let Some(token) = keys.session_token() {
        secrets.hide(token);
    }
}

/// What the files of AWS say of a profile.
fn settings_of(name: &str) -> Result<BTreeMap<String, String>, Reason> {
    let mut found = BTreeMap::new();
    // What the file with keys says comes first.
    for (file, own, section) in [
        ("credentials", "AWS_SHARED_CREDENTIALS_FILE", name.to_owned()),
        (
            "config",
            "AWS_CONFIG_FILE",
            if name == "default" { name.into() } else { format!("profile {name}") },
        ),
    ] {
        let home = || variable("HOME").map(|home| Path::new(&home).join(".aws").join(file));
        let Some(path) = variable(own).map(PathBuf::from).or_else(home) else { continue };
        if !path.exists() {
            continue;
        }
        let text = Setting::File { file: path.display().to_string() }.resolve(Path::new("/"))?;
        for (key, value) in section_of(&text, &section) {
            found.entry(key).or_insert(value);
        }
    }
    Ok(found)
}

/// The keys that are written in a profile; `Ok(None)`: none.
fn own_keys(shown: &str, found: &BTreeMap<String, String>) -> Result<Option<FoundKeys>, Reason> {
    match (found.get("aws_access_key_id"), found.get("aws_secret_access_key")) {
        (Some(id), Some(key)) => {
            Ok(Some(lasting(id.clone(), key.clone(), found.get("aws_session_token").cloned())))
        }
        (None, None) => Ok(None),
        _ => Err(unreadable(&format!(
            "the profile `{shown}` has only one of `aws_access_key_id` and `aws_secret_access_key`"
        ))),
    }
}

/// The keys that the program of a profile prints.
fn printed(shown: &str, command: &str, secrets: &Secrets) -> Result<FoundKeys, Reason> {
    let command = SecretCommand { command: command.into(), folder: None };
    let printed = secret_command::read(&command, secrets)?;
    let keys = unique_json(printed.expose_secret().as_bytes()).ok();
    let keys = keys.and_then(|printed| found_keys(&printed, secrets));
    keys.ok_or_else(|| {
        unreadable(&format!(
            "the `credential_process` of the profile `{shown}` printed no access key: {{\"Version\": 1, \"AccessKeyId\": …, \
             \"SecretAccessKey\": …}}"
        ))
    })
}

/// The keys and values of a section. Lines that are indented belong to a value that is a table, of which there is none here.
fn section_of(text: &str, section: &str) -> BTreeMap<String, String> {
    let mut inside = false;
    let mut found = BTreeMap::new();
    for line in text.lines() {
        if line.starts_with(char::is_whitespace) || line.starts_with(['#', ';']) {
            continue;
        }
        let line = line.split(" #").next().unwrap_or_default().trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            inside = name.split_whitespace().eq(section.split_whitespace());
        } else if let Some((key, value)) = line.split_once('=')
            && inside
        {
            found.insert(key.trim().to_lowercase(), value.trim().to_owned());
        }
    }
    found
}

/// The keys in the JSON of a service or a program.
fn found_keys(said: &Value, secrets: &Secrets) -> Option<FoundKeys> {
    let text = |name: &str| said.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (id, key) = (text("AccessKeyId")?, text("SecretAccessKey")?);
    let token = text("Token").or_else(|| text("SessionToken"));
    let keys = AwsCredentials::new(id, key, token.map(str::to_owned), None, "rbl");
    hide(&keys, secrets);
    let end = match said.get("Expiration") {
        None | Some(Value::Null) => None,
        Some(end) => Some(SystemTime::from(end.as_str()?.parse::<jiff::Timestamp>().ok()?)),
    };
    Some(FoundKeys { keys, end })
}

/// The text of an answer that worked. It may be a secret: of any other answer only the status is shown.
fn text_of(response: &Response) -> Result<String, Reason> {
    let to = server(&response.address);
    if response.status != 200 {
        let text = format!("{to} answered {}", response.status_in_words());
        return Err(Reason::new(ReasonKind::ProviderError, text));
    }
    let text = String::from_utf8(response.body.clone()).unwrap_or_default().trim().to_owned();
    if text.is_empty() || text.starts_with('<') {
        let text = format!("{to} answered with something else than was asked for");
        return Err(Reason::new(ReasonKind::BadAnswer, text));
    }
    Ok(text)
}

fn found_in(response: &Response, secrets: &Secrets) -> Result<FoundKeys, Reason> {
    let text = text_of(response)?;
    let keys = unique_json(text.as_bytes()).ok().and_then(|said| found_keys(&said, secrets));
    keys.ok_or_else(|| {
        let text = format!("{} answered without an access key", server(&response.address));
        Reason::new(ReasonKind::BadAnswer, text)
    })
}

/// Where a token may be sent: encrypted, to this machine, or to the services that AWS has on the link.
pub(crate) fn is_near_or_encrypted(url: &Url) -> bool {
    if url.scheme() == "https" {
        return true;
    }
    let near = |address: IpAddr| {
        address.is_loopback()
            || ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"]
                .iter()
                .any(|known| known.parse() == Ok(address))
    };
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Ipv4(address)) => near(address.into()),
            Some(Host::Ipv6(address)) => near(address.into()),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_of_a_file_is_read_as_aws_reads_it() {
        let text = "[default]\naws_access_key_id=ONE\n\n[profile ops]\n# comment\nAWS_Access_Key_Id = TWO # which\ns3 =\n  aws_secret_access_key = no\n\
                    aws_secret_access_key = a=b/c#d\n[ other ]\naws_access_key_id = THREE\n";
        let read = |section: &str| section_of(text, section);
        assert_eq!(read("default").get("aws_access_key_id").map(String::as_str), Some("ONE"));
        let ops = read("profile ops");
        assert_eq!(ops.get("aws_access_key_id").map(String::as_str), Some("TWO"));
        assert_eq!(ops.get("aws_secret_access_key").map(String::as_str), Some("a=b/c#d"));
        assert_eq!(read("other").len(), 1);
        assert!(read("ops").is_empty());
    }

    #[test]
    fn a_token_stays_near_or_is_encrypted() {
        for (address, may) in [
            ("http://169.254.170.2/v2/x", true),
            ("http://169.254.170.23/v1/credentials", true),
            ("http://[fd00:ec2::23]/v1/credentials", true),
            ("http://127.0.0.1:9911/x", true),
            ("http://[::1]/x", true),
            ("http://localhost/x", true),
            ("https://keys.example/x", true),
            ("http://keys.example/x", false),
            ("http://169.254.169.254/x", false),
            ("http://10.0.0.1/x", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(is_near_or_encrypted(&Url::parse(address).unwrap()), may, "{address}");
        }
    }
}
