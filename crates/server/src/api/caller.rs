//! [`ApiCaller`]: who calls, by a bearer token, and what the token may do.

use std::io::Read as _;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::reading::read;
use crate::http::HttpRefusal;
use crate::state::ServerState;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenRight {
    /// Read runs, runbooks and what came in.
    Look,
    /// Answer questions, acknowledge pages.
    Answer,
    /// Start runs.
    Start,
    /// Abort runs.
    Admin,
}

impl TokenRight {
    /// Every right.
    pub const ALL: [Self; 4] = [Self::Look, Self::Answer, Self::Start, Self::Admin];

    /// The right in one word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Answer => "answer",
            Self::Start => "start",
            Self::Admin => "admin",
        }
    }
}

/// Who calls.
#[derive(Debug, Clone)]
pub(crate) struct ApiCaller {
    /// The name of the token.
    pub(super) token: String,
    /// The person whose token it is.
    pub(super) person: Option<String>,
    may: Vec<String>,
}

impl ApiCaller {
    /// Whether the token has a right. Rights do not include each other.
    pub(crate) fn may(&self, right: TokenRight) -> Result<(), HttpRefusal> {
        if self.may.iter().any(|it| it == right.word()) {
            return Ok(());
        }
        let error =
            format!("the token `{}` may not do this: it needs the right `{}`", self.token, right.word());
        Err(HttpRefusal::new(StatusCode::FORBIDDEN, error))
    }

    /// Who acts: the person, else the token.
    pub(super) fn name(&self) -> &str {
        self.person.as_deref().unwrap_or(&self.token)
    }
}

/// How a call proves who calls is said once, for all of them.
impl aide::operation::OperationInput for ApiCaller {}

impl FromRequestParts<Arc<ServerState>> for ApiCaller {
    type Rejection = HttpRefusal;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<ServerState>) -> Result<Self, HttpRefusal> {
        let given = parts.headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok()).unwrap_or_default();
        let token = given.split_once(' ').filter(|(way, _)| way.eq_ignore_ascii_case("bearer"));
        let unknown = || {
            HttpRefusal::new(StatusCode::UNAUTHORIZED, "the call needs a token of this server").help(
                "make one with `rbl serve token NAME --may look`, and send it as `Authorization: Bearer …`",
            )
        };
        let (_, token) = token.ok_or_else(unknown)?;
        // It is looked for by its hash: how long that takes says nothing about the token.
        let hash = hash_of_token(token.trim());
        let found = read(state, move |reader| reader.token(&hash)).await?;
        let found = found.ok_or_else(unknown)?;
        Ok(Self { token: found.name, person: found.person, may: found.may })
    }
}

/// A new secret: 256 random bits.
///
/// Errors: the system gives no random numbers.
pub fn new_token() -> std::io::Result<String> {
    let mut bytes = [0; 32];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("rbl_{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// The hash under which a token is kept: SHA-256, in hexadecimal. The secret has 256 random bits, so that no slower hash
/// is needed.
pub fn hash_of_token(token: &str) -> String {
    rbl_runtime::journal::sha256(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tokens_are_alike_and_their_hash_is_known() {
        let (one, other) = (new_token().unwrap(), new_token().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), "rbl_".len() + 43);
        assert_eq!(hash_of_token("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn each_right_is_given_by_itself() {
        let caller = ApiCaller { token: "ci".into(), person: None, may: vec!["admin".into()] };
        for right in TokenRight::ALL {
            let refused = caller.may(right).err().map(|it| it.status.as_u16());
            assert_eq!(refused, (right != TokenRight::Admin).then_some(403), "{right:?}");
        }
    }
}
