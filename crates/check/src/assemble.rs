//! Builds the [`Program`] from checked trees. Each tree is taken apart; only what several runbooks share is copied.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use smol_str::SmolStr;

use super::declaration::declared_type;
use super::file_graph::{FileId, GatheredFile};
use super::walk;
use super::{
    Constant, DeclaredProbe, DefinedAction, FileKind, MetricDeclared, NamedExpression, ParamDeclared,
    Program, Runbook, RunbookId, RunbookStep,
};
use rbl_syntax::source::{SourceId, Sources};
use rbl_syntax::tree;
use rbl_syntax::tree::{Declaration, Expr, Item, StatementKind};
use rbl_syntax::value::Unit;

/// The named declarations of a file or a library.
#[derive(Default, Clone)]
struct NamedDeclarations {
    secrets: HashMap<SmolStr, tree::Secret>,
    metrics: HashMap<SmolStr, Arc<MetricDeclared>>,
    defines: HashMap<SmolStr, Arc<DefinedAction>>,
    probes: HashMap<SmolStr, Arc<DeclaredProbe>>,
    expressions: HashMap<SmolStr, Arc<NamedExpression>>,
    constants: Vec<Arc<Constant>>,
}

/// Returns the program of the checked runbook, or of the one under test; and the tests of a file of tests.
///
/// Only called for files without errors, so every link between them resolves.
pub(super) fn assemble(
    files: Vec<GatheredFile>,
    sources: Arc<Sources>,
) -> (Option<Program>, Vec<tree::Test>) {
    let Some(first) = files.first() else { return (None, Vec::new()) };
    let main = match first.kind {
        FileKind::Runbook => 0,
        FileKind::Library => return (None, Vec::new()),
        FileKind::Tests => match first.tests {
            Some(runbook) => runbook,
            None => return (None, Vec::new()),
        },
    };
    // The checked runbook comes first, then the others in the order in which they were read.
    let mut runbook_files: Vec<FileId> = vec![main];
    runbook_files.extend(
        (0..files.len()).filter(|file| {
            *file != main && files.get(*file).is_some_and(|file| file.kind == FileKind::Runbook)
        }),
    );
    let ids: HashMap<FileId, RunbookId> =
        runbook_files.iter().enumerate().map(|(id, file)| (*file, RunbookId(id))).collect();
    let mut trees: Vec<Option<tree::File>> = Vec::with_capacity(files.len());
    let mut rests = Vec::with_capacity(files.len());
    for file in files {
        trees.push(Some(Arc::unwrap_or_clone(file.tree)));
        rests.push((file.source, folder(&file.identity), file.uses, file.runs));
    }
    let mut own: Vec<NamedDeclarations> = Vec::with_capacity(rests.len());
    let mut bodies: Vec<Option<Vec<Item>>> = Vec::with_capacity(rests.len());
    for (slot, (source, ..)) in trees.iter_mut().zip(&rests) {
        let (names, items) = take_names(slot.take().unwrap_or_default(), *source);
        own.push(names);
        bodies.push(Some(items));
    }
    let mut tests = Vec::new();
    if main != 0
        && let Some(items) = bodies.first_mut().and_then(Option::take)
    {
        let mut background = Vec::new();
        for item in items {
            match item {
                Item::Test(it) => tests.push(it),
                Item::Background(it) => background.extend(it.body),
                Item::Declaration(_) | Item::Step(_) | Item::Statement(_) => {}
            }
        }
        begin_with(&background, &mut tests);
    }
    let mut runbooks = Vec::with_capacity(runbook_files.len());
    for file in runbook_files {
        let (Some((source, folder, uses, runs)), Some(items)) =
            (rests.get(file), bodies.get_mut(file).and_then(Option::take))
        else {
            continue;
        };
        let mut names = own.get(file).cloned().unwrap_or_default();
        let libraries = libraries_of(uses, &rests);
        let mut runbook = Runbook { folder: folder.clone(), ..empty(*source) };
        fill(&mut runbook, items);
        let mut imported = Vec::new();
        for library in libraries {
            let Some(library) = own.get(library) else { continue };
            names.secrets.extend(library.secrets.iter().map(|(name, it)| (name.clone(), it.clone())));
            names.metrics.extend(library.metrics.iter().map(|(name, it)| (name.clone(), Arc::clone(it))));
            names.defines.extend(library.defines.iter().map(|(name, it)| (name.clone(), Arc::clone(it))));
            names.probes.extend(library.probes.iter().map(|(name, it)| (name.clone(), Arc::clone(it))));
            names
                .expressions
                .extend(library.expressions.iter().map(|(name, it)| (name.clone(), Arc::clone(it))));
            imported.extend(library.constants.iter().cloned());
        }
        runbook.constants = constants(&names, imported, &runbook);
        runbook.secrets = names.secrets;
        runbook.metrics = names.metrics;
        runbook.defines = names.defines;
        runbook.probes = names.probes;
        runbook.expressions = names.expressions;
        runbook.runs = runs.iter().filter_map(|(span, target)| Some((*span, *ids.get(target)?))).collect();
        runbooks.push(Arc::new(runbook));
    }
    (Some(Program { sources, runbooks }), tests)
}

type Rest = (SourceId, Option<SmolStr>, Vec<FileId>, HashMap<rbl_syntax::source::Span, FileId>);

/// Returns the libraries of a file and their libraries, each once, dependencies first.
fn libraries_of(uses: &[FileId], rests: &[Rest]) -> Vec<FileId> {
    fn visit(file: FileId, rests: &[Rest], seen: &mut HashSet<FileId>, order: &mut Vec<FileId>) {
        if !seen.insert(file) {
            return;
        }
        for inner in rests.get(file).map_or(&[][..], |rest| &rest.2) {
            visit(*inner, rests, seen, order);
        }
        order.push(file);
    }
    let (mut seen, mut order) = (HashSet::new(), Vec::new());
    for file in uses {
        visit(*file, rests, &mut seen, &mut order);
    }
    order
}

/// Moves the named declarations out of a file.
fn take_names(file: tree::File, source: SourceId) -> (NamedDeclarations, Vec<Item>) {
    let mut names = NamedDeclarations::default();
    let mut rest = Vec::with_capacity(file.items.len());
    let mut in_body = false;
    for item in file.items {
        match item {
            Item::Declaration(Declaration::Secret(it)) => {
                names.secrets.insert(it.name.text.clone(), it);
            }
            Item::Declaration(Declaration::Metric(it)) => {
                let unit = it.unit.and_then(|spec| spec.unit).unwrap_or(Unit::ONE);
                let name = it.name.text.clone();
                names.metrics.insert(name, Arc::new(MetricDeclared { declaration: *it, source, unit }));
            }
            Item::Declaration(Declaration::Define(it)) => {
                names
                    .defines
                    .insert(it.name.text.clone(), Arc::new(DefinedAction { declaration: it, source }));
            }
            Item::Declaration(Declaration::Probe(it)) => {
                let name = it.name.text.clone();
                names.probes.insert(name, Arc::new(DeclaredProbe { declaration: *it, source }));
            }
            Item::Declaration(Declaration::Let(it)) => {
                let name = it.name.text.clone();
                names.expressions.insert(name, Arc::new(NamedExpression { declaration: it, source }));
            }
            Item::Statement(tree::Statement { span, kind }) => match kind {
                StatementKind::Let(it) if !in_body => {
                    names.constants.push(Arc::new(Constant { declaration: it, source }));
                }
                kind @ (StatementKind::Prose { .. }
                | StatementKind::Check(_)
                | StatementKind::If(_)
                | StatementKind::Match(_)
                | StatementKind::Action(_)
                | StatementKind::Escalate(_)
                | StatementKind::Wait(_)
                | StatementKind::Let(_)
                | StatementKind::Record(_)
                | StatementKind::ForEach(_)
                | StatementKind::Repeat(_)
                | StatementKind::Run(_)
                | StatementKind::Lock(_)
                | StatementKind::Resolve { .. }
                | StatementKind::Stop { .. }
                | StatementKind::Broken { .. }) => {
                    in_body = true;
                    rest.push(Item::Statement(tree::Statement { span, kind }));
                }
            },
            step @ Item::Step(_) => {
                in_body = true;
                rest.push(step);
            }
            other => rest.push(other),
        }
    }
    (names, rest)
}

/// The folder of a file with this identity. Standard input has none.
fn folder(identity: &str) -> Option<SmolStr> {
    let path = Path::new(identity);
    path.parent().filter(|_| path.is_absolute()).and_then(Path::to_str).map(SmolStr::new)
}

fn empty(source: SourceId) -> Runbook {
    Runbook {
        source,
        folder: None,
        title: tree::Template { span: rbl_syntax::source::Span::default(), parts: Vec::new(), triple: false },
        about: None,
        trigger: None,
        owner: None,
        severity: None,
        timezone: None,
        links: Vec::new(),
        params: Vec::new(),
        limits: Vec::new(),
        secrets: HashMap::new(),
        metrics: HashMap::new(),
        defines: HashMap::new(),
        probes: HashMap::new(),
        expressions: HashMap::new(),
        constants: Vec::new(),
        steps: Vec::new(),
        runs: HashMap::new(),
        tests: Vec::new(),
    }
}

/// Fills in the header, the params, the steps and the tests.
fn fill(runbook: &mut Runbook, items: Vec<Item>) {
    let mut background = Vec::new();
    for item in items {
        match item {
            Item::Declaration(Declaration::Runbook(it)) => runbook.title = it.title,
            Item::Declaration(Declaration::About(it)) => runbook.about = Some(it.text),
            Item::Declaration(Declaration::Trigger(it)) => runbook.trigger = Some(it.kind),
            Item::Declaration(Declaration::Owner(it)) => runbook.owner = Some(it.team),
            Item::Declaration(Declaration::Severity(it)) => runbook.severity = Some(it.text),
            Item::Declaration(Declaration::Timezone(it)) => {
                runbook.timezone = it.name.literal().map(Into::into);
            }
            Item::Declaration(Declaration::Link(it)) => runbook.links.push(it),
            Item::Declaration(Declaration::Limit(it)) => runbook.limits.push(it),
            Item::Declaration(Declaration::Param(it)) => {
                let of = declared_type(&it).filter(|of| *of != tree::ParamType::Unknown);
                runbook.params.push(ParamDeclared { declaration: it, of });
            }
            Item::Step(it) => runbook.steps.push(Arc::new(RunbookStep {
                source: runbook.source,
                title: Some(it.title),
                span: it.span,
                statements: it.body.statements,
            })),
            Item::Statement(it) => runbook.steps.push(Arc::new(RunbookStep {
                source: runbook.source,
                title: None,
                span: it.span,
                statements: vec![it],
            })),
            Item::Test(it) => runbook.tests.push(it),
            Item::Background(it) => background.extend(it.body),
            Item::Declaration(
                Declaration::Tests(_)
                | Declaration::Use(_)
                | Declaration::Secret(_)
                | Declaration::Metric(_)
                | Declaration::Define(_)
                | Declaration::Probe(_)
                | Declaration::Let(_),
            ) => {}
        }
    }
    begin_with(&background, &mut runbook.tests);
}

/// Puts the lines of `background { … }` before those of each test, where a later line about the same thing wins.
fn begin_with(background: &[tree::TestStatement], tests: &mut [tree::Test]) {
    if background.is_empty() {
        return;
    }
    for test in tests {
        *test = test.after(background);
    }
}

/// Returns the constants in evaluation order: those of libraries that are needed, then its own.
fn constants(names: &NamedDeclarations, imported: Vec<Arc<Constant>>, runbook: &Runbook) -> Vec<Constant> {
    let mut all = Vec::with_capacity(names.constants.len());
    if !imported.is_empty() {
        let needed = needed(names, &imported, runbook);
        for it in imported {
            if needed.contains(&it.declaration.name.text) {
                all.push(Arc::unwrap_or_clone(it));
            }
        }
    }
    all.extend(names.constants.iter().map(|it| Constant::clone(it)));
    all
}

/// Returns every name that the runbook needs, directly or indirectly.
fn needed(names: &NamedDeclarations, imported: &[Arc<Constant>], runbook: &Runbook) -> HashSet<SmolStr> {
    let mut needed = HashSet::new();
    let mut queue: Vec<SmolStr> = Vec::new();
    let visit =
        |it: &Expr, queue: &mut Vec<SmolStr>| queue.extend(walk::name_of(it).map(|it| it.text.clone()));
    for step in &runbook.steps {
        for statement in &step.statements {
            walk::statement(statement, &mut |inner| {
                walk::own_expressions(inner, &mut |it| visit(it, &mut queue));
                walk::own_actions(inner, &mut |name| queue.push(name.text.clone()));
            });
        }
        if let Some(title) = &step.title {
            walk::parts(&title.parts, &mut |it| visit(it, &mut queue));
        }
    }
    for param in &runbook.params {
        param
            .declaration
            .default
            .iter()
            .for_each(|it| walk::expressions(it, &mut |it| visit(it, &mut queue)));
    }
    let headers = [Some(&runbook.title), runbook.owner.as_ref(), runbook.severity.as_ref()];
    let links = runbook.links.iter().flat_map(|link| [Some(&link.name), Some(&link.url)]);
    for text in headers.into_iter().chain(links).flatten() {
        walk::parts(&text.parts, &mut |it| visit(it, &mut queue));
    }
    for it in &names.constants {
        walk::expressions(&it.declaration.value, &mut |it| visit(it, &mut queue));
    }
    while let Some(name) = queue.pop() {
        if !needed.insert(name.clone()) {
            continue;
        }
        let mut visit = |it: &Expr| queue.extend(walk::name_of(it).map(|it| it.text.clone()));
        if let Some(it) = names.metrics.get(&name) {
            walk::parts(&it.declaration.query.parts, &mut visit);
        }
        if let Some(it) = names.expressions.get(&name) {
            walk::expressions(&it.declaration.value, &mut visit);
        }
        if let Some(it) = names.probes.get(&name) {
            walk::expressions(&it.declaration.look, &mut visit);
        }
        if let Some(it) = names.defines.get(&name) {
            match &it.declaration.target {
                tree::DefineTarget::Prose(text) => walk::parts(&text.parts, &mut visit),
                tree::DefineTarget::Command(command) => walk::parts(&command.parts, &mut visit),
                tree::DefineTarget::Executor { reference, .. } => walk::parts(&reference.parts, &mut visit),
            }
        }
        if let Some(it) = imported.iter().find(|it| it.declaration.name.text == name) {
            walk::expressions(&it.declaration.value, &mut visit);
        }
    }
    needed
}
