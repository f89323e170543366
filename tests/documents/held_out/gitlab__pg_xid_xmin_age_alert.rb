runbook "pg_txid_xmin_age Saturation Alert"
about "A spike of pg_txid_xmin_age goes with SubtransControlLock spikes on standbys, locking issues, and dead tuples that cannot be removed."
trigger alert "pg_txid_xmin_age"

step "What to do about it" {
  match "Which applies?" {
    "Immediate intervention (see below)" {
      "Symptoms are severe"
    }
    "\"Watch and wait\" tactics" {
      "Being ready to act: there are no serious issues"
    }
  }
}

step "Diagnostics: root cause of pg_txid_xmin_age spike" {
  match "Which of these 3 reasons causes the spike?" {
    "AutoANALYZE on one of large tables" {
      if "Has it finished?" {
        action "Check it in PostgreSQL logs, searching for \"automatic analyze\" and paying attention to the last value"
      }
      if "Is it still happening?" {
        "Logs won't show it: it is reported only in the end."
        action "Look at pg_stat_activity: search for query ~ '^autovacuum … Example snippet to use: …"
      }
    }
    "A long-running transaction on the primary" {
      action "Use a snippet like this, in a psql session connected to primary: …"
      "Since we have very low values of statement_timeout, in most cases such transaction will consist of many brief queries"
      action "Use a shell snippet like this one, collecting samples to a CSV file: …"
      "Note that if long-running transaction has already finished, the log won't have any entries for it."
    }
    "A long-running transaction on a standby with hot_standby_feedback = on" {
      action "To identify such standby, check pg_replication_slots on the primary"
      action "Then connect to that standby and use the query above to identify long-running transactions."
    }
  }
  "Other interesting related metrics that are available: …"
}

step "Mitigation" {
  action "Once the root cause is identified, consider interrupting the offending session using pg_terminate_backend({PID})"
  match "What is the root cause?" {
    "AutoANALYZE" {
      "It won't cause issue"
      action "Recommended to run a manual analyze (verbose, skip_locked) right after interrupting"
    }
    "A regular long-running transaction" {
      "It is a business decision. Consequences of transaction being interrupted need to be analyzed."
      action "In any case, consider opening an issue so that product development teams can look into potential underlying problems."
    }
  }
}

step "Post-checks" {
  # TODO: how long may it take?
  wait until "The root cause of the spike is eliminated" within 30m
  check "The spike has ended"
  check "The 5xx errors, slow Postgres queries have ended."
}
