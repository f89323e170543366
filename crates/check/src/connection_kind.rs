//! The kinds of connections that `rbl.toml` can configure, as data: what the checks, completion, `rbl explain` and the
//! reference know of them. Only the crate `world` fills the list.

use rbl_syntax::tree::MetricType;

/// What a kind connects to. Each family is a section of `rbl.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// `metric … from NAME`: `[providers.NAME]`.
    Provider,
    /// `define … as NAME "REFERENCE"`: `[executors.NAME]`.
    Executor,
    /// `escalate to "NAME"`: `[teams.NAME]`.
    Team,
    /// `record … to "NAME"`: `[channels.NAME]`.
    Channel,
}

impl Family {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Provider, Self::Executor, Self::Team, Self::Channel];

    /// One of the family: `provider`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Executor => "executor",
            Self::Team => "team",
            Self::Channel => "channel",
        }
    }

    /// The section of `rbl.toml`: `providers`.
    pub const fn section(self) -> &'static str {
        match self {
            Self::Provider => "providers",
            Self::Executor => "executors",
            Self::Team => "teams",
            Self::Channel => "channels",
        }
    }

    /// The family of a section.
    pub fn of_section(section: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.section() == section)
    }
}

/// A kind of connection: `type = "…"` in a section of its family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindDescription {
    /// What it connects to.
    pub family: Family,
    /// Its name.
    pub kind: &'static str,
    /// What it is, in a few words.
    pub summary: &'static str,
    /// The types of metric that it reads; empty for what reads none.
    pub metrics: &'static [MetricType],
    /// What its behaviour is tested against.
    pub contract: Contract,
    /// The keys of its section; `type` is not among them.
    pub keys: &'static [Key],
}

/// What a kind is tested against: how sure it is that it works with the system that it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contract {
    /// It speaks a protocol of rbl's own, or to this machine: there is nobody else to agree with.
    Own,
    /// The system itself, or another program that is used in its place: which.
    Real(&'static str),
    /// What another client of the system sends: which.
    ReferenceClient(&'static str),
    /// The system's own machine-readable description of its API, or its own client library against our fake: which.
    Schema(&'static str),
    /// A fake of ours, made from the documentation: which.
    OurReading(&'static str),
}

impl Contract {
    /// The class, in the words of the documentation.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Real(_) => "real",
            Self::ReferenceClient(_) => "reference client",
            Self::Schema(_) => "schema",
            Self::OurReading(_) => "our reading",
        }
    }

    /// What it is.
    pub const fn with(self) -> &'static str {
        match self {
            Self::Own => "",
            Self::Real(what) | Self::ReferenceClient(what) | Self::Schema(what) | Self::OurReading(what) => {
                what
            }
        }
    }

    /// Whether it may turn out that the system behaves otherwise.
    pub const fn is_experimental(self) -> bool {
        matches!(self, Self::Schema(_) | Self::OurReading(_))
    }
}

/// One key of a section: its check, its reference and its did-you-mean are derived from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// The kind of its value.
    pub kind: KeyKind,
    /// Whether the section needs it.
    pub required: bool,
    /// The default, in words; empty where there is none.
    pub default: &'static str,
    /// Its meaning.
    pub meaning: &'static str,
}

/// The kind of a key's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// A string, written in the file.
    Plain,
    /// A string, `{ env = "NAME" }` or `{ file = "PATH" }`.
    Text,
    /// `{ env = "NAME" }` or `{ file = "PATH" }`, never written in the file.
    Secret,
    /// An `http://` or `https://` address, written there or read as a text.
    Url,
    /// A `postgres://` address without a password, written there or read as a text.
    Database,
    /// A duration.
    Duration,
    /// An amount of data.
    Data,
    /// A whole number, at least one.
    Count,
    /// A number of times within a duration.
    Rate,
    /// `true` or `false`.
    Flag,
    /// A list of strings.
    Words,
    /// A table of texts.
    Settings,
    /// A list of secrets.
    Secrets,
    /// A table whose values are each one of these words.
    OneOfEach(&'static [&'static str]),
    /// One of these words.
    OneOf(&'static [&'static str]),
}

impl KeyKind {
    /// What to write, in words.
    pub fn in_words(self) -> String {
        match self {
            Self::Plain | Self::Text => "a string".into(),
            Self::Secret => "`{ env = \"NAME\" }` or `{ file = \"PATH\" }`".into(),
            Self::Url => "an address, like \"http://127.0.0.1:9090\"".into(),
            Self::Database => "the address of a database, like \"postgres://rbl@db.example.com/shop\"".into(),
            Self::Duration => "a duration, like \"10s\"".into(),
            Self::Data => "an amount of data, like \"10MB\"".into(),
            Self::Count => "a whole number, like 32".into(),
            Self::Rate => "a rate, like \"10 in 10m\"".into(),
            Self::Secrets => "a list of `{ env = \"NAME\" }` or `{ file = \"PATH\" }`".into(),
            Self::Flag => "`true` or `false`".into(),
            Self::Words => "a list of strings, like [\"a\", \"b\"]".into(),
            Self::Settings => "a table of strings, like { Name = \"value\" }".into(),
            Self::OneOfEach(words) => format!("a table of {}", quoted(words)),
            Self::OneOf(words) => quoted(words),
        }
    }
}

/// `"a" or "b"`
fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    words.join(" or ")
}

impl Key {
    /// A required key.
    pub const fn needed(name: &'static str, kind: KeyKind, meaning: &'static str) -> Self {
        Self { name, kind, required: true, default: "", meaning }
    }

    /// An optional key with its default.
    pub const fn optional(
        name: &'static str,
        kind: KeyKind,
        default: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self { name, kind, required: false, default, meaning }
    }
}
