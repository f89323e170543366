//! Whether a delivery comes from whom it says: by a bearer token, by name and password, by its signature, or from this machine.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use rbl_runtime::hex_bytes;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::HttpRefusal;
use crate::api::{ApiCaller, TOKEN_PREFIX, TokenRight};
use crate::settings::ServerHook;
use crate::state::ServerState;

/// Whether the headers of a delivery prove who sends it; returns the patterns of the runbooks that the sender may start, `None`
/// for all of them.
///
/// What the hook is configured with proves it, and so does a token of the server with the right `hook`. Where deliveries are signed
/// only the signature does: a token is not about what is delivered. Where nothing is configured, this machine needs no token, as
/// long as nobody else reaches the server; but one that is given has to be right.
pub(super) async fn sender(
    state: &Arc<ServerState>,
    hook: &ServerHook,
    headers: &HeaderMap,
    peer: SocketAddr,
) -> Result<Option<Vec<String>>, HttpRefusal> {
    let refused = match by_headers(hook, headers) {
        Proof::Given => return Ok(None),
        Proof::Signed(signatures) => return signatures.map(|()| None),
        Proof::Missing(refused) => Some(refused),
        Proof::NotConfigured => None,
    };
    if let Some(token) = bearer(headers) {
        let caller = if token.starts_with(TOKEN_PREFIX) { ApiCaller::of(state, token).await? } else { None };
        let Some(caller) = caller else {
            return Err(refused.unwrap_or_else(|| unauthentic(A_TOKEN)));
        };
        caller.may(TokenRight::Hook)?;
        return Ok(caller.into_patterns());
    }
    match refused {
        Some(refused) => Err(refused),
        None if state.settings.is_for_this_machine() => from_this_machine(headers, peer).map(|()| None),
        None => Err(unauthentic(A_TOKEN)),
    }
}

/// What a sender has to give to a hook for which nothing is configured.
const A_TOKEN: &str = "`Authorization: Bearer …` with a token of `rbl serve token NAME --may hook`";

/// What the headers of a delivery prove by what the hook is configured with.
enum Proof {
    /// Who sends it.
    Given,
    /// It is signed, or not: whether the signature is right is known with the body, without one that is not read.
    Signed(Result<(), HttpRefusal>),
    /// Nothing: what the sender would have to give.
    Missing(HttpRefusal),
    /// Nothing is configured.
    NotConfigured,
}

fn by_headers(hook: &ServerHook, headers: &HeaderMap) -> Proof {
    let check = |is_right: bool, what: &str| {
        if is_right { Proof::Given } else { Proof::Missing(unauthentic(what)) }
    };
    if let Some(token) = &hook.token {
        let is_right = bearer(headers).is_some_and(|given| same(given, token));
        return check(is_right, "`Authorization: Bearer …` with its token");
    }
    if let Some((user, password)) = &hook.user {
        let is_right = basic(authorization(headers)).is_some_and(|(given_user, given)| {
            // Both are compared, so that the time says nothing about either.
            same_text(&given_user, user) & same(&given, password)
        });
        return check(is_right, "its `user` and `password`");
    }
    if let Some((header, secret)) = &hook.header {
        let given = headers.get(header.as_str()).and_then(|it| it.to_str().ok()).unwrap_or_default();
        return check(same(given, secret), &format!("its secret in the header `{header}`"));
    }
    if hook.secrets.is_empty() { Proof::NotConfigured } else { Proof::Signed(signatures(headers).map(drop)) }
}

fn authorization(headers: &HeaderMap) -> &str {
    headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok()).unwrap_or_default()
}

/// The token of `Bearer …`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let given = authorization(headers);
    let (way, token) = given.split_once(' ').unwrap_or((given, ""));
    way.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether the signature of a delivery is right: HMAC-SHA-256 of its raw bytes, with one of the secrets. Several signatures
/// are given while a secret is exchanged; one of them is enough.
pub(super) fn by_signature(hook: &ServerHook, headers: &HeaderMap, body: &[u8]) -> Result<(), HttpRefusal> {
    if hook.secrets.is_empty() {
        return Ok(());
    }
    let given = signatures(headers)?;
    let is_right = hook.secrets.iter().any(|secret| {
        given.iter().any(|given| {
            let made = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes());
            made.is_ok_and(|made| made.chain_update(body).verify_slice(given).is_ok())
        })
    });
    let wrong = || HttpRefusal::new(StatusCode::FORBIDDEN, "the signature of the delivery is not right");
    if is_right { Ok(()) } else { Err(wrong()) }
}

/// The signatures that a delivery gives.
fn signatures(headers: &HeaderMap) -> Result<Vec<Vec<u8>>, HttpRefusal> {
    let given = headers.get(SIGNATURE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let given: Vec<Vec<u8>> =
        given.split(',').filter_map(|one| hex_bytes(one.trim().strip_prefix("v1=")?)).collect();
    if given.is_empty() {
        let error = format!("the delivery has no signature `v1=…` in the header `{SIGNATURE}`");
        return Err(HttpRefusal::new(StatusCode::BAD_REQUEST, error));
    }
    Ok(given)
}

/// The header of a signature.
const SIGNATURE: &str = "x-pagerduty-signature";

/// Where nothing is configured: only from this machine, and not through a web page that was opened here. A page cannot
/// send JSON to another host without asking, and a name that was made to point here is not a loopback name.
fn from_this_machine(headers: &HeaderMap, peer: SocketAddr) -> Result<(), HttpRefusal> {
    let text = |name| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let help = "make a token for the sender: `rbl serve token NAME --may hook`, or configure `[hooks.NAME]` with a `token` in rbl.toml";
    let refused = |error: &str| Err(HttpRefusal::new(StatusCode::FORBIDDEN, error).help(help));
    if !is_from_this_machine(headers, peer) {
        return refused(if peer.ip().to_canonical().is_loopback() {
            "without a token, the `Host` of a delivery has to be this machine"
        } else {
            "without a token, deliveries are taken from this machine only"
        });
    }
    let kind = text(CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let error = "without a token, a delivery has to be `Content-Type: application/json`";
        return Err(HttpRefusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, error).help(help));
    }
    Ok(())
}

/// Whether a request comes from this machine and is meant for it: not passed on by a proxy, and not sent by a web page to a
/// name that was made to point here.
pub(crate) fn is_from_this_machine(headers: &HeaderMap, peer: SocketAddr) -> bool {
    // Of two, a proxy may have looked at the other one.
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let host = host.to_str().unwrap_or_default();
    peer.ip().to_canonical().is_loopback() && is_loopback_host(host)
}

/// Whether a `Host` header names this machine.
fn is_loopback_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

/// The name and the password of `Basic …`.
fn basic(given: &str) -> Option<(String, String)> {
    let (way, encoded) = given.split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| way.eq_ignore_ascii_case("basic"))?;
    let (user, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn unauthentic(what: &str) -> HttpRefusal {
    HttpRefusal::new(StatusCode::UNAUTHORIZED, "the delivery is not authentic")
        .help(format!("the sender has to give {what}"))
}

fn same(given: &str, secret: &SecretString) -> bool {
    same_text(given, secret.expose_secret())
}

/// Whether two texts are equal, in a time that depends on neither: their hashes are compared, which are equally long.
fn same_text(one: &str, other: &str) -> bool {
    let hash = |text: &str| Sha256::digest(text.as_bytes());
    hash(one).as_slice().ct_eq(hash(other).as_slice()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use rbl_project::config::HookKind;

    const HERE: &str = "127.0.0.1:40000";

    fn hook(token: Option<&str>, user: Option<(&str, &str)>) -> ServerHook {
        ServerHook {
            token: token.map(SecretString::from),
            user: user.map(|(user, password)| (user.to_owned(), SecretString::from(password))),
            ..ServerHook::open(HookKind::Alertmanager)
        }
    }

    fn status(hook: &ServerHook, headers: &[(&'static str, &str)], peer: &str) -> u16 {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).parse().unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect();
        let found = match by_headers(hook, &headers) {
            Proof::Given => Ok(()),
            Proof::Signed(signatures) => signatures,
            Proof::Missing(refused) => Err(refused),
            Proof::NotConfigured => from_this_machine(&headers, peer.parse().unwrap()),
        };
        found.map_or_else(|it| it.status.as_u16(), |()| 202)
    }

    #[test]
    fn s10_a_token_or_a_password_has_to_be_right() {
        let token = hook(Some("s3cret"), None);
        assert_eq!(status(&token, &[("authorization", "Bearer s3cret")], "10.0.0.1:1"), 202);
        assert_eq!(status(&token, &[("authorization", "bearer s3cret")], "10.0.0.1:1"), 202);
        for wrong in ["Bearer s3cre", "Bearer ", "Basic s3cret", "s3cret", "Bearer s3cret2"] {
            assert_eq!(status(&token, &[("authorization", wrong)], HERE), 401, "{wrong}");
        }
        assert_eq!(status(&token, &[], HERE), 401);
        let basic = hook(None, Some(("am", "pa:ss")));
        let encoded = |text: &str| format!("Basic {}", STANDARD.encode(text));
        assert_eq!(status(&basic, &[("authorization", &encoded("am:pa:ss"))], "10.0.0.1:1"), 202);
        for wrong in ["am:pa", "ana:pa:ss", "am", ""] {
            assert_eq!(status(&basic, &[("authorization", &encoded(wrong))], HERE), 401, "{wrong}");
        }
    }

    /// The vector of PagerDuty's documentation, computed with openssl.
    #[test]
    fn s10_a_signature_covers_the_raw_bytes_of_the_body() {
        const BODY: &[u8] = include_bytes!("../hook/pagerduty_signed.json");
        const RIGHT: &str = "v1=9952e8216dd0f468942ce96e5e59484ba3757282b2de7199e05a840048e60342";
        let hook = |secrets: &[&str]| ServerHook {
            secrets: secrets.iter().map(|it| SecretString::from(*it)).collect(),
            ..ServerHook::open(HookKind::PagerDuty)
        };
        let status = |secrets: &[&str], signature: &str, body: &[u8]| {
            let headers = [(SIGNATURE.parse().unwrap(), HeaderValue::from_str(signature).unwrap())];
            let headers = headers.into_iter().collect();
            by_signature(&hook(secrets), &headers, body).map_or_else(|it| it.status.as_u16(), |()| 202)
        };
        assert_eq!(status(&["test-secret"], RIGHT, BODY), 202);
        assert_eq!(status(&["new", "test-secret"], &format!("v1=00,{RIGHT}"), BODY), 202);
        assert_eq!(status(&["test-secret"], &format!("v2=00, {RIGHT}"), BODY), 202);
        assert_eq!(status(&["other"], RIGHT, BODY), 403);
        assert_eq!(status(&["test-secret"], RIGHT, &[BODY, b" "].concat()), 403);
        assert_eq!(status(&["test-secret"], &RIGHT.replace('9', "8"), BODY), 403);
        for malformed in ["", "v1=", "v1=9", "v1=zz", "9952", "v0=9952"] {
            let status = status(&["test-secret"], malformed, BODY);
            assert!(status == 400 || malformed == "v1=" && status == 403, "{malformed}: {status}");
        }
    }

    #[test]
    fn s10_without_a_token_only_this_machine_and_no_web_page_delivers() {
        let open = hook(None, None);
        let json = ("content-type", "application/json; charset=utf-8");
        for host in ["localhost:7180", "127.0.0.1:7180", "[::1]:7180", "127.0.0.1", "LOCALHOST"] {
            assert_eq!(status(&open, &[json, ("host", host)], HERE), 202, "{host}");
        }
        assert_eq!(status(&open, &[json, ("host", "localhost")], "[::ffff:127.0.0.1]:9"), 202);
        for host in ["evil.example", "localhost.evil.example", "10.0.0.1:7180", "", "127.0.0.1.evil:80"] {
            assert_eq!(status(&open, &[json, ("host", host)], HERE), 403, "{host}");
        }
        assert_eq!(status(&open, &[json, ("host", "localhost")], "10.0.0.1:9"), 403);
        let mut two: HeaderMap = HeaderMap::new();
        two.append(HOST, HeaderValue::from_static("localhost"));
        two.append(HOST, HeaderValue::from_static("evil.example"));
        assert!(!is_from_this_machine(&two, HERE.parse().unwrap()), "two names are none");
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
            assert_eq!(status(&open, &[("content-type", kind), ("host", "localhost")], HERE), 415, "{kind}");
        }
    }
}
