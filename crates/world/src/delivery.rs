//! Pages and records as JSON, for plug-ins and webhooks: the same fields for both.

use rbl_runtime::{Delivery, Page, RecordEffect, Secrets};
use rbl_syntax::value::{Reason, ReasonKind};
use serde_json::{Value, json};

use crate::plugin;

/// The names of the fields of a page.
pub(crate) const PAGE_FIELDS: &[&str] =
    &["team", "reason", "runbook", "severity", "story", "links", "key", "run"];

/// The names of the fields of a record.
pub(crate) const RECORD_FIELDS: &[&str] = &["channel", "text", "runbook", "key", "run"];

/// The fields of a page.
pub(crate) fn of_page(page: &Page) -> Value {
    let links: Vec<Value> =
        page.links.iter().map(|(name, url)| json!({ "name": name, "url": url })).collect();
    json!({
        "team": page.team,
        "reason": page.reason,
        "runbook": page.runbook,
        "severity": page.severity,
        "story": page.story,
        "links": links,
        "key": page.key,
        "run": run_of(&page.key),
    })
}

/// The fields of a record. `channel` is the name of the section of the channel that it is posted to.
pub(crate) fn of_record(record: &RecordEffect) -> Value {
    json!({
        "channel": record.channel,
        "text": record.text,
        "runbook": record.runbook,
        "key": record.key,
        "run": run_of(&record.key),
    })
}

/// The run that a key belongs to.
pub(crate) fn run_of(key: &str) -> &str {
    key.split('/').next().unwrap_or_default()
}

/// What a plug-in answered to a page or a record. `program`: who delivered it, if the answer does not say.
///
/// Errors: it does not say that it was delivered. Nothing else is taken for a delivery.
pub(crate) fn answered(answer: &Value, program: &str, secrets: &Secrets) -> Result<Delivery, Reason> {
    if answer.get("delivered") != Some(&Value::Bool(true)) {
        let text = format!("{program} did not answer `\"delivered\": true`");
        return Err(Reason::new(ReasonKind::BadAnswer, text));
    }
    let said =
        |key: &str| plugin::text(answer, key).map(|text| secrets.one_line(&text)).filter(|it| !it.is_empty());
    Ok(Delivery {
        by: said("by").unwrap_or_else(|| program.to_owned()),
        reached_others: true,
        reference: said("reference"),
    })
}
