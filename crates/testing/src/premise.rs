//! What a test takes for given.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::scripted::Script;
use rbl_syntax::value::Value;

/// All that a simulated run depends on, besides its program: the same premise, the same run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Premise {
    /// The parameters that are given; the others have their defaults.
    pub params: BTreeMap<SmolStr, Value>,
    /// What the world is like.
    pub script: Script,
}
