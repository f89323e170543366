runbook "KubePodCrashLooping"
about """
  Pod is in CrashLoop which means the app dies or is unresponsive and kubernetes tries to restart it automatically.
  Service degradation or unavailability, no rolling upgrades; data migrations and the like do not happen.
"""
trigger alert "KubePodCrashLooping"
link "Debugging Pods" "https://kubernetes.io/docs/tasks/debug-application-cluster/debug-application/#debugging-pods"

param namespace
param pod
param container

step "Diagnosis" {
  action "Check template" showing `kubectl -n #{namespace} get pod #{pod}`
  action "Check pod events" showing `kubectl -n #{namespace} describe pod #{pod}`
  action "Check pod logs" showing `kubectl -n #{namespace} logs #{pod} -c #{container}`
  action """
    Check pod template parameters: pod priority; resources that are not there, such as a GPU; readiness and liveness probes (wrong
    port or command, too short a timeout)
  """
  """
    Other things to check: too little memory or CPU; services it waits for, such as a database; misconfiguration; missing
    configmaps, secrets or volumes; read-only filesystem; user permissions; capabilities; another working directory than expected
  """
}

step "Mitigation" {
  action "Talk with developers or read documentation about the app, ensure to define sane default values to start the app."
  "See Debugging Pods"
}
