#!/bin/sh
# One lane of a runner: takes one program after the other. For each it makes a supervisor, and under that the process that becomes the
# program, before anybody knows which program that will be: they stand by. The supervisor holds the program until it may start, keeps it
# alive without the runner, and leaves the record of how it ended.
#
# From the runner (standard input, a pipe):        To the runner (standard output, a pipe):
#   "stand", then words (see `read_word`)            "standing"         it waits for the words of the program
#   the words of the program                         "held PID TICKS"   it has them; PID is the supervisor
#   "go" or "no"                                     "ended"            the record can be read
#   "kept": the record is on the disk                "logged"           the log is complete
#                                                    "free"             the lane takes the next
#
# The end of the first pipe is what the death of the runner looks like: a program that waits never starts then, one that runs goes on.
# All that can be needed later lies in the folder of the attempt: `payload` (pid and start time, field 22 of /proc/<pid>/stat),
# `started` (the start-once marker: "go" inside says that the program was let go, an empty one that it never will be), `log`, and
# `exit`. The runner laid `exit` there full of blanks, so that a full disk has room for the record; the record is its first line,
# attempt and exit status, and whoever reads it waits for the end of the line.
set -u

# A handler and not '': what a shell ignores its children ignore too, and the program must still hear TERM.
hold_out() { trap : HUP INT QUIT TERM USR1 USR2 PIPE; }
hold_out
showrunner_setsid=$(command -v setsid) || exit 1

# Reads one word, whatever is in it: the number of its line ends, a colon, and the word. Never seen by the shell as words of its own.
# Sets $word, and $raw to the lines as they came. Fails where nothing comes any more.
read_word() {
  IFS= read -r raw || return 1
  left=${raw%%:*} word=${raw#*:}
  while [ "$left" -gt 0 ]; do
    IFS= read -r line || return 1
    word="$word
$line" raw="$raw
$line" left=$((left - 1))
  done
}

# Who the calling process is, which may be a subshell (where $$ lies): sets $pid, $parent and $ticks. Builtins only.
identify() {
  IFS= read -r stat </proc/self/stat
  pid=${stat%% *}
  # The name of the command stands in parentheses and may contain anything, so count from the last one.
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  parent=$2 ticks=${20}
}

# Makes a pipe: $1 reads, $2 writes. An empty here-document is one in all common shells, so that no program has to be called for it.
open_pipe() {
  exec 4<<EMPTY
EMPTY
  if [ -p /proc/self/fd/4 ]; then
    eval "exec $2>/proc/self/fd/4 $1<&4 4<&-"
    return
  fi
  place=$(mktemp -d) && mkfifo "$place/pipe" || exit 1
  # Opened for both first, because opening one end alone waits for the other.
  eval "exec 4<>\"\$place/pipe\" $2>\"\$place/pipe\" $1<\"\$place/pipe\" 4>&-"
  rm -r "$place"
}

# Copies descriptor 5 to the log up to its limit, then notes the cut and swallows the rest: a closed pipe would kill the program. Which log
# it is, and how large it may be, comes by descriptor 6.
keep_log() {
  trap '' HUP INT QUIT TERM USR1 USR2 XFSZ
  exec <&6 6<&-
  read_word || exit 0
  folder=$word
  read_word && log_blocks=$word
  read_word && cut_note=$word
  exec <&5 5<&-
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

# Says in the log why the program is not started.
refuse() {
  printf '%s\n' "$1" >&2
  exit 125
}

# "FLAG VALUE" for ulimit. Processes are -u in bash and -p in dash and busybox.
limit() {
  # shellcheck disable=SC2086,SC3045
  case $1 in
    -u*) ulimit $1 2>/dev/null || ulimit -p "${1#* }" ;;
    *) ulimit $1 ;;
  esac
}

# Writes 0 into each of these files, which moves this process into their control groups.
enter() {
  for entrance; do
    { echo 0 >"$entrance"; } 2>/dev/null || trouble="cannot enter $entrance"
  done
}

# Reads what the program is, and tells the others what they need: the keeper of the log by descriptor 7, the supervisor by 9. Sets
# $folder, $attempt, $cwd, and $number of the words that are left.
take_words() {
  read_word || exit 0
  folder=$word
  printf '%s\n' "$raw" >&7
  printf '%s\n' "$raw" >&9
  read_word && printf '%s\n' "$raw" >&9
  for _ in log_blocks cut_note; do
    read_word && printf '%s\n' "$raw" >&7
  done
  exec 7>&- 8<&- 9>&-
  read_word && cwd=$word
  read_word || exit 0
  number=$word
}

# Becomes the program, in three steps, so that as little as possible is left for the last: it stands by in the control groups whose
# entrances are given, learns what it is, and is let go. The words of the program are how many further control groups, limits and variables
# there are; then these; then the command.
become_program() {
  supervisor=$pid trouble=''
  enter "$@"
  printf 'standing\n'
  take_words
  set --
  while [ "$number" -gt 0 ]; do
    read_word || exit 0
    set -- "$@" "$word"
    number=$((number - 1))
  done
  printf 'held %s\n' "$pid $ticks"
  groups=$1 limits=$2 showrunner_left=$3
  shift 3
  while [ "$groups" -gt 0 ]; do
    enter "$1"
    shift
    groups=$((groups - 1))
  done
  identify
  printf '%s %s\n' "$pid" "$ticks" >"$folder/payload"
  IFS= read -r word && [ "$word" = go ] || exit 0
  # Without a supervisor nobody would know how it ended.
  identify
  [ "$parent" = "$supervisor" ] || exit 0

  # noclobber makes this O_EXCL: of everybody who wants to start or to seal this attempt exactly one succeeds.
  set -C
  { printf go >"$folder/started"; } 2>/dev/null || exit 0
  set +C
  exec </dev/null >&3 2>&1 3>&-
  [ -z "$trouble" ] || refuse "$trouble"
  cd -P -- "$cwd" || exit 125
  unset OLDPWD
  while [ "$limits" -gt 0 ]; do
    limit "$1" || refuse "cannot set the limit $1"
    shift
    limits=$((limits - 1))
  done
  export SHOWRUNNER_MARK="$mark"
  # What is still needed here has a name that no pipeline gives to a variable of its own.
  while [ "$showrunner_left" -gt 0 ]; do
    # shellcheck disable=SC2163
    export "$1"
    shift
    showrunner_left=$((showrunner_left - 1))
  done
  # A session of its own: `kill 0` in the program reaches the program only, and a stop finds all of it.
  exec "$showrunner_setsid" -- "$@"
}

# Writes the record where the runner made room for it; again while the disk refuses, for as long as anybody could still want it.
record() {
  while [ -d "$folder" ] && ! { printf '%s %s\n' "$attempt" "$code" 1<>"$folder/exit"; } 2>/dev/null; do sleep 1; done
}

# Waits until the record is on the disk. A runner that is there puts it there and says so; where there is none, nobody else would.
secure() {
  exec <&4 4<&-
  IFS= read -r word && [ "$word" = kept ] && return
  sync "$folder/exit" 2>/dev/null || sync
}

# Removes the control groups with these entrances, which are empty now.
leave() {
  for entrance; do
    rmdir -- "${entrance%/*}" 2>/dev/null
  done
  exit 1
}

# The whole life of one supervisor.
supervise() {
  hold_out
  read_word || exit 1
  number=$word
  set --
  while [ "$number" -gt 0 ]; do
    read_word || exit 1
    set -- "$@" "$word"
    number=$((number - 1))
  done
  identify
  mark="$pid-$ticks" # unique on this machine; what carries it in its environment belongs to this execution
  open_pipe 5 3
  open_pipe 6 7
  open_pipe 8 9
  # Writing ends that it kept open would keep the pipes from ending.
  (
    exec >/dev/null 3>&- 7>&- 8<&- 9>&-
    keep_log
  ) &
  keeper=$!
  exec 5<&- 6<&-
  (become_program "$@")
  code=$?
  exec 3>&- 7>&- 9>&-
  exec 4<&0 <&8 8<&-
  # Nothing comes where the program was never told what it is: then the runner is gone, and its groups are left.
  read_word || leave "$@"
  folder=$word
  read_word || exit 1
  attempt=$word
  if [ ! -s "$folder/started" ]; then
    wait "$keeper"
    exit 0
  fi
  record
  printf 'ended\n' 2>/dev/null
  # Beside the log, whose end may be far: a process that was left behind can hold it open.
  secure >/dev/null &
  securer=$!
  wait "$keeper"
  printf 'logged\n' 2>/dev/null
  wait "$securer"
  exit 0
}

while IFS= read -r order && [ "$order" = stand ]; do
  # What ended otherwise may have left half a conversation behind.
  (supervise) || exit 1
  printf 'free\n' || exit 0
done
