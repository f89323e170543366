# A playbook points at its runbooks: each runs as part of this one, and its end is an answer here.
runbook "Morning round on this machine"

trigger schedule "0 8 * * 1-5" in "Europe/Berlin"
owner   "infra-oncall"

param disk_limit = 90%
param memory_floor = 5%
param load_limit = 400%
param certificate = "/etc/ssl/certs/ca-certificates.crt"

step "Pressure" {
  run "host-pressure.rb"
      with (disk_limit: disk_limit, memory_floor: memory_floor, load_limit: load_limit)
  else {
    record "the machine is under pressure" to "incidents"
  }
}

step "Disks" {
  run "disk-full.rb" with (limit: disk_limit) else { record "a disk is full" to "incidents" }
}

step "Certificate" {
  run "certificate-expiry.rb" with (certificate: certificate) else {
    record "the certificate #{certificate} needs a person" to "incidents"
  }
}
