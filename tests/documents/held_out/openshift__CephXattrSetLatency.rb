runbook "CephXattrSetLatency"
about "The MDS is slow when it sets extended attributes: over 30 ms on average for 5 minutes. File systems become slow."
trigger alert "CephXattrSetLatency"
severity "warning"
link "Check Ceph Network Connectivity SOP" "helpers/networkConnectivity.md"
link "CephOSDSlowOps runbook" "CephOSDSlowOps.md"

step "Step 1: Check MDS Status and Health" {
  action "Access the Ceph tools pod and check the overall cluster and MDS health: `oc rsh -n openshift-storage …`"
  action "Run `ceph status`, `ceph mds stat`, `ceph fs status`"
  action "Look for any warnings related to slow metadata IOs or MDS health issues."
}

step "Step 2: Check MDS Performance Metrics" {
  action "Examine the MDS operations in flight: `ceph daemon mds.<mds-name> dump_ops_in_flight`"
  action "To find the active MDS name: `ceph fs status -f json-pretty | jq …`"
  "PS: requires `jq`"
}

step "Step 3: Check MDS CPU and Memory Usage" {
  action "Using the OpenShift console, go to Workloads -> Pods and select the MDS pod"
  action "Click on the Metrics tab to review CPU and memory usage."
  action "Alternatively, check MDS resource usage: `oc adm top pod -n openshift-storage -l app=rook-ceph-mds`"
}

step "Step 4: Check for Network Issues" {
  "Network latency between MDS and OSDs can cause slow metadata operations: typically 0.5–5 ms on LAN."
  action "Follow the steps in the Check Ceph Network Connectivity SOP to verify network health."
}

step "Step 5: Check OSD Performance" {
  "Slow OSD operations can cascade into MDS latency issues: NVMe ~0.1–1 ms, SSD ~1–5 ms, HDD significantly higher"
  action "Check for slow OSD operations: `ceph health detail`, `ceph osd perf`"
}

step "Step 6: Check for Lock Contention" {
  "If an inode is locked or requires cross-MDS coordination, latency can increase by 10s to 100s of milliseconds."
  action "Check for blocked operations: `ceph daemon mds.<mds-name> dump_blocked_ops`"
}

step "Recommended Actions" {
  if "Is the MDS CPU usage consistently high?" {
    action "increase the allocated CPU: `oc patch -n openshift-storage storagecluster …`"
    if "Does the CPU usage remain high even after the above change?" {
      action "request the next higher power of two (16 CPUs), and repeat as needed (32, 64, etc.)."
    }
  }
  if "Is the MDS cache under pressure?" {
    action "increase the memory allocation: `oc patch -n openshift-storage storagecluster …`"
    "ODF sets `mds_cache_memory_limit` to half of the MDS pod memory."
  }
  action "For high metadata workloads, consider running multiple active MDS instances: `oc patch …`"
  action "Always increase `activeMetadataServers` by 1."
  if "Is the metadata pool backed by HDDs?" {
    action "consider migrating to SSD or NVMe storage"
  }
  if "Are network connectivity issues identified?" {
    escalate to "network or infrastructure team"
    action "Optimize network by lowering RTT and ensuring adequate bandwidth."
    action "See Check Ceph Network Connectivity SOP."
  }
  if "Are OSDs slow?" {
    action "investigate and resolve OSD performance problems first. Slow OSDs directly impact MDS performance."
    action "Refer to CephOSDSlowOps runbook for guidance."
  }
  if "Do operations appear stuck due to internal issues?" {
    action "restart the MDS: `oc delete pod -n openshift-storage -l app=rook-ceph-mds`"
    "The pod will be automatically recreated by the operator."
  }
  if "Does the issue persist after taking the above actions?" {
    escalate to "Red Hat Support"
  }
}
