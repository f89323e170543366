//! Draws a finding for people: code, headline, the lines it is about, and what to do.

use std::fmt::Display;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles};

use textwrap::{WordSeparator, WordSplitter};

use super::mask::SnippetMask;
use super::snippet::Snippet;
use rbl_syntax::diagnostic::{Diagnostic, Severity};
use rbl_syntax::harmless;
use rbl_syntax::source::Sources;
use rbl_terminal::Style;

/// Wider text is hard to read, however wide the terminal is.
const WIDEST: usize = 120;

/// Draws the findings of one check.
#[derive(Debug)]
pub struct Pretty<'a> {
    sources: &'a Sources,
    mask: SnippetMask,
    style: Style,
    handler: GraphicalReportHandler,
}

impl<'a> Pretty<'a> {
    /// Creates a printer for these findings: a secret that one of them is about is hidden in the snippets of all.
    pub fn new(diagnostics: &[Diagnostic], sources: &'a Sources, style: Style) -> Self {
        let theme = GraphicalTheme {
            characters: if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
            styles: if style.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
        };
        // miette asks for one line of context when it reads the snippet to draw it.
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(style.width.min(WIDEST))
            .with_context_lines(1)
            .with_urls(false)
            .without_syntax_highlighting()
            .with_break_words(false)
            .with_word_separator(WordSeparator::AsciiSpace)
            .with_word_splitter(WordSplitter::NoHyphenation)
            .without_cause_chain();
        Self { sources, mask: SnippetMask::of(diagnostics), style, handler }
    }

    /// Draws the finding, ending in a line end.
    pub fn draw(&self, diagnostic: &Diagnostic) -> String {
        let snippet = Snippet::new(diagnostic, self.sources, &self.mask, self.style);
        let report = MietteReport { diagnostic, snippet };
        let mut drawn = String::new();
        if self.handler.render_report(&mut drawn, &report).is_err() {
            // Nothing in a snippet should cause this; the finding is reported anyway.
            return rbl_syntax::diagnostic::short(diagnostic, self.sources) + "\n";
        }
        let mut lines: String = String::with_capacity(drawn.len());
        for line in drawn.lines() {
            lines.push_str(line.trim_end());
            lines.push('\n');
        }
        lines
    }
}

/// A finding in the form that miette expects.
#[derive(Debug)]
struct MietteReport<'a> {
    diagnostic: &'a Diagnostic,
    snippet: Snippet,
}

impl Display for MietteReport<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&harmless(&self.diagnostic.message))
    }
}

impl std::error::Error for MietteReport<'_> {}

impl miette::Diagnostic for MietteReport<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        // The mark before the headline distinguishes an error from a warning; the word does so for readers who cannot
        // see it.
        let code = self.diagnostic.code;
        Some(match self.diagnostic.severity {
            Severity::Error => Box::new(code),
            severity => Box::new(format!("{code} ({})", severity.word())),
        })
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Advice => miette::Severity::Advice,
            Severity::Warning => miette::Severity::Warning,
            Severity::Error => miette::Severity::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        let mut help: Vec<&str> = self.diagnostic.help.iter().map(String::as_str).collect();
        for fix in &self.diagnostic.fixes {
            if !help.iter().any(|said| names_the_fix(said, &fix.title)) {
                help.push(&fix.title);
            }
        }
        (!help.is_empty()).then(|| Box::new(harmless(&help.join("\n")).into_owned()) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.snippet.is_empty()).then_some(&self.snippet as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.snippet.is_empty()).then(|| Box::new(self.snippet.labels().into_iter()) as Box<_>)
    }
}

/// Whether a help already says what a fix would do: its title, or what it would write.
fn names_the_fix(help: &str, title: &str) -> bool {
    let written = title.split_once('`').and_then(|(_, rest)| rest.split_once('`'));
    help.contains(title) || written.is_some_and(|(written, _)| help.contains(&format!("`{written}`")))
}

#[cfg(test)]
mod tests;
