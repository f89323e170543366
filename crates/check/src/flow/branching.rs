//! Conditions and their arms in the flow analysis: `check`, `if`, `match`, `wait until`.

use super::forward::{Continuation, Forward, Passed, PathActivity};
use super::judge::Judged;
use super::knowledge::PathFacts;
use super::settled::ConditionRole;
use super::{frozen, gap, redundant_branch, settled, unhandled, unknown_arm};
use rbl_syntax::tree::{Arm, Check, Expr, ExprKind, If, Match, PatternKind, Wait, unknown_arm};

impl<'t> Forward<'_, 't> {
    /// `check COND …`
    pub(super) fn checked(&mut self, it: &'t Check) -> Continuation {
        self.records_check(&it.condition);
        let judged = self.reasoning.judge(&it.condition);
        settled::report(self, &it.condition, &judged, ConditionRole::Check, it.on_unknown());
        unknown_arm::report(self, [&it.condition], it.on_unknown());
        if it.on_unknown().is_none() {
            unhandled::note(self, &it.condition, &judged);
        }
        self.arms(judged, it.otherwise.as_ref(), it.unknown.as_ref())
    }

    /// Continues after a yes, and after the arms for the other verdicts.
    pub(super) fn arms(
        &mut self,
        judged: Judged,
        otherwise: Option<&'t Arm>,
        unknown: Option<&'t Arm>,
    ) -> Continuation {
        let done = self.done.clone();
        let (no, unknown) = self.both_ways(judged.no, judged.unknown, &done, otherwise, unknown);
        let yes = judged.yes.map(|way| Passed { way, done });
        self.merge([yes, no, unknown])
    }

    /// Walks the arms for no and for unknown; `else or unknown` once, from both.
    fn both_ways(
        &mut self,
        no: Option<PathFacts>,
        open: Option<PathFacts>,
        done: &PathActivity,
        otherwise: Option<&'t Arm>,
        unknown: Option<&'t Arm>,
    ) -> (Option<Passed>, Option<Passed>) {
        if otherwise.is_some_and(|arm| arm.both) {
            let way = self.reasoning.knowledge.join_any([no, open]);
            return (self.arm(way, done, otherwise), None);
        }
        (self.arm(no, done, otherwise), self.arm(open, done, unknown))
    }

    /// `if COND {…} …`
    pub(super) fn branches(&mut self, it: &'t If) -> Continuation {
        unknown_arm::report(self, it.branches.iter().map(|branch| &branch.condition), it.on_unknown());
        gap::of_branches(self, it);
        let mut passed = Vec::with_capacity(it.branches.len() + 2);
        let mut unknown = None;
        // The state in which every condition so far was a no.
        let mut so_far = Some(self.reasoning.knowledge.here());
        for (index, branch) in it.branches.iter().enumerate() {
            let Some(way) = so_far.take() else { break };
            self.records_check(&branch.condition);
            let fork = self.reasoning.knowledge.fork();
            self.reasoning.knowledge.go(way.clone());
            let judged = self.reasoning.judge(&branch.condition);
            let last = index + 1 == it.branches.len() && it.otherwise.is_none();
            let role = if index == 0 { ConditionRole::If } else { ConditionRole::ElseIf { last } };
            if it.on_unknown().is_none() {
                unhandled::note(self, &branch.condition, &judged);
            }
            let done = self.done.clone();
            let mut one = self.block(judged.yes.clone(), &done, &branch.block);
            self.reasoning.knowledge.back(&fork);
            if let Some(one) = &mut one {
                one.way = way.then(one.way.clone());
            }
            // After the fork: whether earlier branches decide this one is judged from the knowledge before the `if`.
            if index == 0 {
                settled::report(self, &branch.condition, &judged, role, it.on_unknown());
            } else {
                let earlier = it.branches.iter().take(index).map(|branch| &branch.condition);
                redundant_branch::of_branch(self, &branch.condition, &judged, role, earlier, it.on_unknown());
            }
            passed.push(one);
            let composed = judged.unknown.map(|later| way.then(later));
            unknown = self.reasoning.knowledge.join_any([unknown, composed]);
            so_far = judged.no.map(|later| way.then(later).bounded());
        }
        let done = self.done.clone();
        if it.otherwise.is_none() {
            passed.push(so_far.take().map(|way| Passed { way, done: done.clone() }));
        }
        let (no, unknown) =
            self.both_ways(so_far, unknown, &done, it.otherwise.as_ref(), it.unknown.as_ref());
        passed.extend([no, unknown]);
        self.merge(passed)
    }

    /// `match EXPR {…}`
    pub(super) fn matching(&mut self, it: &'t Match) -> Continuation {
        self.records_check(&it.subject);
        if self.reasoning.asks(&it.subject) {
            self.reasoning.knowledge.forget_readings();
        }
        unknown_arm::of_match(self, it);
        gap::of_match(self, it);
        if it.on_unknown().is_none() && it.menu().is_none() {
            unhandled::note_subject(self, &it.subject);
        }
        let done = self.done.clone();
        let mut passed = Vec::with_capacity(it.arms.len() + 2);
        let here = self.reasoning.knowledge.here();
        let mut so_far = Some(here.clone());
        for (index, arm) in it.arms.iter().enumerate() {
            let Some(way) = so_far.take() else { break };
            let fork = self.reasoning.knowledge.fork();
            self.reasoning.knowledge.go(way.clone());
            let judged = self.pattern(it, index);
            let mut one = self.block(judged.yes.clone(), &done, &arm.block);
            self.reasoning.knowledge.back(&fork);
            if let Some(one) = &mut one {
                one.way = way.then(one.way.clone());
            }
            redundant_branch::of_arm(self, it, index, &judged);
            passed.push(one);
            so_far = judged.no.map(|later| way.then(later).bounded());
        }
        let (no, unknown) =
            self.both_ways(so_far, Some(here), &done, it.otherwise.as_ref(), it.unknown.as_ref());
        passed.extend([no, unknown]);
        self.merge(passed)
    }

    /// Judges whether an arm of a `match` fits.
    pub(super) fn pattern(&mut self, it: &'t Match, index: usize) -> Judged {
        let here = self.reasoning.knowledge.here();
        let open = Judged { yes: Some(here.clone()), no: Some(here.clone()), unknown: Some(here) };
        let Some(arm) = it.arms.get(index) else { return open };
        let span = arm.pattern.span;
        let subject = self.reasoning.operand(&it.subject);
        let judged = match &arm.pattern.kind {
            PatternKind::Contains { .. } | PatternKind::Matches { .. } => None,
            PatternKind::Compare { op, value } => self.reasoning.fits(&it.subject, *op, value, span),
            PatternKind::Value { value } => match self.members(value) {
                Some(set) => self.reasoning.member(&subject, &set, span),
                None => None,
            },
        };
        judged.unwrap_or(open)
    }

    /// Returns the values that a pattern fits, if they are known before the run.
    pub(super) fn members(&self, value: &Expr) -> Option<super::fact::Values> {
        self.reasoning.members(value).or_else(|| {
            let one = self.reasoning.operand(value).values;
            let text = matches!(&value.bare().kind, ExprKind::Text(_) | ExprKind::Name(_));
            (text && matches!(&one, super::fact::Values::Texts(texts) if texts.single().is_some()))
                .then_some(one)
        })
    }

    /// `wait until COND …`
    pub(super) fn waited(&mut self, it: &'t Wait) -> Continuation {
        let Wait::Until { condition, held, otherwise, unknown, .. } = it else { return Continuation::On };
        self.reasoning.knowledge.forget_readings();
        self.records_check(condition);
        let for_unknown = unknown_arm(otherwise, unknown);
        let mut judged = self.reasoning.judge(condition);
        let role = ConditionRole::Wait { held: held.is_some() };
        if self.reasoning.names.never_changes(condition) {
            frozen::report(self, condition, role);
        } else {
            settled::report(self, condition, &judged, role, for_unknown);
        }
        unknown_arm::report(self, [&**condition], for_unknown);
        if for_unknown.is_none() {
            unhandled::note(self, condition, &judged);
        }
        if held.is_some() && judged.yes.is_some() {
            // It may hold when the time is up, but not for long enough.
            judged.no = Some(self.reasoning.knowledge.here());
        }
        self.arms(judged, otherwise.as_ref(), unknown.as_ref())
    }
}
