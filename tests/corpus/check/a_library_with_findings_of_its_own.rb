runbook "T"
owner "api-oncall"
use "files/faulty.rb"

check p98 < 5s and broken < 3s and slow
