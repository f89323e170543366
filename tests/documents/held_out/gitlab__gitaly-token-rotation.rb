runbook "Gitaly token rotation"

step "Execution" {
  action "Disable enforcement of gitaly authentication by setting auth_transitioning = true in gprd-base-stor-gitaly"
  action "Apply the changes to the gitaly servers: `knife ssh …`"
  check "gitaly_authentications_total is set to true in prometheus, and 100% of all requests are unenforced"
  check "That goes down to 0"
  action "Save the current auth_token in case we need to revert: `./bin/gkms-vault-show …`"
  action "Save it in 1Password and document the name it was saved under."
  action "Also backup the whole file locally in case it gets corrupted: `./bin/gkms-vault-show … > …bak`"
  action "Create a new random token: `echo …`"
  action "Update the auth token in the vault by setting gitaly['auth_token']"
  action "Update the auth token in the vault for the application by setting gitaly_token"
  action "Apply that to the fleet: `knife ssh -C3 roles:gprd-base-stor-gitaly …`"
  action "and `knife ssh -C3 roles:gprd-base-console-node …`"
  action "Follow the instructions for our Kubernetes infrastructure"
  check "The tokens are updated in all the places and authentication is working as expected"
  check "This is equal to the number of gitaly nodes"
  action "Re-enable authentication enforcement by removing the setting added in step 1"
  action "Apply that to the gitaly servers: `knife ssh …`"
}

step "Rollback" {
  action "Follow the execution steps, but instead of creating a new token set the old token in the vault."
}
