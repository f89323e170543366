metric p99 in s from prometheus "a"
let limit = 500ms
let too_slow(x) = x > limit
define restart(host) as `reboot #{host}`
secret token from env "TOKEN"
