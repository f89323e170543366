tests for "compactor-halted.rb"

test "the log cannot be read" {
  expect escalation to "infra-oncall" matching "the log cannot be read"
  expect no step "Restart it"
}

test "the disk is full: it is made larger" {
  given probe `tail -n 50 data/compactor.log` prints "write: no space left on device"
  given probe `df -h .` prints "/dev/sdb1 100G 100G 0 100% /data"
  answer "Is the volume of the compactor full?" with yes
  answer "Make the volume larger" with done after 1h
  answer "Restart the compactor" with done
  answer "Does the log show a finished compaction?" with yes after 30m
  expect action "Make the volume larger"
  expect action "Restart the compactor"
  expect no escalation
  expect resolved within 2h
}

test "the disk was full: space was freed meanwhile" {
  given probe `tail -n 50 data/compactor.log` prints "write: no space left on device"
  answer "Is the volume of the compactor full?" with no
  expect no action
  expect resolved
}

test "nobody can tell whether the disk is full, or make it larger" {
  given probe `tail -n 50 data/compactor.log` prints "write: no space left on device"
  answer "Is the volume of the compactor full?" with yes
  each {
    answer "Is the volume of the compactor full?" with "not sure"
    answer "Make the volume larger" with failed
  }
  expect escalation to "infra-oncall"
  expect no step "Restart it"
}

test "a block is broken: somebody of the team removes it" {
  given probe `tail -n 50 data/compactor.log` prints "reading meta.json: unexpected EOF"
  answer "Remove the block whose meta.json is broken from the bucket" with done
  answer "Restart the compactor" with done
  answer "Does the log show a finished compaction?" with no
  expect no action "Make the volume larger"
  expect action "Restart the compactor"
  expect escalation
      to "infra-oncall"
      matching "halts again; before, its log ended with: reading meta.json: unexpected EOF"
}

test "a block is broken, and nobody removes it" {
  given probe `tail -n 50 data/compactor.log` prints "reading meta.json: no such file"
  expect no action "Restart the compactor"
  expect escalation to "infra-oncall" matching "no answer within 1h"
}

test "a person finds the cause in the catalogue" {
  given probe `tail -n 50 data/compactor.log` prints "compaction failed"
  answer "Which cause is it?" with "overlapping blocks"
  answer "Mark the overlapping blocks for no compaction" with done
  answer "Restart the compactor" with done
  answer "Does the log show a finished compaction?" with yes
  expect no escalation
  expect resolved
}

test "the cause is elsewhere: nothing is restarted" {
  given probe `tail -n 50 data/compactor.log` prints "compaction failed"
  each {
    answer "Which cause is it?" with "the bucket cannot be reached"
    answer "Which cause is it?" with "none of these"
    answer "Which cause is it?" with "not sure"
    answer "Which cause is it?" with "overlapping blocks" after 45m
  }
  expect no action
  expect escalation to "infra-oncall"
}

test "a step of the person fails" {
  given probe `tail -n 50 data/compactor.log` prints "compaction failed"
  answer "Which cause is it?" with "overlapping blocks"
  answer "Mark the overlapping blocks for no compaction" with done
  answer "Restart the compactor" with done
  answer "Does the log show a finished compaction?" with yes
  each {
    answer "Mark the overlapping blocks for no compaction" with failed
    answer "Restart the compactor" with skipped
    answer "Does the log show a finished compaction?" with "not sure"
  }
  expect escalation to "infra-oncall"
  expect escalated
}

test "the team cannot be paged: nothing is restarted, and the run fails" {
  given team "infra-oncall" is down
  each {
    given probe `tail -n 50 data/compactor.log` prints "compaction failed"
    given probe `tail -n 50 data/compactor.log` = unknown
  }
  each {
    answer "Which cause is it?" with "the bucket cannot be reached"
    answer "Which cause is it?" with "none of these"
  }
  expect no step "Restart it"
  expect no escalation
  expect failed
}

test "it halts again, and the team cannot be paged" {
  given team "infra-oncall" is down
  given probe `tail -n 50 data/compactor.log` prints "compaction failed"
  answer "Which cause is it?" with "overlapping blocks"
  answer "Mark the overlapping blocks for no compaction" with done
  answer "Restart the compactor" with done
  answer "Does the log show a finished compaction?" with no after 20m
  expect action "Mark the overlapping blocks for no compaction"
  expect action "Restart the compactor"
  expect no escalation
  expect failed within 30m
}

test "each cause that is elsewhere calls the team with its own words: the bucket" {
  given probe `tail -n 50 data/compactor.log` prints "compaction failed"
  answer "Which cause is it?" with "the bucket cannot be reached"
  expect escalation to "infra-oncall" matching "the bucket of the compactor cannot be reached"
  expect no step "Restart it"
}

test "each cause that is elsewhere calls the team with its own words: none of the catalogue" {
  given probe `tail -n 50 data/compactor.log` prints "compaction failed"
  answer "Which cause is it?" with "none of these"
  expect escalation to "infra-oncall" matching "a cause that is not in the catalogue"
  expect no step "Restart it"
}

test "a person who reads for 25 minutes, restarts in ten and looks again after 45 is in time" {
  given probe `tail -n 50 data/compactor.log` prints "compaction failed"
  answer "Which cause is it?" with "overlapping blocks" after 25m
  answer "Mark the overlapping blocks for no compaction" with done
  answer "Restart the compactor" with done after 10m
  answer "Does the log show a finished compaction?" with yes after 45m
  expect no escalation
  expect resolved within 2h
}

test "a larger volume may take 90 minutes, and a broken block 45" {
  given probe `tail -n 50 data/compactor.log` prints "write: no space left on device"
  answer "Is the volume of the compactor full?" with yes
  answer "Make the volume larger" with done after 90m
  answer "Remove the block whose meta.json is broken from the bucket" with done after 45m
  answer "Restart the compactor" with done
  answer "Does the log show a finished compaction?" with yes
  each {
    given probe `tail -n 50 data/compactor.log` prints "write: no space left on device"
    given probe `tail -n 50 data/compactor.log` prints "reading meta.json: unexpected EOF"
  }
  expect no escalation
  expect resolved within 2h
}

test "who takes longer than that is not waited for" {
  given probe `tail -n 50 data/compactor.log` prints "write: no space left on device"
  answer "Is the volume of the compactor full?" with yes
  answer "Make the volume larger" with done
  answer "Restart the compactor" with done
  answer "Does the log show a finished compaction?" with yes
  each {
    answer "Make the volume larger" with done after 3h
    answer "Restart the compactor" with done after 20m
    answer "Does the log show a finished compaction?" with yes after 90m
  }
  expect escalation to "infra-oncall"
  expect escalated
}
