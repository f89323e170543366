//! The one HTTP client of every connection: providers, executors, teams and channels.
//!
//! A connection keeps one [`Client`] for its server, built from its configuration ([`Credentials`], time-out, body limit), and
//! sends [`Request`]s:
//!
//! ```text
//! let request = Request::post(client.at("/v2/enqueue", secrets)?, "application/json", body)
//!     .header("Idempotency-Key", key)
//!     .within(Duration::from_secs(5));
//! let response = client.send(&request, secrets)?;      // HttpError becomes a Reason through `?`
//! ```
//!
//! *Invariants:*
//! - A call ends within its time-out, whatever the server does: name look-up, connection, TLS, request, head and body share
//!   one deadline.
//! - No more of a body is read than the limit.
//! - A request goes to the configured server (scheme, host and port) and nowhere else: no redirect, and no address that a
//!   caller was handed, takes credentials or a body to another one.
//! - No [`error::HttpError`] and no [`Response::line`] contains a secret that was sent: headers, URL and body are hidden by value in
//!   the [`rbl_runtime::Secrets`] that is given with each call. What a caller puts into a body or a header itself must come from
//!   [`crate::secrets::setting`] or [`crate::secrets::reveal`], which hide it there.

mod client;
mod error;
mod message;
pub(crate) mod patient;
mod proxy;
mod redirect;
mod resolver;
#[cfg(test)]
mod tests;
pub(crate) mod tls;
mod tls_files;
pub(crate) mod tunnel;
mod unique_json;

pub(crate) use client::{Client, Credentials};
pub(crate) use message::{Request, Response, server};
pub(crate) use rbl_runtime::percent_encoded;
pub(crate) use tls_files::{LARGEST_CERTIFICATES, TlsFiles};
pub(crate) use unique_json::{JsonFault, unique_json};
