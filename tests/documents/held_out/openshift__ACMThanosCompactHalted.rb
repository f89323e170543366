runbook "ACMThanosCompactHalted"
about """
  The Thanos Compactor has been halted for more than 5 minutes by an error that it does not retry. Retention and
  down-sampling are not applied: the cost of the object store grows and queries become slower.
"""
trigger alert "ACMThanosCompactHalted"
link    "Thanos compactor halted" "https://access.redhat.com/solutions/7080672"

step "Diagnosis" {
  "The first step is to identify why the compactor has halted by inspecting its logs for fatal, non-retriable errors."
  check "The alert is firing: query `acm_thanos_compact_halted{job=\"observability-thanos-compact\"}` in the console"
  action "Inspect the logs of the `observability-thanos-compact-0` pod to find the fatal error."
      showing `oc logs -n open-cluster-management-observability observability-thanos-compact-0`
  match "Which of these common failure patterns is in the logs?" {
    "Disk Full" {
      "The pod is in a `CrashLoopBackOff` state, and logs show `no space left on device`."
    }
    "Data Corruption" {
      "The logs show `meta.json: EOF`, `unexpected end of JSON input` or `segment index 0 out of range`."
    }
    "S3 Connection Failure" {
      "The logs show S3 authentication or connection errors."
    }
  }
  match "Which of these is it?" {
    "Diagnosis for 'no space left on device'" {
      if "Is the pod in a `CrashLoopBackOff` state?" {
        "You cannot rsh into it."
        action "Verify the disk is full by attaching the `PVC` to a debug pod or by checking the pod's last-known logs."
      }
    }
    "Diagnosis for Data Corruption" {
      "This error will appear in the logs while the pod is `Running`, as it attempts to scan a malformed `meta.json` file."
    }
    "Diagnosis for S3 Connection Failure" {
      "This error will appear in the logs while the pod is `Running`: the `thanos-object-storage` secret is misconfigured."
      action "Get the `thanos-object-storage` secret and decode it to verify its contents: `oc get secret … | base64 --decode`"
      check "The `endpoint`, `access_key`, and `secret_key` values in the output are correct."
      if "Do you suspect S3 connection issues?" {
        check "The OBC is healthy: `oc get obc …`, `oc get configmap …`"
        check "The ConfigMap contains valid endpoint and bucket information."
      }
    }
  }
}

step "Mitigation" {
  match "Which fatal error was found during the Diagnosis?" {
    "Halted due to 'no space left on device'" {
      "The pod's persistent volume is full."
      action "Identify the `StorageClass` used by the `PVC`"
          showing `oc get pvc data-observability-thanos-compact-0 -n open-cluster-management-observability`
      check "The `StorageClass` has `allowVolumeExpansion: true`: `oc get sc <YOUR_STORAGE_CLASS> -o yaml`"
      if "Is expansion allowed?" {
        action "Edit the `PVC` to request more storage: `oc edit pvc …`"
      }
      action "Change `spec.resources.requests.storage` from its current value to a larger one"
      "Kubernetes and ODF will automatically expand the volume. The pod will start successfully, clearing the alert."
    }
    "Halted due to Data Corruption" {
      "A data block in the S3 object store is malformed."
      action "Identify the corrupted block ID from the pod logs"
      action "Launch a debug pod with the `aws-cli` and the S3 credentials."
      action "From the debug pod, delete the entire corrupted block directory from the S3 bucket: `aws … s3 rm …`"
      action "Restart the `observability-thanos-compact-0` pod to clear the halted state: `oc delete pod …`"
    }
    "Halted due to S3 Connection Failure" {
      "The `thanos-object-storage` secret in the `open-cluster-management-observability` namespace is incorrect."
      action "Retrieve the correct S3 credentials from your ODF `ObjectBucketClaim` (OBC)."
      action "Create a correct `thanos.yaml` file on your local machine."
      action "Update the `thanos-object-storage` secret with the correct configuration: `oc create secret … | oc apply -f -`"
      action "Restart the `observability-thanos-compact-0` pod to apply the new secret: `oc delete pod …`"
    }
  }
}

step "Verify Resolution" {
  check "The `acm_thanos_compact_halted` metric has returned to 0."
  action "Monitor the pod logs for successful compaction activity: `oc logs … --tail=50 -f`"
  "The alert should clear within 5-10 minutes of successful compaction."
  if "Has the compactor not been working for a long period?" {
    "`acm_thanos_compact_todo_compactions` is expected to be high. It might take several weeks to fall below 10."
    action "After restarting the compactor keep an eye on this metric to ensure that the number is decreasing."
  }
  "Expected resolution time: Alert should clear within 5-10 minutes after the compactor resumes normal operation."
  action "For more detailed troubleshooting steps, refer to the Knowledge Base article: Thanos compactor halted"
}
