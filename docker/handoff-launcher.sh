#!/bin/sh
# Starts on this machine what Showrunner hands over through a folder: for pipelines with `handoff:` in their pipeline.yaml.
#
#   handoff-launcher.sh CONFIG            looks once; for cron, every minute
#   handoff-launcher.sh CONFIG --watch    looks every second until it is ended; for systemd or @reboot, without the dead minute
#
# Both may be in use: one launcher at a time works in a folder; a further one leaves, or waits for its turn to watch. CONFIG is read by this shell, so
# only its administrator may be able to write it; handoff-launcher.conf beside this script is an example of what it says.
#
# A run is taken by renaming both of its files; Showrunner takes back by renaming one of them, so exactly one of the two has it.
# What was begun is never begun again: if this launcher is killed, its program goes on, and the next launcher tells the end. TERM lets it end
# when its program has ended. What a program leaves behind is ended, unless it was started without the variable SHOWRUNNER_HANDOFF.
# Needs flock and setsid (util-linux), and an mv that knows -T (coreutils, busybox). Run it as the user of Showrunner's runner, or as root.
set -u

config=${1:?CONFIG is missing: see the top of this script}
mode=${2:-once}
case $config in */*) ;; *) config=./$config ;; esac
script=$0

FOLDER='' WORK='' ARGS_FILE=pipex_batch_list.txt RUN_ID_FILE=run_id.txt LAST_RUN_ID_FILE=LAST_RUN_ID LOG_FILE=log.txt
SECONDS_BETWEEN_LOOKS=1
# shellcheck source=/dev/null
. "$config" || exit 78
WORK=${WORK:-$FOLDER/work}

fail() {
  printf '%s: %s\n' "$script" "$1" >&2
  exit 78
}
[ -d "$FOLDER" ] || fail "FOLDER ($FOLDER) is no folder"
[ "$WORK" != "$FOLDER" ] || fail 'WORK must be another folder than FOLDER'
command -v run_program >/dev/null || fail "$config defines no run_program"

own=$FOLDER/.showrunner
mkdir -p "$own" "$WORK" || exit 1

# Puts text $2 into file $1 at once and for good: nobody ever reads half of it, it survives a power cut, and no link is followed.
put() {
  rm -rf "$own/launcher.tmp" && (set -C && printf '%s\n' "$2" >"$own/launcher.tmp") || return
  { sync "$own/launcher.tmp" 2>/dev/null || sync; } && mv -fT "$own/launcher.tmp" "$1"
}

# Moves file $1 to the name $2 in WORK. Programs write there, and may have left a link, a pipe or a folder of that name: a copy would follow
# the link to wherever it leads, with the rights of this script.
lay() {
  rm -rf "${WORK:?}/$2" && mv -fT "$1" "$WORK/$2"
}

is_defined() {
  command -v "$1" >/dev/null
}

# The second half of `begin`, in a session of its own, so that all of it can be ended at once. It holds the lock `program.lock` as long as the
# program runs, and leaves its status, for a launcher that comes when that which began it was killed.
if [ "$mode" = --run ]; then
  RUN_ID=$3
  export RUN_ID
  put "$own/session" "$$"
  # The program hears the signal too, and gets its time to tidy up: this shell waits for it.
  trap : TERM INT HUP
  cd "$WORK" || exit 1
  # Without the lock: what the program leaves behind would keep it.
  run_program 8>&-
  code=$?
  put "$own/$RUN_ID.status" "$code"
  exit "$code"
fi

# What every process of the run $1 has in its environment.
mark_of() {
  printf 'SHOWRUNNER_HANDOFF=%s:%s:' "$1" "$FOLDER"
}

# The processes of the run $1, wherever they hide. The grep of busybox sees nothing behind a zero byte, so the files are translated for it, one by one.
processes_of() {
  if printf 'a\0b' | grep -qF b; then
    grep -lF -e "$(mark_of "$1")" /proc/[0-9]*/environ 2>/dev/null
  else
    for file in /proc/[0-9]*/environ; do
      if tr '\0' '\n' 2>/dev/null <"$file" | grep -qF -e "$(mark_of "$1")"; then echo "$file"; fi
    done 2>/dev/null
  fi | cut -d / -f 3
}

# The process group of the process $1.
group_of() {
  stat=$(cat "/proc/$1/stat" 2>/dev/null)
  # Behind the name of the program, which may hold anything.
  # shellcheck disable=SC2086
  set -- ${stat##*)}
  printf '%s' "${3:-}"
}

# Ends what the run $1, which is over, left behind, and notes how much that was. What cannot be ended must not keep the next run out.
end_leftovers() {
  ended='' tries=0
  while left=$(processes_of "$1") && [ -n "$left" ] && [ "$tries" -lt 100 ]; do
    for pid in $left; do
      case " $ended " in *" $pid "*) ;; *) ended="$ended $pid" ;; esac
      kill -KILL "$pid" 2>/dev/null
    done
    tries=$((tries + 1))
    [ "$tries" -lt 3 ] || sleep 0.1
  done
  # shellcheck disable=SC2086
  set -- "$1" $ended
  [ "$#" -eq 1 ] || put "$own/$1.left" "$(($# - 1))"
}

# Says how the run $1 ended: status $2 for Showrunner, then the id, which is how older front-ends see it.
report() {
  end_leftovers "$1"
  until put "$own/$1.exit" "$2" && put "$FOLDER/$LAST_RUN_ID_FILE" "$1"; do
    sleep 1 # The disk is full, perhaps.
  done
  rm -rf "$own/current" "$own/session" "$own/$1.status" "$own/$1.cancel" "${WORK:?}/$ARGS_FILE" "${WORK:?}/$RUN_ID_FILE"
}

# Asks the container, or whatever the program has elsewhere, to end.
stop_elsewhere() {
  if is_defined stop_program; then stop_program </dev/null >/dev/null 2>&1 8>&- 9>&-; fi
}

# Ends the session $1 of the run $2, and what hides from it: politely, and after $3 seconds for good.
end_session() {
  RUN_ID=$2
  stop_elsewhere
  kill -TERM "-$1" 2>/dev/null
  for pid in $(processes_of "$2"); do
    # Those of the group have heard it.
    [ "$(group_of "$pid")" = "$1" ] || kill -TERM "$pid" 2>/dev/null
  done
  left=$3
  while [ "$left" -gt 0 ] && { kill -0 "-$1" 2>/dev/null || [ -n "$(processes_of "$2")" ]; }; do
    sleep 1
    left=$((left - 1))
  done
  kill -KILL "-$1" 2>/dev/null
}

# Ends the session $1 of the run $2 if somebody wants that.
heed_cancel() {
  [ -e "$own/$2.cancel" ] || return 1
  grace=$(cat "$own/$2.cancel")
  case $grace in '' | *[!0-9]*) grace=10 ;; esac
  end_session "$1" "$2" "$grace"
}

# Looks for the wish to cancel while the program of the session $1 runs.
watch_cancel() {
  while kill -0 "$1" 2>/dev/null; do
    heed_cancel "$1" "$token" && return
    sleep "$SECONDS_BETWEEN_LOOKS"
  done
}

# Runs what was taken. `current` stands before anything starts: from then on it is never started again.
begin() {
  token=$(cat "$own/taken.id")
  case $token in '' | *[!0-9A-Za-z_.-]* | .*)
    printf '%s: %s holds no id of a run; its files are left in %s\n' "$script" "$RUN_ID_FILE" "$own" >&2
    mv -f "$own/taken.id" "$own/refused.id"
    mv -f "$own/taken.args" "$own/refused.args"
    return
    ;;
  esac
  put "$own/$token.ack" "$$ $(uname -n)"
  if [ -e "$own/$token.cancel" ]; then
    report "$token" 143
    rm -f "$own/taken.args" "$own/taken.id"
    return
  fi
  # A program may have removed it.
  mkdir -p "$WORK" || return
  rm -rf "$own/launcher.args" && cp "$own/taken.args" "$own/launcher.args" && put "$own/launcher.id" "$token" || return
  lay "$own/launcher.args" "$ARGS_FILE" && lay "$own/launcher.id" "$RUN_ID_FILE" || return
  # A new one: whoever still writes to the log of the run before does not write into this one, and no link is followed.
  rm -rf "${FOLDER:?}/$LOG_FILE" && (set -C && : >"$FOLDER/$LOG_FILE") || return
  # Taken here and inherited, so that there is no moment at which the run has begun and the lock is free.
  exec 8<>"$own/program.lock"
  if ! flock -n 8 || ! put "$own/current" "$token"; then
    exec 8>&-
    return
  fi
  rm -f "$own/taken.args" "$own/taken.id"
  env "$(mark_of "$token")" setsid "$script" "$config" --run "$token" </dev/null >>"$FOLDER/$LOG_FILE" 2>&1 9>&- &
  child=$!
  exec 8>&-
  watch_cancel "$child" 9>&- &
  watcher=$!
  while :; do
    wait "$child"
    code=$?
    # A signal to this script ends the waiting, not the program.
    kill -0 "$child" 2>/dev/null || break
  done
  # What is being ended gets its time, also when its first process is gone already.
  [ -e "$own/$token.cancel" ] || kill "$watcher" 2>/dev/null
  wait "$watcher" 2>/dev/null
  kill -KILL "-$child" 2>/dev/null
  report "$token" "$code"
}

# Whether the program that a killed launcher began still runs.
is_at_work() {
  exec 8<>"$own/program.lock"
  flock -n 8
  free=$?
  exec 8>&-
  [ "$free" -ne 0 ]
}

# What a launcher left behind that was killed. @returns 1 while its program runs.
recover() {
  if [ -e "$own/current" ]; then
    token=$(cat "$own/current")
    RUN_ID=$token
    export RUN_ID
    if is_at_work; then
      session=$(cat "$own/session" 2>/dev/null)
      [ -z "$session" ] || heed_cancel "$session" "$token"
      return 1
    fi
    # A container, say, does not end with what started it.
    if is_defined program_is_alive && program_is_alive </dev/null >/dev/null 2>&1 8>&- 9>&-; then
      [ ! -e "$own/$token.cancel" ] || stop_elsewhere
      return 1
    fi
    rm -f "$own/taken.args" "$own/taken.id"
    # Told already, but not to the end; or left by the program; or nobody knows.
    lost=$(cat "$own/$token.exit" 2>/dev/null || cat "$own/$token.status" 2>/dev/null || echo lost)
    report "$token" "$lost"
  fi
  # Half taken, and the other half went back: that run is Showrunner's again.
  if [ -e "$own/taken.args" ] && [ ! -e "$own/taken.id" ] && { [ -e "$FOLDER/$ARGS_FILE" ] || [ ! -e "$FOLDER/$RUN_ID_FILE" ]; }; then
    rm -f "$own/taken.args"
  fi
}

look() {
  recover || return 0
  if [ ! -e "$own/taken.args" ]; then
    { [ -f "$FOLDER/$ARGS_FILE" ] && [ -f "$FOLDER/$RUN_ID_FILE" ]; } || return 0
    mv "$FOLDER/$ARGS_FILE" "$own/taken.args" 2>/dev/null || return 0
  fi
  if [ ! -e "$own/taken.id" ] && ! mv "$FOLDER/$RUN_ID_FILE" "$own/taken.id" 2>/dev/null; then
    rm -f "$own/taken.args"
    return 0
  fi
  begin
}

ending=''
trap 'ending=yes' TERM INT
exec 9<>"$own/launcher.lock"
if [ "$mode" = --watch ]; then flock 9; else flock -n 9 || exit 0; fi
look
[ "$mode" = --watch ] || exit 0
while [ -z "$ending" ]; do
  sleep "$SECONDS_BETWEEN_LOOKS" 9>&-
  look
done
