//! Runs the process of a command: its output is shown as it comes, and signals and people can end the wait.

use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::marked::{MarkState, MarkedStream};
use crate::clock;
use crate::people;
use crate::process::{
    self, ActionNote, CommandStream, GRACE, NotEnded, OutputSink, Patience, ProcessEnd, ProcessInput,
    ProcessResult, StreamCapture, Survivor, in_words,
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
    /// The marks that the other side writes around the output of the command: the first, the last.
    pub(super) marks: Option<[String; 2]>,
    /// How many lines of each stream are shown; the others are counted.
    pub(super) shown: usize,
    /// Time limit in seconds; then it is ended with its descendants.
    pub(super) within: f64,
    pub(super) secrets: &'a Secrets,
}

/// How a command ended, and whether both marks were seen on its stderr, and the first on its stdout.
pub(super) struct EndedCommand {
    pub(super) output: CommandOutput,
    pub(super) begun: bool,
    pub(super) ended: bool,
    /// What stands behind the last mark on its stderr.
    pub(super) report: String,
}

/// Output that is kept, and shown as it comes.
struct ShownOutput<'a> {
    marks: Option<MarkedStream>,
    kept: StreamCapture,
    stream: CommandStream<'a>,
}

impl ShownOutput<'_> {
    fn take(&mut self, bytes: &[u8]) {
        self.kept.push(bytes);
        self.stream.push(bytes);
    }

    fn state(&self) -> MarkState {
        self.marks.as_ref().map_or(MarkState::After, MarkedStream::state)
    }
}

impl OutputSink for ShownOutput<'_> {
    fn push(&mut self, bytes: &[u8]) {
        match &mut self.marks {
            Some(marks) => {
                let own = marks.push(bytes);
                self.take(&own);
            }
            None => self.take(bytes),
        }
    }

    fn finish(&mut self) {
        if let Some(marks) = &mut self.marks {
            let rest = marks.rest();
            self.take(&rest);
        }
        self.stream.finish();
    }
}

impl Patience for AttendedWait<'_> {
    type Halt = Interrupt;

    fn begin(&mut self, work: impl FnOnce() + Send + 'static) -> std::io::Result<UnixStream> {
        self.begin_on_thread(work)
    }

    fn note(&self) -> Option<&ActionNote> {
        AttendedWait::note(self)
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
    /// Runs it to its end, or until it was ended.
    pub(super) fn run(self, wait: &mut AttendedWait<'_>) -> Result<EndedCommand, Interrupt> {
        let within = self.within;
        let program = self.command.get_program().to_string_lossy().into_owned();
        let screen = wait.screen();
        let shown = |stream| ShownOutput {
            marks: self.marks.as_ref().map(|[begin, end]| MarkedStream::new(begin, end)),
            kept: StreamCapture::default(),
            stream: CommandStream::new(screen, self.secrets, stream, self.shown),
        };
        let process = process::Process {
            input: self.lifeline.map_or(ProcessInput::None, ProcessInput::Lifeline),
            until: clock::deadline(within),
            ends_its_group: false,
            grace: GRACE,
            out: shown(people::Stream::Out),
            err: shown(people::Stream::Err),
            command: self.command,
        };
        let ProcessResult { end, left, out, err } = match process.run(wait) {
            Ok(ended) => ended,
            Err(NotEnded::NotStarted(error)) => {
                let output = super::not_run(not_started(&program, &error));
                return Ok(EndedCommand { output, begun: true, ended: true, report: String::new() });
            }
            Err(NotEnded::Halted { halt, left }) => {
                if !left.is_empty() {
                    screen.output(people::Stream::Err, &still_runs(&left));
                }
                return Err(halt);
            }
        };
        wait.settle()?;
        let (status, trouble) = match end {
            ProcessEnd::Exit(status) => ended(status),
            ProcessEnd::TimedOut => {
                let text = format!("timed out after {}", rbl_syntax::value::span(within));
                (None, Some(time_out(text, &left)))
            }
            ProcessEnd::Unknown | ProcessEnd::Full => {
                (None, Some(Reason::new(ReasonKind::ProbeFailed, "how the command ended is unknown")))
            }
        };
        let begun = out.state() != MarkState::Before;
        let ended = err.state() == MarkState::After;
        let report = err.marks.as_ref().map(|marks| String::from_utf8_lossy(marks.after()).into_owned());
        let report = report.unwrap_or_default();
        let ((stdout, stdout_cut), (stderr, stderr_cut)) =
            (out.kept.text(self.secrets), err.kept.text(self.secrets));
        let output =
            CommandOutput { status, trouble, stdout, stderr, stdout_cut, stderr_cut, no_on: Vec::new() };
        Ok(EndedCommand { output, begun, ended, report })
    }
}

/// The reason of a time-out: whether all of it was ended.
pub(crate) fn time_out(text: String, left: &[Survivor]) -> Reason {
    if left.is_empty() {
        return Reason::new(ReasonKind::TimedOut, text);
    }
    Reason::new(ReasonKind::StillRuns, format!("{text}, and {}", still_runs(left)))
}

fn still_runs(left: &[Survivor]) -> String {
    let verb = if left.len() == 1 { "runs" } else { "run" };
    format!("{} still {verb}: it could not be ended", in_words(left))
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
