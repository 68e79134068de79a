#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# On the host: what scripts/bench-native-table makes of quiet and noisy rounds.
. "$(dirname "$0")/../lib/harness"
table=$PWD/scripts/bench-native-table

# rounds OURS PEER: ns per frame of TX, one word per round. PEER is a plain 1.2.
rounds() {
	local k v r
	: > "$dir/rounds.tsv"
	for k in ours 1.2/plain; do
		echo "Linux version 1.2.${#k} (x)" > "$dir/${k/\//-}.dmesg"
		r=0
		for v in $1; do r=$((r + 1)); printf '%s\t%d\ttx\t%d\n' "$k" $r "$v" >> "$dir/rounds.tsv"; done
		shift
	done
	(cd "$dir" && "$table" ours 1.2/plain) > "$dir/out" 2>&1
}
has() { grep -qF -- "$1" "$dir/out"; }

rounds '40 40 44 40 40 80 40' '80 80 88 80 80 80 80'
ok "median, least, and ratios round by round" has '| TX over veth | 25.0 | 40 (40) | 80 (80) | 0.50 | 0.50 to 0.50 | 0.50 | 0.75 |'
ok "one bad round of seven is no noise" fails has noisy
ok "there is a picture" [ -s "$dir/plot.svg" ]
rounds '64 64 64 64 64 64 64' '80 80 80 80 80 80 80'
ok "a limit that is missed" has '| 0.80 | 0.80 to 0.80 | 0.80 | 0.75 MISSED |'
rounds '40 60 40 60 40 60 40' '80 80 80 80 80 80 80'
ok "no verdict on noise" has '0.75, too noisy'
ok "a machine that is too noisy says so" has 'Too noisy: in 1 of 1 scenarios'
rounds '4 5 4 5 4 5 4' '9 9 9 9 9 9 9'
ok "whole nanoseconds are no noise" fails has noisy
rounds '40 40' ''
ok "a kernel without a figure" has '| TX over veth | 25.0 | 40 (40) | - | - | - | - | - |'
plan
