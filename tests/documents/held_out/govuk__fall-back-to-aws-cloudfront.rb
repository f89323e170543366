runbook "Fall back to AWS CloudFront"
about "There is a backup Content Delivery Network (CDN) that can be used if Fastly is down. It does not have feature parity."
owner "govuk-platform-engineering-team"

step "Initial steps" {
  "Note: Terraform does not work reliably when Fastly is having a major incident: perform the failover manually."
  "Note: These steps will have you make changes to our production environment."
  check "Fastly is the cause of the incident (check https://status.fastly.com/ and keep an eye on X/Bluesky/Mastodon)"
  escalate to "GOV.UK SMT" because "As soon as you begin to consider failing over"
  action "Sign in to the AWS console as a fulladmin in the appropriate environment: `gds aws … -l`"
  action "Sign in to the `govuk-production` project on GCP console"
}

step "Fail over" {
  match "Production or staging, depending on your scenario?" {
    "Production" {
      action "Open the following four pages as separate tabs: …"
      "You are going to update the `CNAME` records for two different domains, in both GCP and AWS. These two domains are: …"
      "Their values can be found in the Terraform configuration for GOV.UK publishing infrastructure."
      action "In order to stop these being reverted accidentally go to the terraform workspace and lock the workspace"
      action "You can also get the `CNAME`s to use for the secondary CDN from the AWS CLI: `gds aws …`, `gds aws …`"
      check "The records look like `d0000000000000.cloudfront.net.`"
      action "Prior to changing the CNAMEs, do a quick test to ensure CloudFront is serving requests: `curl …`"
      action "Change the canonical name to the CloudFront domain name you found before and also set the TTL to 60 seconds"
      action "Test if the new Cloudfront domain is serving assets correctly, for example: `curl …`"
      action "Two ways to check if the Cloudfront domains are working correctly"
      check "There will not be an HTTP header returned with the name: `fastly-backend-name`"
      action "Look for a value of `xxxxx.cloudfront.net` in the responses `via` HTTP Header."
      action "After performing the manual failover, you should also update our infrastructure-as-code"
      action "Raise and merge a PR in `govuk-infrastructure` to fail over to CloudFront"
      "Terraform Cloud should automatically perform a plan when your PR is merged, but the apply will require manual approval"
      action "Manually run the e2e tests to confirm the core functionality is working as expected."
    }
    "Staging" {
      "NOTE Staging does not use GCP as a failover DNS provider, so you will only be updating AWS Route53."
      "You must be on the Cabinet Office VPN, a DSIT laptop, or the WiFi in the White Chapel building to test on staging."
      action "Open the following page: AWS Route 53 publishing.service.gov.uk"
      "You are going to update the `CNAME` records for two different domains, in AWS. These two domains are: …"
      action "In order to stop these being reverted accidentally go to the terraform workspace and lock the workspace"
      action "You can get the `CNAME`s to use for the secondary CDN from the AWS CLI: `gds aws …`, `gds aws …`"
      check "The records look like `d0000000000000.cloudfront.net.`"
      action "Prior to changing the CNAMEs, do a quick test to ensure CloudFront is serving requests: `curl …`"
      action "Change the canonical name to the CloudFront domain name you found before and also set the TTL to 60 seconds"
      action "Test if the new Cloudfront domain is serving assets correctly, for example: `curl …`"
      action "Two ways to check if the Cloudfront domains are working correctly"
      check "There will not be an HTTP header returned with the name: `fastly-backend-name`"
      action "Look for a value of `xxxxx.cloudfront.net` in the responses `via` HTTP Header."
      action "Manually run the e2e tests to confirm the core functionality is working as expected."
    }
  }
}

step "Finishing up" {
  action "Once you've failed over, keep a close eye on Fastly's status"
  # TODO: how long may it take?
  wait until "You are confident that Fastly has recovered" within 1d
  action "Manually set each of the `CNAME` records you changed above back to `www-gov-uk.map.fastly.net.`"
  if "Did you previously raise a PR in govuk-infrastructure?" {
    action "Raise another PR to revert your changes and restore the old records."
  }
  action "Apply the appropriate govuk-publishing terraform workspace: …"
}
