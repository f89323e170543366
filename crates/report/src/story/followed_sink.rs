//! [`FollowedSink`]: the lines of a run for somebody who follows them in a stream.

use std::time::{Duration, Instant};

use super::Sink;

/// A line is kept for at most so long while the run does nothing that takes time.
const LONGEST: Duration = Duration::from_millis(50);

/// A sink whose lines are written out together as long as the run only computes: writing each of them would take longer
/// than what it reports on.
///
/// *Invariant:* whatever was said is written out before the run does or waits for anything, and when it ends.
pub(super) struct FollowedSink {
    sink: Sink,
    /// When lines were last written out.
    written: Option<Instant>,
}

impl FollowedSink {
    /// Writes to this sink.
    pub(super) fn new(sink: Sink) -> Self {
        Self { sink, written: None }
    }

    /// Writes a line; it is `now`.
    pub(super) fn line(&mut self, text: &str, now: Instant) {
        self.sink.kept_line(text);
        let is_due = self.written.is_none_or(|written| now.saturating_duration_since(written) >= LONGEST);
        if is_due {
            self.written = Some(now);
            self.sink.flush();
        }
    }

    /// Writes out what was kept.
    pub(super) fn flush(&mut self) {
        self.sink.flush();
    }
}

impl Drop for FollowedSink {
    fn drop(&mut self) {
        self.sink.flush();
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)] // any moment will do as the first one
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use rbl_terminal::{Look, Output};

    use super::*;

    /// A stream whose writes are counted.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<String>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().push(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_are_written_together_and_before_anything_takes_time() {
        let written = Written::default();
        let output = Output::to(Box::new(std::io::BufWriter::new(written.clone())));
        let look = Look { color: false, unicode: true, moves: false };
        let mut sink = FollowedSink::new(Sink::Stream { output, look, width: 80 });
        let begun = Instant::now();
        let writes = || written.0.lock().unwrap().clone();
        sink.line("first", begun);
        assert_eq!(writes(), ["first\n"], "the first line is seen at once");
        sink.line("a", begun + Duration::from_millis(1));
        sink.line("b", begun + Duration::from_millis(2));
        assert_eq!(writes(), ["first\n"]);
        sink.line("c", begun + LONGEST);
        assert_eq!(writes(), ["first\n", "a\nb\nc\n"]);
        sink.line("d", begun + LONGEST);
        sink.flush();
        assert_eq!(writes().last().map(String::as_str), Some("d\n"));
        sink.line("e", begun + LONGEST);
        drop(sink);
        assert_eq!(writes().last().map(String::as_str), Some("e\n"));
    }
}
