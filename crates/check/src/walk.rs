//! Visits every statement of a tree, and every name that an expression uses.

use rbl_syntax::tree::{
    Action, Arm, Block, Expr, ExprKind, File, Item, Name, Part, PatternKind, Question, Statement,
    StatementKind, Target, Team, Wait,
};

/// Visits every statement of the file, outer ones before inner ones.
pub fn statements<'t>(file: &'t File, visit: &mut dyn FnMut(&'t Statement)) {
    for item in &file.items {
        match item {
            Item::Step(step) => block(&step.body, visit),
            Item::Statement(it) => statement(it, visit),
            Item::Declaration(_) | Item::Test(_) | Item::Background(_) => {}
        }
    }
}

/// Visits every statement of a block.
pub(super) fn block<'t>(it: &'t Block, visit: &mut dyn FnMut(&'t Statement)) {
    for inner in &it.statements {
        statement(inner, visit);
    }
}

/// Visits a statement and every one inside it.
pub fn statement<'t>(it: &'t Statement, visit: &mut dyn FnMut(&'t Statement)) {
    visit(it);
    blocks(it, &mut |inner| block(inner, visit));
}

/// Visits the blocks of a statement, in order.
pub(super) fn blocks<'t>(it: &'t Statement, visit: &mut dyn FnMut(&'t Block)) {
    let arms = |arms: [Option<&'t Arm>; 2], visit: &mut dyn FnMut(&'t Block)| {
        for arm in arms.into_iter().flatten() {
            visit(&arm.block);
        }
    };
    match &it.kind {
        StatementKind::Check(it) => arms([it.otherwise.as_ref(), it.unknown.as_ref()], visit),
        StatementKind::If(it) => {
            it.branches.iter().for_each(|branch| visit(&branch.block));
            arms([it.otherwise.as_ref(), it.unknown.as_ref()], visit);
        }
        StatementKind::Match(it) => {
            it.arms.iter().for_each(|arm| visit(&arm.block));
            arms([it.otherwise.as_ref(), it.unknown.as_ref()], visit);
        }
        StatementKind::Action(it) => {
            it.block.iter().for_each(&mut *visit);
            arms([it.otherwise.as_ref(), None], visit);
        }
        StatementKind::Escalate(it) => arms([it.otherwise.as_ref(), None], visit),
        StatementKind::Wait(Wait::Until { otherwise, unknown, .. }) => {
            arms([otherwise.as_ref(), unknown.as_ref()], visit);
        }
        StatementKind::ForEach(it) => {
            visit(&it.body);
            arms([it.none.as_ref(), it.unknown.as_ref()], visit);
        }
        StatementKind::Repeat(it) => {
            visit(&it.body);
            arms([it.otherwise.as_ref(), it.unknown.as_ref()], visit);
        }
        StatementKind::Run(it) => arms([it.otherwise.as_ref(), None], visit),
        StatementKind::Lock(it) => arms([it.otherwise.as_ref(), None], visit),
        StatementKind::Broken { blocks } => blocks.iter().for_each(visit),
        StatementKind::Wait(Wait::Duration { .. })
        | StatementKind::Prose { .. }
        | StatementKind::Let(_)
        | StatementKind::Record(_)
        | StatementKind::Resolve { .. }
        | StatementKind::Stop { .. } => {}
    }
}

/// Visits an expression and every one inside it, outer ones first.
pub(super) fn expressions<'t>(it: &'t Expr, visit: &mut dyn FnMut(&'t Expr)) {
    visit(it);
    match &it.kind {
        ExprKind::Number { .. }
        | ExprKind::LargeNumber { .. }
        | ExprKind::BadUnit
        | ExprKind::Bool { .. }
        | ExprKind::Now
        | ExprKind::Name(_)
        | ExprKind::Broken => {}
        ExprKind::Text(text) => parts(&text.parts, visit),
        ExprKind::Command { command, host, within, .. } => {
            parts(&command.parts, visit);
            host.iter().chain(within).for_each(|it| expressions(it, visit));
        }
        ExprKind::List { items } => items.iter().for_each(|it| expressions(it, visit)),
        ExprKind::Record { fields } => fields.iter().for_each(|it| expressions(&it.value, visit)),
        ExprKind::Unary { operand, .. } => expressions(operand, visit),
        ExprKind::Binary { left, right, .. } => {
            expressions(left, visit);
            expressions(right, visit);
        }
        ExprKind::Range { low, high } => {
            expressions(low, visit);
            expressions(high, visit);
        }
        ExprKind::Call { args, .. } => args.iter().for_each(|it| expressions(&it.value, visit)),
        ExprKind::Field { of, .. } => expressions(of, visit),
        ExprKind::Index { of, index } => {
            expressions(of, visit);
            expressions(index, visit);
        }
        ExprKind::Ago { of, duration } | ExprKind::Over { of, duration } => {
            expressions(of, visit);
            expressions(duration, visit);
        }
        ExprKind::Question(it) => question(it, visit),
        ExprKind::Ask { question: it, among, .. } => {
            question(it, visit);
            if let Some(among) = among {
                expressions(among, visit);
            }
        }
        ExprKind::Quantified { over, value, .. } => {
            expressions(over, visit);
            expressions(value, visit);
        }
        ExprKind::Held { condition, duration } => {
            expressions(condition, visit);
            expressions(duration, visit);
        }
        ExprKind::Conditional { branches, otherwise } => {
            for branch in branches {
                expressions(&branch.condition, visit);
                expressions(&branch.value, visit);
            }
            expressions(otherwise, visit);
        }
        ExprKind::Comprehension(made) => {
            expressions(&made.over, visit);
            made.filter.iter().for_each(|filter| expressions(filter, visit));
            expressions(&made.value, visit);
        }
        ExprKind::Parenthesized { inner } => expressions(inner, visit),
    }
}

/// Visits every expression in the parts of a text or a command.
pub(super) fn parts<'t>(parts: &'t [Part], visit: &mut dyn FnMut(&'t Expr)) {
    for part in parts {
        if let Part::Value(value) = part {
            expressions(value, visit);
        }
    }
}

/// Visits every expression of a question.
fn question<'t>(it: &'t Question, visit: &mut dyn FnMut(&'t Expr)) {
    parts(&it.prompt.parts, visit);
    team(it.by.as_ref(), visit);
    it.within.iter().chain(&it.showing).for_each(|it| expressions(it, visit));
}

/// Visits every expression that belongs to a statement itself, not to its blocks.
pub(super) fn own_expressions<'t>(it: &'t Statement, visit: &mut dyn FnMut(&'t Expr)) {
    match &it.kind {
        StatementKind::Prose { text } => parts(&text.parts, visit),
        StatementKind::Check(it) => expressions(&it.condition, visit),
        StatementKind::If(it) => it.branches.iter().for_each(|branch| expressions(&branch.condition, visit)),
        StatementKind::Match(it) => {
            expressions(&it.subject, visit);
            for arm in &it.arms {
                match &arm.pattern.kind {
                    PatternKind::Value { value } | PatternKind::Compare { value, .. } => {
                        expressions(value, visit);
                    }
                    PatternKind::Contains { text } => expressions(text, visit),
                    PatternKind::Matches { regex } => expressions(regex, visit),
                }
            }
        }
        StatementKind::Action(it) => {
            for target in targets(it) {
                match target {
                    Target::Prose(text) => parts(&text.parts, visit),
                    Target::Command(command) => parts(&command.parts, visit),
                    Target::Call { args, .. } => args.iter().for_each(|it| expressions(&it.value, visit)),
                }
            }
            team(it.by.as_ref(), visit);
            it.host.iter().chain(&it.within).chain(&it.showing).for_each(|it| expressions(it, visit));
            if let Some(retry) = &it.retry {
                expressions(&retry.times, visit);
                retry.every.iter().for_each(|it| expressions(it, visit));
            }
        }
        StatementKind::Escalate(it) => {
            team(Some(&it.team), visit);
            it.because.iter().chain(&it.acknowledged).for_each(|it| expressions(it, visit));
        }
        StatementKind::Wait(Wait::Duration { duration }) => expressions(duration, visit),
        StatementKind::Wait(Wait::Until { condition, held, within, every, .. }) => {
            expressions(condition, visit);
            [held, within, every].into_iter().flatten().for_each(|it| expressions(it, visit));
        }
        StatementKind::Let(it) => expressions(&it.value, visit),
        StatementKind::Record(it) => {
            expressions(&it.text, visit);
            it.channel.iter().for_each(|it| expressions(it, visit));
        }
        StatementKind::ForEach(it) => {
            expressions(&it.over, visit);
            it.filter.iter().chain(&it.up_to).for_each(|it| expressions(it, visit));
        }
        StatementKind::Repeat(it) => {
            expressions(&it.times, visit);
            it.every.iter().chain(&it.until).for_each(|it| expressions(it, visit));
        }
        StatementKind::Run(it) => it.with.iter().for_each(|it| expressions(&it.value, visit)),
        StatementKind::Lock(it) => {
            expressions(&it.name, visit);
            it.within.iter().for_each(|it| expressions(it, visit));
        }
        StatementKind::Resolve { text } | StatementKind::Stop { text } => {
            if let Some(text) = text {
                expressions(text, visit);
            }
        }
        StatementKind::Broken { .. } => {}
    }
}

/// Visits the names of the defined actions that a statement calls.
pub(super) fn own_actions<'t>(it: &'t Statement, visit: &mut dyn FnMut(&'t Name)) {
    let StatementKind::Action(action) = &it.kind else { return };
    for target in targets(action) {
        if let Target::Call { name, .. } = target {
            visit(name);
        }
    }
}

fn team<'t>(it: Option<&'t Team>, visit: &mut dyn FnMut(&'t Expr)) {
    if let Some(Team::Named(team)) = it {
        expressions(team, visit);
    }
}

/// Returns the name that an expression uses or calls, if it does.
pub(super) fn name_of(it: &Expr) -> Option<&Name> {
    match &it.kind {
        ExprKind::Name(name) | ExprKind::Call { name, .. } => Some(name),
        _ => None,
    }
}

/// Returns the targets of an action: the action itself, and those that clean up after it.
pub(super) fn targets(it: &Action) -> impl Iterator<Item = &Target> {
    std::iter::once(&it.target).chain(&it.finally).chain(&it.undo)
}

/// Whether an expression is `alert.firing`: asked anew like a metric, unlike the other fields of the alert.
pub fn is_firing(it: &Expr) -> bool {
    let ExprKind::Field { of, name } = &it.kind else { return false };
    name.text == "firing" && matches!(&of.bare().kind, ExprKind::Name(of) if of.text == "alert")
}
