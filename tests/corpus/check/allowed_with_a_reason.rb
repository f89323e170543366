# rbl: allow upkeep/no-owner because it is only a drill
runbook "T"
# rbl: allow name/unused because the alert hands it over until Monday
param service = "api"
# rbl: allow name/unused because nothing
# rbl: allow upkeep/no-owner because two in a row
param other = "x"
# rbl: allow name/unused
param third = "x"
# rbl: allow name/unusd because a slip
param fourth = "x"
# rbl: allow name/unknown because an error
"#{missing}"
# rbl: forbid name/unused because no
"x" # rbl: allow name/unused because it is used here
