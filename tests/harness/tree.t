#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# On the host: `tree` and `series` are the identity, and never lose work. The kernel tree has three files.
. "$(dirname "$0")/../../scripts/lib/env"
. "$(dirname "$0")/../lib/harness"
export KERNELS=$dir/kernels KERNEL=5.99 BUILD=$dir/build KERNEL_SRC=$dir/src
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@localhost GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@localhost
PATCHES=$KERNELS/$KERNEL/patches tree=$BUILD/linux

says() { local text=$1; shift; "$@" > "$dir/said" 2>&1 || true; cat "$dir/said"; grep -qF -- "$text" "$dir/said"; }
sums() { (cd "$1" && find . -type f -exec sha256sum {} + | sort); }
unchanged() { [ "$before" = "$(sums "$1")" ]; }
commit() { (cd "$tree" && "$@" && git add -A && git commit -qm "$subject") }

mkdir -p "$KERNEL_SRC" "$PATCHES"
echo DATE=2020-01-01T00:00:00Z > "$KERNELS/$KERNEL/source"
printf 'VERSION = 5\nPATCHLEVEL = 99\nSUBLEVEL = 1\n' > "$KERNEL_SRC/Makefile"
printf '*.ignored\n' > "$KERNEL_SRC/.gitignore"
seq 100 > "$KERNEL_SRC/numbers"; echo x > "$KERNEL_SRC/x.ignored"
echo letter > "$PATCHES/cover-letter.txt"
before=$(sums "$KERNEL_SRC")

runs "no patches: a plain tree, and it says so" says "no patches" scripts/tree
runs "KERNEL_SRC is left as it was" unchanged "$KERNEL_SRC"
runs "ignored files are in base" git -C "$tree" cat-file -e base:x.ignored
runs "series without commits" scripts/series

subject='net: [RFC] A first change' commit sed -i 's/^50$/fifty/' numbers
subject='net: A second one' commit sh -c 'echo new > new; git mv numbers figures'
runs "tree refuses a tree with unwritten commits" fails scripts/tree
runs "tree use takes it" scripts/tree use
runs "clean refuses it, too" fails scripts/clean
runs "the commits are still there" git -C "$tree" cat-file -e HEAD:new
echo dirty >> "$tree/new"
runs "series refuses uncommitted edits" fails scripts/series
git -C "$tree" checkout -q new
runs "series writes the commits" scripts/series
runs "two patches and the cover letter" test "$(find "$PATCHES" -mindepth 1 | wc -l)" = 3
runs "tree has nothing to do then" scripts/tree
. scripts/lib/tree
PLAIN_PATCHES='0002-*.patch' plain_series "$dir/plain"
runs "plain Linux has the patches of PLAIN_PATCHES alone" test "$(cd "$dir/plain" && echo *)" = "$(cd "$PATCHES" && echo 0002-*)"
PLAIN_PATCHES='' plain_series "$dir/plain"
runs "or none" test -z "$(ls "$dir/plain")"

git -C "$tree" checkout -qb side; git -C "$tree" commit -q --allow-empty -m side; git -C "$tree" checkout -q live
runs "clean refuses a tree with a commit on another branch" says "nothing removed" scripts/clean
git -C "$tree" branch -qD side
echo stashed >> "$tree/new"; git -C "$tree" stash -q
runs "clean refuses a tree with a stash" says "nothing removed" scripts/clean
runs "it is still there" git -C "$tree" stash pop -q
git -C "$tree" checkout -q new
mkdir "$dir/foreign"; echo x > "$dir/foreign/file"
runs "clean refuses a directory that is not ours" says "was not made by" env BUILD="$dir/foreign" scripts/clean
runs "and leaves it" test -e "$dir/foreign/file"
cp -a "$KERNEL_SRC" "$dir/other"
runs "another KERNEL_SRC than the tree's is refused" says "was made from" env KERNEL_SRC="$dir/other" scripts/tree
runs "clean removes a tree that can be made again" scripts/clean
runs "all of it" test ! -e "$BUILD"
scripts/tree > /dev/null

before=$(sums "$PATCHES")
rm -rf "$BUILD"
runs "a new tree from the patches" scripts/tree
runs "series again" scripts/series
runs "tree, series is the identity, to the byte" unchanged "$PATCHES"
first=$(git -C "$tree" rev-parse HEAD); rm -rf "$BUILD"; scripts/tree > /dev/null
runs "a tree has the same commits everywhere" test "$first" = "$(git -C "$tree" rev-parse HEAD)"

printf '[user]\nname = u\n[diff]\nnoprefix = true\n[format]\nnumbered = true\nsignature = s\n[core]\nabbrev = 40\n' > "$dir/.gitconfig"
env -u XDP_LIVE HOME="$dir" scripts/series > /dev/null
runs "the user's git configuration changes no patch" unchanged "$PATCHES"

git init -q "$dir/users"; git -C "$dir/users" commit -q --allow-empty -m users; users=$(git -C "$dir/users" rev-parse HEAD)
rm -rf "$BUILD"
runs "tree with the variables of a git hook and CDPATH" env -u XDP_LIVE CDPATH="$dir" KBUILD_OUTPUT="$dir" GIT_DIR="$dir/users/.git" GIT_INDEX_FILE="$dir/users/.git/index" scripts/tree
runs "the user's repository is left alone" sh -c "[ '$users' = \"\$(git -C '$dir/users' rev-parse HEAD)\" ] && [ -z \"\$(git -C '$dir/users' tag)\" ]"

sed -i 's/^-50$/-51/' "$PATCHES"/0001-*.patch
before=$(sums "$PATCHES")
runs "a patch that does not apply stops tree" fails scripts/tree
cp "$dir/out" "$dir/am"
runs "it named the patch" grep -q '0001-net' "$dir/am"
runs "it named file and line" grep -q 'numbers:47' "$dir/am"
runs "it showed the hunk" grep -qx -- '-51' "$dir/am"
runs "series refuses the half-applied tree" fails scripts/series
runs "and so does what builds" fails scripts/tree use
git -C "$tree" am --abort 2> /dev/null
echo half > "$tree/half"
runs "a tree to which the series never applied is not built" says "never applied in full" scripts/tree use
rm "$tree/half"
runs "series does not shorten the series to nothing" fails scripts/series
runs "no patch was lost" unchanged "$PATCHES"

rm -rf "$BUILD"; sed -i 's/^PATCHLEVEL = .*/PATCHLEVEL = 15/' "$KERNEL_SRC/Makefile"
runs "a tree of another kernel is refused" says "this series is for 5.99" scripts/tree
sed -i 's/^PATCHLEVEL = .*/PATCHLEVEL = 99/' "$KERNEL_SRC/Makefile"

# Two series, applied in the order of their names
rm "$PATCHES"/*; mkdir "$PATCHES"/{a,a-next}
echo letter > "$PATCHES/a/cover-letter.txt"; echo letter > "$PATCHES/a-next/cover-letter.txt"
runs "two series without patches: a plain tree" says "no patches" scripts/tree
subject='net: Of the second' commit sh -c 'echo 2 > second'
runs "series writes into the last directory" scripts/series
git -C "$tree" -c sequence.editor="sed -i 's/^pick \(\S*\) .*series: a-next.*/exec echo 1 > first \&\& git add first \&\& git commit -qm \"net: Of the first\"\n&/'" rebase -qi base
runs "a commit in front of the mark of the second" scripts/series
runs "is a patch of the first" grep -rq 'Of the first' "$PATCHES/a"/0001-*.patch
runs "each is numbered for itself" grep -rq 'Of the second' "$PATCHES/a-next"/0001-*.patch
before=$(sums "$PATCHES"); rm -rf "$BUILD"
runs "both are applied to a new tree" scripts/tree
runs "and written back" scripts/series
runs "to the byte" unchanged "$PATCHES"
git -C "$tree" reset -q --hard base
runs "a tree without the marks does not empty the series" fails scripts/series
runs "no patch was lost" unchanged "$PATCHES"
mkdir -p "$dir/many"/{b,b-next,b-next-a,b-next-tools,b-other}
touch "$dir/many"/{b,b-next,b-next-a,b-next-tools,b-other}/0001-x.patch
runs "features come behind fixes, and NAME-next-WHAT behind NAME-next" \
	[ "$(. scripts/lib/tree; series_dirs "$dir/many" | xargs)" = "b b-other b-next b-next-a b-next-tools" ]
plan
