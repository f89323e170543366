//! Checks text in other languages: shell commands, metrics of this machine. For Prometheus queries see `query`.

use super::checker::Checker;
use super::flow::command::simple_commands;
use super::probe_command::changing;
use super::shell::CautionKind;
use super::types::Type;
use super::{host_metrics, shell};
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Expr, Metric, MetricType, Part, Template};

/// The values in a text.
fn values_of(parts: &[Part]) -> impl Iterator<Item = &Expr> {
    parts.iter().filter_map(|part| match part {
        Part::Value(value) => Some(value),
        Part::Literal { .. } => None,
    })
}

impl<'t> Checker<'t> {
    /// Checks the command that prints a secret: it is known before the run, the shell can read it, and it only looks.
    pub(super) fn secret_command(&mut self, text: &'t Template) {
        let Some(command) = self.fixed(text, "secret") else { return };
        if command.trim().is_empty() {
            let finding = self.finding(
                Code::ACTION_SHELL,
                "the command of the secret is empty",
                text.span,
                "nothing to run",
            );
            return self.report(
                finding.help("write the command that prints it: `vault kv get -field=token secret/api`"),
            );
        }
        self.shell(&text.parts, text.span, &[]);
        if let Some(changes) = simple_commands(&text.parts).iter().find_map(changing::what) {
            let message = format!("{changes} changes something, and a secret is only read");
            let finding =
                self.finding(Code::ACTION_IN_PROBE, message, text.span, "run whenever the secret is needed");
            self.report(finding.help("write a command that prints the secret and does nothing else"));
        }
    }

    /// Checks that every value in a command arrives as one word. `types` are those of the values, in order.
    pub(super) fn shell(&mut self, written: &'t [Part], whole: Span, types: &[Type]) {
        let mut values = types.iter();
        let parts: Vec<shell::ShellPart<'_>> = written
            .iter()
            .map(|part| match part {
                Part::Literal { text, .. } => shell::ShellPart::Text(text),
                Part::Value(_) => match values.next() {
                    Some(Type::List(_)) => shell::ShellPart::List,
                    Some(Type::Quantity(_) | Type::Sample(..) | Type::Bool) => shell::ShellPart::Plain,
                    _ => shell::ShellPart::Value,
                },
            })
            .collect();
        let reading = shell::read(&parts);
        let place = |value: usize| values_of(written).nth(value).map_or(whole, |value| value.span);
        if let Err(faults) = reading.sites {
            let Some(fault) = faults.first() else { return };
            let span = match fault.value {
                Some(value) => place(value),
                None => self.file.source_span(written, fault.offset).unwrap_or(whole),
            };
            let label = if fault.value.is_some() { "cannot be passed safely here" } else { "opened here" };
            let finding = self.finding(Code::ACTION_SHELL, fault.refusal.to_string(), span, label);
            return self.report(finding.help(fault.refusal.help()));
        }
        self.escaped_comment(written, &reading.comments);
        // What may run code comes first.
        if let Some(caution) = reading.cautions.iter().min_by_key(|caution| caution.kind.order()) {
            let kind = &caution.kind;
            let (code, label) = match kind {
                CautionKind::Perhaps(_) | CautionKind::Query(_) => {
                    (Code::ACTION_INJECTION, "depends on the value")
                }
                CautionKind::Words(_) => (Code::ACTION_WORDS, "one word for each part between blanks"),
            };
            let finding = self.finding(code, kind.to_string(), place(caution.value), label);
            self.report(finding.help(kind.help()));
        }
    }

    /// Reports a `\#`, which is a plain `#` for the shell, where that begins a comment.
    fn escaped_comment(&mut self, written: &'t [Part], comments: &[usize]) {
        let escaped = comments.iter().find_map(|at| {
            let span = self.file.source_span(written, *at)?;
            self.slice(span).starts_with('\\').then_some(span)
        });
        let Some(span) = escaped else { return };
        let label = "ignored from here to the end of the line";
        let message = "the shell reads this `#` as the beginning of a comment";
        let finding = self.finding(Code::ACTION_COMMENT, message, span, label);
        self.report(
            finding
                .help("to put in a value, take the backslash out: `#{…}`")
                .help("to print the text, put it in quotes for the shell: `'\\#{…}'`"),
        );
    }

    /// Checks the provider of a metric, and the query in the provider's own language.
    pub(super) fn provider(&mut self, metric: &'t Metric, types: &[Type]) {
        let kind = self.provider_kind(&metric.provider);
        if kind.is_some_and(|kind| self.cannot_read(metric, kind)) {
            return;
        }
        match kind {
            Some("prometheus") => self.promql(metric, types),
            Some("host") => self.host(metric),
            Some("sql") => self.sql(metric),
            Some(kind) => self.query_form(kind, metric),
            None => {}
        }
    }

    /// Reports a metric of a type that its provider does not have.
    fn cannot_read(&mut self, metric: &'t Metric, kind: &str) -> bool {
        let (Some(reads), false) = (self.inputs.catalogue.reads(kind), metric.of == MetricType::Unknown)
        else {
            return false;
        };
        if reads.contains(&metric.of) {
            return false;
        }
        let provider = &metric.provider;
        let (message, help) = match (reads, metric.of) {
            ([], _) => (
                format!("`{}` has no metrics", provider.text),
                "ask whether the alert still fires: `alert.firing`",
            ),
            (_, MetricType::Lines) => (
                format!("`{}` has numbers, and no lines", provider.text),
                "read them by a provider of the kind `exec`, `file` or `http`",
            ),
            (_, MetricType::Text | MetricType::Number | MetricType::Unknown) => (
                format!("`{}` has numbers, and no texts", provider.text),
                "read it by a provider of the kind `exec`, `file` or `http`, or take the type out",
            ),
        };
        let label = format!("a provider of the kind `{kind}`");
        let finding = self.finding(Code::PROVIDER_TYPE, message, provider.span, label);
        self.report(finding.help(help));
        true
    }

    fn host(&mut self, metric: &'t Metric) {
        let Some(Part::Literal { text, .. }) = metric.query.parts.first() else { return };
        let text = text.trim_start();
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        // A name that continues in a value is only known during the run.
        let cut = rest.is_empty() && !text.ends_with(char::is_whitespace) && metric.query.parts.len() > 1;
        if cut {
            return;
        }
        let parameter = !rest.trim().is_empty() || metric.query.parts.len() > 1;
        let Err(wrong) = host_metrics::read_host_query(name, parameter) else { return };
        let finding =
            self.finding(Code::PROVIDER_HOST, wrong.message, metric.query.span, "asked of this machine");
        self.report(match wrong.help {
            Some(help) => finding.help(help),
            None => finding.help("see what it measures: `rbl connections test host`"),
        });
    }
}
