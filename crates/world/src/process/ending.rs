//! The end of a command and all its descendants as a function of the shell: for where rbl itself cannot, because the command
//! is on another host, or because rbl was killed.

/// Defines `rbl_end`, for any shell. It ends the process `$rbl_leader`, all of its session `$rbl_session`, all
/// descendants, the children of `$rbl_adopter`, those of `$rbl_known` (`PID:START` each, the start in ticks as `/proc`
/// has it), and all that carry `$rbl_mark` in their environment; what still runs then is in `$rbl_alive`. It
/// returns false where there is no `/proc`: then the group is all that could be ended.
pub(crate) const END: &str = r#"rbl_find() {
rbl_self=
{ read -r rbl_self </proc/self/stat; } 2>/dev/null
rbl_self=${rbl_self%% *}
rbl_found=" $rbl_leader $rbl_alive "
for rbl_p in $(grep -ls -e "$rbl_mark" /proc/[0-9]*/environ 2>/dev/null); do
  rbl_p=${rbl_p#/proc/}
  rbl_found="$rbl_found${rbl_p%/environ} "
done
rbl_more=y
while [ -n "$rbl_more" ]; do
  rbl_more=
  for rbl_p in /proc/[0-9]*; do
    rbl_p=${rbl_p#/proc/}
    case "$rbl_found" in *" $rbl_p "*) continue ;; esac
    case "$rbl_p" in "$rbl_self" | $$) continue ;; esac
    { read -r rbl_stat <"/proc/$rbl_p/stat"; } 2>/dev/null || continue
    set -- ${rbl_stat##*) }
    case "$rbl_found" in
      *" $2 "*) ;;
      *) [ "$4" = "$rbl_session" ] || [ "$2" = "$rbl_adopter" ] || continue ;;
    esac
    rbl_found="$rbl_found$rbl_p "
    rbl_more=y
  done
done
rbl_alive=
for rbl_p in $rbl_found; do
  case "$rbl_p" in "$rbl_self" | $$) continue ;; esac
  { read -r rbl_stat <"/proc/$rbl_p/stat"; } 2>/dev/null || continue
  set -- ${rbl_stat##*) }
  case "$1" in [ZXx]) ;; *) rbl_alive="$rbl_alive $rbl_p" ;; esac
done
}
rbl_gone() {
rbl_tries=0
while :; do
  rbl_find
  [ -z "$rbl_alive" ] && return 0
  [ "$1" = KILL ] || [ $rbl_tries = 0 ] && kill -$1 $rbl_alive 2>/dev/null
  [ $rbl_tries -ge $2 ] && return 1
  rbl_tries=$((rbl_tries + 1))
  sleep 0.1 2>/dev/null || sleep 1
done
}
rbl_end() {
rbl_alive=
if [ ! -r /proc/self/stat ]; then
  kill -TERM "-$rbl_session" || kill -TERM "$rbl_leader"
  sleep 2
  kill -KILL "-$rbl_session" || kill -KILL "$rbl_leader"
  return 1
fi
for rbl_p in $rbl_known; do
  { read -r rbl_stat <"/proc/${rbl_p%:*}/stat"; } 2>/dev/null || continue
  set -- ${rbl_stat##*) }
  [ "${20}" = "${rbl_p#*:}" ] && rbl_alive="$rbl_alive ${rbl_p%:*}"
done
rbl_gone TERM 20 || rbl_gone KILL 10
return 0
}
"#;
