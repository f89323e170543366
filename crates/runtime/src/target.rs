//! Targets of actions with their values filled in, to run now or at the end of the run.

use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::template::datum;
use super::{ActLimit, ActTarget, Argument, Called};
use rbl_syntax::tree::{Arg, DefineTarget, Name, Target};
use rbl_syntax::value::{Reason, ReasonKind, Value};

/// An action that can be run.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) target: ActTarget,
    pub(super) title: String,
    pub(super) call: Option<Called>,
    /// `at most N in D` of its define.
    pub(super) at_most: Option<ActLimit>,
}

impl Prepared {
    /// Whether a person does it.
    pub(super) fn is_instruction(&self) -> bool {
        matches!(self.target, ActTarget::Instruction(_))
    }
}

impl<'p> Interpreter<'p, '_> {
    /// Fills in the values. The inner error says why the action must not run: a value in it is unknown.
    pub(super) fn prepare(&mut self, target: &'p Target) -> WalkResult<Result<Prepared, Reason>> {
        match target {
            Target::Prose(template) => {
                let text = self.text(template)?;
                let target = ActTarget::Instruction(text.clone());
                Ok(Ok(Prepared { target, title: text, call: None, at_most: None }))
            }
            Target::Command(command) => Ok(self.shell_command(&command.parts)?.map(|command| Prepared {
                title: command.shown_with_codes(),
                target: ActTarget::Command(command),
                call: None,
                at_most: None,
            })),
            Target::Call { name, args, .. } => self.prepare_call(name, args),
        }
    }

    fn prepare_call(&mut self, name: &'p Name, args: &'p [Arg]) -> WalkResult<Result<Prepared, Reason>> {
        let runbook = self.frame.runbook;
        let Some(defined) = runbook.defines.get(&name.text) else {
            return Ok(Err(Reason::new(ReasonKind::NotRun, format!("no action `{}`", name.text))));
        };
        let params = &defined.declaration.params;
        let values = self.arguments(args, params)?;
        let elements = self.element_arguments(args, params);
        let arguments: Vec<_> = params.iter().map(|param| param.text.clone()).zip(values).collect();
        let scope = self.frame.environment.enter_declaration();
        let source = std::mem::replace(&mut self.frame.source, defined.source);
        for ((param, value), element) in arguments.iter().zip(elements) {
            self.frame.environment.define_element(param.clone(), value.clone(), element);
        }
        let target = self.defined_target(&defined.declaration.target, &arguments);
        let at_most = match &defined.declaration.at_most {
            Some(at_most) => self.act_limit(at_most).map(|limit| limit.map(Some)),
            None => Ok(Ok(None)),
        };
        self.frame.source = source;
        self.frame.environment.leave(scope);
        let title = called(&name.text, &arguments);
        let at_most = match at_most? {
            Ok(at_most) => at_most,
            Err(reason) => return Ok(Err(reason)),
        };
        Ok(target?.map(|target| Prepared {
            target,
            title,
            call: Some(Called { name: name.text.clone(), arguments }),
            at_most,
        }))
    }

    fn defined_target(
        &mut self,
        target: &'p DefineTarget,
        arguments: &[(smol_str::SmolStr, Value)],
    ) -> WalkResult<Result<ActTarget, Reason>> {
        Ok(match target {
            DefineTarget::Prose(template) => Ok(ActTarget::Instruction(self.text(template)?)),
            DefineTarget::Command(command) => self.shell_command(&command.parts)?.map(ActTarget::Command),
            DefineTarget::Executor { executor, reference } => {
                let reference = self.command_line(&reference.parts, "a reference")?;
                let arguments: Result<Vec<Argument>, Reason> = arguments
                    .iter()
                    .map(|(name, value)| {
                        datum(value).map(|value| Argument { name: name.clone(), value }).map_err(|reason| {
                            Reason::new(reason.kind, format!("`{name}` is unknown: {reason}"))
                        })
                    })
                    .collect();
                reference.and_then(|reference| {
                    let executor = executor.text.clone();
                    Ok(ActTarget::Executor { executor, reference, arguments: arguments? })
                })
            }
        })
    }
}

/// `rollback(service: "api")`
fn called(name: &str, arguments: &[(smol_str::SmolStr, Value)]) -> String {
    let arguments: Vec<String> = arguments
        .iter()
        .map(|(name, value)| match value {
            Value::Text(text) => format!("{name}: {text:?}"),
            // As it is sent: whoever approves it sees nothing rounded.
            value => format!("{name}: {}", value.exact()),
        })
        .collect();
    format!("{name}({})", arguments.join(", "))
}
