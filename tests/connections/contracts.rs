//! What each kind is tested against is true: the table of `docs/connections.md` is made from the registry, and here is the test behind each
//! of its rows.

use std::path::Path;

/// A kind, the test that holds it to its contract, and what that test cannot do without: what starts the real thing, the reference client or
/// the description.
struct Proof {
    family: &'static str,
    kind: &'static str,
    file: &'static str,
    test: &'static str,
    needs: &'static str,
}

const fn proof(
    (family, kind): (&'static str, &'static str),
    (file, test): (&'static str, &'static str),
    needs: &'static str,
) -> Proof {
    Proof { family, kind, file, test, needs }
}

const SERVICES: &str = "tests/connections/services.rs";
const REFERENCE: (&str, &str) =
    ("tests/connections/reference_clients.rs", "pagerduty_opsgenie_and_slack_get_what_alertmanager_sends");
const MAIL: (&str, &str) = ("tests/connections/mail.rs", "a_page_and_a_record_arrive_in_one_thread");
const SLACK: (&str, &str) =
    ("tests/connections/reference_clients.rs", "slack_gets_what_its_own_client_sends");
const WEBHOOK: (&str, &str) =
    ("tests/connections/webhook.rs", "a_page_and_a_record_are_sent_once_and_signed");
const ALERTS: &str = "sent_by_alertmanager()";

const PROOFS: &[Proof] = &[
    proof(
        ("provider", "prometheus"),
        ("tests/providers/prometheus.rs", "the_past_is_read_as_it_was"),
        "Prometheus::start",
    ),
    proof(
        ("provider", "alertmanager"),
        ("tests/providers/alertmanager.rs", "a_real_alertmanager_says_what_fires"),
        "Alertmanager::start",
    ),
    proof(
        ("provider", "elasticsearch"),
        ("tests/providers/elasticsearch.rs", "documents_are_counted_and_read_as_lines"),
        "::start(",
    ),
    proof(("provider", "sql"), ("tests/providers/sql.rs", "numbers_texts_and_lines"), "database()"),
    proof(
        ("provider", "tls"),
        ("tests/providers/tls.rs", "each_certificate_has_its_verdict_and_its_days"),
        "Certificates::new",
    ),
    proof(("provider", "dns"), ("tests/providers/dns.rs", "records_are_counted_and_read"), "Dnsmasq::start"),
    proof(("provider", "tcp"), ("tests/providers/tcp.rs", "open_refused_and_unknown"), "TcpListener::bind"),
    proof(("provider", "systemd"), ("tests/providers/systemd.rs", "states_and_numbers"), "program("),
    proof(
        ("provider", "kubernetes"),
        ("tests/providers/kubernetes.rs", "fields_of_objects_by_the_real_kubectl"),
        "has_kubectl()",
    ),
    proof(
        ("provider", "cloudwatch"),
        ("tests/providers/cloudwatch.rs", "the_newest_whole_period_and_windows"),
        "Moto::start",
    ),
    proof(("provider", "loki"), ("tests/providers/loki.rs", "numbers_windows_and_lines"), "Fake"),
    proof(("provider", "host"), ("tests/docs/examples.rs", "every_example_ends_as_it_should"), ""),
    proof(
        ("provider", "file"),
        ("tests/providers/file.rs", "without_a_configuration_the_query_names_the_file"),
        "",
    ),
    proof(("provider", "http"), ("tests/providers/http.rs", "none_one_and_several"), ""),
    proof(("provider", "exec"), ("tests/providers/exec.rs", "the_documented_plug_in_in_sh_works"), ""),
    proof(("executor", "http"), ("tests/connections/http.rs", "arguments_are_the_body_or_the_query"), ""),
    proof(("executor", "exec"), ("tests/connections/exec.rs", "a_program_acts"), ""),
    proof(
        ("executor", "ssm"),
        ("tests/connections/reference_clients.rs", "systems_manager_gets_what_botocore_sends"),
        "botocore",
    ),
    proof(
        ("executor", "rundeck"),
        ("tests/connections/following.rs", "an_execution_is_followed_to_its_end"),
        "KINDS",
    ),
    proof(
        ("executor", "azure"),
        ("tests/connections/azure.rs", "azure_gets_what_its_own_client_sends"),
        "azure",
    ),
    proof(
        ("executor", "kubernetes"),
        ("tests/connections/kubernetes.rs", "each_verb_is_followed_to_its_end"),
        "has_kubectl()",
    ),
    proof(("team", "webhook"), WEBHOOK, ""),
    proof(("team", "exec"), ("tests/connections/exec.rs", "a_program_pages_a_team"), ""),
    proof(("team", "pagerduty"), REFERENCE, ALERTS),
    proof(("team", "slack"), REFERENCE, ALERTS),
    proof(("team", "email"), MAIL, "MailServer::start"),
    proof(("team", "alertmanager"), (SERVICES, "an_alert_in_alertmanager_is_a_page"), "Alertmanager::start"),
    proof(("team", "msteams"), (SERVICES, "teams_gets_a_card"), "Fake"),
    proof(("team", "jsm"), REFERENCE, ALERTS),
    proof(("team", "opsgenie"), REFERENCE, ALERTS),
    proof(
        ("team", "terminal"),
        ("tests/world/people.rs", "pages_and_records_without_anything_configured_are_loud_and_honest"),
        "",
    ),
    proof(("channel", "webhook"), WEBHOOK, ""),
    proof(
        ("channel", "exec"),
        ("tests/connections/exec.rs", "a_program_posts_a_record_to_the_default_channel_too"),
        "",
    ),
    proof(("channel", "file"), (SERVICES, "a_file_keeps_records_as_lines"), ""),
    proof(("channel", "slack"), SLACK, "slack_sdk"),
    proof(("channel", "email"), MAIL, "MailServer::start"),
    proof(("channel", "msteams"), (SERVICES, "teams_gets_a_card"), "Fake"),
    proof(
        ("channel", "pagerduty"),
        (SERVICES, "pagerduty_is_paged_acknowledged_and_resolved"),
        "acknowledging",
    ),
    proof(("channel", "jsm"), ("tests/connections/failures.rs", "where_all_is_well_it_works"), "ROWS"),
    proof(("channel", "opsgenie"), (SERVICES, "opsgenie_is_closed_by_its_alias"), "Fake"),
    proof(
        ("channel", "matrix"),
        ("tests/connections/matrix.rs", "a_run_is_a_thread_in_a_real_room"),
        "Homeserver::start",
    ),
    proof(
        ("channel", "terminal"),
        ("tests/world/people.rs", "pages_and_records_without_anything_configured_are_loud_and_honest"),
        "",
    ),
];

/// The text of a test: from its name to the next function.
fn text_of(proof: &Proof) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(proof.file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let head = format!("#[test]\nfn {}() {{", proof.test);
    let (_, body) =
        text.split_once(&head).unwrap_or_else(|| panic!("{} has no test {}", proof.file, proof.test));
    body.split("\n}\n").next().unwrap().to_owned()
}

/// A kind without a row has no contract that is tested; a row without a kind is one that was renamed.
#[test]
fn every_kind_has_the_test_that_its_contract_names() {
    for kind in rbl_world::kinds() {
        let name = format!("{} `{}`", kind.family.word(), kind.kind);
        let mine = |proof: &&Proof| proof.family == kind.family.word() && proof.kind == kind.kind;
        let mut rows = PROOFS.iter().filter(mine);
        let (Some(proof), None) = (rows.next(), rows.next()) else {
            panic!("{name} needs one row in `PROOFS`: the test that holds it to what it is tested against");
        };
        let text = text_of(proof);
        assert!(text.contains(proof.needs), "{name}: {} does not use {}", proof.test, proof.needs);
        let is_own = kind.contract.class() == "own";
        assert_eq!(proof.needs.is_empty(), is_own, "{name}: what does {} need?", proof.test);
        // A fake of ours is not the real thing.
        let is_ours = kind.contract.class() == "our reading";
        let uses_fake = matches!(proof.needs, "Fake" | "KINDS" | "acknowledging" | "ROWS" | "program(");
        assert_eq!(uses_fake, is_ours, "{name}: {} against {}", kind.contract.class(), proof.needs);
    }
    for proof in PROOFS {
        let is_known =
            |kind: &rbl_check::KindDescription| kind.family.word() == proof.family && kind.kind == proof.kind;
        assert!(rbl_world::kinds().iter().any(is_known), "there is no {} `{}`", proof.family, proof.kind);
    }
}
