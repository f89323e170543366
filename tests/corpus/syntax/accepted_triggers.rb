runbook "x"
trigger alert "A", "B"
  where severity = "page",
        "service.name" =~ "api|web"
  by cluster, "k8s.node.name"
owner "api-oncall"
param kind: text
  among ["a",
         "b"] = "a"
"text #{kind}"
