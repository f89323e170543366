use "files/round_b.rb"
let a = 1
