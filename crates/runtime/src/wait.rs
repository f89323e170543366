//! Waiting: for a time, and until a condition holds.

use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::{Effect, EventKind, Purpose, Sleep, Then, WaitProgress};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Arm, Expr, Wait, unknown_arm};
use rbl_syntax::value::Verdict;

/// The clauses of a `wait until`.
struct WaitUntil<'p> {
    condition: &'p Expr,
    /// Seconds the condition must hold.
    held: Option<f64>,
    /// Time limit in seconds.
    within: f64,
    /// Seconds between two polls.
    every: f64,
    otherwise: Option<&'p Arm>,
    unknown: Option<&'p Arm>,
}

/// The times of one poll, in seconds.
struct Poll {
    /// Since the wait began.
    elapsed: f64,
    /// Until its deadline.
    left: f64,
    /// For which the condition has held.
    held: f64,
    /// Whether the wait is over.
    over: bool,
}

impl<'p> Interpreter<'p, '_> {
    /// `wait D`, `wait until COND …`
    pub(super) fn wait(&mut self, span: Span, wait: &'p Wait) -> WalkResult<()> {
        match wait {
            Wait::Duration { duration } => {
                let seconds = self.needed_seconds(span, duration)?;
                self.explain(span, |_| EventKind::Waiting {
                    condition: None,
                    within: seconds,
                    every: None,
                    held: None,
                });
                self.sleep(seconds, Purpose::Wait)?;
                self.story.waited(self.place(span), seconds);
                self.explain(span, |_| EventKind::WaitEnded {
                    condition: None,
                    verdict: Verdict::Yes,
                    elapsed: seconds,
                    then: Then::GoesOn,
                });
                Ok(())
            }
            Wait::Until { condition, held, within, every, otherwise, unknown } => {
                let held = held.as_deref().map(|expr| self.needed_seconds(span, expr)).transpose()?;
                let within = within.as_deref().map(|expr| self.needed_seconds(span, expr)).transpose()?;
                let every = every.as_deref().map(|expr| self.needed_seconds(span, expr)).transpose()?;
                self.wait_until(
                    span,
                    &WaitUntil {
                        condition,
                        held,
                        // Every `wait until` has a limit: the check made sure of it.
                        within: within.unwrap_or(0.0),
                        every: every.unwrap_or(self.limits.poll).max(MIN_POLL),
                        otherwise: otherwise.as_ref(),
                        unknown: unknown_arm(otherwise, unknown),
                    },
                )
            }
        }
    }

    fn wait_until(&mut self, span: Span, until: &WaitUntil<'p>) -> WalkResult<()> {
        self.explain(span, |this| EventKind::Waiting {
            condition: Some(this.source_line(until.condition.span)),
            within: until.within,
            every: Some(until.every),
            held: until.held,
        });
        self.world.at(self.here, &self.path);
        let mut progress = match self.world.waited() {
            Some(earlier) => self.pause(until.condition, earlier)?,
            None => WaitProgress {
                began: self.clock()?,
                held_since: None,
                polls: 0,
                verdict: Verdict::No,
                readings: String::new(),
                pause: 0.0,
                left: until.within,
            },
        };
        let start = progress.began;
        let mut holds_since = progress.held_since;
        let mut left = (progress.left - progress.pause).max(0.0);
        let (verdict, elapsed) = loop {
            self.forget_readings();
            // The last poll happens at the deadline; what it asks still gets a moment.
            let patience = self.patience.replace(left.max(until.every));
            let verdict = self.judge(until.condition);
            self.patience = patience;
            let verdict = verdict?;
            let now = self.clock()?;
            let elapsed = match (now, start) {
                (Some(now), Some(start)) => now.since(start).base,
                _ => until.within,
            };
            left = (until.within - elapsed).max(0.0);
            holds_since = if verdict == Verdict::Yes { holds_since.or(now) } else { None };
            let held = match (holds_since, now) {
                (Some(since), Some(now)) => now.since(since).base,
                _ => 0.0,
            };
            let reached = verdict == Verdict::Yes && until.held.is_none_or(|wanted| held >= wanted - 1e-9);
            let over = reached || left <= 0.0;
            self.report_poll(span, until, &verdict, &Poll { elapsed, left, held, over });
            if over {
                let verdict = match verdict {
                    Verdict::Yes if !reached => Verdict::No,
                    verdict => verdict,
                };
                break (verdict, elapsed);
            }
            let mut pause = until.every.min(left);
            if let (Some(wanted), Verdict::Yes) = (until.held, &verdict) {
                pause = pause.min((wanted - held).max(MIN_POLL));
            }
            let readings = if self.world.shows_polls() { self.last_values(&verdict) } else { String::new() };
            progress = WaitProgress {
                began: start,
                held_since: holds_since,
                polls: progress.polls.saturating_add(1),
                verdict,
                readings,
                pause,
                left,
            };
            self.world.at(self.here, &self.path);
            self.world.polled(&progress);
            progress = self.pause(until.condition, progress)?;
            left = (progress.left - progress.pause).max(0.0);
        };
        // The readings of the last poll stay cached: a message after the wait shows what decided.
        self.wait_over(span, until, &verdict, elapsed)
    }

    /// Lets the time until the next poll pass; returns how far the wait is then.
    fn pause(&mut self, condition: &Expr, progress: WaitProgress) -> WalkResult<WaitProgress> {
        let condition = if self.world.shows_polls() { self.shown(condition) } else { String::new() };
        let (last, left) = (progress.readings.clone(), progress.left);
        self.sleep(progress.pause, Purpose::Poll { condition, last, left })?;
        Ok(self.world.slept().unwrap_or(progress))
    }

    fn report_poll(&mut self, span: Span, until: &WaitUntil<'p>, verdict: &Verdict, poll: &Poll) {
        let Poll { elapsed, left, held, over } = *poll;
        if !over && !self.wants_looks {
            if self.wants {
                self.observer.polled();
            }
        } else if self.wants_details {
            let then = if over { Then::GoesOn } else { Then::Again };
            let decision = self.decision(until.condition, verdict, then);
            let held = until.held.map(|_| held);
            self.report(span, |_| EventKind::Polled { decision, elapsed, left, held });
        }
    }

    fn wait_over(
        &mut self,
        span: Span,
        until: &WaitUntil<'p>,
        verdict: &Verdict,
        elapsed: f64,
    ) -> WalkResult<()> {
        let (name, arm) = match verdict {
            Verdict::Yes => ("", None),
            Verdict::No => ("else", until.otherwise),
            Verdict::Unknown(_) => ("unknown", until.unknown),
        };
        // A page that offers exit codes says it once.
        let unknown = matches!(verdict, Verdict::Unknown(_));
        if !unknown || arm.is_some() || self.offered_codes(until.condition).is_none() {
            self.note_decided(until.condition, verdict);
        }
        self.explain(span, |this| EventKind::WaitEnded {
            condition: Some(this.shown(until.condition)),
            verdict: verdict.clone(),
            elapsed,
            then: if *verdict == Verdict::Yes { Then::GoesOn } else { this.arm(name, arm) },
        });
        match (verdict, arm) {
            (Verdict::Yes, _) => Ok(()),
            (_, Some(arm)) => self.block(&arm.block),
            (Verdict::No, None) => {
                let condition = self.quoted_code(until.condition);
                let within = rbl_syntax::value::Quantity::seconds(until.within);
                let values = self.last_values(verdict);
                let what = format!(
                    "{condition} was not reached within {within} ({values}), and the wait has no `else`"
                );
                Err(self.unhandled(span, what))
            }
            (Verdict::Unknown(_), None) => {
                let what = self.unhandled_unknown(until.condition, verdict, "the wait");
                Err(self.unhandled(span, what))
            }
        }
    }

    /// `p99 = 812ms`, or the verdict where nothing was measured.
    pub(super) fn last_values(&self, verdict: &Verdict) -> String {
        let sources = self.program.sources();
        let values = super::operand_trace::all_words(&self.judging.trace, verdict, sources);
        if values.is_empty() { super::story::verdict_word(verdict) } else { values.join(", ") }
    }

    /// Lets time pass and drops the cached readings.
    pub(super) fn sleep(&mut self, seconds: f64, purpose: Purpose) -> WalkResult<()> {
        self.perform(&Effect::Sleep(Sleep { seconds, purpose }))?;
        self.forget_readings();
        Ok(())
    }

    /// A duration that has to be known; the run stops where it is unknown.
    pub(super) fn needed_seconds(&mut self, span: Span, expr: &'p Expr) -> WalkResult<f64> {
        match self.seconds(expr)? {
            Ok(seconds) => Ok(seconds),
            Err(reason) => Err(self.unhandled(span, format!("the duration is unknown: {reason}"))),
        }
    }
}

/// The shortest interval between two polls, so that `every 0s` does not query providers without a pause.
const MIN_POLL: f64 = rbl_check::Limits::SHORTEST_POLL;
