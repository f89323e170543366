runbook "Rotate the password of a role"
owner "api-oncall"
param board = "main"
param token_name = "deploy-token-2"
link "Board" "https://grafana.example.com/d/a1b2c3?token=#{board}"
secret token from env "DEPLOY_TOKEN_2"
secret password from file "/run/secrets/db-password-1"
metric failures from prometheus "sum(rate(login_failures{token='a1b2c3d4'}[5m]))"
define rotate(role) as `psql -h db-1 -c 'ALTER ROLE' -v role=#{role} -v pw=#{password}`

# The password: ask the security team, they have the token for api-2.
check failures < 5
action `curl -H "Authorization: Bearer #{token}" https://#{board}:8080/x1` within 1m
action `vault write -field=password db/creds/role-7 token="$VAULT_TOKEN_1"` within 1m
action rotate("reporting") within 1m
check failures < 5
"Give the new password of 12 characters to the owner of #{token_name}"
