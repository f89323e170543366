runbook "T"
owner "o"
let nodes = [{name: "a", up: true}, {name: "b", up: false}]

check `grep -q #{nodes} /srv/state`
check `grep -q #{nodes[0].name} /srv/state`
check `grep -qe #{[for each n in nodes: n.name]} /srv/state`
