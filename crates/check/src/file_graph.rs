//! Reads the checked file and every file that it uses, runs or tests: each once; cycles are cut and reported.

use std::collections::HashMap;
use std::sync::Arc;

use super::{FileKind, Loader, ParsedFile, walk};
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{Place, Source, SourceId, Sources, Span};
use rbl_syntax::tree;

/// The index of a file among the gathered ones.
pub(super) type FileId = usize;

/// One file, read and parsed.
pub(super) struct GatheredFile {
    /// Its canonical name, as for [`Loader`].
    pub(super) identity: String,
    pub(super) source: SourceId,
    pub(super) kind: FileKind,
    /// Shared with other checks if several files use it.
    pub(super) tree: Arc<tree::File>,
    /// Whether all of it could be read.
    pub(super) clean: bool,
    /// The lines that contain something unreadable.
    pub(super) unread: Vec<Span>,
    /// The libraries it uses.
    pub(super) uses: Vec<FileId>,
    /// The runbook that each `run` runs, by the span of its statement.
    pub(super) runs: HashMap<Span, FileId>,
    /// The runbook it tests.
    pub(super) tests: Option<FileId>,
    /// Whether a file it uses could not be loaded: names may then be missing.
    pub(super) incomplete: bool,
    /// Whether its body may be continued later (a session).
    pub(super) goes_on: bool,
}

/// All files of one check.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) sources: Sources,
    /// The first is the checked file.
    pub(super) files: Vec<GatheredFile>,
    /// Each file after those it depends on.
    pub(super) order: Vec<FileId>,
    pub(super) diagnostics: Vec<Diagnostic>,
    by_identity: HashMap<String, FileId>,
    /// The files being read, each with the place that led to the next.
    trail: Vec<(FileId, Place)>,
}

/// The kind of reference from one file to another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LinkKind {
    Use,
    Run,
    Tests,
}

impl LinkKind {
    fn word(self) -> &'static str {
        match self {
            Self::Use => "use",
            Self::Run => "run",
            Self::Tests => "tests for",
        }
    }

    fn wanted(self) -> FileKind {
        match self {
            Self::Use => FileKind::Library,
            Self::Run | Self::Tests => FileKind::Runbook,
        }
    }
}

impl Gathered {
    /// Reads the checked file and all files it refers to.
    pub(super) fn read(first: &ParsedFile, loader: &mut dyn Loader) -> Self {
        let mut gathered = Self::default();
        gathered.file(first, loader);
        gathered
    }

    fn file(&mut self, read: &ParsedFile, loader: &mut dyn Loader) -> FileId {
        let identity = read.identity.as_str();
        let source = read.source.clone();
        let id = self.sources.add(source.clone());
        let (tree, diagnostics) = read.in_source(id);
        let clean = !diagnostics.iter().any(Diagnostic::is_error);
        // A warning does not make its line unreadable.
        let errors = diagnostics.iter().filter(|it| it.is_error());
        let unread = errors.filter_map(|it| whole_line(&source, it.place()?.span)).collect();
        self.diagnostics.extend(diagnostics);
        let kind = FileKind::of(&tree);
        let links = links(&tree);
        let file = self.files.len();
        self.by_identity.insert(identity.to_owned(), file);
        self.files.push(GatheredFile {
            identity: identity.to_owned(),
            source: id,
            kind,
            tree,
            clean,
            unread,
            uses: Vec::new(),
            runs: HashMap::new(),
            tests: None,
            incomplete: false,
            goes_on: read.goes_on,
        });
        for link in links {
            let place = link.file_span.in_source(id);
            self.trail.push((file, place));
            let target = self.follow(&link, place, identity, loader);
            self.trail.pop();
            let Some(from) = self.files.get_mut(file) else { continue };
            match (link.kind, target) {
                (LinkKind::Use, Some(target)) => from.uses.push(target),
                (LinkKind::Run, Some(target)) => {
                    from.runs.insert(link.statement, target);
                }
                (LinkKind::Tests, Some(target)) => from.tests = Some(target),
                (LinkKind::Use | LinkKind::Tests, None) => from.incomplete = true,
                (LinkKind::Run, None) => {}
            }
        }
        self.order.push(file);
        file
    }

    /// Returns the file a link refers to; reads it first if necessary.
    fn follow(
        &mut self,
        link: &FileLink,
        place: Place,
        from: &str,
        loader: &mut dyn Loader,
    ) -> Option<FileId> {
        let Some(named) = &link.named else {
            let message = format!("a value in the file of `{}`", link.kind.word());
            let finding = Diagnostic::new(Code::TYPE_FIXED, message, place, "known only during the run");
            self.diagnostics
                .push(finding.help("write the path as it is: every path is known before the run"));
            return None;
        };
        let read = match loader.read(from, named) {
            Ok(file) => file,
            Err(reason) => {
                let message = format!("`{}` cannot be read", file_name(named));
                let finding = Diagnostic::new(Code::NAME_FILE, message, place, reason);
                self.diagnostics.push(finding.help("write the path as seen from this file"));
                return None;
            }
        };
        let target = match self.by_identity.get(&read.identity) {
            Some(known) => {
                if let Some(start) = self.trail.iter().position(|(file, _)| file == known) {
                    self.circle(link, named, place, start);
                    return None;
                }
                *known
            }
            None => self.file(&read, loader),
        };
        let kind = self.files.get(target).map(|file| file.kind)?;
        if kind == link.kind.wanted() {
            return Some(target);
        }
        self.diagnostics.push(wrong_kind(link, named, place, kind));
        None
    }

    /// Reports a link that closes a cycle, which begins at this index of the trail.
    fn circle(&mut self, link: &FileLink, named: &str, place: Place, start: usize) {
        let length = self.trail.len() - start;
        let named = file_name(named);
        let message = match (length, link.kind) {
            (1, LinkKind::Use) => format!("`{named}` uses itself"),
            (1, _) => format!("`{named}` runs itself"),
            (_, LinkKind::Use) => format!("`{named}` uses this file, in a circle"),
            _ => format!("`{named}` runs this runbook, in a circle"),
        };
        let mut finding = Diagnostic::new(Code::FLOW_CIRCLE, message, place, "closes the circle");
        if let Some((_, first)) = self.trail.get(start).filter(|_| length > 1) {
            finding = finding.also(*first, "the circle begins here");
        }
        let help = match link.kind {
            LinkKind::Use => "put what both need into a third library",
            _ => "escalate, or repeat with a limit: every runbook ends",
        };
        self.diagnostics.push(finding.help(help));
    }
}

/// Returns the line in which a span begins.
fn whole_line(source: &Source, span: Span) -> Option<Span> {
    let line = source.lines().line_range(source.text(), source.lines().line_of(span.start))?;
    Some(Span::new(u32::try_from(line.start).ok()?, u32::try_from(line.end).ok()?))
}

/// Returns the last part of a path: a headline is too short for the rest, and the label shows it.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A reference to a file.
struct FileLink {
    kind: LinkKind,
    /// The path as written; `None` if it contains values.
    named: Option<String>,
    file_span: Span,
    statement: Span,
}

/// Returns the references of a file, in order.
fn links(tree: &tree::File) -> Vec<FileLink> {
    let mut links = Vec::new();
    let link = |kind, file: &tree::Template, statement| FileLink {
        kind,
        named: file.literal().map(str::to_owned),
        file_span: file.span,
        statement,
    };
    for declaration in tree.declarations() {
        match declaration {
            tree::Declaration::Use(it) => links.push(link(LinkKind::Use, &it.file, it.span)),
            tree::Declaration::Tests(it) => links.push(link(LinkKind::Tests, &it.file, it.span)),
            _ => {}
        }
    }
    walk::statements(tree, &mut |statement| {
        if let tree::StatementKind::Run(run) = &statement.kind {
            links.push(link(LinkKind::Run, &run.file, statement.span));
        }
    });
    links
}

fn wrong_kind(link: &FileLink, named: &str, place: Place, kind: FileKind) -> Diagnostic {
    let is = match kind {
        FileKind::Runbook => "a runbook",
        FileKind::Library => "a library",
        FileKind::Tests => "a file of tests",
    };
    let message = match link.kind.wanted() {
        FileKind::Library => format!("`{}` is {is}, not a library", file_name(named)),
        _ => format!("`{}` is {is}, not a runbook", file_name(named)),
    };
    let finding = Diagnostic::new(Code::NAME_FILE_KIND, message, place, format!("{is} cannot be used here"));
    match (link.kind, kind) {
        (LinkKind::Use, FileKind::Runbook) => {
            finding.help(format!("write `run \"{named}\"` in the body to run it"))
        }
        (LinkKind::Run, FileKind::Library) => finding.help(format!(
            "import it with `use \"{named}\"`, or begin it with `runbook \"TITLE\"` if it is to run"
        )),
        _ => finding,
    }
}
