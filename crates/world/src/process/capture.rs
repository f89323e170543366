//! The output of a command, kept up to a limit: its beginning and its end.

use std::collections::VecDeque;

use rbl_runtime::Secrets;

use super::OutputSink;
use rbl_syntax::value::OutputCut;

/// Bytes kept of the beginning, and as many of the end, of one stream: 1 MiB for both streams together.
const HALF: usize = 256 * 1024;

/// Fewer bytes of a secret than this say nothing.
const HALF_A_SECRET: usize = 4;

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

    /// The text, and what was cut from its middle. Bytes that are not UTF-8 become U+FFFD. No half of a secret is left at the
    /// cut: it would not be recognised.
    pub(crate) fn text(mut self, secrets: &Secrets) -> (String, Option<OutputCut>) {
        let mut tail = Vec::from(self.tail);
        if self.cut > 0 {
            let (end, start) = (secrets.half_at_end(&self.head), secrets.half_at_start(&tail));
            if end >= HALF_A_SECRET {
                self.head.truncate(self.head.len() - end);
                self.cut += end as u64;
            }
            if start >= HALF_A_SECRET {
                tail.drain(..start);
                self.cut += start as u64;
            }
        }
        if self.cut == 0 {
            let whole = [self.head, tail].concat();
            return (String::from_utf8_lossy(&whole).into_owned(), None);
        }
        // A character that the cut went through is missing as a whole.
        let (head, lost) = whole_characters(&self.head);
        let (tail, skipped) = behind_a_cut(&tail);
        let bytes = self.cut + (lost + skipped) as u64;
        let end = String::from_utf8_lossy(tail).into_owned();
        (String::from_utf8_lossy(head).into_owned(), Some(OutputCut { bytes, end }))
    }
}

/// The bytes without an unfinished character at their end, and its length.
fn whole_characters(bytes: &[u8]) -> (&[u8], usize) {
    let unfinished = bytes.utf8_chunks().last().map_or(0, |chunk| {
        let rest = chunk.invalid();
        if std::str::from_utf8(rest).is_err_and(|error| error.error_len().is_none()) { rest.len() } else { 0 }
    });
    (bytes.get(..bytes.len() - unfinished).unwrap_or(bytes), unfinished)
}

/// The bytes without the rest of a character at their beginning, and its length.
fn behind_a_cut(bytes: &[u8]) -> (&[u8], usize) {
    let rest = bytes.iter().take(3).take_while(|byte| (0x80..0xc0).contains(*byte)).count();
    (bytes.get(rest..).unwrap_or(bytes), rest)
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
        let (text, cut) = kept.text(&Secrets::new());
        let cut = cut.unwrap();
        assert!(text.starts_with("first\n") && text.len() == HALF);
        assert!(cut.end.ends_with("\nlast") && cut.end.len() == HALF);
        assert_eq!(cut.bytes, 1_000_011 - 2 * HALF as u64);
    }

    #[test]
    fn a_character_that_is_cut_through_is_missing_and_not_damaged() {
        let mut kept = StreamCapture::default();
        kept.push(b"x");
        kept.push(&"é".repeat(2 * HALF).into_bytes());
        kept.push(b"y");
        let (text, cut) = kept.text(&Secrets::new());
        let cut = cut.unwrap();
        assert!(!text.contains('\u{fffd}') && !cut.end.contains('\u{fffd}'));
        assert_eq!(text.len() as u64 + cut.bytes + cut.end.len() as u64, 4 * HALF as u64 + 2);
    }

    #[test]
    fn no_half_of_a_secret_is_left_at_the_cut() {
        let secrets = Secrets::new();
        secrets.hide("hunter-two-three");
        let mut kept = StreamCapture::default();
        kept.push(&vec![b'x'; HALF - 6]);
        kept.push(b"hunter-two-three");
        kept.push(&vec![b'x'; HALF - 5]);
        let (text, cut) = kept.text(&secrets);
        assert!(!text.contains("hunt") && !text.contains("hree"), "{}", text.len());
        let cut = cut.unwrap();
        assert!(!cut.end.contains("hree"));
        assert_eq!(cut.bytes, 16);
    }

    #[test]
    fn what_fits_is_whole() {
        let mut kept = StreamCapture::default();
        kept.push(&"é".repeat(HALF / 2).into_bytes());
        kept.push("é".as_bytes());
        assert_eq!(kept.text(&Secrets::new()), ("é".repeat(HALF / 2 + 1), None));
    }
}
