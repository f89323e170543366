//! A document that `rbl export` made is read back: it becomes the runbook it was made from, comments aside.
//!
//! *Why line by line:* such a document is no prose. Its marks say what each item is, and its texts are kept as they are. One that
//! says more than a draft can (a loop, a limit, another runbook), or that somebody has rewritten, is read like any other document.

use super::assemble::named;
use super::query::known_unit;
use super::translator::walk;
use crate::draft::{
    DraftCondition, DraftEvidence, DraftIf, DraftKind, DraftMetric, DraftPart, DraftRunbook, DraftStatement,
    SourceLines,
};
use crate::export::inline::{explained, plain};
use crate::export::{ABOUT, ABOUT_END, MADE_BY, STEPS};
use crate::import::report::TakenLines;

/// An item of a checklist with what stands below it.
#[derive(Debug, Default)]
struct CopiedItem {
    /// From 1.
    line: usize,
    last: usize,
    text: String,
    /// Commands, in a block of their own.
    command: Option<String>,
    below: Vec<CopiedItem>,
}

/// Reads a document that `rbl export` made. `None`: it is none, or says more than a draft can.
pub(super) fn copied(text: &str) -> Option<(DraftRunbook, Vec<TakenLines>)> {
    let lines: Vec<&str> = text.lines().collect();
    if !lines.first()?.starts_with(MADE_BY) {
        return None;
    }
    let steps = lines.iter().position(|it| *it == STEPS)?;
    let mut draft = header(lines.get(..steps)?)?;
    draft.parts = parts(&lines, steps + 1, &draft)?;
    let values = lets(&draft.parts);
    draft.values.extend(values);
    let mut taken = vec![TakenLines::new(1, steps + 1, "runbook", &draft.title)];
    walk(&draft.parts, &mut |it, _| {
        let (to, text) = named(it);
        taken.push(TakenLines::new(it.lines.first, it.lines.last, to, text));
    });
    Some((draft, taken))
}

/// What stands above the steps.
fn header(lines: &[&str]) -> Option<DraftRunbook> {
    let mut draft = DraftRunbook::default();
    let mut lines = lines.iter().skip(1).copied();
    let mut part = "";
    while let Some(line) = lines.next() {
        if line == ABOUT {
            let about: Vec<&str> = lines.by_ref().take_while(|it| *it != ABOUT_END).collect();
            explained(&about.join("\n")).trim().clone_into(&mut draft.about);
            continue;
        }
        if line.is_empty() {
            continue;
        }
        if let Some(title) = line.strip_prefix("# ") {
            draft.title = plain(title);
            continue;
        }
        if let Some(heading) = line.strip_prefix("**").and_then(|it| it.strip_suffix("**")) {
            part = heading;
            continue;
        }
        let fact = line.strip_prefix("- ")?;
        match part {
            "" => {
                if let Some(owner) = fact.strip_prefix("**Owner:** ") {
                    draft.owner = Some(plain(owner));
                } else if let Some(severity) = fact.strip_prefix("**Severity:** ") {
                    draft.severity = Some(plain(severity));
                } else {
                    let names = plain(fact.strip_prefix("**Starts:** the alert ")?);
                    if names.contains(", where ") {
                        return None;
                    }
                    draft.alerts = names.split(", ").map(str::to_owned).collect();
                }
            }
            "Links" => {
                draft.links.push(link(fact)?);
            }
            "To fill in" => {
                let name = fact.strip_prefix("`<")?.strip_suffix(">`")?;
                draft.values.push((format!("<{name}>"), name.to_owned()));
                draft.params.push(name.to_owned());
            }
            "What the steps name" => {
                let declared = fact.strip_prefix('`')?.strip_suffix("`: from prometheus")?;
                let mut query = Vec::new();
                let mut inside = false;
                let mut fence = String::new();
                for line in lines.by_ref() {
                    match line.trim() {
                        line if !inside && line.ends_with("promql") => {
                            inside = true;
                            line.trim_end_matches("promql").clone_into(&mut fence);
                        }
                        line if inside && line == fence => break,
                        _ if inside => query.push(line.strip_prefix("  ").unwrap_or(line)),
                        _ => {}
                    }
                }
                draft.metrics.push(metric(declared, query.join("\n"))?);
            }
            _ => return None,
        }
    }
    (!draft.title.is_empty()).then_some(draft)
}

/// `lag by host in seconds`
fn metric(declared: &str, query: String) -> Option<DraftMetric> {
    let (declared, unit) = match declared.rsplit_once(" in ") {
        Some((before, unit)) => (before, Some(known_unit(unit)?)),
        None => (declared, None),
    };
    let (name, by) = declared.split_once(" by ").unwrap_or((declared, ""));
    let by = by.split(", ").filter(|it| !it.is_empty()).map(str::to_owned).collect();
    Some(DraftMetric { name: name.to_owned(), by, unit, query, open: Vec::new() })
}

/// The steps, and the statements outside of one.
fn parts(lines: &[&str], from: usize, draft: &DraftRunbook) -> Option<Vec<DraftPart>> {
    let mut parts = Vec::new();
    let mut at = from;
    let mut title: Option<String> = None;
    while at < lines.len() {
        let (items, next) = items(lines, at, 0)?;
        let statements: Vec<DraftStatement> = statements(items, draft)?;
        match title.take() {
            Some(title) => parts.push(DraftPart::Step { title, statements }),
            None => parts.extend(statements.into_iter().map(DraftPart::Bare)),
        }
        let Some(line) = lines.get(next) else { break };
        if let Some(heading) = line.strip_prefix("## ") {
            title = Some(plain(heading));
        } else if *line != "---" {
            return None;
        }
        at = next + 1;
    }
    if let Some(title) = title {
        parts.push(DraftPart::Step { title, statements: Vec::new() });
    }
    Some(parts)
}

/// The items at this depth from a line on, and the line behind them.
fn items(lines: &[&str], from: usize, depth: usize) -> Option<(Vec<CopiedItem>, usize)> {
    let margin = "  ".repeat(depth);
    let inner = "  ".repeat(depth + 1);
    let mut found: Vec<CopiedItem> = Vec::new();
    let mut at = from;
    while let Some(line) = lines.get(at) {
        if line.is_empty() {
            at += 1;
            continue;
        }
        let Some(first) = line.strip_prefix(margin.as_str()).and_then(|it| it.strip_prefix("- ")) else {
            break;
        };
        let mut item =
            CopiedItem { line: at + 1, last: at + 1, text: first.to_owned(), ..CopiedItem::default() };
        at += 1;
        // More lines of the first paragraph.
        while let Some(line) = lines.get(at).and_then(|it| it.strip_prefix(inner.as_str())) {
            if line.is_empty()
                || line.starts_with([' ', '`', '~']) && is_fence(line)
                || line.starts_with("- ")
            {
                break;
            }
            item.text.push('\n');
            item.text.push_str(line);
            item.last = at + 1;
            at += 1;
        }
        item.text = plain(&item.text);
        // A block of its own.
        let blank = lines.get(at).is_some_and(|it| it.is_empty());
        let fence = lines.get(at + usize::from(blank)).and_then(|it| it.strip_prefix(inner.as_str()));
        if let Some(fence) = fence.filter(|it| is_fence(it)) {
            let ticks: String = fence.chars().take_while(|c| *c == '`').collect();
            let language = fence.get(ticks.len()..)?.to_owned();
            let begins = at + usize::from(blank) + 1;
            let close = format!("{inner}{ticks}");
            let length = lines.get(begins..)?.iter().position(|it| *it == close)?;
            let body: Vec<&str> = lines
                .get(begins..begins + length)?
                .iter()
                .map(|it| it.strip_prefix(inner.as_str()).unwrap_or(it.trim_start()))
                .collect();
            let body = body.join("\n");
            if language == "sh" {
                item.command = Some(body);
            } else {
                item.text.push_str(if blank { "\n\n" } else { "\n" });
                item.text.push_str(&body);
            }
            at = begins + length + 1;
            item.last = at;
        }
        let (below, next) = items(lines, at, depth + 1)?;
        item.last = below.last().map_or(item.last, |it| it.last);
        item.below = below;
        at = next;
        found.push(item);
    }
    Some((found, at))
}

fn is_fence(line: &str) -> bool {
    let ticks = line.chars().take_while(|c| *c == '`').count();
    ticks >= 3 && ["sh", "text"].contains(&line.get(ticks..).unwrap_or_default())
}

/// `[name](address)`, or a name and an address that is shown as code.
fn link(fact: &str) -> Option<(String, String)> {
    let Some((name, address)) =
        fact.strip_prefix('[').and_then(|it| it.strip_suffix(')')).and_then(|it| it.rsplit_once("]("))
    else {
        let (name, address) = fact.rsplit_once(": `")?;
        return Some((plain(name), address.strip_suffix('`')?.to_owned()));
    };
    let address = match address.strip_prefix('<').and_then(|it| it.strip_suffix('>')) {
        Some(inner) => plain(&inner.replace("\\>", ">")),
        None => address.to_owned(),
    };
    Some((plain(name), address))
}

fn statements(items: Vec<CopiedItem>, draft: &DraftRunbook) -> Option<Vec<DraftStatement>> {
    let mut out: Vec<DraftStatement> = Vec::new();
    for item in items {
        let lines = SourceLines { first: item.line, last: item.last };
        if let Some((label, condition)) = item.text.strip_prefix("**").and_then(|it| it.split_once(":**")) {
            let condition = condition.trim_start();
            let body = |item: CopiedItem| statements(item.below, draft);
            match label {
                "If" => {
                    let condition = self::condition(condition, draft);
                    let branches = vec![(condition, body(item)?)];
                    let it = DraftIf { branches, otherwise: None, is_open: false };
                    out.push(DraftStatement::new(lines, DraftKind::If(it)));
                    continue;
                }
                "Otherwise, if" | "Otherwise" => {
                    let DraftKind::If(before) = &mut out.last_mut()?.kind else { return None };
                    if label == "Otherwise" {
                        before.otherwise = Some(body(item)?);
                    } else {
                        before.branches.push((self::condition(condition, draft), body(item)?));
                    }
                    continue;
                }
                _ => {}
            }
        }
        out.push(DraftStatement::new(lines, statement(item, draft)?));
    }
    Some(out)
}

fn statement(item: CopiedItem, draft: &DraftRunbook) -> Option<DraftKind> {
    if let Some(question) = item.text.strip_prefix("**Which?** ") {
        let arms = item.below.into_iter().map(|arm| {
            let name = arm.text.strip_prefix("**")?.strip_suffix(":**")?.to_owned();
            if ["Anything else", "If that is unknown"].contains(&name.as_str()) {
                return None;
            }
            Some((name, statements(arm.below, draft)?))
        });
        let arms = arms.collect::<Option<Vec<_>>>()?;
        return Some(DraftKind::Match { question: question.to_owned(), arms });
    }
    if let Some(text) = item.text.strip_prefix("**Done**") {
        return Some(DraftKind::Resolve { text: text.strip_prefix(": ")?.to_owned() });
    }
    let Some(task) = item.text.strip_prefix("[ ] ") else {
        let says_more = item.text.starts_with("**For each**") || item.text.starts_with("**Repeat**");
        return (item.below.is_empty() && item.command.is_none() && !says_more)
            .then_some(DraftKind::Prose(item.text));
    };
    if let Some(command) = item.command {
        if let Some(name) =
            task.strip_prefix("Note as `").and_then(|it| it.strip_suffix("` what this prints:"))
        {
            return Some(DraftKind::Let { name: name.to_owned(), command });
        }
        return (task == "Run:" && item.below.is_empty()).then_some(DraftKind::Command { command });
    }
    if let Some(question) = task.strip_prefix("**Check:** ") {
        let (showing, rest) = shown(item.below)?;
        let question = condition(question, draft);
        return match rest {
            None => Some(DraftKind::Check { question, showing }),
            Some(body) if showing.is_empty() => {
                let otherwise = Some(statements(body, draft)?);
                let branches = vec![(question, Vec::new())];
                Some(DraftKind::If(DraftIf { branches, otherwise, is_open: false }))
            }
            Some(_) => None,
        };
    }
    if let Some(duration) = task.strip_prefix("**Wait** ") {
        return Some(DraftKind::Pause { duration: duration.to_owned() });
    }
    if let Some(rest) = task.strip_prefix("**Wait until** (at most ") {
        let (within, question) = rest.split_once("): ")?;
        let (question, held) = match question.rsplit_once(" without a break for ") {
            Some((question, held)) => (question, Some(held.to_owned())),
            None => (question, None),
        };
        let (showing, rest) = shown(item.below)?;
        if rest.is_some() || !showing.is_empty() {
            return None;
        }
        return Some(DraftKind::WaitUntil {
            condition: condition(question, draft),
            held,
            within: within.to_owned(),
        });
    }
    if let Some(rest) = task.strip_prefix("**Page ") {
        let (team, rest) = rest.split_once("**")?;
        let (acknowledged, rest) = match rest.strip_prefix(" (somebody has to answer within ") {
            Some(rest) => rest.split_once(')').map(|(it, rest)| (Some(it.to_owned()), rest))?,
            None => (None, rest),
        };
        let because = rest.strip_prefix(": ")?.to_owned();
        let (showing, rest) = shown(item.below)?;
        return (showing.is_empty() && rest.is_none()).then(|| DraftKind::Escalate {
            team: team.to_owned(),
            because,
            acknowledged,
        });
    }
    if ["**Record**", "**Follow** ", "**Make sure** ", "Note as `", "Run ("]
        .iter()
        .any(|it| task.starts_with(it))
    {
        return None;
    }
    let (showing, rest) = shown(item.below)?;
    rest.is_none().then(|| DraftKind::Instruct { text: task.to_owned(), showing })
}

/// What is shown below an item, and what is done if the answer is no. `None`: something else stands there.
fn shown(below: Vec<CopiedItem>) -> Option<(Vec<DraftEvidence>, Option<Vec<CopiedItem>>)> {
    let mut showing = Vec::new();
    let mut otherwise = None;
    for item in below {
        if item.text == "Look at:" {
            showing.push(DraftEvidence::Command(item.command?));
        } else if let Some(name) = item.text.strip_prefix("Look at: `") {
            showing.push(DraftEvidence::Metric(name.strip_suffix('`')?.to_owned()));
        } else if item.text == "**If not:**" {
            otherwise = Some(item.below);
        } else if !(item.text.starts_with('*') && item.text.ends_with('*') && !item.text.starts_with("**")) {
            return None;
        }
    }
    Some((showing, otherwise))
}

/// A comparison of a metric with a value is one again; anything else is asked.
fn condition(text: &str, draft: &DraftRunbook) -> DraftCondition {
    let words = [
        (" is at least ", ">="),
        (" is at most ", "<="),
        (" is above ", ">"),
        (" is below ", "<"),
        (" is not ", "!="),
        (" is ", "=="),
    ];
    let (every, rest) = text.strip_prefix("every ").map_or(("", text), |rest| ("every ", rest));
    for (word, op) in words {
        if let Some((name, value)) = rest.split_once(word)
            && draft.metrics.iter().any(|it| it.name == name)
            && value.starts_with(|c: char| c.is_ascii_digit())
            && value.chars().all(|c| c.is_ascii_alphanumeric() || ".%/".contains(c))
        {
            return DraftCondition::Expression(format!("{every}{name} {op} {value}"));
        }
    }
    DraftCondition::Question(text.to_owned())
}

/// The names that steps give, as commands spell them.
fn lets(parts: &[DraftPart]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(parts, &mut |it, _| {
        if let DraftKind::Let { name, .. } = &it.kind {
            found.push((format!("<{name}.text>"), format!("{name}.text")));
        }
    });
    found
}
