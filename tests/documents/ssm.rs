//! What is promised of Automation documents of AWS Systems Manager: all of `ssm/` import, and what was imported does what the document
//! says. Each construct is tried in simulated time, with tests of the runbook itself.

use std::io::Write as _;
use std::process::{Command, Stdio};

use rbl_check::Catalogue;
use rbl_documents::import::{ImportOptions, ImportedDocument, import};

use crate::cli::shell::Shell;
use crate::support::python_with;

use super::{errors, files};

fn imported(name: &str, text: &str) -> ImportedDocument {
    let options = ImportOptions { commands: false, catalogue: &Catalogue::default(), alert: None };
    import(name, text, &options)
}

#[test]
fn all_documents_import() {
    let found = files("ssm");
    assert_eq!(found.len(), 15);
    for (name, text) in found {
        let document = imported(&name, &text);
        assert_eq!(document.report.refused, None, "{name}");
        let [runbook] = document.runbooks.as_slice() else { panic!("{name}: one runbook") };
        assert!(runbook.text.starts_with("# rbl: imported\n"), "{name}");
        assert_eq!(errors(&runbook.text), Vec::<String>::new(), "{name}");
        let again = imported(&name, &text);
        assert_eq!(again.runbooks, document.runbooks, "{name}: it is always the same");
        // Nothing stands for itself: each step and each parameter is in the report.
        let named = |what: &str| document.report.taken.iter().any(|it| it.text.starts_with(what));
        for line in text.lines().filter_map(|it| it.trim().strip_prefix("- name: ")) {
            assert!(named(&format!("{} (aws:", line.trim_matches(['\'', '"']))), "{name}: {line}");
        }
    }
}

/// Imports a document, and runs the tests of its runbook; each of them has to pass.
fn runs(document: &str, tests: &str) -> String {
    let shell = Shell::new();
    shell.write("flow.yaml", document).write("flow_test.rb", format!("tests for \"flow.rb\"\n{tests}"));
    let ended = shell.rbl("import flow.yaml -o .").code(0);
    let text = std::fs::read_to_string(shell.path().join("flow.rb")).unwrap();
    let tested = shell.rbl("test flow_test.rb");
    let count = tests.matches("\ntest \"").count();
    assert!(count > 0);
    assert!(
        tested.out.contains("passed")
            && !tested.out.contains("✗")
            && tested.out.contains(&format!("{count} test")),
        "{}{}\n{text}",
        tested.out,
        tested.err
    );
    shell.rbl("fmt --check flow.rb").code(0);
    format!("{text}\n{}", ended.err)
}

/// A document with these steps.
fn with_steps(steps: &str) -> String {
    format!("schemaVersion: '0.3'\nparameters:\n  Id: {{type: String, default: i-1}}\nmainSteps:\n{steps}")
}

#[test]
fn a_branch_is_taken_either_way() {
    let operators = [
        ("StringEquals: web-1", "web-1", "web-2"),
        ("EqualsIgnoreCase: WEB-1", "web-1", "web-2"),
        ("StartsWith: web.", "web.1", "web-1"),
        ("EndsWith: '-1'", "web-1", "web-12"),
        ("Contains: eb", "web", "wob"),
        ("NumericEquals: 5", "5", "6"),
        ("NumericGreater: 5", "6", "5"),
        ("NumericLesser: 5", "4", "5"),
        ("NumericGreaterOrEquals: 5", "5", "4"),
        ("NumericLesserOrEquals: 5", "5", "6"),
        ("BooleanEquals: true", "True", "false"),
        ("BooleanEquals: false", "false", "true"),
    ];
    for (operator, yes, no) in operators {
        let text = runs(
            &with_steps(&format!(
                "
- name: Choose
  action: aws:branch
  inputs:
    Choices: [{{NextStep: Taken, Variable: '{{{{Id}}}}', {operator}}}]
    Default: Left
- {{name: Taken, action: 'aws:executeAwsApi', isEnd: true, inputs: {{Service: ec2, Api: RebootInstances, InstanceIds: ['{{{{Id}}}}']}}}}
- {{name: Left, action: 'aws:executeAwsApi', inputs: {{Service: ec2, Api: StopInstances, InstanceIds: ['{{{{Id}}}}']}}}}
"
            )),
            &format!(
                "
test \"taken\" {{
  param id = \"{yes}\"
  expect action taken(id: \"{yes}\")
  expect no action left
  expect resolved
}}

test \"left\" {{
  param id = \"{no}\"
  expect no action taken
  expect action left(id: \"{no}\")
  expect resolved
}}
"
            ),
        );
        assert!(text.contains("step \"Choose\" {\n  if "), "{text}");
    }
}

#[test]
fn conditions_are_joined_and_turned_round() {
    runs(
        "schemaVersion: '0.3'
parameters:
  Size: {type: Integer, default: 3}
  Really: {type: Boolean, default: false}
mainSteps:
- name: Choose
  action: aws:branch
  inputs:
    Choices:
    - And:
      - Or: [{Variable: '{{Size}}', NumericGreater: 5}, {Variable: '{{Size}}', NumericEquals: 1}]
      - Not: {Variable: '{{Really}}', BooleanEquals: false}
      NextStep: Change
  isEnd: true
- {name: Change, action: 'aws:executeAwsApi', inputs: {Service: ecs, Api: UpdateService, desiredCount: '{{Size}}'}}
",
        "
test \"both\" {
  param size = 6
  param really = true
  expect action change(size: 6)
  expect resolved
}

test \"the other of the two\" {
  param size = 1
  param really = true
  expect action change(size: 1)
}

test \"not really\" {
  param size = 6
  expect no action change
  expect resolved
}

test \"neither\" {
  param really = true
  expect no action change
  expect resolved
}
",
    );
}

const WAITS: &str = "
- name: Settle
  action: aws:waitForAwsResourceProperty
  timeoutSeconds: 300
  inputs: {Service: ec2, Api: DescribeInstances, InstanceIds: ['{{Id}}'], PropertySelector: '$.Reservations[0].State', DesiredValues: [running, ok]}
- name: Rest
  action: aws:sleep
  inputs: {Duration: PT2M}
- name: Sure
  action: aws:assertAwsResourceProperty
  inputs: {Service: ec2, Api: DescribeInstances, InstanceIds: ['{{Id}}'], PropertySelector: '$.Ready', DesiredValues: ['True']}
- {name: Act, action: 'aws:executeAwsApi', inputs: {Service: ec2, Api: RebootInstances, InstanceIds: ['{{Id}}']}}
";

#[test]
fn a_wait_ends_when_it_is_so_or_in_time() {
    runs(
        &with_steps(WAITS),
        r#"
test "it is so" {
  given probe settle("i-1") prints "{\"Reservations\": [{\"State\": \"running\"}]}"
  given probe sure("i-1") prints "{\"Ready\": true}"
  expect action act(id: "i-1")
  expect resolved within 3m
}

test "it never is" {
  given probe settle("i-1") prints "{\"Reservations\": [{\"State\": \"stopped\"}]}"
  given probe sure("i-1") prints "{\"Ready\": true}"
  expect no action act
  expect failed within 6m
}

test "it cannot be told" {
  given probe settle("i-1") = unknown
  given probe sure("i-1") prints "{\"Ready\": true}"
  expect no action act
  expect failed
}

test "it is asserted, and not so" {
  given probe settle("i-1") prints "{\"Reservations\": [{\"State\": \"ok\"}]}"
  given probe sure("i-1") prints "{\"Ready\": false}"
  expect no action act
  expect failed
}
"#,
    );
}

#[test]
fn an_approval_is_given_or_refused_or_missing() {
    let steps = "
- name: Ask
  action: aws:approve
  timeoutSeconds: 600
  onFailure: step:Tidy
  inputs: {Message: 'Reboot {{Id}}?', MinRequiredApprovals: 2, Approvers: [jane, 'arn:aws:iam::1:user/joe'], NotificationArn: 'arn:aws:sns:x'}
- {name: Pause, action: 'aws:pause', inputs: {Message: Is the traffic elsewhere?}}
- {name: Act, action: 'aws:executeAwsApi', isEnd: true, inputs: {Service: ec2, Api: RebootInstances, InstanceIds: ['{{Id}}']}}
- {name: Tidy, action: 'aws:executeAwsApi', inputs: {Service: ec2, Api: StopInstances, InstanceIds: ['{{Id}}']}}
";
    let text = runs(
        &with_steps(steps),
        "
background {
  answer \"Is the traffic elsewhere?\" with done
}

test \"approved\" {
  answer \"Reboot i-1?\" with yes
  expect action act(id: \"i-1\")
  expect no action tidy
  expect resolved
}

test \"refused\" {
  answer \"Reboot i-1?\" with no
  expect no action act
  expect action tidy(id: \"i-1\")
  expect failed
}

test \"nobody is there\" {
  expect no action act
  expect action tidy(id: \"i-1\")
  expect failed within 11m
}
",
    );
    assert!(text.contains("members jane, arn:aws:iam::1:user/joe, quorum = 2"), "{text}");
}

/// Two steps and what is done when the first has failed.
fn failing(first: &str) -> String {
    with_steps(&format!(
        "
- {{name: Try, action: 'aws:executeAwsApi', maxAttempts: 3, timeoutSeconds: 60, {first}, inputs: {{Service: ec2, Api: RebootInstances, InstanceIds: ['{{{{Id}}}}']}}}}
- {{name: After, action: 'aws:executeAwsApi', isEnd: true, inputs: {{Service: ec2, Api: StartInstances, InstanceIds: ['{{{{Id}}}}']}}}}
- {{name: Tidy, action: 'aws:executeAwsApi', inputs: {{Service: ec2, Api: StopInstances, InstanceIds: ['{{{{Id}}}}']}}}}
"
    ))
}

#[test]
fn a_failure_aborts_goes_on_or_leads_elsewhere() {
    let fails = "
test \"it works\" {
  expect action try(id: \"i-1\")
  expect action after
  expect resolved
}

test \"it fails\" {
  given action try fails \"no\"
";
    for (first, expected) in [
        ("onFailure: Abort", "expect no action after\n  expect failed"),
        ("onFailure: Continue", "expect action after\n  expect resolved"),
        ("onFailure: Continue, isCritical: true", "expect action after\n  expect failed"),
        ("onFailure: 'step:Tidy'", "expect no action after\n  expect action tidy\n  expect failed"),
        (
            "onFailure: 'step:Tidy', isCritical: false",
            "expect no action after\n  expect action tidy\n  expect resolved",
        ),
        ("onFailure: 'step:After', isCritical: false", "expect action after\n  expect resolved"),
    ] {
        // A word of the language cannot name an action by itself.
        let text = runs(&failing(first), &format!("{fails}  {expected}\n}}\n"));
        assert!(text.contains("within 1m") && text.contains("retry 2"), "{text}");
    }
}

#[test]
fn an_abort_and_a_failure_that_lead_to_the_same_end_are_an_undo() {
    let steps = "
- {name: Start, action: 'aws:executeAwsApi', onFailure: 'step:Back', onCancel: 'step:Back', inputs: {Service: ec2, Api: StopInstances, InstanceIds: ['{{Id}}']}}
- {name: Hold, action: 'aws:sleep', inputs: {Duration: PT5M}}
- {name: Settle, action: 'aws:assertAwsResourceProperty', onFailure: 'step:Back', onCancel: 'step:Back', isEnd: true, inputs: {Service: ec2, Api: DescribeInstances, PropertySelector: $.State, DesiredValues: [stopped]}}
- {name: Back, action: 'aws:executeAwsApi', inputs: {Service: ec2, Api: StartInstances, InstanceIds: ['{{Id}}']}}
";
    let text = runs(
        &with_steps(steps),
        r#"
test "it works" {
  given probe settle() prints "{\"State\": \"stopped\"}"
  expect no action back
  expect resolved
}

test "a later step fails" {
  given probe settle() prints "{\"State\": \"running\"}"
  expect action back(id: "i-1")
  expect failed
}

test "the step fails" {
  given action start fails "no"
  expect action back(id: "i-1")
  expect failed
}
"#,
    );
    assert!(text.contains("action start(id) undo back(id)"), "{text}");
    // Elsewhere it is said.
    let other = imported("a.yaml", &with_steps(&steps.replacen("onFailure: 'step:Back', ", "", 1)));
    let said =
        other.report.needs.iter().any(|it| it.what.contains("onCancel: an abort does not lead to step Back"));
    assert!(said, "{:?}", other.report.needs);
}

#[test]
fn outputs_are_used_by_later_steps() {
    let steps = "
- name: Look
  action: aws:executeAwsApi
  inputs: {Service: ec2, Api: DescribeInstances, InstanceIds: ['{{Id}}']}
  outputs:
  - {Name: Zone, Selector: '$.Reservations[0].Zone', Type: String}
  - {Name: All, Selector: '$.Reservations[*].Id', Type: StringList}
  - {Name: Deep, Selector: '$..Name', Type: StringList}
- name: Script
  action: aws:executeScript
  inputs:
    Runtime: python3.11
    Handler: main
    InputPayload: {zone: '{{Look.Zone}}', ids: '{{Look.All}}'}
    Script: |
      def main(events, context):
        return {'count': len(events['ids'])}
  outputs: [{Name: Count, Selector: $.Payload.count, Type: Integer}]
- {name: Act, action: 'aws:executeAwsApi', inputs: {Service: ecs, Api: UpdateService, desiredCount: '{{Script.Count}}', service: 'a-{{Look.Zone}}'}}
";
    let document = with_steps(steps).replace("mainSteps", "outputs: [Script.Count]\nmainSteps");
    let text = runs(
        &document,
        r#"
test "they are there" {
  given action look prints "{\"Reservations\": [{\"Zone\": \"a\", \"Id\": \"i-1\"}]}"
  given probe all_in("{\"Reservations\": [{\"Zone\": \"a\", \"Id\": \"i-1\"}]}") prints "[\"i-1\"]"
  given action script prints "{\"Payload\": {\"count\": 3}}"
  expect action script(zone: "a", all: "[\"i-1\"]")
  expect action act(count: 3, zone: "a")
  expect record matching "Script.Count: 3"
  expect resolved
}

test "one is missing: the step fails" {
  given action look prints "{\"Reservations\": []}"
  expect no action script
  expect failed
}
"#,
    );
    // What nothing uses is not taken.
    assert!(!text.contains("deep"), "{text}");
    assert!(text.contains("as look_result"), "{text}");
}

#[test]
fn a_nested_automation_is_an_action_of_the_executor() {
    let steps = "
- name: Snap
  action: aws:executeAutomation
  timeoutSeconds: 1800
  inputs: {DocumentName: AWS-CreateSnapshot, DocumentVersion: '2', RuntimeParameters: {VolumeId: ['{{Id}}'], DBId: x, Tags: [a, b]}}
- {name: Use, action: 'aws:executeAwsApi', inputs: {Service: ec2, Api: DescribeSnapshots, SnapshotIds: '{{Snap.Output}}'}}
";
    let text = runs(
        &with_steps(steps),
        r#"
test "it works" {
  given action snap prints "{\"status\": \"Success\", \"outputs\": {\"a\": [\"s-1\"]}}"
  given probe output_in("{\"status\": \"Success\", \"outputs\": {\"a\": [\"s-1\"]}}") prints "[\"s-1\"]"
  expect action snap(volume_id: "i-1", db_id: "x", tags: ["a", "b"])
  expect action use_name(output: "[\"s-1\"]")
  expect resolved
}

test "it fails" {
  given action snap fails "Rejected"
  expect no action use_name
  expect failed
}
"#
        .replace("db_id", "DBId")
        .as_str(),
    );
    assert!(text.contains("as ssm \"AWS-CreateSnapshot 2\""), "{text}");
}

#[test]
fn loops_go_through_a_list_or_as_long_as_it_is_so() {
    let each = "
- name: Each
  action: aws:loop
  inputs:
    Iterators: [i-1, i-2]
    IteratorDataType: String
    Steps:
    - {name: Stop, action: 'aws:changeInstanceState', inputs: {InstanceIds: ['{{Each.CurrentIteratorValue}}'], DesiredState: stopped}}
    - {name: Breathe, action: 'aws:sleep', inputs: {Duration: PT10S}}
- {name: After, action: 'aws:executeAwsApi', inputs: {Service: ec2, Api: DescribeInstances}}
";
    runs(
        &with_steps(each),
        "
test \"each of them\" {
  expect action stop_name(current_iterator_value: \"i-1\")
  expect action stop_name(current_iterator_value: \"i-2\")
  expect action after
  expect resolved within 21s
}

test \"one fails\" {
  given action stop_name(current_iterator_value: \"i-2\") fails \"no\"
  expect no action after
  expect failed
}
",
    );
    let again = "
- name: Again
  action: aws:loop
  inputs:
    MaxIterations: 3
    LoopCondition: {Variable: '{{Call.Retry}}', BooleanEquals: true}
    Steps:
    - name: Call
      action: aws:invokeLambdaFunction
      inputs: {FunctionName: f}
      outputs: [{Name: Retry, Selector: $.Payload.Retry, Type: Boolean}]
- {name: After, action: 'aws:executeAwsApi', inputs: {Service: ec2, Api: DescribeInstances}}
";
    let text = runs(
        &with_steps(again),
        r#"
test "once" {
  given action call prints "{\"Payload\": {\"Retry\": false}}"
  expect action after
  expect resolved
}

test "three times, and no more" {
  given action call prints "{\"Payload\": {\"Retry\": true}}"
  expect action after
  expect resolved
}
"#,
    );
    assert_eq!(text.matches("action call()").count(), 3, "{text}");
}

#[test]
fn what_runs_elsewhere_is_a_command() {
    let steps = "
- name: Send
  action: aws:runCommand
  inputs: {DocumentName: AWS-RunShellScript, InstanceIds: ['{{Id}}'], Parameters: {commands: ['echo {{Id}}'], workingDirectory: /}}
- {name: Tag, action: 'aws:createTags', inputs: {ResourceType: EC2, ResourceIds: ['{{Id}}'], Tags: [{Key: a, Value: 'it''s `x` #{y}'}]}}
- {name: Stack, action: 'aws:createStack', inputs: {StackName: s, TemplateURL: 'https://x'}}
- {name: Hook, action: 'aws:invokeWebhook', inputs: {IntegrationName: slack, Body: 'about {{Id}}'}}
- {name: Shell, action: 'aws:executeScript', inputs: {Runtime: PowerShell Core 6.0, Script: 'echo x'}}
- {name: Unstack, action: 'aws:deleteStack', inputs: {StackName: s}}
";
    let text = runs(
        &with_steps(steps),
        r#"
background {
  answer "Do step Hook (aws:invokeWebhook): {\"Body\":\"about i-1\",\"IntegrationName\":\"slack\"}" with done
  answer "Do step Shell (aws:executeScript): {\"Runtime\":\"PowerShell Core 6.0\",\"Script\":\"echo x\"}" with done
}

test "all is done" {
  expect action send(id: "i-1")
  expect action tag(id: "i-1")
  expect action stack
  expect action unstack
  expect resolved
}

test "the command fails on the instance" {
  given action send fails "command c ended as Failed"
  expect no action tag
  expect failed
}
"#,
    );
    assert!(text.contains("scripts of PowerShell Core 6.0 are not carried over"), "{text}");
    assert!(text.contains("becomes part of what runs on the instance"), "{text}");
    assert!(text.contains(r"it'\''s \`x\` \#{y}"), "{text}");
}

#[test]
fn parameters_keep_their_limits() {
    let document = "schemaVersion: '0.3'
assumeRole: '{{Role}}'
parameters:
  Role: {type: String, description: The role}
  Pause: {type: String, default: PT90S}
  Name: {type: String, allowedPattern: '[a-z]+', minChars: 2}
  Size: {type: Integer, allowedValues: [1, 2], default: 1}
  Kind: {type: String, allowedValues: [big, small], default: big}
  Ids: {type: StringList}
mainSteps:
- {name: Rest, action: 'aws:sleep', inputs: {Duration: '{{Pause}}'}}
- {name: Act, action: 'aws:executeAwsApi', inputs: {Service: ec2, Api: StopInstances, InstanceIds: ['{{Ids}}'], a: '{{Name}}', b: '{{Size}}', c: '{{Kind}}'}}
";
    let text = runs(
        document,
        r#"
background {
  param name = "ab"
  param ids = "[\"i-1\", \"i-2\"]"
}

test "they fit" {
  expect action act(ids: "[\"i-1\", \"i-2\"]", name: "ab", size: 1, kind: "big")
  expect resolved within 91s
}

test "the pattern" {
  param name = "AB"
  expect no action act
  expect failed
}

test "too short" {
  param name = "a"
  expect no action act
  expect failed
}

test "no such size" {
  param size = 3
  expect no action act
  expect failed
}
"#,
    );
    assert!(text.contains("param pause: duration = 1m30s"), "{text}");
    assert!(text.contains("The parameter Role is left out: it only names the role"), "{text}");
    assert!(text.contains("among [\"big\", \"small\"]"), "{text}");
}

#[test]
fn what_goes_back_stops_there() {
    let steps = "
- {name: Act, action: 'aws:executeAwsApi', inputs: {Service: ec2, Api: StopInstances}}
- {name: Rest, action: 'aws:sleep', nextStep: Act, inputs: {Duration: PT1M}}
";
    let text = runs(
        &with_steps(steps),
        "
test \"it ends\" {
  expect action act
  expect failed
}
",
    );
    assert!(text.contains("it goes back to step Act, as often as it wants"), "{text}");
}

#[test]
fn bad_documents_are_refused_with_their_place() {
    let bad = |text: &str, says: &str| {
        let document = imported("a.yaml", text);
        let why = document.report.refused.unwrap_or_default();
        assert!(why.contains(says) && document.runbooks.is_empty(), "{why}\n{says}");
    };
    bad("schemaVersion: '0.3'\nmainSteps:\n- name: [", "it is no YAML");
    bad("schemaVersion: '2.2'\nmainSteps: []\n", "line 1: schemaVersion 2.2 is a Command document");
    bad("schemaVersion: '7'\nmainSteps: []\n", "line 1: schemaVersion `7` is not known");
    bad("schemaVersion: '0.3'\nmainSteps: []\n", "line 2: `mainSteps` holds no step");
    bad(
        &with_steps(
            "- {name: A, action: 'aws:sleep', inputs: {Duration: PT1S}}\n- {name: A, action: 'aws:sleep', inputs: {Duration: PT1S}}\n",
        ),
        "line 6: step `A` is there twice, first in line 5",
    );
    bad(&with_steps("- {name: A}\n"), "line 5: step `A` has no `action`");
    bad(&with_steps("- {name: A, action: sleep}\n"), "does not begin with `aws:`");
    bad(&with_steps("- {action: 'aws:sleep'}\n"), "line 5: a step without `name`");
    bad(&with_steps("- just a text\n"), "line 5: a step without `name`");
    bad(
        &with_steps("- {name: A, action: 'aws:sleep', nextStep: B}\n"),
        "it leads to `B`, and no such step is there",
    );
    bad(
        &with_steps("- {name: A, action: 'aws:sleep', onFailure: 'step:B'}\n"),
        "when it fails, it leads to `B`",
    );
    bad(
        &with_steps("- {name: A, action: 'aws:sleep', onFailure: never}\n"),
        "onFailure `never` is not known",
    );
    bad(&with_steps("- {name: A, action: 'aws:branch', inputs: {}}\n"), "a branch without choices");
    bad(
        "schemaVersion: '0.3'\nparameters: {A: {}}\nmainSteps:\n- {name: A, action: 'aws:sleep'}\n",
        "parameter `A` has no `type`",
    );
    bad("a: 1\n", "neither alert rules nor an Automation document");
    // Anchors that grow, brackets without end, and far too much: it stays small, and it stays up.
    let grows: String = (0..30)
        .map(|n| {
            format!(
                "a{}: &a{} [{}]\n",
                n,
                n,
                vec![if n == 0 { "x".into() } else { format!("*a{}", n - 1) }; 9].join(", ")
            )
        })
        .collect();
    bad(&format!("schemaVersion: '0.3'\n{grows}mainSteps: []\n"), "it is no YAML");
    bad(&format!("schemaVersion: '0.3'\nmainSteps: {}\n", "[".repeat(100_000)), "it is no YAML");
    let many: String = (0..600)
        .map(|n| format!("- {{name: S{n}, action: 'aws:sleep', inputs: {{Duration: PT1S}}}}\n"))
        .collect();
    bad(&with_steps(&many), "line 505: more than 500 steps");
    let ways: String = (0..40)
        .map(|n| format!("- {{name: S{n}, action: 'aws:executeAwsApi', onFailure: 'step:T{n}', isCritical: false, nextStep: S{}, inputs: {{Service: ec2, Api: StopInstances}}}}\n- {{name: T{n}, action: 'aws:executeAwsApi', nextStep: S{}, inputs: {{Service: ec2, Api: StopInstances}}}}\n", n + 1, n + 2))
        .collect();
    let end = "- {name: S40, action: 'aws:sleep', inputs: {Duration: PT1S}}\n- {name: S41, action: 'aws:sleep', inputs: {Duration: PT1S}}\n";
    bad(&with_steps(&format!("{ways}{end}")), "longer than 1500 statements");
}

/// What a runbook is, whatever the order of its declarations, its comments, and what it says where a step is left out.
fn bare(text: &str) -> (Vec<String>, String) {
    let is_said = |it: &str| it.to_lowercase().starts_with("\"step ") && it.contains(" is left out: ");
    let plain: Vec<&str> =
        text.lines().filter(|it| !it.trim_start().starts_with('#') && !is_said(it.trim())).collect();
    let text = plain.join("\n");
    let (head, body) = text.split_once("\nstep ").unwrap();
    let mut declared: Vec<String> =
        head.split("\n\n").flat_map(|it| it.trim().split("\nparam ")).map(str::to_owned).collect();
    declared.retain(|it| !it.is_empty());
    declared.sort();
    (declared, body.lines().filter(|it| !it.trim().is_empty()).collect::<Vec<_>>().join("\n"))
}

fn exported(text: &str) -> (Option<String>, Vec<String>) {
    let file = rbl_syntax::parse(rbl_syntax::source::SourceId(0), text).file;
    let (document, findings) = rbl_documents::export::ssm::document(&file, text);
    (document, findings.iter().map(|it| format!("{}:{}: {}", it.line, it.column, it.what)).collect())
}

/// What botocore, which knows every API of AWS, says of the operations and the inputs in documents.
#[test]
fn exported_operations_are_those_of_aws() {
    let Some(python) = python_with("botocore") else { return };
    let mut lines: Vec<String> = Vec::new();
    for (name, text) in files("ssm") {
        let runbook = imported(&name, &text).runbooks.remove(0).text;
        if let Some(document) = exported(&runbook).0 {
            let document: serde_json::Value = serde_json::from_str(&document).unwrap();
            lines.push(document.to_string());
        }
    }
    assert!(lines.len() >= 10);
    let asked = |lines: &[String]| {
        let mut child = Command::new(&python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/documents/operations.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(lines.join("\n").as_bytes()).unwrap();
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success());
        String::from_utf8(ended.stdout).unwrap()
    };
    assert_eq!(asked(&lines), "");
    // It would say so.
    let wrong = r#"{"mainSteps": [{"name": "a", "inputs": {"Service": "rds", "Api": "DescribeDbInstances"}}, {"name": "b", "inputs": {"Service": "ec2", "Api": "StopInstances", "Ids": []}}]}"#;
    let said = asked(&[wrong.to_owned()]);
    assert!(said.lines().count() == 2 && said.contains("b has no Ids"), "{said}");
}

#[test]
fn what_an_automation_has_not_is_a_finding_with_its_place() {
    let shell = Shell::new();
    shell.write(
        "it.rb",
        "runbook \"It\"
owner \"ops\"
param node = \"a\"
metric p99 in s from prometheus \"up\"
define look(id) as `aws ec2 describe-instances --output json --cli-input-json \"$(jq -cn --arg Id #{id} '{\\\"InstanceIds\\\": [$Id]}')\"`
action look(node) within 2m as seen
action `kubectl drain #{node}`
check p99 < 5s else { escalate to owner }
repeat up to 3 times { action look(node) }
stop \"no\"
"
        .replace("\\\"", "\""),
    );
    let ended = shell.rbl("export it.rb --format ssm").code(1);
    assert_eq!(ended.out, "");
    for line in [
        "it.rb:2:1: left out: an Automation document does not say who owns it",
        "it.rb:4:1: error: an Automation document does not say a metric",
        "it.rb:7:8: error: Systems Manager runs no such command",
        "it.rb:8:7: error: an automation only looks at what an API of AWS answers",
        "it.rb:9:1: error: an automation has no `repeat`",
        "it.rb:10:1: error: an automation only fails where a step of it does",
    ] {
        assert!(ended.err.contains(line), "{line}\n{}", ended.err);
    }
    let fine = "runbook \"It\"\nparam node = \"a\"\nstep \"Say\" {\n  action \"Look after #{node}\" within 1h\n  wait 5m\n}\n";
    shell.write("fine.rb", fine);
    let ended = shell.rbl("export fine.rb --format ssm").code(0);
    let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(document["mainSteps"][0]["inputs"]["Message"], "Look after {{Node}}");
    assert_eq!(document["mainSteps"][0]["timeoutSeconds"], 3600);
    assert_eq!(document["mainSteps"][1]["inputs"]["Duration"], "PT5M");
    assert_eq!(document["mainSteps"][1]["isEnd"], true);
    assert_eq!(document["parameters"]["Node"]["default"], "a");
}

#[test]
fn a_folder_holds_documents_of_both_kinds() {
    let shell = Shell::new();
    shell
        .write("docs/a.md", "# A\n\n## Steps\n\n1. Look at it\n")
        .write("docs/b/stop.yaml", with_steps(WAITS));
    shell.write("docs/values.yaml", "a: 1\n").write("docs/package.json", "{}");
    shell.rbl("import docs -o books").code(0);
    assert!(shell.path().join("books/a.rb").exists() && shell.path().join("books/b/stop.rb").exists());
    assert!(!shell.path().join("books/values.rb").exists());
    let json = shell.rbl("import docs/b/stop.yaml -o more --report json").code(0);
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let to: Vec<&str> =
        report["taken"].as_array().unwrap().iter().map(|it| it["to"].as_str().unwrap()).collect();
    assert_eq!(to, ["parameter", "wait", "pause", "check", "action of the AWS CLI"]);
}

#[test]
fn what_was_imported_can_be_exported_and_imported_again() {
    let mut different: Vec<String> = Vec::new();
    for (name, text) in files("ssm") {
        let runbook = imported(&name, &text).runbooks.remove(0).text;
        let (document, findings) = exported(&runbook);
        let Some(document) = document else { panic!("{name}: {findings:#?}") };
        checked(&name, &document);
        let again = imported(&name.replace(".yml", ".json"), &document);
        assert_eq!(again.report.refused, None, "{name}\n{document}");
        // The names of steps may begin with another case of letter.
        if bare(&again.runbooks[0].text.to_lowercase()) != bare(&runbook.to_lowercase()) {
            different.push(name);
        }
    }
    assert_eq!(different, Vec::<String>::new());
}

/// Our own check of an Automation document: names, ways, values, inputs and limits.
fn checked(name: &str, document: &str) {
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    assert_eq!(document["schemaVersion"], "0.3");
    assert!(document.to_string().len() < 64 * 1024, "{name}: larger than Systems Manager takes");
    let parameters: Vec<String> =
        document["parameters"].as_object().into_iter().flatten().map(|(it, _)| it.clone()).collect();
    for (parameter, it) in document["parameters"].as_object().into_iter().flatten() {
        let kind = it["type"].as_str().unwrap();
        assert!(
            ["String", "StringList", "Boolean", "Integer", "StringMap"].contains(&kind),
            "{name}: {parameter}"
        );
    }
    let mut known: Vec<String> = parameters;
    let mut names = Vec::new();
    steps(&document["mainSteps"], &mut |step| {
        let step_name = step["name"].as_str().unwrap().to_owned();
        for it in step["outputs"].as_array().into_iter().flatten() {
            assert!(it["Selector"].as_str().unwrap().starts_with('$'));
            known.push(format!("{step_name}.{}", it["Name"].as_str().unwrap()));
        }
        for it in ["Output", "CommandId", "Status", "StackId", "InstanceIds", "CurrentIteratorValue"] {
            known.push(format!("{step_name}.{it}"));
        }
        names.push(step_name);
    });
    let is_name =
        |it: &str| (3..=128).contains(&it.len()) && it.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    for (at, step) in names.iter().enumerate() {
        assert!(is_name(step), "{name}: {step}");
        assert!(!names[..at].contains(step), "{name}: {step} is there twice");
    }
    assert!(names.len() <= 100, "{name}: more steps than Systems Manager takes");
    steps(&document["mainSteps"], &mut |step| {
        let own = step["name"].as_str().unwrap();
        let needed: &[&str] = match step["action"].as_str().unwrap().strip_prefix("aws:").unwrap() {
            "executeAwsApi" => &["Service", "Api"],
            "waitForAwsResourceProperty" | "assertAwsResourceProperty" => {
                &["Service", "Api", "PropertySelector", "DesiredValues"]
            }
            "executeAutomation" | "runCommand" => &["DocumentName"],
            "executeScript" => &["Runtime", "Handler", "Script"],
            "changeInstanceState" => &["InstanceIds", "DesiredState"],
            "createStack" => &["StackName"],
            "approve" => &["Approvers"],
            "branch" => &["Choices"],
            "sleep" => &["Duration"],
            "loop" => &["Iterators", "Steps"],
            "pause" => &[],
            other => panic!("{name}: {own}: {other}"),
        };
        for input in needed {
            assert!(!step["inputs"][input].is_null(), "{name}: {own} has no {input}");
        }
        let mut leads: Vec<String> = Vec::new();
        leads.extend(step["nextStep"].as_str().map(str::to_owned));
        leads.extend(step["onFailure"].as_str().and_then(|it| it.strip_prefix("step:")).map(str::to_owned));
        leads.extend(step["inputs"]["Default"].as_str().map(str::to_owned));
        for it in step["inputs"]["Choices"].as_array().into_iter().flatten() {
            leads.push(it["NextStep"].as_str().unwrap().to_owned());
        }
        for lead in leads {
            assert!(names.contains(&lead), "{name}: {own} leads to {lead}");
        }
        let text = step["inputs"].to_string();
        for value in text.split("{{").skip(1).filter_map(|it| it.split_once("}}")).map(|(it, _)| it.trim()) {
            let is_known = known.iter().any(|it| it == value)
                || value.starts_with("global:")
                || value.starts_with("automation:")
                || value.starts_with("ssm:");
            assert!(is_known, "{name}: {own} uses {value}");
        }
    });
}

fn steps(list: &serde_json::Value, visit: &mut dyn FnMut(&serde_json::Value)) {
    for step in list.as_array().unwrap() {
        visit(step);
        if step["inputs"]["Steps"].is_array() {
            steps(&step["inputs"]["Steps"], visit);
        }
    }
}
