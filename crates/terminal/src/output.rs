//! Output streams that tolerate a closed reader.
//!
//! *Invariant:* a closed pipe (`rbl … | head`) is not an error. Later output is dropped, nothing panics, and neither
//! a run nor an exit code changes because of it.

use std::io::{ErrorKind, Write};

/// A stream that is written to until its reader closes it.
pub struct Output {
    stream: Box<dyn Write + Send>,
    closed: bool,
    trouble: Option<std::io::Error>,
}

impl Output {
    /// Standard output, buffered until [`Self::flush`].
    pub fn stdout() -> Self {
        Self::to(Box::new(std::io::BufWriter::with_capacity(1 << 16, std::io::stdout())))
    }

    /// Standard error.
    pub fn stderr() -> Self {
        Self::to(Box::new(std::io::stderr()))
    }

    /// Any other stream.
    pub fn to(stream: Box<dyn Write + Send>) -> Self {
        Self { stream, closed: false, trouble: None }
    }

    /// Writes a text unchanged.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Writes a text and a newline.
    pub fn line(&mut self, text: &str) {
        self.text(text);
        self.text("\n");
    }

    /// Writes bytes unchanged.
    pub fn bytes(&mut self, bytes: &[u8]) {
        if !self.closed {
            let result = self.stream.write_all(bytes);
            self.note(result);
        }
    }

    /// Writes out the buffer.
    pub fn flush(&mut self) {
        if !self.closed {
            let result = self.stream.flush();
            self.note(result);
        }
    }

    /// The error that stopped the output (such as a full disk). A closed pipe is not an error.
    pub fn trouble(&self) -> Option<&std::io::Error> {
        self.trouble.as_ref()
    }

    fn note(&mut self, result: std::io::Result<()>) {
        let Err(error) = result else { return };
        self.closed = true;
        if error.kind() != ErrorKind::BrokenPipe {
            self.trouble = Some(error);
        }
    }
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output").field("closed", &self.closed).finish_non_exhaustive()
    }
}

/// For libraries that write to a stream. Writing always succeeds.
impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.bytes(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Self::flush(self);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind, Write};
    use std::sync::{Arc, Mutex};

    use super::Output;

    struct Breaks(ErrorKind, Arc<Mutex<u32>>);

    impl Write for Breaks {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            *self.1.lock().unwrap() += 1;
            Err(Error::from(self.0))
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_quiet_and_a_full_disk_is_not() {
        for (kind, quiet) in [(ErrorKind::BrokenPipe, true), (ErrorKind::StorageFull, false)] {
            let tries = Arc::new(Mutex::new(0));
            let mut output = Output::to(Box::new(Breaks(kind, Arc::clone(&tries))));
            output.line("one");
            output.line("two");
            assert_eq!(*tries.lock().unwrap(), 1, "nothing is written after the first refusal");
            assert_eq!(output.trouble().is_none(), quiet);
        }
    }
}
