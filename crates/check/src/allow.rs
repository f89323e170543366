//! `# rbl: allow CODE because …`: the only way to silence a warning, with a reason, on the line before.

use std::collections::HashSet;

use jiff::civil::Date;

use rbl_syntax::diagnostic::{Code, Diagnostic, Severity, did_you_mean};
use rbl_syntax::source::{Place, Source, SourceId, Span};
use rbl_syntax::tree;
use rbl_syntax::tree::Declaration;

/// What `# rbl:` says at the top of a runbook that was made of another document: it is not read here.
const IMPORTED: &str = "imported";

/// One `allow` comment.
struct Allow {
    code: Code,
    /// From `#` to the end of the line.
    span: Span,
    /// The line it applies to, from 0.
    line: usize,
    until: Option<Date>,
    used: bool,
}

/// A file whose comments are checked for `allow`.
pub(super) struct AllowScope<'a> {
    pub(super) id: SourceId,
    pub(super) source: &'a Source,
    pub(super) tree: &'a tree::File,
}

impl AllowScope<'_> {
    /// Whether a metric is declared on a line for which no provider was asked.
    fn has_unasked(&self, line: usize, answered: &HashSet<Place>) -> bool {
        let names = self.tree.declarations().filter_map(|it| match it {
            Declaration::Metric(metric) => Some(metric.name.span),
            _ => None,
        });
        let lines = self.source.lines();
        names
            .filter(|name| lines.line_of(name.start) == line)
            .any(|name| !answered.contains(&name.in_source(self.id)))
    }
}

/// Removes the findings that the comments of a file allow, and reports comments that allow nothing. `answered` are the
/// metrics that providers were asked for, if they were asked.
pub(super) fn apply(
    file: &AllowScope<'_>,
    today: Option<&dyn Fn() -> Date>,
    answered: Option<&HashSet<Place>>,
    findings: &mut Vec<Diagnostic>,
) {
    let AllowScope { id, source, tree } = *file;
    let mut allows = Vec::new();
    let mut said = Vec::new();
    let lines = lines_spoken_of(source, &tree.comments);
    for (comment, line) in tree.comments.iter().zip(lines) {
        let Some(rest) = instruction(source.slice(comment.span)).filter(|it| *it != IMPORTED) else {
            continue;
        };
        match read(rest) {
            Ok((code, until)) => {
                allows.push(Allow { code, span: comment.span, line, until, used: false });
            }
            Err((message, help)) => {
                let place = comment.span.in_source(id);
                said.push(
                    Diagnostic::new(Code::UPKEEP_UNREADABLE_ALLOW, message, place, "silences nothing")
                        .help(help),
                );
            }
        }
    }
    if !allows.is_empty() {
        findings.retain(|finding| !silenced(finding, id, source, &mut allows, today));
    }
    findings.append(&mut said);
    // Whether an `allow` matches anything is only known for metrics that were asked for.
    let is_known = |allow: &Allow| {
        !allow.code.is_asked() || answered.is_some_and(|answered| !file.has_unasked(allow.line, answered))
    };
    // What is broken is not looked at in full: whether an `allow` is used is not known then.
    let is_broken = findings.iter().any(Diagnostic::is_error);
    for allow in allows {
        let place = allow.span.in_source(id);
        if let Some(until) = allow.until.filter(|until| today.is_some_and(|today| today() > *until)) {
            findings.push(expired(&allow, until, place));
        } else if !allow.used && !is_broken && is_known(&allow) {
            findings.push(unused(&allow, place));
        }
    }
}

fn expired(allow: &Allow, until: Date, place: Place) -> Diagnostic {
    let message = format!("this allowed `{}` until {until}", allow.code);
    Diagnostic::new(Code::UPKEEP_EXPIRED_ALLOW, message, place, "past its date")
        .help("fix what it allows, or write a later date")
}

fn unused(allow: &Allow, place: Place) -> Diagnostic {
    let message = format!("no `{}` after this allow", allow.code);
    Diagnostic::new(Code::UPKEEP_UNUSED_ALLOW, message, place, "silences nothing")
        .help("take the comment out, or put it on the line before what it allows")
}

/// Returns the text after `# rbl:`.
fn instruction(comment: &str) -> Option<&str> {
    comment.trim_start_matches('#').trim_start().strip_prefix("rbl:").map(str::trim)
}

/// Parses code and date; the error says what is wrong and what to write.
fn read(text: &str) -> Result<(Code, Option<Date>), (String, String)> {
    const FORM: &str = "# rbl: allow CODE because REASON";
    let Some(rest) = text.strip_prefix("allow").map(str::trim_start) else {
        let word = text.split_whitespace().next().unwrap_or("nothing");
        return Err((format!("`# rbl:` knows no `{word}`"), format!("write `{FORM}`")));
    };
    let (code, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let known = Code::find(code).ok_or_else(|| {
        let near = did_you_mean(code, Code::ALL.iter().map(|code| code.name()));
        let help = near.map_or_else(|| format!("write `{FORM}`"), |near| format!("write `{near}`"));
        (format!("no finding is called `{code}`"), help)
    })?;
    if known.severity() == Severity::Error {
        return Err((
            format!("`{code}` cannot be allowed"),
            "fix what it reports, since it would stop a run".into(),
        ));
    }
    let until = match rest.find("until ") {
        None => None,
        Some(at) => {
            let date =
                rest.get(at + "until ".len()..).and_then(|rest| rest.split_whitespace().next()).unwrap_or("");
            match date.parse() {
                Ok(date) => Some(date),
                // "until" also occurs in reasons: "because nobody looks until Monday".
                Err(_) if rest.trim_start().starts_with("because") => None,
                Err(_) => {
                    return Err((format!("`{date}` is not a date"), "write it as `until 2026-12-01`".into()));
                }
            }
        }
    };
    let reason = rest.split_once("because").map_or("", |(_, reason)| reason.trim());
    if reason.is_empty() {
        return Err((format!("why is `{code}` allowed?"), format!("add the reason: `{FORM}`")));
    }
    Ok((known, until))
}

/// Returns the line that each comment applies to if it is an `allow`: the first line below it that is not such a
/// comment. The result is ascending.
fn lines_spoken_of(source: &Source, comments: &[tree::Comment]) -> Vec<usize> {
    let lines = source.lines();
    // The line of such a comment below that is alone on its line, and the line that it applies to.
    let mut below: Option<(usize, usize)> = None;
    let mut spoken_of: Vec<usize> = comments
        .iter()
        .rev()
        .map(|comment| {
            let line = lines.line_of(comment.span.start);
            let of = below.filter(|(next, _)| *next == line + 1).map_or(line + 1, |(_, of)| of);
            let text = lines.line_range(source.text(), line).and_then(|range| source.text().get(range));
            let alone = text.is_some_and(|text| text.trim_start().starts_with('#'));
            below = (alone && instruction(source.slice(comment.span)).is_some()).then_some((line, of));
            of
        })
        .collect();
    spoken_of.reverse();
    spoken_of
}

fn silenced(
    finding: &Diagnostic,
    id: SourceId,
    source: &Source,
    allows: &mut [Allow],
    today: Option<&dyn Fn() -> Date>,
) -> bool {
    if finding.severity == Severity::Error {
        return false;
    }
    let Some(place) = finding.place().filter(|place| place.source == id) else { return false };
    let line = source.lines().line_of(place.span.start);
    let first = allows.partition_point(|allow| allow.line < line);
    let of_line = allows.iter_mut().skip(first).take_while(|allow| allow.line == line);
    let mut silenced = false;
    for allow in of_line.filter(|allow| allow.code == finding.code) {
        allow.used = true;
        silenced |= allow.until.is_none_or(|until| today.is_none_or(|today| today() <= until));
    }
    silenced
}
