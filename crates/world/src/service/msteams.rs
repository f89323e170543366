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

/// The longest text of a card, in characters: a message may have 28 KB.
const LONGEST: usize = 12_000;

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
        let text = wording::page_text(page, LONGEST);
        self.send(&card(&title, "Attention", &text, &facts, &page.links), &outlet.secrets)
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
        let text = wording::cut(&record.text, LONGEST);
        let links: Vec<(String, String)> = link.into_iter().collect();
        self.send(&card(&record.runbook, "Default", &text, &facts, &links), &outlet.secrets)
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

/// A message with one adaptive card of version 1.4, the last that every client of Teams shows.
fn card(title: &str, color: &str, text: &str, facts: &[(&str, &str)], links: &[(String, String)]) -> Value {
    let block = |text: &str, more: Value| {
        let mut block = json!({ "type": "TextBlock", "text": plain(text), "wrap": true });
        if let (Some(block), Value::Object(more)) = (block.as_object_mut(), more) {
            block.extend(more);
        }
        block
    };
    let facts: Vec<Value> =
        facts.iter().map(|(name, value)| json!({ "title": name, "value": value })).collect();
    let mut body = vec![block(title, json!({ "size": "Large", "weight": "Bolder", "color": color }))];
    // A line end alone means nothing in a card.
    body.extend(text.split("\n\n").map(|part| block(&part.replace('\n', "\n\n"), json!({}))));
    body.push(json!({ "type": "FactSet", "facts": facts }));
    let actions: Vec<Value> = links
        .iter()
        .filter(|(_, url)| url.starts_with("https://") || url.starts_with("http://"))
        .map(|(name, url)| json!({ "type": "Action.OpenUrl", "title": name, "url": url }))
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
