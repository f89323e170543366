//! Random secrets in random encodings are never shown: as a whole, in lines, with colours in between, and where a text was
//! cut.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use rbl_runtime::{RawSample, RawText, Reading, Secrets};
use rbl_syntax::value::MASK;

/// How a program writes a value, and what of it comes from the value alone.
#[derive(Debug, Clone)]
struct Encoded {
    text: String,
    core: String,
    /// How many characters of the core in a row say something.
    telling: usize,
}

/// Everyday characters of passwords, tokens and keys.
fn secrets() -> impl Strategy<Value = String> {
    let chars = "[A-Za-z0-9+/=&%$#@!:;,.'\"<>()*?|~^äß€-]{9,40}";
    chars.prop_filter("made of several characters", |secret| {
        let mut all: Vec<char> = secret.chars().collect();
        all.sort_unstable();
        all.dedup();
        all.len() > 5
    })
}

/// One character as it is, or escaped in one of the ways of everyday programs.
fn escaped(c: char, how: u8) -> String {
    let bytes = |form: fn(u8) -> String| {
        let mut utf8 = [0; 4];
        c.encode_utf8(&mut utf8).bytes().map(form).collect::<String>()
    };
    match how {
        0 => bytes(|byte| format!("%{byte:02X}")),
        1 => bytes(|byte| format!("%{byte:02x}")),
        2 => {
            let mut utf16 = [0; 2];
            c.encode_utf16(&mut utf16).iter().fold(String::new(), |mut text, unit| {
                let _ = write!(text, "\\u{unit:04x}");
                text
            })
        }
        3 => format!("&#{};", u32::from(c)),
        4 => format!("&#x{:x};", u32::from(c)),
        5 if c == '"' || c == '\\' || c == '/' => format!("\\{c}"),
        6 if c == '\'' => "'\\''".to_owned(),
        7 if c.is_ascii_punctuation() => format!("\\{c}"),
        8 => match c {
            '&' => "&amp;".into(),
            '<' => "&lt;".into(),
            '>' => "&gt;".into(),
            '"' => "&quot;".into(),
            c => c.into(),
        },
        9 => format!("{c}\u{1b}[0m"),
        _ => c.into(),
    }
}

fn forms(secret: &str, form: u8, before: usize, after: usize, hows: &[u8], width: usize) -> Encoded {
    let padded = format!("{}{secret}{}", "u".repeat(before), "x".repeat(after));
    let wrapped = |text: &str| {
        let chars: Vec<char> = text.chars().collect();
        chars.chunks(width).map(|line| line.iter().collect::<String>()).collect::<Vec<_>>().join("\n")
    };
    let core = |text: &str| {
        let (from, to) = ((before * 8).div_ceil(6), (before + secret.len()) * 8 / 6);
        text.get(from..to).unwrap_or_default().to_owned()
    };
    let base64 = |text: String| Encoded { core: core(&text), text, telling: 12 };
    match form {
        0 => base64(STANDARD.encode(&padded)),
        1 => base64(STANDARD_NO_PAD.encode(&padded)),
        2 => base64(URL_SAFE.encode(&padded)),
        3 => base64(URL_SAFE_NO_PAD.encode(&padded)),
        4 => {
            let text = STANDARD.encode(&padded);
            Encoded { core: core(&text), text: wrapped(&text), telling: 16 }
        }
        5 | 6 => {
            let upper = form == 6;
            let hex = |text: &str| {
                text.bytes()
                    .map(|it| if upper { format!("{it:02X}") } else { format!("{it:02x}") })
                    .collect::<String>()
            };
            Encoded { text: hex(&padded), core: hex(secret), telling: 13 }
        }
        7 => {
            let hex: Vec<String> = secret.bytes().map(|it| format!("{it:02x}")).collect();
            Encoded { text: hex.join(" "), core: hex.concat(), telling: 13 }
        }
        8 => {
            let text: String = secret.chars().map(|c| escaped(c, hows[0])).collect();
            Encoded { core: secret.to_owned(), text, telling: 4 }
        }
        _ => {
            let text = secret.chars().zip(hows.iter().cycle()).map(|(c, how)| escaped(c, *how)).collect();
            Encoded { core: secret.to_owned(), text, telling: 4 }
        }
    }
}

/// What is seen on a screen, on one line.
fn seen(text: &str) -> String {
    rbl_syntax::clean(text).split_whitespace().collect()
}

/// A part of the core that can still be read.
fn leaked(shown: &str, encoded: &Encoded) -> Option<String> {
    let shown = seen(shown);
    let core: Vec<char> = encoded.core.chars().filter(|c| !c.is_whitespace()).collect();
    let parts = core.windows(encoded.telling.min(core.len())).map(|part| part.iter().collect::<String>());
    parts.into_iter().find(|part| shown.contains(part.as_str()))
}

fn encoded() -> impl Strategy<Value = (String, Encoded)> {
    let hows = prop::collection::vec(0_u8..14, 8);
    (secrets(), 0_u8..12, 0_usize..7, 0_usize..4, hows, 20_usize..77).prop_map(
        |(secret, form, before, after, hows, width)| {
            let encoded = forms(&secret, form, before, after, &hows, width);
            (secret, encoded)
        },
    )
}

proptest! {
    #[test]
    fn no_encoding_of_a_secret_is_visible((secret, encoded) in encoded()) {
        let secrets = Secrets::new();
        secrets.hide(&secret);
        let text = format!("the value is [{}] today", encoded.text);
        let shown = secrets.redact(&text);
        prop_assert!(shown.contains(MASK), "{text} is shown as {shown}");
        prop_assert_eq!(leaked(&shown, &encoded), None, "{} is shown as {}", text, shown);
        prop_assert!(shown.starts_with("the value is [") && shown.ends_with("] today"), "{}", shown);
        // In what a provider answers it is masked in the same way, or nothing of the answer is left.
        let labels = [("where".into(), encoded.text.as_str().into())].into();
        let text = RawText { labels, text: encoded.text.clone() };
        let sample = RawSample::new([(encoded.text.as_str().into(), "x".into())].into(), 1.0, None);
        let reading = Reading { texts: vec![text], samples: vec![sample], lines: Some(vec![encoded.text.clone()]), ..Reading::default() };
        if let Ok(kept) = secrets.redacted(reading).known() {
            for shown in kept.texts.iter().map(|it| it.text.as_str()).chain(kept.lines.iter().flatten().map(String::as_str)) {
                prop_assert_eq!(leaked(shown, &encoded), None);
            }
            let labels = kept.texts.iter().flat_map(|it| it.labels.values()).chain(kept.samples.iter().flat_map(|it| it.labels.keys()));
            for shown in labels {
                prop_assert_eq!(leaked(shown, &encoded), None);
            }
        }
    }

    /// Where a text is cut in the middle of a secret, both halves are taken with the cut.
    #[test]
    fn no_half_of_a_secret_is_visible_at_a_cut((secret, encoded) in encoded(), at in any::<prop::sample::Index>()) {
        // What is broken into lines is recognised line by line.
        prop_assume!(!encoded.text.contains(['\n', ' ', '\u{1b}']));
        let secrets = Secrets::new();
        secrets.hide(&secret);
        let text = format!("the value is [{}] today", encoded.text);
        let cut = at.index(encoded.text.len()) + "the value is [".len();
        let (head, tail) = text.as_bytes().split_at(cut);
        let head = &head[..head.len() - secrets.half_at_end(head)];
        let tail = &tail[secrets.half_at_start(tail)..];
        for part in [head, tail] {
            let shown = secrets.redact(&String::from_utf8_lossy(part));
            let telling = Encoded { telling: encoded.telling.max(8), ..encoded.clone() };
            prop_assert_eq!(leaked(&shown, &telling), None, "cut at {} {:?} is shown as {}", cut, text, shown);
        }
    }
}
