//! Which commands are certain to change nothing: spellings that are let through, and those that are not.

use rbl_check::{ReadPart, only_reads, reading_programs};

fn text(command: &str) -> bool {
    only_reads(&[ReadPart::Text(command.into())])
}

/// `@` is the value.
fn with(command: &str, value: &[&str]) -> bool {
    let mut parts = Vec::new();
    for (index, text) in command.split('@').enumerate() {
        if index > 0 {
            parts.push(ReadPart::Value(value.iter().map(|word| (*word).to_owned()).collect()));
        }
        parts.push(ReadPart::Text(text.into()));
    }
    only_reads(&parts)
}

#[test]
fn what_only_looks_is_let_through() {
    for command in [
        "cat /var/log/syslog",
        "df -h /",
        "/bin/df -h / | tail -n 1",
        "ps aux --sort=-%mem | head -n 5",
        "kubectl get pods -n shop -o wide",
        "kubectl -n shop describe deploy/api",
        "kubectl logs --tail=50 deploy/api --previous",
        "kubectl top nodes",
        "kubectl rollout status deploy/api --timeout=5s",
        "systemctl status nginx --no-pager",
        "systemctl is-active nginx || true",
        "systemctl show -p MainPID --value nginx",
        "journalctl -u nginx -n 50 --no-pager --since '10 min ago'",
        "journalctl -unginx -n50 -p err",
        "journalctl -b -k",
        "psql -c 'select count(*) from pg_stat_activity'",
        "psql -h db-1 -U ops -tAc \"select state, count(*) from pg_stat_activity where state is not null group by state\"",
        "psql -c 'show max_connections;' shop",
        "psql -tAc 'select pg_is_in_recovery()'",
        "mysql -N -e 'show replica status'",
        "redis-cli -h cache INFO memory",
        "redis-cli config get maxmemory",
        "find /var -xdev -type f -size +100M -mtime -1 -printf '%s %p\\n' | sort -rn | head",
        "find . '(' -name a -o -name b ')' -print",
        "du -sh /var/* 2>/dev/null | sort -rh | head -20",
        "ls -l /var/log/*.log",
        "grep -c ERROR /var/log/app.log",
        "grep -E 'a|b > c' /etc/hosts >/dev/null 2>&1 && echo there",
        "curl -sf http://localhost:9090/-/healthy",
        "curl -fsSL --max-time 5 -H 'Accept: application/json' https://example.com/api",
        "curl -s -o /dev/null -w '%{http_code}' http://localhost/",
        "awk -F: '{print $1, $NF}' /etc/passwd",
        "sed -n '1,20p' /etc/hosts",
        "ss -tlnp",
        "ip -br addr show",
        "ip route",
        "ip route get 10.0.0.1",
        "date -u +%s",
        "openssl x509 -noout -enddate -in /etc/ssl/a.pem",
        "ping -c 1 -W 2 db-1",
        "nc -zv -w 3 db-1 5432",
        "set -euo pipefail; df -h | awk '{print $5}'",
        "docker ps -a --format '{{.Names}}'",
        "docker logs --tail 10 api",
        "timeout 5s cat /proc/loadavg",
        "cd /tmp && ls",
        "[ -f /etc/hosts ] && cat /etc/hosts",
        "cat a \\\n  b",
        "uptime\nfree -m\n",
        "dmesg -T -l err",
        "sysctl -n vm.swappiness",
        "dig +short example.com",
        "hostname -f",
        "uniq -c",
        "zpool status -x",
        "helm history api -n shop",
        "top -b -n 1",
        "test -d /var && true",
    ] {
        assert!(text(command), "{command}");
    }
}

#[test]
fn what_may_change_something_is_refused() {
    for command in [
        "",
        "   ",
        "rm -rf /",
        "reboot",
        "unknown-program",
        "./cat x",
        "/tmp/cat x",
        "bin/cat x",
        // Files.
        "cat a > b",
        "cat a >> b",
        "cat a >b",
        "echo 1 > /proc/sys/vm/drop_caches",
        "echo x 2> errors",
        "echo x &> all",
        "echo x >&3",
        "echo x >/dev/nullx",
        "echo x > /dev/null/../sda",
        "echo x >| a",
        "> a",
        "cat < a",
        "cat <<E\nx\nE",
        "cat a | tee b",
        "echo a3>b",
        // The shell.
        "cat $(rm x)",
        "cat `rm x`",
        "cat \"$(rm x)\"",
        "cat $FILE",
        "cat ${FILE}",
        "cat \"$FILE\"",
        "cat \"`rm x`\"",
        "cat <(rm x)",
        "(cat a)",
        "{ cat a; }",
        "cat a & rm b",
        "cat a &",
        "cat a; rm b",
        "cat a\nrm b",
        "cat a && rm b",
        "cat a || rm b",
        "cat a | sh",
        "cat a | xargs rm",
        "cat a |& rm b",
        "cat a;; cat b",
        "; cat a",
        "cat a |",
        "cat a &&",
        "if true; then rm a; fi",
        "for f in a; do rm $f; done",
        "while true; do cat a; done",
        "! cat a",
        "cat() { rm a; }",
        "function cat { rm a; }",
        "alias cat=rm",
        "eval cat a",
        "exec cat a",
        ". ./script",
        "source script",
        "trap 'rm a' EXIT",
        "sh -c 'cat a'",
        "bash -c 'rm a'",
        "sudo cat a",
        "doas cat a",
        "su -c 'cat a'",
        "env cat a",
        "nohup cat a",
        "ssh db-1 cat a",
        "watch df",
        "time rm a",
        "LD_PRELOAD=/tmp/x.so cat a",
        "PAGER='rm a' systemctl status x",
        "PATH=/tmp:$PATH cat a",
        "A=b",
        "\\cat a",
        "ca\\t a",
        "cat 'a",
        "cat \"a",
        "cat a # rm",
        "cat {a,b}",
        "ls *",
        "ls ?x",
        "ls [a]",
        "cat a\u{0}b",
        "cat a\rrm b",
        // Programs of the list with arguments that are not.
        "find / -delete",
        "find / -exec rm {} +",
        "find / -execdir rm ';'",
        "find / -ok rm ';'",
        "find / -fprint a",
        "find / -fls a",
        "find / -files0-from a",
        "curl -X POST http://a",
        "curl -XDELETE http://a",
        "curl -d x http://a",
        "curl --data x http://a",
        "curl --json x http://a",
        "curl -F a=b http://a",
        "curl -T a http://a",
        "curl -o a http://a",
        "curl -oa http://a",
        "curl -sO http://a/b",
        "curl -so a http://a",
        "curl -K a http://a",
        "curl --output=a http://a",
        "curl --reques POST http://a",
        "curl -c jar http://a",
        "curl -H 'X-HTTP-Method-Override: DELETE' http://a",
        "curl -H @a http://a",
        "curl -D a http://a",
        "curl -w '%output{a}x' http://a",
        "curl -w @a http://a",
        "curl file:///etc/passwd",
        "curl gopher://a",
        "curl localhost/a",
        "curl",
        "sed -i s/a/b/ a",
        "sed s/a/b/w a",
        "sed -n 's/a/b/e' a",
        "sed -n 'w a' b",
        "sed -n '1p;w a' b",
        "sed -n 1p -i a",
        "sed -n 1p --in-place a",
        "awk 'BEGIN{system(\"rm a\")}'",
        "awk '{print $1 > \"a\"}' b",
        "awk '{print | \"sh\"}' b",
        "awk -f a",
        "awk -v x=1 '{print $1}'",
        "awk '{print $1}' x=1",
        "awk '{print $(system(1))}'",
        "sort -o a b",
        "sort -ro a b",
        "sort --output=a b",
        "sort --compress-program=x a",
        "sort -T /x a",
        "uniq a b",
        "kubectl delete pod a",
        "kubectl apply -f a",
        "kubectl exec a -- rm b",
        "kubectl get pods --profile=cpu",
        "kubectl --kubeconfig=a get pods",
        "kubectl get --raw /a",
        "kubectl rollout restart deploy/a",
        "kubectl config set-context a",
        "kubectl config view",
        "kubectl cluster-info dump",
        "kubectl get-evil",
        "kubectl -n get delete pod a",
        "kubectl",
        "systemctl restart nginx",
        "systemctl stop status",
        "systemctl -H host status",
        "systemctl status -H host",
        "systemctl kill is-active",
        "systemctl",
        "systemctl --runtime mask show",
        "journalctl --vacuum-size=1K",
        "journalctl --vacuum-time 1s",
        "journalctl --vac=1K",
        "journalctl --rotate",
        "journalctl --flush",
        "journalctl --cursor-file=a",
        "journalctl -n --rotate",
        "journalctl -u --rotate",
        "journalctl -D /x --rotate",
        "psql -c 'delete from a'",
        "psql -c 'select pg_terminate_backend(1)'",
        "psql -c 'select a.pg_size_pretty(1)'",
        "psql -c 'select pg_reload_conf ()'",
        "psql -c 'select 1; drop table a'",
        "psql -c 'select 1 into b'",
        "psql -c 'select * from a for update'",
        "psql -c 'with a as (delete from b returning 1) select 1'",
        "psql -c 'select nextval(1)'",
        "psql -c 'explain analyze delete from a'",
        "psql -c 'select \"pg_reload_conf\"()'",
        "psql -c '\\! rm a'",
        "psql -c 'select 1 \\g a'",
        "psql -c 'select 1 /* */ '",
        "psql -c 'select lo_export(1, 2)'",
        "psql -c 'select dblink_exec(1)'",
        "psql -c 'select 1' -c 'drop table a'",
        "psql -f a",
        "psql -o a -c 'select 1'",
        "psql -L a -c 'select 1'",
        "psql",
        "psql -v a=b -c 'select 1'",
        "mysql -e 'system rm a'",
        "mysql -e 'select 1 into outfile 1'",
        "mysql -e 'select sleep(1)'",
        "mysql --tee=a -e 'show tables'",
        "redis-cli flushall",
        "redis-cli set a b",
        "redis-cli config set a b",
        "redis-cli config",
        "redis-cli --eval a",
        "redis-cli -x get",
        "redis-cli",
        "docker rm a",
        "docker exec a ls",
        "docker -H tcp://a ps",
        "docker run a",
        "docker top a",
        "ip addr add 10.0.0.1 dev a",
        "ip link set a down",
        "ip -batch a",
        "ip netns exec a rm b",
        "ip a",
        "ss -K dst a",
        "ss -tK",
        "ss --kill",
        "ss -D a",
        "hostname new",
        "hostname -F a",
        "date -s now",
        "date 010100002030",
        "date --set=now",
        "dmesg -c",
        "dmesg -C",
        "dmesg -n 1",
        "mount /dev/sda /mnt",
        "swapon /a",
        "sysctl -w a=b",
        "sysctl a=b",
        "sysctl -p",
        "ping db-1",
        "ping -f -c 1 a",
        "nc -l 1",
        "nc -e sh a 1",
        "nc -z -e sh a 1",
        "openssl x509 -in a -out b",
        "openssl x509 -req -in a",
        "openssl x509 -inform engine -in a",
        "openssl genrsa",
        "openssl s_client -connect a:1",
        "openssl x509 -in -out a",
        "timeout 5 rm a",
        "timeout -s KILL 5 cat a",
        "timeout",
        "cd",
        "cd -",
        "command rm a",
        "command cat a",
        "command",
        "file -C -m a",
        "lsof -D b",
        "top",
        "helm uninstall a",
        "helm get values a --post-renderer x",
        "timedatectl set-time now",
        "chronyc makestep",
        "zfs destroy a",
        "zpool scrub a",
        "zpool status; zpool clear a",
        "dig -f a",
        "git status",
        "make",
        "printf -v a b; $a",
    ] {
        assert!(!text(command), "{command:?} was let through");
    }
}

/// A value is one word, whatever is in it; what it means to the program counts.
#[test]
fn a_value_is_data_and_may_still_be_an_option() {
    assert!(with("cat @", &["/etc/hosts"]));
    assert!(with("cat '@'", &["a'; rm b"]) && with("cat \"@\"", &["$(rm a)"]) && with("cat @", &["; rm a"]));
    assert!(with("journalctl -u @ -n 5", &["nginx"]));
    assert!(!with("journalctl -u @", &["--rotate"]));
    assert!(!with("journalctl @", &["--vacuum-size=1K"]));
    assert!(!with("find / @", &["-delete"]) && with("find / -name @", &["*.log"]));
    assert!(!with("kubectl @ pods", &["delete"]) && with("kubectl get @", &["pods", "nodes"]));
    assert!(!with("@ a", &["rm"]) && with("@ a", &["cat"]));
    assert!(!with("psql -c @", &["drop table a"]) && !with("psql -c 'select @'", &["1; drop table a"]));
    assert!(!with("kubectl get x@", &["a", "b"]), "a list within a word is several words");
    assert!(!with("kubectl get '@'", &["a", "b"]) && !with("kubectl get @y", &["a", "b"]));
    assert!(with("cat a @", &[]) && !with("cat a@", &[]));
    assert!(!with("echo x >@", &["/dev/null"]) && !with("echo x >/dev/null@", &["x"]));
    assert!(!with("echo x @>/dev/null", &["2"]), "a value is no number of a stream");
    assert!(!with("sort @ b", &["-oa"]) && !with("curl @ http://a", &["-XPOST"]));
}

#[test]
fn the_list_is_in_order_and_names_each_program_once() {
    let listed = reading_programs();
    let mut names: Vec<&str> = listed.iter().map(|(name, _)| *name).collect();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(listed.iter().all(|(_, allowed)| !allowed.is_empty()));
}

proptest::proptest! {
    /// Whatever surrounds what changes something, as long as a shell would run it.
    #[test]
    fn nothing_that_is_not_listed_gets_through(
        before in proptest::sample::select(vec!["cat a", "df -h", "ls | head", "true"]),
        join in proptest::sample::select(vec![";", "\n", "&&", "||", "|", " ; ", "&", " |& "]),
        bad in proptest::sample::select(vec!["rm a", "tee b", "sh", "X=1 cat", "sudo ls", "kill 1", "eval ls", "$a"]),
        after in proptest::sample::select(vec!["", " | cat", "; true", " >/dev/null", " 2>&1"]),
    ) {
        for command in [format!("{before}{join}{bad}{after}"), format!("{bad}{join}{before}{after}")] {
            proptest::prop_assert!(!text(&command), "{}", command);
        }
    }

    /// A character with a meaning to a shell is refused wherever it stands without quotes.
    #[test]
    fn no_special_character_gets_through(
        special in proptest::sample::select("$`(){}<!#\\\"".chars().collect::<Vec<_>>()),
        at in 0_usize..9,
    ) {
        let plain = "cat a b c";
        let (head, tail) = plain.split_at(at);
        let command = format!("{head}{special}{tail}");
        proptest::prop_assert!(!text(&command), "{}", command);
    }

    /// It reads any text without a crash.
    #[test]
    fn any_text_is_read(command in "\\PC{0,80}", value in "\\PC{0,20}") {
        let _ = text(&command);
        let _ = with(&command, &[&value]);
    }
}
