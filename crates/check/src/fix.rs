//! The safe fixes of a file, made until none is left, without bringing an error about.

use super::Checked;
use rbl_syntax::diagnostic::{Code, Diagnostic, Fix, Safety, mended};
use rbl_syntax::source::SourceId;

/// So often what was mended is looked at again. Each time something is mended, so a file that takes longer is long.
const PASSES: usize = 200;

/// What the parser finds besides `syntax/…`.
const PARSER: [Code; 3] = [Code::UNIT_UNKNOWN, Code::NAME_UNKNOWN_TYPE, Code::TIME_NO_LIMIT];

/// A file after its fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// The text, with every safe fix made.
    pub text: String,
    /// How many findings were mended.
    pub made: usize,
    /// How many safe fixes were left out, since more errors would have stood in the file afterwards.
    pub left: usize,
}

/// Makes the safe fixes of a file; `check` checks a text in its place. Only the file itself is changed, not what it takes
/// in.
///
/// *Invariant:* afterwards the file has no more errors than before, and where all of it could be read it still can.
pub fn mend(text: &str, check: &mut dyn FnMut(&str) -> Checked) -> Mended {
    let mut checked = check(text);
    let mut done = Mended { text: text.to_owned(), made: 0, left: 0 };
    for _ in 0..PASSES {
        let fixes: Vec<&Fix> = checked.diagnostics.iter().filter_map(safe).collect();
        done.left = fixes.len();
        if fixes.is_empty() {
            break;
        }
        // All at once; if that brings an error about, the first alone that does not.
        let alone = fixes.iter().filter(|_| fixes.len() > 1).map(|fix| vec![*fix]);
        let next = std::iter::once(fixes.clone()).chain(alone).find_map(|fixes| {
            let (text, made) = mended(&done.text, SourceId::default(), fixes);
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

/// The fix that needs nobody's word, where there is exactly one way to mend a finding of this file.
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

/// How many errors there are of such codes, those that are folded into others too.
fn count(checked: &Checked, of: impl Fn(Code) -> bool) -> usize {
    let errors = checked.diagnostics.iter().filter(|it| it.is_error() && of(it.code));
    errors.map(|it| 1 + it.folded).sum()
}
