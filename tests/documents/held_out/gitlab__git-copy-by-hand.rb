runbook "Copying or moving a Git repository by hand"
about "Most of the time, a Git repository on a Gitaly node can be copied without any complication. …"

step "Copy" {
  action "Copy it: `cp -a /path/to/source.git /path/to/destination.git`, or `cp -a /var/opt/gitlab/… …`"
}

step "Getting the shared objects moved" {
  "This example assumes you are restoring from a mounted drive"
  action "Find the pool location by looking in the objects/info/alternates file."
  action "Copy the remote pack files to the new project location: `cp -r …`"
  action "Remove the location from the alternates file."
  action "Unpack everything in the new repository: `find …`"
  action "Unmount the snapshot drive."
  check "It's all/mostly ok: `sudo -u git git fsck`"
  action "Delete the copied files by removing the pack directory and its contents in the new repository."
}
