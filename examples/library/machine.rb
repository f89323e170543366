# Metrics of one machine and its owner's limits: include them with `use "library/machine.rb"`.
metric disk by mount in % from host "disk.used"
metric inodes by mount in % from host "inodes.used"
metric memory_available in % from host "memory.available"
metric swap_used in % from host "swap.used"
metric load_5 from host "load.5"
metric processors from host "cpu.count"
metric uptime in s from host "uptime"

# A load of 1 for each processor is a machine that is fully busy.
let load_share() = load_5 / processors
