//! Every code there is, with its severity. Words a reader can guess, never renumbered, never reused.

use super::Severity;

/// The stable name of a kind of finding, `group/name`. Each has a page in `docs/errors/group/name.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code {
    name: &'static str,
    severity: Severity,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $constant:ident = $name:literal $severity:ident;)*) => {
        impl Code {
            $($(#[$doc])* pub const $constant: Self = Self { name: $name, severity: Severity::$severity };)*

            /// All codes, in the order of the groups.
            pub const ALL: &'static [Self] = &[$(Self::$constant),*];
        }
    };
}

codes! {
    /// A statement that cannot be read.
    SYNTAX_STATEMENT = "syntax/statement" Error;
    /// The file is Ruby.
    SYNTAX_RUBY = "syntax/ruby" Error;
    /// A bracket, text or command that is opened and never closed.
    SYNTAX_UNCLOSED = "syntax/unclosed" Error;
    /// A closing bracket that closes nothing.
    SYNTAX_UNOPENED = "syntax/unopened" Error;
    /// A habit of another language that has its own word here.
    SYNTAX_HABIT = "syntax/habit" Error;
    /// Brackets or blocks nested deeper than 64.
    SYNTAX_DEPTH = "syntax/depth" Error;
    /// A file that is not text, or is too large.
    SYNTAX_FILE = "syntax/file" Error;
    /// A declaration, step or statement in a place where it may not stand.
    SYNTAX_PLACE = "syntax/place" Error;
    /// Merge-conflict markers left in the file.
    SYNTAX_CONFLICT = "syntax/conflict" Error;
    /// An escape that text does not know.
    SYNTAX_ESCAPE = "syntax/escape" Error;
    /// The same modifier or arm written twice.
    SYNTAX_TWICE = "syntax/twice" Error;
    /// A word of the language used as a name.
    SYNTAX_RESERVED = "syntax/reserved" Error;
    /// A number followed by something that is no unit.
    UNIT_UNKNOWN = "unit/unknown" Error;
    /// A type that there is not.
    NAME_UNKNOWN_TYPE = "name/unknown-type" Error;
    /// A wait without a limit.
    TIME_NO_LIMIT = "time/no-limit" Error;
}

impl Code {
    /// `group/name`.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// How much a finding of this kind matters, unless the finding itself says otherwise.
    pub const fn severity(self) -> Severity {
        self.severity
    }

    /// The code of that name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name == name)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
