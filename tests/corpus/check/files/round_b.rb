use "files/round_a.rb"
let b = 1
