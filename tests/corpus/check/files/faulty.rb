metric p98 in s from prometheus "a"
let slow = p98 > 5
metric broken in s form prometheus "a"
