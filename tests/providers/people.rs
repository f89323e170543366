//! What `rbl.toml` says of people, and of how teams are reached.

use rbl_runtime::teams::{PageLimit, QuestionRoute};
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::{Source, SourceId, Sources};
use rbl_world::Connections;

const TEAM: &str = "[channels.chat]\ntype = \"terminal\"\n[teams.lead]\ntype = \"exec\"\ncommand = [\"page\"]\n[teams.dba]\ntype = \"terminal\"\n";

fn parse(text: &str) -> Result<Connections, Vec<Diagnostic>> {
    let source = Source::new("rbl.toml", text);
    let id: SourceId = Sources::new().add(source.clone());
    Connections::read(&source, id, ".".as_ref())
}

/// The headline of the only finding, the text at its place, its help, and what its fix writes there.
fn only(text: &str) -> (String, String, String, Option<String>) {
    let mut found = parse(text).expect_err(text);
    assert_eq!(found.len(), 1, "{found:?}");
    let one = found.remove(0);
    let span = one.place().unwrap().span;
    let under = text[span.start as usize..span.end as usize].to_owned();
    let fix = one.fixes.first().map(|fix| fix.edits[0].text.clone());
    (one.message, under, one.help.join("; "), fix)
}

#[test]
fn the_rules_of_a_team_take_effect() {
    let text = format!(
        "{TEAM}members = [\"ana\", \"ben\"]\nquorum = 2\nself_approval = true\nasks = \"chat\"\nfallback = \"lead\"\n\
         at_most = \"10 in 10m\"\n[people.ana]\nsign_in = \"ana@example.com\"\nslack = \"U1\"\n[people.ben]\n\
         [teams]\nfallback = \"lead\"\n[serve]\nurl = \"https://rbl.example.com\"\n"
    );
    let rules = parse(&text).unwrap().team_rules;
    let dba = &rules.teams["dba"];
    assert_eq!((dba.quorum, dba.self_approval, dba.reaches), (2, true, false));
    assert_eq!(dba.at_most, Some(PageLimit { most: 10, window: 600.0 }));
    assert_eq!(
        rules.routes(Some("dba"), None),
        [QuestionRoute::Channel("chat".into()), QuestionRoute::Page("lead".into())]
    );
    assert_eq!(rules.people["ana"].slack.as_deref(), Some("U1"));
    assert_eq!(rules.people["ana"].sign_in.as_deref(), Some("ana@example.com"));
    assert_eq!(rules.fallback.as_deref(), Some("lead"));
    assert_eq!(rules.server.as_deref(), Some("https://rbl.example.com"));
    // Without `[people]`, members are names.
    assert!(parse(&format!("{TEAM}members = [\"ana\"]\n")).is_ok());
}

#[test]
fn a_name_that_nothing_has_is_found_with_the_one_that_was_meant() {
    let found = only(&format!("{TEAM}members = [\"anna\"]\n[people.ana]\n"));
    let expected = ("there is nobody `anna`", "\"anna\"", "write \"ana\"", Some("\"ana\""));
    assert_eq!((found.0.as_str(), found.1.as_str(), found.2.as_str(), found.3.as_deref()), expected);
    let found = only(&format!("{TEAM}asks = \"chats\"\n"));
    let expected = ("there is no channel `chats`", "\"chats\"", "write \"chat\"", Some("\"chat\""));
    assert_eq!((found.0.as_str(), found.1.as_str(), found.2.as_str(), found.3.as_deref()), expected);
    let found = only(&format!("{TEAM}fallback = \"nobody\"\n"));
    assert_eq!((found.0.as_str(), found.3), ("there is no team `nobody`", None));
    assert!(found.2.contains("add `[teams.nobody]`"), "{}", found.2);
    let found = only(&format!("{TEAM}fallback = \"dba\"\n"));
    assert_eq!(found.0, "`dba` is its own fallback");
    let found = only(&format!("{TEAM}[teams]\nfallback = \"leed\"\n"));
    assert_eq!((found.0.as_str(), found.3.as_deref()), ("there is no team `leed`", Some("\"lead\"")));
    let found = only("[people.ana]\nslak = \"U1\"\n");
    assert_eq!((found.0.as_str(), found.3.as_deref()), ("there is no key `slak`", Some("slack")));
}

#[test]
fn what_people_are_asked_for_can_be_had() {
    let found = only(&format!("{TEAM}quorum = 2\n"));
    assert_eq!((found.0.as_str(), found.1.as_str()), ("there is a `quorum` and no `members`", "quorum"));
    let found = only(&format!("{TEAM}self_approval = true\n"));
    assert_eq!(found.0, "there is a `self_approval` and no `members`");
    let found = only(&format!("{TEAM}members = [\"ana\", \"ana\", \"ben\"]\nquorum = 3\n"));
    assert_eq!(
        (found.0.as_str(), found.1.as_str()),
        ("3 members have to approve, and there are 2", "quorum")
    );
    for at_most in ["10", "0 in 10m", "ten in 10m", "10 in 0s", "10 in often"] {
        let found = only(&format!("{TEAM}at_most = \"{at_most}\"\n"));
        assert_eq!(found.0, "`at_most` is not a rate, like \"10 in 10m\"");
    }
    let found = only("[people]\nana = \"U1\"\n");
    assert_eq!(found.0, "`ana` in `people` is not a section");
}
