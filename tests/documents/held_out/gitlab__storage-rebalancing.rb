runbook "GitLab Storage Re-balancing"
about "Moving project repositories between `gitaly` storage shards presently involves direct human intervention."

step "Dashboards" {
  action "Consult the Gitaly Rebalancing dashboard before triggering a manual re-balance."
}

step "How to migrate a project repository" {
  match "Which method?" {
    "Single repo manual selection" {
      action "Login to gitlab.com using an admin account."
      action "Navigate to https://gitlab.com/profile/personal_access_tokens and generate a private token."
      action "Enable the scope for `api`."
      action "Set an expiration date three or four days from now."
      action "Take note of the project ID. You will need it to move the project via the API."
      action "Export your admin auth token as an environmdent variable in your shell session: `export …`"
      action "Trigger the move using the API. For example: `./scripts/storage_repository_move.sh …`"
      "Note: The parameter of `nfs-fileYY` is the name of the destination gitaly shard."
      "Note: The project will automatically be set into read-only and set back to read-write after the move."
      action "If needed, check logs for the sidekiq job in Kibana"
    }
    "Slightly automated selection" {
      "A script exists in this repo: `scripts/storage_rebalance.rb`"
      "The goal of this script is to safely and reliably replicate project git repositories."
      "This script will select projects with the largest repositories on the given source gitaly shard."
      action "Clone this repository: `git clone …`"
      action "Change directory into the cloned runbooks project repository: `cd runbooks`"
      action "Install any necessary rubies and dependencies: `rbenv install …`"
      "You will need a personal access token with the `api` scope enabled."
      action "Export the token as an environment variable in your shell session: `export …`"
      action "Invoke the script using the `--help` flag for usage details"
      action "Create a new production change issue and follow the instructions in the issue description."
      action "Invoke a dry run and record the output in the re-balancing issue: `bundle exec … --dry-run=yes`"
      action "Invoke the same command except with the `--dry-run=no` argument."
      "Note: Repository replication errors are recorded, and their log artifacts may be reviewed: `find …`"
      "The script will automatically skip such failed project repository replications in subsequent invocations."
      "Failure modes: checksum validation failure, timeout. In both of these situations, no roll-back is required."
    }
  }
}

step "Reviewing replicated repositories" {
  "It is useful, but not required, to record details about both repositories."
  action "Copy the `project_id` for a project which has completed or is undergoing replication."
  action "Open a rails console session: `ssh …`"
  action "Run this command: `Project.find(<project_id>)&.disk_path`"
  action "Copy the disk path of the project repository from the script output of the \"successful\" migration."
}

step "Install the info helper script" {
  action "Secure shell to the source gitaly shard node system. For example: `ssh …`"
  action "Download this script to the source shard node file system: `sudo mkdir -p …`"
  action "Now exit the shell session to that shard node."
  action "Repeat these steps for the destination gitaly shard system."
}

step "How to use it" {
  action "Using the pretend disk path `@hashed/4a/68/…`: `export disk_path=…`, `ssh …`"
  "Users of macOS can make their lives easier using `pbcopy`: `ssh … | pbcopy; pbpaste`"
  action "You should execute the `info.sh` script on both the source and target shard node systems: `ssh …`"
  action "Record the results of these commands in the issue for the re-balancing operations."
}

step "Failed replica repository deletion" {
  "For undoing the replica repository creation operation: `../../scripts/storage_repository_delete.sh`"
  action "Download this script to the target shard node file system: `sudo mkdir -p …`"
  action "Invoke a dry-run with: `sudo … --dry-run=yes …`"
  action "Review the output."
  action "Invoke: `sudo … --dry-run=no …`"
}

step "General clean-up" {
  "After each project repository has been completely mirrored, each original repository must be removed."
  match "Which method?" {
    "Manual method" {
      action "Create a list of moved repositories to delete on `file-XX`: `find …`"
      action "Have another SRE review the files to be removed to avoid loss of data."
      action "Create GCP snapshot of disk on `file-XX` and include a link to the production issue."
      action "Record the current disk space usage: `df -h /dev/sdb`"
      action "Remove the files: `< files_to_remove.txt xargs …`"
      action "Record the recovered disk space" showing `df -h /dev/sdb`
    }
    "Somewhat automated method" {
      "A script exists in this repo `scripts/storage_cleanup.rb`"
      "The goal of this script is to conduct a `find` operation on a gitaly shard node."
      action "Copy the script to your local workstation."
      check "The script can be ran: `bundle exec scripts/storage_cleanup.rb --help`"
      action "Conduct a dry-run of the cleanup script: `bundle exec … --dry-run=yes`"
      action "For each unique storage node, you should perform a GCP snapshot of its larger disk. For example: …"
      action "Request a review from another SRE of the output of the dry-run execution plan of the cleanup script."
      action "Finally, execute the cleanup script: `bundle exec … --dry-run=no`"
    }
  }
}

step "Verify information" {
  "Via the rails console, we have a few easy lookups to see where a project lives. For example: …"
}
