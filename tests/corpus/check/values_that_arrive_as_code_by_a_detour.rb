runbook "T"
owner "o"
param v = "a"

action `S="ssh web1"; $S "systemctl restart #{v}"`
action `sh -c 'eval "$1"' sh #{v}`
action `bash -c '[[ $1 -eq 0 ]] && reboot' bash #{v}`
action `printf '%s\n' #{v} > job.sh; sh job.sh`
action `GIT_SSH_COMMAND=#{v} git fetch`
action `ansible web -m shell -a "systemctl restart #{v}"`
action `awk -v x=#{v} 'BEGIN { system(x) }'`
action `$RUNNER restart #{v}`
action `sh -c 'systemctl restart "$1"' sh #{v}`
