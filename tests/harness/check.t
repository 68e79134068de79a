#!/bin/bash -p
# SPDX-License-Identifier: GPL-2.0-only
# On the host: the verdicts of scripts/check on the output of its checks, in a clone with a kernel tree of one file, two patches,
# and its own checks.
[ -n "${XDP_LIVE:-}" ] && exec env -u XDP_LIVE "$0" "$@"
. "$(dirname "$0")/../lib/harness"
unset BUILD RESULTS PATCHES KERNELS KERNEL T ACCEL ARCH CONFIG QUICK FULL CROSS
export KERNEL_SRC=$dir/src
clone=$dir/clone
checks=$clone/scripts/checks
mkdir -p "$clone/kernels/5.99/patches" "$clone/tests/harness" "$KERNEL_SRC"
cp -r scripts "$clone" && rm "$checks"/*/*
echo 5.99 > "$clone/kernels/default"
echo DATE=2020-01-01T00:00:00Z > "$clone/kernels/5.99/source"
printf 'VERSION = 5\nPATCHLEVEL = 99\nSUBLEVEL = 1\n' > "$KERNEL_SRC/Makefile"
echo zero > "$KERNEL_SRC/file"
patch() { # NUMBER FROM TO
	printf '%s\n' "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001" "From: a <a@localhost>" "Date: Wed, 1 Jan 2020 00:00:00 +0000" \
		"Subject: [PATCH] To $3" "" --- "diff --git a/file b/file" "index 0000000000000..1111111111111 100644" "--- a/file" "+++ b/file" "@@ -1 +1 @@" "-$2" "+$3" \
		> "$clone/kernels/5.99/patches/$1-To-$3.patch"
}
patch 0001 zero one; patch 0002 one two
cd "$clone" || exit 1

# check PATH LINE...: write that check
check() {
	printf '%s\n' '#!/bin/bash -p' '# License' "# called ${1##*/}" '. "$(dirname "$0")/../../lib/base"' '. "$LIB/check"' "${@:2}" > "$checks/$1"
	chmod +x "$checks/$1"
}
run() { rc=0; scripts/check > "$dir/out" 2>&1 < /dev/null || rc=$?; }
in_tap() { grep -qxE -- "$2" "build/5.99/results/check/$1.tap"; }
passes() { run; [ $rc = 0 ] && shows '^Result: PASS'; result "$1" $?; }
fails() { run; [ $rc != 0 ] && shows "^$2.tap .*Failed|^$2.tap .*No plan|^$2.tap .*Parse error" && [ "$(grep -c '^[^ ]*\.tap  *(Wstat' "$dir/out")" = 1 ]; result "$1" $?; }

check patch/silent true
check series/silent true
printf 'echo 1..1; echo ok 1\n' > tests/harness/good.t
passes "checks that are silent are ok"
in_tap 0002-To-two "ok 2 - called silent"; result "for each patch, by the name of their third line" $?
in_tap series "ok 1 - called silent"; result "and for the series" $?

check patch/speaks '[ "$subject" != 0002-To-two ] || echo a complaint'
fails "one that speaks fails, at the patch it speaks of" 0002-To-two
shows '^  *a complaint$'; result "which is shown" $?
check patch/speaks 'grep -c two "$wt/file" || true; not_asked'
passes "one that was not asked says nothing"
check patch/speaks '[ "$subject" = base ] && grep -qx zero "$wt/file" && echo "warning: old" > "$log"' '[ "$subject" = base ] || echo "$subject warning: old" | sed "s/.* w/w/" > "$log"' 'new "$log"'
passes "what base complains of is not new"
check patch/speaks ': > "$log"; [ "$subject" = base ] && [ -e "$BUILD/check/built" ] || echo "warning: of old" > "$log"; touch "$BUILD/check/built"' 'new "$log"'
run; passes "nor what it complained of in an earlier run, which has compiled it"
check patch/speaks 'cp "$wt/file" "$log"; sed -i "s/^/warning: /" "$log"' 'new "$log"'
run; [ "$(grep -c '^  not ok' "$dir/out")" = 2 ]; result "what is new is so once, for each patch" $?
check patch/speaks 'echo "file: Error 2" > "$log"' 'new "$log"'
run; [ $rc != 0 ] && shows 'base itself fails at speaks'; result "an error at base is told, and not taken for what was always so" $?
rm "$checks/patch/speaks"

check series/dies 'exit 3'
fails "one that ends with another exit code fails" series
rm "$checks/series/dies"
check series/x.t 'echo 1..2; echo ok 1; echo not ok 2'
fails "a check of TAP that fails" series-x
check series/x.t 'echo 1..1; echo ok 1; exit 4'
fails "that has a bad end" series-x
check series/x.t 'echo ok 1'
fails "that has no plan" series-x
check series/x.t not_asked
passes "that was not asked"
printf 'echo 1..1; echo ok 1; exit 1\n' > tests/harness/bad.t
fails "a harness test with a bad end" harness-bad
rm tests/harness/bad.t

asleep=$dir/asleep; printf -v sleeps ': > %q; exec sleep 60' "$asleep"
check patch/sleeps "$sleeps"
stop '[ -e $asleep ]' scripts/check
[ "$rc" = 130 ]; result "Ctrl-C ends it, while a patch is checked" $?
rm "$checks/patch/sleeps" "$asleep"
echo "$sleeps" > tests/harness/sleeps.t
stop '[ -e $asleep ]' scripts/check
[ "$rc" = 130 ]; result "while the scripts are tested" $?
rm tests/harness/sleeps.t
passes "and the next one passes"

patch 0002 none two
rm -rf build; run; [ $rc != 0 ]; result "a patch that does not apply" $?
rm -f kernels/5.99/patches/*; rm -rf build
run; [ $rc != 0 ] && shows 'nothing to check'; result "no patches at all" $?
plan
