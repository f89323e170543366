//! Loops, each with a bound: `for each` and `repeat`.

use super::element::LoopElements;
use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::metric::SeriesRead;
use super::{EventKind, Purpose, Shown, Then};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Comprehension, ForEach, Repeat};
use rbl_syntax::value::{Reason, ReasonKind, Value, Verdict};

/// The most elements of a list that is made of another.
const MOST_ELEMENTS: usize = 10_000;

impl<'p> Interpreter<'p, '_> {
    /// `for each NAME in EXPR [where COND] [up to N] {…} [none {…}] [unknown {…}]`
    pub(super) fn for_each(&mut self, span: Span, each: &'p ForEach) -> WalkResult<()> {
        let (over, series) = self.gone_through(&each.over)?;
        let elements = match super::condition::entries(&over) {
            Ok(elements) => elements,
            Err(reason) => return self.undetermined(each, &reason),
        };
        let total = elements.len();
        self.each_of(span, each, of_series(elements, series.as_ref()), total)
    }

    /// What to go through is unknown.
    fn undetermined(&mut self, each: &'p ForEach, reason: &Reason) -> WalkResult<()> {
        let Some(arm) = &each.unknown else {
            let verdict = Verdict::unknown(reason.clone());
            self.judging.trace.clear();
            let what = self.unhandled_unknown(&each.over, &verdict, "a for each");
            return Err(self.unhandled(each.over.span, what));
        };
        self.judging.begin();
        self.judging.tracing = false;
        let verdict = Verdict::unknown(reason.clone());
        self.decided(&each.over, &verdict, |this| this.arm("unknown", Some(arm)));
        self.block(&arm.block)
    }

    fn each_of(
        &mut self,
        span: Span,
        each: &'p ForEach,
        elements: LoopElements,
        total: usize,
    ) -> WalkResult<()> {
        let Some(chosen) = self.filtered(each, elements)? else {
            return each.unknown.as_ref().map_or(Ok(()), |arm| self.block(&arm.block));
        };
        if let Some(up_to) = &each.up_to {
            let limit = match self.whole(up_to)? {
                Ok(limit) => limit,
                Err(reason) => {
                    return Err(self.unhandled(up_to.span, format!("the limit is unknown: {reason}")));
                }
            };
            if chosen.len() > limit as usize {
                let (count, written) = (chosen.len(), self.source_line(each.over.span));
                let what =
                    format!("{count} of `{written}`, more than the limit of {limit}: none was touched");
                return Err(self.unhandled(span, what));
            }
        }
        let passes = count(chosen.len());
        if each.filter.is_some() {
            let left_out = total - chosen.len();
            let written = self.source_line(each.over.span);
            self.note(span, &format!("{passes} of {total} in `{written}` ({left_out} left out by `where`)"));
        }
        self.explain(span, |_| EventKind::LoopStarted {
            name: Some(each.name.text.clone()),
            passes,
            left_out: count(total - chosen.len()),
        });
        for ((item, series), number) in chosen.into_iter().zip(1..) {
            self.pass(span)?;
            self.explain(span, |_| EventKind::Pass { number, of: passes, item: Some(Shown::of(&item)) });
            let scope = self.frame.environment.enter();
            self.frame.environment.define_element(each.name.text.clone(), item, series);
            self.path.push(number);
            let result = self.statements(&each.body.statements);
            self.path.pop();
            self.frame.environment.leave(scope);
            result?;
        }
        self.explain(span, |_| EventKind::LoopEnded { passes, alike: 0 });
        match &each.none {
            Some(arm) if passes == 0 => self.block(&arm.block),
            Some(_) | None => Ok(()),
        }
    }

    /// The elements for which `where` holds. All are checked before the first pass; `None` if it is unknown for one of
    /// them and the `unknown` arm is to be taken.
    fn filtered(&mut self, each: &'p ForEach, elements: LoopElements) -> WalkResult<Option<LoopElements>> {
        let Some(filter) = &each.filter else { return Ok(Some(elements)) };
        let mut chosen = Vec::with_capacity(elements.len());
        for (element, series) in elements {
            let scope = self.frame.environment.enter();
            self.frame.environment.define_element(each.name.text.clone(), element.clone(), series.clone());
            let verdict = self.judge(filter);
            self.frame.environment.leave(scope);
            match verdict? {
                // One line for all of them: the start of the loop says how many were left out.
                Verdict::Yes => chosen.push((element, series)),
                Verdict::No => {}
                // Whether this element has to be touched is unknown, and an unknown result is never treated as success.
                verdict @ Verdict::Unknown(_) => {
                    if let Some(arm) = &each.unknown {
                        self.decided(filter, &verdict, |this| this.arm("unknown", Some(arm)));
                        return Ok(None);
                    }
                    if self.offered_codes(filter).is_some() {
                        self.report_decided(filter, &verdict, |_| Then::Stops);
                    } else {
                        self.decided(filter, &verdict, |_| Then::Stops);
                    }
                    let judged = self.unhandled_unknown(filter, &verdict, "a for each");
                    let what = format!("for {element}: {judged}");
                    return Err(self.unhandled(filter.span, what));
                }
            }
        }
        Ok(Some(chosen))
    }

    /// `[for each NAME in LIST where COND: VALUE]`: one unknown makes all of it unknown.
    pub(super) fn comprehension(&mut self, made: &'p Comprehension) -> WalkResult<Value> {
        let (over, series) = self.gone_through(&made.over)?;
        let elements = match super::condition::entries(&over) {
            Ok(elements) => elements,
            Err(reason) => return Ok(Value::unknown(reason)),
        };
        if elements.len() > MOST_ELEMENTS {
            let text = format!("{} elements, and at most {MOST_ELEMENTS} are gone through", elements.len());
            return Ok(Value::unknown(Reason::new(ReasonKind::NoValue, text)));
        }
        let mut list = Vec::with_capacity(elements.len());
        let mut unknown = None;
        for (element, series) in of_series(elements, series.as_ref()) {
            let scope = self.frame.environment.enter();
            self.frame.environment.define_element(made.name.text.clone(), element, series);
            let value = self.made(made);
            self.frame.environment.leave(scope);
            match value {
                Ok(Some(value @ Value::Unknown(_))) => {
                    unknown = Some(Ok(value));
                    break;
                }
                Ok(value) => list.extend(value),
                Err(exit) => {
                    unknown = Some(Err(exit));
                    break;
                }
            }
        }
        unknown.unwrap_or_else(|| Ok(self.composed(Value::List(list.into()), made.value.span)))
    }

    /// The new element for the one that is bound; `None` if `where` leaves it out.
    fn made(&mut self, made: &'p Comprehension) -> WalkResult<Option<Value>> {
        let tracing = std::mem::replace(&mut self.judging.tracing, false);
        let verdict = made.filter.as_ref().map_or(Ok(Verdict::Yes), |filter| self.verdict(filter));
        self.judging.tracing = tracing;
        Ok(match verdict? {
            Verdict::Yes => Some(self.untraced(&made.value)?),
            Verdict::No => None,
            Verdict::Unknown(reason) => Some(Value::Unknown(reason)),
        })
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
        self.explain(span, |_| EventKind::LoopStarted { name: None, passes, left_out: 0 });
        let (mut last, mut alike) = (Verdict::No, 0);
        for number in 1..=passes {
            self.pass(span)?;
            self.explain(span, |_| EventKind::Pass { number, of: passes, item: None });
            self.path.push(number);
            let result = self.block(&repeat.body);
            self.path.pop();
            result?;
            if let Some(seconds) = every.filter(|seconds| *seconds > 0.0) {
                self.sleep(seconds, Purpose::Repeat)?;
            }
            let left = passes - number;
            if let Some(until) = &repeat.until {
                last = self.judge(until)?;
            }
            if let (Some(until), Verdict::Yes) = (&repeat.until, &last) {
                self.decided(until, &last, |_| Then::GoesOn);
                self.explain(span, |_| EventKind::LoopEnded { passes: number, alike: 0 });
                return Ok(());
            }
            if left > 0 && self.world.passes_are_alike() {
                alike = left;
                break;
            }
            if let (Some(until), 1..) = (&repeat.until, left) {
                self.decided(until, &last, |_| Then::Again);
            }
        }
        self.explain(span, |_| EventKind::LoopEnded { passes: passes - alike, alike });
        let Some(until) = &repeat.until else { return Ok(()) };
        let (name, arm) = match &last {
            Verdict::Unknown(_) => ("unknown", repeat.on_unknown()),
            _ => ("else", repeat.otherwise.as_ref()),
        };
        self.otherwise(until, &last, name, arm, "repeat")
    }
}

/// The elements, each with the series that it stands for.
fn of_series(elements: Vec<Value>, series: Option<&SeriesRead>) -> LoopElements {
    match series {
        Some(series) => series.elements(elements),
        None => elements.into_iter().map(|element| (element, None)).collect(),
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
