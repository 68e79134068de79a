#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The same with the newest xdp-tools of Debian, in the root directory that scripts/xdp-tools has unpacked.
root=$BUILD/xdp-tools
. "$TESTS/lib/tap"
[ -e "$root/version" ] || { result "there is $root; scripts/xdp-tools says why not" 1; plan; exit; }
echo "# xdp-tools $(cat "$root/version")"
trap 'for d in dev sys proc; do umount -l "$root/$d"; done' EXIT
for d in proc sys dev; do mount --rbind /$d "$root/$d" || exit 1; done
IN="chroot $root" sh "$TESTS/xdp-trafficgen.t"
