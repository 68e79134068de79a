#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# On the host: scripts/lessons finds mistakes in the table of lessons, in a copy of what it reads.
. "$(dirname "$0")/../../scripts/lib/env"
. "$(dirname "$0")/../lib/harness"

# with NAME EXPRESSION COMMAND...: after COMMAND in the copy, check complains about EXPRESSION and nothing else
with() {
	local rc=0
	rm -rf "$dir/copy" && mkdir "$dir/copy" && cp -r README.md CONTRIBUTING.md Makefile .ci config docs guest kernels scripts tests "$dir/copy"
	(cd "$dir/copy" && "${@:3}" && ! scripts/lessons check) > "$dir/out" 2>&1 &&
		grep -qE -- "$2" "$dir/out" && [ "$(grep -vcE -- "$2|next: make lessons" "$dir/out")" = 0 ] || rc=1
	result "$1" $rc
}

table=tests/lessons.tsv list=$(echo kernels/*/mutants/list)
scripts/lessons check > "$dir/out" 2>&1; result "nothing is wrong here" $?
with "a number without a row" '^docs/design.md:1: L99 has no row' sed -i '1s/$/ (L99)/' docs/design.md
with "a row that is gone" '(^(tests|docs|kernels|guest|scripts)/.*: R12 has no row)' sed -i '/^R12\t/d' $table
with "a row for a test that is not there" 'there is no test "nowhere"' sed -i '/^R12\t/s/stack: /nowhere: /' $table
with "a part that the test has not" 'nothing of the test stack is called "R99999"' sed -i '/^R12\t/s/`R12`/`R99999`/' $table
with "a test of the kernel's that the series has not" 'nothing of the test xdp_do_redirect is called "bound"' sed -i '/^L02\t/s/`bounds`/`bound`/' $table
with "a verb that is not there" 'there is no verb nothing' sed -i '/^H5\t/s/make configs/make nothing/' $table
with "a row without a test" 'fields of 5, or one is empty|H6 has no row' sed -i -E '/^H6\t/s/\tfuzz\t/\t\t/' $table
with "a row twice" 'a second row' sed -i '/^H6\t/p' $table
with "a kernel that is none" '"8\.9" is none of' sed -i '/^H6\t/s/5\.10/8.9/' $table
with "a mutant that nothing names" 'L15b is in kernel.patch, but not here|L15b is in no kernels' sed -i '/^L15b/d' $list
with "a mutant that is not made" 'L15[bc] is (not in kernel.patch|in kernel.patch, but not here|in no kernels)' sed -i 's/^L15b/L15c/' $list
with "a mutant for a test that is not there" 'there is no test "stak"' sed -i '/^R5/s/stack/stak/' $list
with "a table in the page that is not the file's" 'next: make lessons' sed -i 's/^| L01 |/| L02 |/' docs/testing.md
sed -i 's/^| L01 |/| L02 |/' "$dir/copy/docs/testing.md"
(cd "$dir/copy" && scripts/lessons && scripts/lessons check) > "$dir/out" 2>&1; result "make lessons mends that" $?
cmp docs/testing.md "$dir/copy/docs/testing.md" > "$dir/out" 2>&1; result "to what it was" $?
plan
