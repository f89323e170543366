//! `rbl check --fix` and `--diff`: what can be mended without asking.

use std::path::Path;
use std::sync::Arc;

use super::Context;
use super::check::{Configurations, each};
use super::targets::Target;
use rbl_check as check;
use rbl_project::Refusal;
use rbl_project::files::{Files, Named, Unread};
use rbl_project::replace::replace;
use rbl_project::source_cache::Shelf;
use rbl_syntax::counted;
use rbl_syntax::harmless;
use rbl_syntax::source::Source;

/// What is done with the mended texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doing {
    /// They are written.
    pub(super) write: bool,
    /// What would be, or was, changed is shown.
    pub(super) diff: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Came {
    /// Standard input, mended, if it was among the targets: it can be read once only.
    pub(super) stdin: Option<Result<Named, Unread>>,
    /// How many files have, or would have, another text.
    pub(super) files: usize,
}

/// A file and its other text.
#[derive(Debug)]
struct File {
    named: Named,
    mended: check::Mended,
}

/// Mends every file that can be read. What is no text, or written in another language, is left as it is: the check that
/// follows says so.
pub(super) fn mend(
    targets: &[Target],
    configurations: &Configurations,
    doing: Doing,
    context: &mut Context,
    refusals: &mut Vec<Refusal>,
) -> Came {
    let shelf = Arc::default();
    let mended = each(targets, |target| file(target, configurations, &shelf));
    let mut came = Came::default();
    let (mut made, mut left) = (0, 0);
    for (target, found) in targets.iter().zip(mended) {
        let File { named, mended } = match found {
            Ok(file) => file,
            Err(why) => {
                // A check that follows says so itself.
                if !doing.write {
                    refusals.extend(why.refusal(target));
                }
                if let (Why::Unread(why), "-") = (why, target.path.as_str()) {
                    came.stdin = Some(Err(why));
                }
                continue;
            }
        };
        left += mended.left;
        let changed = mended.text != named.text;
        if changed && doing.diff {
            show(&named, &mended.text, context);
        }
        if target.path == "-" {
            if doing.write && !doing.diff {
                context.out.text(&mended.text);
            }
            came.stdin = Some(Ok(Named { text: mended.text, ..named }));
        } else if changed
            && doing.write
            && let Err(why) = replace(Path::new(&target.path), &named.text, &mended.text)
        {
            refusals.push(Refusal::new(format!("cannot write `{}`: {why}", target.path)));
            continue;
        }
        made += mended.made;
        came.files += usize::from(changed);
    }
    context.out.flush();
    told(made, left, came.files, doing, context);
    came
}

/// Why a file cannot be looked at.
#[derive(Debug)]
enum Why {
    Unread(Unread),
    /// Its configuration cannot be read.
    Refused(Refusal),
}

impl Why {
    /// As a refusal; a file that nobody named is none.
    fn refusal(&self, target: &Target) -> Option<Refusal> {
        match self {
            Self::Unread(why) => target.named.then(|| why.refusal(&target.path)),
            Self::Refused(refusal) => Some(refusal.clone()),
        }
    }
}

/// Mends one file.
fn file(target: &Target, configurations: &Configurations, shelf: &Arc<Shelf>) -> Result<File, Why> {
    let named = Named::read(&target.path).map_err(Why::Unread)?;
    let catalogue = configurations.of(named.folder()).map_err(Why::Refused)?.catalogue();
    let today = || jiff::Zoned::now().date();
    let mut check = |text: &str| {
        let read = check::Read::new(named.identity.as_str(), Source::new(named.shown.as_str(), text));
        check::check_read(&read, &mut Files::sharing(Arc::clone(shelf), &named), &catalogue, Some(today))
    };
    let mended = check::mend(&named.text, &mut check);
    Ok(File { named, mended })
}

/// The difference, as `patch` and `git apply` read it.
fn show(named: &Named, text: &str, context: &mut Context) {
    let diff = similar::TextDiff::from_lines(named.text.as_str(), text);
    let diff = diff.unified_diff().context_radius(3).header(&named.shown, &named.shown).to_string();
    // A terminal is not moved by what stands in a file; a pipe gets it as it is.
    if context.terminal.stdout_is_terminal {
        context.out.text(&harmless(&diff));
    } else {
        context.out.text(&diff);
    }
}

/// How much was mended: progress, not a result.
fn told(made: usize, left: usize, files: usize, doing: Doing, context: &mut Context) {
    let did = if doing.write { "mended" } else { "would mend" };
    if made > 0 {
        context.err.line(&format!(
            "{did} {} in {}",
            counted(made, "finding", "findings"),
            counted(files, "file", "files")
        ));
    }
    if left > 0 {
        let them = if left == 1 { "it" } else { "each" };
        context.err.line(&format!(
            "{} left out: behind {them} more errors would come to light",
            counted(left, "fix", "fixes")
        ));
    }
}
