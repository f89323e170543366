//! Loops, each with a bound: `for each` and `repeat`.

use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::{EventKind, Purpose, Shown, Then};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{ForEach, Repeat};
use rbl_syntax::value::{Value, Verdict};

impl<'p> Interpreter<'p, '_> {
    /// `for each NAME in EXPR [where COND] [up to N] {…}`
    pub(super) fn for_each(&mut self, span: Span, each: &'p ForEach) -> WalkResult<()> {
        let over = self.untraced(&each.over)?;
        let written = self.source_line(each.over.span);
        let elements = match super::condition::elements(&over) {
            Ok(elements) => elements,
            Err(reason) => {
                let what = format!("`{written}` is unknown ({reason}), and a for each has no `unknown`");
                return Err(self.unhandled(each.over.span, what));
            }
        };
        let total = elements.len();
        let chosen = self.filtered(each, elements)?;
        if let Some(up_to) = &each.up_to {
            let limit = match self.whole(up_to)? {
                Ok(limit) => limit,
                Err(reason) => {
                    return Err(self.unhandled(up_to.span, format!("the limit is unknown: {reason}")));
                }
            };
            if chosen.len() > limit as usize {
                let count = chosen.len();
                let what =
                    format!("{count} of `{written}`, more than the limit of {limit}: none was touched");
                return Err(self.unhandled(span, what));
            }
        }
        let passes = count(chosen.len());
        self.report(span, |_| EventKind::LoopStarted {
            name: Some(each.name.text.clone()),
            passes,
            left_out: count(total - chosen.len()),
        });
        for (item, number) in chosen.into_iter().zip(1..) {
            self.report(span, |_| EventKind::Pass { number, of: passes, item: Some(Shown::of(&item)) });
            let scope = self.frame.environment.enter();
            self.frame.environment.define(each.name.text.clone(), item);
            self.path.push(number);
            let result = self.statements(&each.body.statements);
            self.path.pop();
            self.frame.environment.leave(scope);
            result?;
        }
        self.report(span, |_| EventKind::LoopEnded { passes });
        Ok(())
    }

    /// The elements for which `where` holds. All are checked before the first pass.
    fn filtered(&mut self, each: &'p ForEach, elements: Vec<Value>) -> WalkResult<Vec<Value>> {
        let Some(filter) = &each.filter else { return Ok(elements) };
        let mut chosen = Vec::with_capacity(elements.len());
        for element in elements {
            let scope = self.frame.environment.enter();
            self.frame.environment.define(each.name.text.clone(), element.clone());
            let verdict = self.judge(filter);
            self.frame.environment.leave(scope);
            match verdict? {
                Verdict::Yes => {
                    self.decided(filter, &Verdict::Yes, |_| Then::GoesOn);
                    chosen.push(element);
                }
                Verdict::No => self.decided(filter, &Verdict::No, |_| Then::Again),
                // Whether this element has to be touched is unknown, and an unknown result is never treated as success.
                verdict @ Verdict::Unknown(_) => {
                    self.decided(filter, &verdict, |_| Then::Stops);
                    let judged = self.judged(filter, &verdict);
                    let what = format!("for {element}: {judged}, and a for each has no `unknown`");
                    return Err(self.unhandled(filter.span, what));
                }
            }
        }
        Ok(chosen)
    }

    /// `repeat up to N times [every D] [until COND] {…} [else {…}] [unknown {…}]`
    pub(super) fn repeat(&mut self, span: Span, repeat: &'p Repeat) -> WalkResult<()> {
        let passes = match self.whole(&repeat.times)? {
            Ok(passes) => passes,
            Err(reason) => {
                return Err(self.unhandled(repeat.times.span, format!("the limit is unknown: {reason}")));
            }
        };
        let every = repeat.every.as_ref().map(|expr| self.needed_seconds(span, expr)).transpose()?;
        self.report(span, |_| EventKind::LoopStarted { name: None, passes, left_out: 0 });
        let mut last = Verdict::No;
        for number in 1..=passes {
            self.report(span, |_| EventKind::Pass { number, of: passes, item: None });
            self.path.push(number);
            let result = self.block(&repeat.body);
            self.path.pop();
            result?;
            if let Some(seconds) = every.filter(|seconds| *seconds > 0.0) {
                self.sleep(seconds, Purpose::Repeat)?;
            }
            let Some(until) = &repeat.until else { continue };
            last = self.judge(until)?;
            if last == Verdict::Yes {
                self.decided(until, &last, |_| Then::GoesOn);
                self.report(span, |_| EventKind::LoopEnded { passes: number });
                return Ok(());
            }
            if number < passes {
                self.decided(until, &last, |_| Then::Again);
            }
        }
        self.report(span, |_| EventKind::LoopEnded { passes });
        let Some(until) = &repeat.until else { return Ok(()) };
        let (name, arm) = match &last {
            Verdict::Unknown(_) => ("unknown", repeat.unknown.as_ref()),
            _ => ("else", repeat.otherwise.as_ref()),
        };
        self.otherwise(until, &last, name, arm, "repeat")
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
