//! What is promised of the import of alert rules, on 379 rules of two public collections.

use rbl_check::Catalogue;
use rbl_documents::import::{ImportOptions, import};

use super::{errors, files};
use crate::cli::shell::Shell;

#[test]
fn every_rule_becomes_a_runbook_that_checks() {
    let catalogue = Catalogue::default();
    let options = ImportOptions { commands: false, catalogue: &catalogue, alert: None };
    let (mut made, mut whole) = (0, 0);
    for (name, text) in files("rules") {
        let imported = import(&name, &text, &options);
        let rules =
            text.lines().filter(|it| it.trim_start().trim_start_matches("- ").starts_with("alert:")).count();
        assert_eq!(imported.runbooks.len(), rules, "{name}: {:?}", imported.report.needs);
        for runbook in &imported.runbooks {
            assert_eq!(errors(&runbook.text), Vec::<String>::new(), "{name}\n{}", runbook.text);
            assert!(runbook.text.starts_with("# rbl: imported\n"));
            whole += usize::from(runbook.text.contains("metric firing_series"));
        }
        made += imported.runbooks.len();
    }
    assert_eq!(made, 379);
    // What is split shows its threshold; the rest is true at the same time, and shows how many series fire.
    assert!(whole * 2 <= made, "{whole} of {made} stay one metric");
}

#[test]
fn a_rule_may_be_merged_from_another_and_nothing_is_left_out_silently() {
    let text = "groups:
- name: a
  rules:
  - &down
    alert: Down
    expr: up == 0
    for: 5m
  - <<: *down
    alert: DownÄgain
  - alert: NoExpression
  - record: a:b
    expr: sum(a)
";
    let options = ImportOptions { commands: false, catalogue: &Catalogue::default(), alert: None };
    let made = import("rules.yml", text, &options);
    let files: Vec<&str> = made.runbooks.iter().map(|it| it.file.as_str()).collect();
    assert_eq!(files, ["down.rb", "downägain.rb"]);
    assert!(made.runbooks[1].text.contains("for 5m"), "{}", made.runbooks[1].text);
    let needs: Vec<String> = made
        .report
        .needs
        .iter()
        .filter(|it| it.what.contains("no rule"))
        .map(|it| it.line.to_string())
        .collect();
    assert_eq!(needs, ["10"]);
}

const RULES: &str = "groups:
- name: disks
  rules:
  - record: a:b
    expr: sum(a)
  - alert: DiskFillsUp
    expr: node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.1
    for: 15m
    labels:
      severity: page
      team: storage
    annotations:
      summary: 'The disk {{ $labels.mountpoint }} of {{ $labels.instance }} fills up'
      description: 'Only {{ $value | humanizePercentage }} is left.'
      runbook_url: https://runbooks.example.com/disk-fills-up
  - alert: DiskGone
    expr: absent(node_filesystem_size_bytes)
";

#[test]
fn a_rule_says_what_its_runbook_asks() {
    let shell = Shell::new();
    shell.write("rules.yml", RULES);
    let ended = shell.rbl("import rules.yml --alert DiskFillsUp").code(0);
    assert_eq!(
        ended.out,
        "# rbl: imported
runbook \"DiskFillsUp\"
about \"\"\"
  The disk {{ $labels.mountpoint }} of {{ $labels.instance }} fills up

  Only {{ $value | humanizePercentage }} is left.
\"\"\"

trigger  alert \"DiskFillsUp\"
owner    \"storage\"
severity \"page\"
link     \"Runbook\" \"https://runbooks.example.com/disk-fills-up\"

param mountpoint = \"unknown\"
param instance = \"unknown\"

metric node_filesystem_avail_bytes by mountpoint, instance in ratio from prometheus \"\"\"
  min by (mountpoint, instance) (node_filesystem_avail_bytes / node_filesystem_size_bytes)
\"\"\"

step \"Is it still so?\" {
  if every node_filesystem_avail_bytes >= 10% {
    resolve \"it is over: nothing to do\"
  }
}

step \"What is it?\" {
  # TODO: say what to do about it
  action \"The disk #{mountpoint} of #{instance} fills up\" showing node_filesystem_avail_bytes
}

step \"Is it over?\" {
  # TODO: the rule does not say how long it may take: an hour is a guess
  wait until every node_filesystem_avail_bytes >= 10% for 15m within 1h + 15m
}
"
    );
    assert!(shell.rbl("import rules.yml").code(2).err.contains("say where they go"));
    assert!(shell.rbl("import rules.yml --alert Nope").code(1).err.contains("no rule is called Nope"));
    let all = shell.rbl("import rules.yml -o books").code(0);
    assert!(all.err.contains("DiskGone: the expression stays one metric"), "{}", all.err);
    shell.write("values.yml", "a: 1\n").write("odd.yml", "a: [\n");
    assert!(
        shell.rbl("import values.yml").code(1).err.contains("neither alert rules nor an Automation document")
    );
    assert!(shell.rbl("import odd.yml").code(1).err.contains("it is no YAML"));
}
