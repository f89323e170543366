runbook "T"
owner "o"
param v = "a"

check "Is it real?"
action `f=#{v}; touch $f`
action `touch $(printf %s #{v})`
action `echo #{v} | xargs touch`
action `echo #{v} | while read -r f; do touch $f; done`
action `echo \#{v}; echo second`
action `f=#{v}; touch "$f"`
action `touch "$(printf %s #{v})"`
action `printf '%s\0' #{v} | xargs -0 touch`
action `pods=$(kubectl get pods -n #{v} -o name); kubectl delete $pods`
action `echo '\#{v}' "\#{v}" # a note`
check "Is it over?"
