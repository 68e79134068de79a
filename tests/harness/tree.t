#!/bin/bash
# On the host: `tree` and `series` are the identity, and never lose work. A kernel tree of three files stands in.
. "$(dirname "$0")/../../scripts/lib/env"
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
export KERNELS=$dir/kernels KERNEL=5.99 BUILD=$dir/build KERNEL_SRC=$dir/src
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@localhost GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@localhost
PATCHES=$KERNELS/$KERNEL/patches tree=$BUILD/linux

n=0
ok() { n=$((n + 1)); if "${@:2}" > "$dir/out" 2>&1; then echo "ok $n - $1"; else echo "not ok $n - $1"; sed 's/^/# /' "$dir/out"; fi; }
fails() { ! "$@"; }
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

ok "no patches: a plain tree, and it says so" says "no patches" scripts/tree
ok "KERNEL_SRC is left as it was" unchanged "$KERNEL_SRC"
ok "ignored files are in base" git -C "$tree" cat-file -e base:x.ignored
ok "series without commits" scripts/series

subject='net: [RFC] A first change' commit sed -i 's/^50$/fifty/' numbers
subject='net: A second one' commit sh -c 'echo new > new; git mv numbers figures'
ok "tree refuses a tree with unwritten commits" fails scripts/tree
ok "tree use takes it" scripts/tree use
ok "clean refuses it, too" fails scripts/clean
ok "the commits are still there" git -C "$tree" cat-file -e HEAD:new
echo dirty >> "$tree/new"
ok "series refuses uncommitted edits" fails scripts/series
git -C "$tree" checkout -q new
ok "series writes the commits" scripts/series
ok "two patches and the cover letter" test "$(ls "$PATCHES" | wc -l)" = 3
ok "tree has nothing to do then" scripts/tree

git -C "$tree" checkout -qb side; git -C "$tree" commit -q --allow-empty -m side; git -C "$tree" checkout -q live
ok "clean refuses a tree with a commit on another branch" says "nothing removed" scripts/clean
git -C "$tree" branch -qD side
echo stashed >> "$tree/new"; git -C "$tree" stash -q
ok "clean refuses a tree with a stash" says "nothing removed" scripts/clean
ok "it is still there" git -C "$tree" stash pop -q
git -C "$tree" checkout -q new
mkdir "$dir/foreign"; echo x > "$dir/foreign/file"
ok "clean refuses a directory that is not ours" says "was not made by" env BUILD="$dir/foreign" scripts/clean
ok "and leaves it" test -e "$dir/foreign/file"
cp -a "$KERNEL_SRC" "$dir/other"
ok "another KERNEL_SRC than the tree's is refused" says "was made from" env KERNEL_SRC="$dir/other" scripts/tree
ok "clean removes a tree that can be made again" scripts/clean
ok "all of it" test ! -e "$BUILD"
scripts/tree > /dev/null

before=$(sums "$PATCHES")
rm -rf "$BUILD"
ok "a new tree from the patches" scripts/tree
ok "series again" scripts/series
ok "tree, series is the identity, to the byte" unchanged "$PATCHES"
first=$(git -C "$tree" rev-parse HEAD); rm -rf "$BUILD"; scripts/tree > /dev/null
ok "a tree has the same commits everywhere" test "$first" = "$(git -C "$tree" rev-parse HEAD)"

printf '[user]\nname = u\n[diff]\nnoprefix = true\n[format]\nnumbered = true\nsignature = s\n[core]\nabbrev = 40\n' > "$dir/.gitconfig"
env -u XDP_LIVE HOME="$dir" scripts/series > /dev/null
ok "the user's git configuration changes no patch" unchanged "$PATCHES"

git init -q "$dir/users"; git -C "$dir/users" commit -q --allow-empty -m users; users=$(git -C "$dir/users" rev-parse HEAD)
rm -rf "$BUILD"
ok "tree with the variables of a git hook and CDPATH" env -u XDP_LIVE CDPATH="$dir" KBUILD_OUTPUT="$dir" GIT_DIR="$dir/users/.git" GIT_INDEX_FILE="$dir/users/.git/index" scripts/tree
ok "the user's repository is left alone" sh -c "[ '$users' = \"\$(git -C '$dir/users' rev-parse HEAD)\" ] && [ -z \"\$(git -C '$dir/users' tag)\" ]"

sed -i 's/^-50$/-51/' "$PATCHES"/0001-*.patch
before=$(sums "$PATCHES")
ok "a patch that does not apply stops tree" fails scripts/tree
cp "$dir/out" "$dir/am"
ok "it named the patch" grep -q '0001-net' "$dir/am"
ok "it named file and line" grep -q 'numbers:47' "$dir/am"
ok "it showed the hunk" grep -qx -- '-51' "$dir/am"
ok "series refuses the half-applied tree" fails scripts/series
ok "and so does what builds" fails scripts/tree use
git -C "$tree" am --abort 2> /dev/null
echo half > "$tree/half"
ok "a tree to which the series never applied is not built" says "never applied in full" scripts/tree use
rm "$tree/half"
ok "series does not shorten the series to nothing" fails scripts/series
ok "no patch was lost" unchanged "$PATCHES"

rm -rf "$BUILD"; sed -i 's/^PATCHLEVEL = .*/PATCHLEVEL = 15/' "$KERNEL_SRC/Makefile"
ok "a tree of another kernel is refused" says "this series is for 5.99" scripts/tree
sed -i 's/^PATCHLEVEL = .*/PATCHLEVEL = 99/' "$KERNEL_SRC/Makefile"

# Two series, applied in the order of their names
rm "$PATCHES"/*; mkdir "$PATCHES"/{a,a-next}
echo letter > "$PATCHES/a/cover-letter.txt"; echo letter > "$PATCHES/a-next/cover-letter.txt"
ok "two series without patches: a plain tree" says "no patches" scripts/tree
subject='net: Of the second' commit sh -c 'echo 2 > second'
ok "series writes into the last directory" scripts/series
git -C "$tree" -c sequence.editor="sed -i 's/^pick \(\S*\) .*series: a-next.*/exec echo 1 > first \&\& git add first \&\& git commit -qm \"net: Of the first\"\n&/'" rebase -qi base
ok "a commit in front of the mark of the second" scripts/series
ok "is a patch of the first" grep -rq 'Of the first' "$PATCHES/a"/0001-*.patch
ok "each is numbered for itself" grep -rq 'Of the second' "$PATCHES/a-next"/0001-*.patch
before=$(sums "$PATCHES"); rm -rf "$BUILD"
ok "both are applied to a new tree" scripts/tree
ok "and written back" scripts/series
ok "to the byte" unchanged "$PATCHES"
git -C "$tree" reset -q --hard base
ok "a tree without the marks does not empty the series" fails scripts/series
ok "no patch was lost" unchanged "$PATCHES"
echo "1..$n"
