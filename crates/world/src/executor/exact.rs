//! An action as the data that would be executed, for `rbl plan` and a session that is not armed.

use rbl_runtime::{Act, ActTarget, Exact, Secrets};
use rbl_syntax::value::Reason;

use super::script::ShellScript;
use super::{SshOptions, ssh};

/// How this action would run; the reason says why it could not.
pub fn exact(act: &Act, ssh: &SshOptions, secrets: &Secrets) -> Result<Exact, Reason> {
    Ok(match &act.target {
        ActTarget::Command(command) => {
            let script = ShellScript::new(command, secrets)?;
            let hide = |text: &str| secrets.redact(text);
            let text = hide(&script.text);
            let variables =
                script.variables.iter().map(|(name, value)| (name.clone(), hide(value))).collect();
            match &act.host {
                None => {
                    let arguments = vec!["/bin/sh".into(), "-c".into(), text];
                    Exact::Program { arguments, variables, program: None }
                }
                Some(host) => {
                    let arguments = ssh::arguments(ssh, host)?;
                    Exact::Program { arguments, variables, program: Some(text) }
                }
            }
        }
        ActTarget::Instruction(instruction) => Exact::Person { instruction: instruction.clone() },
        ActTarget::Executor { executor, reference, arguments } => Exact::Executor {
            executor: executor.to_string(),
            reference: reference.shown(),
            parameters: arguments
                .iter()
                .map(|argument| (argument.name.to_string(), argument.value.shown()))
                .collect(),
        },
    })
}
