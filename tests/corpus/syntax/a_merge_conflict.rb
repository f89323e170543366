runbook "x"
owner "api-oncall"
<<<<<<< HEAD
check "a"
=======
check "b"
>>>>>>> other
chekc "c"
