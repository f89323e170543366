runbook "Lost"
owner   "api-oncall"
about
  What the alert means, and who
  is hurt by it.
"""
check "Is it well?" else { stop }
