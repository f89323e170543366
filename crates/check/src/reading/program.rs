//! What a program may be given, and whether a command is one of the list.

use super::list::LIST;
use super::options::{Arguments, ProgramOptions};

/// What a program may be given.
pub(super) enum Allowed {
    /// Whatever it is given, it only looks.
    Anything,
    /// Nothing.
    Nothing,
    /// These options, and anything that is no option.
    Options(ProgramOptions),
    /// One of these as the first arguments that are no options, and these options anywhere.
    Subcommands(&'static [&'static str], ProgramOptions),
    /// What this function lets through: the options it knows, and a description in words.
    Rule(fn(&[&str]) -> bool, &'static str),
}

/// A row of the list.
pub(super) struct Row {
    pub(super) names: &'static [&'static str],
    pub(super) allowed: Allowed,
}

pub(super) const fn row(names: &'static [&'static str], allowed: Allowed) -> Row {
    Row { names, allowed }
}

pub(super) const fn options(
    flags: &'static str,
    valued: &'static str,
    long: &'static [&'static str],
    long_valued: &'static [&'static str],
) -> ProgramOptions {
    ProgramOptions { flags, valued, long, long_valued }
}

/// Folders whose programs are those of the list.
const FOLDERS: [&str; 4] = ["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/"];

/// Whether a command of these words only looks.
pub(super) fn only_reads(words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    command(&words)
}

pub(super) fn command(words: &[&str]) -> bool {
    let Some((name, arguments)) = words.split_first() else { return false };
    let name = FOLDERS.iter().find_map(|folder| name.strip_prefix(folder)).unwrap_or(name);
    let Some(row) = LIST.iter().find(|row| row.names.contains(&name)) else { return false };
    match &row.allowed {
        Allowed::Anything => true,
        Allowed::Nothing => arguments.is_empty(),
        Allowed::Options(options) => options.read(arguments).is_some(),
        Allowed::Subcommands(known, options) => {
            options.read(arguments).is_some_and(|read| begins_with(&read, known))
        }
        Allowed::Rule(rule, _) => rule(arguments),
    }
}

/// Whether the arguments begin with one of these subcommands.
fn begins_with(read: &Arguments<'_>, known: &[&str]) -> bool {
    known.iter().any(|known| {
        let mut plain = read.plain.iter();
        known.split(' ').all(|word| plain.next() == Some(&word))
    })
}

/// The programs, and what each may be given, in words.
pub(super) fn listed() -> Vec<(&'static str, String)> {
    let words = |allowed: &Allowed| match allowed {
        Allowed::Anything => "anything".to_owned(),
        Allowed::Nothing => "nothing".to_owned(),
        Allowed::Options(options) => options.in_words(),
        Allowed::Subcommands(known, options) => {
            let known: Vec<String> = known.iter().map(|it| format!("`{it}`")).collect();
            format!("{}; {}", known.join(", "), options.in_words())
        }
        Allowed::Rule(_, words) => (*words).to_owned(),
    };
    let mut all: Vec<_> =
        LIST.iter().flat_map(|row| row.names.iter().map(|name| (*name, words(&row.allowed)))).collect();
    all.sort();
    all
}

impl ProgramOptions {
    fn in_words(&self) -> String {
        let letters = self.flags.chars().chain(self.valued.chars()).map(|letter| format!("`-{letter}`"));
        let long = self.long.iter().chain(self.long_valued).map(|name| format!("`--{name}`"));
        letters.chain(long).collect::<Vec<_>>().join(" ")
    }
}
