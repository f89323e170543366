//! The closing line: the number of findings, in how many files.

use schemars::JsonSchema;
use serde::Serialize;

use rbl_syntax::counted;
use rbl_syntax::diagnostic::{Diagnostic, Severity};

/// The number of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct FindingsSummary {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Pieces of advice.
    pub advice: usize,
    /// Checked files.
    pub files: usize,
}

/// The last line of `rbl check --format json`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "rbl check --format json, the last line")]
struct Tagged<'a> {
    /// Always `summary`.
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    summary: &'a FindingsSummary,
}

impl FindingsSummary {
    /// The schema of [`Self::json`].
    pub fn json_schema() -> schemars::Schema {
        schemars::generate::SchemaSettings::default()
            .for_serialize()
            .into_generator()
            .into_root_schema_for::<Tagged<'_>>()
    }

    /// Counts one finding.
    pub fn count(&mut self, diagnostic: &Diagnostic) {
        match diagnostic.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Advice => self.advice += 1,
        }
    }

    /// Whether nothing was found.
    pub fn is_clean(&self) -> bool {
        self.errors + self.warnings + self.advice == 0
    }

    /// `{"type":"summary",…}`, without a line end.
    pub fn json(&self) -> String {
        serde_json::to_string(&Tagged { kind: "summary", summary: self }).unwrap_or_default()
    }
}

/// `2 errors and 1 warning in 3 files`
impl std::fmt::Display for FindingsSummary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counts = [
            count(self.errors, "error", "errors"),
            count(self.warnings, "warning", "warnings"),
            count(self.advice, "piece of advice", "pieces of advice"),
        ];
        let found: Vec<String> = counts.into_iter().flatten().collect();
        let found = match found.as_slice() {
            [] => "nothing to report".to_owned(),
            [one] => one.clone(),
            [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
        };
        let files = counted(self.files, "file", "files");
        write!(f, "{found} in {files}")
    }
}

fn count(number: usize, one: &str, many: &str) -> Option<String> {
    (number > 0).then(|| counted(number, one, many))
}

#[cfg(test)]
mod tests {
    use super::FindingsSummary;

    #[test]
    fn reads_like_english() {
        let say =
            |errors, warnings, advice, files| FindingsSummary { errors, warnings, advice, files }.to_string();
        assert_eq!(say(0, 0, 0, 1), "nothing to report in 1 file");
        assert_eq!(say(1, 0, 0, 1), "1 error in 1 file");
        assert_eq!(say(2, 1, 0, 3), "2 errors and 1 warning in 3 files");
        assert_eq!(say(1, 2, 1, 2), "1 error, 2 warnings and 1 piece of advice in 2 files");
    }

    #[test]
    fn json_begins_with_its_type() {
        let summary = FindingsSummary { errors: 1, ..FindingsSummary::default() };
        assert!(summary.json().starts_with(r#"{"type":"summary","errors":1,"#));
    }
}
