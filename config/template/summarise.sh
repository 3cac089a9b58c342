#!/bin/sh
# Least, mean and greatest of one column of a table. Any program will do in its place: it gets the arguments that pipeline.yaml lists,
# prints what people should see in the log, writes its results into the folder that it is given, and ends with 0 when all went well.
set -eu
LC_ALL=C
export LC_ALL

fail() {
  printf 'summarise: %s\n' "$1" >&2
  exit 1
}

table='' column='' digits=2 scale=linear skip='' out=.
for word in "$@"; do
  case $word in
    --table=*) table=${word#*=} ;;
    --column=*) column=${word#*=} ;;
    --digits=*) digits=${word#*=} ;;
    --scale=*) scale=${word#*=} ;;
    --skip-empty) skip=yes ;;
    --out=*) out=${word#*=} ;;
    *) fail "there is no option $word" ;;
  esac
done
[ -r "$table" ] || fail "the table cannot be read: $table"

# Half a result must not look like one: it gets its name when it is whole.
unfinished=$out/figures.csv.part
trap 'rm -f -- "$unfinished"' EXIT
# awk reads backslashes in values that are given by -v; the environment reaches it as it is.
export column digits scale skip unfinished

awk -F, '
  function fault(sentence) { print "summarise: " sentence > "/dev/stderr"; bad = 1; exit 1 }
  BEGIN { column = ENVIRON["column"]; format = "%." ENVIRON["digits"] "f" }
  { sub(/\r$/, "") }
  NR == 1 {
    for (at = 1; at <= NF; at++) if ($at == column) place = at
    if (!place) fault("the table has no column named " column ". It has: " $0)
    next
  }
  $place == "" { if (ENVIRON["skip"]) next; fault("line " NR " has nothing in this column.") }
  $place !~ /^[-+]?[0-9.]+([eE][-+]?[0-9]+)?$/ { fault("line " NR " has no number in this column: " $place) }
  {
    value = $place + 0
    if (ENVIRON["scale"] == "log10") {
      if (value <= 0) fault("line " NR " has no logarithm: " $place)
      value = log(value) / log(10)
    }
    if (!count || value < least) least = value
    if (!count || value > most) most = value
    sum += value
    count++
  }
  END {
    if (bad) exit 1
    if (!count) fault("there is no value in this column.")
    print "column,values,least,mean,greatest" > ENVIRON["unfinished"]
    printf("%s,%d," format "," format "," format "\n", column, count, least, sum / count, most) > ENVIRON["unfinished"]
    printf("%d values, mean " format "\n", count, sum / count)
  }
' < "$table" || exit 1
mv -- "$unfinished" "$out/figures.csv"
