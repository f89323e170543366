//! Spellings in which a value reaches a program that reads code, and those in which it does not. `@` is a value.

use super::*;

#[allow(clippy::string_slice)] // the mark is one byte
pub(super) fn reading(text: &str, part: ShellPart<'static>) -> ShellReading {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        parts.push(ShellPart::Text(&rest[..at]));
        parts.push(part);
        rest = &rest[at + 1..];
    }
    parts.push(ShellPart::Text(rest));
    read(&parts)
}

/// The program that a value is refused for, `may NAME` for a warning, or nothing.
pub(super) fn verdict(text: &str) -> String {
    let reading = reading(text, ShellPart::Value);
    match reading.sites {
        Err(faults) => match &faults[0].refusal {
            ShellRefusal::ReadAgain(program) => program.clone(),
            other => other.to_string(),
        },
        Ok(_) => reading.cautions.first().map_or_else(String::new, |caution| match &caution.kind {
            CautionKind::Perhaps(program) => format!("may {program}"),
            CautionKind::Query(program) => format!("query {program}"),
            CautionKind::Words(expansion) => format!("words {expansion}"),
        }),
    }
}

#[test]
fn a_word_that_is_read_again() {
    for (text, program) in [
        ("sh -c -- \"echo @\"", "sh"),
        ("sh -ce 'echo @'", "sh"),
        ("bash -o pipefail -c \"@\"", "bash"),
        ("bash -c -e \"@\"", "bash"),
        ("command eval \"echo @\"", "eval"),
        ("builtin eval \"echo @\"", "eval"),
        ("sudo -u x nohup timeout -k 5 10 nice -n 5 sh -c \"@\"", "sh"),
        ("env A=b sh -c \"@\"", "sh"),
        ("env -S \"sh -c '@'\"", "env"),
        ("$SHELL -c \"@\"", "$SHELL"),
        ("\"${SHELL:-/bin/sh}\" -c \"@\"", "sh"),
        ("sudo -i \"@\"", "sudo"),
        ("sudo -u x -s @", "sudo"),
        ("su - postgres -c \"@\"", "su"),
        ("find . -name x -exec sh -c \"rm @\" \\;", "sh"),
        ("ls | xargs -I{} sh -c \"rm {} @\"", "sh"),
        ("kubectl exec -it pod -- bash -c \"echo @\"", "bash"),
        ("docker exec db sh -lc \"echo @\"", "sh"),
        ("our-wrapper --quick sh -c \"echo @\"", "sh"),
        ("time eval @", "eval"),
        ("! eval @", "eval"),
        ("parallel \"echo @\" ::: a b", "parallel"),
        ("ssh -o \"ProxyCommand=nc @ 22\" box", "ssh"),
        ("ssh box -- reboot @", "ssh"),
        ("pdsh -w web \"restart @\"", "pdsh"),
        ("rsync -e \"ssh -p @\" a b:", "rsync"),
        ("make deploy HOST=@", "make"),
        ("awk \"/@/ { print }\" log", "awk"),
        ("awk -F: '$1 == \"@\"' /etc/passwd", "awk"),
        ("sed -i \"s/^port=.*/port=@/\" conf", "sed"),
        ("sed -n -e \"/@/p\" conf", "sed"),
        ("perl -ne \"print if /@/\" log", "perl"),
        ("perl -e\"@\"", "perl"),
        ("python3 -c \"print('@')\"", "python3"),
        ("python3.11 -c \"print('@')\"", "python3.11"),
        ("ruby -e \"puts '@'\"", "ruby"),
        ("node --eval=\"@\"", "node"),
        ("mongosh --eval \"db.killOp(@)\"", "mongosh"),
    ] {
        assert_eq!(verdict(text), program, "{text}");
    }
}

#[test]
fn an_input_that_is_read_as_code() {
    for (text, program) in [
        ("sh <<EOF\necho @\nEOF", "sh"),
        ("sudo bash -s <<EOF\necho @\nEOF", "bash"),
        ("ssh box <<EOF\necho @\nEOF", "ssh"),
        ("ssh -p 22 box 'sudo bash -s' <<-EOF\n\techo @\n\tEOF", "bash"),
        ("cat <<EOF | sh\necho @\nEOF", "sh"),
        ("cat <<EOF | tee log | ssh box sh\necho @\nEOF", "sh"),
        ("python3 - <<EOF\nprint('@')\nEOF", "python3"),
        ("bash <<< \"@\"", "bash"),
        ("bash <<<@", "bash"),
        ("echo \"@\" | sh", "sh"),
        ("printf 'echo %s' @ | sudo -u x bash", "bash"),
        ("echo \"rm @\" | ssh box", "ssh"),
        ("echo \"@\" | tee log | bash -x", "bash"),
        ("{ echo @; echo b; } | sh", "sh"),
        ("(echo @) | sh", "sh"),
        ("for x in a b; do echo \"$x @\"; done | sh", "sh"),
        ("if true; then echo @; fi | sh", "sh"),
        ("echo @ | (cd /; sh)", "sh"),
        ("echo @ | { sh; }", "sh"),
        ("echo @ | at now", "at"),
        ("echo @ | xargs sh -c", "sh"),
        ("echo @ | xargs -I{} sh -c 'rm {}'", "sh"),
        ("echo @ | xargs -n1 ssh box", "ssh"),
        ("echo @ | sudo -i", "sudo"),
        ("source <(echo @)", "source"),
        ("bash <(printf '%s' @)", "bash"),
        ("echo @ | while read -r x; do eval \"$x\"; done", "eval"),
        ("echo @ | . /dev/stdin", "."),
    ] {
        assert_eq!(verdict(text), program, "{text}");
    }
}

#[test]
fn a_value_that_goes_through_variables_and_substitutions() {
    for (text, program) in [
        ("x=@; eval \"$x\"", "eval"),
        ("x=@ && ssh box \"echo $x\"", "ssh"),
        ("x=@; y=\"echo $x\"; sh -c \"${y}\"", "sh"),
        ("export X=@\nbash -c \"echo ${X:-none}\"", "bash"),
        ("f() { eval \"$1\"; }\nf @", "eval"),
        ("set -- @; eval \"$@\"", "eval"),
        ("set -- a @; sh -c \"$2\"", "sh"),
        ("for h in @ b; do ssh box \"ping $h\"; done", "ssh"),
        ("read -r x <<< @; eval \"$x\"", "eval"),
        ("x=$(printf %s @); eval \"$x\"", "eval"),
        ("x=@; sh <<EOF\necho $x\nEOF", "sh"),
        ("x=@; echo \"$x\" | sh", "sh"),
        ("sh -c \"echo $(printf %s @)\"", "sh"),
        ("ssh box \"echo $(echo @)\"", "ssh"),
        ("eval \"$(echo @)\"", "eval"),
    ] {
        assert_eq!(verdict(text), program, "{text}");
    }
}

#[test]
fn where_it_cannot_be_known_it_is_a_warning() {
    for (text, warned) in [
        ("psql -c \"select '@'\"", "query psql"),
        ("sudo -u postgres psql -At -c \"select '@'\"", "query psql"),
        ("kubectl exec db-0 -- mysql -e \"KILL '@'\"", "query mysql"),
        ("psql <<EOF\nselect '@'\nEOF", "query psql"),
        ("sqlite3 app.db \"select '@'\"", "query sqlite3"),
        ("echo \"select '@'\" | mysql app", "query mysql"),
        ("curl -fsS https://x.example/@ | bash", "may bash"),
        ("kubectl get pods -n @ -o name | xargs -I{} sh -c 'kubectl delete {}'", "may sh"),
        ("eval \"$(aws configure export-credentials --profile @)\"", "may eval"),
    ] {
        assert_eq!(verdict(text), warned, "{text}");
    }
}

#[test]
fn everyday_commands_are_left_alone() {
    for text in [
        "ssh -- @ uptime",
        "ssh @ uptime",
        "scp @ box:",
        "ssh ops-@ uptime",
        "systemctl restart ssh @",
        "grep -r ssh @ /var/log/@",
        "kubectl rollout undo deployment/@",
        "kubectl -n @ exec @ -- cat /etc/hosts",
        "kubectl exec @ -- sh -c 'echo \"$1\"' sh @",
        "kubectl get pod @ -o json | jq -r .status.phase",
        "kubectl get pods -n @ -o name | xargs kubectl delete -n @",
        "pg_dump -h @ app | psql -h @ app",
        "mysqldump -h @ app | ssh box mysql app",
        "tar cf - @ | ssh box tar xf - -C /srv",
        "tar cf - @ | ssh box \"cd /srv && tar xf -\"",
        "zcat @ | psql app",
        "echo @ | tee /etc/app/mode",
        "echo @ | ssh box 'cat > /etc/app/mode'",
        "echo @ | sudo tee -a /etc/hosts",
        "cat <<EOF | kubectl apply -f -\nname: @\nEOF",
        "sh -s -- @ <<'EOF'\necho \"$1\"\nEOF",
        "sh /opt/clean.sh @",
        "bash -x /opt/clean.sh -c @",
        "sudo -u app /opt/clean @",
        "sudo systemctl restart @",
        "psql -h @ -U @ -c 'select 1'",
        "psql -c 'ALTER ROLE' -v role=@ -v pw=@",
        "PGPASSWORD=@ psql -h db -f fix.sql -v role=@",
        "echo \"alter role :role\" | psql -v role=@",
        "awk -v host=@ '$1 == host { print $2 }' /etc/hosts",
        "awk '{ print $1 }' @",
        "awk -f report.awk @",
        "sed -n 5p @",
        "sed -e s/a/b/ @",
        "sed -i.bak 's/a/b/' @",
        "perl -e 'print $ARGV[0]' @",
        "python3 /opt/tool.py --host @",
        "python3 -c 'import sys; print(sys.argv[1])' @",
        "python3 -m http.server --bind @",
        "node tool.js @",
        "curl -fsS -H \"Authorization: Bearer @\" https://x.example/@",
        "timeout 5 ping -c 1 @",
        "ping -c 3 @",
        "nc -z @ 5432",
        "find @ -mtime +7 -delete",
        "find /var/log -name @ -exec gzip {} \\;",
        "docker run --rm -e NAME=@ image run",
        "x=@; echo \"$x\" > /tmp/x",
        "x=@; sh -c 'echo \"$1\"' sh \"$x\"",
        "X=@ sh -c 'echo \"$X\"'",
        "for x in @; do rm -- \"$x\"; done",
        "grep @ app.log | tail -5",
        "etcdctl --endpoints=@ endpoint health",
        "ceph osd out @",
        "git -C @ pull",
        "rsync -a @ box:/srv/",
        "redis-cli -h @ set key @",
        "aws ec2 stop-instances --instance-ids @",
        "vault kv get -field=x secret/@",
        "make -C @ deploy",
        "helm rollback @ 3",
        "test -e @ && cat @ || echo none",
        "if [ @ = b ]; then echo @; fi",
        "case @ in a) echo @;; *) false;; esac",
        "logger -t rbl \"done: @\"",
        "mail -s \"@\" ops </dev/null",
    ] {
        assert_eq!(verdict(text), "", "{text}");
    }
}

#[test]
fn a_number_is_no_code() {
    for text in
        ["mysql -e \"KILL @\"", "sh -c \"sleep @\"", "echo @ | sh", "ssh @ uptime", "awk \"NR == @\" x"]
    {
        let reading = reading(text, ShellPart::Plain);
        assert!(reading.sites.is_ok() && reading.cautions.is_empty(), "{text}");
    }
}

#[test]
fn a_dash_would_be_an_option_only_at_the_beginning_of_a_word() {
    let option_of = |text: &str| reading(text, ShellPart::Value).sites.unwrap()[0].option_of;
    assert_eq!(option_of("ssh @ uptime"), Some("ssh"));
    assert_eq!(option_of("rsync \"@\" box:"), Some("rsync"));
    assert_eq!(option_of("git clone '@'"), Some("git"));
    assert_eq!(option_of("ssh ops-@ uptime"), None);
    assert_eq!(option_of("ssh -p @ box"), None);
    assert_eq!(option_of("curl -H @ x"), None);
    assert_eq!(option_of("git clone -- @"), None);
    assert_eq!(option_of("printf %s @"), None);
    assert_eq!(option_of("kill -@ 12"), None);
}
