//! No `match` over statements, effects, events or journal entries has a catch-all arm: a new variant must not compile
//! until every place that depends on it has decided what it does there.
//!
//! *How:* the sources are parsed. In each `match`, the positions are collected where an arm names a variant of one of
//! [`ENUMS`], and the positions where an arm accepts anything (`_`, a bare binding, `..`). The two must not meet.
//! `if let`, `let … else` and `matches!` may ask for one variant, because the others are then irrelevant by nature; two
//! variants are a group that a new variant may belong to, so they need a `match`. Unit tests are not looked at.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// The enums that grow with the language and the journal.
const ENUMS: [&str; 7] =
    ["StatementKind", "TestStatementKind", "Effect", "EventKind", "Entry", "Own", "Reply"];

/// A place in a pattern: the constructors and fields that lead to it.
type Place = Vec<String>;

/// What the arms of one `match` say.
#[derive(Default)]
struct Arms {
    /// Where a variant of one of the enums is named, and which.
    named: Vec<(Place, String)>,
    /// Where anything is accepted.
    open: Vec<Place>,
    /// Where `..` stands for the fields of a constructor, except those that are named.
    rest: Vec<(Place, String, Vec<String>)>,
}

/// The enums by the names that one file uses for them, and the one whose `impl` is being read.
struct Reader {
    names: BTreeSet<String>,
    own: Option<String>,
    /// The functions around what is being read.
    functions: Vec<String>,
    /// The functions with a catch-all arm or a group.
    found: BTreeSet<String>,
}

/// The functions of a source text with a catch-all arm, or with a group outside a `match`.
fn catch_alls(source: &str) -> Vec<String> {
    let file = syn::parse_file(source).expect("a source file that compiles");
    let mut reader = Reader {
        names: ENUMS.into_iter().map(str::to_owned).collect(),
        own: None,
        functions: Vec::new(),
        found: BTreeSet::new(),
    };
    reader.visit_file(&file);
    reader.found.into_iter().collect()
}

impl Reader {
    /// Whether a path names a variant of one of the enums.
    fn is_variant(&self, path: &syn::Path) -> bool {
        let mut segments = path.segments.iter().rev().skip(1);
        let Some(owner) = segments.next().map(|segment| segment.ident.to_string()) else { return false };
        let owner = if owner == "Self" { self.own.clone().unwrap_or_default() } else { owner };
        self.names.contains(&owner)
    }

    fn report(&mut self) {
        self.found.insert(self.functions.last().cloned().unwrap_or_default());
    }

    /// Looks at a question for one variant.
    fn ask(&mut self, pattern: &syn::Pat) {
        let mut arms = Arms::default();
        self.read(pattern, &Place::new(), &mut arms);
        if arms.groups() {
            self.report();
        }
    }

    /// Collects what a pattern says.
    fn read(&self, pattern: &syn::Pat, place: &Place, arms: &mut Arms) {
        match pattern {
            syn::Pat::Wild(_) => arms.open.push(place.clone()),
            syn::Pat::Ident(binding) => match &binding.subpat {
                Some((_, inner)) => self.read(inner, place, arms),
                // A capital letter begins a constant or a variant, not a binding.
                None if binding.ident.to_string().starts_with(char::is_uppercase) => {}
                None => arms.open.push(place.clone()),
            },
            syn::Pat::Or(either) => either.cases.iter().for_each(|case| self.read(case, place, arms)),
            syn::Pat::Paren(inner) => self.read(&inner.pat, place, arms),
            syn::Pat::Reference(inner) => self.read(&inner.pat, place, arms),
            syn::Pat::Type(inner) => self.read(&inner.pat, place, arms),
            syn::Pat::Guard(guarded) => self.read_guarded(&guarded.pat, place, arms),
            syn::Pat::Path(path) => self.name(&path.path, place, arms),
            syn::Pat::TupleStruct(tuple) => {
                self.name(&tuple.path, place, arms);
                self.items(&tuple.elems, &constructor(&tuple.path), place, arms);
            }
            syn::Pat::Tuple(tuple) => self.items(&tuple.elems, "", place, arms),
            syn::Pat::Slice(slice) => {
                for item in &slice.elems {
                    self.read(item, &within(place, "[]"), arms);
                }
            }
            syn::Pat::Struct(fields) => {
                self.name(&fields.path, place, arms);
                let constructor = constructor(&fields.path);
                for field in &fields.fields {
                    let syn::Member::Named(name) = &field.member else { continue };
                    self.read(&field.pat, &within(place, &format!("{constructor}.{name}")), arms);
                }
                if fields.rest.is_some() {
                    let named = fields.fields.iter().filter_map(|field| match &field.member {
                        syn::Member::Named(name) => Some(name.to_string()),
                        syn::Member::Unnamed(_) => None,
                    });
                    arms.rest.push((place.clone(), constructor, named.collect()));
                }
            }
            _ => {}
        }
    }

    /// A guarded pattern accepts nothing for good: only what it names counts.
    fn read_guarded(&self, pattern: &syn::Pat, place: &Place, arms: &mut Arms) {
        let mut guarded = Arms::default();
        self.read(pattern, place, &mut guarded);
        arms.named.append(&mut guarded.named);
    }

    fn name(&self, path: &syn::Path, place: &Place, arms: &mut Arms) {
        if self.is_variant(path) {
            arms.named.push((place.clone(), constructor(path)));
        }
    }

    /// The items of a tuple, up to a `..`.
    fn items<P>(
        &self,
        items: &syn::punctuated::Punctuated<syn::Pat, P>,
        constructor: &str,
        place: &Place,
        arms: &mut Arms,
    ) {
        for (number, item) in items.iter().enumerate() {
            if let syn::Pat::Rest(_) = item {
                let before = (0..number).map(|number| number.to_string()).collect();
                arms.rest.push((place.clone(), constructor.to_owned(), before));
                break;
            }
            self.read(item, &within(place, &format!("{constructor}.{number}")), arms);
        }
    }
}

/// The inside of a `matches!`.
struct Question {
    subject: syn::Expr,
    pattern: syn::Pat,
    guard: Option<syn::Expr>,
}

fn question(input: syn::parse::ParseStream<'_>) -> syn::Result<Question> {
    let subject = input.parse()?;
    input.parse::<syn::Token![,]>()?;
    let pattern = syn::Pat::parse_multi_with_leading_vert(input)?;
    let guard = if input.peek(syn::Token![if]) {
        input.parse::<syn::Token![if]>()?;
        Some(input.parse()?)
    } else {
        None
    };
    input.parse::<Option<syn::Token![,]>>()?;
    Ok(Question { subject, pattern, guard })
}

fn within(place: &Place, step: &str) -> Place {
    let mut inner = place.clone();
    inner.push(step.to_owned());
    inner
}

/// The name of a variant or structure.
fn constructor(path: &syn::Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

impl Arms {
    /// Whether a catch-all stands at or above a place where a variant is named.
    fn meet(&self) -> bool {
        let named = || self.named.iter().map(|(place, _)| place);
        let open = self.open.iter().any(|open| named().any(|it| it.starts_with(open)));
        let rest = self.rest.iter().any(|(above, constructor, except)| {
            named().filter(|it| it.starts_with(above)).any(|it| {
                let step = it.get(above.len()).and_then(|step| step.split_once('.'));
                step.is_some_and(|(of, field)| of == constructor && except.iter().all(|it| it != field))
            })
        });
        open || rest
    }

    /// Whether it groups several variants at one place.
    fn groups(&self) -> bool {
        self.named.iter().any(|(place, name)| self.named.iter().any(|it| it.0 == *place && it.1 != *name))
    }

    fn of(reader: &Reader, it: &syn::ExprMatch) -> Self {
        let mut arms = Self::default();
        for arm in &it.arms {
            reader.read(&arm.pat, &Place::new(), &mut arms);
        }
        arms
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_use_rename(&mut self, it: &'ast syn::UseRename) {
        if self.names.contains(&it.ident.to_string()) {
            self.names.insert(it.rename.to_string());
        }
    }

    fn visit_item_fn(&mut self, it: &'ast syn::ItemFn) {
        self.functions.push(it.sig.ident.to_string());
        visit::visit_item_fn(self, it);
        self.functions.pop();
    }

    fn visit_impl_item_fn(&mut self, it: &'ast syn::ImplItemFn) {
        self.functions.push(it.sig.ident.to_string());
        visit::visit_impl_item_fn(self, it);
        self.functions.pop();
    }

    fn visit_trait_item_fn(&mut self, it: &'ast syn::TraitItemFn) {
        self.functions.push(it.sig.ident.to_string());
        visit::visit_trait_item_fn(self, it);
        self.functions.pop();
    }

    fn visit_item_impl(&mut self, it: &'ast syn::ItemImpl) {
        let syn::Type::Path(path) = &*it.self_ty else { return visit::visit_item_impl(self, it) };
        let outer = self.own.replace(constructor(&path.path));
        visit::visit_item_impl(self, it);
        self.own = outer;
    }

    fn visit_item_mod(&mut self, it: &'ast syn::ItemMod) {
        let is_test = it.attrs.iter().any(|attr| {
            attr.path().is_ident("cfg") && attr.parse_args::<syn::Path>().is_ok_and(|it| it.is_ident("test"))
        });
        if !is_test {
            visit::visit_item_mod(self, it);
        }
    }

    fn visit_expr_let(&mut self, it: &'ast syn::ExprLet) {
        self.ask(&it.pat);
        visit::visit_expr_let(self, it);
    }

    fn visit_local(&mut self, it: &'ast syn::Local) {
        if it.init.as_ref().is_some_and(|init| init.diverge.is_some()) {
            self.ask(&it.pat);
        }
        visit::visit_local(self, it);
    }

    fn visit_macro(&mut self, it: &'ast syn::Macro) {
        if it.path.is_ident("matches") {
            let asked = it.parse_body_with(question).expect("a `matches!` that compiles");
            self.ask(&asked.pattern);
            Visit::visit_expr(self, &asked.subject);
            if let Some(guard) = &asked.guard {
                Visit::visit_expr(self, guard);
            }
        }
        visit::visit_macro(self, it);
    }

    fn visit_expr_match(&mut self, it: &'ast syn::ExprMatch) {
        if Arms::of(self, it).meet() {
            self.report();
        }
        visit::visit_expr_match(self, it);
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_match_over_statements_effects_and_events_has_a_catch_all() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    for entry in fs::read_dir(root.join("crates")).unwrap() {
        sources(&entry.unwrap().path().join("src"), &mut files);
    }
    files.sort();
    let mut all = Vec::new();
    for file in &files {
        let shown = file.strip_prefix(root).unwrap().display().to_string();
        let text = fs::read_to_string(file).unwrap();
        all.extend(catch_alls(&text).into_iter().map(|function| format!("{shown}: {function}")));
    }
    assert!(
        all.is_empty(),
        "list the variants in a `match` without `_` (one variant alone may be asked for with `if let`):\n{}",
        all.join("\n")
    );
}

/// Reads a planted function body.
fn planted(body: &str) -> Vec<String> {
    catch_alls(&format!("fn planted() {{\n{body}\n}}"))
}

#[test]
fn a_catch_all_is_found_wherever_it_hides() {
    for body in [
        "match it { StatementKind::Action(_) => true, _ => false }",
        "match it { StatementKind::Action(_) => true, other => other.is() }",
        "match it { tree::StatementKind::Run(_) => 1, ref other @ _ => 2 }",
        "match it { Some(Effect::Act(act)) => act, Some(_) | None => return }",
        "match it { Ok(Entry::Own(Own::Begun(it))) => it, Ok(Entry::Own(_)) => 1, Ok(Entry::Event(_)) => 2, Err(_) => 3 }",
        "match (was, now) { (Effect::Now, 1) => true, (_, _) => false }",
        "match it { Event { kind: EventKind::Ended { .. }, .. } => 1, Event { .. } => 2 }",
        "match it { Pair(Effect::Now, ..) => 1, Pair(..) => 2 }",
        "match &it { &Effect::Now => 1, &_ => 2 }",
        "use rbl_runtime::EventKind as K; match it { K::Aborted { .. } => 1, _ => 2 }",
    ] {
        assert_eq!(planted(body), ["planted"], "{body}");
    }
    let inside = "impl Effect {\nfn changes(&self) -> bool {\nmatch self {\nSelf::Act(_) => true,\n_ => false,\n}\n}\n}";
    assert_eq!(catch_alls(inside), ["changes"]);
}

#[test]
fn a_group_outside_a_match_is_found() {
    for body in [
        "let acts = matches!(it, StatementKind::Action(_) | StatementKind::Run(_));",
        "let acts = matches!(&it.kind, Some(Effect::Act(_)) | Some(Effect::Page(_)) if armed);",
        "if let EventKind::Decided(it) | EventKind::Polled { decision: it, .. } = &event.kind { use_it(it) }",
        "let (Effect::Act(_) | Effect::Page(_)) = effect else { return };",
        "while let Some(Own::Begun(_) | Own::Resumed { .. }) = next() {}",
    ] {
        assert_eq!(planted(body), ["planted"], "{body}");
    }
}

#[test]
fn what_lists_the_variants_is_left_alone() {
    for body in [
        "match it { Effect::Act(_) | Effect::Page(_) => true, Effect::Now => false }",
        "match it { Effect::Act(_) if armed => 1, Effect::Act(_) => 2, Effect::Now => 3 }",
        "match it { Ok(Effect::Act(_)) => 1, Ok(Effect::Now) => 2, Err(_) => 3 }",
        "match it { Entry::Own(Own::Begun(it)) => it, Entry::Own(Own::Resumed { .. }) => 1, Entry::Event(_) => 2 }",
        "match it { Event { kind: EventKind::Ended { .. }, depth: 0, .. } => 1, Event { kind: EventKind::Aborted { .. }, .. } => 2 }",
        "match verdict { Verdict::Yes => 1, _ => 2 }",
        "match it { kind @ (Effect::Act(_) | Effect::Now) => kind }",
        "if let Effect::Act(act) = effect { act.run() }",
        "let Effect::Act(act) = effect else { return };",
        "let both = matches!((was, now), (Effect::Act(_), Reply::Acted(_)));",
    ] {
        assert!(planted(body).is_empty(), "{body}");
    }
    let tests = "#[cfg(test)]\nmod tests { fn it() { match it { Effect::Now => 1, _ => 2 } } }";
    assert!(catch_alls(tests).is_empty());
}
