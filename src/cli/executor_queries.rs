//! `rbl check --online`: asks executors what they know of a reference, and compares its parameters with those of the `define`.
//! Nothing is begun.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rbl_check::Runbook;
use rbl_syntax::diagnostic::{Code, Diagnostic, did_you_mean};
use rbl_syntax::source::Place;
use rbl_syntax::tree::{Define, DefineTarget};
use rbl_syntax::value::Reason;
use rbl_world::Connections;
use rbl_world::executor::{DeclaredParameter, DeclaredReference, Executor};

/// The kinds that know something of a reference before it is used.
const DECLARING: [&str; 4] = ["ssm", "rundeck", "azure", "kubernetes"];

/// What an executor said about a reference; `None`: its kind cannot say it.
type DeclarationAnswer = Option<Result<DeclaredReference, Reason>>;

/// The findings about an action, or why nobody was asked.
type ActionReport = Result<Vec<Diagnostic>, String>;

/// The questions asked so far. A reference that several runbooks share is asked about once.
#[derive(Debug, Default)]
pub(super) struct ExecutorQueries {
    answers: Mutex<HashMap<String, DeclarationAnswer>>,
}

impl ExecutorQueries {
    /// Asks about every action of a runbook that an executor does, in the time that is left. With each report the place of the
    /// name of the action.
    pub(super) fn ask(
        &self,
        runbook: &Runbook,
        config: &Connections,
        config_file: &str,
        left: Duration,
    ) -> Vec<(Place, ActionReport)> {
        let began = Instant::now();
        let mut defines: Vec<_> = runbook.defines.values().collect();
        defines.sort_by_key(|it| (it.source, it.declaration.span.start));
        let mut reports = Vec::new();
        for it in defines {
            let define = &it.declaration;
            let DefineTarget::Executor { executor, reference } = &define.target else { continue };
            // The check itself reports an executor that is not configured.
            let Some(one) = config.executors.get(&executor.text) else { continue };
            if !DECLARING.contains(&one.kind) {
                continue;
            }
            let place = define.name.span.in_source(it.source);
            let not_asked = |why: &str| Err(format!("`{}` was not compared: {why}", define.name.text));
            let Some(text) = reference.literal() else {
                reports.push((place, not_asked("its reference has a value that is only known in a run")));
                continue;
            };
            let key = format!("{config_file}\0{}\0{text}", executor.text);
            let known = self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
            let said = match known {
                Some(said) => said,
                None if began.elapsed() >= left => {
                    reports.push((place, not_asked("the minute for all queries was over")));
                    continue;
                }
                None => {
                    let said = one.it.declared(text);
                    self.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(key, said.clone());
                    said
                }
            };
            let report = match said {
                None => continue,
                Some(Err(reason)) => not_asked(&format!("`{}` could not be asked: {reason}", executor.text)),
                Some(Ok(DeclaredReference::There)) => Ok(Vec::new()),
                Some(Ok(DeclaredReference::Missing)) => {
                    let message = format!("`{}` has no `{}`", executor.text, text.trim());
                    let at = reference.span.in_source(it.source);
                    let found = Diagnostic::new(Code::ACTION_REMOTE, message, at, "would fail in every run");
                    Ok(vec![found.help("look there what it is called")])
                }
                Some(Ok(DeclaredReference::Parameters(declared))) => {
                    Ok(compared(define, it.source, one.it.as_ref(), text.trim(), &declared))
                }
            };
            reports.push((place, report));
        }
        reports
    }
}

/// The parameters that the other side does not take, and those that it needs.
fn compared(
    define: &Define,
    source: rbl_syntax::source::SourceId,
    executor: &dyn Executor,
    reference: &str,
    declared: &[DeclaredParameter],
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut given: Vec<String> = Vec::new();
    for param in &define.params {
        let name = executor.parameter_name(&param.text);
        if !declared.iter().any(|one| one.name.eq_ignore_ascii_case(&name)) {
            let message = format!("`{reference}` takes no parameter `{name}`");
            let at = param.span.in_source(source);
            let finding = Diagnostic::new(Code::ACTION_REMOTE, message, at, "not declared there");
            found.push(match did_you_mean(&name, declared.iter().map(|one| one.name.as_str())) {
                Some(near) => finding.help(format!("it takes `{near}`")),
                None => finding.help(takes(declared)),
            });
        }
        given.push(name);
    }
    let missing = declared
        .iter()
        .filter(|one| one.needed && !given.iter().any(|name| name.eq_ignore_ascii_case(&one.name)));
    for one in missing {
        let message = format!("`{reference}` needs the parameter `{}`", one.name);
        let at = define.name.span.in_source(source);
        let finding = Diagnostic::new(Code::ACTION_REMOTE, message, at, "has no such parameter");
        found.push(finding.help("add it to the parameters of the `define`"));
    }
    found
}

fn takes(declared: &[DeclaredParameter]) -> String {
    let names: Vec<String> = declared.iter().map(|one| format!("`{}`", one.name)).collect();
    if names.is_empty() { "it takes none".to_owned() } else { format!("it takes {}", names.join(", ")) }
}
