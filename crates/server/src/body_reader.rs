//! [`BodyReader`]: reads the bodies of requests, within a size, a time, and a bound of memory over all of them.
//!
//! *Why by what has come in:* a sender that only says how much it will send holds none of the memory, and keeps nobody out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a body may take to come in.
const LONGEST: Duration = Duration::from_secs(30);

/// How long a request waits, in all, until there is memory for more of its body.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many of the largest bodies are held at once.
const LARGEST_AT_ONCE: u64 = 3;

/// The unit in which memory is counted, in bytes.
const UNIT: u64 = 1024;

/// What of each body is not counted, in bytes: small deliveries come through whatever the others do. The number of connections
/// bounds it.
const FREE: u64 = 16 * 1024;

/// By how much room grows for a large body, in bytes.
const STEP: usize = 1 << 20;

/// See the module.
pub(crate) struct BodyReader {
    /// The largest body, in bytes.
    largest: u64,
    memory: Arc<Semaphore>,
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
        Self { largest, memory: Arc::new(Semaphore::new(permits)) }
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
        let read = tokio::time::timeout(LONGEST, self.collect(body, length)).await;
        let (bytes, _memory) = read.unwrap_or(Err(BodyRefusal::Incomplete))?;
        Ok(take(bytes).await)
    }

    /// The body, and the memory that is counted for it. `announced`: its length, as the sender says.
    async fn collect(
        &self,
        mut body: Body,
        announced: Option<u64>,
    ) -> Result<(Bytes, Option<OwnedSemaphorePermit>), BodyRefusal> {
        let (mut bytes, mut memory, mut counted) = (Vec::<u8>::new(), None::<OwnedSemaphorePermit>, FREE);
        let mut patience = PATIENCE;
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return Err(BodyRefusal::Incomplete) };
            let Some(more) = frame.data_ref() else { continue };
            let length = bytes.len().saturating_add(more.len()) as u64;
            if length > self.largest {
                return Err(BodyRefusal::TooLarge);
            }
            if length > counted {
                let units = (length - counted).div_ceil(UNIT);
                let begun = Instant::now();
                let permit = self.memory(units, patience).await?;
                patience = patience.saturating_sub(begun.elapsed());
                counted += units * UNIT;
                match &mut memory {
                    Some(memory) => memory.merge(permit),
                    None => memory = Some(permit),
                }
            }
            if bytes.capacity().saturating_sub(bytes.len()) < more.len() {
                // Twice as much while it is small, and not when it is large. Once much has come in there is room for all that was
                // announced: it takes no memory until it is used, and a body that is moved again and again takes it twice.
                let rest = announced
                    .and_then(|it| usize::try_from(it).ok())
                    .unwrap_or(0)
                    .saturating_sub(bytes.len());
                let room = if bytes.len() < STEP { bytes.len() } else { rest.max(STEP) };
                bytes.reserve_exact(more.len().max(room));
            }
            bytes.extend_from_slice(more);
        }
        Ok((bytes.into(), memory))
    }

    /// Waits for this much memory, and no longer than this.
    async fn memory(&self, units: u64, patience: Duration) -> Result<OwnedSemaphorePermit, BodyRefusal> {
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.memory).acquire_many_owned(units);
        let permit = tokio::time::timeout(patience, permit).await;
        permit.ok().and_then(Result::ok).ok_or(BodyRefusal::Busy)
    }
}
