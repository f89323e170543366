//! `[client]` of `rbl.toml`: how commands with `--server` sign in.

use rbl_check::{Key, KeyKind};
use serde::Deserialize;

use crate::setting::Setting;

/// How commands with `--server` sign in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct ClientConfig {
    /// The token, where `RBL_TOKEN` gives none.
    #[serde(default)]
    pub token: Option<Setting>,
}

/// The keys of `[client]`.
pub const CLIENT_KEYS: &[Key] = &[Key::optional(
    "token",
    KeyKind::Secret,
    "`RBL_TOKEN`",
    "the token with which `--server` signs in; the variable wins",
)];
