//! `GET /metrics`: figures about the server and its runs, in the text format of Prometheus.
//!
//! *Invariant:* labels are bounded by the configuration and by what rbl knows: hooks, files of runbooks, states, results,
//! statuses of HTTP. No label holds what somebody sent.

mod collect;
mod family;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rbl_runtime::journal::StoreError;
use rbl_store::SqliteReader;

use self::collect::{NEAR, families};
use self::family::MetricFamilies;
use crate::api::{ApiCaller, TokenRight};
use crate::http::{HttpRefusal, is_from_this_machine};
use crate::listener::PeerAddress;
use crate::state::ServerState;

/// How long the journal may take to answer: a scrape that waits longer would be lost altogether.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who may read the metrics: whoever is on this machine, or has a token with the right `look` for all runbooks.
pub(crate) struct MetricsReader;

impl FromRequestParts<Arc<ServerState>> for MetricsReader {
    type Rejection = HttpRefusal;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<ServerState>) -> Result<Self, HttpRefusal> {
        let peer = Extension::<PeerAddress>::from_request_parts(parts, state).await;
        if let Ok(Extension(PeerAddress(peer))) = peer
            && is_from_this_machine(&parts.headers, peer)
        {
            return Ok(Self);
        }
        let caller = ApiCaller::from_request_parts(parts, state).await?;
        caller.may(TokenRight::Look)?;
        caller.is_for_all("the metrics")?;
        Ok(Self)
    }
}

/// `GET /metrics`
pub(crate) async fn metrics(
    State(state): State<Arc<ServerState>>,
    _: MetricsReader,
) -> Result<Response, HttpRefusal> {
    let (folder, last_runs) = (state.settings.store.clone(), Arc::clone(&state.last_runs));
    let asked = tokio::task::spawn_blocking(move || {
        let reader = SqliteReader::open(&folder)?;
        Ok::<_, StoreError>((
            reader.figures(rbl_world::clock::now(), NEAR)?,
            (last_runs.read(&reader)?, reader.rehearsals()?),
        ))
    });
    // Without the journal the rest is shown all the same: that is when it is needed.
    let figures = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(Ok(figures))) => Some(figures),
        Ok(Ok(Err(why))) => {
            tracing::error!(%why, "the journal gives no figures");
            None
        }
        Ok(Err(_)) | Err(_) => None,
    };
    let (figures, known) = figures.unzip();
    let (last, rehearsed) = known.unwrap_or_default();
    let text = families(&state, figures.as_ref(), (&last, &rehearsed)).text();
    let text = text.map_err(|why| HttpRefusal::new(StatusCode::INTERNAL_SERVER_ERROR, why))?;
    Ok(([(header::CONTENT_TYPE, MetricFamilies::content_type())], text).into_response())
}
