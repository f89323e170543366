runbook "Fall back to the other CDN"

owner "api-oncall"

link "Status of the CDN" "https://status.example.com"

check "Is the CDN down, and not our origin?" showing `curl -sI https://www.example.com` else {
  resolve "the CDN is not the cause"
}
check "Has the incident lead agreed?" by "api-oncall" within 15m else { stop "nobody agreed" }

step "Switch" {
  action "Pause deployments, and say so in the channel"
  action `dnsctl set www.example.com CNAME backup.example.net --ttl 60` within 5m undo `dnsctl set www.example.com CNAME cdn.example.net --ttl 60`
  wait 2m
  check `dig +short www.example.com CNAME`.text == "backup.example.net." else { stop "the name still leads to the CDN" }
  check "Do the pages come from the other CDN?" within 10m else { stop }
}

step "Back again" {
  check "Is the CDN well again?" within 12h
  action `dnsctl set www.example.com CNAME cdn.example.net --ttl 60` within 5m
  check "Do the pages come from the CDN?" within 10m
}
