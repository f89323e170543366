//! [`DryRun`]: a layer that shows what would be done, and does nothing: the world of `rbl repl` until `:arm`.

use rbl_world::executor;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rbl_runtime::Secrets;
use rbl_runtime::{Act, Acted, AnswerAuthor, Delivery, Effect, Interrupt, Reply, World};
use rbl_syntax::clean;
use rbl_syntax::value::{CommandOutput, span};
use rbl_terminal::{Console, Tone};
use rbl_world::executor::SshOptions;

/// Whether actions, pages and records are really done. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Armed(Arc<AtomicBool>);

impl Armed {
    /// Arms or disarms.
    pub fn set(&self, armed: bool) {
        self.0.store(armed, Ordering::Relaxed);
    }

    /// Whether it is armed.
    pub fn is(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A world whose actions, pages and records are only shown while it is not armed. An action that was only shown counts
/// as done, and a page as delivered: so a runbook can be stepped through to its end.
pub struct DryRun<W> {
    inner: W,
    armed: Armed,
    console: Console,
    ssh: Rc<RefCell<SshOptions>>,
    secrets: Secrets,
}

impl<W: World> DryRun<W> {
    /// Wraps a world; shows on this console what would be done, and how hosts would be reached. Instructions to a
    /// person are actions, and only shown as well; questions change nothing, and are asked.
    pub fn new(
        inner: W,
        armed: Armed,
        console: Console,
        ssh: Rc<RefCell<SshOptions>>,
        secrets: Secrets,
    ) -> Self {
        Self { inner, armed, console, ssh, secrets }
    }

    fn say(&self, word: &str, text: &str) {
        let mark = self.console.look().pick("○", "o");
        let word = self.console.paint(Tone::Warning, &format!("{mark} would {word}"));
        self.console.line(&format!("{word} {}", clean(text)));
    }

    fn more(&self, text: &str) {
        self.console.line(&self.console.paint(Tone::Faint, &format!("    {}", clean(text))));
    }

    fn action(&self, act: &Act) {
        match executor::exact::exact(act, &self.ssh.borrow(), &self.secrets) {
            Ok(exact) => {
                self.say("do", &act.title);
                for line in exact.lines() {
                    self.more(&line);
                }
            }
            Err(reason) => self.say("not do", &format!("{}: {}", act.title, reason.text)),
        }
        let mut manner = vec![format!("within {}", span(act.within))];
        manner.extend(act.by.as_ref().map(|team| format!("once {team} says yes")));
        manner.extend((act.tries > 1).then(|| format!("up to {} tries", act.tries)));
        self.more(&manner.join(", "));
    }
}

impl<W: World> World for DryRun<W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        if self.armed.is() {
            return self.inner.perform(effect);
        }
        match effect {
            Effect::Act(act) => {
                self.action(act);
                Ok(Reply::Acted(Acted {
                    result: Ok(()),
                    output: CommandOutput::default(),
                    by: None,
                    remark: Some("only said: not armed".into()),
                }))
            }
            Effect::Page(page) => {
                let why = if page.reason.is_empty() { String::new() } else { format!(": {}", page.reason) };
                self.say("page", &format!("{}{why}", page.team));
                Ok(unarmed_reply())
            }
            Effect::Record(record) => {
                let channel = record.channel.as_deref().unwrap_or("the incident's channel");
                self.say("post to", &format!("{channel}: {}", record.text));
                Ok(unarmed_reply())
            }
            Effect::Conclude(_) => Ok(unarmed_reply()),
            Effect::Acknowledge(it) => {
                self.say("wait for", &format!("{} to acknowledge the page", it.team));
                Ok(Reply::Acknowledged(Ok(AnswerAuthor::default())))
            }
            Effect::Lock(lock) => {
                self.say("lock", &format!("\"{}\"", lock.name));
                Ok(Reply::Locked(Ok(())))
            }
            Effect::Enter(_)
            | Effect::Leave(_)
            | Effect::Now
            | Effect::Sleep(_)
            | Effect::Read(_)
            | Effect::Firing(_)
            | Effect::Mode(_)
            | Effect::Probe(_)
            | Effect::Ask(_)
            | Effect::Secret { .. } => self.inner.perform(effect),
        }
    }
}

fn unarmed_reply() -> Reply {
    Reply::Delivered(Ok(Delivery::by("only said here", false)))
}
