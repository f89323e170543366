runbook "x"
owner "api-oncall"
# The old key was AKIAIOSFODNN7ABCDEFG, do not use it any more.
link "Board" "https://app:s3cr3t-board@grafana.example.com/d/1"
param password = "hunter22"
define release as `GITHUB_TOKEN=ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8 gh release create v1`
metric jobs from shop "/jobs?api_key=9f86d081884c7d65"

check jobs < 5
action release()
check ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8 < 5
chekc ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8
"#{password}"
