//! One JSON object per finding, for machines. The schema is `docs/json/diagnostic.schema.json`.

use schemars::JsonSchema;
use serde::Serialize;

use rbl_syntax::diagnostic::{Diagnostic, Edit, Fix, Label, Safety, Severity};
use rbl_syntax::source::{Place, Source, Sources};

/// A finding. `start` and `end` are those of the primary label.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "rbl check --format json, a finding")]
struct Finding<'a> {
    /// Always `diagnostic`.
    #[serde(rename = "type")]
    kind: &'static str,
    code: &'static str,
    severity: Severity,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<Position>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<Position>,
    labels: Vec<Labelled<'a>>,
    help: &'a [String],
    fixes: Vec<JsonFix<'a>>,
}

/// A position: line and column from 1 (the column in characters), the byte from 0.
#[derive(Serialize, JsonSchema)]
struct Position {
    line: u32,
    column: u32,
    byte: u32,
}

/// A place and why this place matters; the first is the primary one.
#[derive(Serialize, JsonSchema)]
struct Labelled<'a> {
    file: &'a str,
    start: Position,
    end: Position,
    text: &'a str,
    primary: bool,
}

/// A change that fixes the problem. `safe`: it may be applied without asking.
#[derive(Serialize, JsonSchema)]
struct JsonFix<'a> {
    title: &'a str,
    safety: Safety,
    edits: Vec<FindingEdit<'a>>,
}

/// Replace the text from `start` to `end`.
#[derive(Serialize, JsonSchema)]
struct FindingEdit<'a> {
    file: &'a str,
    start: Position,
    end: Position,
    text: &'a str,
}

/// The schema of a finding.
pub fn json_schema() -> schemars::Schema {
    schemars::generate::SchemaSettings::default()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Finding<'_>>()
}

/// Returns a finding as one JSON object, without a line end. A finding whose source is unknown has no `file`, `start`
/// and `end`.
pub fn json(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let first = diagnostic.place().and_then(|place| spread(place, sources));
    let (file, start, end) = match first {
        Some((source, start, end)) => (Some(source.name()), Some(start), Some(end)),
        None => (None, None, None),
    };
    let finding = Finding {
        kind: "diagnostic",
        code: diagnostic.code.name(),
        severity: diagnostic.severity,
        message: &diagnostic.message,
        file,
        start,
        end,
        labels: diagnostic.labels.iter().filter_map(|label| labelled(label, sources)).collect(),
        help: &diagnostic.help,
        fixes: diagnostic.fixes.iter().map(|fix| json_fix(fix, sources)).collect(),
    };
    // Strings, numbers and lists of them always have a JSON form.
    rbl_syntax::harmless_json(serde_json::to_string(&finding).unwrap_or_default())
}

fn spread(place: Place, sources: &Sources) -> Option<(&Source, Position, Position)> {
    let source = sources.get(place.source)?;
    Some((source, position(source, place.span.start), position(source, place.span.end)))
}

fn position(source: &Source, byte: u32) -> Position {
    let at = source.line_column(byte);
    Position { line: at.line, column: at.column, byte }
}

fn labelled<'a>(label: &'a Label, sources: &'a Sources) -> Option<Labelled<'a>> {
    let (source, start, end) = spread(label.place, sources)?;
    Some(Labelled { file: source.name(), start, end, text: &label.text, primary: label.primary })
}

fn json_fix<'a>(fix: &'a Fix, sources: &'a Sources) -> JsonFix<'a> {
    let change = |edit: &'a Edit| {
        let (source, start, end) = spread(edit.place, sources)?;
        Some(FindingEdit { file: source.name(), start, end, text: &edit.text })
    };
    JsonFix { title: &fix.title, safety: fix.safety, edits: fix.edits.iter().filter_map(change).collect() }
}
