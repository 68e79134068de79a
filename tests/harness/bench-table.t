#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# On the host: scripts/bench-table writes the recorded figures into the page and the picture, and notices when they differ.
# It works on a copy.
. "$(dirname "$0")/../../scripts/lib/env"
. "$(dirname "$0")/../lib/harness"
mkdir "$dir/clone" && cp -r docs kernels scripts tests "$dir/clone" && cd "$dir/clone" || exit 1
unset KERNEL KERNELS BUILD RESULTS
page=docs/performance.md record=kernels/$(cat kernels/default)/bench.expected

row() { grep -qxF "$1" $page; }

runs "page and picture are what is recorded" scripts/bench-table check
set -- kernels/*/bench.peer; rm -f "${@:3}"     # two peers
sed -i 's/^tx .*/tx 999/; s/^pktgen_start_xmit .*/pktgen_start_xmit 2710/' $record
sed -i 's/^tx .*/tx 550/' "$1"; sed -i 's/^tx .*/tx 613/' "$2"
runs "another figure is noticed" fails scripts/bench-table check
ok "in the page and in the picture" shows 'performance.md .*performance.svg'
runs "and written" scripts/bench-table docs
runs "to both" scripts/bench-table check
ok "with its ratio to the better peer, above its limit" row "| TX over veth | 999 | 550 | 613 | 1.82 | 0.80 MISSED |"
ok "and to another scenario" row "| TX, against pktgen start_xmit | 999 | 2710 | 0.37 | 0.20 MISSED |"
sed -i '/^tx /d' "$1"
scripts/bench-table docs > "$dir/out" 2>&1
ok "a peer without a figure" row "| TX over veth | 999 | - | 613 | 1.63 | 0.80 MISSED |"
sed -i 's/\tTX over veth$/\tTX by veth/' tests/bench.tsv
runs "another label is noticed" fails scripts/bench-table check
scripts/bench-table docs > "$dir/out" 2>&1
ok "and written to the page" row "| TX by veth | 999 | - | 613 | 1.63 | 0.80 MISSED |"
ok "and to the picture" grep -q "by veth" docs/performance.svg
sed -i 's/^drop\tpeers\t0.35\tyes/drop\tpeers\t0.35\t-/' tests/bench.tsv
runs "one that is not plotted any more" fails scripts/bench-table check
ok "concerns the picture alone" fails shows 'performance.md'
sed -i '/end of figures/d' $page
runs "a page without a place for figures" fails scripts/bench-table docs
ok "is told" shows 'has not the two lines'
plan
