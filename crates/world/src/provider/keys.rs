//! The keys that several types of provider take, with the same words and the same defaults.

use rbl_check::{Key, KeyKind};
use rbl_project::setting::{Bytes, Seconds};

/// How long a provider may take to answer.
pub(super) const TIMEOUT: Key =
    Key::optional("timeout", KeyKind::Duration, "10s", "how long an answer may take");

/// What `timeout` is where it is not given.
pub(super) const fn ten_seconds() -> Seconds {
    Seconds(10.0)
}

/// From which age on a sample says nothing about now.
pub(super) const MAX_AGE: Key =
    Key::optional("max_age", KeyKind::Duration, "no limit", "samples older than this are unknown");

/// How large an answer may be.
pub(super) const OUTPUT: Key = Key::optional("output", KeyKind::Data, "10MB", "how large an answer may be");

/// What `output` is where it is not given.
pub(super) const fn ten_megabytes() -> Bytes {
    Bytes(10_000_000)
}

/// Signing in by a token.
pub(super) const BEARER_TOKEN: Key =
    Key::optional("bearer_token", KeyKind::Secret, "none", "sent as `Authorization: Bearer …`");

/// Signing in by a name …
pub(super) const USERNAME: Key = Key::optional("username", KeyKind::Text, "none", "for basic sign-in");

/// … and a password.
pub(super) const PASSWORD: Key = Key::optional("password", KeyKind::Secret, "none", "for basic sign-in");
