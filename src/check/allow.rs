//! `# rbl: allow CODE because …`: the one way to silence a warning, with a reason, on the line before.

use jiff::civil::Date;

use crate::diagnostic::{Code, Diagnostic, Severity, did_you_mean};
use crate::source::{Source, SourceId, Span};
use crate::syntax::tree;

/// One `allow` comment.
struct Allow {
    code: Code,
    /// From `#` to the end of the line.
    span: Span,
    /// The line it speaks of, from 0.
    line: usize,
    until: Option<Date>,
    used: bool,
}

/// Takes out what the comments of a file allow, and reports the comments that allow nothing.
pub(super) fn apply(
    id: SourceId,
    source: &Source,
    comments: &[tree::Comment],
    today: Option<fn() -> Date>,
    findings: &mut Vec<Diagnostic>,
) {
    let mut allows = Vec::new();
    let mut said = Vec::new();
    for (index, comment) in comments.iter().enumerate() {
        let Some(rest) = instruction(source.slice(comment.span)) else { continue };
        match read(rest) {
            Ok((code, until)) => {
                let line = spoken_of(source, comments, index);
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
    for allow in allows {
        let place = allow.span.in_source(id);
        if let Some(until) = allow.until.filter(|until| today.is_some_and(|today| today() > *until)) {
            findings.push(
                Diagnostic::new(
                    Code::UPKEEP_EXPIRED_ALLOW,
                    format!("this allowed `{}` until {until}", allow.code),
                    place,
                    "past its date",
                )
                .help("mend what it speaks of, or write a later date"),
            );
        } else if !allow.used {
            findings.push(
                Diagnostic::new(
                    Code::UPKEEP_UNUSED_ALLOW,
                    format!("no `{}` behind this allow", allow.code),
                    place,
                    "silences nothing",
                )
                .help("take the comment out, or put it on the line before what it speaks of"),
            );
        }
    }
}

/// What follows `# rbl:`.
fn instruction(comment: &str) -> Option<&str> {
    comment.trim_start_matches('#').trim_start().strip_prefix("rbl:").map(str::trim)
}

/// Code and date, or what is wrong and what to write.
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
            "mend what it reports: a run would be stopped by it".into(),
        ));
    }
    let until = match rest.find("until ") {
        None => None,
        Some(at) => {
            let date =
                rest.get(at + "until ".len()..).and_then(|rest| rest.split_whitespace().next()).unwrap_or("");
            match date.parse() {
                Ok(date) => Some(date),
                // "until" is a word of reasons too: "because nobody looks until Monday".
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

/// The line an `allow` speaks of: the first below it that is not a comment of this kind.
fn spoken_of(source: &Source, comments: &[tree::Comment], index: usize) -> usize {
    let lines = source.lines();
    let mut line = comments.get(index).map_or(0, |comment| lines.line_of(comment.span.start)) + 1;
    for comment in comments.iter().skip(index + 1) {
        if lines.line_of(comment.span.start) != line || instruction(source.slice(comment.span)).is_none() {
            break;
        }
        let starts = lines.line_range(source.text(), line).and_then(|range| source.text().get(range));
        if !starts.is_some_and(|text| text.trim_start().starts_with('#')) {
            break;
        }
        line += 1;
    }
    line
}

fn silenced(
    finding: &Diagnostic,
    id: SourceId,
    source: &Source,
    allows: &mut [Allow],
    today: Option<fn() -> Date>,
) -> bool {
    if finding.severity == Severity::Error {
        return false;
    }
    let Some(place) = finding.place().filter(|place| place.source == id) else { return false };
    let line = source.lines().line_of(place.span.start);
    let mut silenced = false;
    for allow in allows.iter_mut().filter(|allow| allow.code == finding.code && allow.line == line) {
        allow.used = true;
        silenced |= allow.until.is_none_or(|until| today.is_none_or(|today| today() <= until));
    }
    silenced
}
