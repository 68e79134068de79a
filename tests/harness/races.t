#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# On the host: scripts/races keeps the data races with an access in a line of the series, and counts the others. The tree has two
# files, and a program built from them stands in for vmlinux.
. "$(dirname "$0")/../../scripts/lib/env"
. "$(dirname "$0")/../lib/harness"
tree=$dir/tree
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@localhost GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@localhost

# report A B [MARK]: two accesses, in the functions A and B; the first is marked, if MARK says so
report() {
	local line='=================================================================='
	printf '[    7.000000] %s\n' "$line" "BUG: KCSAN: data-race in $1 / $2" "" "write${3:+ ($3)} to 0xffff888003a0c0d8 of 4 bytes by task 99 on cpu 0:" \
		" $(at "$1")" " caller+0x10/0x20" "" "read to 0xffff888003a0c0d8 of 4 bytes by task 98 on cpu 1:" " $(at "$2")" " caller+0x10/0x20" "" \
		"Reported by Kernel Concurrency Sanitizer on:" "CPU: 1 PID: 98 Comm: lessons Not tainted" "$line"
}
# at FUNCTION: what a backtrace calls the place behind its first instruction
at() { echo "$1+0x4/0x20"; }
races() { scripts/races "$dir/dmesg" "$dir" "$tree" > "$dir/out" 2>&1; }
counts() { grep -qx "xdp-live: data races: $1 of the series, $2 of others left out" "$dir/out"; }
keeps() { races && counts 1 0 && grep -q 'BUG: KCSAN' "$dir/out"; }
leaves_out() { races && counts 0 1 && ! grep -q 'BUG: KCSAN' "$dir/out"; }

mkdir -p "$tree/net" && git -C "$tree" init -q
printf '%s\n' 'int counter;' 'void theirs(void) { counter++; }' 'void also_theirs(void) { counter--; }' > "$tree/net/old.c"
git -C "$tree" add . && git -C "$tree" commit -qm base && git -C "$tree" tag base
printf '%s\n' 'void ours(void) { counter += 2; }' >> "$tree/net/old.c"
printf '%s\n' 'extern int counter; void ours(void), theirs(void), also_theirs(void), fresh(void);' 'void fresh(void) { counter += 3; }' \
	'int main(void) { ours(); theirs(); also_theirs(); fresh(); }' > "$tree/net/new.c"
git -C "$tree" add . && git -C "$tree" commit -qm series
gcc -g -O0 -fno-pie -no-pie "$tree"/net/*.c -o "$dir/vmlinux" || exit 1

report theirs also_theirs > "$dir/dmesg"; ok "others among themselves are left out" leaves_out
report theirs ours > "$dir/dmesg"; ok "a line that the series added is ours" keeps
ok "and is named" grep -q '^ours: net/old.c:4$' "$dir/out"
report fresh theirs > "$dir/dmesg"; ok "so is a file that it added" keeps
report ours theirs marked > "$dir/dmesg"; ok "an access of ours that is marked has done its part" leaves_out
report theirs ours marked > "$dir/dmesg"; ok "not if the other one is" keeps
report theirs no_such_function > "$dir/dmesg"; ok "what is not understood is shown" keeps
report theirs also_theirs | sed '$d' > "$dir/dmesg"; races
ok "a report that is cut off is shown" grep -q 'BUG: KCSAN' "$dir/out"
{ echo 'Linux version'; report theirs also_theirs; echo 'WARNING: x'; report ours theirs; report theirs theirs; } > "$dir/dmesg"; races
ok "several are counted" counts 1 2
ok "other messages stay" sh -c 'grep -q "^Linux version" "$1/out" && grep -qx "WARNING: x" "$1/out"' sh "$dir"
scripts/splats "$dir/out" > /dev/null; ok "what is left is a complaint" test $? != 0
git -C "$tree" tag -f base > /dev/null; ok "without a series there is no verdict" sh -c '! scripts/races "$1/dmesg" "$1" "$1/tree" > /dev/null 2>&1' sh "$dir"
plan
