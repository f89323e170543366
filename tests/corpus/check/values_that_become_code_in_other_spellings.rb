runbook "T"
owner "o"
param v = "a"

check "Is it real?"
action `bash -euo pipefail -c "ls #{v}"`
check `bash -co pipefail "ls #{v}"`
let x = `nice sh -eo nounset -c "ls #{v}"`
action `true` finally `bash -exo pipefail -c 'eval "$1"' sh #{v}`
action `bash -uo pipefail -c "ls #{v}"` on "box"
action `env X=#{v} sh -c 'eval "$X"'`
action `x=#{v}; $x`
action `set -- #{v}; $1`
action `f() { $1; }; f #{v}`
action `for x in #{v}; do $x; done`
action `$(echo #{v})`
action `x=#{v}; timeout 5 $x`
action `find . -exec $(echo #{v}) \;`
action `sh -c 'x="$1"; shift; $x' sh #{v}`
action `echo "ls #{v}" | sh /dev/fd/0`
action `echo "s/a/#{v}/" | sed -f - conf`
action `ssh -o #{v} box`
action `bash -c 'echo "${1@P}"' sh #{v}`
action `dc -e "#{v}"`
action `m4 <<< #{v}`
action `consul exec "ls #{v}"`
action `tsh ssh box "ls #{v}"`
action `X=#{v} awk 'BEGIN { system(ENVIRON["X"]) }'`
action `X=#{v} python3 -c 'import os; os.system(os.environ["X"])'`
action `bash -euo pipefail -c 'ls -- "$1"' sh #{v}`
action `X=#{v} awk 'BEGIN { print ENVIRON["X"] }'`
action `env X=#{v} sh -c 'echo "$X"'`
action `x=#{v}; "$x" --help`
action `awk -f report.awk #{v}`
check "Is it over?"
