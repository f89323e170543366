//! Microsoft Teams: an adaptive card posted to the webhook of a workflow (*Post to a channel when a webhook request is received*).
//!
//! Success is 2xx; a workflow answers 202 before it has posted anything. Nothing comes back that could be updated or asked about.

use std::path::Path;

use rbl_check::{Key, KeyKind};
use rbl_project::setting::Setting;
use rbl_runtime::{AskedQuestion, Delivery, Page, RecordEffect, Secrets};
use rbl_syntax::value::Reason;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ReachConfig, post, wording};
use crate::delivery_context::Outlet;
use crate::http::{Client, server};
use crate::webhook;

/// The longest text of a card, in characters: more is hard to read.
const LONGEST: usize = 12_000;

/// The largest message, in bytes: Teams refuses one of more than 28 KB.
const LARGEST: usize = 27_000;

/// The longest title, in characters.
const TITLE: usize = 300;

/// How many links are shown: a card has room for six buttons.
const LINKS: usize = 6;

pub(crate) const WEBHOOK: Key =
    Key::needed("webhook", KeyKind::Secret, "the address of the workflow, which is its key too");

/// Its section.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct TeamsConfig {
    webhook: Setting,
    #[serde(flatten)]
    reach: ReachConfig,
}

/// A workflow.
#[derive(Debug)]
pub(crate) struct TeamsWorkflow(Client);

impl TeamsWorkflow {
    pub(crate) fn new(config: TeamsConfig, base: &Path) -> Self {
        Self(config.reach.client(config.webhook, base))
    }

    pub(crate) fn page(&self, page: &Page, outlet: &Outlet) -> Result<Delivery, Reason> {
        let severity = page.severity.as_ref().map_or_else(String::new, |severity| format!("[{severity}] "));
        let title = format!("{severity}{}", wording::title(page));
        let facts = [("Team", page.team.as_str()), ("Run", crate::delivery::run_of(&page.key))];
        let message = fitting(|longest| {
            card((&title, "Attention"), &wording::page_text(page, longest), &facts, &page.links)
        });
        self.send(&message, &outlet.secrets)
    }

    pub(crate) fn record(
        &self,
        record: &RecordEffect,
        question: Option<&AskedQuestion>,
        outlet: &Outlet,
    ) -> Result<Delivery, Reason> {
        let facts = [("Run", crate::delivery::run_of(&record.key))];
        let link = question.and(outlet.teams.server.as_ref()).map(|server| {
            let run = crate::delivery::run_of(&record.key);
            ("Answer".to_owned(), format!("{}/runs/{run}", server.trim_end_matches('/')))
        });
        let links: Vec<(String, String)> = link.into_iter().collect();
        let message = fitting(|longest| {
            card((&record.runbook, "Default"), &wording::record_body(record, longest), &facts, &links)
        });
        self.send(&message, &outlet.secrets)
    }

    fn send(&self, message: &Value, secrets: &Secrets) -> Result<Delivery, Reason> {
        let response = post(&self.0, "", message, &[], secrets)?;
        webhook::accepted(&response, &server(&response.address), "sent")?;
        Ok(Delivery::by("Microsoft Teams", true))
    }

    pub(crate) fn test(&self) -> Result<String, Reason> {
        webhook::answers(&self.0, &Secrets::of_connection())
    }
}

/// The message with as much of its text as fits.
fn fitting(message: impl Fn(usize) -> Value) -> Value {
    let mut longest = LONGEST;
    loop {
        let message = message(longest);
        if message.to_string().len() <= LARGEST || longest < 500 {
            return message;
        }
        longest = longest / 4 * 3;
    }
}

/// A message with one adaptive card of version 1.4, the last that every client of Teams shows.
fn card(
    (title, color): (&str, &str),
    text: &str,
    facts: &[(&str, &str)],
    links: &[(String, String)],
) -> Value {
    let block = |text: &str, more: Value| {
        let mut block = json!({ "type": "TextBlock", "text": plain(text), "wrap": true });
        if let (Some(block), Value::Object(more)) = (block.as_object_mut(), more) {
            block.extend(more);
        }
        block
    };
    let facts: Vec<Value> = facts
        .iter()
        .map(|(name, value)| json!({ "title": name, "value": plain(&wording::line(value, TITLE)) }))
        .collect();
    let title = wording::line(title, TITLE);
    let mut body = vec![block(&title, json!({ "size": "Large", "weight": "Bolder", "color": color }))];
    // A line end alone means nothing in a card.
    let parts = text.split("\n\n").filter(|part| !part.trim().is_empty());
    body.extend(parts.map(|part| block(&part.replace('\n', "\n\n"), json!({}))));
    body.push(json!({ "type": "FactSet", "facts": facts }));
    let actions: Vec<Value> = links
        .iter()
        .filter(|(_, url)| url.starts_with("https://") || url.starts_with("http://"))
        .take(LINKS)
        .map(|(name, url)| json!({ "type": "Action.OpenUrl", "title": wording::line(name, 100), "url": url }))
        .collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": body,
                "actions": actions,
            },
        }],
    })
}

/// A text whose characters are no markup: Teams reads a part of Markdown in cards.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '[' | ']' | '`') {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters of four bytes, characters that are escaped, and line ends, each of which may become a block of its own.
    #[test]
    fn a_card_is_never_larger_than_teams_takes() {
        let links = vec![("Graphs".to_owned(), "https://g".to_owned()); 40];
        for text in [
            "🔥".repeat(50_000),
            "*_[]".repeat(50_000),
            "\n\n".repeat(50_000),
            "a\n\n".repeat(50_000),
            "x".repeat(50_000),
        ] {
            let message = fitting(|longest| {
                card((&text, "Default"), &wording::cut(&text, longest), &[("Run", &text)], &links)
            });
            let size = message.to_string().len();
            assert!(size <= LARGEST, "{size}: {}", text.get(..8).unwrap());
            assert!(message.to_string().contains("more characters are left out"));
            assert_eq!(
                message.pointer("/attachments/0/content/actions").unwrap().as_array().unwrap().len(),
                LINKS
            );
        }
        let small =
            fitting(|longest| card(("It", "Default"), &wording::cut("_x_", longest), &[("Run", "a_b")], &[]));
        assert_eq!(small.pointer("/attachments/0/content/body/1/text").unwrap(), "\\_x\\_");
        assert_eq!(small.pointer("/attachments/0/content/body/2/facts/0/value").unwrap(), "a\\_b");
    }
}
