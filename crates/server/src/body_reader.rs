//! [`BodyReader`]: reads the bodies of requests, within a size, a time, and a bound of memory over all of them.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use tokio::sync::Semaphore;

/// How long a body may take to come in.
const LONGEST: Duration = Duration::from_secs(30);

/// How long a request waits until there is memory for its body.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many of the largest bodies are held at once.
const LARGEST_AT_ONCE: u64 = 3;

/// The unit in which memory is counted, in bytes.
const UNIT: u64 = 1024;

/// See the module.
pub(crate) struct BodyReader {
    /// The largest body, in bytes.
    largest: u64,
    memory: Arc<Semaphore>,
    units: u64,
}

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyRefusal {
    /// It is larger than allowed.
    TooLarge,
    /// It did not come in time, or was cut off.
    Incomplete,
    /// Other bodies fill the memory.
    Busy,
}

impl BodyReader {
    /// Bodies of at most this many bytes.
    pub(crate) fn new(largest: u64) -> Self {
        let units = (largest / UNIT).saturating_mul(LARGEST_AT_ONCE).clamp(64, u64::from(u32::MAX));
        let permits = usize::try_from(units).unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
        Self { largest, memory: Arc::new(Semaphore::new(permits)), units }
    }

    /// Reads a body, and gives it to `take`: its memory counts until that has returned.
    pub(crate) async fn read<T>(
        &self,
        headers: &HeaderMap,
        body: Body,
        take: impl AsyncFnOnce(Bytes) -> T,
    ) -> Result<T, BodyRefusal> {
        let length = headers.get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > self.largest) {
            return Err(BodyRefusal::TooLarge);
        }
        // A body of unknown length may be as large as any.
        let units = (length.unwrap_or(self.largest) / UNIT + 1).min(self.units);
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        let memory = tokio::time::timeout(PATIENCE, self.memory.acquire_many(units)).await;
        let Ok(Ok(_memory)) = memory else { return Err(BodyRefusal::Busy) };
        let most = usize::try_from(self.largest).unwrap_or(usize::MAX);
        match tokio::time::timeout(LONGEST, to_bytes(body, most)).await {
            Ok(Ok(bytes)) => Ok(take(bytes).await),
            Ok(Err(error)) if is_too_large(&error) => Err(BodyRefusal::TooLarge),
            Ok(Err(_)) | Err(_) => Err(BodyRefusal::Incomplete),
        }
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}
