//! `/-/healthy` and `/-/ready`: whether the process lives, and whether it can take deliveries.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;

use super::HttpRefusal;
use crate::state::ServerState;

/// How long the store may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// That it takes deliveries.
const READY: &str = "rbl is ready\n";

/// The process lives.
pub(super) async fn healthy() -> &'static str {
    "rbl is healthy\n"
}

/// It takes deliveries: it does not stop, and its store answers. Whether every run is frozen is said behind it.
pub(super) async fn ready(State(state): State<Arc<ServerState>>) -> Result<String, HttpRefusal> {
    if state.stopping.is_stopping() {
        return Err(HttpRefusal::unavailable("the server stops"));
    }
    // One look at a time: where the store hangs, further questions would only fill the threads.
    let slow = || HttpRefusal::unavailable("the store does not answer");
    let Ok(look) = Arc::clone(&state.looks).try_acquire_owned() else { return Ok(READY.into()) };
    let (inbox, engine) = (Arc::clone(&state.inbox), state.engine.clone());
    let asked = tokio::task::spawn_blocking(move || {
        let answer = inbox.backlog().and_then(|_| engine.frozen());
        drop(look);
        answer
    });
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(Ok(None))) => Ok(READY.into()),
        Ok(Ok(Ok(Some(freeze)))) => Ok(format!("{READY}every run only looks: {freeze}\n")),
        Ok(Ok(Err(why))) => Err(HttpRefusal::unavailable(why.to_string())),
        Ok(Err(_)) | Err(_) => Err(slow()),
    }
}
