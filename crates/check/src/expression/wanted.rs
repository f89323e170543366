//! Checks places that require a certain type: a duration, a count, text, a team.

use super::super::certainty::{self, NameCertainty};
use super::super::checker::Checker;
use super::super::regex_cost::RegexCost;
use super::super::symbol::{Symbol, SymbolKind};
use super::super::symbol_table::SymbolTable;
use super::super::types::Type;
use super::Slot;
use rbl_syntax::diagnostic::{Code, Diagnostic, Safety};
use rbl_syntax::source::{Place, Span};
use rbl_syntax::tree::{Expr, ExprKind, Name, ParamType, Team, UnaryOp};
use rbl_syntax::value::{Dimension, LONGEST_DURATION, Unit};

/// Returns the type of a declared param.
pub(crate) fn param_type(of: ParamType) -> Type {
    match of {
        ParamType::Text => Type::Text,
        ParamType::Number => Type::NUMBER,
        ParamType::Bool => Type::Bool,
        ParamType::Duration => Type::DURATION,
        ParamType::Data => Type::Quantity(Dimension::DATA),
        ParamType::Ratio => Type::Quantity(Dimension::RATIO),
        ParamType::Unknown => Type::Any,
    }
}

impl<'t> Checker<'t> {
    /// Checks a length of time after a keyword.
    pub(crate) fn duration(&mut self, it: &'t Expr, keyword: &str) {
        let ty = self.value(it);
        if ty.is_any() {
            return;
        }
        let Some(dimension) = ty.dimension() else {
            let message = format!("`{keyword}` takes a duration");
            let finding = self.finding(Code::TYPE_DURATION, message, it.span, ty.in_words());
            let unquoted = if let ExprKind::Text(text) = &it.bare().kind { text.literal() } else { None };
            let finding = match unquoted.filter(|text| is_quantity(text)) {
                Some(text) => {
                    let title = format!("write `{text}` without quotes");
                    let is_duration = dimension_of(text) == Some(Dimension::DURATION);
                    let safety = if is_duration { Safety::Safe } else { Safety::Choice };
                    finding.help(title.clone()).fix(title, safety, self.at(it.span), text)
                }
                None => finding.help(format!("write it with a unit: `{keyword} 10m`")),
            };
            self.report(finding);
            return;
        };
        if dimension.agrees_with(Dimension::DURATION) {
            let fixed = self.fixed_number(it);
            let (message, label) = match fixed {
                Some(seconds) if seconds < 0.0 => ("a duration above zero", "below zero"),
                None if is_negative(it) => ("a duration above zero", "below zero"),
                Some(0.0) => ("a duration above zero", "no time at all"),
                Some(seconds) if seconds > LONGEST_DURATION => {
                    ("at most a hundred years", "longer than that")
                }
                Some(_) | None => return,
            };
            let finding =
                self.finding(Code::TYPE_DURATION, format!("`{keyword}` takes {message}"), it.span, label);
            self.report(finding.help(format!("write how long: `{keyword} 10m`")));
            return;
        }
        if dimension == Dimension::NUMBER {
            let text = self.slice(it.span);
            let finding = if literal_number(it).is_some() {
                let message = format!("{text} what? `{keyword}` takes a duration");
                let title = format!("write `{text}m`");
                self.finding(Code::UNIT_MISSING, message, it.span, "a number without a unit")
                    .help(format!("write `{text}m`, or `{text}s` if you mean seconds"))
                    .fix(title, Safety::Choice, self.at(it.span), format!("{text}m"))
            } else {
                let message = format!("`{keyword}` takes a duration, {} is a number", self.shown(it.span));
                let finding = self.finding(Code::UNIT_MISSING, message, it.span, "a number without a unit");
                self.with_unit_where_declared(finding, it, &format!("say what it counts: `{text} * 1m`"))
            };
            self.report(finding);
            return;
        }
        let message = format!("`{keyword}` takes a duration");
        let finding = self.finding(Code::TYPE_DURATION, message, it.span, dimension.in_words());
        self.report(finding.help(format!("write a duration: `{keyword} 10m`")));
    }

    /// Returns the number that an expression has in every run that is given no other: of literals, constants and defaults.
    pub(crate) fn fixed_number(&self, it: &Expr) -> Option<f64> {
        certainty::constant(it, &WrittenNumbers { symbols: &self.symbols, depth: 0 }).map(|(value, _)| value)
    }

    /// Checks a whole number of at least one.
    pub(crate) fn count(&mut self, it: &'t Expr, keyword: &str) {
        let ty = self.value(it);
        if ty.is_any() {
            return;
        }
        let wrong = match (ty.dimension(), literal_number(it)) {
            (Some(dimension), _) if !dimension.agrees_with(Dimension::NUMBER) => Some(dimension.in_words()),
            (None, _) => Some(ty.in_words()),
            (_, Some(value)) if value.fract() != 0.0 => Some("not a whole number".to_owned()),
            (_, Some(value)) if value < 1.0 => Some("less than one".to_owned()),
            _ if is_negative(it) => Some("less than one".to_owned()),
            _ => None,
        };
        if let Some(label) = wrong {
            let message = format!("`{keyword}` takes a whole number of at least 1");
            let finding = self.finding(Code::TYPE_COUNT, message, it.span, label);
            self.report(finding.help(format!("write how often at most: `{keyword} 3`")));
        }
    }

    /// Checks text that people read, or a name: a team, a host, a reason.
    pub(crate) fn text(&mut self, it: &'t Expr, place: &str) {
        if let ExprKind::Text(text) = &it.bare().kind {
            self.template(text, Slot::Text("a text"));
            return;
        }
        let ty = self.value(it);
        if ty.holds_secret() {
            self.secret_shown(it.span, &ty, "a text");
            return;
        }
        let single = ty.dimension().is_some() || matches!(ty, Type::Bool | Type::Time);
        if ty.reads_as_text() || single {
            return;
        }
        let message = format!("{place} takes text");
        let finding = self.finding(Code::TYPE_TEXT, message, it.span, ty.in_words());
        let shown = self.slice(it.span);
        let help = match ty {
            Type::List(_) => format!("make one text of it: `join({shown}, \", \")`"),
            Type::Samples(..) | Type::Texts(_) => format!("put it into a text: `\"#{{{shown}}}\"`"),
            _ => "write a text, with the values that matter in `#{…}`".to_owned(),
        };
        self.report(finding.help(help));
    }

    /// Checks a name: a team, a channel, a host. A quantity is not one.
    pub(crate) fn name_text(&mut self, it: &'t Expr, place: &str) {
        if let ExprKind::Text(text) = &it.bare().kind {
            self.template(text, Slot::Text("a name"));
            return;
        }
        if let ExprKind::Name(name) = &it.bare().kind
            && !self.symbols.has(&name.text)
            && !matches!(name.text.as_str(), "owner" | "alert")
            && !self.symbols.may_be_unread(name)
        {
            let message = format!("nothing is called `{}`", name.text);
            let finding = self.finding(Code::NAME_UNKNOWN, message, it.span, "not declared");
            // A name without quotes refers to a value; the author most likely meant the team, channel or host of that
            // name.
            let near = self.symbols.near(&name.text, Symbol::is_value);
            let quoted = near.unwrap_or_else(|| format!("\"{}\"", name.text));
            self.report(self.file.suggest(finding, it.span, &quoted));
            return;
        }
        let ty = self.value(it);
        if ty.holds_secret() {
            self.secret_shown(it.span, &ty, "a name");
        } else if !ty.reads_as_text() {
            let finding =
                self.finding(Code::TYPE_TEXT, format!("{place} takes a name"), it.span, ty.in_words());
            self.report(finding.help("write the name in quotes"));
        }
    }

    /// Checks the team that is paged or asked, or that carries out an instruction.
    pub(crate) fn team(&mut self, team: &'t Team, place: &str) {
        match team {
            Team::Owner { span } => self.symbols.use_owner(*span),
            Team::Named(it) => {
                self.name_text(it, place);
                if let ExprKind::Text(text) = &it.bare().kind {
                    self.configured_team(text);
                }
            }
        }
    }

    /// Checks something that is shown to a person.
    pub(crate) fn shown_to_people(&mut self, it: &'t Expr) {
        let ty = self.value_or_window(it);
        if ty.holds_secret() {
            self.secret_shown(it.span, &ty, "what people see");
        }
    }

    /// Adds a label where a plain number got its value, if its unit is missing there.
    pub(super) fn with_unit_where_declared(
        &self,
        finding: Diagnostic,
        it: &Expr,
        other_help: &str,
    ) -> Diagnostic {
        let ExprKind::Name(name) = &it.bare().kind else { return finding.help(other_help) };
        match self.symbols.find(&name.text) {
            Some(symbol)
                if matches!(
                    symbol.kind,
                    SymbolKind::Param(_) | SymbolKind::Constant(..) | SymbolKind::Local
                ) =>
            {
                finding
                    .also(symbol.place(), "declared without a unit")
                    .help(format!("write a unit after the number where `{}` is declared", name.text))
            }
            _ => finding.help(other_help),
        }
    }

    /// Reports a value of the wrong type that is passed to something declared.
    pub(crate) fn wrong_argument(
        &mut self,
        it: &'t Expr,
        ty: &Type,
        wanted: &Type,
        what: &str,
        declared: Place,
    ) {
        let code = match (ty.dimension(), wanted.dimension()) {
            (Some(own), Some(_)) if own == Dimension::NUMBER => Code::UNIT_MISSING,
            _ => Code::TYPE_ARGUMENT,
        };
        let message = if code == Code::UNIT_MISSING {
            format!("{} what? {what} is {}", self.slice(it.span), wanted.in_words())
        } else {
            format!("{what} is {}, not {}", wanted.in_words(), ty.in_words())
        };
        let finding = self.finding(code, message, it.span, ty.in_words()).also(declared, "declared here");
        let finding = match (wanted.dimension(), literal_number(it)) {
            (Some(dimension), Some(value)) => {
                finding.help(super::literal::with_units(value, self.slice(it.span), dimension, None))
            }
            _ => finding.help(format!("hand over {}", wanted.in_words())),
        };
        self.report(finding);
    }

    /// Reports a regular expression that cannot be compiled.
    pub(crate) fn regex(&mut self, regex: &str, span: Span) {
        if let Some(RegexCost { compiled, .. }) = RegexCost::of(regex) {
            self.regexes = self.regexes.saturating_add(compiled);
            if compiled <= SURELY_COMPILED || self.regexes > MOST_COMPILED {
                return;
            }
        }
        let Err(error) = regex::Regex::new(regex) else { return };
        let why = match error {
            regex::Error::Syntax(text) => {
                let last = text.lines().last().unwrap_or("").trim();
                last.strip_prefix("error: ").unwrap_or(last).to_owned()
            }
            regex::Error::CompiledTooBig(_) => "too large".into(),
            _ => String::new(),
        };
        let finding = self.finding(Code::TYPE_REGEX, "this regular expression cannot be read", span, why);
        self.report(finding.help("to find the characters themselves, write `contains \"…\"`"));
    }
}

/// A regular expression of this size that can be read is certainly compiled too. Reading takes a tenth of the time.
const SURELY_COMPILED: usize = 20_000;

/// From this size of all regular expressions of a file on, large ones are not compiled only to see whether they are too
/// large, which takes half a second up to there. One that is too large then fails when it is used.
const MOST_COMPILED: usize = 12_000_000;

/// Returns the value of a plain number literal.
pub(crate) fn literal_number(it: &Expr) -> Option<f64> {
    match &it.bare().kind {
        ExprKind::Number { value, unit, .. } if *unit == Unit::ONE => Some(*value),
        ExprKind::Unary { op: UnaryOp::Negate, operand } => literal_number(operand).map(|value| -value),
        _ => None,
    }
}

/// The numbers that are written in a file.
struct WrittenNumbers<'a, 't> {
    symbols: &'a SymbolTable<'t>,
    /// The number of names around this place, each in the value of the one before it.
    depth: u32,
}

impl NameCertainty for WrittenNumbers<'_, '_> {
    fn name_can_be_unknown(&self, _: &Name) -> bool {
        true
    }

    fn is_function(&self, _: &Name) -> bool {
        false
    }

    fn fixed_number(&self, name: &Name) -> Option<(f64, Dimension)> {
        let value = match self.symbols.find(&name.text)?.kind {
            SymbolKind::Constant(it, _) => &it.value,
            SymbolKind::Param(it) => it.default.as_ref()?,
            SymbolKind::Secret
            | SymbolKind::Metric(_)
            | SymbolKind::Expression(_)
            | SymbolKind::Probe(_)
            | SymbolKind::Define(_)
            | SymbolKind::Local
            | SymbolKind::Element
            | SymbolKind::ActionResult
            | SymbolKind::Argument { .. } => return None,
        };
        if self.depth >= 4 {
            return None;
        }
        certainty::constant(value, &Self { symbols: self.symbols, depth: self.depth + 1 })
    }
}

fn is_negative(it: &Expr) -> bool {
    matches!(&it.bare().kind, ExprKind::Unary { op: UnaryOp::Negate, .. })
}

/// Returns the dimension of a quantity spelled in a text; `None` if it is not a quantity, or has no unit.
pub(super) fn dimension_of(text: &str) -> Option<Dimension> {
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).filter(|_| is_quantity(text))?;
    Unit::parse(text.get(digits..)?).ok().map(Unit::dimension)
}

/// Whether a text spells a quantity with a unit.
pub(super) fn is_quantity(text: &str) -> bool {
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits).unwrap_or(("", text));
    !number.is_empty() && !number.starts_with('.') && (unit.is_empty() || Unit::parse(unit).is_ok())
}

/// Whether this is a number 0 without a unit: it fits every quantity.
pub(super) fn is_bare_zero(it: &Expr) -> bool {
    literal_number(it).is_some_and(|value| value == 0.0)
}

#[cfg(test)]
mod tests {
    use super::{RegexCost, SURELY_COMPILED};

    fn size(regex: &str) -> usize {
        RegexCost::of(regex).unwrap().compiled
    }

    #[test]
    fn what_is_small_is_never_too_large_to_compile() {
        for class in
            [r"\w", r"\W", r"\pL", r"\PN", "[^a]", r"\D", "(?i)k", "abc", "(a|b?)+", "(\\w*)*", "(?-u:\\w)"]
        {
            // As often as it is still certain.
            let times = (SURELY_COMPILED / size(class)).saturating_sub(2).min(1_000);
            for regex in [format!("({class}){{{times}}}"), class.repeat(times.min(200))] {
                assert!(size(&regex) <= SURELY_COMPILED, "{class} {times}");
                assert!(regex::Regex::new(&regex).is_ok(), "{class} {times}");
            }
        }
        assert!(size("a{1000}{1000}") > SURELY_COMPILED && regex::Regex::new("a{1000}{1000}{1000}").is_err());
        assert!(regex::Regex::new(r"\w{2000}").is_err() && size(r"\w{2000}") > SURELY_COMPILED);
    }
}
