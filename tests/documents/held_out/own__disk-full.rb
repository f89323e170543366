runbook "disk full on the build box"
about "Happens every couple of months, don't panic."

step "fix it" {
  action "First see what eats the disk" showing `df -h /`, `sudo du -xsh /var/lib/docker /home/* | sort -h | tail -3`
  action "Usually it's docker. Clean up: `docker system prune -af --filter until=72h`"
  "This is safe, images get pulled again on the next build (first build is slow, tell people)."
  if "It's not docker?" {
    "it's somebody's home directory"
    action "Ping them, don't delete stuff yourself"
  }
  if "Is /home/deploy the big one?" {
    action "Delete old artifacts: `find /home/deploy/artifacts -mtime +14 -delete`"
  }
  check "Is it below 70 %?" showing `df -h /` else {
    action "Ask Tom"
  }
}

step "afterwards" {
  action "Restart the failed builds"
  if "Did this happen twice in a month?" {
    action "Open a ticket to get a bigger disk"
  }
}
