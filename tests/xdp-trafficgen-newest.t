#!/bin/sh
# The same with the newest xdp-tools of Debian, in the root directory that scripts/xdp-tools has unpacked.
root=$BUILD/xdp-tools
[ -e "$root/version" ] || { printf '1..1\nnot ok 1 - no %s, scripts/xdp-tools says why\n' "$root"; exit; }
echo "# xdp-tools $(cat "$root/version")"
trap 'for d in dev sys proc; do umount -l "$root/$d"; done' EXIT
for d in proc sys dev; do mount --rbind /$d "$root/$d" || exit 1; done
IN="chroot $root" sh "$TESTS/xdp-trafficgen.t"
