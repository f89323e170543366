//! [`ApiCaller`]: who calls, by a bearer token, what the token may do, and for which runbooks.

use std::io::Read as _;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rbl_engine::RunbookScope;
use rbl_runtime::journal::{RunSummary, StoreError};
use rbl_store::SqliteReader;

use super::reading::read;
use crate::http::HttpRefusal;
use crate::state::ServerState;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenRight {
    /// Deliver alerts at `/hooks/…`.
    Hook,
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
    pub const ALL: [Self; 5] = [Self::Hook, Self::Look, Self::Answer, Self::Start, Self::Admin];

    /// The right in one word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hook => "hook",
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
    /// The runbooks that the token is for; `None`: all of them.
    pub(super) scope: Option<Arc<RunbookScope>>,
    /// The patterns that say which these are.
    patterns: Option<Vec<String>>,
    may: Vec<String>,
    sha256: String,
}

impl ApiCaller {
    /// Who has this token; `None`: nobody.
    pub(crate) async fn of(state: &Arc<ServerState>, token: &str) -> Result<Option<Self>, HttpRefusal> {
        // It is looked for by its hash: how long that takes says nothing about the token.
        let sha256 = hash_of_token(token);
        let hash = sha256.clone();
        let Some(found) = read(state, move |reader| reader.token(&hash)).await? else { return Ok(None) };
        let scope = found.runbooks.as_deref().map(|patterns| state.settings.modes.scope(patterns));
        // They were read when the token was made.
        let scope = scope.transpose().map_err(|why| {
            HttpRefusal::new(StatusCode::INTERNAL_SERVER_ERROR, format!("of the token: {}", why.message))
        })?;
        Ok(Some(Self {
            token: found.name,
            person: found.person,
            scope: scope.map(Arc::new),
            patterns: found.runbooks,
            may: found.may,
            sha256,
        }))
    }

    /// Whether the token is for this runbook, by the permanent identity of its file.
    pub(crate) fn sees(&self, identity: &str) -> bool {
        self.scope.as_ref().is_none_or(|scope| scope.takes(identity))
    }

    /// The run of this id. One of a runbook that the token is not for is as if it were not there.
    pub(super) fn run(&self, reader: &SqliteReader, run: &str) -> Result<RunSummary, StoreError> {
        let summary = reader.summary(run)?;
        if self.sees(&summary.identity) { Ok(summary) } else { Err(StoreError::NoSuchRun(run.into())) }
    }

    /// Whether the token is still there.
    pub(super) fn is_known(&self, reader: &SqliteReader) -> Result<bool, StoreError> {
        Ok(reader.token(&self.sha256)?.is_some())
    }

    /// Whether the token is for all runbooks, as something that is about all of them needs it.
    pub(crate) fn is_for_all(&self, what: &str) -> Result<(), HttpRefusal> {
        if self.scope.is_none() {
            return Ok(());
        }
        let error =
            format!("{what} are about all runbooks, and the token `{}` is for some of them", self.token);
        Err(HttpRefusal::new(StatusCode::FORBIDDEN, error)
            .help("make one without `--runbooks`: `rbl serve token NAME --may look`"))
    }

    /// The patterns of the runbooks that the token is for; `None`: all of them.
    pub(crate) fn into_patterns(self) -> Option<Vec<String>> {
        self.patterns
    }

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
        Self::of(state, token.trim()).await?.ok_or_else(unknown)
    }
}

/// How each token begins.
pub(crate) const TOKEN_PREFIX: &str = "rbl_";

/// A new secret: 256 random bits.
///
/// Errors: the system gives no random numbers.
pub fn new_token() -> std::io::Result<String> {
    let mut bytes = [0; 32];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
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
        let caller = ApiCaller {
            token: "ci".into(),
            person: None,
            scope: None,
            patterns: None,
            may: vec!["admin".into()],
            sha256: String::new(),
        };
        for right in TokenRight::ALL {
            let refused = caller.may(right).err().map(|it| it.status.as_u16());
            assert_eq!(refused, (right != TokenRight::Admin).then_some(403), "{right:?}");
        }
    }
}
