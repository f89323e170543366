//! Every diagnostic code, with its severity. Codes are words a reader can guess; they are never renumbered or reused.

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
    /// The file is Ruby code.
    SYNTAX_RUBY = "syntax/ruby" Error;
    /// The file is in another format: Markdown, YAML, Python.
    SYNTAX_FOREIGN = "syntax/foreign" Error;
    /// A bracket, text or command that is opened and never closed.
    SYNTAX_UNCLOSED = "syntax/unclosed" Error;
    /// A closing bracket that closes nothing.
    SYNTAX_UNOPENED = "syntax/unopened" Error;
    /// A habit of another language for which this language has its own word.
    SYNTAX_HABIT = "syntax/habit" Error;
    /// Brackets or blocks nested deeper than 64.
    SYNTAX_DEPTH = "syntax/depth" Error;
    /// A file that is not text, or is too large.
    SYNTAX_FILE = "syntax/file" Error;
    /// `by`, `within` or another modifier on something that does not take it.
    SYNTAX_MODIFIER = "syntax/modifier" Error;
    /// A declaration, step or statement in a place where it is not allowed.
    SYNTAX_PLACE = "syntax/place" Error;
    /// Merge-conflict markers left in the file.
    SYNTAX_CONFLICT = "syntax/conflict" Error;
    /// An escape that texts do not have.
    SYNTAX_ESCAPE = "syntax/escape" Error;
    /// A character in a text or a command that nobody sees.
    SYNTAX_HIDDEN = "syntax/hidden" Warning;
    /// `#{…}` around something that is not an expression.
    SYNTAX_VALUE = "syntax/value" Error;

    /// A line of `rbl.toml` that is not TOML.
    CONFIG_SYNTAX = "config/syntax" Error;
    /// A section or a key that `rbl.toml` does not have.
    CONFIG_UNKNOWN_KEY = "config/unknown-key" Error;
    /// A `type` that does not exist.
    CONFIG_UNKNOWN_TYPE = "config/unknown-type" Error;
    /// A key that a section requires is missing.
    CONFIG_MISSING_KEY = "config/missing-key" Error;
    /// A value that does not fit its key.
    CONFIG_VALUE = "config/value" Error;
    /// A secret that is written in `rbl.toml` itself.
    CONFIG_SECRET = "config/secret" Error;
    /// A name that is not declared.
    NAME_UNKNOWN = "name/unknown" Error;
    /// An action that no `define` declares.
    NAME_ACTION = "name/action" Error;
    /// A function that the language does not have.
    NAME_FUNCTION = "name/function" Error;
    /// A text that is none of the values that a parameter allows.
    NAME_VALUE = "name/value" Error;
    /// A field that a value does not have.
    NAME_FIELD = "name/field" Error;
    /// A file that `use`, `run` or `tests for` names and that cannot be read.
    NAME_FILE = "name/file" Error;
    /// A runbook in the place of a library, or the other way round.
    NAME_FILE_KIND = "name/file-kind" Error;
    /// A name that is declared twice.
    NAME_DUPLICATE = "name/duplicate" Error;
    /// A name that hides another one.
    NAME_SHADOWED = "name/shadowed" Warning;
    /// A name that nothing uses.
    NAME_UNUSED = "name/unused" Warning;
    /// A name that is used before it has a value.
    NAME_EARLY = "name/early" Error;
    /// A named expression that uses itself.
    NAME_RECURSION = "name/recursion" Error;
    /// Arguments that are missing, too many, repeated or unknown.
    NAME_ARGUMENTS = "name/arguments" Error;
    /// A provider that is not configured.
    NAME_PROVIDER = "name/provider" Error;
    /// An executor that is not configured.
    NAME_EXECUTOR = "name/executor" Error;
    /// A team that is not configured.
    NAME_TEAM = "name/team" Warning;
    /// A channel that is not configured.
    NAME_CHANNEL = "name/channel" Warning;
    /// A number without a unit beside a quantity that has one.
    UNIT_MISSING = "unit/missing" Error;
    /// A ratio beside a plain number.
    UNIT_RATIO = "unit/ratio" Error;
    /// Two quantities of different kinds added or compared.
    UNIT_DIFFERENT = "unit/different" Error;
    /// `500m` where a plain number is measured: minutes, not thousandths.
    UNIT_MINUTES = "unit/minutes" Error;
    /// A unit that the metric's own name contradicts.
    UNIT_NAME = "unit/name" Warning;
    /// Something that is not a condition where one is needed.
    TYPE_CONDITION = "type/condition" Error;
    /// Two things that cannot be compared.
    TYPE_COMPARE = "type/compare" Error;
    /// A counter compared as if it were a measurement.
    TYPE_COUNTER = "type/counter" Warning;
    /// A measured value compared with `==`.
    TYPE_EQUAL = "type/equal" Warning;
    /// Chained comparisons.
    TYPE_CHAIN = "type/chain" Error;
    /// Arithmetic with something that is not a quantity.
    TYPE_ARITHMETIC = "type/arithmetic" Error;
    /// An argument of the wrong kind.
    TYPE_ARGUMENT = "type/argument" Error;
    /// Something that is not a duration where one is needed.
    TYPE_DURATION = "type/duration" Error;
    /// Something that is not a whole number where one is needed.
    TYPE_COUNT = "type/count" Error;
    /// Something that is not text where one is needed.
    TYPE_TEXT = "type/text" Error;
    /// A text that must be known before the run but contains values.
    TYPE_FIXED = "type/fixed" Error;
    /// A metric of many values where one value is needed.
    TYPE_SERIES = "type/series" Error;
    /// One value where several are needed: `any`, `every`, `for each`.
    TYPE_SINGLE = "type/single" Error;
    /// `ago`, `over` or `for` on something that has no history.
    TYPE_HISTORY = "type/history" Error;
    /// A window used outside a function that takes windows.
    TYPE_WINDOW = "type/window" Error;
    /// A value that cannot be put into a text or a command.
    TYPE_INTERPOLATION = "type/interpolation" Error;
    /// An exit code that `no on` or a test cannot name.
    TYPE_EXIT_CODE = "type/exit-code" Error;
    /// A regular expression that cannot be read.
    TYPE_REGEX = "type/regex" Error;
    /// A pattern that can never match the subject.
    TYPE_PATTERN = "type/pattern" Error;
    /// A point in time that cannot be read.
    TIME_POINT = "time/point" Error;
    /// A schedule that cannot be read.
    TIME_SCHEDULE = "time/schedule" Error;
    /// A time zone that does not exist.
    TIME_ZONE = "time/zone" Error;
    /// A query that is not PromQL.
    PROVIDER_PROMQL = "provider/promql" Error;
    /// A comparison at the top of a query.
    PROVIDER_FILTER = "provider/filter" Warning;
    /// A range that may hold fewer samples than the function needs.
    PROVIDER_RANGE = "provider/range" Warning;
    /// A metric that the provider `host` does not have.
    PROVIDER_HOST = "provider/host" Error;
    /// A query that has not the form of its provider.
    PROVIDER_QUERY = "provider/query" Error;
    /// A metric of a type that its provider does not read.
    PROVIDER_TYPE = "provider/type" Error;
    /// A modifier that a metric of this type cannot have.
    TYPE_METRIC = "type/metric" Error;
    /// Online: a provider gives no answer for a metric.
    PROVIDER_ANSWER = "provider/answer" Error;
    /// Online: a metric has no data.
    PROVIDER_NO_DATA = "provider/no-data" Warning;
    /// Online: a metric has other series than its `by` says.
    PROVIDER_SERIES = "provider/series" Error;
    /// Online: a metric has no value that can be compared.
    PROVIDER_VALUE = "provider/value" Warning;
    /// Online: what the provider reports about a metric does not match how it is used.
    PROVIDER_MEASURE = "provider/measure" Warning;
    /// Online: a metric takes long to read.
    PROVIDER_SLOW = "provider/slow" Warning;
    /// A query in SQL that its provider cannot run.
    PROVIDER_SQL = "provider/sql" Error;
    /// Online: an executor has not got what a reference names.
    ACTION_REMOTE = "action/remote" Error;
    /// A reference that an executor of its kind cannot read.
    ACTION_REFERENCE = "action/reference" Error;
    /// A parameter that the executor lacks or does not take.
    ACTION_PARAMETER = "action/parameter" Error;
    /// A value at a position in a command where the shell could read it as code.
    ACTION_SHELL = "action/shell" Error;
    /// A probe that is known to change something.
    ACTION_IN_PROBE = "action/in-probe" Error;
    /// A value of a command that may be read as code, depending on what it holds.
    ACTION_INJECTION = "action/injection" Warning;
    /// A value of a command of which the shell may make several words.
    ACTION_WORDS = "action/words" Warning;
    /// An escaped `#{` that begins a comment of the shell.
    ACTION_COMMENT = "action/comment" Warning;
    /// A loop that acts without a limit.
    ACTION_LIMIT = "action/limit" Error;
    /// A secret that flows into text that people read.
    SECRET_FLOW = "secret/flow" Error;
    /// A secret that is written in the file.
    SECRET_WRITTEN = "secret/written" Warning;
    /// Statements after an end; they never run.
    FLOW_UNREACHABLE = "flow/unreachable" Error;
    /// Something that a test expects but the runbook can never do.
    FLOW_EXPECT_NEVER = "flow/expect-never" Error;
    /// A runbook without a body, or a test with a table without lines.
    FLOW_EMPTY = "flow/empty" Error;
    /// Files that `use` or `run` each other in a cycle.
    FLOW_CIRCLE = "flow/circle" Error;
    /// A condition that is never true at its place.
    FLOW_NEVER = "flow/never" Warning;
    /// A condition that is always true at its place.
    FLOW_ALWAYS = "flow/always" Warning;
    /// A condition that is waited for and cannot change.
    FLOW_FROZEN = "flow/frozen" Error;
    /// A branch or an arm that earlier ones cover.
    FLOW_COVERED = "flow/covered" Warning;
    /// A value that falls between two branches.
    FLOW_GAP = "flow/gap" Warning;
    /// Branches that all do the same.
    FLOW_SAME = "flow/same" Warning;
    /// An action that reaches a successful end without a check after it.
    FLOW_NO_VERIFY = "flow/no-verify" Warning;
    /// An action before anything was checked.
    FLOW_BLIND = "flow/blind" Warning;
    /// An `unknown` arm that can never run.
    UNKNOWN_NEVER = "unknown/never" Warning;
    /// A condition that, if unknown, stops the run in the middle of a change.
    UNKNOWN_HALF_WAY = "unknown/half-way" Warning;
    /// A common tool whose *no* is another exit code than 1.
    UNKNOWN_EXIT_CODE = "unknown/exit-code" Warning;
    /// A pipeline whose output is used: only the failure of its last command is seen.
    UNKNOWN_PIPELINE = "unknown/pipeline" Warning;
    /// `retry` of an action that is not safe to repeat.
    ACTION_RETRY = "action/retry" Warning;
    /// A runbook without an owner.
    UPKEEP_NO_OWNER = "upkeep/no-owner" Warning;
    /// An answer of a test that the question does not have.
    UPKEEP_NO_ANSWER = "upkeep/no-answer" Warning;
    /// A test that expects nothing.
    UPKEEP_NO_EXPECT = "upkeep/no-expect" Error;
    /// An `allow` that silences nothing.
    UPKEEP_UNUSED_ALLOW = "upkeep/unused-allow" Warning;
    /// An `allow` that is past its date.
    UPKEEP_EXPIRED_ALLOW = "upkeep/expired-allow" Warning;
    /// An `allow` that cannot be read.
    UPKEEP_UNREADABLE_ALLOW = "upkeep/unreadable-allow" Warning;
    /// A comment says that something is still to be done.
    UPKEEP_OPEN = "upkeep/todo" Warning;
    /// The same modifier or arm written twice.
    SYNTAX_TWICE = "syntax/twice" Error;
    /// A word of the language used as a name.
    SYNTAX_RESERVED = "syntax/reserved" Error;
    /// A number followed by something that is not a unit.
    UNIT_UNKNOWN = "unit/unknown" Error;
    /// A quantity with more digits than can be computed with exactly.
    UNIT_DIGITS = "unit/digits" Error;
    /// A type that does not exist.
    NAME_UNKNOWN_TYPE = "name/unknown-type" Error;
    /// A wait without a limit.
    TIME_NO_LIMIT = "time/no-limit" Error;
    /// The sides of a conditional value are of different kinds.
    TYPE_SIDES = "type/sides" Error;
    /// A condition that has to hold for longer than anybody waits for it.
    TIME_NEVER = "time/never" Error;
    /// The longest path takes longer than the budget that was given.
    TIME_BUDGET = "time/budget" Error;
    /// A maintenance window that closes before the longest path ends.
    TIME_WINDOW = "time/window" Warning;
    /// A distance between two polls that is shorter than rbl polls.
    TIME_POLL = "time/poll" Warning;
}

impl Code {
    /// `group/name`.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The default severity; a finding may override it.
    pub const fn severity(self) -> Severity {
        self.severity
    }

    /// Whether it is found only by asking the providers: `rbl check --online`.
    pub fn is_asked(self) -> bool {
        [
            Self::PROVIDER_ANSWER,
            Self::PROVIDER_NO_DATA,
            Self::PROVIDER_SERIES,
            Self::PROVIDER_VALUE,
            Self::PROVIDER_MEASURE,
            Self::PROVIDER_SLOW,
            Self::ACTION_REMOTE,
        ]
        .contains(&self)
    }

    /// Returns the code with that name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name == name)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
