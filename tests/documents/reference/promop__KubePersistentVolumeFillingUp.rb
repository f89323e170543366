runbook "KubePersistentVolumeFillingUp"
about """
  A volume is legitimately filling up. Application specific reasons are not covered: refer to recommended scenarios for the given
  service. Service degradation, switching to read only mode.
"""
trigger alert "KubePersistentVolumeFillingUp"

param my_namespace
param my_pvc

step "Diagnosis" {
  action "Check app usage in time."
  action "Check if there are any configurations such as snapshotting, automatic data retention."
}

step "Mitigation" {
  match "Which applies?" {
    "Data retention" {
      "Deleting no longer needed data is the fastest and the cheapest solution."
      action "Ask the service owner if specific old data can be deleted."
      action "Enable data retention especially for snapshots, if possible."
    }
    "Data export" {
      if "Is data not needed in the service but needs to be processed later?" {
        action "send it to somewhere else, for example to S3 bucket."
      }
    }
    "Data rebalance in the cluster" {
      "Some services automatically rebalance data on the cluster when one node fills up. Some may require adding new nodes."
      if "Is this supported?" {
        action "increase number of replicas and wait for data migration or trigger it manually."
      }
      "Example services that support this: cassandra, ceph, elasticsearch/opensearch, gluster, hadoop, kafka, minio"
      "Notice: some services may require special scaling conditions such as adding twice more nodes than exist now."
    }
    "Direct Volume resizing" {
      "If volume resizing is available, it's easiest to increase the capacity of the volume."
      action "To check if volume expansion is available, run: `kubectl get storageclass …`"
      "In this case `ALLOWVOLUMEEXPANSION` is true, so we can make use of the feature."
      action "To resize the volume run: `kubectl -n <my-namespace> edit pvc <my-pvc>`"
      action "And edit `.spec.resources.requests.storage` to the new desired storage size. Eventually the PVC status will say \"Waiting for user to (re-)start a pod\"."
      action "You can check this" showing `kubectl -n #{my_namespace} get pvc #{my_pvc}`
      # TODO: how long may it take?
      wait until "The PVC status says to restart the respective pod" within 30m
      action "Run this to restart it: `kubectl -n <my-namespace> delete pod …`"
    }
    "Migrate data to a new, larger volume" {
      if "Is resizing not available and the data not safe to be deleted?" {
        action "create a larger volume and migrate the data"
      }
    }
    "Purge volume" {
      if "Is the data ephemeral and volume expansion not available?" {
        "it may be best to purge the volume."
      }
      "WARNING/DANGER: This will permanently delete the data on the volume. Performing these steps is your responsibility."
    }
    "Migrate data to new, larger instance pool in the same cluster" {
      "In very specific scenarios it is better to schedule data migration in the same cluster but to a new instances."
      action "add new nodes with bigger capacity than existing cluster"
      action "trigger data migration"
      action "scale in to 0 old instance pool and after that delete it."
    }
    "Migrate data to new, larger cluster" {
      "This is most common scenario, but is much more expensive and may be a bit time consuming. Also sometimes this causes split brain issues when writing."
      action "create data snapshot on existing cluster"
      action "add new cluster with bigger capacity than existing cluster"
      action "start data restore on new cluster based on the snapshot"
      action "switch old cluster to read only mode"
      action "reconfigure networking to point to new cluster"
      action "trigger data migration from old cluster to new cluster to sync difference between snapshot and latest writes"
      action "remove old cluster"
    }
  }
}
