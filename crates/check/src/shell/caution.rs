//! What could go wrong with a value in a shell command, depending on the value: a warning.

/// A value that may be read as code, or as several words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellCaution {
    /// Which value, counted from 0.
    pub value: usize,
    /// The number of bytes of the author's text before the place where it may be read.
    pub offset: usize,
    /// How.
    pub kind: CautionKind,
}

/// How a value may be read as code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CautionKind {
    /// It goes through another program, whose output this one runs.
    Perhaps(String),
    /// It is part of a statement for this client of a database.
    Query(String),
    /// This variable, or this program, may make several words of it.
    Words(String),
}

/// The headline.
impl std::fmt::Display for CautionKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Perhaps(program) => write!(f, "`{program}` may read this value as a command"),
            Self::Query(program) => write!(f, "`{program}` reads this value as part of a statement"),
            Self::Words(expansion) if expansion.starts_with('$') => {
                write!(f, "`{expansion}` without quotes may make several words of this value")
            }
            Self::Words(program) => write!(f, "`{program}` may make several words of this value"),
        }
    }
}

impl CautionKind {
    /// The order in which they are reported: what may run code comes first.
    pub(crate) fn order(&self) -> u8 {
        match self {
            Self::Perhaps(_) => 0,
            Self::Query(_) => 1,
            Self::Words(_) => 2,
        }
    }

    /// What to do instead.
    pub fn help(&self) -> String {
        match self {
            Self::Perhaps(program) => {
                format!("run the command itself in the runbook, without `{program}`; or allow it with a reason")
            }
            Self::Words(expansion) if expansion.starts_with('$') => {
                format!("put it in quotes: `\"{expansion}\"`")
            }
            Self::Words(program) => {
                format!("separate the values by NUL: `printf '%s\\0' #{{…}} | {program} -0 …`")
            }
            Self::Query(program) if matches!(program.as_str(), "psql" | "ysqlsh") => {
                format!("pass it as a variable: `echo \"… :'v' …\" | {program} -v v=#{{…}}`")
            }
            Self::Query(_) => {
                "make it a number where it is one (`param id: number`), or limit it: `param id: text among [\"a\", \"b\"]`"
                    .into()
            }
        }
    }
}
