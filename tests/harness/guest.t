#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# On the host: what goes wrong in the guest is a failure on the host. Needs a kernel (make kernel).
. "$(dirname "$0")/../../scripts/lib/base"
set +e
. "$(dirname "$0")/../lib/harness" "$BUILD/harness"
rm -rf "$dir" && mkdir -p "$dir/tests" && trap 'rm -rf "$dir"' EXIT
export TIMEOUT=120 RESULTS=$dir/results TESTS=$dir/tests SELFTEST_LIST=$dir/selftests

guest() { scripts/guest "$@" > "$dir/out" 2>&1; rc=$?; }
# shellcheck disable=SC2065 # a script of that name
tests() { T='' scripts/test > "$dir/out" 2>&1; rc=$?; }
no_file() { [ ! -e "$1" ]; }

# --- scripts/guest, by QEMU and as User-mode Linux
ends() { # NAME
	guest bash -c "touch '$dir/written' '$RESULTS/written' 2> /dev/null; echo to stdout; echo to a file > \$RUN/file; exit 3"
	ok "$1: the exit code comes back" test $rc = 3
	ok "$1: standard output comes back" grep -qx 'to stdout' "$dir/out"
	ok "$1: a file in RUN comes back" grep -qx 'to a file' "$RESULTS/run/file"
	ok "$1: a file elsewhere does not" no_file "$dir/written"
	guest sh -c 'echo "$PATH:"'
	ok "$1: the tree's programs come first in the guest's PATH, whatever this machine has" shows "^[^:]*/tests:[^:]*/tools/sbin:"

	guest bash -c 'echo c > /proc/sysrq-trigger; sleep 100'
	ok "$1: a panic is a failure" test $rc = 125
	ok "$1: the last messages are shown" shows 'Kernel panic'

	guest bash -c 'echo "WARNING: CPU: 0 PID: 1 at net/core/x.c:1 x+0x1/0x2" > /dev/kmsg'
	ok "$1: a warning of the kernel is a failure of a command that succeeded" test $rc = 124
	ok "$1: the warning is shown" shows 'net/core/x.c:1'

	TIMEOUT=25 guest sleep 100
	ok "$1: running out of time is a failure" test $rc = 125
	ok "$1: which says so" shows 'ran out of time'
}
ends QEMU
ARCH=um scripts/kernel > "$dir/out" 2>&1
ok "User-mode Linux builds" test $? = 0
ACCEL=uml UML=1 ends "User-mode Linux"

# --- scripts/test
: > "$SELFTEST_LIST"
printf 'echo 1..1; echo ok 1\n' > "$TESTS/good.t"
tests
ok "a good test passes" test $rc = 0
ok "prove sums up" shows '^Result: PASS'

printf 'echo 1..2; echo ok 1\n' > "$TESTS/truncated.t"
printf 'echo 1..1; echo ok 1; exit 7\n' > "$TESTS/exits.t"
printf 'exit 0\n' > "$TESTS/silent.t"
echo no_such_test > "$SELFTEST_LIST"
tests
ok "failures fail" test $rc = 1
for t in truncated exits silent no_such_test; do ok "failed: $t" shows "^$t.tap .*"; done
ok "and good.t did not" shows 'good.tap \.+ ok'

rm "$TESTS"/{truncated,exits,silent}.t; : > "$SELFTEST_LIST"
printf 'echo 1..1; echo ok 1; echo "BUG: sleeping function called" > /dev/kmsg\n' > "$TESTS/complains.t"
tests
ok "a kernel that complains fails a run whose tests pass" test $rc = 1
ok "by a test of its own" shows '^guest.tap'

printf 'echo 1..1; echo ok 1; echo c > /proc/sysrq-trigger; sleep 100\n' > "$TESTS/complains.t"
tests
ok "a panic in a test whose TAP looks good fails" test $rc = 1
ok "tests that did not come to run fail" shows '^good.tap'
plan
