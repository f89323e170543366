//! `rbl.toml`: right settings take effect, and mistakes are reported where they are written.

use rbl_runtime::teams::{AnswerPermission, AskedOf};
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::{Source, SourceId, Sources};
use rbl_world::Connections;

fn parse(text: &str) -> Result<Connections, Vec<Diagnostic>> {
    let source = Source::new("rbl.toml", text);
    let id: SourceId = Sources::new().add(source.clone());
    Connections::read(&source, id, ".".as_ref())
}

/// Code, headline, the text under the first label, and the help of each finding.
fn findings(text: &str) -> Vec<(String, String, String, String)> {
    let found = parse(text).expect_err(text);
    found
        .into_iter()
        .map(|one| {
            assert!(one.message.chars().count() <= 70, "{}", one.message);
            for words in [&one.message, &one.labels[0].text].into_iter().chain(&one.help) {
                for word in ["invalid", "unexpected", "illegal", "failed to", "malformed"] {
                    assert!(!words.contains(word), "{words}");
                }
            }
            let span = one.place().unwrap().span;
            let under = text[span.start as usize..span.end as usize].to_owned();
            (one.code.name().to_owned(), one.message, under, one.help.join("; "))
        })
        .collect()
}

fn only(text: &str) -> (String, String, String, String) {
    let mut found = findings(text);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

/// The blocks of a page after this heading.
fn blocks(page: &str, heading: &str) -> String {
    let behind = page.split(&format!("## {heading}\n")).nth(1).expect("the heading is there");
    behind.split("```toml\n").nth(1).unwrap().split("```").next().unwrap().to_owned()
}

/// The wrong example of each page is wrong by exactly its code, and the right one is right.
#[test]
fn every_page_of_a_code_is_true() {
    for code in rbl_syntax::diagnostic::Code::ALL.iter().filter(|code| code.name().starts_with("config/")) {
        let path = format!("{}/docs/errors/{}.md", env!("CARGO_MANIFEST_DIR"), code.name());
        let page = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(only(&blocks(&page, "Wrong")).0, code.name());
        assert!(parse(&blocks(&page, "Right")).is_ok(), "{code}");
    }
}

/// No prefix of a configuration makes the reader crash.
#[test]
fn every_beginning_is_read() {
    let page = include_str!("../../docs/providers.md");
    let whole: String =
        page.split("```toml\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        if let Err(found) = parse(&whole[..end]) {
            assert!(!found.is_empty());
            for one in found {
                assert!(one.place().unwrap().span.end as usize <= end, "{one:?}");
            }
        }
    }
}

#[test]
fn everything_there_is() {
    let config = parse(
        r#"
        [providers.prometheus]
        type = "prometheus"
        url = "http://127.0.0.1:9090"
        timeout = "10s"
        max_age = "2m"
        headers = { X-Scope-OrgID = "a", Authorization = { env = "RBL_AUTH" } }

        [providers.mine]
        type = "exec"
        command = ["./mine", "--fast"]
        environment = { MODE = "x" }

        [providers.api]
        type = "http"
        url = { env = "RBL_API" }
        numbers_in_text = true

        [providers.numbers]
        type = "file"
        path = "numbers.json"

        [teams.database-oncall]
        type = "terminal"
        members = ["ana", "bo"]

        [channels.incidents]
        type = "terminal"

        [ssh]
        command = "/usr/bin/ssh"
        options = ["-o", "BatchMode=yes"]

        [store]
        path = "runs"
        "#,
    )
    .unwrap();
    let catalogue = config.catalogue();
    let kinds: Vec<(&str, &str)> =
        catalogue.providers.iter().map(|(name, kind)| (name.as_str(), kind.as_str())).collect();
    assert_eq!(
        kinds,
        [
            ("api", "http"),
            ("file", "file"),
            ("host", "host"),
            ("mine", "exec"),
            ("numbers", "file"),
            ("prometheus", "prometheus")
        ]
    );
    assert!(
        catalogue.configured
            && catalogue.teams.contains("database-oncall")
            && catalogue.channels.contains("incidents")
    );
    let asked = AskedOf { team: Some("database-oncall"), approves: false, starter: None };
    let standing = |name: &str| config.team_rules.permission(asked, name);
    assert_eq!(standing("bo"), AnswerPermission::May { vouched: true });
    assert_eq!(standing("cy"), AnswerPermission::MayNot(vec!["ana".into(), "bo".into()]));
    assert_eq!((config.ssh.command.as_str(), config.ssh.options.len()), ("/usr/bin/ssh", 2));
    assert!(config.store.folder().unwrap().unwrap().ends_with("runs"));
    assert_eq!(Connections::built_in(".".as_ref()).store.folder(), Ok(None));
    assert_eq!(parse("[store]\n").unwrap().store.folder(), Ok(None));
    let none = Connections::built_in(".".as_ref()).catalogue();
    assert!(!none.configured && none.providers.len() == 2 && none.teams.is_empty());
    assert!(parse("").unwrap().configured);
}

#[test]
fn names_that_are_nearly_right() {
    let (code, message, under, help) = only("[provider.x]\ntype = \"host\"\n");
    assert_eq!(
        (code.as_str(), under.as_str(), help.as_str()),
        ("config/unknown-key", "provider", "write `providers`")
    );
    assert_eq!(message, "there is no section `provider`");
    let (code, _, under, help) =
        only("[providers.p]\ntype = \"prometheus\"\nurl = \"http://a\"\ntimout = \"5s\"\n");
    assert_eq!(
        (code.as_str(), under.as_str(), help.as_str()),
        ("config/unknown-key", "timout", "write `timeout`")
    );
    let (code, _, under, help) = only("[providers.p]\ntype = \"promethues\"\nurl = \"http://a\"\n");
    assert_eq!((code.as_str(), under.as_str()), ("config/unknown-type", "\"promethues\""));
    assert_eq!(help, "write `type = \"prometheus\"`");
    let (_, _, _, help) = only("[teams.t]\ntype = \"carrier-pigeon\"\n");
    assert!(help.contains("write `type = \"webhook\"`, or `type = \"exec\"`"), "{help}");
    let (code, message, _, help) = only("[executors.jenkins]\ntype = \"jenkins\"\n");
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("config/unknown-type", "there is no type of executor `jenkins`")
    );
    assert!(help.contains("write `type = \"http\"`"), "{help}");
    let (_, _, under, help) = only("[ssh]\ntype = \"x\"\n");
    assert_eq!((under.as_str(), help.contains("`command`")), ("type", true));
    let (code, _, under, help) = only("[store]\npaht = \"/var/lib/rbl\"\n");
    assert_eq!(
        (code.as_str(), under.as_str(), help.as_str()),
        ("config/unknown-key", "paht", "write `path`")
    );
    let (code, _, under, _) = only("[store]\npath = 5\n");
    assert_eq!((code.as_str(), under.as_str()), ("config/value", "5"));
}

#[test]
fn the_folder_of_the_journal_may_come_from_outside() {
    let unset = parse("[store]\npath = { env = \"RBL_SURELY_NOT_SET\" }\n").unwrap();
    assert_eq!(
        unset.store.folder(),
        Err("the environment variable RBL_SURELY_NOT_SET is not set".to_owned())
    );
    let home = parse("[store]\npath = { env = \"HOME\" }\n").unwrap();
    assert_eq!(home.store.folder().unwrap().unwrap().as_os_str(), std::env::var_os("HOME").unwrap());
    assert!(parse("[store]\npath = \"\"\n").unwrap().store.folder().unwrap_err().contains("is empty"));
}

#[test]
fn what_is_missing_is_named() {
    let (code, message, under, help) = only("[providers.p]\ntype = \"prometheus\"\n");
    assert_eq!(
        (code.as_str(), message.as_str(), under.as_str()),
        ("config/missing-key", "the provider `p` has no `url`", "p")
    );
    assert!(help.starts_with("add `url = …`"), "{help}");
    let (_, message, _, help) = only("[providers.p]\nurl = \"http://a\"\n");
    assert_eq!(message, "the provider `p` has no `type`");
    assert!(help.contains("`type = \"prometheus\"`, or `type = \"host\"`"), "{help}");
    let (_, message, ..) =
        only("[providers.p]\ntype = \"prometheus\"\nurl = \"http://a\"\npassword = { env = \"X\" }\n");
    assert_eq!(message, "there is a `password` and no `username`");
}

#[test]
fn values_that_do_not_fit() {
    let prometheus =
        |line: &str| only(&format!("[providers.p]\ntype = \"prometheus\"\nurl = \"http://a\"\n{line}\n"));
    for (line, under, words) in [
        ("timeout = 10", "10", "write a duration, like \"10s\""),
        ("timeout = \"10\"", "\"10\"", "10 what?"),
        ("timeout = \"5min\"", "\"5min\"", "write \"5m\""),
        ("timeout = \"10MB\"", "\"10MB\"", "not a unit of a duration"),
        ("headers = \"X\"", "\"X\"", "write a table of strings"),
        ("headers = { X = 5 }", "5", "for `X`"),
        ("headers = { X = { env = \"\" } }", "\"\"", "{ env = \"NAME\" }"),
        ("username = { env = \"A\", file = \"B\" }", "{ env = \"A\", file = \"B\" }", "for `username`"),
        ("username = {}", "{}", "for `username`"),
    ] {
        let (code, _, found, help) = prometheus(line);
        assert_eq!((code.as_str(), found.as_str()), ("config/value", under), "{line}");
        assert!(help.contains(words), "{line}: {help}");
    }
    let (code, _, _, help) = only("[providers.p]\ntype = \"prometheus\"\nurl = \"localhost:9090\"\n");
    assert_eq!(code, "config/value");
    assert!(help.contains("write it whole"), "{help}");
    let (code, _, under, _) = only("[providers.e]\ntype = \"exec\"\ncommand = \"./mine\"\n");
    assert_eq!((code.as_str(), under.as_str()), ("config/value", "\"./mine\""));
    let (_, message, ..) = only("[providers.e]\ntype = \"exec\"\ncommand = []\n");
    assert_eq!(message, "`command` is empty");
    let (_, _, under, _) = only("[teams.t]\ntype = \"terminal\"\nmembers = [\"ana\", 5]\n");
    assert_eq!(under, "5");
    let (_, _, _, help) = only("[providers.h]\ntype = \"http\"\nurl = \"http://a\"\nmethod = \"get\"\n");
    assert_eq!(help, "write \"GET\"");
    assert_eq!(only("providers = 5\n").0, "config/value");
    assert_eq!(only("[teams]\nx = 5\n").0, "config/value");
}

#[test]
fn a_secret_is_not_written_in_the_file() {
    for line in [
        "bearer_token = \"abc\"",
        "headers = { Authorization = \"Bearer abc\" }",
        "headers = { X-Api-Key = \"abc\" }",
    ] {
        let (code, ..) = only(&format!("[providers.p]\ntype = \"prometheus\"\nurl = \"http://a\"\n{line}\n"));
        assert_eq!(code, "config/secret", "{line}");
    }
    let (code, _, _, help) = only("[providers.p]\ntype = \"prometheus\"\nurl = \"https://me:pw@a\"\n");
    assert_eq!(code, "config/secret");
    assert!(help.contains("username"), "{help}");
}

#[test]
fn every_mistake_is_told_in_the_order_of_the_text() {
    let text = "[providers.a]\ntype = \"prometheus\"\ntimeout = 5\nulr = \"http://a\"\n[teams.b]\ntype = \"terminol\"\n[chanels.c]\n";
    let codes: Vec<String> = findings(text).into_iter().map(|(code, ..)| code).collect();
    assert_eq!(
        codes,
        [
            "config/missing-key",
            "config/value",
            "config/unknown-key",
            "config/unknown-type",
            "config/unknown-key"
        ]
    );
}

#[test]
fn what_is_not_toml_has_a_place() {
    let (code, _, under, _) = only("[ssh]\ncommand = \"a\"\ncommand = \"b\"\n");
    assert_eq!((code.as_str(), under.as_str()), ("config/syntax", "command"));
    for text in [
        "[ssh\n",
        "a b c\n",
        "x = \n",
        "\u{0}",
        "[a]\n[a]\n",
        "x = \"\n",
        "é = é",
        &format!("x = {}", "[".repeat(100_000)),
    ] {
        assert!(findings(text).iter().all(|(code, ..)| code == "config/syntax"), "{text:.40}");
    }
}

#[test]
fn what_a_server_cannot_do_is_found_before_it_is_started() {
    for listen in ["", "foo", "127.0.0.1", ":7180", "127.0.0.1:99999", "127.0.0.1:http"] {
        let (code, message, under, help) = only(&format!("[serve]\nlisten = \"{listen}\"\n"));
        assert_eq!(
            (code.as_str(), message.as_str(), under.as_str()),
            ("config/value", "`listen` is no address and port", "listen"),
            "{listen}"
        );
        assert_eq!(help, "write both, like `listen = \"127.0.0.1:7180\"`");
    }
    for listen in ["127.0.0.1:7180", "[::1]:7180", "localhost:0", "rbl.example.com:80"] {
        assert!(parse(&format!("[serve]\nlisten = \"{listen}\"\n")).is_ok(), "{listen}");
    }
    let (_, message, under, help) = only("[serve.modes]\n\"new/[*\" = \"look\"\n");
    assert_eq!((message.as_str(), under.as_str()), ("`new/[*` is no pattern of paths", "\"new/[*\""));
    assert!(help.starts_with("write a path below the folder of the runbooks"), "{help}");
    let json = |line: &str| only(&format!("[hooks.x]\ntype = \"json\"\nname = \"$.title\"\n{line}\n"));
    let (_, message, under, help) = json("status = \"$.state\"\nfiring = []");
    assert_eq!(
        (message.as_str(), under.as_str()),
        ("`firing` names no status: no alert ever fires", "firing")
    );
    assert!(help.contains("leave it out"), "{help}");
    let (_, message, _, help) = json("firing = [\"open\"]");
    assert_eq!(message, "there is a `firing` and no `status`");
    assert!(help.ends_with("without one every alert fires"), "{help}");
}
