//! The forms in which the value of a secret appears in other programs' output: as it is, line by line, and encoded. How
//! the characters of a form are escaped and quoted is left to those who look for it.

use std::fmt::Write as _;

use zeroize::Zeroizing;

use crate::encoding::{base64_unpadded, base64_url};

/// A line of a secret of several lines is masked from this length on; a shorter one if it has a digit in it.
const LONG_LINE: usize = 8;
/// The shortest part of an encoding that is masked where it does not begin with the value.
const SHORTEST_PART: usize = 8;

/// Every form of a secret.
pub(super) struct SecretForms {
    /// Found character by character, each as it is or escaped.
    pub(super) plain: Vec<Zeroizing<String>>,
    /// In base64 or hex, which programs break into lines and groups as they like: parts of it are found too.
    pub(super) encoded: Vec<Zeroizing<String>>,
}

impl SecretForms {
    /// The forms of a value that are no shorter than this.
    pub(super) fn of(value: &str, shortest: usize) -> Self {
        let mut forms = Self { plain: Vec::new(), encoded: Vec::new() };
        let trimmed = value.trim();
        for plain in [value, trimmed] {
            forms.plain(plain.to_owned(), shortest);
        }
        if trimmed.len() < shortest {
            return forms;
        }
        let lines = trimmed.lines().map(str::trim).filter(|line| {
            line.len() >= LONG_LINE || line.len() >= shortest && line.contains(|c: char| c.is_ascii_digit())
        });
        let mut plains = vec![value, trimmed];
        plains.extend(lines.filter(|line| *line != trimmed));
        for plain in plains {
            forms.plain(plain.to_owned(), shortest);
            for hex in hexes(plain.as_bytes()) {
                forms.encoded(hex, shortest);
            }
            forms.base64(plain.as_bytes(), shortest);
        }
        forms
    }

    /// In base64, alone and in the middle of something longer: `user:secret`, a JSON document.
    fn base64(&mut self, bytes: &[u8], shortest: usize) {
        for encode in [base64_unpadded, base64_url] {
            let alone = encode(bytes);
            if alone.contains(['+', '/']) {
                self.plain(alone.clone(), shortest);
            }
            self.encoded(alone, shortest);
            for before in 0..3 {
                let mut shifted = Zeroizing::new(vec![0; before]);
                shifted.extend_from_slice(bytes);
                let all = Zeroizing::new(encode(&shifted));
                // Only whole letters of the value: those at both ends hold bits of its neighbours.
                let (from, to) = ((before * 8).div_ceil(6), shifted.len() * 8 / 6);
                if let Some(part) = all.get(from..to).filter(|part| part.len() >= SHORTEST_PART) {
                    self.encoded(part.to_owned(), shortest);
                }
            }
        }
    }

    fn plain(&mut self, form: String, shortest: usize) {
        add(&mut self.plain, form, shortest);
    }

    fn encoded(&mut self, form: String, shortest: usize) {
        add(&mut self.encoded, form, shortest);
    }
}

fn add(forms: &mut Vec<Zeroizing<String>>, form: String, shortest: usize) {
    let form = Zeroizing::new(form);
    if form.len() >= shortest && !forms.contains(&form) {
        forms.push(form);
    }
}

/// In hex: both cases, and with a colon between bytes.
fn hexes(bytes: &[u8]) -> [String; 3] {
    let all = |before: &str, upper: bool| {
        bytes.iter().fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = if upper { write!(hex, "{before}{byte:02X}") } else { write!(hex, "{before}{byte:02x}") };
            hex
        })
    };
    [all("", false), all("", true), all(":", false).trim_start_matches(':').to_owned()]
}
