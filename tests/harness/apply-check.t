#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# On the host: `apply-check` says how each patch applies, and its printed advice works. The kernel tree has three files.
. "$(dirname "$0")/../../scripts/lib/env"
. "$(dirname "$0")/../lib/harness"
export KERNELS=$dir/kernels KERNEL=5.99 BUILD=$dir/build
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@localhost GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@localhost
PATCHES=$KERNELS/$KERNEL/patches tree=$BUILD/linux

sums() { (cd "$dir/other" && find . -name .git -prune -o -type f -exec sha256sum {} + | sort); }
check() { rc=0; SRC=$dir/other scripts/apply-check > "$dir/out" 2>&1 || rc=$?; }
# other EDIT: make $dir/other, a copy of the tree after EDIT
other() { rm -rf "$dir/other"; cp -a "$dir/src" "$dir/other"; (cd "$dir/other" && eval "$1"); }
# how NAME CODE FIRST SECOND THIRD EDIT: after EDIT of a copy of the tree, the patches apply like that
how() {
	other "$6"
	before=$(sums)
	check
	ok "$1" eval "[ $rc = $2 ] && shows '^ +$3 +0001' '^ +$4 +0002' '^ +$5 +0003' && [ '$before' = \"\$(sums)\" ]"
}
# follow: run exactly what it printed
follow() { sed -n '/^    next: /,$ { s/^    //; s/^next: //; /^where it stops/ q; p }' "$dir/out" > "$dir/advice"; [ -s "$dir/advice" ] && sh -e "$dir/advice" >> "$dir/out" 2>&1; }
has() { local w; for w; do grep -qrx --exclude-dir=.git -- "$w" "$dir/other" || return; done; }
commits() { [ "$(git -C "$dir/other" log --format=%s | grep -c '^A ')" = "$1" ]; }

mkdir -p "$dir/src" "$PATCHES"
printf 'DATE=2020-01-01T00:00:00Z\nFEATURE="THE_FLAG sub/letters"\n' > "$KERNELS/$KERNEL/source"
printf 'VERSION = 5\nPATCHLEVEL = 99\nSUBLEVEL = 1\nEXTRAVERSION =\n' > "$dir/src/Makefile"
mkdir "$dir/src/sub"; seq 100 > "$dir/src/numbers"; printf '%s\n' {a..z} > "$dir/src/sub/letters"; echo '/*' > "$dir/src/.gitignore"
KERNEL_SRC=$dir/src scripts/tree > /dev/null
sed -i 's/^50$/fifty/; s/^70$/seventy/' "$tree/numbers"; git -C "$tree" commit -qam "A first change"
sed -i 's/^20$/twenty/' "$tree/numbers"; git -C "$tree" commit -qam "A second one"
sed -i 's/^m$/THE_FLAG/' "$tree/sub/letters"; git -C "$tree" commit -qam "A third one"
scripts/series > /dev/null

how "the same tree" 0 exactly exactly exactly :
how "another place" 0 exactly exactly exactly "sed -i '1i zero' numbers"
how "other lines near the change" 0 fuzz exactly exactly "sed -i 's/^48$/x/' numbers"
how "half of it is there already" 0 3-way exactly exactly "sed -i 's/^70$/seventy/' numbers"
how "the lines themselves are others" 1 CONFLICT exactly exactly "sed -i 's/^50$/x/' numbers"
how "two patches conflict" 1 CONFLICT CONFLICT exactly "sed -i 's/^50$/x/; s/^20$/x/' numbers"
how "a file that the tree does not have" 0 exactly exactly 'not needed' "rm sub/letters"
how "a tree that has none of the files" 1 'not needed' 'not needed' 'not needed' "rm numbers sub/letters"
ok "says so" shows 'none of the files'
other "sed -i 's/^b$/THE_FLAG/' sub/letters"; check
ok "the feature is there already" eval "[ $rc = 1 ] && shows 'has THE_FLAG already, in sub/letters'"

# The advice, in trees of a vendor, which have none of our blobs
repository="git init -q && git add -Af . && git commit -qm vendor"
merge="sed -i 's/^70$/seventy/; s/^48$/x/' numbers; sed -i 's/^k$/x/' sub/letters"
for where in 'a repository' 'no repository' 'a directory of a repository'; do
	other "$merge"
	src=$dir/other
	case $where in
	'a repository') (cd "$dir/other" && eval "$repository") ;;
	'a directory of a repository')
		mkdir -p "$dir/mono/some dir"; mv "$dir/other" "$dir/mono/some dir/linux"; mkdir "$dir/other"; mv "$dir/mono/some dir" "$dir/other/"
		(cd "$dir/other" && eval "$repository")
		src="$dir/other/some dir/linux" ;;
	esac
	rc=0; SRC=$src scripts/apply-check > "$dir/out" 2>&1 || rc=$?
	ok "3-way and fuzz: $where" eval "[ $rc = 0 ] && shows '^ +3-way +0001' '^ +fuzz +0003'"
	ok "the advice, followed" follow
	ok "makes three commits" commits 3
	ok "the changes are there" has fifty seventy twenty THE_FLAG
done
other "$merge; rm sub/letters; $repository"; check
ok "the advice with a patch that is not needed" follow
ok "makes two commits" commits 2
other "sed -i 's/^20$/x/' numbers; $repository"; check
ok "the advice with a conflict stops" eval "! follow"
ok "where it says" shows 'where it stops: resolve'
ok "with the conflict to resolve, one patch done" eval "commits 1 && has '<<<<<<< .*' fifty"

# A new clone, on a machine that has git
mkdir "$dir/clone"; cp -a scripts "$dir/clone/"
for f in deps tree kernel; do printf '#!/bin/sh\necho no %s here; exit 1\n' $f > "$dir/clone/scripts/$f"; done
fresh() { rc=0; BUILD=$dir/clone/build SRC=$dir/other "$dir/clone/scripts/apply-check" > "$dir/out" 2>&1 || rc=$?; }
other "sed -i 's/^48$/x/' numbers; $repository"; fresh
ok "without a tree of ours or a compiler" eval "[ $rc = 0 ] && shows '^ +fuzz +0001' '^ +exactly +0002'"
ok "nothing is built" test ! -e "$dir/clone/build"
ok "the advice, followed" follow
ok "makes three commits" commits 3
other "$merge; $repository"; fresh
ok "only a merge needs more, and that is said" eval "[ $rc = 1 ] && shows '^ +3-way[?] +0001' 'numbers: no place for the hunk of line 67' '^ +exactly +0002' 'needs make tree'"
ok "the advice stops" eval "! follow"
ok "with what does not fit in a .rej file, and the rest in place" eval "[ -e '$dir/other/numbers.rej' ] && has fifty"

# Several at once
edits=(: "sed -i 's/^48$/x/' numbers" "sed -i 's/^70$/seventy/' numbers" "sed -i 's/^50$/x/' numbers" "rm sub/letters")
for i in "${!edits[@]}"; do
	other "${edits[i]}"; mv "$dir/other" "$dir/at-once.$i"
	SRC=$dir/at-once.$i scripts/apply-check > "$dir/alone.$i" 2>&1
done
for i in "${!edits[@]}"; do SRC=$dir/at-once.$i scripts/apply-check > "$dir/together.$i" 2>&1 & done
wait
for i in "${!edits[@]}"; do diff -u "$dir/alone.$i" "$dir/together.$i"; done > "$dir/out"
ok "five at once say what each says alone" test ! -s "$dir/out"

SRC=$dir/none scripts/apply-check > "$dir/out" 2>&1 && rc=0 || rc=$?
ok "no tree" eval "[ $rc = 1 ] && shows 'not a kernel tree'"
sed -i 's/= 99/= 15/' "$dir/src/Makefile"
SRC=$dir/src scripts/apply-check > "$dir/out" 2>&1 && rc=0 || rc=$?
ok "another kernel" eval "[ $rc = 1 ] && shows 'this series is for 5.99'"
plan
