//! Checks `retry` of an action that is not safe to repeat. Unknown commands are not reported.

use super::super::walk;
use super::command::{SimpleCommand, simple_commands};
use super::names::{ActionTarget, FlowNames};
use super::report::FlowReport;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::tree;
use rbl_syntax::tree::StatementKind;

/// Reports every `retry` of such an action.
pub(super) fn check(tree: &tree::File, names: &FlowNames<'_>, report: &mut FlowReport<'_>) {
    walk::statements(tree, &mut |statement| {
        let StatementKind::Action(action) = &statement.kind else { return };
        let Some(retry) = &action.retry else { return };
        let ActionTarget::Command(parts) = names.action_target(&action.target) else { return };
        let commands = simple_commands(parts);
        let Some(Repeated { what, again, instead }) = commands.iter().find_map(repeated) else { return };
        let finding = report.finding(
            Code::ACTION_RETRY,
            format!("{what} is not safe to repeat"),
            retry.span,
            "does it again after a time-out too",
        );
        let target = report.at(action.target.span());
        report.add(finding.also(target, again).help(instead));
    });
}

/// Why a command must not be repeated.
struct Repeated {
    /// The command, as a message names it.
    what: &'static str,
    /// The effect of the second time.
    again: &'static str,
    /// What to write.
    instead: &'static str,
}

const fn repeated_of(what: &'static str, again: &'static str, instead: &'static str) -> Repeated {
    Repeated { what, again, instead }
}

const TAKE_OUT: &str = "take `retry` out, or look first whether it was done: `if COND { action … }`";

/// Returns the effect of repeating a command, if it is known.
fn repeated(it: &SimpleCommand) -> Option<Repeated> {
    let args = it.arguments();
    let begins =
        |words: &[&str]| it.plain().zip(words).filter(|(own, word)| own == *word).count() == words.len();
    let relative = |option: &str| {
        let behind = args.iter().skip_while(|word| *word != option).nth(1);
        let joined = args.iter().find_map(|word| word.strip_prefix(option)?.strip_prefix('='));
        behind.map(String::as_str).or(joined).is_some_and(|value| value.starts_with(['+', '-']))
    };
    let found = match it.program() {
        "kubectl" | "oc" if has_all(it, &["rollout", "undo"]) && !it.has_beginning(&["--to-revision"]) => {
            repeated_of(
                "`rollout undo`",
                "the second goes back to the bad one",
                "take `retry` out, or name the revision: `--to-revision=N`",
            )
        }
        "helm" if begins(&["rollback"]) && it.plain().count() < 3 => repeated_of(
            "`helm rollback` without a revision",
            "the second goes back to the bad one",
            "take `retry` out, or name the revision: `helm rollback NAME N`",
        ),
        "kubectl" | "oc" if has_all(it, &["scale"]) && relative("--replicas") => repeated_of(
            "scaling by a difference",
            "adds them again",
            "write how many there shall be in the end",
        ),
        "git" if begins(&["revert"]) => repeated_of("`git revert`", "may revert the revert", TAKE_OUT),
        "git" if begins(&["stash", "pop"]) => {
            repeated_of("`git stash pop`", "takes the next one too", TAKE_OUT)
        }
        "curl" if posts(it) => repeated_of(
            "a POST",
            "the server may do it twice",
            "take `retry` out, or send a key by which the server knows it: `-H \"Idempotency-Key: …\"`",
        ),
        "wget" if it.has_beginning(&["--post-data", "--post-file"]) => {
            repeated_of("a POST", "the server may do it twice", TAKE_OUT)
        }
        "http" | "https" | "xh" if it.has(&["POST", "PATCH"]) => {
            repeated_of("a POST", "the server may do it twice", TAKE_OUT)
        }
        "mysql" | "mariadb" | "psql" | "sqlite3" | "clickhouse-client" => {
            return args.iter().find_map(|arg| statement(arg));
        }
        "redis-cli" | "valkey-cli" if adds(it) => repeated_of(
            "counting up or appending",
            "counts or appends again",
            "set the value that it shall have",
        ),
        "tee" if it.has(&["-a", "--append"]) => repeated_of("`tee -a`", "appends again", TAKE_OUT),
        "lvextend" | "lvresize" | "lvreduce" if relative("-L") || relative("-l") || relative("--size") => {
            repeated_of("resizing by a difference", "resizes again", "write the size that it shall have")
        }
        "truncate" if relative("-s") || relative("--size") => {
            repeated_of("resizing by a difference", "resizes again", "write the size that it shall have")
        }
        "iptables" | "ip6tables" if it.has(&["-A", "-I", "--append", "--insert"]) => repeated_of(
            "adding a rule",
            "adds the rule again",
            "take `retry` out, or look first with `iptables -C`",
        ),
        "aws" if begins(&["ec2", "run-instances"]) && !it.has(&["--client-token"]) => repeated_of(
            "`run-instances` without a token",
            "starts more instances",
            "take `retry` out, or name the request: `--client-token NAME`",
        ),
        "aws" if begins(&["sns", "publish"]) || begins(&["sqs", "send-message"]) => {
            repeated_of("sending a message", "sends it again", TAKE_OUT)
        }
        "mail" | "mailx" | "sendmail" | "mutt" => repeated_of("sending a mail", "sends it again", TAKE_OUT),
        _ if it.appends => repeated_of("`>>`", "appends again", TAKE_OUT),
        _ => return None,
    };
    Some(found)
}

fn has_all(it: &SimpleCommand, words: &[&str]) -> bool {
    words.iter().all(|word| it.has(&[word]))
}

/// Whether `curl` sends something that is not known to be safe to send twice.
fn posts(it: &SimpleCommand) -> bool {
    let args = it.arguments();
    let method = args.iter().enumerate().find_map(|(at, word)| match word.as_str() {
        "-X" | "--request" => args.get(at + 1).map(String::as_str),
        word => word
            .strip_prefix("--request=")
            .or_else(|| word.strip_prefix("-X").filter(|rest| !rest.is_empty())),
    });
    let keyed = args.iter().any(|word| word.to_ascii_lowercase().starts_with("idempotency-key"));
    let data = ["-d", "--data", "--data-raw", "--data-binary", "--data-urlencode", "--json", "-F", "--form"];
    let sends = it.has(&data) || it.has_beginning(&["--data=", "--data-raw=", "--json="]);
    let posts = match method {
        Some(method) => matches!(method, "POST" | "PATCH"),
        None => sends && !it.has(&["-G", "--get"]),
    };
    posts && !keyed
}

fn adds(it: &SimpleCommand) -> bool {
    const ADDING: [&str; 9] =
        ["incr", "incrby", "incrbyfloat", "decr", "decrby", "append", "lpush", "rpush", "xadd"];
    it.arguments().iter().any(|word| ADDING.contains(&word.to_ascii_lowercase().as_str()))
}

/// Returns the effect of repeating an SQL statement.
fn statement(text: &str) -> Option<Repeated> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let joined = words.join(" ");
    let guarded =
        ["on conflict", "on duplicate key", "insert ignore", "or ignore", "or replace", "not exists"];
    if joined.contains("insert into") && !guarded.iter().any(|guard| joined.contains(guard)) {
        return Some(repeated_of(
            "an `INSERT`",
            "inserts it again",
            "take `retry` out, or let the database refuse the second: `ON CONFLICT DO NOTHING`",
        ));
    }
    let counts = words.first().is_some_and(|word| word == "update")
        && words.windows(4).any(|four| match four {
            [name, equal, again, sign] => equal == "=" && name == again && matches!(sign.as_str(), "+" | "-"),
            _ => false,
        });
    counts.then(|| {
        repeated_of("an `UPDATE` by a difference", "counts again", "set the value that it shall have")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::source::Span;
    use rbl_syntax::tree::Part;

    fn again(text: &str) -> bool {
        let parts = [Part::Literal { text: text.into(), span: Span::default() }];
        simple_commands(&parts).iter().any(|command| repeated(command).is_some())
    }

    #[test]
    fn what_does_more_each_time_is_known() {
        for command in [
            "kubectl -n shop rollout undo deployment/api",
            "sudo helm rollback api --wait",
            "curl -fsS -X POST https://example.com/restart",
            "curl --json '{}' https://example.com",
            "echo x >> /etc/hosts",
            "echo x | tee -a /etc/hosts",
            "psql -c \"INSERT INTO jobs VALUES (1)\"",
            "mysql -e 'update quota set n = n + 1'",
            "redis-cli INCR a",
            "lvextend -L +10G /dev/vg/data",
            "cd /srv && git revert --no-edit HEAD",
            "kubectl scale deployment/api --replicas=+1",
        ] {
            assert!(again(command), "{command}");
        }
    }

    #[test]
    fn what_may_be_done_twice_is_left_alone() {
        for command in [
            "kubectl rollout undo deployment/api --to-revision=3",
            "kubectl rollout restart deployment/api",
            "kubectl scale deployment/api --replicas=3",
            "helm rollback api 3",
            "curl -fsS https://example.com/health",
            "curl -X PUT -d '{}' https://example.com/a",
            "curl -X POST -H 'Idempotency-Key: a' https://example.com/a",
            "curl -G -d 'q=a' https://example.com/a",
            "echo 'a >> b' > c",
            "rm -f /tmp/lock",
            "systemctl restart nginx",
            "psql -c 'insert into a values (1) on conflict do nothing'",
            "mysql -e 'update quota set n = 5'",
            "lvextend -L 10G /dev/vg/data",
            "unknown-tool create thing",
        ] {
            assert!(!again(command), "{command}");
        }
    }
}
