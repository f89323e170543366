//! JSON output for programs: one object on each line, and the schema of such a line.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use rbl_syntax::harmless_json;

/// Formats one object on one line, without control characters that could affect a terminal.
pub fn line(it: &impl Serialize) -> String {
    harmless_json(serde_json::to_string(it).unwrap_or_default())
}

/// The JSON schema of a printed type.
pub fn schema<T: JsonSchema>() -> Schema {
    SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<T>()
}
