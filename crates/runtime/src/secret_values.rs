//! [`Secrets`]: reads secrets at the moment they are used, and remembers them only to remove them from replies.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};
use smol_str::SmolStr;

use crate::mask::Mask;
use rbl_syntax::value::{MASK, Reason};

/// A shorter value would mask ordinary text.
const SHORTEST: usize = 4;
/// The same for the messages of one connection, which hold little ordinary text.
const SHORTEST_OF_CONNECTION: usize = 3;

/// The one masker: the secrets of a run or of one request. Clones share them. The values and their forms are overwritten
/// in memory when the last clone is dropped.
#[derive(Clone)]
pub struct Secrets {
    known: Arc<Mutex<KnownSecrets>>,
    shortest: usize,
}

#[derive(Default)]
struct KnownSecrets {
    /// Secrets that a person typed, by the key of the question.
    asked: BTreeMap<SmolStr, SecretString>,
    /// Every form in which a used value may appear in a reply.
    mask: Mask,
}

impl Default for Secrets {
    fn default() -> Self {
        Self::new()
    }
}

impl Secrets {
    /// No secrets yet; for a run.
    pub fn new() -> Self {
        Self { known: Arc::default(), shortest: SHORTEST }
    }

    /// No secrets yet; for what one connection says about one request. Masks values of three letters too.
    pub fn of_connection() -> Self {
        Self { known: Arc::default(), shortest: SHORTEST_OF_CONNECTION }
    }

    /// What a person typed for the question with this key.
    pub fn typed(&self, key: &str) -> Option<SecretString> {
        self.locked().asked.get(key).cloned()
    }

    /// Keeps a secret that a person typed, under the key of the question.
    pub fn keep(&self, key: &SmolStr, value: SecretString) {
        self.hide(value.expose_secret());
        self.locked().asked.insert(key.clone(), value);
    }

    /// From now on [`Self::redact`] removes this value: as it is, line by line, escaped, quoted, in base64 and in hex.
    pub fn hide(&self, value: &str) {
        self.locked().mask.add(value, self.shortest);
    }

    /// Whether nothing is masked yet.
    pub fn is_empty(&self) -> bool {
        self.locked().mask.is_empty()
    }

    /// Whether a value is too short to be masked: it would mask ordinary text.
    pub fn is_too_short(value: &str) -> bool {
        value.trim().len() < SHORTEST
    }

    /// Removes every used secret from the text.
    pub fn redact(&self, text: &str) -> String {
        self.redact_behind("", text)
    }

    /// The same for a line of a text, given the one before it: an encoded secret may go over its end.
    pub fn redact_behind(&self, before: &str, line: &str) -> String {
        let known = self.locked();
        if known.mask.is_empty() {
            return line.to_owned();
        }
        let joined;
        let (text, skipped) = if before.is_empty() {
            (line, 0)
        } else {
            joined = format!("{before}\n{line}");
            (joined.as_str(), before.len() + 1)
        };
        let mut redacted = String::with_capacity(line.len());
        let mut done = skipped;
        for range in known.mask.find(text) {
            if range.end <= done {
                continue;
            }
            redacted.push_str(text.get(done..range.start.max(done)).unwrap_or_default());
            // Line by line, so that a text keeps the number of its lines.
            for hidden in text.get(range.start.max(done)..range.end).unwrap_or_default().split_inclusive('\n')
            {
                if hidden != "\n" {
                    redacted.push_str(MASK);
                }
                redacted.push_str(if hidden.ends_with('\n') { "\n" } else { "" });
            }
            done = range.end;
        }
        redacted.push_str(text.get(done..).unwrap_or_default());
        redacted
    }

    /// How many bytes at the end of this text may be the beginning of a secret, where the text goes on.
    pub fn half_at_end(&self, text: &[u8]) -> usize {
        self.locked().mask.half_at_end(text)
    }

    /// How many bytes at the beginning of this text may be the end of a secret, where its beginning was cut off.
    pub fn half_at_start(&self, text: &[u8]) -> usize {
        self.locked().mask.half_at_start(text)
    }

    /// Another program's text as one line for a message, without secrets. They are removed before the line is shortened: half a
    /// secret would not be recognised.
    pub fn one_line(&self, text: &str) -> String {
        rbl_syntax::one_line(&self.redact(text))
    }

    /// Removes every used secret from a reason.
    pub fn redact_reason(&self, reason: &Reason) -> Reason {
        Reason::new(reason.kind, self.redact(&reason.text))
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, KnownSecrets> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_in_every_form() {
        let secrets = Secrets::new();
        secrets.hide("s3cr&t/päss\n");
        let redacted = |text: &str| secrets.redact(text);
        assert_eq!(redacted("token s3cr&t/päss."), "token •••.");
        assert_eq!(redacted("czNjciZ0L3DDpHNz="), "•••=");
        assert_eq!(redacted("?t=s3cr%26t%2Fp%C3%A4ss&a=b"), "?t=•••&a=b");
        assert_eq!(redacted("nothing here"), "nothing here");
        secrets.hide(r#"{"key":"AAAA"}"#);
        assert_eq!(secrets.redact(r#"{"text":"{\"key\":\"AAAA\"}"}"#), r#"{"text":"•••"}"#);
    }

    /// What a program may make of `value`, with the marks around it that the masked text keeps.
    #[track_caller]
    fn is_hidden(value: &str, text: &str) {
        let secrets = Secrets::new();
        secrets.hide(value);
        let redacted = secrets.redact(text);
        assert!(redacted.contains(MASK), "{text} is shown as {redacted}");
        let rest: String = redacted.replace(MASK, "");
        assert!(rest.len() <= 12, "{text} leaves {redacted}");
    }

    #[test]
    fn everyday_encodings_are_hidden() {
        let value = "s3cr'&t/\"pä ss<";
        for text in [
            "s3cr'&t/\\\"pä ss<",
            "s3cr'&t/\\\"p\\u00e4 ss<",
            "s3cr'&t\\/\\\"pä ss<",
            "s3cr'\\u0026t/\\\"pä ss\\u003c",
            "s3cr'&t/\\\\\\\"pä ss<",
            "s3cr%27%26t%2F%22p%C3%A4%20ss%3C",
            "s3cr%27%26t%2f%22p%c3%a4%20ss%3c",
            "s3cr%27&t/%22p%C3%a4%20ss%3C",
            "s3cr'%26t%2F%22p%C3%A4%20ss%3C",
            "s3cr%27%26t%2F%22p%C3%A4+ss%3C",
            "s3cr&#39;&amp;t/&quot;pä ss&lt;",
            "s3cr&#x27;&amp;t/&quot;pä ss&lt;",
            "s3cr'\\''&t/\"pä ss<",
            "s3cr'\"'\"'&t/\"pä ss<",
            "s3cr\\'\\&t/\\\"pä\\ ss\\<",
            "s3cr'&t/\\\"pä ss<",
            "s3cr''&t/\"pä ss<",
            "73336372272674 2f2270c3a42073733c",
            "73336372272674\n2f2270c3a42073733c\n",
            "7333637227 26742F2270C3A42073733C",
            " 73 33 63 72 27 26 74 2f 22 70 c3 a4 20 73 73 3c\n",
        ] {
            is_hidden(value, text);
        }
    }

    /// Programs mix what they escape: the value is found whichever of its characters are.
    #[test]
    fn mixtures_of_escapes_are_hidden() {
        is_hidden("ab+cdefgh", "ab&#43;cdefgh");
        is_hidden("ab,cd=ef^gh", "ab\\,cd=ef\\^gh");
        is_hidden("abc~def*[x]#y", "abc~def\\*\\[x\\]#y");
        is_hidden("ab/cdéfgh", "ab\\/cd\\u00e9fgh");
        is_hidden("ab/cd+ef\"gh<ij'kl", "ab/cd+ef\\\"gh<ij\\'kl");
        is_hidden("ab/cd+ef\"gh<ij'kl", "ab/cd&#43;ef&#34;gh&lt;ij&#39;kl");
        is_hidden("pa$$wörd 1", "pa\\$\\$w\\303\\266rd\\ 1");
        is_hidden("a=b&c:d", "a=3Db&amp;c%3Ad");
    }

    #[test]
    fn base64_is_hidden_in_every_alignment_and_over_lines() {
        let value = "hunter2-hunter3-hunter4-hunter5-hunter6?>";
        for before in 0..7 {
            for after in 0..4 {
                let plain = format!("{}{value}{}", "u".repeat(before), "x".repeat(after));
                let encoded = crate::encoding::base64_padded(plain.as_bytes());
                for encoded in [encoded.clone(), encoded.replace('+', "-").replace('/', "_")] {
                    let secrets = Secrets::new();
                    secrets.hide(value);
                    let left = |text: &str| secrets.redact(text).replace(MASK, "").trim().len();
                    assert!(left(&encoded) <= 18, "{encoded} {}", secrets.redact(&encoded));
                    let mut wrapped = encoded.clone();
                    wrapped.insert(20, '\n');
                    wrapped.insert(41, '\n');
                    assert!(left(&wrapped) <= 20, "{wrapped} {}", secrets.redact(&wrapped));
                    assert_eq!(secrets.redact(&wrapped).lines().count(), wrapped.lines().count());
                }
            }
        }
    }

    #[test]
    fn colour_codes_inside_do_not_show_it() {
        let secrets = Secrets::new();
        secrets.hide("hunter-two");
        assert_eq!(secrets.redact("a \x1b[01;31m\x1b[Khunter\x1b[m\x1b[K-two b"), "a \x1b[01;31m\x1b[K••• b");
        assert_eq!(secrets.redact("hun\x1b]8;;u\x1b\\ter-\u{200b}two"), "•••");
    }

    #[test]
    fn the_lines_of_a_secret_are_hidden_one_by_one() {
        let secrets = Secrets::new();
        secrets.hide("-----BEGIN KEY-----\nMIIEvQIBADANBg\nx7Zq\n{\n-----END KEY-----\n");
        assert_eq!(secrets.redact("the line MIIEvQIBADANBg of it, x7Zq"), "the line ••• of it, •••");
        assert_eq!(secrets.redact("{ \"a\": 1 }"), "{ \"a\": 1 }");
    }

    #[test]
    fn a_line_is_read_with_the_one_before_it() {
        let secrets = Secrets::new();
        secrets.hide("hunter2-hunter3-hunter4");
        let encoded = crate::encoding::base64_padded(b"hunter2-hunter3-hunter4");
        let (first, second) = encoded.split_at(26);
        assert!(secrets.redact(first).contains(MASK));
        assert_eq!(secrets.redact_behind(first, second), "•••=");
        assert_eq!(secrets.redact_behind("hunter2-hunter3-hunter4", "next"), "next");
    }

    /// As `fold` breaks it at any width, read as a whole and line by line as it comes.
    #[test]
    fn a_secret_that_is_broken_into_lines_is_hidden() {
        let value = "hunter2-correct-horse-battery-staple";
        let secrets = Secrets::new();
        secrets.hide(value);
        for before in ["", "token: ", "the token that is used tonight is "] {
            let text = format!("{before}{value}, and more");
            for width in PIECE_WIDTHS {
                let lines: Vec<String> = text
                    .as_bytes()
                    .chunks(width)
                    .map(|it| String::from_utf8_lossy(it).into_owned())
                    .collect();
                let folded = lines.join("\n");
                let shown = secrets.redact(&folded);
                assert_eq!(shown.lines().count(), lines.len(), "{folded}\n{shown}");
                let letters = shown.replace([MASK, "\n"].map(|it| it.chars().next().unwrap()), "");
                assert_eq!(letters, format!("{before}, and more"), "{width}: {folded}\n{shown}");
                // Line by line nothing of it is shown but the ends, which may be anything.
                let mut last = String::new();
                for line in &lines {
                    let shown = secrets.redact_behind(&last, line);
                    for part in value.as_bytes().windows(PIECE_WIDTHS[0]) {
                        let part = std::str::from_utf8(part).unwrap();
                        assert!(!shown.contains(part), "{width}: {line} is shown as {shown}");
                    }
                    last.clone_from(line);
                }
            }
        }
        assert_eq!(secrets.redact("a hunter\nand a horse\n"), "a hunter\nand a horse\n");
    }

    const PIECE_WIDTHS: [usize; 6] = [8, 10, 12, 20, 64, 76];

    #[test]
    fn half_a_secret_at_a_cut_is_known() {
        let secrets = Secrets::new();
        secrets.hide("hunter-two");
        assert_eq!(secrets.half_at_end(b"the key is hunter-"), 7);
        assert_eq!(secrets.half_at_start(b"er-two is the key"), 6);
        assert_eq!(secrets.half_at_end(b"nothing"), 0);
        assert_eq!(secrets.half_at_end("the key is hunter\\u002".as_bytes()), 11);
        assert_eq!(secrets.half_at_start(b"2dr-two is the key"), 7);
        assert_eq!(secrets.half_at_start(b"nothing"), 0);
    }

    /// What is cut off at a place inside of a whole secret leaves its other half, which nobody would recognise.
    #[test]
    fn a_whole_secret_is_not_cut_in_two() {
        let secrets = Secrets::new();
        secrets.hide("Zq8kX9wvT7l0p");
        secrets.hide("pZq8k-again");
        assert_eq!(secrets.half_at_end(b"the key is Zq8kX9wvT7l0p"), 13);
        secrets.hide("secretabXY");
        secrets.hide("abXYZWcd");
        assert_eq!(secrets.half_at_start(b"abXYZWcd is the key"), 8);
    }

    #[test]
    #[allow(clippy::disallowed_methods)] // the time is what is tested
    fn masking_a_long_text_is_quick() {
        let secrets = Secrets::new();
        for number in 0..5 {
            secrets.hide(&format!("secret-number-{number}-of-some-length\n{}", "line of it 17\n".repeat(40)));
        }
        let text =
            "an everyday line with /some/path/that/is/long and aGVsbG8gd29ybGQgaGVsbG8=\n".repeat(6_000);
        let begun = std::time::Instant::now();
        assert_eq!(secrets.redact(&text).len(), text.len());
        // Linear: a debug build takes a second or two for half a megabyte, a quadratic one minutes.
        assert!(begun.elapsed() < std::time::Duration::from_secs(40), "{:?}", begun.elapsed());
    }

    #[test]
    fn a_longer_secret_wins_over_its_beginning() {
        let secrets = Secrets::new();
        secrets.hide("hunter");
        secrets.hide("hunter-two");
        assert_eq!(secrets.redact("hunter-two hunter"), "••• •••");
        secrets.hide("a");
        assert_eq!(secrets.redact("banana"), "banana");
        secrets.hide("ban");
        assert_eq!(secrets.redact("banana"), "banana");
        let secrets = Secrets::of_connection();
        secrets.hide("ban");
        assert_eq!(secrets.redact("banana"), "•••ana");
    }
}
