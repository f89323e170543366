//! Workflow commands of GitHub Actions: one annotation per finding, and the step summary for findings that get none.

use std::fmt::Write as _;

use crate::findings::FindingsSummary;
use rbl_syntax::diagnostic::{Diagnostic, Severity};
use rbl_syntax::harmless;
use rbl_syntax::source::{Place, Sources};

/// GitHub shows at most this many annotations of a kind per step, and silently drops the others.
const SHOWN: usize = 10;

/// A step summary may have 1 MiB; this number of rows stays far below it.
const ROWS: usize = 1_000;

/// The annotations of one check: which findings have one, and which go to the step summary.
#[derive(Debug, Default)]
pub struct Github {
    errors: usize,
    warnings: usize,
    notices: usize,
    /// The rows of the findings without an annotation, as Markdown.
    rows: Vec<String>,
    left_out: usize,
}

impl Github {
    /// Returns the annotation of a finding, without a line end; `None` if GitHub would drop it: then it is in
    /// [`Self::step_summary`]. `path` returns a file's path from the root of the repository; `None` for one outside.
    pub fn annotate(
        &mut self,
        diagnostic: &Diagnostic,
        sources: &Sources,
        path: &dyn Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let (count, word) = match diagnostic.severity {
            Severity::Error => (&mut self.errors, "error"),
            Severity::Warning => (&mut self.warnings, "warning"),
            Severity::Advice => (&mut self.notices, "notice"),
        };
        *count += 1;
        if *count <= SHOWN {
            return Some(command(word, diagnostic, sources, path));
        }
        if self.rows.len() < ROWS {
            self.rows.push(row(diagnostic, sources, path));
        } else {
            self.left_out += 1;
        }
        None
    }

    /// The step summary, as Markdown: the closing line, and the findings without an annotation.
    pub fn step_summary(&self, summary: &FindingsSummary) -> String {
        let mut text = format!("### rbl check: {summary}\n");
        if self.rows.is_empty() {
            return text;
        }
        let _ = write!(
            text,
            "\nGitHub shows {SHOWN} annotations of a kind; these have none:\n\n| where | what | finding \
             |\n|---|---|---|\n{}",
            self.rows.concat()
        );
        if self.left_out > 0 {
            let _ = write!(text, "\nand {} more\n", self.left_out);
        }
        text
    }
}

/// `::error file=…,line=…,endLine=…,col=…,endColumn=…,title=…::message`
fn command(
    word: &str,
    diagnostic: &Diagnostic,
    sources: &Sources,
    path: &dyn Fn(&str) -> Option<String>,
) -> String {
    let mut properties = Vec::new();
    if let Some(place) = diagnostic.place()
        && let Some(source) = sources.get(place.source)
        && let Some(file) = path(source.name())
    {
        let (start, end) = (source.line_column(place.span.start), source.line_column(place.span.end));
        properties.push(format!("file={}", property(&file)));
        properties.push(format!("line={}", start.line));
        properties.push(format!("endLine={}", end.line));
        // GitHub rejects columns for a place of several lines.
        if start.line == end.line {
            properties.push(format!("col={}", start.column));
            // The last column of the place, not one past it.
            properties.push(format!("endColumn={}", start.column.max(end.column.saturating_sub(1))));
        }
    }
    properties.push(format!("title={}", property(diagnostic.code.name())));
    format!("::{word} {}::{}", properties.join(","), data(&message(diagnostic)))
}

/// The headline, the label and the help, one per line.
fn message(diagnostic: &Diagnostic) -> String {
    let mut lines = vec![diagnostic.message.clone()];
    lines.extend(diagnostic.labels.first().map(|label| label.text.clone()).filter(|text| !text.is_empty()));
    lines.extend(diagnostic.help.iter().map(|help| format!("help: {help}")));
    lines.join("\n")
}

/// Escapes the message of a command.
fn data(text: &str) -> String {
    // GitHub's third rule is for a carriage return, which was already replaced by a visible picture.
    harmless(text).replace('%', "%25").replace('\n', "%0A")
}

/// Escapes a property of a command: a comma would end it, a colon the command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn row(diagnostic: &Diagnostic, sources: &Sources, path: &dyn Fn(&str) -> Option<String>) -> String {
    let at = |place: Place| {
        let source = sources.get(place.source)?;
        let file = path(source.name()).unwrap_or_else(|| source.name().to_owned());
        Some(format!("{file}:{}", source.line_column(place.span.start).line))
    };
    let place = diagnostic.place().and_then(at).unwrap_or_default();
    let word = diagnostic.severity.word();
    format!(
        "| {} | {word} {} | {} |\n",
        cell(&place),
        cell(diagnostic.code.name()),
        cell(&diagnostic.message)
    )
}

/// Escapes text in a cell of a table: back-quoted text stays code, nothing else is Markdown.
fn cell(text: &str) -> String {
    let quotes = text.matches('`').count();
    let mut cell = String::with_capacity(text.len());
    let mut code = false;
    for character in harmless(text).chars() {
        match character {
            '`' if quotes.is_multiple_of(2) => {
                code = !code;
                cell.push('`');
            }
            '\n' | '\t' => cell.push(' '),
            '|' => cell.push_str("\\|"),
            '`' | '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '~' | '#' | '@' if !code => {
                cell.push('\\');
                cell.push(character);
            }
            _ => cell.push(character),
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::Github;
    use crate::findings::FindingsSummary;
    use rbl_syntax::diagnostic::{Code, Diagnostic, Severity};
    use rbl_syntax::source::{Source, Sources, Span};

    #[allow(clippy::unnecessary_wraps)]
    fn as_it_is(name: &str) -> Option<String> {
        Some(name.to_owned())
    }

    fn annotated(name: &str, text: &str, span: Span, message: &str) -> String {
        let mut sources = Sources::new();
        let id = sources.add(Source::new(name, text));
        let finding = Diagnostic::new(Code::UNIT_MISSING, message, span.in_source(id), "no unit");
        Github::default().annotate(&finding.help("write `5%`"), &sources, &as_it_is).unwrap()
    }

    #[test]
    fn properties_and_message_are_escaped_by_their_own_rules() {
        assert_eq!(
            annotated("a,b:c%.rb", "ä 5\n", Span::new(3, 4), "50% of `a`: what,\r\nthen?"),
            "::error file=a%2Cb%3Ac%25.rb,line=1,endLine=1,col=3,endColumn=3,title=unit/missing::50%25 of `a`: \
             what,␍%0Athen?%0Ano unit%0Ahelp: write `5%25`"
        );
    }

    #[test]
    fn a_place_of_several_lines_has_no_columns() {
        let found = annotated("a.rb", "one\ntwo\n", Span::new(0, 6), "x");
        assert!(found.starts_with("::error file=a.rb,line=1,endLine=2,title=unit/missing::"), "{found}");
    }

    #[test]
    fn nothing_in_a_message_begins_another_command() {
        let found = annotated("a.rb", "x", Span::new(0, 1), "a\n::set-output name=x::y\u{1b}[31m");
        assert_eq!(found.lines().count(), 1, "{found}");
        assert!(!found.contains('\u{1b}'), "{found}");
    }

    #[test]
    fn ten_of_a_kind_are_shown_and_the_rest_is_in_the_summary() {
        let mut sources = Sources::new();
        let id = sources.add(Source::new("a|b.rb", "x"));
        let place = Span::new(0, 1).in_source(id);
        let mut github = Github::default();
        let mut shown = 0;
        for number in 0..12 {
            let message = format!("`a|b` and *{number}* <b>");
            for code in [Code::UNIT_MISSING, Code::NAME_UNUSED] {
                let finding = Diagnostic::new(code, message.as_str(), place, "");
                assert_eq!(finding.severity == Severity::Error, code == Code::UNIT_MISSING);
                shown += usize::from(github.annotate(&finding, &sources, &as_it_is).is_some());
            }
        }
        assert_eq!((shown, github.rows.len() + github.left_out), (20, 4));
        let text = github.step_summary(&FindingsSummary { errors: 12, warnings: 12, advice: 0, files: 1 });
        assert!(text.starts_with("### rbl check: 12 errors and 12 warnings in 1 file\n"), "{text}");
        let row = "| a\\|b.rb:1 | error unit/missing | `a\\|b` and \\*10\\* \\<b\\> |\n";
        assert!(text.contains(row), "{text}");
        assert_eq!(text.lines().filter(|line| line.starts_with("| a")).count(), 4, "{text}");
    }
}
