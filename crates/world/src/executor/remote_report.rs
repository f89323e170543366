//! What the shell on another host reports on stderr behind the output of the command: how it ended, or was ended.

use crate::process::{Survivor, in_words};

/// The report.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RemoteReport {
    /// The command was started.
    begun: bool,
    /// It was ended with its descendants, apart from those that are left.
    ended: bool,
    left: Vec<Survivor>,
    code: Option<i32>,
}

impl RemoteReport {
    /// Reads the lines with this mark. Others may stand between them: what the command printed while it was ended.
    pub(super) fn read(text: &str, mark: &str, begun: bool) -> Self {
        let mut report = Self { begun, ..Self::default() };
        for (_, words) in text.lines().filter_map(|line| line.split_once(mark)) {
            report.line(words.trim());
        }
        report
    }

    fn line(&mut self, words: &str) {
        match words.split_once(' ').unwrap_or((words, "")) {
            ("ended", _) => self.ended = true,
            ("code", code) => self.code = code.parse().ok(),
            ("left", process) => {
                let (pid, name) = process.split_once(' ').unwrap_or((process, ""));
                let name = rbl_syntax::one_line(name);
                self.left.extend(pid.parse().ok().map(|pid| Survivor { pid, name }));
            }
            _ => {}
        }
    }

    /// The exit code of the command; `None` where it did not end, or nobody said how.
    pub(super) fn code(&self) -> Option<i32> {
        self.code
    }

    /// What may still run on the host, if anything may.
    pub(super) fn may_run(&self, host: &str) -> Option<String> {
        if !self.begun {
            return None;
        }
        if !self.ended {
            return Some(format!("whether the command still runs on {host} is unknown"));
        }
        let verb = if self.left.len() == 1 { "runs" } else { "run" };
        (!self.left.is_empty())
            .then(|| format!("{} still {verb} on {host}: it could not be ended", in_words(&self.left)))
    }
}
