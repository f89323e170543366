runbook "Deploy an emergency banner"
about "In emergencies, GOV.UK can display important information in a banner at the top of each page of the website."
owner "govuk-publishing"

step "1. Obtain the content for the banner" {
  action "The GOV.UK Programme Team on-call will provide: the type of emergency banner, text for the heading"
  "They may optionally also provide: text for the short description, a URL for users to find more information, alternative link text"
}

step "2. Deploy the banner" {
  action "Navigate to one of the following locations in Whitehall Publisher and enter the details as provided: Integration, Staging, Production"
}

step "3. Check that the banner works" {
  "Most GOV.UK pages have a cache max-age of 5 minutes. You should expect to see the banner on all pages within 10 minutes."
  # TODO: how long may it take?
  wait until "The banner deployment completes" within 30m
  wait 1m
  action "Visit a page and add a cache-bust query string to the URL."
  action "Don't forget to change the URL to reflect the environment that you are checking."
  wait 10m
  check "The emergency banner is visible without the cache-bust string."
  check "The banner displays as expected"
  check "The header, short description and link text are correct"
  check "The link (if applicable) works"
  check "The banner is the right colour: black for notable death, red for national emergency, green for local emergency"
  if "Does the banner not show?" {
    action "see Troubleshoot the emergency banner."
  }
  "Some example pages to check: …"
}

step "Remove an emergency banner" {
  action "Navigate to one of the following locations in Whitehall Publisher and press the \"Remove banner\" button"
  "You must have GDS Admin permission for Whitehall Publisher in order to remove the emergency banner."
}

step "The banner is not showing / not clearing" {
  "Usually this is because some cached content has not yet expired, in the frontend rendering apps or in your browser."
  check "You are looking at the right environment."
  action "Use a fresh private/Incognito window"
  action "Check whether the banner appears on www-origin"
  if "Does the banner work on origin but not on www.gov.uk?" {
    wait 5m
    action "try again."
  }
  "It is possible to flush pages from the CDN cache. This should not be necessary."
  action "Inspect the Redis key to check whether the banner data was stored successfully."
  action "Try forcing a redeploy of the app responsible for rendering the page you're looking at."
  action "Try clearing the frontend memcache. Log into the AWS web console and press the Reboot button."
}

step "Inspect the Redis key" {
  "You can query Redis to check whether the banner data has been stored."
  action "Open a Rails console for Frontend: `kubectl -n apps exec -it deploy/frontend -- rails c`"
  action "Retrieve the value of the Redis key: `Redis.new.hgetall(\"emergency_banner\")`"
  if "Is an emergency banner active?" {
    check "The value looks similar to: …"
  } else {
    check "The value is empty: {}"
  }
}
