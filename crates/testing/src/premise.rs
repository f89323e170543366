//! The [`Premise`] of a test: its parameters and its script.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::scripted::Script;
use rbl_syntax::value::Value;

/// All that a simulated run depends on, besides its program: the same premise gives the same run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Premise {
    /// The parameters that are given; the others have their defaults.
    pub params: BTreeMap<SmolStr, Value>,
    /// How the world behaves.
    pub script: Script,
}
