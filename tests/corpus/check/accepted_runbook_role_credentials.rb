runbook "Rotate the credentials of a database role"

trigger manual
owner   "database-oncall"

param role = "gitlab"
secret admin from env "PGPASSWORD"

define set_password(role, password) as `PGPASSWORD=#{admin} psql -c "ALTER ROLE app" -v role=#{role} -v password=#{password}`

check "Is the change approved?" by "database-oncall" else { resolve "not now" }
let password = ask secret "The new password of #{role}"
action set_password(role, password) within 1m retry 1 undo "Set the old password of #{role} again"
check `psql -U #{role} -c "select 1" >/dev/null` else { stop "#{role} cannot sign in" }
action `consul kv put database/#{role}/password #{password}` within 1m
check "Have all clients signed in again?" within 2h else { stop }
record "The credentials of #{role} were rotated" to "incidents"
