"""The six steps, in Python."""

import json
import subprocess
import sys
import time
import urllib.parse
import urllib.request

PROMETHEUS = "http://127.0.0.1:9090"
LATENCY = "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))"


def query(text):
    body = urllib.parse.urlencode({"query": text}).encode()
    with urllib.request.urlopen(f"{PROMETHEUS}/api/v1/query", body, timeout=10) as reply:
        return float(json.load(reply)["data"]["result"][0]["value"][1])


def main():
    p99 = query(LATENCY)
    if p99 >= 10:
        return
    if p99 < 0.001:
        print("nothing to do")
        return
    subprocess.run(["/bin/true"], check=True, timeout=5)
    deadline = time.monotonic() + 60
    while query("sum(up)") != 1 and time.monotonic() < deadline:
        time.sleep(5)
    p99 = query(LATENCY)
    print(f"incidents: p99 is {p99}")
    print(f"to on-call: p99 is {p99}", file=sys.stderr)


if __name__ == "__main__":
    main()
