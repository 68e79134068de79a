#!/bin/bash -p
# SPDX-License-Identifier: GPL-2.0-only
# On the host: a verb that is ended (Ctrl-C), or whose disk is full, says so, and leaves nothing that breaks the next one.
[ -n "${XDP_LIVE:-}" ] && exec env -u XDP_LIVE "$0" "$@"
. "$(dirname "$0")/../lib/harness"
. tests/lib/clone
patches=kernels/5.99/patches

# script NAME LINE...: add a script to the clone, with these lines after base and lib/apt
script() {
	printf '%s\n' '#!/bin/bash -p' '. "$(dirname "$0")/lib/base"' '. "$LIB/apt"' "${@:2}" > "scripts/$1"
	chmod +x "scripts/$1"
}
# small SIZE COMMAND...: in a mount namespace in which $disk is a file system of that size
disk=$dir/disk; mkdir "$disk"
small() {
	local user=; [ "$(id -u)" = 0 ] || user=-r
	unshare -m $user sh -c 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@"' sh "$1" "$disk" "${@:2}"
}

# --- Ctrl-C. Enough patches to be in their midst
for i in {1..30}; do
	sed "s/^Subject: .*/Subject: [PATCH] Change $i/; s/numbers.c/new$i/g; /^@@/,\$d
		s/^--- a.*/--- \/dev\/null/; s/^index .*/new file mode 100644\nindex 000000000000..111111111111/" \
		$patches/0001-A-change.patch > "$dir/patch"
	printf '@@ -0,0 +1 @@\n+%d\n' $i | cat "$dir/patch" - > "$patches/$(printf %04d $((i + 1)))-Change-$i.patch"
done
amid='[ "$(cat $tree/.git/rebase-apply/next)" -gt 4 ]'
stop "$amid" scripts/tree
ok "Ctrl-C while the series is applied" eval "[ $rc = 130 ] && shows 'is plain Linux'"
runs "the next tree is whole" scripts/tree
ok "with all patches" eval "shows 'and 31 patches' && test -z \"\$(scripts/tree)\""
sed -i 's/^+30$/+100/' $patches/*-30.patch
stop "$amid" scripts/kernel
ok "Ctrl-C while it is applied again, by a verb that builds" test "$rc" = 130
runs "the next one builds the series of now" sh -c "scripts/tree && grep 100 $tree/new30"
cp scripts/lib/tree "$dir/lib"
echo 'series_am() { : > "$TREE/.git/refs/heads/live.lock"; sleep 60; }' >> scripts/lib/tree
remove; stop '[ -e $tree/.git/refs/heads/live.lock ]' scripts/tree
ok "Ctrl-C while git holds a lock, which it may leave" test "$rc" = 130
cp "$dir/lib" scripts/lib/tree
runs "the next tree is whole" scripts/tree
sed -i 's/^rm -rf "$removed"/echo removing; sleep 60; &/' scripts/clean
stop 'shows removing' scripts/clean
ok "Ctrl-C while clean removes" test "$rc" = 130
runs "the next tree is made anew" sh -c "scripts/tree | grep 'as base'"
sed -i 's/sleep 60; //' scripts/clean
runs "and clean removes it" sh -c "scripts/clean && test ! -e build/5.99"
mkdir -p build/5.99/.removed/x/linux && : > build/5.99/.lock
runs "what an ended clean had still to do, clean does" sh -c "scripts/clean && test ! -e build/5.99"
scripts/tree > /dev/null; rm $patches/*; scripts/series > /dev/null
before=$(sha256sum $patches/*); rm $patches/*
sed -i 's/say "wrote $p"/&; sleep 0.2/' scripts/series
stop 'shows wrote.*-Change-9' scripts/series
ok "Ctrl-C while series writes" test "$rc" = 130
runs "the next one writes the rest" scripts/series
ok "to the byte" test "$before" = "$(sha256sum $patches/*)"
rm $patches/*-Change-*.patch
remove

# --- No space
scripts/tree > /dev/null 2>&1; du -sk build/5.99 > "$dir/need"; need=$(cut -f 1 "$dir/need"); remove
for part in 10 30 60; do
	runs "a disk of $part % of what it takes: tree says so, and makes it when there is more" fails small $((need * part / 100))k env BUILD="$disk/b" sh -c \
		'scripts/tree && exit; mount -o remount,size=100m "$1" && scripts/tree && exit 1' sh "$disk"
	ok "which it did" shows 'No space left on device|no space is left in' 'and 1 patches'
done
script keep 'keep "$1" "$2"'
head -c 300k /dev/zero > "$dir/download"
runs "a full cache keeps nothing, and says so" small 100k sh -c \
	'! scripts/keep "$2" "$1/x.deb" && test -z "$(ls "$1")"' sh "$disk" "$dir/download"
ok "naming the disk" shows "No space left on device"

# --- Ctrl-C while a kernel runs; a script stands in for QEMU and User-mode Linux
printf '#!/bin/sh\necho $$ > %q\nexec sleep 60\n' "$dir/booted" > "$dir/kernel"; chmod +x "$dir/kernel"
printf '#!/bin/sh\n' | tee scripts/deps scripts/kernel scripts/programs > /dev/null
sed -i "s|qemu-system-x86_64 \"|$dir/kernel \"|" scripts/bench
printf 'drop\tnative\t-\t-\tDROP\n' > tests/bench.tsv
mkdir -p build/5.99/tests; cp /bin/true build/5.99/tests/bench
for verb in bench bench-native; do
	stop '[ -s $dir/booted ]' env IMAGE="$dir/kernel" scripts/$verb
	ok "Ctrl-C ends $verb" test "$rc" = 130
	ok "and the kernel that it runs" test ! -e "/proc/$(cat "$dir/booted")"
	rm "$dir/booted"
done
plan
