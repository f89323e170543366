//! [`ProgramOptions`]: the options that a program may be given, read as `getopt` reads them.

/// The known options of a program. An abbreviation of a long one is not known.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ProgramOptions {
    /// Letters without a value.
    pub(super) flags: &'static str,
    /// Letters with a value, in the same word or in the next one.
    pub(super) valued: &'static str,
    /// Long names without a value, or with one behind `=`.
    pub(super) long: &'static [&'static str],
    /// Long names with a value behind `=` or in the next word.
    pub(super) long_valued: &'static [&'static str],
}

/// The arguments of a program by kind.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Arguments<'w> {
    /// Those that are no options.
    pub(super) plain: Vec<&'w str>,
    /// The options with their values: `("n", Some("5"))`, `("no-pager", None)`.
    pub(super) options: Vec<(String, Option<&'w str>)>,
}

impl Arguments<'_> {
    /// Whether this option is given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(given, _)| given == name)
    }

    /// The values that are given for these options.
    pub(super) fn values<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a str> {
        self.options
            .iter()
            .filter(|(given, _)| names.contains(&given.as_str()))
            .filter_map(|(_, value)| *value)
    }
}

impl ProgramOptions {
    /// Sorts arguments by kind; `None` where an option is not known.
    pub(super) fn read<'w>(&self, words: &[&'w str]) -> Option<Arguments<'w>> {
        let mut read = Arguments::default();
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            if word == "--" {
                read.plain.extend(words.by_ref());
            } else if let Some(long) = word.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (long, None),
                };
                let value = if self.long_valued.contains(&name) {
                    Some(value.map_or_else(|| separate(&mut words), Some)?)
                } else if self.long.contains(&name) {
                    value
                } else {
                    return None;
                };
                read.options.push((name.to_owned(), value));
            } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                self.letters(letters, &mut words, &mut read)?;
            } else {
                read.plain.push(word);
            }
        }
        Some(read)
    }

    fn letters<'w>(
        &self,
        letters: &'w str,
        words: &mut impl Iterator<Item = &'w str>,
        read: &mut Arguments<'w>,
    ) -> Option<()> {
        for (at, letter) in letters.char_indices() {
            let rest = letters.get(at + letter.len_utf8()..).unwrap_or_default();
            if self.valued.contains(letter) {
                let value = if rest.is_empty() { separate(words)? } else { rest };
                read.options.push((letter.to_string(), Some(value)));
                return Some(());
            }
            if !self.flags.contains(letter) {
                return None;
            }
            read.options.push((letter.to_string(), None));
        }
        Some(())
    }
}

/// A value in a word of its own. One that looks like an option is refused: the program may take the value as optional, and
/// read an option there.
fn separate<'w>(words: &mut impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let word = words.next()?;
    let is_number =
        word.strip_prefix('-').is_some_and(|it| !it.is_empty() && it.chars().all(|c| c.is_ascii_digit()));
    (is_number || !word.starts_with('-')).then_some(word)
}
