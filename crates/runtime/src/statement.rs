//! Executes statements.

use super::ArmName;
use super::exit::{EarlyExit, EarlyExitKind, WalkResult};
use super::interpreter::Interpreter;
use super::observer::StatementPosition;
use super::{EventKind, Shown, Then};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Arm, Block, Check, Expr, If, Let, Statement, StatementKind};
use rbl_syntax::value::{Reason, ReasonKind, Value, Verdict};

impl<'p> Interpreter<'p, '_> {
    /// Runs a block in its own scope.
    pub(super) fn block(&mut self, block: &'p Block) -> WalkResult<()> {
        let scope = self.frame.environment.enter();
        let result = self.statements(&block.statements);
        self.frame.environment.leave(scope);
        result
    }

    /// Runs statements in order.
    pub(super) fn statements(&mut self, statements: &'p [Statement]) -> WalkResult<()> {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    /// Runs one statement, its arms included.
    pub(super) fn statement(&mut self, statement: &'p Statement) -> WalkResult<()> {
        self.judging.forget_answers();
        self.budget.begin_evaluation();
        self.pass(statement.span)?;
        let (place, depth) = (self.place(statement.span), self.depth);
        self.observer.statement(&StatementPosition { place, depth, environment: &self.frame.environment });
        let outer = std::mem::replace(&mut self.here, place);
        let result = self.execute(statement);
        self.here = outer;
        result
    }

    fn execute(&mut self, statement: &'p Statement) -> WalkResult<()> {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Prose { text } => {
                let text = self.text(text)?;
                if self.wants_details {
                    self.note(span, &text);
                    self.explain(span, |_| EventKind::Prose { text });
                } else {
                    self.story.at(self.place(span), text);
                }
                Ok(())
            }
            StatementKind::Check(check) => self.check(check),
            StatementKind::If(it) => self.branch(it),
            StatementKind::Match(it) => self.matching(span, it),
            StatementKind::Action(action) => self.action(span, action),
            StatementKind::Escalate(escalate) => self.escalate(span, escalate),
            StatementKind::Wait(wait) => self.wait(span, wait),
            StatementKind::Let(it) => self.let_value(span, it),
            StatementKind::Record(record) => self.record(span, record),
            StatementKind::ForEach(each) => self.for_each(span, each),
            StatementKind::Repeat(repeat) => self.repeat(span, repeat),
            StatementKind::Run(run) => self.run_other(span, run),
            StatementKind::Lock(lock) => self.lock(span, lock),
            StatementKind::Resolve { text } => {
                let text = self.optional_text(text.as_ref())?;
                self.note(span, text.as_deref().unwrap_or("resolved"));
                self.report(span, |_| EventKind::Resolved { text: text.clone() });
                Err(EarlyExit::new(EarlyExitKind::Resolved(text)))
            }
            StatementKind::Stop { text } => {
                let text = self.optional_text(text.as_ref())?;
                self.note(span, text.as_deref().unwrap_or("stopped"));
                self.report(span, |_| EventKind::Stopped { text: text.clone() });
                Err(EarlyExit::new(EarlyExitKind::Stopped(text)))
            }
            StatementKind::Broken { .. } => {
                Err(self.unhandled(span, "this statement could not be read".into()))
            }
        }
    }

    /// `check COND [else {…}] [unknown {…}]`
    fn check(&mut self, check: &'p Check) -> WalkResult<()> {
        let verdict = self.judge(&check.condition)?;
        match &verdict {
            Verdict::Yes => {
                self.decided(&check.condition, &verdict, |_| Then::GoesOn);
                Ok(())
            }
            Verdict::No => {
                self.otherwise(&check.condition, &verdict, "else", check.otherwise.as_ref(), "check")
            }
            Verdict::Unknown(_) => {
                self.otherwise(&check.condition, &verdict, "unknown", check.on_unknown(), "check")
            }
        }
    }

    /// `if COND {…} [else if COND {…}]… [else {…}] [unknown {…}]`
    fn branch(&mut self, it: &'p If) -> WalkResult<()> {
        let last = it.branches.len().saturating_sub(1);
        for (index, branch) in it.branches.iter().enumerate() {
            let verdict = self.judge(&branch.condition)?;
            match &verdict {
                Verdict::Yes => {
                    self.decided(&branch.condition, &verdict, |this| Then::Arm {
                        arm: ArmName::Then,
                        line: this.line(branch.block.span),
                    });
                    return self.block(&branch.block);
                }
                Verdict::No if index < last => self.decided(&branch.condition, &verdict, |_| Then::Again),
                Verdict::No => {
                    let Some(arm) = &it.otherwise else {
                        self.decided(&branch.condition, &verdict, |_| Then::GoesOn);
                        return Ok(());
                    };
                    return self.otherwise(&branch.condition, &verdict, "else", Some(arm), "if");
                }
                Verdict::Unknown(_) => {
                    return self.otherwise(&branch.condition, &verdict, "unknown", it.on_unknown(), "if");
                }
            }
        }
        Ok(())
    }

    /// Runs the arm for no or unknown; where it is missing, nothing handles the verdict and the run stops.
    pub(super) fn otherwise(
        &mut self,
        condition: &'p Expr,
        verdict: &Verdict,
        name: &str,
        arm: Option<&'p Arm>,
        statement: &str,
    ) -> WalkResult<()> {
        if let Some(arm) = arm {
            self.note_decided(condition, verdict);
            // A `check` that says no has failed; an `if` has only chosen.
            let neutral = matches!(statement, "if" | "match");
            self.report_decision(condition, verdict, neutral, |this| this.arm(name, Some(arm)));
            return self.block(&arm.block);
        }
        let unknown = matches!(verdict, Verdict::Unknown(_));
        if unknown && self.offered_codes(condition).is_some() {
            // The page says it once: the story needs no second line about it.
            self.report_decided(condition, verdict, |_| Then::Stops);
        } else {
            self.decided(condition, verdict, |_| Then::Stops);
        }
        let what = if unknown {
            self.unhandled_unknown(condition, verdict, &format!("the {statement}"))
        } else {
            format!("{}, and the {statement} has no `{name}`", self.judged(condition, verdict))
        };
        Err(self.unhandled(condition.span, what))
    }

    /// `let NAME = EXPR`
    pub(super) fn let_value(&mut self, span: Span, it: &'p Let) -> WalkResult<()> {
        let value = self.value(&it.value)?;
        let value = self.kept(value, it.value.span);
        let name = &it.name.text;
        self.frame.environment.define(name.clone(), value.clone());
        self.story.value(name, &value);
        self.explain(span, |_| EventKind::Let { name: name.clone(), value: Shown::of(&value) });
        Ok(())
    }

    /// The optional text of `resolve` and `stop`.
    fn optional_text(&mut self, text: Option<&'p Expr>) -> WalkResult<Option<String>> {
        text.map(|expr| self.untraced(expr).map(|value| value.to_string())).transpose()
    }

    /// A whole number that is not negative (`retry N`, `up to N`); the inner error says why it is unknown.
    pub(super) fn whole(&mut self, expr: &'p Expr) -> WalkResult<Result<u32, Reason>> {
        let value = self.untraced(expr)?;
        Ok(match value {
            Value::Unknown(reason) => Err(self.not_known(expr, &reason)),
            value => match value.quantity() {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // held within the bounds
                Some(quantity) => Ok(quantity.base.floor().clamp(0.0, f64::from(u32::MAX)) as u32),
                None if value.is_too_large() => Err(Reason::too_large()),
                None => Err(Reason::new(ReasonKind::Unreadable, format!("`{value}` is no number"))),
            },
        })
    }
}
