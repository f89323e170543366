//! The one HTTP client of every connection: time limits, body limit, proxy, TLS and redaction.

pub(crate) mod endpoint;
pub(crate) mod mask;
mod proxy;
mod resolve;
