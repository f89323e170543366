//! Why a value is not allowed at its place in a shell command, and what to write instead.

use super::code_table::is_language;

/// Why a value is not allowed at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShellRefusal {
    /// In `$((…))` or `((…))`.
    Arithmetic,
    /// In `[[ … ]]`.
    DoubleBracket,
    /// In the index of a shell array.
    Subscript,
    /// In a word that this program evaluates as a shell command again.
    ReadAgain(String),
    /// Through this expansion without quotes, of which the shell makes a command and its arguments.
    Unquoted(String),
    /// In `${…@P}`, which is read as a prompt.
    Prompt,
    /// In a here-document whose delimiter is quoted.
    LiteralHereDocument,
    /// In the delimiter of a here-document.
    HereDelimiter,
    /// In a command substitution with back quotes.
    Backquotes,
    /// In `${…}`.
    Braces,
    /// Right after a backslash.
    Backslash,
    /// In or after `$'…'`, which shells parse differently.
    DollarQuote,
    /// A list in `NAME=…`.
    ListInAssignment,
    /// A list as the target of a redirection.
    ListInRedirection,
    /// Not about a value: this quote or bracket is not closed.
    Unclosed(char),
}

/// The headline: what is wrong.
impl std::fmt::Display for ShellRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Arithmetic => f.write_str("the shell would compute with the text of this value"),
            Self::DoubleBracket => f.write_str("some shells evaluate a value inside `[[ … ]]`"),
            Self::Subscript => f.write_str("some shells evaluate a value inside `[…]`"),
            Self::ReadAgain(program) if is_language(program) => {
                write!(f, "`{program}` would read this value as a part of its program")
            }
            Self::ReadAgain(program) => write!(f, "`{program}` would read this value as a command"),
            Self::Unquoted(expansion) => {
                write!(f, "the shell would run the words of `{expansion}` as a command")
            }
            Self::Prompt => f.write_str("the shell runs the commands in a value inside `${…@P}`"),
            Self::LiteralHereDocument => f.write_str("this here-document takes no values"),
            Self::HereDelimiter => f.write_str("a value cannot be the end mark of a here-document"),
            Self::Backquotes => f.write_str("a value is not allowed inside the shell's back quotes"),
            Self::Braces => f.write_str("a value is not allowed inside `${…}`"),
            Self::Backslash => f.write_str("a backslash directly precedes this value"),
            Self::DollarQuote => f.write_str("shells read `$'…'` differently, so no value can follow"),
            Self::ListInAssignment => f.write_str("a list cannot be assigned to a shell variable"),
            Self::ListInRedirection => f.write_str("output cannot be redirected to a list"),
            Self::Unclosed(quote) => write!(f, "this `{quote}` of the command is not closed"),
        }
    }
}

impl ShellRefusal {
    /// What to do instead.
    pub fn help(&self) -> String {
        match self {
            Self::Arithmetic | Self::DoubleBracket | Self::Subscript => {
                "compute and compare in the runbook, and put the result in; or use `[ … ]` in quotes".into()
            }
            Self::ReadAgain(program) if program == "ssh" => {
                "use `on HOST` after the command instead of `ssh`".into()
            }
            Self::ReadAgain(program) if program == "eval" => "write the command without `eval`".into(),
            Self::ReadAgain(program) => match program.as_str() {
                "awk" | "gawk" | "mawk" | "nawk" => {
                    format!("pass it as a variable: `{program} -v v=#{{…}} '… v …'`")
                }
                "sed" | "gsed" => {
                    "use `awk -v v=#{…} '… v …'`, or another tool that takes it as an argument".into()
                }
                "perl" | "ruby" => format!("pass it as an argument: `{program} -e '… ARGV[0] …' #{{…}}`"),
                "node" | "nodejs" => {
                    format!("pass it as an argument: `{program} -e '… process.argv[1] …' #{{…}}`")
                }
                "python" | "python3" => {
                    format!("pass it as an argument: `{program} -c 'import sys; … sys.argv[1] …' #{{…}}`")
                }
                "sh" | "bash" | "dash" | "ash" | "ksh" | "mksh" | "zsh" => {
                    format!("pass it as an argument: `{program} -c 'echo \"$1\"' {program} #{{…}}`")
                }
                _ => "pass it as an argument of its own, or write the command without it".into(),
            },
            Self::Unquoted(expansion) => format!(
                "put it in quotes, so that it is the name of one program: `\"{expansion}\"`; or write the command out"
            ),
            Self::Prompt => "leave out the `@P`, or write the text with `printf`".into(),
            Self::LiteralHereDocument => "take the quotes off the end mark: `<<EOF`".into(),
            Self::HereDelimiter => "write the end mark out: `<<EOF`".into(),
            Self::Backquotes => "write `$(…)` instead of back quotes".into(),
            Self::Braces => "give it a name first: `v=#{…}`, then use `$v` in `${…}`".into(),
            Self::Backslash => "take the backslash away: a value needs no escaping".into(),
            Self::DollarQuote => "use plain quotes, or `printf`".into(),
            Self::ListInAssignment | Self::ListInRedirection => {
                "make one text of it: `#{join(list, \" \")}`".into()
            }
            Self::Unclosed(quote) => format!("close it with another `{quote}`"),
        }
    }
}
