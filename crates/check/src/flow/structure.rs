//! Compares two parts of a runbook regardless of position: fingerprints of their structure, without the spans.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem::discriminant;

use rbl_syntax::tree::{
    Action, Arg, Arm, Block, Expr, ExprKind, Name, Part, Pattern, PatternKind, Question, Statement,
    StatementKind, Target, Team, Wait,
};

/// Returns the meaning of a name as a number; `None` for something that may differ at each use.
pub(super) type ResolveName<'a> = &'a dyn Fn(&Name) -> Option<u64>;

/// Returns the fingerprint of a block.
pub(super) fn of_block(it: &Block) -> u64 {
    let mut print = Print { hasher: DefaultHasher::new(), resolve: None, constant: true };
    print.block(it);
    print.hasher.finish()
}

/// Returns the fingerprint of an expression that has the same value at each use while readings are kept; `None` for one
/// that may not: a command, a question, the time.
pub(super) fn of_value(it: &Expr, resolve: ResolveName<'_>) -> Option<u64> {
    let mut print = Print { hasher: DefaultHasher::new(), resolve: Some(resolve), constant: true };
    print.expr(it);
    print.constant.then(|| print.hasher.finish())
}

struct Print<'a> {
    hasher: DefaultHasher,
    resolve: Option<ResolveName<'a>>,
    constant: bool,
}

impl Print<'_> {
    fn add(&mut self, it: impl Hash) {
        it.hash(&mut self.hasher);
    }

    fn name(&mut self, it: &Name) {
        match self.resolve {
            None => self.add(&it.text),
            Some(resolve) => match resolve(it) {
                Some(thing) => self.add(thing),
                None => self.constant = false,
            },
        }
    }

    fn exprs<'e>(&mut self, all: impl IntoIterator<Item = &'e Expr>) {
        for it in all {
            self.expr(it);
        }
        self.add("end");
    }

    fn args(&mut self, args: &[Arg]) {
        for arg in args {
            self.add(arg.name.as_ref().map(|name| &name.text));
            self.expr(&arg.value);
        }
        self.add(args.len());
    }

    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Literal { text, .. } => self.add(text),
                Part::Value(value) => self.expr(value),
            }
        }
        self.add(parts.len());
    }

    fn question(&mut self, it: &Question) {
        self.constant = false;
        self.parts(&it.prompt.parts);
        self.team(it.by.as_ref());
        self.exprs(&it.within);
        self.exprs(&it.showing);
    }

    fn team(&mut self, it: Option<&Team>) {
        match it {
            None => self.add(0),
            Some(Team::Owner { .. }) => self.add(1),
            Some(Team::Named(team)) => self.expr(team),
        }
    }

    fn expr(&mut self, it: &Expr) {
        let it = it.bare();
        self.add(discriminant(&it.kind));
        match &it.kind {
            ExprKind::Number { value, unit, .. } => {
                self.add(unit.dimension());
                self.add((value * unit.factor()).to_bits());
            }
            ExprKind::LargeNumber { digits } => self.add(digits),
            ExprKind::BadUnit | ExprKind::Broken | ExprKind::Now => self.constant = false,
            ExprKind::Text(text) => self.parts(&text.parts),
            ExprKind::Command { command, host, within, no_on } => {
                self.constant = false;
                for code in no_on {
                    self.add(code.code);
                }
                self.parts(&command.parts);
                self.exprs(host.as_deref());
                self.exprs(within.as_deref());
            }
            ExprKind::Bool { value } => self.add(value),
            ExprKind::Name(name) => self.name(name),
            ExprKind::List { items } => self.exprs(items),
            ExprKind::Record { fields } => {
                for field in fields {
                    self.add(&field.name.text);
                    self.expr(&field.value);
                }
                self.add(fields.len());
            }
            ExprKind::Unary { op, operand } => {
                self.add(discriminant(op));
                self.expr(operand);
            }
            ExprKind::Binary { op, left, right, .. } => {
                self.add(discriminant(op));
                self.exprs([&**left, right]);
            }
            ExprKind::Range { low, high } => self.exprs([&**low, high]),
            ExprKind::Call { name, args } => {
                self.name(name);
                self.args(args);
            }
            ExprKind::Field { of, name } => {
                self.expr(of);
                self.add(&name.text);
            }
            ExprKind::Index { of, index } => self.exprs([&**of, index]),
            ExprKind::Ago { of, duration } | ExprKind::Over { of, duration } => {
                self.exprs([&**of, duration]);
            }
            ExprKind::Question(question) => self.question(question),
            ExprKind::Ask { secret, question, among } => {
                self.add(secret);
                self.question(question);
                self.exprs(among.as_deref());
            }
            ExprKind::Quantified { quantifier, over, op, value, .. } => {
                self.add(discriminant(quantifier));
                self.add(discriminant(op));
                self.exprs([&**over, value]);
            }
            ExprKind::Held { condition, duration } => self.exprs([&**condition, duration]),
            ExprKind::Conditional { branches, otherwise } => {
                for branch in branches {
                    self.exprs([&branch.condition, &branch.value]);
                }
                self.expr(otherwise);
            }
            ExprKind::Comprehension(made) => {
                self.constant = false;
                self.add(&made.name.text);
                self.expr(&made.over);
                self.exprs(&made.filter);
                self.expr(&made.value);
            }
            ExprKind::Parenthesized { inner } => self.expr(inner),
        }
    }

    fn block(&mut self, it: &Block) {
        for statement in &it.statements {
            self.statement(statement);
        }
        self.add(it.statements.len());
    }

    fn arm(&mut self, it: Option<&Arm>) {
        self.add(it.is_some());
        if let Some(arm) = it {
            self.block(&arm.block);
        }
    }

    fn target(&mut self, it: &Target) {
        self.add(discriminant(it));
        match it {
            Target::Prose(text) => self.parts(&text.parts),
            Target::Command(command) => self.parts(&command.parts),
            Target::Call { name, args, .. } => {
                self.name(name);
                self.args(args);
            }
        }
    }

    fn action(&mut self, it: &Action) {
        self.target(&it.target);
        for targets in [&it.finally, &it.undo] {
            self.add(targets.len());
            for target in targets {
                self.target(target);
            }
        }
        self.add(it.block.is_some());
        it.block.iter().for_each(|block| self.block(block));
        self.exprs(&it.host);
        self.team(it.by.as_ref());
        self.exprs(&it.within);
        self.add(it.retry.is_some());
        if let Some(retry) = &it.retry {
            self.expr(&retry.times);
            self.exprs(&retry.every);
        }
        self.add(it.name.as_ref().map(|name| &name.text));
        self.exprs(&it.showing);
        self.arm(it.otherwise.as_ref());
    }

    fn pattern(&mut self, it: &Pattern) {
        self.add(discriminant(&it.kind));
        match &it.kind {
            PatternKind::Value { value: it }
            | PatternKind::Contains { text: it }
            | PatternKind::Matches { regex: it } => self.expr(it),
            PatternKind::Compare { op, value } => {
                self.add(discriminant(op));
                self.expr(value);
            }
        }
    }

    fn statement(&mut self, it: &Statement) {
        self.add(discriminant(&it.kind));
        match &it.kind {
            StatementKind::Prose { text } => self.parts(&text.parts),
            StatementKind::Check(it) => {
                self.expr(&it.condition);
                self.arm(it.otherwise.as_ref());
                self.arm(it.unknown.as_ref());
            }
            StatementKind::If(it) => {
                for branch in &it.branches {
                    self.expr(&branch.condition);
                    self.block(&branch.block);
                }
                self.arm(it.otherwise.as_ref());
                self.arm(it.unknown.as_ref());
            }
            StatementKind::Match(it) => {
                self.expr(&it.subject);
                for arm in &it.arms {
                    self.pattern(&arm.pattern);
                    self.block(&arm.block);
                }
                self.arm(it.otherwise.as_ref());
                self.arm(it.unknown.as_ref());
            }
            StatementKind::Action(it) => self.action(it),
            StatementKind::Escalate(it) => {
                self.team(Some(&it.team));
                self.exprs(&it.because);
                self.exprs(&it.acknowledged);
                self.arm(it.otherwise.as_ref());
            }
            StatementKind::Wait(Wait::Duration { duration }) => self.expr(duration),
            StatementKind::Wait(Wait::Until { condition, held, within, every, otherwise, unknown }) => {
                self.expr(condition);
                for part in [held, within, every] {
                    self.exprs(part.as_deref());
                }
                self.arm(otherwise.as_ref());
                self.arm(unknown.as_ref());
            }
            StatementKind::Let(it) => {
                self.add(&it.name.text);
                self.expr(&it.value);
            }
            StatementKind::Record(it) => {
                self.expr(&it.text);
                self.exprs(&it.channel);
            }
            StatementKind::ForEach(it) => {
                self.add(&it.name.text);
                self.expr(&it.over);
                self.exprs(&it.filter);
                self.exprs(&it.up_to);
                self.block(&it.body);
                self.arm(it.none.as_ref());
                self.arm(it.unknown.as_ref());
            }
            StatementKind::Repeat(it) => {
                self.expr(&it.times);
                self.exprs(&it.every);
                self.exprs(&it.until);
                self.block(&it.body);
                self.arm(it.otherwise.as_ref());
                self.arm(it.unknown.as_ref());
            }
            StatementKind::Run(it) => {
                self.parts(&it.file.parts);
                self.args(&it.with);
                self.arm(it.otherwise.as_ref());
            }
            StatementKind::Lock(it) => {
                self.expr(&it.name);
                self.exprs(&it.within);
                self.arm(it.otherwise.as_ref());
            }
            StatementKind::Resolve { text } | StatementKind::Stop { text } => self.exprs(text),
            StatementKind::Broken { .. } => self.add(it.span),
        }
    }
}
