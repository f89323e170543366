//! The output of a command, kept up to a limit: its beginning and its end.

use std::collections::VecDeque;

use super::OutputSink;

/// Bytes kept of the beginning, and as many of the end, of one stream: 1 MiB for both streams together.
const HALF: usize = 256 * 1024;

/// One stream of a command.
#[derive(Default)]
pub(crate) struct StreamCapture {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    cut: u64,
}

impl StreamCapture {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let room = (HALF - self.head.len()).min(bytes.len());
        let (head, rest) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
        self.head.extend_from_slice(head);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(HALF);
        self.tail.drain(..over);
        self.cut += over as u64;
    }

    /// The text, with a line that reports the bytes cut from the middle; and their number.
    pub(crate) fn text(self) -> (String, u64) {
        let tail = Vec::from(self.tail);
        if self.cut == 0 {
            let whole = [self.head, tail].concat();
            return (String::from_utf8_lossy(&whole).into_owned(), 0);
        }
        let (head, tail) = (String::from_utf8_lossy(&self.head), String::from_utf8_lossy(&tail));
        (format!("{head}\n[… {} bytes cut …]\n{tail}", self.cut), self.cut)
    }
}

impl OutputSink for StreamCapture {
    fn push(&mut self, bytes: &[u8]) {
        Self::push(self, bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_beginning_and_the_end() {
        let mut kept = StreamCapture::default();
        kept.push(b"first\n");
        for _ in 0..1000 {
            kept.push(&[b'x'; 1000]);
        }
        kept.push(b"\nlast");
        let (text, cut) = kept.text();
        assert!(text.starts_with("first\n") && text.ends_with("\nlast"));
        assert_eq!(cut, 1_000_011 - 2 * HALF as u64);
        assert!(text.contains(&format!("[… {cut} bytes cut …]")));
    }

    #[test]
    fn what_fits_is_whole() {
        let mut kept = StreamCapture::default();
        kept.push(&"é".repeat(HALF / 2).into_bytes());
        kept.push("é".as_bytes());
        assert_eq!(kept.text(), ("é".repeat(HALF / 2 + 1), 0));
    }
}
