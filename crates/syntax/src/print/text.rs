//! Prints texts and commands as written, except for blanks in their values and the indent of multi-line texts.

use super::document::Doc;
use super::printer::{Docs, Printer};
use super::render::flat;
use super::token::PrintTokenKind;
use super::{MetricQuery, QueryPart};
use crate::tree::{Command, Expr, Metric, Template};

impl<'a> Printer<'a> {
    pub(super) fn text(&mut self, text: &Template, into: &mut Docs<'a>) {
        let (written, literal) = self.pieces(text.values(), into);
        let lines = if text.triple && self.in_text == 0 && literal { lines(&written) } else { None };
        into.push(match lines {
            Some(lines) => Doc::Lines(lines),
            None => whole(written),
        });
        into.extend(self.trailing_comment().map(Doc::Aside));
    }

    pub(super) fn command(&mut self, command: &Command, into: &mut Docs<'a>) {
        let (written, _) = self.pieces(command.values(), into);
        into.push(whole(written));
        into.extend(self.trailing_comment().map(Doc::Aside));
    }

    /// Prints the query of a metric: laid out by its language, if that is known and loses nothing.
    pub(super) fn query(&mut self, metric: &Metric, into: &mut Docs<'a>) {
        let laid_out = query(metric).and_then(|query| self.queries.lay_out(&query));
        let Some(mut parts) = laid_out else { return self.text(&metric.query, into) };
        let mut values = Vec::new();
        let before = into.len();
        self.text_with(&metric.query, &mut values, into);
        let mut values = values.into_iter();
        let mut written = String::new();
        for part in parts.drain(..) {
            match part {
                QueryPart::Text(text) => written.push_str(&text),
                QueryPart::Value => {
                    written.push_str("#{");
                    written.push_str(&values.next().unwrap_or_default());
                    written.push('}');
                }
            }
        }
        // The text is replaced; a comment after it stays.
        if let Some(place) =
            into.iter_mut().skip(before).find(|doc| matches!(doc, Doc::Lines(_) | Doc::Raw(_)))
        {
            *place = Doc::Lines(written.lines().map(str::to_owned).collect());
        }
    }

    fn text_with(&mut self, text: &Template, values: &mut Vec<String>, into: &mut Docs<'a>) {
        let (written, _) = self.pieces_with(text.values(), values, into);
        into.push(Doc::Raw(written.into()));
        into.extend(self.trailing_comment().map(Doc::Aside));
    }

    fn pieces<'t>(&mut self, values: impl Iterator<Item = &'t Expr>, into: &mut Docs<'a>) -> (String, bool) {
        self.pieces_with(values, &mut Vec::new(), into)
    }

    /// Returns a text with its values printed, and whether none of the values contains a line end.
    fn pieces_with<'t>(
        &mut self,
        values: impl Iterator<Item = &'t Expr>,
        printed: &mut Vec<String>,
        into: &mut Docs<'a>,
    ) -> (String, bool) {
        let gap = self.gap();
        let remarks = self.remarks_of_next();
        if !remarks.is_empty() {
            into.extend(remarks.into_iter().map(Doc::Remark));
        } else if gap {
            into.push(Doc::Text(" ".into()));
        }
        let mut written = self.take_text().to_owned();
        self.in_text += 1;
        for value in values {
            self.tight();
            let mut docs = Vec::new();
            self.expr(value, &mut docs);
            let mut text = String::new();
            flat(&docs, &mut text);
            written.push_str(&text);
            printed.push(text);
            // Tokens before the next piece that no construct asked for.
            while !matches!(self.peek_kind(), PrintTokenKind::More | PrintTokenKind::End) {
                let mut rest = Vec::new();
                self.take(&mut rest);
                flat(&rest, &mut written);
            }
            written.push_str(self.take_text());
        }
        self.in_text -= 1;
        let plain = printed.iter().all(|value| !value.contains('\n'));
        (written, plain)
    }
}

fn whole<'a>(written: String) -> Doc<'a> {
    if written.contains('\n') { Doc::Raw(written.into()) } else { Doc::Text(written.into()) }
}

/// Returns the query of a metric, if it may be laid out: it is between three quotes and has no escape, so that the
/// written text is the query itself.
pub(super) fn query(metric: &Metric) -> Option<MetricQuery<'_>> {
    let plain = metric.query.triple;
    plain.then(|| MetricQuery { provider: &metric.provider.text, parts: &metric.query.parts })
}

/// Returns the lines between the quotes without their common indent; `None` if the text has one line, or if changing
/// its indent could change its meaning.
fn lines(written: &str) -> Option<Vec<String>> {
    let body = written.strip_prefix("\"\"\"")?.strip_suffix("\"\"\"")?;
    // A line end after a backslash does not count for the indent.
    if !body.contains('\n') || body.contains("\\\n") || body.contains('\r') {
        return None;
    }
    let blanks = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut rest = body.split('\n');
    let first = rest.next().unwrap_or_default();
    let rest: Vec<&str> = rest.collect();
    let indents = rest.iter().filter(|line| !line.trim().is_empty()).map(|line| blanks(line));
    let common = indents.min().unwrap_or(0);
    let mut lines: Vec<&str> =
        rest.iter().map(|line| line.get(blanks(line).min(common)..).unwrap_or_default()).collect();
    if !first.trim_matches([' ', '\t']).is_empty() {
        let alone = lines.iter().all(|line| line.trim().is_empty());
        // On a line of its own its blanks would count; after the quotes they did not.
        if blanks(first) > 0 && alone {
            return None;
        }
        lines.insert(0, first);
    }
    if lines.last().is_some_and(|last| last.trim_matches([' ', '\t']).is_empty()) {
        lines.pop();
    }
    if lines.iter().all(|line| line.trim().is_empty()) {
        return None;
    }
    Some(lines.into_iter().map(str::to_owned).collect())
}
