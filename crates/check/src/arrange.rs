//! Sorts findings by file and place, and folds repeated findings into the first.

use std::collections::HashMap;
use std::fmt::Write as _;

use rbl_syntax::diagnostic::{Code, Diagnostic, Safety};
use rbl_syntax::source::{Place, SourceId, Sources, Span};

/// Sorts the findings, and folds those with the same text in the same file.
pub(super) fn arrange(mut all: Vec<Diagnostic>, sources: &Sources) -> Vec<Diagnostic> {
    all.sort_by_key(|finding| finding.place().map_or((SourceId::default(), Span::default()), split));
    let mut first: HashMap<(SourceId, &'static str, String, Vec<String>), usize> = HashMap::new();
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(all.len());
    let mut more: Vec<Vec<Place>> = Vec::with_capacity(all.len());
    for finding in all {
        let place = finding.place();
        let source = place.map_or(SourceId::default(), |place| place.source);
        let key = (source, finding.code.name(), finding.message.clone(), finding.help.clone());
        // Each of these hides its own place in the output, so they are not folded.
        let folds = finding.code != Code::SECRET_WRITTEN;
        if let Some(index) = first.get(&key).filter(|_| folds)
            && let (Some(places), Some(kept)) = (more.get_mut(*index), kept.get_mut(*index))
        {
            places.extend(place);
            kept.folded += 1;
            add_fixes(kept, finding);
            continue;
        }
        first.insert(key, kept.len());
        kept.push(finding);
        more.push(Vec::new());
    }
    for (finding, places) in kept.iter_mut().zip(&more) {
        if !places.is_empty() {
            finding.help.push(and_more(places, sources));
        }
    }
    kept
}

/// Adds the fixes of a folded finding to those of the kept one, each at its own place.
fn add_fixes(kept: &mut Diagnostic, folded: Diagnostic) {
    if kept.fixes.len() != folded.fixes.len() {
        return;
    }
    for (fix, more) in kept.fixes.iter_mut().zip(folded.fixes) {
        if fix.title == more.title {
            // A combined fix is safe only if both fixes are safe.
            if more.safety == Safety::Choice {
                fix.safety = Safety::Choice;
            }
            fix.edits.extend(more.edits);
        }
    }
}

fn split(place: Place) -> (SourceId, Span) {
    (place.source, place.span)
}

/// "and 3 more like this, in lines 7, 9 and 12".
fn and_more(places: &[Place], sources: &Sources) -> String {
    const SHOWN: usize = 5;
    let mut lines: Vec<u32> = places
        .iter()
        .take(SHOWN)
        .filter_map(|place| Some(sources.get(place.source)?.line_column(place.span.start).line))
        .collect();
    lines.dedup();
    let mut text = format!("and {} more like this, in line", places.len());
    if lines.len() > 1 {
        text.push('s');
    }
    for (index, line) in lines.iter().enumerate() {
        let last = index + 1 == lines.len() && places.len() <= SHOWN;
        let before = if index == 0 {
            " "
        } else if last {
            " and "
        } else {
            ", "
        };
        let _ = write!(text, "{before}{line}");
    }
    if places.len() > SHOWN {
        text.push_str(", …");
    }
    text
}
