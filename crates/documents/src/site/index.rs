//! The index of a site, with its search.

use std::fmt::Write as _;

use super::{SiteEntry, SiteTests};
use crate::alerts::AlertCoverage;
use crate::export::{escape, page as html_page};

/// Shows the rows in which every word that was typed begins a word of the runbook. It runs from a file.
const SEARCH: &str = "
const box = document.getElementById('search'), rows = [...document.querySelectorAll('tr[data-words]')];
const count = document.getElementById('count');
function show() {
  const typed = box.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const words = ' ' + row.dataset.words;
    const hit = typed.every(it => words.includes(' ' + it));
    row.hidden = !hit;
    shown += hit;
  }
  count.textContent = shown + ' of ' + rows.length + ' runbooks';
}
box.addEventListener('input', show);
try { box.value = decodeURIComponent(location.hash.slice(1)); } catch { box.value = ''; }
show();
";

pub(super) fn page(entries: &[SiteEntry], alerts: Option<&AlertCoverage>) -> String {
    let mut body = String::from(
        "<h1>Runbooks</h1>\n<p class=\"search\"><label for=\"search\">Search</label><br><input type=\"search\" id=\"search\" \
         autocomplete=\"off\"> <span id=\"count\" role=\"status\" class=\"muted\"></span></p>\n",
    );
    let mut services: Vec<&str> = entries.iter().map(|it| it.service.as_str()).collect();
    services.sort_unstable();
    services.dedup();
    for service in services {
        let title = if service.is_empty() { "All services" } else { service };
        let _ = writeln!(body, "<h2>{}</h2>", escape(title));
        body.push_str("<table>\n<thead><tr><th scope=\"col\">Runbook</th><th scope=\"col\">Owner</th><th scope=\"col\">Alerts</th><th scope=\"col\">Tests</th><th scope=\"col\">Findings</th></tr></thead>\n<tbody>\n");
        for entry in entries.iter().filter(|it| it.service == service) {
            let _ = writeln!(
                body,
                "<tr data-words=\"{}\"><td><a href=\"{}\">{}</a><br><span class=\"muted\">{}</span></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                escape(&entry.words),
                escape(&entry.address),
                escape(&entry.title),
                escape(&entry.path),
                escape(&entry.owner),
                escape(&entry.alerts.join(", ")),
                tests(&entry.tests),
                entry.findings
            );
        }
        body.push_str("</tbody>\n</table>\n");
    }
    list(&mut body, "By owner", entries, |it| {
        if it.owner.is_empty() { vec!["nobody".into()] } else { vec![it.owner.clone()] }
    });
    list(&mut body, "By alert", entries, |it| it.alerts.clone());
    if let Some(alerts) = alerts {
        coverage(&mut body, alerts);
    }
    let _ = writeln!(body, "<script>{SEARCH}</script>");
    html_page("Runbooks", "", &body)
}

/// Tests in a cell.
fn tests(tests: &SiteTests) -> String {
    match (&tests.failed, tests.count) {
        (_, 0) => "none".into(),
        (None, count) => format!("{count}, not run"),
        (Some(failed), count) if failed.is_empty() => format!("{count} passed"),
        (Some(failed), count) => format!("{} of {count} failed", failed.len()),
    }
}

/// A list of all names with their runbooks.
fn list(body: &mut String, title: &str, entries: &[SiteEntry], names: impl Fn(&SiteEntry) -> Vec<String>) {
    let mut found: Vec<(String, &SiteEntry)> =
        entries.iter().flat_map(|it| names(it).into_iter().map(move |name| (name, it))).collect();
    if found.is_empty() {
        return;
    }
    found.sort_by(|a, b| (&a.0, &a.1.title).cmp(&(&b.0, &b.1.title)));
    let _ = writeln!(body, "<h2>{title}</h2>\n<ul>");
    let mut at = 0;
    while let Some((name, _)) = found.get(at) {
        let same: Vec<String> = found
            .iter()
            .skip(at)
            .take_while(|it| it.0 == *name)
            .map(|(_, it)| format!("<a href=\"{}\">{}</a>", escape(&it.address), escape(&it.title)))
            .collect();
        let _ = writeln!(body, "<li>{}: {}</li>", escape(name), same.join(", "));
        at += same.len();
    }
    body.push_str("</ul>\n");
}

fn coverage(body: &mut String, alerts: &AlertCoverage) {
    let covered = alerts.alerts.iter().filter(|it| !it.runbooks.is_empty()).count();
    let _ = writeln!(
        body,
        "<h2>Alert rules</h2>\n<p>{covered} of {} alerts have a runbook.</p>",
        alerts.alerts.len()
    );
    let lines = alerts.lines();
    if !lines.is_empty() {
        body.push_str("<ul>\n");
        for line in lines {
            let _ = writeln!(body, "<li>{}</li>", escape(&line));
        }
        body.push_str("</ul>\n");
    }
}
