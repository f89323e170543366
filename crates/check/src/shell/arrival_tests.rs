//! Values that arrive as code by another way than the words of the command they stand in. `@` is a value.

use super::code_tests::{reading, verdict};
use super::*;

#[test]
fn in_a_script_inside_the_command() {
    for (text, program) in [
        ("sh -c 'eval \"$1\"' _ @", "eval"),
        ("bash -c 'eval \"${1}\"' _ @", "eval"),
        ("sh -c 'sh -c \"echo $1\"' x @", "sh"),
        ("bash -c 'sh <(echo \"$1\")' x @", "sh"),
        ("bash -ec 'for a; do shift; eval \"$1\"; done' x a @", "eval"),
        ("sudo -u x sh -c 'ssh box \"rm $1\"' _ @", "ssh"),
        ("X=@ sh -c 'eval \"$X\"'", "eval"),
        ("export X=@; sh -c 'eval \"echo $X\"'", "eval"),
        ("X=@ su app -c 'eval \"$X\"'", "eval"),
        ("x=@; trap 'eval \"$x\"' EXIT", "eval"),
        ("x=@; eval 'eval $x'", "eval"),
        ("printf %s @ | sh -c 'sh'", "sh"),
        ("printf %s @ | sh -c 'x=$(cat); eval \"$x\"'", "eval"),
        ("printf %s @ | ssh box 'x=$(cat); eval \"$x\"'", "eval"),
        ("printf %s @ | ssh box 'while read -r x; do eval \"$x\"; done'", "eval"),
        ("printf %s @ | xargs -I{} sh -c 'eval \"$1\"' _ {}", "eval"),
        ("find . -exec sh -c 'eval \"$1\"' _ @ \\;", "eval"),
        ("kubectl exec pod -- sh -c 'eval \"$1\"' _ @", "eval"),
        ("X=@ bash <<'EOF'\neval \"$X\"\nEOF", "eval"),
        ("bash -s -- @ <<'EOF'\neval \"$1\"\nEOF", "eval"),
        ("sh -c \"sh -c 'eval \\\"\\$1\\\"' _ \\\"\\$1\\\"\" _ @", "eval"),
    ] {
        assert_eq!(verdict(text), program, "{text}");
    }
}

#[test]
fn where_the_shell_computes() {
    let (arithmetic, bracket, index) = (
        ShellRefusal::Arithmetic.to_string(),
        ShellRefusal::DoubleBracket.to_string(),
        ShellRefusal::Subscript.to_string(),
    );
    for (text, refusal) in [
        ("x=@; echo $((x + 1))", &arithmetic),
        ("x=@; echo $(( $x + 1 ))", &arithmetic),
        ("x=@; y=$x; ((y > 1))", &arithmetic),
        ("bash -c 'echo $(( $1 ))' _ @", &arithmetic),
        ("X=@ bash -c 'echo $((X))'", &arithmetic),
        ("bash -c 'for ((i=0; i<$1; i++)); do :; done' _ @", &arithmetic),
        ("bash -c 'declare -i n; n=$1' _ @", &arithmetic),
        ("bash -c 'local -i n; n=\"$1\"' _ @", &arithmetic),
        ("bash -c '[[ $1 -eq 0 ]]' _ @", &bracket),
        ("bash -c 'n=$1; [[ 0 -lt n ]]' _ @", &bracket),
        ("bash -c '[[ -v $1 ]]' _ @", &bracket),
        ("bash -c 'echo ${a[$1]}' _ @", &index),
        ("bash -c 'x=abc; echo ${x:$1}' _ @", &index),
        ("bash -c 'x=abc; n=$1; echo ${x:1:n}' _ @", &index),
        ("bash -c 'x=$1; echo ${!x}' _ @", &index),
        ("bash -c 'a[$1]=2' _ @", &index),
    ] {
        assert_eq!(verdict(text), *refusal, "{text}");
    }
    for (text, program) in [
        ("bash -c 'test -v \"$1\"' _ @", "test"),
        ("bash -c 'printf -v \"$1\" x' _ @", "printf"),
        ("bash -c 'read \"$1\" <<< x' _ @", "read"),
        ("bash -c 'unset \"$1\"' _ @", "unset"),
        ("bash -c 'let \"n = $1\"' _ @", "let"),
    ] {
        assert_eq!(verdict(text), program, "{text}");
    }
}

#[test]
fn through_a_file_or_a_descriptor() {
    for (text, program) in [
        ("printf '%s\\n' @ > s.sh; sh s.sh", "sh"),
        ("printf '%s\\n' @ > s.sh; . ./s.sh", "."),
        ("f=$(mktemp); printf '%s\\n' @ > \"$f\"; sh \"$f\"", "sh"),
        ("f=/tmp/x; echo @ > $f; sh /tmp/x", "sh"),
        ("cat > s.sh <<EOF\necho @\nEOF\nbash s.sh", "bash"),
        ("{ echo a; echo @; } > s.sh && sh s.sh", "sh"),
        ("printf %s @ | tee s.sh >/dev/null; chmod +x s.sh; ./s.sh", "s.sh"),
        ("echo @ > a; cp a b; sh b", "sh"),
        ("echo @ > a; cat a | sh", "sh"),
        ("echo @ > a; sh < a", "sh"),
        ("echo @ > a; x=$(cat a); eval \"$x\"", "eval"),
        ("echo @ > a.py; python3 a.py", "python3"),
        ("echo @ > a; make -f a", "make"),
        ("echo @ > a; while read -r x; do eval \"$x\"; done < a", "eval"),
        ("while read -r x; do eval \"$x\"; done <<EOF\n@\nEOF", "eval"),
        ("read -r x <<EOF\n@\nEOF\neval \"echo $x\"", "eval"),
        ("x=$(cat <<EOF\n@\nEOF\n); eval \"$x\"", "eval"),
        ("exec 3<<EOF\n@\nEOF\nsh <&3", "sh"),
        ("exec 3<<EOF\n@\nEOF\nread -r x <&3; eval \"$x\"", "eval"),
        ("read -r x < <(echo @); eval \"$x\"", "eval"),
        ("cat <<< @ | sh", "sh"),
        ("make -f - <<EOF\nall: ; echo @\nEOF", "make"),
    ] {
        assert_eq!(verdict(text), program, "{text}");
    }
}

#[test]
fn a_program_in_a_variable() {
    for (text, program) in [
        ("S=\"ssh web1\"; $S \"echo @\"", "ssh"),
        ("cmd=ssh; ${cmd} web1 \"echo @\"", "ssh"),
        ("cmd=ssh; \"$cmd\" web1 \"echo @\"", "ssh"),
        ("E=eval; $E \"echo @\"", "eval"),
        ("S=echo; [ -e x ] && S=\"ssh web1\"; $S \"echo @\"", "ssh"),
        ("for s in true eval; do $s \"echo @\"; done", "eval"),
        ("A=ssh; B=\"$A web1\"; $B \"echo @\"", "ssh"),
        ("${SSH:-ssh} web1 \"echo @\"", "ssh"),
        ("S=${S:-ssh}; $S web1 \"echo @\"", "ssh"),
        ("script='eval \"$1\"'; sh -c \"$script\" _ @", "eval"),
        ("run() { \"$*\"; }; run ssh web1 \"echo @\"", "ssh"),
        ("$RUNNER \"echo @\"", "may $RUNNER"),
        ("$(command -v ssh) web1 \"echo @\"", "may $(…)"),
    ] {
        assert_eq!(verdict(text), program, "{text}");
    }
    assert_eq!(verdict("K=kubectl; $K delete pod @"), "");
    assert_eq!(verdict("run() { \"$*\"; }; run kubectl delete pod @"), "");
}

#[test]
fn in_variables_and_settings_that_are_code() {
    for (text, program) in [
        ("BASH_ENV=@ bash -c true", "BASH_ENV"),
        ("export ENV=@; sh -ic true", "ENV"),
        ("ENV=@ sh -i", "ENV"),
        ("GIT_SSH_COMMAND=@ git fetch", "GIT_SSH_COMMAND"),
        ("env LD_PRELOAD=@ ls", "LD_PRELOAD"),
        ("sudo PAGER=@ man ls", "PAGER"),
        ("export EDITOR=\"@ -w\"", "EDITOR"),
        ("git -c core.sshCommand=@ fetch", "git"),
        ("git -c alias.x=@ x", "git"),
        ("git config --global core.editor @", "git"),
        ("git -c protocol.ext.allow=always ls-remote @", "git"),
        ("git rebase --exec \"test @\" main", "git"),
    ] {
        assert_eq!(verdict(text), program, "{text}");
    }
}

#[test]
fn on_other_machines() {
    for (text, program) in [
        ("ansible web -m shell -a \"systemctl restart @\"", "ansible"),
        ("salt '*' cmd.run \"systemctl restart @\"", "salt"),
        ("aws ssm send-command --targets x --parameters commands=\"echo @\"", "aws"),
        ("aws ecs execute-command --cluster c --command \"sh -c @\"", "aws"),
        ("az vm run-command invoke -n x --command-id RunShellScript --scripts \"echo @\"", "az"),
        ("gcloud compute ssh web --command \"echo @\"", "gcloud"),
        ("vagrant ssh -c \"echo @\"", "vagrant"),
        ("vagrant ssh web -- echo @", "vagrant"),
        ("fly ssh console -C \"echo @\"", "fly"),
        ("knife ssh 'role:web' \"echo @\"", "knife"),
        ("bolt command run \"echo @\" -t web", "bolt"),
        ("fab -H web -- echo @", "fab"),
        ("heroku run \"echo @\"", "heroku"),
        ("docker run --rm --entrypoint sh image -c \"echo @\"", "docker"),
        ("nsenter -t 1 -m sh -c \"echo @\"", "sh"),
        ("chroot /srv sh -c \"echo @\"", "sh"),
    ] {
        assert_eq!(verdict(text), program, "{text}");
    }
}

#[test]
fn a_program_of_another_language_that_runs_commands() {
    for (text, program) in [
        ("awk -v x=@ 'BEGIN { system(x) }'", "may awk"),
        ("python3 -c 'import os,sys; os.system(sys.argv[1])' @", "may python3"),
        ("perl -e 'system($ARGV[0])' @", "may perl"),
        ("X=@; printf %s \"$X\" | ruby -e 'system(gets)'", "may ruby"),
        ("echo @ | sed 's/x/y/e'", "may sed"),
    ] {
        assert_eq!(verdict(text), program, "{text}");
    }
}

#[test]
fn everyday_scripts_are_left_alone() {
    for text in [
        "bash -c '[[ \"$1\" == prod ]] && echo \"$2\"' _ @ @",
        "bash -c 'declare x=\"$1\"; printf \"%s\\n\" \"$x\"' _ @",
        "bash -c 'declare -A seen; seen[$1]=1; echo \"${seen[$1]}\"' _ @",
        "sh -c 'for f; do gzip -- \"$f\"; done' _ @",
        "sh -c 'n=$(wc -l < \"$1\"); echo $((n + 1))' _ @",
        "n=$(printf '%s\\n' @ | wc -l); echo $((n + 1))",
        "sh -c 'x=${1:-none}; echo \"${x#a}\" \"${x%%b*}\"' _ @",
        "sh -c '[ \"$1\" -gt 3 ] && echo \"$2\"' _ @ @",
        "ssh box 'cat > /etc/app/mode' <<EOF\n@\nEOF",
        "printf %s @ | ssh box 'read -r x; systemctl restart \"$x\"'",
        "echo @ > list; while read -r x; do rm -- \"$x\"; done < list",
        "echo @ > /tmp/x; sh /opt/clean.sh /tmp/x",
        "cat > values.yaml <<EOF\nname: @\nEOF\nhelm upgrade app . -f values.yaml",
        "ENV=@ ./deploy.sh",
        "ENV=@ sh /opt/deploy.sh",
        "export REGION=@; sh -c 'aws ec2 describe-instances --region \"$REGION\"'",
        "bash <<'EOF'\necho \"$HOME\"\nEOF",
        "kubectl exec pod -- sh -c 'kill \"$1\"' _ @",
        "f=$(mktemp); kubectl get pod @ -o yaml > \"$f\"; kubectl apply -f \"$f\"",
        "awk -v x=@ '$1 == x { print }' log",
        "perl -e 'print $ARGV[0]' @",
        "git config user.name @",
        "git -c user.name=@ commit -m x",
        "ansible @ -m ping",
        "az vm restart -n @",
        "vagrant reload @",
        "gcloud compute instances stop @ --zone @",
        "H=\"-H Accept:x\"; curl $H https://x.example/@",
        "N=\"-n prod\"; kubectl $N delete pod @",
        "set -- @; for x; do echo \"$x\"; done",
        "retry() { \"$*\" || \"$*\"; }; retry systemctl restart @",
        "echo @ | tee -a log > /dev/null",
        "@ restart @",
        "openssl x509 -in @ -noout -checkend @",
        "x=$(echo | openssl s_client -connect @:443); echo $(date +%s) -c \"$x\"",
    ] {
        assert_eq!(verdict(text), "", "{text}");
    }
}

#[test]
fn an_option_that_comes_through_a_variable() {
    let option_of = |text: &str| reading(text, ShellPart::Value).sites.unwrap()[0].option_of;
    for (text, program) in [
        ("x=@; ssh \"$x\" uptime", Some("ssh")),
        ("x=@; ssh -- \"$x\" uptime", None),
        ("x=a@; ssh \"$x\" uptime", None),
        ("x=@; ssh \"a$x\" uptime", None),
        ("x=@; y=$x; ssh ${y} uptime", Some("ssh")),
        ("set -- @; ssh \"$*\" uptime", Some("ssh")),
        ("p() { ssh \"$1\" uptime; }; p @", Some("ssh")),
        ("for h in @; do ssh \"$h\" uptime; done", Some("ssh")),
        ("printf '%s\\n' @ | while read -r h; do ssh \"$h\" uptime; done", Some("ssh")),
        ("read -r h <<EOF\n@\nEOF\nssh \"$h\" uptime", Some("ssh")),
        ("ssh $(printf %s @) uptime", Some("ssh")),
        ("sh -c 'ssh \"$1\" uptime' _ @", Some("ssh")),
        ("S=ssh; $S @ uptime", Some("ssh")),
        ("x=@; tar cf /dev/null \"$x\"", Some("tar")),
        ("make @", Some("make")),
        ("env @", Some("env")),
        ("env -- @", None),
    ] {
        assert_eq!(option_of(text), program, "{text}");
    }
}

#[test]
fn behind_options_that_take_a_word() {
    for (text, program) in [
        ("bash -euo pipefail -c \"ls @\"", "bash"),
        ("bash -eo pipefail -c \"ls @\"", "bash"),
        ("bash -exo pipefail -c \"ls @\"", "bash"),
        ("bash -co pipefail \"ls @\"", "bash"),
        ("sh -eo nounset -c \"ls @\"", "sh"),
        ("ksh -opipefail -c \"ls @\"", "ksh"),
        ("nice bash -euo pipefail -c \"ls @\"", "bash"),
        ("bash -euo pipefail -c 'eval \"$1\"' sh @", "eval"),
        ("bash -euo pipefail <<EOF\nls @\nEOF", "bash"),
        ("bash -euo pipefail -s -- @ <<'EOF'\neval \"$1\"\nEOF", "eval"),
        ("echo \"ls @\" | bash -euo pipefail", "bash"),
        ("echo \"ls @\" | bash -euo pipefail /dev/stdin", "bash"),
        ("echo \"ls @\" > f; bash -euo pipefail f", "bash"),
        ("ssh box bash -euo pipefail <<EOF\nls @\nEOF", "bash"),
        ("gawk -e \"/@/\"", "gawk"),
        ("sed -n --expression \"/@/p\" f", "sed"),
        ("dc -e \"@\"", "dc"),
        ("m4 -D \"x=@\" f", "m4"),
        ("ssh -o @ box", "ssh"),
        ("ssh -o\"@\" box", "ssh"),
        ("ssh -o \"proxycommand nc @ 22\" box", "ssh"),
        ("scp -o @ f box:", "scp"),
        ("consul exec \"ls @\"", "consul"),
        ("tsh ssh -l root box \"ls @\"", "tsh"),
        ("minikube ssh \"ls @\"", "minikube"),
    ] {
        assert_eq!(verdict(text), program, "{text}");
    }
    for text in [
        "bash -euo pipefail -c 'ls -- \"$1\"' sh @",
        "bash -euo pipefail /opt/clean.sh @",
        "bash -o @ -c 'ls'",
        "ssh -o StrictHostKeyChecking=@ box",
        "ssh -o ConnectTimeout=5 -i @ box",
        "tsh ssh -l root @",
        "m4 -I @ f",
    ] {
        assert_eq!(verdict(text), "", "{text}");
    }
}

#[test]
fn on_stdin_under_the_name_of_a_file() {
    for (text, program) in [
        ("echo \"ls @\" | sh /dev/fd/0", "sh"),
        ("echo \"ls @\" | sh /proc/self/fd/0", "sh"),
        ("echo \"ls @\" | sh /dev/stdin", "sh"),
        ("echo \"ls @\" | sh -", "sh"),
        ("echo \"ls @\" | . /dev/fd/0", "."),
        ("awk -f - <<EOF\n@\nEOF", "awk"),
        ("echo \"s/a/@/\" | sed -f - conf", "sed"),
        ("echo \"s/a/@/\" | sed -nf/dev/stdin conf", "sed"),
        ("echo \"s/a/@/\" | sed --file=- conf", "sed"),
        ("echo \"x: ; ls @\" | make -f-", "make"),
        ("python3 /dev/stdin <<EOF\nprint(@)\nEOF", "python3"),
        ("m4 <<< @", "m4"),
        ("echo @ | dc", "dc"),
        ("psql -f - <<EOF\nselect '@'\nEOF", "query psql"),
    ] {
        assert_eq!(verdict(text), program, "{text}");
    }
    assert_eq!(verdict("echo @ | awk -f report.awk"), "");
    assert_eq!(verdict("echo @ | psql -f fix.sql"), "");
    assert_eq!(verdict("echo @ | cat /dev/stdin"), "");
}

#[test]
fn in_the_environment_of_a_program() {
    for (text, program) in [
        ("env X=@ sh -c 'eval \"$X\"'", "eval"),
        ("env \"X=@\" sh -c 'sh -c \"$X\"'", "sh"),
        ("env -i PATH=/bin X=@ sh -c 'eval \"$X\"'", "eval"),
        ("nohup env X=@ bash -c 'eval \"$X\"'", "eval"),
        ("X=@ nice env Y=1 sh -c 'eval \"$X\"'", "eval"),
        ("sudo X=@ sh -c 'eval \"$X\"'", "eval"),
        ("docker exec -e X=@ c sh -c 'eval \"$X\"'", "eval"),
        ("docker run --env=X=@ image sh -c 'eval \"$X\"'", "eval"),
        ("kubectl exec pod -- env X=@ sh -c 'eval \"$X\"'", "eval"),
        ("X=@ awk 'BEGIN { system(ENVIRON[\"X\"]) }'", "may awk"),
        ("env X=@ perl -e 'system($ENV{X})'", "may perl"),
        ("export X=@; python3 -c 'import os; os.system(os.environ[\"X\"])'", "may python3"),
        ("X=@ ruby -e 'system(ENV[\"X\"])'", "may ruby"),
        ("X=@ python3 - <<'EOF'\nimport os\nos.system(os.environ['X'])\nEOF", "may python3"),
        ("python3 - @ <<'EOF'\nimport os, sys\nos.system(sys.argv[1])\nEOF", "may python3"),
    ] {
        assert_eq!(verdict(text), program, "{text}");
    }
    let arithmetic = ShellRefusal::Arithmetic.to_string();
    assert_eq!(verdict("env X=@ bash -c 'echo $((X))'"), arithmetic);
    for text in [
        "X=@ awk 'BEGIN { print ENVIRON[\"X\"] }'",
        "X=@ awk '$1 == ENVIRON[\"X\"] { n++ } END { \"date\" | getline d }' log",
        "Y=@ awk 'BEGIN { system(ENVIRON[\"X\"]) }'",
        "X=@ python3 -c 'import os; print(os.environ[\"X\"])'",
        "X=@ python3 - <<'EOF'\nimport os\nprint(os.environ['X'])\nEOF",
        "env X=@ sh -c 'echo \"$X\"'",
        "env X=@ ./deploy.sh",
        "docker run -e NAME=@ image run",
    ] {
        // Which of them it runs is not known.
        let expected = if text.contains("getline") { "may awk" } else { "" };
        assert_eq!(verdict(text), expected, "{text}");
    }
}

#[test]
fn as_the_words_of_a_command() {
    let run = |expansion: &str| ShellRefusal::Unquoted(expansion.into()).to_string();
    for (text, expansion) in [
        ("x=@; $x", "$x"),
        ("x=@; ${x} now", "${x}"),
        ("set -- @; $1", "$1"),
        ("set -- @; $*", "$*"),
        ("f() { $1; }; f @", "$1"),
        ("f() { shift; $1; }; f a @", "$1"),
        ("for x in @; do $x; done", "$x"),
        ("$(echo @)", "$(…)"),
        ("x=@; timeout 5 $x", "$x"),
        ("x=@; nice -n 5 $x", "$x"),
        ("x=@; ls | xargs $x", "$x"),
        ("find . -exec $(echo @) \\;", "$(…)"),
        ("kubectl exec pod -- $(echo @)", "$(…)"),
        ("sh -c 'x=\"$1\"; shift; $x' sh @", "$x"),
        ("x=@; env Y=1 $x", "$x"),
        ("x=@; if $x; then echo a; fi", "$x"),
        ("x=@; ! $x", "$x"),
        ("x=@; /opt/$x", "$x"),
        ("X=@ nice env Y=1 bash -c '$X'", "$X"),
    ] {
        assert_eq!(verdict(text), run(expansion), "{text}");
    }
    for (text, expected) in [
        ("$(which @) restart", "may $(…)"),
        ("f=@; touch $f", "words $f"),
        ("touch $(printf %s @)", "words $(…)"),
        ("touch $(cat <<EOF\n@\nEOF\n)", "words $(…)"),
        ("echo @ | xargs touch", "words xargs"),
        ("echo @ | sudo xargs -r rm --", "words xargs"),
        ("echo @ | while read -r f; do touch $f; done", "words $f"),
        ("sh -c 'ls $1' sh @", "words $1"),
        ("f() { $1 $2; }; f ls @", "words $2"),
        ("run() { $*; }; run ls @", "words $*"),
        ("x=\"ls @\"; $x", "words $x"),
        ("x=@; [ $x = a ]", "words $x"),
    ] {
        assert_eq!(verdict(text), expected, "{text}");
    }
    for text in [
        "x=@; \"$x\" --help",
        "x=@; touch \"$x\"",
        "x=@; touch \"${x%.old}\"",
        "x=@; y=$x; touch \"$y\"",
        "x=@; case $x in a) echo b;; esac",
        "x=@; echo $x > /tmp/x",
        "x=@; sleep ${#x}",
        "x=@; export Y=$x",
        "x=@; command -v \"$x\"",
        "for x in $(echo @ | tr , ' '); do touch \"$x\"; done",
        "touch \"$(printf %s @)\"",
        "p=$(kubectl get pods -n @ -o name); kubectl delete $p",
        "printf '%s\\0' @ | xargs -0 touch",
        "printf '%s\\n' @ | xargs -d '\\n' touch",
        "printf '%s\\n' @ | xargs -I{} touch {}",
        "kubectl get pods -n @ -o name | xargs kubectl delete",
        "bash -c '[[ $1 == a ]]' _ @",
        "cat <<EOF\n$(echo @)\nEOF",
    ] {
        assert_eq!(verdict(text), "", "{text}");
    }
    let prompt = |operator: &str| {
        let script = format!("bash -c 'echo \"${{1@{operator}}}\"' sh ");
        let reading = read(&[ShellPart::Text(&script), ShellPart::Value]);
        reading.sites.err().map(|faults| faults[0].refusal.clone())
    };
    assert_eq!(prompt("P"), Some(ShellRefusal::Prompt));
    assert_eq!(prompt("Q"), None);
}

#[test]
fn where_comments_begin() {
    for (text, expected) in [
        ("echo #{x}; echo second", vec![5]),
        ("echo a\n#{x}", vec![7]),
        ("echo $(a # b\n) # c", vec![9, 15]),
        ("echo '#{x}'", vec![]),
        ("echo \"#{x}\" a#{x} $# ${#x}", vec![]),
    ] {
        assert_eq!(reading(text, ShellPart::Value).comments, expected, "{text}");
    }
}
