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
# What was begun is never begun again: if this launcher is killed, the next one reports the run as lost. TERM lets it end when its
# program has ended.
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

# Puts text $2 into file $1 at once and for good: nobody ever reads half of it, and it survives a power cut.
put() {
  printf '%s\n' "$2" >"$own/launcher.tmp" && { sync "$own/launcher.tmp" 2>/dev/null || sync; } && mv -f "$own/launcher.tmp" "$1"
}

# Moves file $1 to the name $2 in WORK. Programs write there, and may have left a link, a pipe or a folder of that name: a copy would follow
# the link to wherever it leads, with the rights of this script.
lay() {
  rm -rf "${WORK:?}/$2" && mv -fT "$1" "$WORK/$2"
}

is_defined() {
  command -v "$1" >/dev/null
}

# The second half of `begin`, in a session of its own, so that all of it can be ended at once.
if [ "$mode" = --run ]; then
  RUN_ID=$3
  export RUN_ID
  # The program hears the signal too, and gets its time to tidy up: this shell waits for it.
  trap : TERM INT HUP
  cd "$WORK" || exit 1
  run_program
  exit
fi

# Says how the run $1 ended: status $2 for Showrunner, then the id, which is how older front-ends see it.
report() {
  until put "$own/$1.exit" "$2" && put "$FOLDER/$LAST_RUN_ID_FILE" "$1"; do
    sleep 1 # The disk is full, perhaps.
  done
  rm -rf "$own/current" "$own/$1.cancel" "${WORK:?}/$ARGS_FILE" "${WORK:?}/$RUN_ID_FILE"
}

# Ends the session $1: politely, and after $2 seconds for good.
end_session() {
  RUN_ID=$token
  if is_defined stop_program; then stop_program </dev/null >/dev/null 2>&1; fi
  kill -TERM "-$1" 2>/dev/null
  left=$2
  while [ "$left" -gt 0 ] && kill -0 "-$1" 2>/dev/null; do
    sleep 1
    left=$((left - 1))
  done
  kill -KILL "-$1" 2>/dev/null
}

# Looks for the wish to cancel while the program of the session $1 runs.
watch_cancel() {
  while kill -0 "$1" 2>/dev/null; do
    if [ -e "$own/$token.cancel" ]; then
      grace=$(cat "$own/$token.cancel")
      case $grace in '' | *[!0-9]*) grace=10 ;; esac
      end_session "$1" "$grace"
      return
    fi
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
  cp "$own/taken.args" "$own/launcher.args" && printf '%s\n' "$token" >"$own/launcher.id" || return
  lay "$own/launcher.args" "$ARGS_FILE" && lay "$own/launcher.id" "$RUN_ID_FILE" || return
  put "$own/current" "$token" || return
  rm -f "$own/taken.args" "$own/taken.id"
  # Whoever inherits the lock keeps other launchers out, also when this one is killed.
  setsid "$script" "$config" --run "$token" </dev/null >"$FOLDER/$LOG_FILE" 2>&1 &
  child=$!
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

# What a launcher left behind that was killed. Nothing that it started holds the lock any more.
recover() {
  if [ -e "$own/current" ]; then
    token=$(cat "$own/current")
    RUN_ID=$token
    export RUN_ID
    # A container, say, does not end with what started it.
    if is_defined program_is_alive && program_is_alive </dev/null >/dev/null 2>&1; then
      [ ! -e "$own/$token.cancel" ] || ! is_defined stop_program || stop_program </dev/null >/dev/null 2>&1
      return 1
    fi
    rm -f "$own/taken.args" "$own/taken.id"
    [ -e "$own/$token.exit" ] && lost=$(cat "$own/$token.exit") || lost=lost
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
exec 9>"$own/launcher.lock"
if [ "$mode" = --watch ]; then flock 9; else flock -n 9 || exit 0; fi
look
[ "$mode" = --watch ] || exit 0
while [ -z "$ending" ]; do
  sleep "$SECONDS_BETWEEN_LOOKS" 9>&-
  look
done
