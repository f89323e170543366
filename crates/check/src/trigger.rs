//! Checks the trigger: names, labels and schedules that can match something.

use regex::Regex;

use super::checker::Checker;
use rbl_syntax::diagnostic::{Code, Diagnostic, Safety, Severity};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{AlertNames, LabelMatch, LabelMatcher, Name, Template, Trigger, TriggerKind};

/// The label that holds the name of an alert.
const ALERT_NAME: &str = "alertname";

impl<'t> Checker<'t> {
    /// Checks what starts the runbook.
    pub(super) fn trigger(&mut self, it: &'t Trigger) {
        match &it.kind {
            TriggerKind::Manual => {}
            TriggerKind::Alert { name, labels, by } => self.alert_trigger(name, labels, by),
            TriggerKind::Schedule { cron, timezone, window } => {
                if let Some(text) = self.fixed(cron, "trigger") {
                    self.cron(text, cron.span);
                }
                self.findings.next_statement();
                if let Some(zone) = timezone {
                    self.time_zone(zone, "trigger");
                }
                self.findings.next_statement();
                if let Some(window) = window {
                    self.duration(window, "for");
                }
            }
        }
    }

    fn alert_trigger(&mut self, name: &'t AlertNames, labels: &'t [LabelMatcher], by: &'t [Name]) {
        let mut names: Vec<(&'t str, Span)> = Vec::new();
        match name {
            AlertNames::Listed(listed) => {
                for template in listed {
                    let Some(text) = self.fixed(template, "trigger") else { continue };
                    self.listed_name(text, template, &names);
                    names.push((text, template.span));
                }
            }
            AlertNames::Matching(regex) => {
                if let Some(text) = self.fixed(regex, "trigger") {
                    self.regex(text, regex.span);
                }
            }
        }
        for label in labels {
            let fixed = self.fixed(&label.value, "trigger");
            if let (Some(regex), LabelMatch::Matches | LabelMatch::NotMatches) = (fixed, label.op) {
                self.regex(regex, label.value.span);
            }
        }
        self.labels_can_match(name, labels);
        self.names_can_match(&names, labels);
        for (index, label) in by.iter().enumerate() {
            if let Some(first) = by.iter().take(index).find(|other| other.text == label.text) {
                let message = format!("`{}` is a label twice", label.text);
                let finding = self.finding(Code::NAME_DUPLICATE, message, label.span, "again here");
                let finding = finding.also(self.at(first.span), "first here");
                self.report(finding.help("name each label once"));
            }
        }
    }

    /// Checks one name of a list: an empty name, one that is listed twice, one that is spelled like a pattern.
    fn listed_name(&mut self, text: &str, template: &Template, before: &[(&str, Span)]) {
        if text.is_empty() {
            let finding =
                self.finding(Code::FLOW_NEVER, "no alert has an empty name", template.span, "never matches");
            self.never(finding.help("write the name of the alert, as the rule that fires it has it"));
        } else if let Some((_, first)) = before.iter().find(|(other, _)| *other == text) {
            let message = format!("the alert `{text}` is listed twice");
            let finding = self.finding(Code::NAME_DUPLICATE, message, template.span, "again here");
            self.report(finding.also(self.at(*first), "first here").help("take one of them out"));
        } else if [".*", ".+", "|"].iter().any(|sign| text.contains(sign)) || text.starts_with('^') {
            let message = "the name of an alert is no pattern here";
            let mut finding =
                self.finding(Code::SYNTAX_HABIT, message, template.span, "matched letter by letter");
            finding.severity = Severity::Warning;
            let pattern = text.trim_start_matches('^').trim_end_matches('$');
            self.report(finding.help(format!("write `trigger alert =~ \"{pattern}\"` for a pattern")));
        }
    }

    /// Reports labels that no alert can have together.
    fn labels_can_match(&mut self, name: &'t AlertNames, labels: &'t [LabelMatcher]) {
        for (index, label) in labels.iter().enumerate() {
            let Some(wanted) = label.value.literal().filter(|_| label.op == LabelMatch::Equal) else {
                continue;
            };
            let against = labels.iter().enumerate().find(|(other, matcher)| {
                let first = matcher.op != LabelMatch::Equal || *other < index;
                *other != index && first && matcher.name.text == label.name.text && !fits(matcher, wanted)
            });
            if let Some((_, other)) = against {
                let (one, two) = if other.name.span.start < label.name.span.start {
                    (other, label)
                } else {
                    (label, other)
                };
                let message = format!("no value of the label `{}` fits both", label.name.text);
                let place = two.name.span.to(two.value.span);
                let finding = self.finding(Code::FLOW_NEVER, message, place, "excludes the one before it");
                let finding = finding.also(self.at(one.name.span.to(one.value.span)), "and this");
                self.never(finding.help("change one of them: an alert must match all labels of a trigger"));
                return;
            }
            if let AlertNames::Matching(regex) = name
                && label.name.text == ALERT_NAME
                && regex.literal().is_some_and(|regex| !whole(regex, wanted))
            {
                self.never_this_name(label, &format!("`{wanted}` does not match the pattern before it"));
                return;
            }
        }
    }

    /// Reports labels that exclude names of the list.
    fn names_can_match(&mut self, names: &[(&'t str, Span)], labels: &'t [LabelMatcher]) {
        let of_name = || labels.iter().filter(|label| label.name.text == ALERT_NAME);
        let excluded = |name: &str| of_name().find(|label| !fits(label, name));
        let all = !names.is_empty() && names.iter().all(|(name, _)| excluded(name).is_some());
        if all {
            if let Some(label) = names.first().and_then(|(name, _)| excluded(name)) {
                let why = match names {
                    [(name, _)] => format!("the alert is called `{name}`"),
                    _ => "none of the names before it fits".to_owned(),
                };
                self.never_this_name(label, &why);
            }
            return;
        }
        for (name, span) in names {
            if let Some(label) = excluded(name) {
                let message = format!("the alert `{name}` can never match");
                let finding = self.finding(Code::FLOW_NEVER, message, *span, "excluded by the label below");
                let finding = finding.also(self.at(label.name.span.to(label.value.span)), "excludes it");
                self.never(finding.help("take the name out of the list, or change the label"));
            }
        }
    }

    fn never_this_name(&mut self, label: &'t LabelMatcher, why: &str) {
        let place = label.name.span.to(label.value.span);
        let message = "this trigger can never match";
        let finding = self.finding(Code::FLOW_NEVER, message, place, why);
        let pattern = label.value.literal().unwrap_or_default();
        let help = match label.op {
            LabelMatch::Matches => {
                format!("the text after `alert` is the name itself: write `trigger alert =~ \"{pattern}\"`")
            }
            _ => "take this label out: the text after `alert` is the name already".to_owned(),
        };
        self.never(finding.help(help));
    }

    /// A runbook that no alert starts is an error: nothing else would show it.
    fn never(&mut self, mut finding: Diagnostic) {
        finding.severity = Severity::Error;
        self.report(finding);
    }

    fn cron(&mut self, text: &str, span: Span) {
        use std::str::FromStr as _;
        let fields = text.split_whitespace().count();
        let right = "write minute, hour, day, month and weekday: `\"0 3 * * mon\"` is Mondays at 3:00";
        let unreadable = |checker: &Self, label: String| -> Diagnostic {
            checker.finding(Code::TIME_SCHEDULE, "this schedule cannot be read", span, label)
        };
        let named = text.trim_start().starts_with('@');
        if fields != 5 && !named {
            let finding = unreadable(self, format!("{fields} fields, where 5 are read"));
            self.report(match without_seconds(text) {
                Some(five) => {
                    let title = format!("write `\"{five}\"`");
                    let help = format!("{title}: there is no field for seconds or for years");
                    finding.help(help).fix(title, Safety::Choice, self.at(span), format!("\"{five}\""))
                }
                None => finding.help(right),
            });
            return;
        }
        match croner::Cron::from_str(text) {
            Err(error) => {
                let text = error.to_string().to_lowercase();
                let text = text.rsplit(": ").next().unwrap_or("");
                let finding = unreadable(self, text.trim_end_matches('.').to_owned());
                self.report(finding.help(right));
            }
            Ok(schedule) => {
                // Any fixed day would do: within 28 years every date has met every weekday.
                let Ok(from) = jiff::civil::date(2024, 1, 1).to_zoned(jiff::tz::TimeZone::UTC) else {
                    return;
                };
                if schedule.find_next_occurrence(&from, true).is_err() {
                    let message = "this schedule never comes";
                    let finding = self.finding(Code::TIME_SCHEDULE, message, span, "no month has such a day");
                    self.report(finding.help(
                        "write a day that the month has: `\"0 3 28 2 *\"` is the 28th of February at 3:00",
                    ));
                }
            }
        }
    }
}

/// Whether a value of the label fits. A pattern that cannot be read has a finding of its own.
fn fits(label: &LabelMatcher, value: &str) -> bool {
    let Some(wanted) = label.value.literal() else { return true };
    match label.op {
        LabelMatch::Equal => value == wanted,
        LabelMatch::NotEqual => value != wanted,
        LabelMatch::Matches => whole(wanted, value),
        LabelMatch::NotMatches => Regex::new(wanted).is_err() || !whole(wanted, value),
    }
}

/// Whether a pattern matches the whole text, as in Prometheus; one that cannot be read counts as matching.
fn whole(regex: &str, text: &str) -> bool {
    Regex::new(&format!("^(?:{regex})$")).map_or(true, |regex| regex.is_match(text))
}

/// Returns the five fields of a schedule that begins with seconds or ends with a year.
fn without_seconds(text: &str) -> Option<String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let five = match fields.as_slice() {
        [_, five @ ..] | [_, five @ .., _] if five.len() == 5 => five,
        _ => return None,
    };
    Some(five.join(" "))
}
