//! [`LimitedStream`]: a connection from which no more than so many bytes are read.

use std::io::{Error, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Whether more came than may be read.
#[derive(Debug, Clone, Default)]
pub(super) struct Fullness(Arc<AtomicBool>);

impl Fullness {
    pub(super) fn is_full(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A connection that ends when too much comes: one message of `PostgreSQL` alone may have two gigabytes.
#[derive(Debug)]
pub(super) struct LimitedStream<S> {
    inner: S,
    left: u64,
    full: Fullness,
}

impl<S> LimitedStream<S> {
    pub(super) fn new(inner: S, limit: u64) -> (Self, Fullness) {
        let full = Fullness::default();
        (Self { inner, left: limit, full: full.clone() }, full)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for LimitedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.inner).poll_read(context, buffer);
        let count = u64::try_from(buffer.filled().len().saturating_sub(before)).unwrap_or(u64::MAX);
        if count > self.left {
            self.full.0.store(true, Ordering::Relaxed);
            return Poll::Ready(Err(Error::other("the answer is too large")));
        }
        self.left -= count;
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for LimitedStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
