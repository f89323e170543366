//! A record: named values, in the order they were written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::Value;

/// Named values, in the order they were written. Records are small, so lookup is a linear search.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RecordValue(pub Vec<(SmolStr, Value)>);

impl RecordValue {
    /// Returns the value of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}
