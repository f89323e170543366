//! What each action of a step becomes: a command of the AWS CLI, an automation, a look, or something that a person does.

use super::document::SsmStep;
use super::names::{Names, SsmType};
use super::selector::Selector;
use super::shell::{Taking, is_plain, literal, operation, quoted, service, upper_camel};
use super::template::only_value;
use crate::import::yaml::{YamlNode, YamlValue};

/// What a step becomes.
#[derive(Debug, Clone)]
pub(super) enum SsmForm {
    /// `define NAME(…) as …`, with what it takes.
    Action {
        declared: String,
        arguments: Vec<SsmArgument>,
        taken: &'static str,
    },
    /// `probe NAME(…) as …`, and what has to be true of what it finds.
    Look {
        declared: String,
        arguments: Vec<SsmArgument>,
        wanted: ExpectedOutput,
        waits: bool,
    },
    /// A person approves.
    Approval,
    /// A person goes on.
    Pause,
    Sleep,
    Branch,
    Loop,
    /// A person does what the step says, and why.
    Hand {
        why: String,
    },
    /// Nothing stands for it: the run stops there, and why.
    Cannot {
        why: String,
    },
}

/// What a define takes in a place.
#[derive(Debug, Clone)]
pub(super) enum SsmArgument {
    /// `{{ … }}`
    Value(String),
    /// A text or a list of the document.
    Node(YamlNode),
}

/// What a look has to find.
#[derive(Debug, Clone)]
pub(super) struct ExpectedOutput {
    /// Behind the name of the look: `.json.A.B`.
    pub(super) fields: String,
    /// Whether it finds a list, of which every element counts.
    pub(super) is_list: bool,
    pub(super) values: Vec<YamlNode>,
}

/// Reads what a step becomes. `notes` are what a person has to look at.
pub(super) fn form(index: usize, step: &SsmStep, names: &Names, notes: &mut Vec<String>) -> SsmForm {
    let (name, _) = names.steps.get(index).cloned().unwrap_or_default();
    let mut build = Build { step, names, taking: Taking::default(), notes };
    let made = match step.action.as_str() {
        "executeAwsApi" => build.api(),
        "waitForAwsResourceProperty" => return build.look(&name, true),
        "assertAwsResourceProperty" => return build.look(&name, false),
        "executeAutomation" => return build.automation(&name),
        "executeScript" => build.script(),
        "runCommand" => Ok(build.run_command()),
        "changeInstanceState" => build.instance_state(),
        "createTags" => build.tags(),
        "createStack" => Ok(build.create_stack()),
        "deleteStack" => build.delete_stack(),
        "createImage" => {
            Ok(build.image("create-image", &[("ImageName", "Name"), ("ImageDescription", "Description")]))
        }
        "copyImage" => {
            Ok(build.image("copy-image", &[("ImageName", "Name"), ("ImageDescription", "Description")]))
        }
        "deleteImage" => build.delete_image(),
        "runInstances" => Ok(build.run_instances()),
        "invokeLambdaFunction" => Ok(build.lambda()),
        "executeStateMachine" => Ok(build.state_machine()),
        "approve" => return SsmForm::Approval,
        "pause" => return SsmForm::Pause,
        "sleep" => return SsmForm::Sleep,
        "branch" => return SsmForm::Branch,
        "loop" => return SsmForm::Loop,
        "updateVariable" => Err(SsmForm::Cannot { why: "a value is never changed in a runbook".into() }),
        other => Err(SsmForm::Hand { why: format!("`aws:{other}` has no command that stands for it") }),
    };
    match made {
        Ok(command) => build.action(&name, &command, "action of the AWS CLI"),
        Err(form) => form,
    }
}

type Made = Result<String, SsmForm>;

struct Build<'a> {
    step: &'a SsmStep,
    names: &'a Names,
    taking: Taking,
    notes: &'a mut Vec<String>,
}

impl Build<'_> {
    fn input(&self, key: &str) -> Option<&YamlNode> {
        self.step.inputs.get(key)
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.input(key).and_then(YamlNode::text).map(str::trim).filter(|it| !it.is_empty())
    }

    /// A text of the document, as it is; not one with values in it.
    fn fixed(&self, key: &str) -> Result<String, SsmForm> {
        let found = self.text(key).filter(|it| !it.contains("{{"));
        found.map(str::to_owned).ok_or_else(|| SsmForm::Hand {
            why: match self.text(key) {
                Some(_) => format!("`{key}` is only known when it runs"),
                None => format!("it has no `{key}`"),
            },
        })
    }

    fn action(&mut self, name: &str, command: &str, taken: &'static str) -> SsmForm {
        let declared = format!("define {name}{} as {}", self.parameters(), literal(command));
        SsmForm::Action { declared, arguments: self.arguments(), taken }
    }

    fn parameters(&self) -> String {
        let names: Vec<&str> = self.taking.values.iter().map(|(_, name, _)| name.as_str()).collect();
        format!("({})", names.join(", "))
    }

    fn arguments(&self) -> Vec<SsmArgument> {
        let known = self.taking.values.iter().map(|(value, ..)| SsmArgument::Value(value.clone()));
        known.chain(self.taking.unknown.iter().map(|it| SsmArgument::Value(it.clone()))).collect()
    }

    /// The inputs as JSON, without some and with others called differently.
    fn program(&mut self, without: &[&str], called: &[(&str, &str)]) -> String {
        let pairs = self
            .step
            .inputs
            .pairs()
            .iter()
            .filter(|(key, _)| key.text().is_some_and(|it| !without.contains(&it)));
        let pairs: Vec<(YamlNode, YamlNode)> = pairs
            .map(|(key, value)| {
                let new = called.iter().find(|(old, _)| Some(*old) == key.text());
                let name =
                    new.map_or_else(|| key.value.clone(), |(_, new)| YamlValue::Text((*new).to_owned()));
                (YamlNode { line: key.line, value: name }, value.clone())
            })
            .collect();
        let node = YamlNode { line: self.step.line, value: YamlValue::Map(pairs) };
        self.taking.program(&node, self.names)
    }

    fn cli(&self, service: &str, operation: &str, program: &str) -> String {
        if program == "{}" {
            return format!("aws {service} {operation} --output json");
        }
        format!("aws {service} {operation} --output json --cli-input-json {}", self.taking.json(program))
    }

    fn call(&mut self) -> Made {
        let (called, api) = (self.fixed("Service")?, self.fixed("Api")?);
        let fine = |it: &str| it.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !fine(&called) || !fine(&api) {
            return Err(SsmForm::Hand { why: "its service or its operation is no name".into() });
        }
        let program = self.program(&["Service", "Api", "PropertySelector", "DesiredValues"], &[]);
        Ok(self.cli(&service(&called), &operation(&api), &program))
    }

    fn api(&mut self) -> Made {
        self.call()
    }

    fn look(&mut self, name: &str, waits: bool) -> SsmForm {
        let hand = |why: &str| SsmForm::Hand { why: why.to_owned() };
        let command = match self.call() {
            Ok(it) => it,
            Err(form) => return form,
        };
        let Some(written) = self.text("PropertySelector") else {
            return hand("it has no `PropertySelector`");
        };
        let Some(selector) = Selector::read(written) else {
            return SsmForm::Hand {
                why: format!("the selector `{written}` is not one that can be carried over"),
            };
        };
        let values = match self.input("DesiredValues").map(|it| &it.value) {
            Some(YamlValue::List(items)) if !items.is_empty() => items.clone(),
            _ => return hand("it has no list of `DesiredValues`"),
        };
        let (command, fields) = if let Some(fields) = selector.fields() {
            (command, format!(".json{fields}"))
        } else {
            let picked = quoted(&selector.jq("."));
            (format!("found=$({command}) || exit 2; printf '%s' \"$found\" | jq -c {picked}"), ".json".into())
        };
        SsmForm::Look {
            declared: format!("probe {name}{} as {}", self.parameters(), literal(&command)),
            arguments: self.arguments(),
            wanted: ExpectedOutput { fields, is_list: selector.is_list(), values },
            waits,
        }
    }

    fn automation(&mut self, name: &str) -> SsmForm {
        let document = match self.fixed("DocumentName") {
            Ok(it) if !it.contains(char::is_whitespace) => it,
            Ok(_) => return SsmForm::Hand { why: "its document is no name".into() },
            Err(form) => return form,
        };
        let others = ["DocumentName", "DocumentVersion", "RuntimeParameters"];
        if let Some((key, _)) = self.step.inputs.entries().find(|(key, _)| !others.contains(key)) {
            return SsmForm::Hand { why: format!("the executor `ssm` has no `{key}`") };
        }
        let version = match self.text("DocumentVersion").map(|_| self.fixed("DocumentVersion")) {
            Some(Ok(it)) => format!(" {it}"),
            Some(Err(form)) => return form,
            None => String::new(),
        };
        let mut names: Vec<String> = Vec::new();
        let mut arguments = Vec::new();
        let step = self.step;
        for (key, value) in step.inputs.get("RuntimeParameters").map(YamlNode::pairs).unwrap_or_default() {
            let Some(key) = key.text() else { continue };
            let snake = super::names::snake(key).unwrap_or_default();
            let called = if upper_camel(&snake) == key { snake.clone() } else { key.to_owned() };
            let is_name = called.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && called.starts_with(|c: char| c.is_ascii_alphabetic())
                && upper_camel(&called) == key;
            if is_name {
                names.push(called);
            } else {
                self.notes.push(format!(
                    "the executor has to call the parameter `{snake}` {key}: `parameters = {{ {snake} = \"{key}\" }}`"
                ));
                names.push(snake);
            }
            // A list of one value is that value: the executor makes lists of all.
            let one = match &value.value {
                YamlValue::List(items) if items.len() == 1 => items.first().unwrap_or(value),
                _ => value,
            };
            if matches!(one.value, YamlValue::Map(_)) {
                return SsmForm::Hand { why: format!("its parameter `{key}` is a map") };
            }
            arguments.push(SsmArgument::Node(one.clone()));
        }
        let reference = format!("\"{document}{version}\"");
        let declared = format!("define {name}({}) as ssm {reference}", names.join(", "));
        SsmForm::Action { declared, arguments, taken: "action of the executor ssm" }
    }

    fn script(&mut self) -> Made {
        let runtime = self.fixed("Runtime")?;
        if !runtime.to_ascii_lowercase().starts_with("python") {
            return Err(SsmForm::Hand { why: format!("scripts of {runtime} are not carried over") });
        }
        let handler = self.fixed("Handler")?;
        let Some(script) = self.text("Script").map(str::to_owned) else {
            return Err(SsmForm::Hand { why: "its script is in an attachment, not in the document".into() });
        };
        let is_name = handler.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let defined = script
            .lines()
            .filter_map(|it| it.trim_start().strip_prefix("def "))
            .any(|it| it.strip_prefix(handler.as_str()).is_some_and(|it| it.trim_start().starts_with('(')));
        if !is_name || !defined {
            self.notes.push(format!(
                "the function `{handler}` is not in its script: the document is incomplete, and the command fails until it is there"
            ));
        }
        if script.contains("{{") {
            self.notes.push("values that the document puts into the text of its script are not put there: pass them by InputPayload".into());
        }
        let payload = match self.input("InputPayload").cloned() {
            Some(it) => self.taking.program(&it, self.names),
            None => "{}".into(),
        };
        let payload = self.taking.json(&payload);
        let text = format!(
            "{}\n\nimport json, sys\nprint(json.dumps({{\"Payload\": {handler}(json.loads(sys.argv[1]), {{}})}}))\n",
            script.trim_end()
        );
        if !is_plain(&text) || text.lines().any(|it| it.trim() == "SCRIPT") {
            return Ok(format!("python3 -c {} {payload}", quoted(&text)));
        }
        Ok(format!("\n  python3 - {payload} <<'SCRIPT'\n{text}SCRIPT\n"))
    }

    fn run_command(&mut self) -> String {
        let mut inputs = self.step.inputs.clone();
        if let YamlValue::Map(pairs) = &mut inputs.value {
            for (_, value) in pairs.iter_mut().filter(|(key, _)| key.text() == Some("Parameters")) {
                if let YamlValue::Map(parameters) = &mut value.value {
                    for (_, value) in parameters {
                        let is_list = value
                            .text()
                            .and_then(only_value)
                            .and_then(|it| self.names.get(&it).map(|it| it.kind == SsmType::List))
                            .unwrap_or(matches!(value.value, YamlValue::List(_)));
                        if !is_list {
                            value.value = YamlValue::List(vec![value.clone()]);
                        }
                    }
                }
            }
        }
        let inside = self.step.inputs.get("Parameters").map(super::names::values_in).unwrap_or_default();
        if let Some(first) = inside.first() {
            self.notes.push(format!(
                "`{{{{{first}}}}}` becomes part of what runs on the instance, as in the document: it is not quoted there"
            ));
        }
        let program = self.taking.program(&inputs, self.names);
        let start = self.cli("ssm", "send-command", &program);
        format!(
            "
  started=$({start}) || exit 1
  id=$(printf '%s' \"$started\" | jq -r .Command.CommandId) || exit 1
  while :; do
    state=$(aws ssm list-commands --command-id \"$id\" --query 'Commands[0].Status' --output text) || exit 1
    case $state in
      Pending|InProgress|Delayed|Cancelling) sleep 5 ;;
      Success) break ;;
      *) echo \"command $id ended as $state\" >&2; exit 1 ;;
    esac
  done
  found=$(aws ssm list-command-invocations --command-id \"$id\" --details --output json) || exit 1
  printf '%s' \"$found\" | jq -c --arg id \"$id\" '[.CommandInvocations[].CommandPlugins[]] as $p
    | {{CommandId: $id, Status: \"Success\", ResponseCode: $p[0].ResponseCode, Output: [$p[].Output] | join(\"\\n\")}}'
"
        )
    }

    fn instance_state(&mut self) -> Made {
        let Some(ids) = self.input("InstanceIds").cloned() else {
            return Err(SsmForm::Hand { why: "it has no `InstanceIds`".into() });
        };
        let list = self.taking.program(&ids, self.names);
        let ids = self.taking.json(&format!("{{\"InstanceIds\": {list}}}"));
        let flag = |key: &str| self.text(key).is_some_and(|it| it.eq_ignore_ascii_case("true"));
        let (only_checks, force) = (flag("CheckStateOnly"), flag("Force"));
        let Some(state) = self.text("DesiredState").map(str::to_owned) else {
            return Err(SsmForm::Hand { why: "it has no `DesiredState`".into() });
        };
        let state = match only_value(&state) {
            Some(value) => self.taking.word(&value, self.names),
            None => quoted(&state),
        };
        let act = |operation: &str| {
            if only_checks {
                String::new()
            } else {
                format!("aws ec2 {operation} --cli-input-json \"$ids\" >&2 && ")
            }
        };
        let stop = if force { "stop-instances --force" } else { "stop-instances" };
        Ok(format!(
            "
  ids={ids}
  case {state} in
    running) {}aws ec2 wait instance-running --cli-input-json \"$ids\" ;;
    stopped) {}aws ec2 wait instance-stopped --cli-input-json \"$ids\" ;;
    terminated) {}aws ec2 wait instance-terminated --cli-input-json \"$ids\" ;;
    *) echo \"no state of an instance: $ids\" >&2; exit 1 ;;
  esac && printf '%s' \"$ids\"
",
            act("start-instances"),
            act(stop),
            act("terminate-instances")
        ))
    }

    fn tags(&mut self) -> Made {
        let kind = self.text("ResourceType").unwrap_or("EC2").to_owned();
        if kind == "EC2" {
            let program = self.program(&["ResourceType"], &[("ResourceIds", "Resources")]);
            return Ok(self.cli("ec2", "create-tags", &program));
        }
        match self.input("ResourceIds").map(YamlNode::items) {
            Some([one]) => {
                let one = one.clone();
                let resource = self.taking.program(&one, self.names);
                let rest = self.program(&["ResourceIds"], &[]);
                Ok(self.cli(
                    "ssm",
                    "add-tags-to-resource",
                    &format!("({rest} + {{\"ResourceId\": {resource}}})"),
                ))
            }
            _ => Err(SsmForm::Hand { why: format!("several resources of {kind} are tagged one by one") }),
        }
    }

    fn create_stack(&mut self) -> String {
        let program = self.program(&[], &[]);
        let start = self.cli("cloudformation", "create-stack", &program);
        format!(
            "
  started=$({start}) || exit 1
  id=$(printf '%s' \"$started\" | jq -r .StackId) || exit 1
  aws cloudformation wait stack-create-complete --stack-name \"$id\" && printf '%s' \"$started\"
"
        )
    }

    fn delete_stack(&mut self) -> Made {
        let program = self.program(&[], &[]);
        let start = self.cli("cloudformation", "delete-stack", &program);
        let Some(stack) = self.input("StackName").cloned() else {
            return Err(SsmForm::Hand { why: "it has no `StackName`".into() });
        };
        let name = self.taking.program(&stack, self.names);
        let name = self.taking.json(&format!("{{\"StackName\": {name}}}"));
        Ok(format!("{start} && aws cloudformation wait stack-delete-complete --cli-input-json {name}"))
    }

    fn image(&mut self, operation: &str, called: &[(&str, &str)]) -> String {
        let program = self.program(&[], called);
        let start = self.cli("ec2", operation, &program);
        format!(
            "
  started=$({start}) || exit 1
  id=$(printf '%s' \"$started\" | jq -r .ImageId) || exit 1
  aws ec2 wait image-available --image-ids \"$id\" && printf '%s' \"$started\"
"
        )
    }

    fn delete_image(&mut self) -> Made {
        let Some(image) = self.input("ImageId").cloned() else {
            return Err(SsmForm::Hand { why: "it has no `ImageId`".into() });
        };
        let image = self.taking.program(&image, self.names);
        let ids = self.taking.json(&format!("{{\"ImageIds\": [{image}]}}"));
        let id = self.taking.json(&format!("{{\"ImageId\": {image}}}"));
        Ok(format!(
            "
  found=$(aws ec2 describe-images --output json --cli-input-json {ids}) || exit 1
  aws ec2 deregister-image --cli-input-json {id} || exit 1
  for snapshot in $(printf '%s' \"$found\" | jq -r '.Images[].BlockDeviceMappings[].Ebs.SnapshotId // empty'); do
    aws ec2 delete-snapshot --snapshot-id \"$snapshot\" || exit 1
  done
"
        ))
    }

    fn run_instances(&mut self) -> String {
        let called = [("MinInstanceCount", "MinCount"), ("MaxInstanceCount", "MaxCount")];
        let profiles = [("IamInstanceProfileName", "Name"), ("IamInstanceProfileArn", "Arn")];
        let mut program = self.program(&["IamInstanceProfileName", "IamInstanceProfileArn"], &called);
        for key in ["MinCount", "MaxCount"] {
            if !program.contains(&format!("\"{key}\":")) {
                program = format!("({{\"{key}\": 1}} + {program})");
            }
        }
        for (key, inner) in profiles {
            if let Some(value) = self.input(key).cloned() {
                let value = self.taking.program(&value, self.names);
                program = format!("({program} + {{\"IamInstanceProfile\": {{\"{inner}\": {value}}}}})");
            }
        }
        let start = self.cli("ec2", "run-instances", &program);
        format!(
            "
  started=$({start}) || exit 1
  ids=$(printf '%s' \"$started\" | jq -c '{{InstanceIds: [.Instances[].InstanceId]}}') || exit 1
  aws ec2 wait instance-running --cli-input-json \"$ids\" && printf '%s' \"$ids\"
"
        )
    }

    fn lambda(&mut self) -> String {
        let payload = match (self.input("InputPayload").cloned(), self.input("Payload").cloned()) {
            (Some(it), _) => {
                let program = self.taking.program(&it, self.names);
                self.taking.json(&program)
            }
            // A payload is a text that holds JSON.
            (None, Some(it)) => {
                let program = self.taking.program(&it, self.names);
                self.taking.json(&format!("({program} | fromjson)"))
            }
            (None, None) => quoted("{}"),
        };
        let program = self.program(&["InputPayload", "Payload"], &[]);
        let input = self.taking.json(&program);
        format!(
            "
  folder=$(mktemp -d) || exit 1
  trap 'rm -rf \"$folder\"' EXIT
  printf '%s' {payload} > \"$folder/in\"
  said=$(aws lambda invoke --output json --cli-input-json {input} --payload \"fileb://$folder/in\" \"$folder/out\") || exit 1
  printf '%s' \"$said\" | jq -e '.FunctionError == null' > \"$folder/fine\" || {{ cat \"$folder/out\" >&2; exit 1; }}
  jq -c -n --argjson said \"$said\" --rawfile out \"$folder/out\" '$said + {{Payload: ($out | fromjson? // $out)}}'
"
        )
    }

    fn state_machine(&mut self) -> String {
        let program = self.program(&[], &[]);
        let start = self.cli("stepfunctions", "start-execution", &program);
        format!(
            "
  started=$({start}) || exit 1
  id=$(printf '%s' \"$started\" | jq -r .executionArn) || exit 1
  while :; do
    state=$(aws stepfunctions describe-execution --execution-arn \"$id\" --query status --output text) || exit 1
    case $state in
      RUNNING|PENDING_REDRIVE) sleep 5 ;;
      SUCCEEDED) break ;;
      *) echo \"$id ended as $state\" >&2; exit 1 ;;
    esac
  done
  printf '%s' \"$started\"
"
        )
    }
}
