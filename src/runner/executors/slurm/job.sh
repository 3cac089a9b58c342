#!/bin/sh
# The batch script of every Slurm job: takes the start-once marker, runs the program, and leaves the record of how it ended.
#
#   job.sh FOLDER ATTEMPT LOG_BLOCKS
#
# FOLDER, on the shared file system, holds `program`, which the runner wrote: assignments, `set --`, and `become`, which sets the variables
# of the program and becomes it, with nothing but words in single quotes, so that the program gets its arguments byte for byte.
# FOLDER takes what others read: `started` (the start-once marker: "go" inside says that the program began, an empty one that it never
# will), `log`, and `exit` (attempt and exit status). Slurm itself appends its own messages to `log`.
set -u

folder=$1 attempt=$2 log_blocks=$3

# A handler and not '': what a shell ignores its children ignore too, and the program must still hear TERM. This script must not end by a
# signal that is meant for the program, or nobody would write the record.
trap : HUP INT QUIT TERM USR1 USR2 PIPE

# Sets cwd, cut_note, `become`, and the arguments of the program.
# shellcheck disable=SC1091
. "$folder/program" || {
  echo "showrunner: this node cannot read $folder" >&2
  exit 1
}
# shellcheck disable=SC2154
cd -- "$cwd" || {
  echo "showrunner: this node cannot enter $cwd" >&2
  exit 1
}

# Of everybody who wants to start or to seal this attempt exactly one succeeds: a link appears whole or not at all, also on NFS. The count of
# links tells, because an answer over NFS may get lost. Slurm may run this script again (requeue); then it finds the marker and ends.
go=$(mktemp "$folder/go.XXXXXX") || exit 1
printf 'go %s' "${SLURM_JOB_ID:-}" >"$go"
ln "$go" "$folder/started" 2>/dev/null
# shellcheck disable=SC3013
if ! [ "$go" -ef "$folder/started" ]; then
  rm -f "$go"
  if [ -s "$folder/started" ]; then echo "showrunner: this job began before and is not started again" >&2; fi
  exit 0
fi
rm -f "$go"

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
  # Set by `program`.
  # shellcheck disable=SC2154
  printf '%s' "$cut_note" >>"$folder/log"
  exec cat >/dev/null
}

# One pipe for the output of the program, on this node's own disk. Opened for both first, because opening one end alone waits for the other.
pipes=$(mktemp -d) && mkfifo "$pipes/output" || exit 1
# shellcheck disable=SC2094
exec 4<>"$pipes/output" 3>"$pipes/output" 5<"$pipes/output" 4>&-
rm -rf "$pipes"
(
  exec <&5 3>&- 5<&-
  keep_log
) &
keeper=$!
exec 5<&-

# In the process group of this script, where Slurm's signals reach it whatever way the cluster tracks processes. From here on this script says
# nothing itself: a shell's word on a signal is not the program's.
exec 2>/dev/null
(become "$@") </dev/null >&3 2>&1 3>&-
code=$?
exec 3>&-

# The log is whole once its last writer is gone. What the program left behind may keep it open; Slurm ends that with this script.
tries=0
while kill -0 "$keeper" && [ "$tries" -lt 20 ]; do
  sleep 0.1
  tries=$((tries + 1))
done

# Durable before it is visible. It is tried again while the disk refuses, for as long as anybody could still want it.
while [ -d "$folder" ] && [ ! -e "$folder/exit" ]; do
  dd of="$folder/exit.tmp" conv=notrunc,fsync <<EXIT && mv "$folder/exit.tmp" "$folder/exit" && break
$attempt $code
EXIT
  sleep 1
done
exit "$code"
