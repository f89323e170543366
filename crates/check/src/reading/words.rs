//! Splits a command into the commands that it consists of and their words, as far as it is written plainly.

use std::iter::Peekable;
use std::vec::IntoIter;

/// A part of a command, with its values filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadPart {
    /// The author's own text.
    Text(String),
    /// The words that a value becomes: one, or one for each element of a list.
    Value(Vec<String>),
}

/// A character of the text, or a value at its place.
enum ReadPiece {
    Char(char),
    Value(Vec<String>),
}

/// Reads the pieces from left to right.
struct WordReader {
    pieces: Peekable<IntoIter<ReadPiece>>,
    commands: Vec<Vec<String>>,
    words: Vec<String>,
    /// The word that is read; `None` between two words.
    word: Option<String>,
    /// Whether the word has nothing in it but the author's own text, without quotes.
    is_bare: bool,
    /// Whether a command has to follow: behind `|`, `&&` and `||`.
    goes_on: bool,
}

/// The commands of a pipeline or a list, each with its words; `None`: there is something in it that is not read here.
pub(super) fn commands(parts: &[ReadPart]) -> Option<Vec<Vec<String>>> {
    let mut pieces = Vec::new();
    for part in parts {
        match part {
            ReadPart::Text(text) => pieces.extend(text.chars().map(ReadPiece::Char)),
            ReadPart::Value(words) => pieces.push(ReadPiece::Value(words.clone())),
        }
    }
    let mut reader = WordReader {
        pieces: pieces.into_iter().peekable(),
        commands: Vec::new(),
        words: Vec::new(),
        word: None,
        is_bare: true,
        goes_on: false,
    };
    while let Some(piece) = reader.pieces.next() {
        match piece {
            ReadPiece::Char(c) => reader.character(c)?,
            ReadPiece::Value(words) => reader.value(words)?,
        }
    }
    reader.end_command();
    (!reader.goes_on && !reader.commands.is_empty()).then_some(reader.commands)
}

impl WordReader {
    fn character(&mut self, c: char) -> Option<()> {
        match c {
            ' ' | '\t' => self.end_word(),
            '\n' => self.end_command(),
            ';' => {
                // `;;` and a `;` behind nothing have no meaning here.
                self.end_word();
                let was = self.commands.len();
                self.end_command();
                if self.commands.len() == was {
                    return None;
                }
            }
            '|' | '&' => self.operator(c)?,
            '\'' => self.quoted('\'')?,
            '"' => self.quoted('"')?,
            '\\' if self.next_is('\n') => {
                self.pieces.next();
                self.end_word();
            }
            '>' => self.redirection()?,
            // What a pattern becomes could begin with `-`, and be an option.
            '*' | '?' if self.word.as_ref().is_some_and(|word| !word.is_empty()) => self.push(c),
            // `[` is a program, and `]` its last argument.
            '[' | ']' if self.word.is_none() && self.at_boundary() => self.push(c),
            c if c.is_alphanumeric() || "_./:=@%+,^~-".contains(c) => self.push(c),
            _ => return None,
        }
        Some(())
    }

    /// A value is one word, whatever is in it. A list is read only where it stands alone.
    fn value(&mut self, words: Vec<String>) -> Option<()> {
        let mut words = words.into_iter();
        match (words.next(), words.len()) {
            (Some(only), 0) => {
                self.word.get_or_insert_default().push_str(&only);
                self.is_bare = false;
            }
            (first, _) => {
                if self.word.is_some() || !self.at_boundary() {
                    return None;
                }
                self.words.extend(first);
                self.words.extend(words);
            }
        }
        Some(())
    }

    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    fn next_is(&mut self, wanted: char) -> bool {
        matches!(self.pieces.peek(), Some(ReadPiece::Char(c)) if *c == wanted)
    }

    /// Whether no word goes on here.
    fn at_boundary(&mut self) -> bool {
        match self.pieces.peek() {
            None => true,
            Some(ReadPiece::Char(c)) => " \t\n;|&".contains(*c),
            Some(ReadPiece::Value(_)) => false,
        }
    }

    fn end_word(&mut self) {
        self.words.extend(self.word.take());
        self.is_bare = true;
    }

    fn end_command(&mut self) {
        self.end_word();
        if !self.words.is_empty() {
            self.commands.push(std::mem::take(&mut self.words));
            self.goes_on = false;
        }
    }

    /// `|`, `||`, `&&`; a single `&` leaves something behind that runs on.
    fn operator(&mut self, c: char) -> Option<()> {
        let is_double = self.next_is(c);
        if c == '&' && !is_double {
            return None;
        }
        if is_double {
            self.pieces.next();
        }
        self.end_word();
        if self.words.is_empty() {
            return None;
        }
        self.end_command();
        self.goes_on = true;
        Some(())
    }

    /// Between quotes. What a shell would expand there is refused.
    fn quoted(&mut self, quote: char) -> Option<()> {
        self.is_bare = false;
        self.word.get_or_insert_default();
        loop {
            match self.pieces.next()? {
                ReadPiece::Char(c) if c == quote => return Some(()),
                ReadPiece::Char('$' | '`' | '\\' | '!') if quote == '"' => return None,
                ReadPiece::Char(c) => self.push(c),
                ReadPiece::Value(words) => {
                    let [only] = words.as_slice() else { return None };
                    self.word.get_or_insert_default().push_str(only);
                }
            }
        }
    }

    /// `>/dev/null`, `2>&1` and `1>&2`: everything else writes somewhere.
    fn redirection(&mut self) -> Option<()> {
        let descriptor = match self.word.as_deref() {
            None => true,
            Some("1" | "2") if self.is_bare => {
                self.word = None;
                true
            }
            Some(_) => false,
        };
        if !descriptor || self.words.is_empty() {
            return None;
        }
        let target: &[char] = if self.next_is('&') {
            self.pieces.next();
            match self.pieces.next()? {
                ReadPiece::Char('1' | '2') => &[],
                ReadPiece::Char(_) | ReadPiece::Value(_) => return None,
            }
        } else {
            while self.next_is(' ') {
                self.pieces.next();
            }
            &['/', 'd', 'e', 'v', '/', 'n', 'u', 'l', 'l']
        };
        for wanted in target {
            if !self.next_is(*wanted) {
                return None;
            }
            self.pieces.next();
        }
        self.at_boundary().then_some(())
    }
}
