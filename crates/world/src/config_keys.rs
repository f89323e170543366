//! Configuration keys that several kinds of connection share, with the same wording and defaults.

use rbl_check::{Key, KeyKind};
use rbl_project::setting::{Bytes, Seconds};

/// How long the other side may take to answer.
pub(crate) const TIMEOUT: Key =
    Key::optional("timeout", KeyKind::Duration, "10s", "how long an answer may take");

/// The default of `timeout`.
pub(crate) const fn ten_seconds() -> Seconds {
    Seconds(10.0)
}

/// The age from which a sample no longer counts as current.
pub(crate) const MAX_AGE: Key =
    Key::optional("max_age", KeyKind::Duration, "no limit", "samples older than this are unknown");

/// How large an answer may be.
pub(crate) const OUTPUT: Key = Key::optional("output", KeyKind::Data, "10MB", "how large an answer may be");

/// The default of `output`.
pub(crate) const fn ten_megabytes() -> Bytes {
    Bytes(10_000_000)
}

/// Sign-in by a token.
pub(crate) const BEARER_TOKEN: Key =
    Key::optional("bearer_token", KeyKind::Secret, "none", "sent as `Authorization: Bearer …`");

/// Sign-in by a name …
pub(crate) const USERNAME: Key = Key::optional("username", KeyKind::Text, "none", "for basic sign-in");

/// … and a password.
pub(crate) const PASSWORD: Key = Key::optional("password", KeyKind::Secret, "none", "for basic sign-in");

/// Certificates that are trusted besides those of the machine.
pub(crate) const CA: Key = Key::optional(
    "ca",
    KeyKind::Plain,
    "none",
    "a file with certificates (PEM) that are trusted besides those that the machine trusts",
);

/// Our own certificate.
pub(crate) const CLIENT_CERTIFICATE: Key = Key::optional(
    "client_certificate",
    KeyKind::Plain,
    "none",
    "a file with the certificate (PEM) that rbl shows, and those that lead to it",
);

/// Its key.
pub(crate) const CLIENT_KEY: Key =
    Key::optional("client_key", KeyKind::Secret, "none", "the private key (PEM) of that certificate");
