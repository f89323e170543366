//! Finds the quoting context of each value in a shell command, and whether it can be inserted there as exactly one
//! word.
//!
//! A value never becomes part of the program: it is inserted as the expansion of a variable, and shells do not parse
//! expansions as syntax. This module finds out how that expansion has to be quoted, and detects the few places in which
//! a shell evaluates a *value* a second time (arithmetic, `eval`, `sh -c`): there it is rejected.
//!
//! *Why so strict:* a place that two shells parse differently is rejected too.

#[cfg(test)]
mod arrival_tests;
mod caution;
mod code_option;
mod code_reader;
mod code_table;
#[cfg(test)]
mod code_tests;
mod code_variable;
mod inline_program;
mod program;
mod refusal;
mod run_file;
mod scanner;
mod script;
mod shell_call;

pub use caution::{CautionKind, ShellCaution};
pub use refusal::ShellRefusal;
pub(crate) use shell_call::script_at;

/// A part of a command as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellPart<'a> {
    /// The author's own text.
    Text(&'a str),
    /// One value.
    Value,
    /// One value that can be nothing but a number, a quantity, `true` or `false`: it is no code anywhere.
    Plain,
    /// A list: one word for each element.
    List,
}

/// The quoting around a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    /// No quotes.
    Bare,
    /// Between `'` and `'`.
    SingleQuoted,
    /// Between `"` and `"`.
    DoubleQuoted,
    /// In the body of a here-document that expands (`<<EOF`).
    HereDocument,
    /// In a comment, which the shell ignores.
    Comment,
}

/// The context of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueSite {
    /// The quoting around it.
    pub place: Quoting,
    /// Whether a literal `$` directly precedes it.
    pub after_dollar: bool,
    /// The program that would read it as an option which can run code, if it began with `-`.
    pub option_of: Option<&'static str>,
}

/// What is known about a command before it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellReading {
    /// The context of each value, in order; or every fault.
    pub sites: Result<Vec<ValueSite>, Vec<ShellFault>>,
    /// What could go wrong, depending on the values.
    pub cautions: Vec<ShellCaution>,
    /// Where the shell's comments begin: the number of bytes of the author's text before each.
    pub comments: Vec<usize>,
}

/// A value that cannot be inserted at its place, or a quote that is not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellFault {
    /// Which value, counted from 0; `None` for a quote that is not closed.
    pub value: Option<usize>,
    /// The number of bytes of the author's text before it.
    pub offset: usize,
    /// The reason.
    pub refusal: ShellRefusal,
}

/// Reads a command.
pub fn read(parts: &[ShellPart<'_>]) -> ShellReading {
    scanner::read(parts)
}

/// Returns the context of each value, in order; or every fault.
pub fn sites(parts: &[ShellPart<'_>]) -> Result<Vec<ValueSite>, Vec<ShellFault>> {
    read(parts).sites
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `@` is a value, `%` is a list.
    #[allow(clippy::string_slice)] // the marks are one byte each
    fn scan(text: &str) -> Result<Vec<ValueSite>, Vec<ShellFault>> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['@', '%']) {
            parts.push(ShellPart::Text(&rest[..at]));
            parts.push(if rest[at..].starts_with('@') { ShellPart::Value } else { ShellPart::List });
            rest = &rest[at + 1..];
        }
        parts.push(ShellPart::Text(rest));
        sites(&parts)
    }

    fn places(text: &str) -> Vec<Quoting> {
        scan(text).unwrap().into_iter().map(|site| site.place).collect()
    }

    fn refusals(text: &str) -> Vec<ShellRefusal> {
        scan(text).unwrap_err().into_iter().map(|fault| fault.refusal).collect()
    }

    #[test]
    fn tells_quotes_apart() {
        use Quoting::{Bare, Comment, DoubleQuoted, HereDocument, SingleQuoted};
        assert_eq!(places(r#"a @ '@' "@" b@c # @"#), [Bare, SingleQuoted, DoubleQuoted, Bare, Comment]);
        assert_eq!(places(r#""a $(b @ '@' "@" $(c @)) @" @"#), {
            [Bare, SingleQuoted, DoubleQuoted, Bare, DoubleQuoted, Bare]
        });
        assert_eq!(
            places("cat <<EOF @\nx @ '@\n$(a @)\nEOF\nb @"),
            [Bare, HereDocument, HereDocument, Bare, Bare]
        );
        assert_eq!(places("cat <<-'X' <<Y\n'\n\tX\n@\nY\n'@'"), [HereDocument, SingleQuoted]);
        assert_eq!(places(r#"echo \" @ a#b @"#), [Bare, Bare]);
        assert_eq!(places(r#"echo "${X:-"a"}" @"#).len(), 1);
        assert_eq!(places("echo ${#x} @ $# @ $$ @ `date` @"), [Bare; 4]);
        assert_eq!(places("echo it\\'s @"), [Bare]);
    }

    #[test]
    fn a_case_inside_a_substitution_does_not_end_it() {
        use Quoting::{Bare, DoubleQuoted};
        assert_eq!(places(r#"echo "$(case @ in a) b @;; (c) d;; esac; e @) @""#), {
            [Bare, Bare, Bare, DoubleQuoted]
        });
        assert_eq!(places(r#"echo "$(echo case in; (a)) @""#), [DoubleQuoted]);
        assert_eq!(places(r#""$( (case x in y) ;; esac) ) @""#), [DoubleQuoted]);
    }

    #[test]
    fn refuses_where_a_value_would_be_read_as_code() {
        assert_eq!(refusals("echo $((1 + @))"), [ShellRefusal::Arithmetic]);
        assert_eq!(refusals("echo $(( $(echo @) ))"), [ShellRefusal::Arithmetic]);
        assert_eq!(refusals("((x = @))"), [ShellRefusal::Arithmetic]);
        assert_eq!(refusals("eval @"), [ShellRefusal::ReadAgain("eval".into())]);
        assert_eq!(refusals("sh -c 'echo @'"), [ShellRefusal::ReadAgain("sh".into())]);
        assert_eq!(refusals("sudo -u x /bin/bash -ec \"echo @\""), [ShellRefusal::ReadAgain("bash".into())]);
        assert_eq!(refusals("ssh -p 22 @ reboot @"), [ShellRefusal::ReadAgain("ssh".into())]);
        assert_eq!(refusals("[[ @ -gt 3 ]]"), [ShellRefusal::DoubleBracket]);
        assert_eq!(refusals("a[@]=1"), [ShellRefusal::Subscript]);
        assert!(scan("sh -c 'echo \"$1\"' sh @").is_ok());
        assert!(scan("sh @ -c x; echo -c @").is_ok());
        assert!(scan("[ @ -gt 3 ] && [[ a == b ]] && echo @").is_ok());
    }

    #[test]
    fn refuses_where_it_cannot_be_done() {
        assert_eq!(refusals("cat <<'EOF'\n@\nEOF"), [ShellRefusal::LiteralHereDocument]);
        assert_eq!(refusals("cat <<@\nEOF"), [ShellRefusal::HereDelimiter]);
        assert_eq!(refusals("echo `echo @`"), [ShellRefusal::Backquotes]);
        assert_eq!(refusals("echo ${X:-@} \"${X:-\"@\"}\""), [ShellRefusal::Braces, ShellRefusal::Braces]);
        assert_eq!(refusals("echo \\@ \"\\@\""), [ShellRefusal::Backslash, ShellRefusal::Backslash]);
        assert_eq!(refusals("echo $'a@'"), [ShellRefusal::DollarQuote]);
        assert_eq!(refusals("X=% cmd"), [ShellRefusal::ListInAssignment]);
        assert_eq!(refusals("export X=\"a%\""), [ShellRefusal::ListInAssignment]);
        assert_eq!(refusals("echo > %"), [ShellRefusal::ListInRedirection]);
        assert_eq!(refusals("echo 'a @"), [ShellRefusal::Unclosed('\'')]);
        assert_eq!(scan("echo é\\@").unwrap_err()[0].offset, "echo é\\".len());
    }

    proptest::proptest! {
        #[test]
        fn every_value_has_a_site_or_there_is_a_fault(text in "[-a-z@%'\"`$(){}\\[\\]<>;|&#=\\\\\n E]{0,60}") {
            let values = text.matches(['@', '%']).count();
            match scan(&text) {
                Ok(sites) => proptest::prop_assert_eq!(sites.len(), values),
                Err(faults) => proptest::prop_assert!(!faults.is_empty()),
            }
        }
    }

    #[test]
    fn a_dollar_before_a_value_means_itself() {
        let after_dollar = |text: &str| scan(text).unwrap().first().map(|site| site.after_dollar);
        assert_eq!(after_dollar("echo $@"), Some(true));
        assert_eq!(after_dollar("echo \"$@\""), Some(true));
        assert_eq!(after_dollar("echo '$@'"), Some(false));
        assert_eq!(after_dollar("echo $$@"), Some(false));
        assert_eq!(after_dollar("echo \\$@"), Some(false));
    }
}
