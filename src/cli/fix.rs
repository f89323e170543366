//! `rbl check --fix` and `--diff`: fixes what can be fixed without asking.

use std::path::Path;
use std::sync::Arc;

use super::CliContext;
use super::check::each;
use super::configurations::Configurations;
use super::input_files::TargetFile;
use rbl_check as check;
use rbl_project::Refusal;
use rbl_project::files::{Files, NamedFile, UnreadableFile};
use rbl_project::replace::replace;
use rbl_project::source_cache::SourceCache;
use rbl_syntax::counted;
use rbl_syntax::harmless;
use rbl_syntax::source::Source;

/// What to do with the fixed texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FixMode {
    /// Write them to the files.
    pub(super) write: bool,
    /// Show the changes as a diff.
    pub(super) diff: bool,
}

/// The result of fixing the files.
#[derive(Debug, Default)]
pub(super) struct FixedFiles {
    /// The fixed text of standard input, if it is a target: standard input can be read only once.
    pub(super) stdin: Option<Result<NamedFile, UnreadableFile>>,
    /// The number of files that were, or would be, changed.
    pub(super) files: usize,
}

/// A file and its fixed text.
#[derive(Debug)]
struct FixedFile {
    named: NamedFile,
    fixed: check::FixedText,
}

/// Fixes every file that can be read. A file that is not text, or not a runbook, is left unchanged; the check that
/// follows reports it.
pub(super) fn fix(
    targets: &[TargetFile],
    configurations: &Configurations,
    mode: FixMode,
    context: &mut CliContext,
    refusals: &mut Vec<Refusal>,
) -> FixedFiles {
    let cache = Arc::default();
    let all = each(targets, |target| file(target, configurations, &cache));
    let mut result = FixedFiles::default();
    let (mut fixes, mut left) = (0, 0);
    for (target, found) in targets.iter().zip(all) {
        let FixedFile { named, fixed } = match found {
            Ok(file) => file,
            Err(why) => {
                // The check that follows reports it.
                if !mode.write {
                    refusals.extend(why.refusal(target));
                }
                if let (NotFixed::Unread(why), "-") = (why, target.path.as_str()) {
                    result.stdin = Some(Err(why));
                }
                continue;
            }
        };
        left += fixed.left;
        let changed = fixed.text != named.text;
        if changed && mode.diff {
            show(&named, &fixed.text, context);
        }
        if target.path == "-" {
            if mode.write && !mode.diff {
                context.out.text(&fixed.text);
            }
            result.stdin = Some(Ok(NamedFile { text: fixed.text, ..named }));
        } else if changed
            && mode.write
            && let Err(why) = replace(Path::new(&target.path), &named.text, &fixed.text)
        {
            refusals.push(Refusal::new(format!("cannot write `{}`: {why}", target.path)));
            continue;
        }
        fixes += fixed.made;
        result.files += usize::from(changed);
    }
    context.out.flush();
    report(fixes, left, result.files, mode, context);
    result
}

/// Why a file is not fixed.
#[derive(Debug)]
enum NotFixed {
    Unread(UnreadableFile),
    /// Its configuration cannot be read.
    Refused(Refusal),
}

impl NotFixed {
    /// Converts it to a refusal, unless the file was only found in a folder.
    fn refusal(&self, target: &TargetFile) -> Option<Refusal> {
        match self {
            Self::Unread(why) => target.named.then(|| why.refusal(&target.path)),
            Self::Refused(refusal) => Some(refusal.clone()),
        }
    }
}

/// Fixes one file.
fn file(
    target: &TargetFile,
    configurations: &Configurations,
    cache: &Arc<SourceCache>,
) -> Result<FixedFile, NotFixed> {
    let named = target.read().map_err(NotFixed::Unread)?;
    let configured = configurations.of(named.folder()).map_err(NotFixed::Refused)?;
    let today = || jiff::Zoned::now().date();
    let mut check = |text: &str| {
        let read = check::ParsedFile::new(named.identity.as_str(), Source::new(named.shown.as_str(), text));
        let mut files = Files::sharing(Arc::clone(cache), &named);
        check::check_read(&read, &mut files, &configured.catalogue, Some(&today))
    };
    let fixed = check::fix(&named.text, &mut check);
    Ok(FixedFile { named, fixed })
}

/// Prints the difference as a patch for `patch` and `git apply`.
fn show(named: &NamedFile, text: &str, context: &mut CliContext) {
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
fn report(done: usize, left: usize, files: usize, mode: FixMode, context: &mut CliContext) {
    let did = if mode.write { "fixed" } else { "would fix" };
    if done > 0 {
        context.err.line(&format!(
            "{did} {} in {}",
            counted(done, "finding", "findings"),
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
