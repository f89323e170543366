runbook "x"
owner "api-oncall"
check 1 < 2 && 3 < 4
check 1 < 2 || 3 < 4
check !true
if 1 = 1 { "a" }
if 1 == 1 then { "a" }
elif 1 == 1 { "a" }
elsif 1 == 1 { "a" }
end
fi
alert "team"
page "team"
notify "team"
exec `ls`
sh `ls`
sleep 5
wait 5 minutes
check 0.95 < 90 percent
check “is it real?”
check 'is it real?'
- check "is it real?"
print "hello"
return
foreach x in [1] { "a" }
while true { "a" }
assert 1 < 2
switch 1 { "a" { "b" } }
import "x.rb"
