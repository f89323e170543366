//! The words of one step: its call, its condition, its question, its limits.

use std::collections::BTreeSet;

use super::super::condition::{NoCondition, operand, text_literal, with_values};
use super::super::document::SsmStep;
use super::super::form::{ExpectedOutput, SsmArgument};
use super::super::names::SsmType;
use super::super::template::{duration, iso_seconds, only_value};
use super::{Emitter, OPEN};
use crate::import::yaml::{YamlNode, YamlValue};

impl Emitter<'_> {
    pub(super) fn call(
        &self,
        index: usize,
        arguments: &[SsmArgument],
        done: &BTreeSet<usize>,
    ) -> Result<String, String> {
        let name = self.names.steps.get(index).map_or("", |(it, _)| it.as_str());
        let arguments: Result<Vec<String>, String> =
            arguments.iter().map(|it| self.argument(it, done)).collect();
        Ok(format!("{name}({})", arguments?.join(", ")))
    }

    pub(super) fn argument(&self, argument: &SsmArgument, done: &BTreeSet<usize>) -> Result<String, String> {
        let resolve = |value: &str| self.resolve(value, done);
        match argument {
            SsmArgument::Value(value) => resolve(value).map(|(it, _)| it).ok_or_else(|| value.clone()),
            SsmArgument::Node(node) => match &node.value {
                YamlValue::List(items) => {
                    let items: Result<Vec<String>, String> =
                        items.iter().map(|it| self.argument(&SsmArgument::Node(it.clone()), done)).collect();
                    Ok(format!("[{}]", items?.join(", ")))
                }
                YamlValue::Number(it) => Ok(it.clone()),
                YamlValue::Bool(it) => Ok(it.to_string()),
                _ => match operand(node.text().unwrap_or_default(), &resolve) {
                    Ok((it, SsmType::List)) => Ok(format!("json({it})")),
                    Ok((it, _)) => Ok(it),
                    Err(NoCondition::Unknown(it) | NoCondition::Beyond(it)) => Err(it),
                },
            },
        }
    }

    pub(super) fn look(
        &self,
        index: usize,
        arguments: &[SsmArgument],
        wanted: &ExpectedOutput,
        done: &BTreeSet<usize>,
    ) -> Result<String, String> {
        let call = self.call(index, arguments, done)?;
        let found = format!("{call}{}", wanted.fields);
        // `true` and numbers may be written as texts.
        let is_loose = wanted.values.iter().any(|it| {
            it.text().is_some_and(|it| {
                it.eq_ignore_ascii_case("true")
                    || it.eq_ignore_ascii_case("false")
                    || it.parse::<f64>().is_ok()
            })
        });
        let values: Result<Vec<String>, String> = wanted
            .values
            .iter()
            .map(|it| match it.text().filter(|_| is_loose) {
                Some(text) if only_value(text).is_none() => Ok(text_literal(&text.to_lowercase())),
                _ => self.argument(&SsmArgument::Node(it.clone()), done),
            })
            .collect();
        let values = values?;
        let right = match values.as_slice() {
            [one] => format!("== {one}"),
            _ => format!("in [{}]", values.join(", ")),
        };
        Ok(if wanted.is_list {
            format!("every {found} {right}")
        } else if is_loose {
            format!("lower(\"#{{{found}}}\") {right}")
        } else {
            format!("{found} {right}")
        })
    }

    pub(super) fn approval(&mut self, step: &SsmStep, done: &BTreeSet<usize>) -> Result<String, String> {
        let question = self.message(step, "Message", done)?;
        let approvers = step.inputs.get("Approvers");
        let listed: Vec<String> = match approvers.map(|it| &it.value) {
            Some(YamlValue::List(items)) => {
                items.iter().filter_map(|it| it.text().map(str::to_owned)).collect()
            }
            _ => approvers.and_then(YamlNode::text).map(str::to_owned).into_iter().collect(),
        };
        let quorum =
            step.inputs.get("MinRequiredApprovals").and_then(YamlNode::text).unwrap_or("1").to_owned();
        let team = match listed.as_slice() {
            [one] if !one.contains("{{") => one.clone(),
            _ => format!("{} approvers", step.name),
        };
        self.need(
            step.line,
            format!(
                "{}: `[teams.\"{team}\"]` in rbl.toml says who they are: members {}, quorum = {quorum}",
                step.name,
                listed.join(", ")
            ),
        );
        let within = self.within(step, done);
        let within = if within.is_empty() { " within 7d".to_owned() } else { within };
        Ok(format!("check {question} by {}{within}", text_literal(&team)))
    }

    pub(super) fn message(
        &self,
        step: &SsmStep,
        key: &str,
        done: &BTreeSet<usize>,
    ) -> Result<String, String> {
        let resolve = |value: &str| self.resolve(value, done);
        let text = step.inputs.get(key).and_then(YamlNode::text).map(str::trim).filter(|it| !it.is_empty());
        let text = text.map_or_else(|| format!("Step {}: go on?", step.name), str::to_owned);
        with_values(&text, &resolve).map_err(|why| match why {
            NoCondition::Unknown(it) | NoCondition::Beyond(it) => it,
        })
    }

    /// What a person does, with all that the document says about it.
    pub(super) fn by_hand(&self, step: &SsmStep, done: &BTreeSet<usize>) -> String {
        let resolve = |value: &str| {
            Some(self.resolve(value, done).unwrap_or_else(|| (text_literal(value), SsmType::Text)))
        };
        let inputs = super::super::inputs_as_text(&step.inputs);
        let text = format!("Do step {} (aws:{}): {inputs}", step.name, step.action);
        with_values(&text, &resolve).unwrap_or_else(|_| text_literal(&text))
    }

    pub(super) fn sleep(&self, step: &SsmStep, done: &BTreeSet<usize>) -> Result<String, String> {
        if let Some(time) = step.inputs.get("Timestamp").and_then(YamlNode::text) {
            let resolve = |value: &str| self.resolve(value, done);
            let (time, _) = operand(time, &resolve).map_err(|_| time.to_owned())?;
            return Ok(format!("if now < time({time}) {{\nwait time({time}) - now\n}}"));
        }
        let text = step.inputs.get("Duration").and_then(YamlNode::text).unwrap_or_default();
        if let Some(seconds) = iso_seconds(text) {
            return Ok(format!("wait {}", duration(seconds)));
        }
        let value = only_value(text).unwrap_or_else(|| text.to_owned());
        match self.resolve(&value, done) {
            Some((name, SsmType::Duration)) => Ok(format!("wait {name}")),
            Some((name, _)) => {
                let what = format!("Wait for #{{{name}}} (a duration of ISO 8601)");
                Ok(format!(
                    "# {OPEN}: a text is no duration: declare `param {name}: duration`\naction \"{what}\""
                ))
            }
            None => Err(value),
        }
    }

    pub(super) fn within(&self, step: &SsmStep, done: &BTreeSet<usize>) -> String {
        let Some(text) = &step.timeout else {
            return if step.action == "executeScript" { " within 10m".into() } else { String::new() };
        };
        if let Ok(seconds) = text.parse::<u64>() {
            return format!(" within {}", duration(seconds.max(1)));
        }
        match only_value(text).and_then(|it| self.resolve(&it, done)) {
            Some((name, SsmType::Number)) => format!(" within {name} * 1s"),
            Some((name, _)) => format!(" within number({name}) * 1s"),
            None => String::new(),
        }
    }

    pub(super) fn retry(&self, step: &SsmStep, done: &BTreeSet<usize>) -> String {
        let Some(text) = &step.attempts else { return String::new() };
        match text.parse::<u64>() {
            Ok(0 | 1) => String::new(),
            Ok(attempts) => format!(" retry {}", attempts - 1),
            Err(_) => match only_value(text).and_then(|it| self.resolve(&it, done)) {
                Some((name, SsmType::Number)) => format!(" retry {name} - 1"),
                Some((name, _)) => format!(" retry number({name}) - 1"),
                None => String::new(),
            },
        }
    }
}
