#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# On the host: scripts/splats finds each complaint of tests/splats.tsv, and allows the messages that it lists, but nothing more.
. "$(dirname "$0")/../lib/harness"
table=tests/splats.tsv

# dmesg LINE...: the messages of a kernel that boots and prints these lines
dmesg() { printf '%s\r\n' '[    0.000000] Linux version X.Y.Z-xdp-live' '[    0.400000] kasan: KernelAddressSanitizer initialized' \
	'[    0.500000] page_owner is disabled' "$@" '[    9.000000] xdp-live: test lessons' > "$dir/dmesg"; }
silent() { scripts/splats "$dir/dmesg" > "$dir/out" 2>&1 && [ ! -s "$dir/out" ]; }
# finds MESSAGE: splats fails, and shows it
finds() { ! scripts/splats "$dir/dmesg" > "$dir/out" 2>&1 && grep -qF -- "$1" "$dir/out"; }
found() { local prefix; for prefix in '' '[    5.123456] ' '[    5.123456][  T117] '; do dmesg "$prefix$1"; finds "$1" || return; done; }
passes() { local prefix; for prefix in '' '[    5.123456] ' '[    5.123456][  T117] '; do dmesg "$prefix$1"; silent || return; done; }
matches() { printf '%s' "$2" | grep -qE -- "$1"; }
whole() { printf '%s' "$2" | grep -qxE -- "$1"; }

dmesg; ok "a boot without complaints" silent
rows=0
while IFS=$'\t' read -r what expression message reason; do
	case $what in
	'#'*) continue ;;
	deny)
		ok "deny $expression: matches its message" matches "$expression" "$message"
		ok "deny $expression: which is found" found "$message" ;;
	allow)
		ok "allow $expression: matches its message" whole "$expression" "$message"
		ok "allow $expression: which passes" passes "$message"
		ok "allow $expression: has a reason" test -n "$reason"
		ok "allow $expression: no complaint that has this in it" found "BUG: KASAN: use-after-free in x+0x1/0x2 $message"
		ok "allow $expression: nor one that begins with it" found "$message WARNING: x" ;;
	*) ok "$table: $what is neither deny nor allow" false ;;
	esac
	rows=$((rows + 1))
done < "$table"
ok "$table has rows" test $rows -gt 30

for message in 'BUG: KASAN: use-after-free in __set_page_owner+0x4f/0x90' 'WARNING: CPU: 1 PID: 9 at mm/page_owner.c:171 __reset_page_owner+0x1/0x2' \
	'BUG: KASAN: KernelAddressSanitizer initialized twice'; do
	ok "found: $message" found "$message"
done
: > "$dir/dmesg"; ok "an empty file is no boot" finds "no kernel messages"
rm "$dir/dmesg"; ok "nor is no file" finds "no kernel messages"
echo '[    0.0] init: hello' > "$dir/dmesg"; ok "nor one that does not begin with it" finds "no kernel messages"
mkdir -p "$dir/scripts" "$dir/tests"; cp scripts/splats "$dir/scripts"; dmesg
ok "no table, no verdict" sh -c '! "$1/scripts/splats" "$1/dmesg" > "$1/out" 2>&1' sh "$dir"
: > "$dir/tests/splats.tsv"
ok "nor with an empty one" sh -c '! "$1/scripts/splats" "$1/dmesg" > "$1/out" 2>&1 && grep -q "nothing to look for" "$1/out"' sh "$dir"
printf 'deny\tBUG:\tx\n' > "$dir/tests/splats.tsv"
ok "nothing allowed is no error" sh -c '"$1/scripts/splats" "$1/dmesg" > "$1/out" 2>&1' sh "$dir"
plan
