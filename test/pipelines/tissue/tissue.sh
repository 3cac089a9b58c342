#!/bin/sh
# Writes each argument on a line, and the head of a table as later runs look for it.
printf '%s\n' "$@" > arguments.txt
echo 'id,area,"Leiden, 1"' > cells.csv
