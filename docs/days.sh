#!/usr/bin/env bash
# Makes the examples of docs/days.md anew, text and pictures, between their
# markers. The persons are the first that --find lists. `make docs-days` runs it.
set -euo pipefail
cd "$(dirname "$0")/.."

page=docs/days.md
data=out/days
sigcity=bin/sigcity
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p out docs/img

osm=$(go list -m -f '{{.Dir}}' github.com/paulmach/osm)/testdata/andorra-latest.osm.bz2
$sigcity generate --osm "$osm" --name Andorra --time-zone Europe/Andorra --persons 3000 --days 7 --out $data -q >"$tmp/generate"

# first CONDITIONS DAY...: the user that is found first, on the first day on which there is one, and that day.
first() {
  local conditions=$1 day user
  shift
  for day in "$@"; do
    user=$($sigcity inspect $data --day "$day" --find "$conditions" -q | awk 'NR == 2 { print $1 }')
    if [ -n "$user" ]; then
      echo "$user $day"
      return
    fi
  done
  echo "docs/days.sh: nobody in $data has $conditions on $*" >&2
  return 1
}

# splice NAME: what is between the markers of NAME becomes standard input.
splice() {
  cat >"$tmp/new"
  grep -qxF "<!-- $1 -->" $page && grep -qxF "<!-- end of $1 -->" $page || { echo "docs/days.sh: $page lacks the markers of $1" >&2; return 1; }
  awk -v from="<!-- $1 -->" -v to="<!-- end of $1 -->" -v new="$tmp/new" '
    $0 == to { skip = 0 }
    !skip { print }
    $0 == from { skip = 1; while ((getline line < new) > 0) print line }' $page >"$tmp/page"
  cp "$tmp/page" $page
}

# show COMMAND...: the command, which readers can run, and what it prints.
show() {
  printf '```sh\nbin/%s\n```\n\n```text\n' "$*"
  "bin/$@" -q | sed 's/ *$//'
  printf '```\n'
}

mother=sex=female,white_collar=true,preschool_child=true,age=20-40,visit=kindergarten,visit=work,visit=shop,records=60-200
commuter=sex=male,employment=employed,shift=day,mode=car,visit=work,records=80-250

read -r user day < <(first $mother 2026-03-02 2026-03-03 2026-03-04 2026-03-05 2026-03-06)
show sigcity inspect $data --day "$day" --find $mother | splice find
show sigcity inspect $data --user "$user" --day "$day" --map docs/img/day.svg | splice day

read -r user day < <(first $commuter 2026-03-04)
show sigcity inspect $data --user "$user" --days 7 --map docs/img/week.svg | splice week
