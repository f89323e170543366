//! [`Excerpts`]: the part of a runbook that decides whether one changed item of its body is right. Checking that part takes
//! as long for a long runbook as for a short one.
//!
//! *Why it is enough:* the runbook as written has no errors. A change inside one item of the body can only make an error
//! in that item, in an item that uses a name which the changed statement binds, or in a test. So the excerpt has the
//! changed item, those that use such a name, and everything that they name, directly or indirectly. What is left out of
//! the body is replaced by one text, so that what came before or after something still does.

use std::collections::{BTreeSet, HashMap, HashSet};

use rbl_check::walk;
use rbl_syntax::source::{Source, Span};
use rbl_syntax::tree::{Declaration, File, Item, Statement, StatementKind};

use super::mutant::{Mutant, applied_within};

/// A statement in the place of those that are left out.
const LEFT_OUT: &str = "\"left out\"\n";

/// The items of a runbook, and which of them each one needs.
#[derive(Debug)]
pub(super) struct Excerpts {
    items: Vec<ExcerptItem>,
    /// Those that are always needed.
    headers: Vec<usize>,
    /// How many of them are of the body.
    bodies: usize,
    /// The items that declare or bind a name at the top level.
    declared: HashMap<String, Vec<usize>>,
    /// The items that use a word.
    used: HashMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct ExcerptItem {
    span: Span,
    kind: ItemKind,
    /// The words in it: a superset of the names that it uses.
    words: HashSet<String>,
    /// The names that it binds for what comes after it.
    binds: Vec<String>,
    /// The statements directly in it, and whether each binds a name.
    direct: Vec<(Span, Option<String>)>,
    /// Whether it runs another runbook.
    runs: bool,
}

/// What an item of a file is for the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ItemKind {
    /// A declaration without a name: the header, the owner, what is imported. Always needed.
    Header,
    /// A declaration with a name, or a `let` before the body.
    Named,
    /// A step or a statement of the body; its index among them.
    Body(usize),
}

/// The text to check in place of a whole runbook.
#[derive(Debug)]
pub(super) struct MutantExcerpt {
    /// The text.
    pub(super) text: String,
    /// The changed item among the items of the whole body.
    pub(super) item: usize,
    /// The same item among those of the excerpt's body, as far as something is left of it.
    pub(super) at: usize,
    /// How many items the excerpt's body has if nothing is left of the changed one.
    pub(super) others: usize,
}

impl Excerpts {
    /// Reads the items of a runbook's file.
    pub(super) fn of(source: &Source, file: &File) -> Self {
        let mut items = Vec::new();
        let mut begun = false;
        let mut body = 0..;
        for item in &file.items {
            let (span, kind, binds, direct, runs) = match item {
                Item::Test(_) | Item::Background(_) => continue,
                Item::Declaration(it) => {
                    let name = declared_name(it);
                    let kind = if name.is_some() { ItemKind::Named } else { ItemKind::Header };
                    (it.span(), kind, name.into_iter().collect(), Vec::new(), false)
                }
                Item::Statement(it) => {
                    begun |= it.kind.begins_body();
                    let bound = bound(it);
                    let kind = if let (StatementKind::Let(_), false) = (&it.kind, begun) {
                        ItemKind::Named
                    } else {
                        ItemKind::Body(body.next().unwrap_or_default())
                    };
                    let binds = bound.iter().cloned().collect();
                    (it.span, kind, binds, vec![(it.span, bound)], runs(it))
                }
                Item::Step(it) => {
                    begun = true;
                    let direct: Vec<(Span, Option<String>)> =
                        it.body.statements.iter().map(|it| (it.span, bound(it))).collect();
                    let binds = direct.iter().filter_map(|(_, name)| name.clone()).collect();
                    let runs = it.body.statements.iter().any(runs);
                    (it.span, ItemKind::Body(body.next().unwrap_or_default()), binds, direct, runs)
                }
            };
            let words = words(source.slice(span));
            items.push(ExcerptItem { span, kind, words, binds, direct, runs });
        }
        let (mut declared, mut used) =
            (HashMap::<String, Vec<usize>>::new(), HashMap::<_, Vec<usize>>::new());
        for (index, item) in items.iter().enumerate() {
            for name in &item.binds {
                declared.entry(name.clone()).or_default().push(index);
            }
            for word in &item.words {
                used.entry(word.clone()).or_default().push(index);
            }
        }
        let headers = items.iter().enumerate().filter(|(_, item)| item.kind == ItemKind::Header);
        let headers = headers.map(|(index, _)| index).collect();
        let bodies = items.iter().filter(|item| matches!(item.kind, ItemKind::Body(_))).count();
        Self { items, headers, bodies, declared, used }
    }

    /// The excerpt for a mutant; `None` where only the whole runbook shows whether it is right: the change is in a
    /// declaration, or in an item that runs another runbook, or there is nothing else.
    pub(super) fn of_mutant(&self, text: &str, mutant: &Mutant) -> Option<MutantExcerpt> {
        let (at, of_all) = self.changed(mutant)?;
        let needed = self.needed(at, &self.rebound(at, mutant));
        self.written(text, mutant, &needed, (at, of_all))
    }

    /// How many bytes have to be checked for each of these mutants of a text of this length.
    pub(super) fn lengths(&self, whole: usize, mutants: &[Mutant]) -> Vec<usize> {
        // Most mutants of an item need the same others.
        let mut known: HashMap<(usize, Vec<&str>), usize> = HashMap::new();
        let headers: usize = self.headers.iter().map(|index| self.length(*index)).sum();
        let of_mutant = |mutant: &Mutant| {
            let (at, _) = self.changed(mutant)?;
            let rebound = self.rebound(at, mutant);
            if let Some(length) = known.get(&(at, rebound.clone())) {
                return Some(*length);
            }
            let needed = self.needed(at, &rebound);
            let length = headers + needed.into_iter().map(|index| self.length(index)).sum::<usize>();
            known.insert((at, rebound), length);
            Some(length)
        };
        mutants.iter().map(of_mutant).map(|length| length.unwrap_or(whole)).collect()
    }

    fn length(&self, index: usize) -> usize {
        self.items.get(index).map_or(0, |item| item.span.range().len())
    }

    /// The item that a mutant changes, and its number among those of the body.
    fn changed(&self, mutant: &Mutant) -> Option<(usize, usize)> {
        let changed = mutant.statement?;
        let first = mutant.edits.first()?.span;
        let at = self.items.partition_point(|item| item.span.end <= first.start);
        let item = self.items.get(at)?;
        let ItemKind::Body(of_all) = item.kind else { return None };
        let within = mutant.edits.iter().all(|edit| item.span.contains(edit.span));
        let is_alone = within && item.span.contains(changed) && !item.runs && self.bodies >= 2;
        is_alone.then_some((at, of_all))
    }

    /// The names whose meaning a mutant of this item may change: those that its changed statement binds.
    fn rebound(&self, at: usize, mutant: &Mutant) -> Vec<&str> {
        let (Some(item), Some(changed)) = (self.items.get(at), mutant.statement) else { return Vec::new() };
        let direct = item.direct.iter().filter(|(span, _)| span.contains(changed));
        direct.filter_map(|(_, name)| name.as_deref()).collect()
    }

    /// The items that are checked for a change in this one: itself, those that use such a name, and all that they name.
    fn needed(&self, at: usize, rebound: &[&str]) -> BTreeSet<usize> {
        let mut needed: BTreeSet<usize> = BTreeSet::from([at]);
        let mut waiting = vec![at];
        let users = rebound.iter().filter_map(|name| self.used.get(*name)).flatten().copied();
        waiting.extend(users.filter(|it| needed.insert(*it)));
        while let Some(index) = waiting.pop() {
            let words = self.items.get(index).into_iter().flat_map(|item| &item.words);
            let items = words.filter_map(|word| self.declared.get(word)).flatten();
            waiting.extend(items.copied().filter(|it| needed.insert(*it)));
        }
        needed
    }

    fn written(
        &self,
        text: &str,
        mutant: &Mutant,
        needed: &BTreeSet<usize>,
        (changed, of_all): (usize, usize),
    ) -> Option<MutantExcerpt> {
        let mut excerpt = MutantExcerpt { text: String::new(), item: of_all, at: 0, others: 0 };
        let mut next_body = 0;
        let mut filled = |excerpt: &mut MutantExcerpt, index: usize| {
            if index > next_body {
                excerpt.text.push_str(LEFT_OUT);
                excerpt.others += 1;
            }
            next_body = index + 1;
        };
        for index in self.headers.iter().chain(needed).copied().collect::<BTreeSet<usize>>() {
            let item = self.items.get(index)?;
            if let ItemKind::Body(body) = item.kind {
                filled(&mut excerpt, body);
                if index == changed {
                    excerpt.at = excerpt.others;
                } else {
                    excerpt.others += 1;
                }
            }
            if index == changed {
                excerpt.text.push_str(&applied_within(&mutant.edits, text, item.span));
            } else {
                excerpt.text.push_str(text.get(item.span.range())?);
            }
            excerpt.text.push('\n');
        }
        filled(&mut excerpt, self.bodies);
        Some(excerpt)
    }
}

fn declared_name(it: &Declaration) -> Option<String> {
    let name = match it {
        Declaration::Param(it) => &it.name,
        Declaration::Secret(it) => &it.name,
        Declaration::Metric(it) => &it.name,
        Declaration::Define(it) => &it.name,
        Declaration::Probe(it) => &it.name,
        Declaration::Let(it) => &it.name,
        Declaration::Runbook(_)
        | Declaration::About(_)
        | Declaration::Tests(_)
        | Declaration::Trigger(_)
        | Declaration::Owner(_)
        | Declaration::Severity(_)
        | Declaration::Timezone(_)
        | Declaration::Link(_)
        | Declaration::Use(_)
        | Declaration::Limit(_) => return None,
    };
    Some(name.text.to_string())
}

/// The name that a statement binds for the statements after it.
fn bound(it: &Statement) -> Option<String> {
    // Known only within the loop.
    if matches!(it.kind, StatementKind::ForEach(_)) {
        return None;
    }
    it.kind.bound_name().map(|name| name.text.to_string())
}

fn runs(it: &Statement) -> bool {
    let mut found = false;
    walk::statement(it, &mut |inner| found |= matches!(inner.kind, StatementKind::Run(_)));
    found
}

/// Every word of a text that could be a name; also those in texts and commands, which may be values.
fn words(text: &str) -> HashSet<String> {
    let ascii = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let words = text.split(|it: char| !(it.is_alphanumeric() || it == '_'));
    // A mark that belongs to a letter may stand alone.
    let marked = text.split(|it: char| it.is_ascii() && !ascii(it));
    words.chain(marked).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
