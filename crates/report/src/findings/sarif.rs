//! SARIF 2.1.0: one document per check, for code scanning and editors.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use rbl_syntax::diagnostic::{Code, Diagnostic, Edit, Fix, Label, Severity};
use rbl_syntax::source::{Place, Source, Sources};

/// What the rules of the document say about a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulePage {
    /// One sentence.
    pub title: String,
    /// The whole page, as Markdown.
    pub page: &'static str,
}

/// Collects the findings of one check.
#[derive(Debug, Default)]
pub struct Sarif {
    results: Vec<Value>,
    rules: BTreeMap<Code, usize>,
    notifications: Vec<Value>,
}

impl Sarif {
    /// Adds a finding. `path` returns a file's path from the root of the repository; `None` for something that is not a
    /// file.
    pub fn add(&mut self, diagnostic: &Diagnostic, sources: &Sources, path: &dyn Fn(&str) -> Option<String>) {
        let at = |place: Place| physical(place, sources, path);
        let number = self.rules.len();
        let rule = *self.rules.entry(diagnostic.code).or_insert(number);
        let mut text = diagnostic.message.clone();
        for help in &diagnostic.help {
            text.push_str("\nhelp: ");
            text.push_str(help);
        }
        let mut result = json!({
            "ruleId": diagnostic.code.name(),
            "ruleIndex": rule,
            "level": level(diagnostic.severity),
            "message": message(&text),
        });
        let (first, others) =
            diagnostic.labels.split_first().map_or((None, [].as_slice()), |(a, b)| (Some(a), b));
        let located = |label: &Label| {
            let mut location = json!({ "physicalLocation": at(label.place)? });
            if !label.text.is_empty() {
                set(&mut location, "message", message(&label.text));
            }
            Some(location)
        };
        if let Some(location) = first.and_then(located) {
            set(&mut result, "locations", json!([location]));
        }
        let related: Vec<Value> = others.iter().filter_map(located).collect();
        if !related.is_empty() {
            set(&mut result, "relatedLocations", Value::Array(related));
        }
        let fixes: Vec<Value> = diagnostic.fixes.iter().filter_map(|fix| sarif_fix(fix, &at)).collect();
        if !fixes.is_empty() {
            set(&mut result, "fixes", Value::Array(fixes));
        }
        self.results.push(result);
    }

    /// Records that something could not be checked.
    pub fn refused(&mut self, why: &str) {
        self.notifications.push(json!({ "level": "error", "message": message(why) }));
    }

    /// Returns the document. `page` returns the rule text of a code.
    pub fn document(&self, page: &dyn Fn(Code) -> RulePage) -> String {
        let mut codes: Vec<(&Code, &usize)> = self.rules.iter().collect();
        codes.sort_by_key(|(_, number)| **number);
        let rules: Vec<Value> = codes.into_iter().map(|(code, _)| rule(*code, &page(*code))).collect();
        let document = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "rbl",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                } },
                "columnKind": "utf16CodeUnits",
                "invocations": [{
                    "executionSuccessful": self.notifications.is_empty(),
                    "toolExecutionNotifications": self.notifications,
                }],
                "results": self.results,
            }],
        });
        rbl_syntax::harmless_json(document.to_string())
    }
}

fn rule(code: Code, page: &RulePage) -> Value {
    let (group, _) = code.name().split_once('/').unwrap_or((code.name(), ""));
    json!({
        "id": code.name(),
        "shortDescription": { "text": page.title },
        "help": { "text": page.page, "markdown": page.page },
        "defaultConfiguration": { "level": level(code.severity()) },
        "properties": { "tags": [group] },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "note",
    }
}

/// A plain text. Anything that looks like a SARIF link is escaped, so that it stays plain text.
fn message(text: &str) -> Value {
    let text = if text.contains("](") {
        text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
    } else {
        text.to_owned()
    };
    json!({ "text": text })
}

fn physical(place: Place, sources: &Sources, path: &dyn Fn(&str) -> Option<String>) -> Option<Value> {
    let source = sources.get(place.source)?;
    let region = region(source, place);
    Some(json!({ "artifactLocation": artifact(&path(source.name())?), "region": region }))
}

/// A file below the root of the repository, or one elsewhere by its absolute path.
fn artifact(path: &str) -> Value {
    if path.starts_with('/') {
        return json!({ "uri": format!("file://{}", encoded(path)) });
    }
    // A first part with a colon would be read as a scheme: `encoded` leaves none.
    json!({ "uri": encoded(path), "uriBaseId": "%SRCROOT%" })
}

/// Percent-encodes a path for a URI: everything but the unreserved characters and `/`.
fn encoded(path: &str) -> String {
    path.split('/').map(rbl_runtime::percent_encoded).collect::<Vec<_>>().join("/")
}

/// Lines from 1, columns from 1 in UTF-16 code units; the end is one column past the last.
fn region(source: &Source, place: Place) -> Value {
    let (start_line, start_column) = position(source, place.span.start);
    let (end_line, end_column) = position(source, place.span.end);
    json!({
        "startLine": start_line,
        "startColumn": start_column,
        "endLine": end_line,
        "endColumn": end_column,
    })
}

fn position(source: &Source, byte: u32) -> (u32, usize) {
    let line = source.lines().line_of(byte);
    let start = source.lines().line_range(source.text(), line).unwrap_or_default().start;
    let end = (byte as usize).clamp(start, source.text().len().max(start));
    let before = source.text().get(start..end).unwrap_or("");
    (source.line_column(byte).line, before.encode_utf16().count() + 1)
}

fn sarif_fix(fix: &Fix, at: &dyn Fn(Place) -> Option<Value>) -> Option<Value> {
    let change = |edit: &Edit| {
        let mut place = at(edit.place)?;
        let region = place.get_mut("region").map(Value::take)?;
        let artifact = place.get_mut("artifactLocation").map(Value::take)?;
        let replacement = json!({ "deletedRegion": region, "insertedContent": { "text": edit.text } });
        Some(json!({ "artifactLocation": artifact, "replacements": [replacement] }))
    };
    let changes: Option<Vec<Value>> = fix.edits.iter().map(change).collect();
    let changes = changes.filter(|changes| !changes.is_empty())?;
    Some(json!({ "description": message(&fix.title), "artifactChanges": changes }))
}

fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{RulePage, Sarif};
    use rbl_syntax::diagnostic::{Code, Diagnostic, Safety};
    use rbl_syntax::source::{Source, Sources, Span};

    fn document(name: &str, text: &str, of: impl Fn(rbl_syntax::source::SourceId) -> Diagnostic) -> Value {
        let mut sources = Sources::new();
        let id = sources.add(Source::new(name, text));
        let mut sarif = Sarif::default();
        let path = |name: &str| (name != "<stdin>").then(|| name.to_owned());
        sarif.add(&of(id), &sources, &path);
        let page = |_| RulePage { title: "A title.".into(), page: "# a page" };
        serde_json::from_str(&sarif.document(&page)).unwrap()
    }

    #[test]
    fn columns_are_utf16_code_units_and_the_document_says_so() {
        let text = "x\n\"😀é\" < 5\n";
        let at = u32::try_from(text.find('5').unwrap()).unwrap();
        let document = document("a b/ä:1.rb", text, |id| {
            Diagnostic::new(Code::UNIT_MISSING, "5 what?", Span::new(at, at + 1).in_source(id), "no unit")
                .also(Span::new(0, 1).in_source(id), "see [this](1)")
                .fix("write `5s`", Safety::Choice, Span::new(at, at + 1).in_source(id), "5s")
        });
        let run = &document["runs"][0];
        assert_eq!(run["columnKind"], "utf16CodeUnits");
        let result = &run["results"][0];
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(
            place["artifactLocation"],
            json!({ "uri": "a%20b/%C3%A4%3A1.rb", "uriBaseId": "%SRCROOT%" })
        );
        // `"😀é" < ` is one quote, two units, one, one quote, three.
        assert_eq!(
            place["region"],
            json!({ "startLine": 2, "startColumn": 9, "endLine": 2, "endColumn": 10 })
        );
        assert_eq!(result["relatedLocations"][0]["message"]["text"], "see \\[this\\](1)");
        let change = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
        assert_eq!(change["insertedContent"]["text"], "5s");
        assert_eq!(change["deletedRegion"], place["region"]);
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "unit/missing");
    }

    #[test]
    fn what_is_no_file_has_no_place() {
        let document = document("<stdin>", "x", |id| {
            Diagnostic::new(Code::UNIT_MISSING, "x", Span::new(0, 1).in_source(id), "here")
        });
        assert_eq!(document["runs"][0]["results"][0].get("locations"), None);
    }
}
