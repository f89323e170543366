//! Whether a machine action may begin, where the run has a mode: asked before its first try, and of its `finally` and `undo`
//! with it.

use super::action::Ready;
use super::exit::{EarlyExit, WalkResult};
use super::interpreter::Interpreter;
use super::journal::{ModeInForce, ModeQuery, RunMode};
use super::layers::approve::approved;
use super::target::Prepared;
use super::{ActTarget, Acted, Ask, AskKind, Effect, EventKind, Evidence, Reply};
use rbl_check::only_reads;
use rbl_syntax::source::Span;
use rbl_syntax::value::Value;

/// How the message of a run begins that stopped because it only looks.
pub const ONLY_LOOKS: &str = "it only looks, and stops before ";

/// That the run stops because it only looks.
#[derive(Debug, Clone)]
pub(super) struct OnlyLooked {
    /// Before what, and why.
    pub(super) what: String,
    /// Whether somebody was paged for it; `None`: nobody was tried yet.
    pub(super) paged: Option<bool>,
}

impl ActTarget {
    /// Whether a machine does it, and not a person.
    pub fn is_machine(&self) -> bool {
        match self {
            Self::Command(_) | Self::Executor { .. } => true,
            Self::Instruction(_) => false,
        }
    }

    /// What is sent, exactly, with values in the units and digits in which they leave the run; `None` for what is done by a
    /// person.
    pub(super) fn exact(&self) -> Option<String> {
        match self {
            Self::Command(command) => Some(command.shown_with_codes()),
            Self::Executor { executor, reference, arguments } => {
                let sent = arguments.iter().map(|it| format!("{}: {}", it.name, it.value.shown()));
                let sent = sent.collect::<Vec<_>>().join(", ");
                let with = if sent.is_empty() { String::new() } else { format!(" with {sent}") };
                Some(format!("{executor} {}{with}", reference.shown_with_codes()))
            }
            Self::Instruction(_) => None,
        }
    }

    /// The same as evidence for whoever approves it, where the title does not say all of it.
    pub(super) fn exact_evidence(&self, title: &str) -> Option<Evidence> {
        let exact = self.exact().filter(|exact| exact != title)?;
        Some(Evidence { title: "what it runs".into(), value: Value::text(exact) })
    }

    /// Whether it is a command of which it is certain that it changes nothing.
    pub fn only_reads(&self) -> bool {
        match self {
            Self::Command(command) => command.as_read().is_some_and(|parts| only_reads(&parts)),
            Self::Instruction(_) | Self::Executor { .. } => false,
        }
    }
}

impl Interpreter<'_, '_> {
    /// Asks whether an action may begin. The inner error: the owner's team did not approve it, so that it is not done.
    ///
    /// Errors: the run only looks, and ends here.
    pub(super) fn permitted(
        &mut self,
        span: Span,
        key: &str,
        ready: &Ready,
    ) -> WalkResult<Result<(), Box<Acted>>> {
        let parts: Vec<&Prepared> = ready.parts().collect();
        let needs_one = parts.iter().any(|it| it.target.is_machine() && !it.target.only_reads());
        if !self.asks_mode || !needs_one {
            return Ok(Ok(()));
        }
        let reply = self.perform(&Effect::Mode(ModeQuery { files: self.way() }))?;
        let mut mode = if let Reply::Mode(mode) = reply { mode } else { ModeInForce::act() };
        let owner = match (mode.mode, self.frame.owner.clone()) {
            (RunMode::Act, _) => return Ok(Ok(())),
            (RunMode::Ask, Ok(owner)) => Some(owner),
            (RunMode::Ask, Err(_)) => {
                let why = "an action needs an approval, and the runbook names no owner who could give it";
                mode = ModeInForce::new(RunMode::Look, why);
                None
            }
            (RunMode::Look, _) => None,
        };
        let Some(owner) = owner else { return Err(self.only_looks(span, &mode.to_string(), Some(ready))) };
        // The runbook itself asks the same team.
        if ready.manner.by.as_ref() == Some(&owner) {
            return Ok(Ok(()));
        }
        let answer = self.put(span, self.approval(key, &owner, ready))?;
        Ok(approved(answer).map(drop))
    }

    /// The files of the runbooks that lead here.
    fn way(&self) -> Vec<smol_str::SmolStr> {
        let here = self.file_of_runbook();
        self.runbook_files.iter().cloned().chain([here]).collect()
    }

    /// The file of the runbook that is walked, as it is shown.
    pub(super) fn file_of_runbook(&self) -> smol_str::SmolStr {
        self.files.get(self.frame.runbook.source.0 as usize).cloned().unwrap_or_default()
    }

    fn approval(&self, key: &str, owner: &str, ready: &Ready) -> Ask {
        let Prepared { title, target, .. } = &ready.prepared;
        let place = ready.manner.host.as_ref().map_or_else(String::new, |host| format!(" on {host}"));
        let evidence = |title: &str, text: String| Evidence { title: title.into(), value: Value::text(text) };
        let mut showing: Vec<Evidence> = target.exact_evidence(title).into_iter().collect();
        showing.extend(ready.clean_up().map(|it| evidence(it.role_word(), it.prepared.title.clone())));
        showing.extend(ready.manner.showing.iter().cloned());
        Ask {
            kind: AskKind::YesNo,
            prompt: format!("{owner}: may this be done? {title}{place}"),
            by: Some(owner.to_owned()),
            within: self.limits.person,
            showing,
            links: self.frame.links.to_vec(),
            permits: Some(key.to_owned()),
        }
    }

    /// Stops the run before an action: reports what it would do from here, for the page to the owner and for whoever reads
    /// the run. `ready`: the action, where it has not begun.
    pub(super) fn only_looks(&mut self, span: Span, why: &str, ready: Option<&Ready>) -> EarlyExit {
        let mut lines = Vec::new();
        let mut before = self.source_line(span).trim_matches('`').to_owned();
        if let Some(ready) = ready {
            let place = ready.manner.host.as_ref().map_or_else(String::new, |host| format!(" on {host}"));
            let title = &ready.prepared.title;
            let exact = ready.prepared.target.exact().filter(|exact| exact != title);
            let exact = exact.map_or_else(String::new, |exact| format!(", which is: {exact}"));
            lines.push(format!("it would do now: `{title}`{place}{exact}"));
            lines.extend(
                ready.clean_up().map(|it| format!("with `{}`: `{}`", it.role_word(), it.prepared.title)),
            );
            before = format!("{title}{place}");
        }
        lines.extend(self.ahead(span));
        for line in lines {
            self.note(span, &line);
            self.report(span, |_| EventKind::Noted { text: line });
        }
        let what = format!("{ONLY_LOOKS}`{before}`: {why}");
        self.only_looked = Some(OnlyLooked { what: what.clone(), paged: None });
        self.unhandled(span, what)
    }
}
