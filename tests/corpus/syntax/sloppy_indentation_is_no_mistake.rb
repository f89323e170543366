runbook "x"
owner "api-oncall"

   step "one" {
 check "a"
       check "b" else {
  "c"
     }
         if "d" {
           "e"
  }
}
