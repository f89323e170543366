# rbl: imported
runbook "Replica lag"
owner   "database-oncall"

# TODO: how long may it take?
wait until "The replica has caught up" within 30m
# TODOS are many, and this is none
# rbl: allow upkeep/todo because the vendor decides it until June
# TODO: ask the vendor
check "Is it well?"
