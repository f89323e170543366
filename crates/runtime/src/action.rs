//! Actions: runs a command, an instruction or an executor, with retries, and registers its `finally` and `undo`.

use std::sync::Arc;

use super::cleanup::Registered;
use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::metric::other_kind;
use super::target::Prepared;
use super::{Act, ActTarget, Acted, ActionRole, Effect, EventKind, Evidence, Purpose, Reply, Sleep, Then};
use rbl_syntax::source::Span;
use rbl_syntax::tree::Action;
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind, Value};

/// Where an action runs and how often it is tried.
#[derive(Debug, Clone)]
pub(super) struct Manner {
    pub(super) host: Option<String>,
    pub(super) by: Option<String>,
    /// Time limit of one try, in seconds.
    pub(super) within: f64,
    /// The number of tries.
    pub(super) tries: u32,
    /// Seconds between two tries.
    pub(super) every: f64,
    pub(super) role: ActionRole,
    pub(super) showing: Vec<Evidence>,
}

impl<'p> Interpreter<'p, '_> {
    /// `action TARGET …`
    pub(super) fn action(&mut self, span: Span, action: &'p Action) -> WalkResult<()> {
        let target = action.target.span();
        let key = self.key(span);
        let result = match self.ready(action)? {
            // Nothing was started, so no `finally` or `undo` is registered either.
            Err(reason) => {
                let reason = Reason::new(ReasonKind::NotRun, format!("not done: {reason}"));
                let title = self.source_line(target);
                let then = self.arm("else", action.otherwise.as_ref());
                self.note(target, &format!("{title} was {reason}"));
                self.report(target, |_| EventKind::ActionEnded {
                    title: title.clone(),
                    key: key.clone(),
                    role: ActionRole::Action,
                    failure: Some(reason.clone()),
                    output: CommandOutput::default(),
                    by: None,
                    remark: None,
                    attempt: 0,
                    then: Some(then),
                });
                if let Some(name) = &action.name {
                    self.frame.environment.define(name.text.clone(), Value::unknown(reason.clone()));
                }
                Err((title, reason))
            }
            Ok(Ready { prepared, manner, promises }) => {
                self.frame.cleanup.extend(promises);
                let then = self.arm("else", action.otherwise.as_ref());
                let acted = self.act(target, &prepared, &manner, &key, &then)?;
                if let Some(name) = &action.name {
                    self.frame.environment.define(name.text.clone(), result_value(&prepared, &acted));
                }
                acted.result.map_err(|reason| (prepared.title, reason))
            }
        };
        match (result, &action.otherwise) {
            (Ok(()), _) => Ok(()),
            (Err(_), Some(arm)) => self.block(&arm.block),
            (Err((title, reason)), None) => {
                let what = format!("the action `{title}` failed ({reason}), and it has no `else`");
                Err(self.unhandled(target, what))
            }
        }
    }

    /// Prepares everything an action needs before it starts; the inner error says which value is unknown.
    fn ready(&mut self, action: &'p Action) -> WalkResult<Result<Ready, Reason>> {
        let prepared = match self.prepare(&action.target)? {
            Ok(prepared) => prepared,
            Err(reason) => return Ok(Err(reason)),
        };
        let host = match self.host(action.host.as_ref())? {
            Ok(host) => host,
            Err(reason) => return Ok(Err(reason)),
        };
        let by = match &action.by {
            None => None,
            Some(team) => match self.team(team)? {
                Ok(team) => Some(team),
                Err(reason) => return Ok(Err(reason)),
            },
        };
        let within = match &action.within {
            None if prepared.is_instruction() => self.limits.person,
            None => self.limits.action,
            Some(within) => match self.seconds(within)? {
                Ok(seconds) => seconds,
                Err(reason) => return Ok(Err(reason)),
            },
        };
        let (mut tries, mut every) = (1, self.limits.retry);
        if let Some(retry) = &action.retry {
            match self.whole(&retry.times)? {
                Ok(times) => tries = times.saturating_add(1),
                Err(reason) => return Ok(Err(reason)),
            }
            if let Some(expr) = &retry.every {
                match self.seconds(expr)? {
                    Ok(seconds) => every = seconds,
                    Err(reason) => return Ok(Err(reason)),
                }
            }
        }
        let mut promises = Vec::new();
        // In reverse order: the last one registered runs first, so `undo` runs before `finally`.
        for (role, target) in
            [(ActionRole::Finally, action.finally.as_ref()), (ActionRole::Undo, action.undo.as_ref())]
        {
            let Some(target) = target else { continue };
            // Filled in now, so that the cleanup refers to what this action did, whatever the names mean later.
            match self.prepare(target)? {
                Ok(prepared) => {
                    let span = target.span();
                    let within =
                        if prepared.is_instruction() { self.limits.person } else { self.limits.action };
                    let key = self.key(span);
                    let host = host.clone();
                    promises.push(Registered {
                        role,
                        prepared,
                        host,
                        within,
                        span,
                        source: self.frame.source,
                        key,
                    });
                }
                Err(reason) => return Ok(Err(reason)),
            }
        }
        let showing = self.evidence(&action.showing)?;
        let manner = Manner { host, by, within, tries, every, role: ActionRole::Action, showing };
        Ok(Ok(Ready { prepared, manner, promises }))
    }

    /// Performs the action, and retries it while it fails and retries are left.
    pub(super) fn act(
        &mut self,
        span: Span,
        prepared: &Prepared,
        manner: &Manner,
        key: &str,
        otherwise: &Then,
    ) -> WalkResult<Acted> {
        let mut act = Act {
            target: prepared.target.clone(),
            title: prepared.title.clone(),
            call: prepared.call.clone(),
            host: manner.host.clone(),
            by: manner.by.clone(),
            within: manner.within,
            key: key.to_owned(),
            attempt: 1,
            tries: manner.tries,
            showing: manner.showing.clone(),
            links: self.frame.links.to_vec(),
        };
        loop {
            let attempt = act.attempt;
            self.report(span, |_| EventKind::ActionStarted {
                title: act.title.clone(),
                key: act.key.clone(),
                role: manner.role,
                host: act.host.clone(),
                by: act.by.clone(),
                within: act.within,
                attempt,
                of: manner.tries,
            });
            self.story.line(format!("{}: {}", role_words(manner.role), act.title));
            let reply = self.perform(&Effect::Act(act.clone()))?;
            self.forget_readings();
            let acted = if let Reply::Acted(acted) = reply {
                acted
            } else {
                Acted { result: Err(other_kind()), output: CommandOutput::default(), by: None, remark: None }
            };
            let again = acted.result.is_err() && attempt < manner.tries;
            if let Err(reason) = &acted.result {
                self.note(span, &format!("`{}` failed: {reason}", act.title));
            } else if let Some(by) = &acted.by {
                let remark = acted.remark.as_ref().map_or(String::new(), |remark| format!(": {remark}"));
                self.note(span, &format!("done by {by}{remark}"));
            }
            self.report(span, |_| EventKind::ActionEnded {
                title: act.title.clone(),
                key: act.key.clone(),
                role: manner.role,
                failure: acted.result.clone().err(),
                output: acted.output.clone(),
                by: acted.by.clone(),
                remark: acted.remark.clone(),
                attempt,
                then: match (again, &acted.result) {
                    (true, _) => None,
                    (false, Ok(())) => Some(Then::GoesOn),
                    (false, Err(_)) => Some(otherwise.clone()),
                },
            });
            if !again {
                return Ok(acted);
            }
            act.attempt = attempt.saturating_add(1);
            self.report(span, |_| EventKind::ActionRetried {
                title: act.title.clone(),
                attempt: act.attempt,
                of: manner.tries,
                after: manner.every,
            });
            if manner.every > 0.0 {
                self.perform(&Effect::Sleep(Sleep { seconds: manner.every, purpose: Purpose::Retry }))?;
                self.forget_readings();
            }
        }
    }
}

/// An action that is ready to start.
struct Ready {
    prepared: Prepared,
    manner: Manner,
    promises: Vec<Registered>,
}

/// The value of `as NAME`: the output; for an instruction, the person's remark.
fn result_value(prepared: &Prepared, acted: &Acted) -> Value {
    let output = match prepared.target {
        ActTarget::Instruction(_) => CommandOutput {
            status: Some(i32::from(acted.result.is_err())),
            stdout: acted.remark.clone().unwrap_or_default(),
            ..CommandOutput::default()
        },
        ActTarget::Command(_) | ActTarget::Executor { .. } => acted.output.clone(),
    };
    Value::Output(Arc::new(output))
}

fn role_words(role: ActionRole) -> &'static str {
    match role {
        ActionRole::Action => "action",
        ActionRole::Finally => "finally",
        ActionRole::Undo => "undo",
    }
}
