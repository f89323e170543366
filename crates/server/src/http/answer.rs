//! [`HttpRefusal`]: an answer that says what is wrong and what to do, with the right status.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rbl_syntax::harmless_json;
use schemars::JsonSchema;
use serde::Serialize;

/// An answer in JSON without control characters that could affect a terminal: they are escaped, so that the content is unchanged.
#[derive(Debug)]
pub(crate) struct HarmlessJson<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for HarmlessJson<T> {
    fn into_response(self) -> Response {
        match serde_json::to_string(&self.0) {
            Ok(text) => ([(header::CONTENT_TYPE, "application/json")], harmless_json(text)).into_response(),
            // What is answered always has a JSON form.
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HttpRefusal {
    pub(crate) status: StatusCode,
    pub(crate) error: String,
    pub(crate) help: Option<String>,
}

/// The body of a refusal.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RefusalBody {
    /// What is wrong.
    error: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

impl HttpRefusal {
    /// A refusal with this status.
    pub(crate) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into(), help: None }
    }

    /// What to do.
    #[must_use]
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// There is no such thing.
    pub(crate) fn not_found(error: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, error)
    }

    /// The address takes another method.
    pub(crate) fn wrong_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not take this method")
    }

    /// It works again soon.
    pub(crate) fn unavailable(error: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error)
    }
}

impl IntoResponse for HttpRefusal {
    fn into_response(self) -> Response {
        let body = RefusalBody { error: self.error, help: self.help };
        let mut response = (self.status, HarmlessJson(body)).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
