//! Output between two marks: what a login prints before a command and after it is not the command's.

/// The most bytes before the first mark that are kept, to say why it never came.
const NOISE: usize = 4096;

/// The most bytes behind the second mark that are kept.
const REPORT: usize = 64 * 1024;

/// Finds the marks in a stream.
#[derive(Debug, Default)]
pub(super) struct MarkedStream {
    begin: Vec<u8>,
    end: Vec<u8>,
    /// Bytes that may belong to a mark.
    held: Vec<u8>,
    /// What came behind the second mark.
    after: Vec<u8>,
    state: MarkState,
}

/// How much of the marks was seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum MarkState {
    /// Nothing yet: what comes is not the command's.
    #[default]
    Before,
    /// The first one.
    Within,
    /// Both.
    After,
}

impl MarkedStream {
    /// Looks for these marks.
    pub(super) fn new(begin: &str, end: &str) -> Self {
        Self { begin: begin.into(), end: end.into(), ..Self::default() }
    }

    /// Whether the marks were seen.
    pub(super) fn state(&self) -> MarkState {
        self.state
    }

    /// Takes the next bytes; returns those of the command.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        if self.state == MarkState::Before {
            if let Some(at) = find(&self.held, &self.begin) {
                self.held.drain(..at + self.begin.len());
                self.state = MarkState::Within;
            } else {
                let over = self.held.len().saturating_sub(NOISE.max(self.begin.len()));
                self.held.drain(..over);
            }
        }
        match self.state {
            MarkState::Before => Vec::new(),
            MarkState::Within => {
                if let Some(at) = find(&self.held, &self.end) {
                    self.state = MarkState::After;
                    let own = self.held.drain(..at).collect();
                    self.held.drain(..self.end.len().min(self.held.len()));
                    self.keep_after();
                    return own;
                }
                // The end of what came may be the beginning of the mark.
                let most = self.held.len().min(self.end.len().saturating_sub(1));
                let kept = (0..=most).rev().find(|length| {
                    let tail = self.held.get(self.held.len() - length..).unwrap_or_default();
                    self.end.starts_with(tail)
                });
                self.held.drain(..self.held.len() - kept.unwrap_or(0)).collect()
            }
            MarkState::After => {
                self.keep_after();
                Vec::new()
            }
        }
    }

    fn keep_after(&mut self) {
        let room = REPORT.saturating_sub(self.after.len()).min(self.held.len());
        self.after.extend(self.held.drain(..).take(room));
    }

    /// What came behind the second mark: of the shell that wrote the marks, not of the command.
    pub(super) fn after(&self) -> &[u8] {
        &self.after
    }

    /// The rest once the stream has ended: of a command whose end was not seen, or what came in place of it.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    if wanted.is_empty() { Some(0) } else { bytes.windows(wanted.len()).position(|window| window == wanted) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(chunks: &[&str]) -> (String, MarkState, String) {
        let mut marked = MarkedStream::new("<begin>\n", "<end>");
        let own: Vec<u8> = chunks.iter().flat_map(|chunk| marked.push(chunk.as_bytes())).collect();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let rest = marked.rest();
        (text(own), marked.state(), text(rest))
    }

    #[test]
    fn only_what_lies_between_the_marks_is_the_commands() {
        let whole = ("out".to_owned(), MarkState::After, String::new());
        assert_eq!(read(&["Welcome!\n<begin>\nout<end>\nBye"]), whole);
        let bytes: Vec<String> = "Welcome<begin>\nout<end>Bye".chars().map(String::from).collect();
        assert_eq!(read(&bytes.iter().map(String::as_str).collect::<Vec<_>>()), whole);
        assert_eq!(
            read(&["<begin>\na<en", "d of it"]),
            ("a<end of it".into(), MarkState::Within, String::new())
        );
    }

    #[test]
    fn what_comes_behind_the_marks_is_kept_apart() {
        let mut marked = MarkedStream::new("<begin>\n", "<end>");
        for chunk in ["<begin>\nout<e", "nd>a ", "report"] {
            marked.push(chunk.as_bytes());
        }
        assert_eq!(marked.after(), b"a report");
        marked.push(&vec![b'x'; 2 * REPORT]);
        assert_eq!(marked.after().len(), REPORT);
    }

    #[test]
    fn what_comes_in_place_of_the_command_is_kept_for_the_reason() {
        assert_eq!(
            read(&["account ", "expired\n"]),
            (String::new(), MarkState::Before, "account expired\n".into())
        );
        assert_eq!(read(&["<begin>\na<e"]), ("a".into(), MarkState::Within, "<e".into()));
    }
}
