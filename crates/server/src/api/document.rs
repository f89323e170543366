//! `GET /api/v1/openapi.json`: the API in OpenAPI 3.1, made from the types of its handlers. It says nothing about the runs, so
//! that it needs no token.

use std::sync::Arc;

use aide::axum::ApiRouter;
use aide::openapi::{OpenApi, SecurityScheme};
use aide::transform::{TransformOpenApi, TransformOperation};
use axum::Router;
use axum::http::header;
use axum::routing::get;
use schemars::generate::{SchemaGenerator, SchemaSettings};

use super::caller::TokenRight;
use crate::state::ServerState;

/// Where the API is.
const BASE: &str = "/api/v1";

/// What is said of tokens.
const ABOUT_TOKENS: &str = "A token of `rbl serve token NAME --may RIGHT,…`. With `--runbooks PATTERN` it is for the runbooks \
that match: those of others, their runs and what came in for them are left out, and as if they were not there (404).";

/// The name of the way to sign in.
const BEARER: &str = "token";

/// The routes below [`BASE`], and the address of their description.
pub(super) fn documented(routes: impl FnOnce() -> ApiRouter<Arc<ServerState>>) -> Router<Arc<ServerState>> {
    // The schemas of OpenAPI 3.1 are those of JSON Schema 2020-12; the library makes older ones.
    aide::generate::in_context(|context| {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        context.schema = SchemaGenerator::new(settings);
    });
    aide::generate::on_error(|why| tracing::error!(%why, "the description of the API is not complete"));
    let mut api = OpenApi::default();
    let served = ApiRouter::new().nest(BASE, routes()).finish_api_with(&mut api, about);
    // What was made from types always has a JSON form.
    let text: Arc<str> = serde_json::to_string(&api).unwrap_or_default().into();
    let answer = move || async move { ([(header::CONTENT_TYPE, "application/json")], text.to_string()) };
    served.route(&format!("{BASE}/openapi.json"), get(answer))
}

fn about(api: TransformOpenApi<'_>) -> TransformOpenApi<'_> {
    let scheme = SecurityScheme::Http {
        scheme: "bearer".into(),
        bearer_format: None,
        description: Some(ABOUT_TOKENS.into()),
        extensions: std::iter::empty().collect(),
    };
    api.title("rbl")
        .version(env!("CARGO_PKG_VERSION"))
        .description("The runs of a server of rbl. An error is `{\"error\",\"help\"}` with the right status.")
        .security_scheme(BEARER, scheme)
}

/// What is said of a call besides its types: its name for clients, the right that it needs, and what it does.
pub(super) fn describe(
    id: &'static str,
    right: TokenRight,
    summary: &'static str,
) -> impl FnOnce(TransformOperation<'_>) -> TransformOperation<'_> {
    move |operation| {
        operation
            .id(id)
            .summary(summary)
            .description(&format!("Needs a token with the right `{}`.", right.word()))
            .security_requirement(BEARER)
    }
}
