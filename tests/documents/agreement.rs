//! How far two runbooks agree: 2·LCS/(a+b) over the kinds of their statements in the order of the text, each with how deep it
//! stands.

use rbl_syntax::source::SourceId;
use rbl_syntax::tree::{Arm, Block, Command, Expr, ExprKind, File, Item, Statement, StatementKind, Target};

/// The kinds of the statements of a runbook, with their depths. A step and an arm of a `match` count too.
pub fn kinds(text: &str) -> Vec<(&'static str, usize)> {
    let parsed = rbl_syntax::parse(SourceId(0), text);
    let mut found = Vec::new();
    of_file(&parsed.file, &mut found);
    found
}

fn of_file(file: &File, found: &mut Vec<(&'static str, usize)>) {
    for item in &file.items {
        match item {
            Item::Step(step) => {
                found.push(("step", 0));
                of_block(&step.body, 1, found);
            }
            Item::Statement(it) => of_statement(it, 0, found),
            Item::Declaration(_) | Item::Test(_) | Item::Background(_) => {}
        }
    }
}

fn of_block(block: &Block, depth: usize, found: &mut Vec<(&'static str, usize)>) {
    block.statements.iter().for_each(|it| of_statement(it, depth, found));
}

fn of_statement(statement: &Statement, depth: usize, found: &mut Vec<(&'static str, usize)>) {
    let arm = |arm: &Option<Arm>, found: &mut Vec<(&'static str, usize)>| {
        if let Some(arm) = arm {
            of_block(&arm.block, depth + 1, found);
        }
    };
    match &statement.kind {
        StatementKind::Prose { .. } => found.push(("prose", depth)),
        StatementKind::Check(it) => {
            found.push(("check", depth));
            arm(&it.otherwise, found);
            arm(&it.unknown, found);
        }
        StatementKind::If(it) => {
            for branch in &it.branches {
                found.push(("if", depth));
                of_block(&branch.block, depth + 1, found);
            }
            arm(&it.otherwise, found);
            arm(&it.unknown, found);
        }
        StatementKind::Match(it) => {
            found.push(("match", depth));
            for one in &it.arms {
                found.push(("arm", depth + 1));
                of_block(&one.block, depth + 2, found);
            }
            arm(&it.otherwise, found);
            arm(&it.unknown, found);
        }
        StatementKind::Action(it) => {
            found.push(("action", depth));
            if let Some(block) = &it.block {
                of_block(block, depth + 1, found);
            }
            arm(&it.otherwise, found);
        }
        StatementKind::Escalate(it) => {
            found.push(("escalate", depth));
            arm(&it.otherwise, found);
        }
        StatementKind::Wait(_) => found.push(("wait", depth)),
        StatementKind::Let(_) => found.push(("let", depth)),
        StatementKind::Record(_) => found.push(("record", depth)),
        StatementKind::ForEach(it) => {
            found.push(("for each", depth));
            of_block(&it.body, depth + 1, found);
        }
        StatementKind::Repeat(it) => {
            found.push(("repeat", depth));
            of_block(&it.body, depth + 1, found);
        }
        StatementKind::Run(_) => found.push(("run", depth)),
        StatementKind::Lock(_) => found.push(("lock", depth)),
        StatementKind::Resolve { .. } => found.push(("resolve", depth)),
        StatementKind::Stop { .. } => found.push(("stop", depth)),
        StatementKind::Broken { .. } => found.push(("broken", depth)),
    }
}

/// 2·LCS/(a+b), from 0 to 1.
pub fn agreement<T: PartialEq>(left: &[T], right: &[T]) -> f64 {
    let mut before = vec![0_usize; right.len() + 1];
    for a in left {
        let mut now = vec![0; right.len() + 1];
        for (n, b) in right.iter().enumerate() {
            now[n + 1] = if a == b { before[n] + 1 } else { before[n + 1].max(now[n]) };
        }
        before = now;
    }
    let all = left.len() + right.len();
    if all == 0 { 1.0 } else { 2.0 * before[right.len()] as f64 / all as f64 }
}

/// The commands in the text of a runbook that are evidence or give a value.
pub fn commands(text: &str) -> Vec<Command> {
    let mut found = Vec::new();
    walk(text, &mut |kind| match kind {
        StatementKind::Action(it) => found.extend(it.showing.iter().filter_map(command)),
        StatementKind::Check(it) => found.extend(shown(&it.condition)),
        StatementKind::Let(it) => found.extend(command(&it.value)),
        _ => {}
    });
    found
}

/// The commands that the runbook runs as actions.
pub fn run_commands(text: &str) -> Vec<Command> {
    let mut found = Vec::new();
    walk(text, &mut |kind| {
        if let StatementKind::Action(it) = kind
            && let Target::Command(command) = &it.target
        {
            found.push(command.clone());
        }
    });
    found
}

fn shown(condition: &Expr) -> Vec<Command> {
    match &condition.kind {
        ExprKind::Question(it) => it.showing.iter().filter_map(command).collect(),
        _ => Vec::new(),
    }
}

fn command(expr: &Expr) -> Option<Command> {
    match &expr.kind {
        ExprKind::Command { command, .. } => Some(command.clone()),
        _ => None,
    }
}

/// Calls `visit` with every statement of a text.
fn walk(text: &str, visit: &mut dyn FnMut(&StatementKind)) {
    let parsed = rbl_syntax::parse(SourceId(0), text);
    for item in &parsed.file.items {
        match item {
            Item::Step(step) => walk_block(&step.body, visit),
            Item::Statement(it) => walk_statement(it, visit),
            Item::Declaration(_) | Item::Test(_) | Item::Background(_) => {}
        }
    }
}

fn walk_block(block: &Block, visit: &mut dyn FnMut(&StatementKind)) {
    block.statements.iter().for_each(|it| walk_statement(it, visit));
}

fn walk_statement(statement: &Statement, visit: &mut dyn FnMut(&StatementKind)) {
    visit(&statement.kind);
    match &statement.kind {
        StatementKind::If(it) => {
            it.branches.iter().for_each(|it| walk_block(&it.block, visit));
            it.otherwise.iter().for_each(|it| walk_block(&it.block, visit));
        }
        StatementKind::Match(it) => it.arms.iter().for_each(|it| walk_block(&it.block, visit)),
        _ => {}
    }
}
