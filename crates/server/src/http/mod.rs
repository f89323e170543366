//! What the server answers over HTTP.

mod answer;
mod authentic;
mod health;
mod hooks;
mod interactions;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use percent_encoding::percent_decode_str;

use crate::state::ServerState;

pub(crate) use answer::{HarmlessJson, HttpRefusal, RefusalBody};
pub(crate) use authentic::is_from_this_machine;
pub(crate) use health::ReadyLooks;

/// Every address of the server.
pub(crate) fn routes(state: Arc<ServerState>) -> Router {
    Router::new()
        .route("/hooks/{name}", post(hooks::deliver))
        .route("/hooks/{name}/api/v2/alerts", post(hooks::post_alerts))
        .route("/slack/{name}", post(interactions::pressed))
        .route("/-/healthy", get(health::healthy))
        .route("/-/ready", get(health::ready))
        .route("/metrics", get(crate::metrics::metrics))
        .merge(crate::api::routes())
        .fallback(|| async { HttpRefusal::not_found("there is nothing at this address") })
        .method_not_allowed_fallback(|| async { HttpRefusal::wrong_method() })
        .layer(from_fn(readable))
        .layer(from_fn_with_state(Arc::clone(&state), counted))
        .with_state(state)
}

/// Counts each answer by its status.
async fn counted(State(state): State<Arc<ServerState>>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    state.counters.response(response.status().as_u16());
    response
}

/// Refuses an address whose percent-encoded bytes are no text, in the form of every other refusal.
async fn readable(request: Request, next: Next) -> Response {
    if percent_decode_str(request.uri().path()).decode_utf8().is_err() {
        let error = "the address cannot be read: what is percent-encoded in it is not UTF-8";
        return HttpRefusal::new(StatusCode::BAD_REQUEST, error).into_response();
    }
    next.run(request).await
}
