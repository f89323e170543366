//! Runs the process of a command: its output is shown as it comes, and signals and people can end the wait.

use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use crate::clock;
use crate::people;
use crate::process::{
    self, CommandStream, GRACE, NotEnded, OutputSink, Patience, ProcessEnd, ProcessInput, ProcessResult,
    StreamCapture,
};
use crate::wait::{AttendedWait, Wake};
use rbl_runtime::Interrupt;
use rbl_runtime::Secrets;
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind};

/// The process of a command.
pub(super) struct CommandProcess<'a> {
    pub(super) command: Command,
    /// Its stdin, which then stays open: closing it makes the other side end its group. `None`: no input.
    pub(super) lifeline: Option<Vec<u8>>,
    /// The mark of lines on stderr that the other side writes for us alone.
    pub(super) mark: Option<String>,
    /// Time limit in seconds; then its group is ended.
    pub(super) within: f64,
    pub(super) secrets: &'a Secrets,
}

/// Output that is kept, and shown as it comes.
struct ShownOutput<'a> {
    kept: StreamCapture,
    stream: CommandStream<'a>,
}

impl OutputSink for ShownOutput<'_> {
    fn push(&mut self, bytes: &[u8]) {
        self.kept.push(bytes);
        self.stream.push(bytes);
    }

    fn finish(&mut self) {
        self.stream.finish();
    }
}

impl Patience for AttendedWait<'_> {
    type Halt = Interrupt;

    fn begin(&mut self, work: impl FnOnce() + Send + 'static) -> std::io::Result<UnixStream> {
        self.begin_on_thread(work)
    }

    fn wait(&mut self, fds: &[(BorrowedFd<'_>, PollFlags)], until: Instant) -> Result<Vec<bool>, Interrupt> {
        Ok(match AttendedWait::wait(self, fds, Some(until))? {
            Wake::Ready(ready) => ready,
            Wake::Time | Wake::Resumed => Vec::new(),
        })
    }

    fn progress(&mut self, running: Duration, until: Instant) {
        let left = clock::countdown(clock::left(until));
        self.screen().status(Some(&format!("running {} · {left} left", clock::countdown(running))));
    }

    fn over(&mut self) {
        self.screen().status(None);
    }
}

impl CommandProcess<'_> {
    /// Runs it to its end, or until its group was ended.
    pub(super) fn run(self, wait: &mut AttendedWait<'_>) -> Result<CommandOutput, Interrupt> {
        let within = self.within;
        let program = self.command.get_program().to_string_lossy().into_owned();
        let screen = wait.screen();
        let shown = |stream, mark| ShownOutput {
            kept: StreamCapture::default(),
            stream: CommandStream::new(screen, self.secrets, stream, mark),
        };
        let process = process::Process {
            input: self.lifeline.map_or(ProcessInput::None, ProcessInput::Lifeline),
            until: clock::deadline(within),
            ends_its_group: false,
            grace: GRACE,
            out: shown(people::Stream::Out, None),
            err: shown(people::Stream::Err, self.mark),
            command: self.command,
        };
        let ProcessResult { end, out, err } = match process.run(wait) {
            Ok(ended) => ended,
            Err(NotEnded::NotStarted(error)) => return Ok(super::not_run(not_started(&program, &error))),
            Err(NotEnded::Halted(interrupt)) => return Err(interrupt),
        };
        wait.settle()?;
        let (status, trouble) = match end {
            ProcessEnd::Exit(status) => ended(status),
            ProcessEnd::TimedOut => {
                let text = format!("timed out after {}", rbl_syntax::value::span(within));
                (None, Some(Reason::new(ReasonKind::TimedOut, text)))
            }
            ProcessEnd::Unknown | ProcessEnd::Full => {
                (None, Some(Reason::new(ReasonKind::ProbeFailed, "how the command ended is unknown")))
            }
        };
        let ((stdout, cut_out), (stderr, cut_err)) = (out.kept.text(), err.kept.text());
        Ok(CommandOutput { status, trouble, stdout, stderr, cut: cut_out + cut_err })
    }
}

fn not_started(program: &str, error: &std::io::Error) -> Reason {
    let text = match error.raw_os_error() {
        Some(7) => "the values of the command are too long together".to_owned(),
        _ => format!("cannot start {program}: {}", rbl_syntax::io_error::starting(error)),
    };
    Reason::new(ReasonKind::NotRun, text)
}

/// The exit code, and the reason where the shell reports an error through it.
fn ended(status: ExitStatus) -> (Option<i32>, Option<Reason>) {
    let trouble = |text: String| Some(Reason::new(ReasonKind::ProbeFailed, text));
    match (status.code(), status.signal()) {
        (Some(126), _) => (Some(126), trouble("exit code 126: the command may not be run".into())),
        (Some(127), _) => (Some(127), trouble("exit code 127: no such command".into())),
        (Some(code), _) => (Some(code), None),
        (None, Some(signal)) => (None, trouble(format!("ended by signal {signal}{}", signal_name(signal)))),
        (None, None) => (None, trouble("how the command ended is unknown".into())),
    }
}

fn signal_name(signal: i32) -> String {
    let name = signal_hook::low_level::signal_name(signal);
    name.map_or_else(String::new, |name| format!(" ({name})"))
}
