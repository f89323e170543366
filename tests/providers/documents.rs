//! The reference in the documentation is generated from the program's own tables; `RBL_BLESS=1` updates it.

use rbl_check::host_metrics::{HOST_METRICS, QueryParameter};
use rbl_check::{Family, Key};
use rbl_project::config::{CLIENT_KEYS, HOOK_KINDS, PERSON_KEYS, SERVE_KEYS, SSH_KEYS, STORE_KEYS};
use rbl_world::kinds;

fn host_metrics() -> String {
    let mut table = String::from("| query | unit | labels | what it is |\n|---|---|---|---|\n");
    for metric in HOST_METRICS {
        let parameter = match metric.parameter {
            QueryParameter::None => String::new(),
            QueryParameter::Optional(what) => format!(" [{what}]"),
            QueryParameter::Required(what) => format!(" {what}"),
        };
        let unit = if metric.unit.is_empty() { String::new() } else { format!("`in {}`", metric.unit) };
        let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        table.push_str(&format!(
            "| `{}{parameter}` | {unit} | {} | {} |\n",
            metric.name,
            labels.join(" "),
            metric.meaning
        ));
    }
    table
}

fn keys(keys: &[Key]) -> String {
    let mut table = String::from("| key | takes | without it | meaning |\n|---|---|---|---|\n");
    for key in keys {
        let without = if key.required { "*needed*" } else { key.default };
        table.push_str(&format!(
            "| `{}` | {} | {without} | {} |\n",
            key.name,
            key.kind.in_words(),
            key.meaning
        ));
    }
    table
}

fn all_keys() -> String {
    let mut text = String::new();
    let mut section = |heading: String, summary: &str, table: &[Key]| {
        text.push_str(&format!("### {heading}\n\n"));
        if !summary.is_empty() {
            text.push_str(&format!("{summary}.\n\n"));
        }
        text.push_str(&if table.is_empty() { "No keys besides `type`.\n".to_owned() } else { keys(table) });
        text.push('\n');
    };
    for one in kinds() {
        let heading = format!("`[{}.NAME]`, `type = \"{}\"`", one.family.section(), one.kind);
        section(heading, one.summary, one.keys);
    }
    section("`[people.NAME]`".into(), "a person, and the names that person has elsewhere", PERSON_KEYS);
    section("`[ssh]`".into(), "", SSH_KEYS);
    section("`[store]`".into(), "", STORE_KEYS);
    section("`[client]`".into(), "how commands with `--server` sign in", CLIENT_KEYS);
    section("`[serve]`".into(), "how `rbl serve` runs", SERVE_KEYS);
    for hook in HOOK_KINDS {
        section(format!("`[hooks.NAME]`, `type = \"{}\"`", hook.word), hook.summary, hook.keys);
    }
    text.trim_end().to_owned() + "\n"
}

/// Compares the generated section of that name in a page of docs/ with the program's text.
pub fn is_generated(file: &str, name: &str, expected: &str) {
    let path = format!("{}/docs/{file}", env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- generated: {name} -->\n"), "<!-- end of generated -->\n".to_owned());
    let start = page.find(&begin).expect("the page has the place") + begin.len();
    let stop = start + page[start..].find(&end).expect("the place ends");
    if std::env::var_os("RBL_BLESS").is_some() {
        std::fs::write(&path, format!("{}\n{expected}\n{}", &page[..start], &page[stop..])).unwrap();
        return;
    }
    assert_eq!(page[start..stop].trim(), expected.trim(), "run the tests once with RBL_BLESS=1");
}

/// The programs that only read, those with the same arguments in one row.
fn reading_commands() -> String {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for (name, allowed) in rbl_check::reading_programs() {
        let name = format!("`{name}`");
        match rows.iter_mut().find(|(known, _)| *known == allowed) {
            Some((_, names)) => names.push(name),
            None => rows.push((allowed, vec![name])),
        }
    }
    let mut table = "| command | what it may be given |\n|---|---|\n".to_owned();
    for (allowed, names) in rows {
        table.push_str(&format!("| {} | {allowed} |\n", names.join(" ")));
    }
    table
}

#[test]
fn the_reference_is_that_of_the_program() {
    is_generated("providers.md", "host metrics", &host_metrics());
    is_generated("configuration.md", "keys", &all_keys());
    is_generated("modes.md", "read-only commands", &reading_commands());
    is_generated("connections.md", "contracts", &contracts());
    // A kind of a provider has its section on a page of its own.
    for one in kinds().iter().filter(|one| one.family != Family::Provider) {
        let name = format!("{} {}", one.family.word(), one.kind);
        let short = matches!(one.kind, "exec" | "terminal") && one.family == Family::Channel
            || one.kind == "terminal";
        if !short {
            is_generated("connections.md", &name, &keys(one.keys));
        }
    }
}

/// What each kind is tested against.
fn contracts() -> String {
    let mut table = String::from("| family | kind | tested against | which |\n|---|---|---|---|\n");
    for one in kinds() {
        let (class, with) = (one.contract.class(), one.contract.with());
        let experimental = if one.contract.is_experimental() { ", experimental" } else { "" };
        table.push_str(&format!(
            "| {} | `{}` | {class}{experimental} | {with} |\n",
            one.family.word(),
            one.kind
        ));
    }
    table
}

/// A kind says what it is tested against; what is there says which, unless it is rbl's own.
#[test]
fn every_kind_says_what_it_is_tested_against() {
    for one in kinds() {
        let is_own = one.contract.class() == "own";
        assert_eq!(one.contract.with().is_empty(), is_own, "{} {}", one.family.word(), one.kind);
    }
}

/// Every TOML block of the documentation is a configuration.
#[test]
fn every_configuration_in_the_documentation_is_one() {
    for page in [
        include_str!("../../docs/providers.md"),
        include_str!("../../docs/configuration.md"),
        include_str!("../../docs/connections.md"),
        include_str!("../../docs/server.md"),
        include_str!("../../docs/modes.md"),
    ] {
        let mut blocks = 0;
        for block in page.split("```toml\n").skip(1) {
            super::provider_in(block.split("```").next().unwrap(), "host", ".".as_ref());
            blocks += 1;
        }
        assert!(blocks > 0);
    }
}
