//! Builds texts and commands: escapes, values, and the common indent of a multi-line text.

use std::borrow::Cow;

use smol_str::SmolStr;

use super::{GrammarPair, TreeBuilder, first, misplaced};
use crate::diagnostic::{Code, Diagnostic, Safety, Severity};
use crate::grammar::Rule;
use crate::recovery::{self, fix};
use crate::source::Span;
use crate::tree::{Command, Expr, ExprKind, Part, Template};

/// Literal text, assembled from characters, escapes and `#`.
struct Literal {
    text: String,
    span: Option<Span>,
}

impl Literal {
    fn new() -> Self {
        Self { text: String::new(), span: None }
    }

    fn push(&mut self, text: &str, span: Span) {
        self.text.push_str(text);
        self.span = Some(self.span.map_or(span, |before| before.to(span)));
    }

    fn finish(&mut self, parts: &mut Vec<Part>) {
        if let Some(span) = self.span.take() {
            if !self.text.is_empty() {
                parts.push(Part::Literal { text: SmolStr::from(line_ends(&self.text)), span });
            }
            self.text.clear();
        }
    }
}

impl TreeBuilder<'_> {
    /// `"…"` or `"""…"""`.
    pub(super) fn text(&mut self, pair: GrammarPair<'_>) -> Template {
        let span = self.span(&pair);
        let triple = pair.as_str().starts_with("\"\"\"");
        let indent = if triple { common_indent(pair.as_str()) } else { 0 };
        let mut inner = pair.into_inner();
        if !triple {
            // Most texts are a single run of characters.
            let only = first(&mut inner);
            if inner.is_empty() {
                let text = only.as_str();
                self.values_of_others(&only);
                self.hidden_characters(text, only.as_span().start(), false);
                let span_of = self.span(&only);
                let parts = if text.is_empty() {
                    Vec::new()
                } else {
                    vec![Part::Literal { text: line_ends(text).into(), span: span_of }]
                };
                return Template { span, parts, triple };
            }
            let mut parts = Vec::with_capacity(inner.len() + 1);
            let mut literal = Literal::new();
            self.text_part(only, &mut parts, &mut literal, None);
            for pair in inner {
                self.text_part(pair, &mut parts, &mut literal, None);
            }
            literal.finish(&mut parts);
            return Template { span, parts, triple };
        }
        let mut parts = Vec::new();
        let mut literal = Literal::new();
        for pair in inner {
            self.text_part(pair, &mut parts, &mut literal, Some(indent));
        }
        literal.finish(&mut parts);
        trim_lines(&mut parts);
        Template { span, parts, triple }
    }

    /// Builds one piece of a text; `indent` is removed from each line of a multi-line text.
    fn text_part(
        &mut self,
        pair: GrammarPair<'_>,
        parts: &mut Vec<Part>,
        literal: &mut Literal,
        indent: Option<usize>,
    ) {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::text_chars => {
                self.values_of_others(&pair);
                self.hidden_characters(pair.as_str(), pair.as_span().start(), false);
                literal.push(pair.as_str(), span);
            }
            Rule::hash => {
                self.unfinished_value(&pair);
                literal.push(pair.as_str(), span);
            }
            Rule::bad_value => {
                literal.finish(parts);
                parts.push(self.bad_value(&pair));
            }
            Rule::triple_chars => {
                self.hidden_characters(pair.as_str(), pair.as_span().start(), false);
                literal.push(&without_indent(pair.as_str(), indent.unwrap_or(0)), span);
            }
            Rule::escape => {
                let text = self.escape(pair.as_str(), span, indent.is_some());
                literal.push(&text, span);
            }
            Rule::interpolation => {
                literal.finish(parts);
                let value = self.value(first(&mut pair.into_inner()));
                parts.push(Part::Value(value));
            }
            Rule::triple_quote => {}
            _ => misplaced(&pair),
        }
    }

    /// Reports `#{…}` around something that is not an expression. Nothing else is reported about the value.
    fn bad_value(&mut self, pair: &GrammarPair<'_>) -> Part {
        let span = self.span(pair);
        let diagnostic = recovery::value_of_no_expression(self.place(span), pair.as_str());
        self.report(diagnostic);
        Part::Value(Expr { span, kind: ExprKind::Broken })
    }

    /// Reports a `#{` that nothing closes, as far as its text is closed.
    fn unfinished_value(&mut self, pair: &GrammarPair<'_>) {
        let end = pair.as_span().end();
        if self.laid_out.text.as_bytes().get(end) == Some(&b'{') {
            let span = self.laid_out.span(pair.as_span().start(), end + 1);
            let diagnostic = recovery::value_of_no_expression(self.place(span), "#{");
            self.report(diagnostic);
        }
    }

    /// Reports `${x}` and `{{x}}`: other languages insert values this way; here they are plain text, which is hardly
    /// meant.
    fn values_of_others(&mut self, pair: &GrammarPair<'_>) {
        let text = pair.as_str();
        let Some((at, written, name)) = value_of_others(text) else { return };
        let start = pair.as_span().start() + at;
        let place = self.place(self.laid_out.span(start, start + written.len()));
        let message = format!("`{written}` puts no value into a text");
        let mut diagnostic = Diagnostic::new(Code::SYNTAX_HABIT, message, place, "shown as it is")
            .help(format!("write `#{{{name}}}`"))
            .fix(format!("write `#{{{name}}}`"), Safety::Safe, place, format!("#{{{name}}}"));
        diagnostic.severity = Severity::Warning;
        self.report(diagnostic);
    }

    /// Resolves `\n \t \" \\ \#`. In a multi-line text other escapes are kept, so that a regex can be pasted.
    fn escape(&mut self, written: &str, span: Span, triple: bool) -> SmolStr {
        let text = match written {
            "\\n" => "\n",
            "\\t" => "\t",
            "\\\"" => "\"",
            "\\\\" => "\\",
            "\\#" => "#",
            _ if triple => return written.into(),
            _ => {
                let shown = written.escape_debug().to_string().replace("\\\\", "\\");
                let mut diagnostic = Diagnostic::new(
                    Code::SYNTAX_ESCAPE,
                    format!("`{shown}` means nothing in a text"),
                    self.place(span),
                    "not an escape",
                )
                .help(format!("write `\\{shown}` for a backslash; the escapes are \\n \\t \\\" \\\\ \\#"));
                if fix::is_regex_escape(written) {
                    let title = format!("write `\\{shown}`");
                    diagnostic =
                        diagnostic.fix(title, Safety::Safe, self.place(span), format!("\\{written}"));
                }
                self.report(diagnostic);
                return written.into();
            }
        };
        SmolStr::new_static(text)
    }

    /// Builds `` `…` ``: everything is passed to the shell except values, `` \` `` and `\#`.
    pub(super) fn command(&mut self, pair: GrammarPair<'_>) -> Command {
        let span = self.span(&pair);
        let mut parts = Vec::new();
        let mut literal = Literal::new();
        for pair in pair.into_inner() {
            let span = self.span(&pair);
            match pair.as_rule() {
                Rule::command_chars => {
                    self.hidden_characters(pair.as_str(), pair.as_span().start(), true);
                    literal.push(pair.as_str(), span);
                }
                Rule::hash => {
                    self.unfinished_value(&pair);
                    literal.push(pair.as_str(), span);
                }
                Rule::bad_value => {
                    literal.finish(&mut parts);
                    let value = self.bad_value(&pair);
                    parts.push(value);
                }
                Rule::command_escape => {
                    let text = pair.as_str();
                    literal.push(
                        if matches!(text, "\\`" | "\\#") { text.trim_start_matches('\\') } else { text },
                        span,
                    );
                }
                Rule::interpolation => {
                    literal.finish(&mut parts);
                    let value = self.value(first(&mut pair.into_inner()));
                    parts.push(Part::Value(value));
                }
                _ => misplaced(&pair),
            }
        }
        literal.finish(&mut parts);
        Command { span, parts }
    }
}

/// A text means the same whatever line ends its file has.
fn line_ends(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") { text.replace("\r\n", "\n").into() } else { text.into() }
}

/// Finds `${x}` or `{{x}}` in a text: its offset, its full text, and the name.
fn value_of_others(text: &str) -> Option<(usize, &str, &str)> {
    memchr::memchr(b'{', text.as_bytes())?;
    let (open, close) = if text.contains("${") { ("${", "}") } else { ("{{", "}}") };
    let at = text.find(open)?;
    let inside = text.get(at + open.len()..)?;
    let end = inside.find(close)?;
    let name = inside.get(..end)?.trim();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    let written = text.get(at..at + open.len() + end + close.len())?;
    is_name.then_some((at, written, name))
}

/// Returns the indent that all lines but the first share; blank lines are ignored.
fn common_indent(text: &str) -> usize {
    let body = text.trim_start_matches("\"\"\"");
    let body = body.strip_suffix("\"\"\"").unwrap_or(body);
    let indents = body.split('\n').skip(1).filter(|line| !line.trim().is_empty());
    indents.map(|line| line.len() - line.trim_start_matches([' ', '\t']).len()).min().unwrap_or(0)
}

/// Removes the indent after every line end, and normalises line ends to `\n`.
fn without_indent(text: &str, indent: usize) -> String {
    let mut lines = text.split('\n');
    let mut result = String::with_capacity(text.len());
    if let Some(first) = lines.next() {
        result.push_str(first);
    }
    for line in lines {
        if result.ends_with('\r') {
            result.pop();
        }
        result.push('\n');
        let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
        result.push_str(line.get(blank.min(indent)..).unwrap_or_default());
    }
    result
}

/// Removes the line end after the opening quotes and the blanks before the closing ones.
fn trim_lines(parts: &mut Vec<Part>) {
    if let Some(Part::Literal { text, .. }) = parts.first_mut() {
        let trimmed = text.trim_start_matches([' ', '\t', '\r']);
        if let Some(rest) = trimmed.strip_prefix('\n') {
            *text = rest.into();
        }
    }
    if let Some(Part::Literal { text, .. }) = parts.last_mut() {
        let trimmed = text.trim_end_matches([' ', '\t']);
        if let Some(rest) = trimmed.strip_suffix('\n') {
            *text = rest.into();
        }
    }
    parts.retain(|part| !matches!(part, Part::Literal { text, .. } if text.is_empty()));
}
