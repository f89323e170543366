runbook "T"
owner "o"
param v = "a"

check "Is it real?"
action `sh <<EOF
echo #{v}
EOF`
action `ssh box <<EOF
echo #{v}
EOF`
action `echo "#{v}" | sh`
action `command eval "echo #{v}"`
action `env -S "sh -c 'echo #{v}'"`
action `sh -c -- "echo #{v}"`
action `sh -c "echo $(printf %s #{v})"`
action `builtin eval "echo #{v}"`
action `$SHELL -c "echo #{v}"`
action `sudo -i "#{v}"`
action `bash <<< "#{v}"`
action `x=#{v}; eval "$x"`
action `x=#{v}; ssh host "echo $x"`
action `awk "/#{v}/"`
check "Is it over?"
