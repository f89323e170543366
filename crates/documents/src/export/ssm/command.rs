//! Commands that an action of Automation does as well: those that an imported runbook has, and others of their form.

use super::output::{CLOSE, OPEN, OrderedJson};

/// Names of operations that are not their words with capitals, as the AWS CLI spells them.
const OPERATIONS: &str = include_str!("operations.txt");

/// An action of Automation, without `aws:`, and its inputs.
pub(super) struct AutomationAction {
    pub(super) action: &'static str,
    pub(super) inputs: Vec<(String, OrderedJson)>,
}

/// Reads a command. The parameters of its `define` stand between two marks in it.
pub(super) fn read(command: &str) -> Option<AutomationAction> {
    let command = command.trim();
    api(command)
        .or_else(|| script(command))
        .or_else(|| instance_state(command))
        .or_else(|| run_command(command))
}

/// The inputs of a call, and the program of the `jq` behind it.
type LookCall = (Vec<(String, OrderedJson)>, Option<String>);

/// The call of a look, without the `jq` behind it, and the program of that `jq`.
pub(super) fn look(command: &str) -> Option<LookCall> {
    let command = command.trim();
    if let Some(inner) = command.strip_prefix("found=$(") {
        let (call, picked) = inner.split_once(") || exit 2; printf '%s' \"$found\" | jq -c ")?;
        return Some((api(call)?.inputs, Some(unquoted(picked)?)));
    }
    Some((api(command)?.inputs, None))
}

/// `aws SERVICE OPERATION --output json --cli-input-json JSON`
fn api(command: &str) -> Option<AutomationAction> {
    let (service, operation, input) = call(command)?;
    let service = match service {
        "s3api" => "s3",
        "configservice" => "config",
        "deploy" => "codedeploy",
        other => other,
    };
    let mut inputs = vec![
        ("Service".to_owned(), OrderedJson::text(service)),
        ("Api".to_owned(), OrderedJson::text(operation_name(operation))),
    ];
    if let OrderedJson::Map(pairs) = input {
        inputs.extend(pairs);
    } else {
        return None;
    }
    Some(AutomationAction { action: "executeAwsApi", inputs })
}

fn call(command: &str) -> Option<(&str, &str, OrderedJson)> {
    let rest = command.strip_prefix("aws ")?;
    let (service, rest) = rest.split_once(' ')?;
    let (operation, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_name = |it: &str| !it.is_empty() && it.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !is_name(service) || !is_name(operation) || operation.starts_with('-') {
        return None;
    }
    let rest = rest.trim();
    let rest = rest.strip_prefix("--output json").unwrap_or(rest).trim_start();
    if rest.is_empty() {
        return Some((service, operation, OrderedJson::Map(Vec::new())));
    }
    Some((service, operation, word(rest.strip_prefix("--cli-input-json ")?)?))
}

/// JSON as a word of a command: in quotes, or built by `jq`.
fn word(text: &str) -> Option<OrderedJson> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix("\"$(jq -cn ").and_then(|it| it.strip_suffix(")\"")) {
        return built(inner);
    }
    let plain = unquoted(text)?;
    Reader { text: &plain, at: 0, values: &[] }.all()
}

/// `--arg NAME VALUE … 'PROGRAM'`
fn built(text: &str) -> Option<OrderedJson> {
    let mut values: Vec<(String, String)> = Vec::new();
    let mut rest = text.trim_start();
    while let Some(after) = rest.strip_prefix("--argjson ").or_else(|| rest.strip_prefix("--arg ")) {
        let (name, after) = after.split_once(' ')?;
        let list = "\"$(jq -cn '$ARGS.positional' --args -- ";
        let (value, after) = match after.strip_prefix(list) {
            Some(after) => after.split_once(")\"")?,
            None => after.split_once(' ')?,
        };
        let value = value.strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
        values.push((name.to_owned(), value.to_owned()));
        rest = after.trim_start();
    }
    let program = unquoted(rest)?;
    Reader { text: &program, at: 0, values: &values }.all()
}

/// A word of the shell in single quotes, as it is.
fn unquoted(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("\\'") {
            out.push('\'');
            rest = after;
        } else {
            let (inside, after) = rest.strip_prefix('\'')?.split_once('\'')?;
            out.push_str(inside);
            rest = after;
        }
    }
    (!out.is_empty()).then_some(out)
}

/// An operation as the API calls it.
fn operation_name(kebab: &str) -> String {
    let camel: String = kebab
        .split('-')
        .map(|part| {
            let mut letters = part.chars();
            letters.next().map_or_else(String::new, |it| it.to_uppercase().chain(letters).collect())
        })
        .collect();
    let found = OPERATIONS.lines().find(|it| it.eq_ignore_ascii_case(&camel));
    found.map_or(camel.clone(), str::to_owned)
}

/// A script of Python that reads its payload and prints its result.
fn script(command: &str) -> Option<AutomationAction> {
    let (payload, text) = if let Some(rest) = command.strip_prefix("python3 - ") {
        let (payload, text) = rest.split_once(" <<'SCRIPT'\n")?;
        (payload.to_owned(), text.strip_suffix("SCRIPT")?.to_owned())
    } else {
        let rest = command.strip_prefix("python3 -c ")?;
        let end = rest.rfind("\n' ")?;
        (rest.get(end + 3..)?.to_owned(), unquoted(rest.get(..end + 2)?)?)
    };
    let (script, call) = text.split_once("\n\nimport json, sys\nprint(json.dumps({\"Payload\": ")?;
    let (handler, _) = call.split_once('(')?;
    let mut inputs = vec![
        ("Runtime".to_owned(), OrderedJson::text("python3.11")),
        ("Handler".to_owned(), OrderedJson::text(handler)),
    ];
    match word(&payload)? {
        OrderedJson::Map(pairs) if pairs.is_empty() => {}
        payload => inputs.push(("InputPayload".into(), payload)),
    }
    inputs.push(("Script".into(), OrderedJson::text(script)));
    Some(AutomationAction { action: "executeScript", inputs })
}

/// Instances that are started, stopped or terminated, and waited for.
fn instance_state(command: &str) -> Option<AutomationAction> {
    let (ids, rest) = command.strip_prefix("ids=")?.split_once("\n  case ")?;
    let (state, rest) = rest.split_once(" in\n")?;
    if !rest.contains("aws ec2 wait instance-running") {
        return None;
    }
    let state = match state.strip_prefix(OPEN).and_then(|it| it.strip_suffix(CLOSE)) {
        Some(name) => OrderedJson::Value(name.to_owned()),
        None => OrderedJson::Text(unquoted(state)?),
    };
    let mut inputs = vec![
        ("InstanceIds".to_owned(), word(ids)?.get("InstanceIds")?.clone()),
        ("DesiredState".to_owned(), state),
    ];
    if !rest.contains("start-instances") {
        inputs.push(("CheckStateOnly".into(), OrderedJson::plain(true)));
    }
    if rest.contains("--force") {
        inputs.push(("Force".into(), OrderedJson::plain(true)));
    }
    Some(AutomationAction { action: "changeInstanceState", inputs })
}

/// A command that is sent to instances, and followed.
fn run_command(command: &str) -> Option<AutomationAction> {
    let (call_text, rest) = command.strip_prefix("started=$(")?.split_once(") || exit 1\n")?;
    let (service, operation, input) = call(call_text)?;
    let is_followed = rest.contains("aws ssm list-commands") && rest.contains("list-command-invocations");
    let OrderedJson::Map(inputs) = input else { return None };
    let action = match (service, operation) {
        ("ssm", "send-command") if is_followed => "runCommand",
        ("cloudformation", "create-stack") if rest.contains("stack-create-complete") => "createStack",
        _ => return None,
    };
    Some(AutomationAction { action, inputs })
}

/// Reads JSON with variables of `jq` in it.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// What each variable is in the runbook.
    values: &'a [(String, String)],
}

impl Reader<'_> {
    fn all(mut self) -> Option<OrderedJson> {
        let it = self.value(0)?;
        (self.rest().trim().is_empty()).then_some(it)
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, c: char) -> bool {
        self.skip();
        let is_there = self.rest().starts_with(c);
        self.at += if is_there { c.len_utf8() } else { 0 };
        is_there
    }

    fn variable(&mut self) -> Option<String> {
        let rest = self.rest().strip_prefix('$')?;
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = rest.get(..length)?;
        let found = self.values.iter().find(|(it, _)| it == name).map(|(_, value)| value.clone())?;
        self.at += 1 + length;
        Some(found)
    }

    fn value(&mut self, depth: usize) -> Option<OrderedJson> {
        if depth > 64 {
            return None;
        }
        self.skip();
        match self.rest().chars().next()? {
            '{' => {
                self.at += 1;
                let mut pairs = Vec::new();
                while !self.take('}') {
                    if !pairs.is_empty() && !self.take(',') {
                        return None;
                    }
                    self.skip();
                    let OrderedJson::Text(key) = self.string()? else { return None };
                    if !self.take(':') {
                        return None;
                    }
                    pairs.push((key, self.value(depth + 1)?));
                }
                Some(OrderedJson::Map(pairs))
            }
            '[' => {
                self.at += 1;
                let mut items = Vec::new();
                while !self.take(']') {
                    if !items.is_empty() && !self.take(',') {
                        return None;
                    }
                    items.push(self.value(depth + 1)?);
                }
                Some(OrderedJson::List(items))
            }
            '"' => self.string(),
            '$' => self.variable().map(OrderedJson::Value),
            _ => {
                let rest = self.rest();
                let length = rest.find([',', ']', '}', ' ']).unwrap_or(rest.len());
                let plain = rest.get(..length)?.to_owned();
                serde_json::from_str::<serde_json::Value>(&plain).ok()?;
                self.at += length;
                Some(OrderedJson::Plain(plain))
            }
        }
    }

    /// A text; `\(…)` in it is a value.
    fn string(&mut self) -> Option<OrderedJson> {
        self.at += 1;
        let mut out = String::new();
        let mut plain = String::from("\"");
        loop {
            let c = self.rest().chars().next()?;
            self.at += c.len_utf8();
            match c {
                '"' => {
                    plain.push('"');
                    out.push_str(&serde_json::from_str::<String>(&plain).ok()?);
                    return Some(OrderedJson::Text(out));
                }
                '\\' if self.rest().starts_with("($") => {
                    plain.push('"');
                    out.push_str(&serde_json::from_str::<String>(&plain).ok()?);
                    plain = String::from("\"");
                    self.at += 1;
                    let name = self.variable()?;
                    out.push(OPEN);
                    out.push_str(&name);
                    out.push(CLOSE);
                    if !self.take(')') {
                        return None;
                    }
                }
                '\\' => {
                    plain.push('\\');
                    let next = self.rest().chars().next()?;
                    plain.push(next);
                    self.at += next.len_utf8();
                }
                _ => plain.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_read_back() {
        let command = "aws rds describe-db-instances --output json --cli-input-json \"$(jq -cn --arg A \u{1}a\u{2} '{\"X\": [$A], \"y\": \"a-\\($A)\\n\", \"z\": true}')\"";
        let found = read(command).unwrap();
        assert_eq!(found.action, "executeAwsApi");
        let expected = [
            ("Service", OrderedJson::text("rds")),
            ("Api", OrderedJson::text("DescribeDBInstances")),
            ("X", OrderedJson::List(vec![OrderedJson::Value("a".into())])),
            ("y", OrderedJson::text("a-\u{1}a\u{2}\n")),
            ("z", OrderedJson::plain(true)),
        ]
        .map(|(key, it)| (key.to_owned(), it));
        assert_eq!(found.inputs, expected);
        assert!(read("kubectl get pods").is_none());
        assert!(read("aws ec2 stop-instances --instance-ids x").is_none());
    }
}
