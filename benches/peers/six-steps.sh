#!/usr/bin/env bash
# The six steps, in bash.
set -euo pipefail

prometheus="http://127.0.0.1:9090"
latency='histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))'

query() {
  curl --silent --fail --max-time 10 --data-urlencode "query=$1" "$prometheus/api/v1/query" |
    jq --raw-output '.data.result[0].value[1]'
}

p99=$(query "$latency")
if (($(echo "$p99 >= 10" | bc))); then
  exit 0
fi
if (($(echo "$p99 < 0.001" | bc))); then
  echo "nothing to do"
  exit 0
fi
timeout 5 /bin/true
deadline=$((SECONDS + 60))
until [[ "$(query 'sum(up)')" == 1 ]]; do
  if ((SECONDS >= deadline)); then
    break
  fi
  sleep 5
done
p99=$(query "$latency")
echo "incidents: p99 is $p99"
echo "to on-call: p99 is $p99" >&2
