#!/bin/sh
# Holds one program until it may start, keeps it alive without the runner, and leaves the record of how it ended.
#
#   supervise.sh FOLDER ATTEMPT LOG_BLOCKS CUT_NOTE COUNT [NAME=VALUE ... COUNT of them] COMMAND [ARGUMENT ...]
#
# FOLDER takes what others read: `supervisor` and `payload` (pid and start time, field 22 of /proc/<pid>/stat), `started` (the
# start-once marker: "go" inside says that the program was let go, an empty one that it never will be), `log`, and `exit`
# (attempt and exit status). The runner laid `exit.tmp` there, so that a full disk still has room for the record.
#
# Standard input is a pipe from the runner. The line "go" starts the program; the end of the pipe, which is what the death of
# the runner looks like, ends everything with nothing started. From "go" to the program there are one fork and two execs.
set -u

folder=$1 attempt=$2 log_blocks=$3 cut_note=$4
shift 4

# A handler and not '': what a shell ignores its children ignore too, and the program must still hear TERM.
trap : HUP INT QUIT TERM USR1 USR2 PIPE

# Writes pid and start time of the calling process, which may be a subshell (where $$ lies), into file $1. Builtins only.
identify() {
  file=$1
  IFS= read -r stat </proc/self/stat
  pid=${stat%% *}
  # The name of the command stands in parentheses and may contain anything, so count from the last one.
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  mark="$pid-${20}"
  printf '%s %s\n' "$pid" "${20}" >"$folder/$file"
}

# Copies standard input to the log up to its limit, then notes the cut and swallows the rest: a closed pipe would kill the program.
keep_log() {
  trap '' HUP INT QUIT TERM USR1 USR2 XFSZ
  if (
    # Soft, so that this note-taker itself stays free. Not in POSIX, but in dash, bash and busybox.
    # shellcheck disable=SC3045
    ulimit -S -f "$log_blocks"
    exec cat >>"$folder/log"
  ) 2>/dev/null; then
    return
  fi
  printf '%s' "$cut_note" >>"$folder/log"
  exec cat >/dev/null
}

identify supervisor
supervisor_mark=$mark # unique on this machine; what carries it in its environment belongs to this execution
setsid=$(command -v setsid) || exit 1

# One pipe for the output of the program. Opened for both first, because opening one end alone waits for the other.
mkfifo "$folder/output" || exit 1
# shellcheck disable=SC2094
exec 4<>"$folder/output" 3>"$folder/output" 5<"$folder/output" 4>&-
# `exec`, because a redirection of the function itself would keep a copy of the writing end, and the pipe would never end.
(
  exec <&5 3>&- 5<&-
  keep_log
) &
keeper=$!
exec 5<&-

read -r word && [ "$word" = go ] || exit 0

# noclobber makes this O_EXCL: of everybody who wants to start or to seal this attempt exactly one succeeds.
set -C
{ printf go >"$folder/started"; } 2>/dev/null || exit 0
set +C

# A session of its own: `kill 0` in the program reaches the program only, and a stop finds all of it.
(
  identify payload
  export SHOWRUNNER_MARK="$supervisor_mark"
  count=$1
  shift
  while [ "$count" -gt 0 ]; do
    # shellcheck disable=SC2163
    export "$1"
    shift
    count=$((count - 1))
  done
  exec "$setsid" -- "$@"
) </dev/null >&3 2>&1 3>&-
code=$?
exec 3>&-

# Durable before it is visible. It is tried again while the disk refuses, for as long as anybody could still want it.
while [ -d "$folder" ] && [ ! -e "$folder/exit" ]; do
  dd of="$folder/exit.tmp" conv=notrunc,fsync 2>/dev/null <<EXIT && mv "$folder/exit.tmp" "$folder/exit" && break
$attempt $code
EXIT
  sleep 1
done
wait "$keeper"
