//! The built-in functions: one table that the check, the interpreter and the reference all use.

/// What an argument must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    /// A quantity of any kind.
    Quantity,
    /// A number or a ratio from 0 to 1.
    Fraction,
    /// A window (`p99 over 30m`).
    Window,
    /// Several values: a window, a `by` metric or a list of quantities.
    Several,
    /// Several values of any type: as `Several`, or any list.
    Many,
    /// Several values, or two and more arguments of one kind.
    SeveralOrQuantities,
    /// Text.
    Text,
    /// A regular expression.
    Regex,
    /// Text or a list.
    TextOrList,
    /// A list.
    List,
    /// Anything that can be in a list or a text.
    Element,
    /// A point in time as text.
    Point,
}

/// The type of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// A quantity of the dimension of the (last) quantity, window or list argument.
    Same,
    /// That dimension divided by time.
    SamePerTime,
    /// A plain number.
    Number,
    /// Text.
    Text,
    /// A list of text.
    Texts,
    /// True or false.
    Bool,
    /// A point in time.
    Time,
    /// The type is only known at run time.
    Anything,
}

/// One parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// As the reference calls it.
    pub name: &'static str,
    /// The type it requires.
    pub wants: Wants,
}

/// One function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// The parameters, in order. `SeveralOrQuantities` accepts one argument, or two and more.
    pub parameters: &'static [Parameter],
    /// The type of its result.
    pub gives: Gives,
    /// What it does, in one line.
    pub meaning: &'static str,
    /// An example call, as in a runbook.
    pub example: &'static str,
}

const fn p(name: &'static str, wants: Wants) -> Parameter {
    Parameter { name, wants }
}

const fn f(
    name: &'static str,
    parameters: &'static [Parameter],
    gives: Gives,
    meaning: &'static str,
    example: &'static str,
) -> Function {
    Function { name, parameters, gives, meaning, example }
}

const WINDOW: &[Parameter] = &[p("window", Wants::Window)];
const SEVERAL: &[Parameter] = &[p("values", Wants::Several)];
const TEXT: &[Parameter] = &[p("text", Wants::Text)];
const QUANTITY: &[Parameter] = &[p("quantity", Wants::Quantity)];

/// Every function, in the order of the reference.
#[rustfmt::skip]
pub const FUNCTIONS: &[Function] = &[
    f("min", &[p("values", Wants::SeveralOrQuantities)], Gives::Same, "the smallest of several values", "min(p99 over 30m)"),
    f("max", &[p("values", Wants::SeveralOrQuantities)], Gives::Same, "the largest of several values", "max(disk)"),
    f("avg", SEVERAL, Gives::Same, "the mean of several values", "avg(p99 over 30m)"),
    f("sum", SEVERAL, Gives::Same, "the sum of several values", "sum(queue)"),
    f("count", &[p("values", Wants::Many)], Gives::Number, "how many values there are", "count(disk)"),
    f("first", WINDOW, Gives::Same, "the oldest value of a window", "first(p99 over 30m)"),
    f("last", WINDOW, Gives::Same, "the newest value of a window", "last(p99 over 30m)"),
    f("rate", WINDOW, Gives::SamePerTime, "how fast a counter grows over a window; a restart counts from zero", "rate(requests over 5m)"),
    f("delta", WINDOW, Gives::Same, "the newest value of a window less its oldest", "delta(p99 over 15m)"),
    f("quantile", &[p("fraction", Wants::Fraction), p("window", Wants::Window)], Gives::Same, "the value that a fraction of a window lies below", "quantile(0.9, p99 over 1h)"),
    f("round", QUANTITY, Gives::Same, "the nearest whole number of the unit it is shown in", "round(pool)"),
    f("abs", QUANTITY, Gives::Same, "the amount without its sign", "abs(drift)"),
    f("length", &[p("of", Wants::TextOrList)], Gives::Number, "the number of characters of a text, or of elements of a list", "length(hosts)"),
    f("lower", TEXT, Gives::Text, "the text in small letters", "lower(region)"),
    f("upper", TEXT, Gives::Text, "the text in capital letters", "upper(region)"),
    f("trim", TEXT, Gives::Text, "the text without white space around it", "trim(answer)"),
    f("split", &[p("text", Wants::Text), p("by", Wants::Text)], Gives::Texts, "the pieces of a text between separators", "split(hosts, \",\")"),
    f("join", &[p("list", Wants::List), p("with", Wants::Text)], Gives::Text, "the elements of a list as one text", "join(hosts, \", \")"),
    f("contains", &[p("in", Wants::TextOrList), p("what", Wants::Element)], Gives::Bool, "whether a text or a list holds something", "contains(answer, \"timeout\")"),
    f("matches", &[p("text", Wants::Text), p("regex", Wants::Regex)], Gives::Bool, "whether a regular expression fits somewhere in a text", "matches(answer, \"^5..$\")"),
    f("number", TEXT, Gives::Number, "the number that a text spells; unknown if it spells none", "number(answer)"),
    f("json", TEXT, Gives::Anything, "what a JSON text holds; unknown if it is none", "json(answer).status"),
    f("time", &[p("text", Wants::Point)], Gives::Time, "a point in time, with its zone", "time(\"2026-05-01T10:00:00Z\")"),
];

/// Returns the function with that name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    static TABLE: &[Function] = FUNCTIONS;
    TABLE.iter().find(|function| function.name == name)
}

impl Wants {
    /// Describes the required type, with its article.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Quantity => "a quantity",
            Self::Fraction => "a number or a ratio from 0 to 1",
            Self::Window => "a window, such as `p99 over 30m`",
            Self::Several | Self::SeveralOrQuantities => "several values: a window, a `by` metric or a list",
            Self::Many => "a list, a `by` metric or a window",
            Self::Text => "text",
            Self::Regex => "a regular expression as text",
            Self::TextOrList => "text or a list",
            Self::List => "a list",
            Self::Element => "a value",
            Self::Point => "a point in time as text",
        }
    }
}
