//! Applies the safe fixes of a file until none is left, without introducing errors.

use super::Checked;
use rbl_syntax::diagnostic::{Code, Diagnostic, Fix, Safety, fixed};
use rbl_syntax::source::SourceId;

/// The maximum number of passes. Each pass applies at least one fix, so only a long file can need more.
const PASSES: usize = 200;

/// Findings of the parser besides `syntax/…`.
const PARSER: [Code; 3] = [Code::UNIT_UNKNOWN, Code::NAME_UNKNOWN_TYPE, Code::TIME_NO_LIMIT];

/// A file after its fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedText {
    /// The text with every safe fix applied.
    pub text: String,
    /// The number of applied fixes.
    pub made: usize,
    /// The number of safe fixes left out because they would have introduced errors.
    pub left: usize,
}

/// Applies the safe fixes of a file; `check` checks a changed text. Only the file itself is changed, not the libraries
/// it uses.
///
/// *Invariant:* afterwards the file has no more errors than before, and if all of it could be read it still can.
pub fn fix(text: &str, check: &mut dyn FnMut(&str) -> Checked) -> FixedText {
    let mut checked = check(text);
    let mut done = FixedText { text: text.to_owned(), made: 0, left: 0 };
    for _ in 0..PASSES {
        let fixes: Vec<&Fix> = checked.diagnostics.iter().filter_map(safe).collect();
        done.left = fixes.len();
        if fixes.is_empty() {
            break;
        }
        // All at once; if that introduces an error, the first single fix that does not.
        let alone = fixes.iter().filter(|_| fixes.len() > 1).map(|fix| vec![*fix]);
        let next = std::iter::once(fixes.clone()).chain(alone).find_map(|fixes| {
            let (text, made) = fixed(&done.text, SourceId::default(), fixes);
            let after = (made > 0 && text != done.text).then(|| check(&text))?;
            sound(&checked, &after).then_some((text, made, after))
        });
        let Some((text, made, after)) = next else { break };
        done.text = text;
        done.made += made;
        done.left = 0;
        checked = after;
    }
    done
}

/// Returns the safe fix of a finding in this file, if there is exactly one.
fn safe(diagnostic: &Diagnostic) -> Option<&Fix> {
    let here = |fix: &&Fix| fix.edits.iter().all(|edit| edit.place.source == SourceId::default());
    let mut safe = diagnostic.fixes.iter().filter(|fix| fix.safety == Safety::Safe).filter(here);
    let first = safe.next()?;
    safe.next().is_none().then_some(first)
}

fn sound(before: &Checked, after: &Checked) -> bool {
    let errors = |it: &Checked| count(it, |_| true);
    let unread =
        |it: &Checked| count(it, |code| code.name().starts_with("syntax/") || PARSER.contains(&code));
    errors(after) <= errors(before) && unread(after) <= unread(before)
}

/// Counts the errors of these codes, including those folded into others.
fn count(checked: &Checked, of: impl Fn(Code) -> bool) -> usize {
    let errors = checked.diagnostics.iter().filter(|it| it.is_error() && of(it.code));
    errors.map(|it| 1 + it.folded).sum()
}
