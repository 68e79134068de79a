#!/bin/bash
# On the host: `apply-check` tells how a patch applies. A kernel tree of two files stands in.
cd "$(dirname "$0")/../.." || exit 1
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
export KERNELS=$dir/kernels KERNEL=5.99 BUILD=$dir/build
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@localhost GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@localhost
PATCHES=$KERNELS/$KERNEL/patches tree=$BUILD/linux

n=0
# how NAME CODE FIRST SECOND EDIT: after EDIT of a copy of the tree, the two patches apply like that
how() {
	local code=0
	n=$((n + 1))
	rm -rf "$dir/other"; cp -a "$dir/src" "$dir/other"
	(cd "$dir/other" && eval "$5"); before=$(cat "$dir"/other/* | sha256sum)
	SRC=$dir/other scripts/apply-check > "$dir/out" 2>&1 || code=$?
	[ $code = "$2" ] && grep -qE "^ +$3 +0001" "$dir/out" && grep -qE "^ +$4 +0002" "$dir/out" &&
		[ "$before" = "$(cat "$dir"/other/* | sha256sum)" ] && echo "ok $n - $1" ||
		{ echo "not ok $n - $1"; sed 's/^/# /' "$dir/out"; }
}

mkdir -p "$dir/src" "$PATCHES"
echo DATE=2020-01-01T00:00:00Z > "$KERNELS/$KERNEL/source"
printf 'VERSION = 5\nPATCHLEVEL = 99\nSUBLEVEL = 1\nEXTRAVERSION =\n' > "$dir/src/Makefile"
seq 100 > "$dir/src/numbers"
KERNEL_SRC=$dir/src scripts/tree > /dev/null
sed -i 's/^50$/fifty/; s/^70$/seventy/' "$tree/numbers"; git -C "$tree" commit -qam "A first change"
sed -i 's/^20$/twenty/' "$tree/numbers"; git -C "$tree" commit -qam "A second one"
scripts/series > /dev/null

how "the same tree" 0 exactly exactly :
how "another place" 0 exactly exactly "sed -i '1i zero' numbers"
how "other lines near the change" 0 fuzz exactly "sed -i 's/^48$/x/' numbers"
how "half of it is there already" 0 3-way exactly "sed -i 's/^70$/seventy/' numbers"
how "the lines themselves are others" 1 CONFLICT exactly "sed -i 's/^50$/x/' numbers"
how "both patches conflict" 1 CONFLICT CONFLICT "sed -i 's/^50$/x/; s/^20$/x/' numbers"
how "the file is missing" 1 CONFLICT exactly "rm numbers"
code=0; SRC=$dir/none scripts/apply-check > "$dir/out" 2>&1 || code=$?
n=$((n + 1)); [ $code = 1 ] && grep -q 'not a kernel tree' "$dir/out" && echo "ok $n - no tree" || echo "not ok $n - no tree"
sed -i 's/= 99/= 15/' "$dir/src/Makefile"
code=0; SRC=$dir/src scripts/apply-check > "$dir/out" 2>&1 || code=$?
n=$((n + 1)); [ $code = 1 ] && grep -q 'this series is for 5.99' "$dir/out" && echo "ok $n - another kernel" || echo "not ok $n - another kernel"
echo "1..$n"
