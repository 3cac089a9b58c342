#!/bin/sh
##~~ title: FASTA statistics
##~~ summary: Counts sequences, their lengths, N50 and GC content.
##~~ takes: a FASTA file, packed by gzip or not
##~~ gives: a table with one row per sequence, and a summary
##~~ icon: dna
##~~ time: 2h
##~~ input [.fa .fasta .fna .ffn .faa .fas .fa.gz .fasta.gz .fna.gz .ffn.gz .faa.gz .fas.gz] - the sequences
##~~ shortest:integer=0 [0.. letters] - shorter sequences are left out
##~~ output_table=sequences.tsv [.tsv] - name, length, GC content and unknown letters of each sequence
##~~ output_summary=summary.txt [.txt] - the figures of the whole file
#
# fasta-stats.sh INPUT SHORTEST TABLE SUMMARY
set -eu
LC_ALL=C
export LC_ALL

fail() {
  printf 'fasta-stats: %s\n' "$1" >&2
  exit 1
}

[ "$#" -eq 4 ] || fail 'give four arguments: INPUT SHORTEST TABLE SUMMARY.'
input=$1
shortest=${2:-0}
table=$3
summary=$4
case $shortest in *[!0-9]*) fail "the shortest length is not a whole number: $shortest" ;; esac
[ -f "$input" ] && [ -r "$input" ] || fail "there is no file that can be read at $input"

# Read through a pipe and never as an operand: awk would take a name such as "a=b.fa" for an assignment.
unpack() {
  case $input in
    *.gz) gzip -dc < "$input" 2> /dev/null ;;
    *) cat < "$input" ;;
  esac
}

# awk would read backslashes in values given by -v; the environment reaches it as it is.
lengths=$table.lengths
export shortest table summary lengths
# Half a table must not look like a result.
unfinished=$table
trap 'rm -f -- "$lengths" "$unfinished"' EXIT
trap 'exit 143' TERM INT HUP

printf 'Reading sequences\n'
{ unpack || printf '\n>>unreadable\n'; } | awk '
  function fault(sentence) { print "fasta-stats: " sentence > "/dev/stderr"; bad = 1; exit 1 }
  function finish() {
    if (!open) return
    if (size < shortest) { dropped++; return }
    count++
    share = size > unknown ? sprintf("%.2f", 100 * gc / (size - unknown)) : ""
    printf("%s\t%d\t%s\t%d\n", name, size, share, unknown) > table
    print size, gc, unknown > lengths
    if (count % 100000 == 0) print count " sequences so far"
  }
  BEGIN {
    shortest = ENVIRON["shortest"] + 0; table = ENVIRON["table"]; lengths = ENVIRON["lengths"]
    print "name\tlength\tgc_percent\tunknown" > table; printf "" > lengths
  }
  { sub(/\r$/, "") }
  $0 == ">>unreadable" { fault("the file could not be unpacked; it is damaged or not packed by gzip.") }
  /^[ \t]*$/ { next }
  /^>/ {
    finish()
    open = 1; size = gc = unknown = 0
    name = substr($0, 2)
    gsub(/\t/, " ", name); sub(/^ +/, "", name); sub(/ +$/, "", name)
    if (name == "") name = "(line " NR ")"
    next
  }
  /^;/ { next }
  {
    if (!open) fault("line " NR " comes before the first name. A FASTA file begins with a line such as \">name\".")
    gsub(/[ \t]/, "")
    if ($0 ~ /[^A-Za-z*.-]/) fault("line " NR " is no sequence: it holds something else than letters.")
    # Gaps and stops are no letters of the sequence.
    gsub(/[*.-]/, "")
    size += length($0)
    gc += gsub(/[GCSgcs]/, "")
    unknown += gsub(/[NXnx]/, "")
  }
  END {
    if (bad) exit 1
    finish()
    if (count == 0) fault(dropped ? "all " dropped " sequences are shorter than " shortest " letters." : "there is no sequence in this file.")
    if (dropped > 0) print dropped " shorter sequences left out"
  }
' || exit 1

printf 'Sorting lengths\n'
sort -k1,1nr "$lengths" | awk '
  BEGIN { summary = ENVIRON["summary"] }
  { size[NR] = $1; total += $1; gc += $2; unknown += $3 }
  END {
    middle = NR % 2 ? size[(NR + 1) / 2] : (size[NR / 2] + size[NR / 2 + 1]) / 2
    for (at = 1; at <= NR; at++) { sum += size[at]; if (sum * 2 >= total) break }
    printf "Sequences     %d\n", NR > summary
    printf "Letters       %.0f\n", total > summary
    printf "Shortest      %d\n", size[NR] > summary
    printf "Longest       %d\n", size[1] > summary
    printf "Mean          %.1f\n", total / NR > summary
    printf "Median        %.1f\n", middle > summary
    printf "N50           %d\n", size[at] > summary
    printf "L50           %d\n", at > summary
    if (total > unknown) printf "GC content    %.2f %%\n", 100 * gc / (total - unknown) > summary
    printf "Unknown       %.0f\n", unknown > summary
    print NR " sequences"
  }
'
unfinished=$lengths
