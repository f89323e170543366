//! `rbl check --fix` and `--diff`: fixes what can be fixed without asking.

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

/// What to do with the fixed texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doing {
    /// Write them to the files.
    pub(super) write: bool,
    /// Show the changes as a diff.
    pub(super) diff: bool,
}

/// The result of fixing the files.
#[derive(Debug, Default)]
pub(super) struct Came {
    /// The fixed text of standard input, if it is a target: standard input can be read only once.
    pub(super) stdin: Option<Result<Named, Unread>>,
    /// The number of files that were, or would be, changed.
    pub(super) files: usize,
}

/// A file and its fixed text.
#[derive(Debug)]
struct File {
    named: Named,
    mended: check::Mended,
}

/// Fixes every file that can be read. A file that is not text, or not a runbook, is left unchanged; the check that
/// follows reports it.
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
                // The check that follows reports it.
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

/// Why a file is not fixed.
#[derive(Debug)]
enum Why {
    Unread(Unread),
    /// Its configuration cannot be read.
    Refused(Refusal),
}

impl Why {
    /// Converts it to a refusal, unless the file was only found in a folder.
    fn refusal(&self, target: &Target) -> Option<Refusal> {
        match self {
            Self::Unread(why) => target.named.then(|| why.refusal(&target.path)),
            Self::Refused(refusal) => Some(refusal.clone()),
        }
    }
}

/// Fixes one file.
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

/// Prints the difference as a patch for `patch` and `git apply`.
fn show(named: &Named, text: &str, context: &mut Context) {
    let diff = similar::TextDiff::from_lines(named.text.as_str(), text);
    let diff = diff.unified_diff().context_radius(3).header(&named.shown, &named.shown).to_string();
    // Control characters of the file must not reach a terminal; a pipe gets the bytes unchanged.
    if context.terminal.stdout_is_terminal {
        context.out.text(&harmless(&diff));
    } else {
        context.out.text(&diff);
    }
}

/// Reports how many fixes were made, on standard error: this is progress, not a result.
fn told(made: usize, left: usize, files: usize, doing: Doing, context: &mut Context) {
    let did = if doing.write { "fixed" } else { "would fix" };
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
            "{} skipped: {them} would only reveal further errors",
            counted(left, "fix", "fixes")
        ));
    }
}
