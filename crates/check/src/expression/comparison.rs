//! Checks comparisons: what can be compared with what, and which unit is missing if it cannot.

use super::super::checker::Checker;
use super::super::types::Type;
use super::literal::{likeliest, with_units};
use super::origin::read_in;
use super::wanted::{dimension_of, is_bare_zero, is_quantity, literal_number};
use rbl_syntax::diagnostic::{Code, Diagnostic, Safety};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind};
use rbl_syntax::value::{Dimension, Scale, TimeUnit, Unit, UnitSymbol};

/// An operand and its type.
pub(crate) type TypedOperand<'a, 't> = (&'t Expr, &'a Type);

impl<'t> Checker<'t> {
    /// `left OP right`.
    pub(super) fn comparison(&mut self, op: BinaryOp, op_span: Span, left: &'t Expr, right: &'t Expr) {
        if let ExprKind::Binary { op: inner, left: first, right: middle, .. } = &left.kind
            && inner.is_comparison()
        {
            self.value(first);
            self.value(middle);
            self.value(right);
            if let ExprKind::Bool { value } = right.bare().kind
                && matches!(op, BinaryOp::Equal | BinaryOp::NotEqual)
            {
                self.compared_with_true(left, op_span, value == (op == BinaryOp::Equal), right);
                return;
            }
            let finding =
                self.finding(Code::TYPE_CHAIN, "comparisons do not chain", op_span, "compares a yes or no");
            let whole = first.span.to(right.span);
            // A name is read once per condition, and both operators point the same way: an interval. `not` would apply
            // to the first half only.
            let point = |op: BinaryOp| match op {
                BinaryOp::Less | BinaryOp::LessOrEqual => Some(true),
                BinaryOp::Greater | BinaryOp::GreaterOrEqual => Some(false),
                _ => None,
            };
            let before = self.file.text.get(..whole.start as usize).unwrap_or_default().trim_end();
            let interval = point(*inner).is_some() && point(*inner) == point(op);
            let certain = interval && matches!(middle.kind, ExprKind::Name(_)) && !before.ends_with("not");
            let (first, middle, right) =
                (self.slice(first.span), self.slice(middle.span), self.slice(right.span));
            let (inner, op) = (inner.spelling(), op.spelling());
            let written = format!("{first} {inner} {middle} and {middle} {op} {right}");
            let title = format!("write `{written}`");
            let safety = if certain { Safety::Safe } else { Safety::Choice };
            self.report(finding.help(title.clone()).fix(title, safety, self.at(whole), written));
            return;
        }
        let left_type = self.value(left);
        self.compared_with_allowed(op, left, right);
        if op == BinaryOp::In {
            self.membership((left, &left_type), right);
            return;
        }
        let right_type = self.value(right);
        self.compared(op, op_span, (left, &left_type), (right, &right_type));
    }

    /// Reports `a < b == true`: a comparison is a yes or no already.
    fn compared_with_true(&mut self, condition: &'t Expr, op_span: Span, wanted: bool, right: &'t Expr) {
        let finding = self.finding(
            Code::TYPE_CHAIN,
            "a comparison is a yes or no already",
            op_span.to(right.span),
            "compares it once more",
        );
        let whole = condition.span.to(right.span);
        let before = self.file.text.get(..whole.start as usize).unwrap_or_default().trim_end();
        let shown = self.slice(condition.span);
        let written = if wanted { shown.to_owned() } else { format!("not {shown}") };
        let safety = if wanted || !before.ends_with("not") { Safety::Safe } else { Safety::Choice };
        let title = format!("write `{written}`");
        self.report(finding.help(title.clone()).fix(title, safety, self.at(whole), written));
    }

    /// Checks two operands whose types are known.
    pub(crate) fn compared(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        left: TypedOperand<'_, 't>,
        right: TypedOperand<'_, 't>,
    ) {
        if self.not_single(left, op, right.0) || self.not_single(right, op, left.0) {
            return;
        }
        for (operand, ty) in [left, right] {
            if ty.holds_secret() {
                let message = format!("{} is a secret and would decide", self.shown(operand.span));
                let finding = self.finding(Code::SECRET_FLOW, message, operand.span, "a secret");
                self.report(finding.help("decide by something else: what is compared is kept in the story"));
                return;
            }
        }
        let ordered = !matches!(op, BinaryOp::Equal | BinaryOp::NotEqual);
        if ordered {
            for (operand, ty) in [left, right] {
                let what = match ty {
                    Type::Text | Type::LabelledText(_) | Type::Output
                        if left.1.reads_as_text() && right.1.reads_as_text() =>
                    {
                        "text"
                    }
                    Type::Bool => "true or false",
                    Type::List(_) => "a list",
                    Type::Record(_) => "a record",
                    _ => continue,
                };
                let message = format!("{what} has no order that `{}` could compare", op.spelling());
                let finding = self.finding(
                    Code::TYPE_COMPARE,
                    message,
                    op_span,
                    format!("{} is {what}", self.shown(operand.span)),
                );
                let help = if what == "text" {
                    format!(
                        "compare with `==`, or read a number first: `number({})`",
                        self.slice(operand.span)
                    )
                } else {
                    "compare with `==`".to_owned()
                };
                self.report(finding.help(help));
                return;
            }
        }
        self.agree(op_span, left, right);
        self.measured(op, op_span, left, right);
    }

    /// Reports two operands that cannot be combined.
    pub(crate) fn agree(&mut self, span: Span, left: TypedOperand<'_, 't>, right: TypedOperand<'_, 't>) {
        if left.1.fits(right.1) || right.1.fits(left.1) {
            return;
        }
        // A number 0 needs no unit.
        let quantities = left.1.dimension().is_some() && right.1.dimension().is_some();
        if quantities && (is_bare_zero(left.0) || is_bare_zero(right.0)) {
            return;
        }
        let finding = match (left.1.dimension(), right.1.dimension()) {
            (Some(ours), Some(theirs)) => self.dimensions_differ(span, (left.0, ours), (right.0, theirs)),
            _ => self.kinds_differ(span, left, right),
        };
        self.report(finding);
    }

    /// The finding for two quantities of different dimensions.
    pub(super) fn dimensions_differ(
        &self,
        op_span: Span,
        left: (&'t Expr, Dimension),
        right: (&'t Expr, Dimension),
    ) -> Diagnostic {
        for (bare, other) in [(right, left), (left, right)] {
            if bare.1 == Dimension::NUMBER
                && other.1 != Dimension::NUMBER
                && let Some(value) = literal_number(bare.0)
            {
                return self.without_unit((bare.0, value), other);
            }
        }
        for (minutes, number) in [(right, left), (left, right)] {
            if number.1 == Dimension::NUMBER
                && let ExprKind::Number { value, unit, compound: false, .. } = &minutes.0.bare().kind
                && *unit == Unit::of(UnitSymbol::Minute)
            {
                return self.minutes(minutes.0, *value, number.0);
            }
        }
        let code =
            if left.1.is_pure() && right.1.is_pure() { Code::UNIT_RATIO } else { Code::UNIT_DIFFERENT };
        let (ours, theirs) = (left.1.in_words(), right.1.in_words());
        let message = format!("{ours} against {theirs}");
        let finding = self.finding(code, message, op_span, "different kinds");
        let finding = finding
            .also(self.at(left.0.span), format!("{} is {ours}", self.shown(left.0.span)))
            .also(self.at(right.0.span), format!("{} is {theirs}", self.shown(right.0.span)));
        for (metric, other) in [(left, right), (right, left)] {
            if let Some((declared, _)) = self.symbols.metric_of(metric.0)
                && declared.unit.is_none()
                && metric.1 == Dimension::NUMBER
            {
                let unit = unit_of(other.1);
                return finding.help(format!(
                    "if `{0}` counts in `{unit}`, declare it: `metric {0} in {unit} from …`",
                    declared.name.text
                ));
            }
        }
        for number in [left, right] {
            if number.1 == Dimension::NUMBER {
                let help = "give the number a unit, or compare it with a number";
                return self.with_unit_where_declared(finding, number.0, help);
            }
        }
        finding.help("compare what is of one kind: change one side, or its unit where it is declared")
    }

    /// `500 what? `p99` is a duration`.
    fn without_unit(
        &self,
        (bare, value): (&'t Expr, f64),
        (other, dimension): (&'t Expr, Dimension),
    ) -> Diagnostic {
        let text = self.slice(bare.span);
        let words = dimension.in_words();
        let is = match self.shown(other.span).as_str() {
            "this" => format!("the other side is {words}"),
            shown => format!("{shown} is {words}"),
        };
        let code = if dimension.is_pure() { Code::UNIT_RATIO } else { Code::UNIT_MISSING };
        let finding = self.finding(code, format!("{text} what? {is}"), bare.span, "a number without a unit");
        let metric = self.symbols.metric_of(other);
        let declared = metric.and_then(|(metric, _)| metric.unit).and_then(|spec| spec.unit);
        let finding = match metric {
            Some((metric, place)) if metric.unit.is_some() => finding.also(place, read_in(declared)),
            _ => finding.also(self.at(other.span), words),
        };
        let finding = finding.help(with_units(value, text, dimension, declared));
        match likeliest(value, text, dimension, declared) {
            Some(text) => finding.fix(format!("write `{text}`"), Safety::Choice, self.at(bare.span), text),
            None => finding,
        }
    }

    /// The finding for `500m` against a plain number.
    fn minutes(&self, minutes: &'t Expr, value: f64, number: &'t Expr) -> Diagnostic {
        let text = self.slice(minutes.span);
        let message = format!("{text} is {value} minutes, {} is a plain number", self.shown(number.span));
        let finding = self.finding(Code::UNIT_MINUTES, message, minutes.span, "minutes");
        let finding = match self.symbols.metric_of(number) {
            Some((_, place)) => finding.also(place, "read as a plain number here"),
            None => finding.also(self.at(number.span), "a plain number"),
        };
        let share = format!("{}", value / 1000.0);
        finding.help(format!("for thousandths of a cpu write `{share}`")).fix(
            format!("write `{share}`"),
            Safety::Choice,
            self.at(minutes.span),
            share,
        )
    }

    fn kinds_differ(
        &self,
        span: Span,
        left: TypedOperand<'_, 't>,
        right: TypedOperand<'_, 't>,
    ) -> Diagnostic {
        let (ours, theirs) = (left.1.in_words(), right.1.in_words());
        let message = format!("{ours} against {theirs}");
        let finding = self
            .finding(Code::TYPE_COMPARE, message, span, "cannot be compared")
            .also(self.at(left.0.span), format!("{} is {ours}", self.shown(left.0.span)))
            .also(self.at(right.0.span), format!("{} is {theirs}", self.shown(right.0.span)));
        for (text, other) in [(left, right), (right, left)] {
            if other.1.dimension().is_none() {
                continue;
            }
            match (text.1, &text.0.bare().kind) {
                (Type::Text, ExprKind::Text(template)) => {
                    if let Some(written) = template.literal().filter(|text| is_quantity(text)) {
                        let title = format!("write `{written}` without quotes");
                        let place = self.at(text.0.span);
                        // A quantity of the same dimension in quotes can only be meant without the quotes.
                        let same = dimension_of(written).is_some_and(|of| Some(of) == other.1.dimension());
                        let safety = if same { Safety::Safe } else { Safety::Choice };
                        return finding.help(title.clone()).fix(title, safety, place, written);
                    }
                }
                (Type::Text, ExprKind::Name(name)) => {
                    if let Some(param) = self.symbols.param(&name.text) {
                        let of = other.1.dimension().and_then(super::super::declaration::of_dimension);
                        if let (Some(of), None) = (of, param.of) {
                            let word = spelled(of);
                            return finding
                                .help(format!("declare what it is: `param {}: {word}`", name.text));
                        }
                    }
                    return finding.help(format!("read a number first: `number({})`", name.text));
                }
                (Type::Output, _) => {
                    let shown = self.slice(text.0.span);
                    return finding.help(format!("read the number it printed: `{shown}.number`"));
                }
                _ => {}
            }
        }
        finding.help("compare what is of one kind")
    }

    /// Reports a `by` metric where one value is needed.
    pub(crate) fn not_single(
        &mut self,
        (it, ty): TypedOperand<'_, 't>,
        op: BinaryOp,
        other: &'t Expr,
    ) -> bool {
        if ty.series_labels().is_none() {
            return false;
        }
        let texts = matches!(ty, Type::Texts(_));
        let shown = self.slice(it.span);
        let message = format!("{} is {}", self.shown(it.span), ty.in_words());
        let mut finding = self.finding(Code::TYPE_SERIES, message, it.span, "many values, compared as one");
        if let Some((metric, _)) = self.symbols.metric_of(it)
            && let Some(first) = metric.by.first()
        {
            let symbol = self.symbols.find(&metric.name.text);
            let source = symbol.map_or(self.file.source(), |symbol| symbol.source);
            finding = finding.also(first.span.in_source(source), "one for each of these");
        }
        let rest = format!("{shown} {} {}", op.spelling(), self.slice(other.span));
        let one = if texts {
            format!("go through them: `for each x in {shown} {{ … }}`")
        } else {
            format!("take one value: `max({shown})`")
        };
        self.report(finding.help(format!("write `any {rest}` or `every {rest}`, or {one}")));
        true
    }

    /// Checks `left in right`: a range, a list or a text.
    fn membership(&mut self, left: TypedOperand<'_, 't>, right: &'t Expr) {
        if self.not_single(left, BinaryOp::In, right) {
            return;
        }
        let right_type = if let ExprKind::Range { low, high } = &right.bare().kind {
            let ends = self.range(low, high);
            self.compared(BinaryOp::GreaterOrEqual, right.span, left, (low, &ends));
            return;
        } else {
            self.value(right)
        };
        match &right_type {
            Type::List(item) => {
                if !left.1.fits(item) {
                    let first =
                        if let ExprKind::List { items } = &right.bare().kind { items.first() } else { None };
                    self.agree(right.span, left, (first.unwrap_or(right), item));
                }
            }
            Type::Text | Type::Output => {
                if !left.1.reads_as_text() {
                    self.agree(right.span, left, (right, &Type::Text));
                }
            }
            Type::Any => {}
            other => {
                let message = format!("`in` looks into a range, a list or a text, not {}", other.in_words());
                let finding = self.finding(Code::TYPE_COMPARE, message, right.span, other.in_words());
                self.report(finding.help("write `in 10%..20%` or `in [\"a\", \"b\"]`"));
            }
        }
    }
}

/// Returns a unit with this dimension.
fn unit_of(dimension: Dimension) -> String {
    let symbol = match (dimension.time, dimension.data, dimension.scale) {
        (1, 0, _) => UnitSymbol::Second,
        (0 | -1, 1, _) => UnitSymbol::Byte,
        (0 | -1, 0, Scale::Ratio) => UnitSymbol::Percent,
        _ => UnitSymbol::One,
    };
    String::from(Unit { symbol, per: (dimension.time == -1).then_some(TimeUnit::Second) })
}

/// Returns a declared type as written.
pub(super) fn spelled(of: rbl_syntax::tree::ParamType) -> &'static str {
    use rbl_syntax::tree::ParamType as P;
    match of {
        P::Text | P::Unknown => "text",
        P::Number => "number",
        P::Bool => "bool",
        P::Duration => "duration",
        P::Data => "data",
        P::Ratio => "ratio",
    }
}
