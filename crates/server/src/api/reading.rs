//! Reads the journal for a call, on a thread of its own: a slow disk must not stop the edge.

use std::sync::Arc;

use axum::http::StatusCode;
use rbl_runtime::journal::StoreError;
use rbl_store::SqliteReader;

use crate::http::HttpRefusal;
use crate::state::ServerState;

/// What a look at the journal finds.
pub(super) async fn read<T: Send + 'static>(
    state: &Arc<ServerState>,
    look: impl FnOnce(&SqliteReader) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, HttpRefusal> {
    let folder = state.settings.store.clone();
    blocking(move || SqliteReader::open(&folder).and_then(|reader| look(&reader)).map_err(refused)).await
}

/// Does something that waits for a disk.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HttpRefusal> + Send + 'static,
) -> Result<T, HttpRefusal> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| {
        Err(HttpRefusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the call was cut off by a bug in rbl"))
    })
}

/// Why the journal gave nothing.
#[allow(clippy::needless_pass_by_value)] // as `map_err` gives it
pub(super) fn refused(why: StoreError) -> HttpRefusal {
    match why {
        StoreError::NoSuchRun(_) => HttpRefusal::not_found(why.to_string()),
        StoreError::Corrupt(_) | StoreError::Newer { .. } => {
            HttpRefusal::new(StatusCode::INTERNAL_SERVER_ERROR, why.to_string())
        }
        StoreError::Fenced { .. } | StoreError::Unavailable(_) => HttpRefusal::unavailable(why.to_string()),
    }
}
