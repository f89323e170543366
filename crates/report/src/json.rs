//! What is printed for programs: a JSON object a line, and the schema of such a line.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use rbl_syntax::harmless_json;

/// One object, on one line, that does nothing to a terminal.
pub fn line(it: &impl Serialize) -> String {
    harmless_json(serde_json::to_string(it).unwrap_or_default())
}

/// The schema of what is printed.
pub fn schema<T: JsonSchema>() -> Schema {
    SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<T>()
}
