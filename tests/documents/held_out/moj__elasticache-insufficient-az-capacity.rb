runbook "ElastiCache create failed - insufficient AZ capacity"
about "A replication group cannot be created because AWS is out of capacity in a zone. It is not in the Terraform state, and blocks a rerun."
link "ElastiCache error messages" "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ErrorMessages.html"

step "Detecting which AZ is out of capacity" {
  match "Which applies?" {
    "Via the AWS console" {
      action "Log in to the affected account and switch to the region from the error message"
      action "Go to ElastiCache and open Events"
      action "Filter the events around the time of the failed apply. Look for source type Cache cluster"
      "A capacity failure event message includes InsufficientCacheClusterCapacity and names the availability zone"
      if "Does the event message not name the AZ?" {
        action "open the replication group under Redis OSS caches, and note the zone of the member in create-failed status"
      }
    }
    "Via the AWS CLI" {
      action "Look at recent events for the replication group and its member cache clusters" showing `aws elasticache describe-events --source-type replication-group`, `aws elasticache describe-events --source-type cache-cluster`
      action "Look for InsufficientCacheClusterCapacity in the event messages; the message names the affected AZ."
      action "Cross-reference which member failed and which AZ it was placed in" showing `aws elasticache describe-cache-clusters --output table`
      "Members in create-failed status in the same AZ confirm which zone is out of capacity."
    }
  }
}

step "1. Communicate with the affected user" {
  action "Tell the user which AZ is out of capacity and ask them to pin their cluster to the unaffected AZs: …"
  "The list length must equal number_cache_clusters. With 3 clusters, an unaffected AZ must be repeated."
  action "The user should raise a PR with this change."
  if "Is more than one AZ affected?" {
    match "Which workaround?" {
      "Retry the request" {
        "Waiting a few minutes and rerunning the apply can succeed."
      }
      "Switch node type" {
        "A different node_type often provisions successfully in the affected AZs. It can be scaled back later."
      }
      "Reduce the number of nodes per request" {
        "Smaller requests are easier to satisfy."
      }
      "Single-AZ placement (last resort, not for production)" {
        "It provisions all cache clusters in the one healthy AZ, without AZ fault tolerance."
      }
    }
  }
  "AWS also recommends submitting the request without specifying any AZs, but this is not possible with our module"
  "Reserved nodes do not help"
}

step "2. Delete the orphaned replication group" {
  "The on-call engineer must delete the failed replication group before the apply is rerun, otherwise the recreate will fail."
  match "Which applies?" {
    "Via the CLI" {
      action "`aws elasticache delete-replication-group …`"
    }
    "Via the console" {
      action "select the replication group, choose Delete, select No for the final backup, and type the cluster name to confirm."
    }
  }
  # TODO: how long may it take?
  wait until "The replication group has disappeared: `aws elasticache describe-replication-groups …`" within 30m
  "This returns ReplicationGroupNotFoundFault once the deletion is complete."
}

step "3. Rerun the failed plan/apply" {
  action "Rerun the failed pipeline job for the user's namespace."
  "With the user's PR merged, the replication group will be recreated in the unaffected AZs."
}

step "4. Check the plan, then merge" {
  if "Was the user's PR raised after the failed apply?" {
    check "The plan output on the PR shows the replication group being created (not modified) with the expected zones"
  }
  action "Once the plan looks correct, merge the PR"
  check "The apply completes and the replication group reaches available."
}
