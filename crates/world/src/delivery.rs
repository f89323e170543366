//! Pages and records as JSON, for plug-ins and webhooks: the same fields for both.

use rbl_runtime::teams::PersonNames;
use rbl_runtime::{AskedQuestion, Delivery, Page, RecordEffect, Secrets};
use rbl_syntax::value::{Reason, ReasonKind};
use serde_json::{Value, json};

use crate::delivery_context::Outlet;
use crate::plugin::{self, PluginFailure};

/// What becomes of a page or a record that is delivered a second time, with the same key: its first try was cut off, and nobody knows
/// whether it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redelivery {
    /// It reaches nobody twice: the other side knows the key, or is asked whether it has it.
    Once,
    /// The key goes along, and whoever remembers keys ignores the second one.
    ByKey,
    /// It would arrive twice: it is not sent.
    Twice,
}

/// Why something that was cut off is not sent again.
pub(crate) fn not_sent_again() -> Reason {
    Reason::new(ReasonKind::Unreachable, "may have been sent: rbl was cut off while it was sent")
}

/// The names of the fields of a page.
pub(crate) const PAGE_FIELDS: &[&str] =
    &["team", "reason", "runbook", "severity", "story", "links", "about", "key", "run"];

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
        "about": page.about,
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

/// The fields of a question: those of the record that says the same as text, and its parts. `members` are those who may
/// answer it, with their names elsewhere.
pub(crate) fn of_question(question: &AskedQuestion, record: &RecordEffect, outlet: &Outlet) -> Value {
    let mut fields = of_record(record);
    let (Value::Object(all), Ok(Value::Object(parts))) = (&mut fields, serde_json::to_value(question)) else {
        return fields;
    };
    let team = question.by.as_deref();
    let members = team.into_iter().flat_map(|team| outlet.teams.members_of(team));
    let member = |(name, names): (&str, Option<&PersonNames>)| {
        let names = names.cloned().unwrap_or_default();
        json!({
            "name": name,
            "sign_in": names.sign_in,
            "slack": names.slack,
            "matrix": names.matrix,
            "email": names.email,
        })
    };
    all.insert("members".into(), members.map(member).collect());
    for (name, value) in parts {
        // `text` is the whole of it, so that a channel made for records shows it.
        let name = if name == "text" { "asks".to_owned() } else { name };
        all.insert(name, value);
    }
    fields
}

/// The run that a key belongs to.
pub(crate) fn run_of(key: &str) -> &str {
    key.split('/').next().unwrap_or_default()
}

/// What a plug-in answered to a page or a record. `program`: who delivered it, if the answer does not say.
///
/// Errors: it does not say that it was delivered. Nothing else is taken for a delivery.
pub(crate) fn answered(answer: &Value, program: &str, secrets: &Secrets) -> Result<Delivery, PluginFailure> {
    if answer.get("delivered") != Some(&Value::Bool(true)) {
        let text = format!("{program} did not answer `\"delivered\": true`");
        let reason = Reason::new(ReasonKind::BadAnswer, text);
        // Anything but a plain no leaves open what it did.
        let may_have_happened = answer.get("delivered") != Some(&Value::Bool(false));
        return Err(PluginFailure { reason, may_have_happened });
    }
    let said =
        |key: &str| plugin::text(answer, key).map(|text| secrets.one_line(&text)).filter(|it| !it.is_empty());
    Ok(Delivery {
        by: said("by").unwrap_or_else(|| program.to_owned()),
        reached_others: true,
        reference: said("reference"),
        ticket: None,
    })
}
