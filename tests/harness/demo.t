#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# On the host: `make demo` as a newcomer runs it, in a fresh clone of what is committed, on a machine that has what the audience
# has: the newest bpftool, libbpf, xdp-tools and iproute2 for this release, backports included. They are unpacked below build/
# and laid over /usr in a mount namespace: the machine stays as it is.
. "$(dirname "$0")/../../scripts/lib/base"
. "$LIB/apt"
set +e
. "$(dirname "$0")/../lib/harness" "$BUILD/newcomer"
show() { tail -n 40 "$dir/out"; }
packages="bpftool libbpf-dev libbpf1 libxdp1 xdp-tools iproute2"
rm -rf "$dir" && mkdir -p "$dir/debs" "$dir/usr" && trap 'rm -rf "$dir"' EXIT

newest() {
	local uri suite
	suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
	own_apt
	for uri in $(mirrors "Codename: $suite" "Origin: Debian"); do
		for s in "$suite" "$suite-backports"; do echo "deb [signed-by=$KEYRING] $uri $s main"; done
	done > "$BUILD/apt/sources.list"
	apt-get "${opts[@]}" update &&
	(cd "$dir/debs" && apt-get "${opts[@]}" -t "$suite-backports" download $packages) || return
	for deb in "$dir"/debs/*.deb; do dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir" --exclude='./usr/share' || return; done
	cp -a "$dir"/{bin,sbin,lib} "$dir/usr/" 2> /dev/null
	[ "$(find "$dir/debs" -name '*.deb' | wc -l)" = "$(wc -w <<< "$packages")" ]
}

# on COMMAND...: on that machine
on() {
	local user=; [ "$(id -u)" = 0 ] || user=-r
	unshare -m $user sh -c 'mount -t overlay -o lowerdir="$0:/usr" overlay /usr && exec "$@"' "$dir/usr" "$@" > "$dir/out" 2>&1
}

newest > "$dir/out" 2>&1
result "the audience's packages" $?
on sh -c 'cmp /usr/sbin/bpftool "$0"/sbin/bpftool && cmp /usr/include/bpf/bpf.h "$0"/include/bpf/bpf.h && tc -V && ip -V' "$dir/usr"
result "are installed there, and run" $?
find "$dir/debs" -name '*.deb' -printf '# %f\n'

git clone -q . "$dir/clone" > "$dir/out" 2>&1
result "a fresh clone" $?
on env -u KERNELS -u BUILD -u PATCHES -u RESULTS FRAMES="${FRAMES:-20000}" make -C "$dir/clone" demo
result "make demo succeeds" $?
for verdict in PASS TX 'REDIRECT to ifindex' 'REDIRECT by DEVMAP' DROP; do
	ok "its table has $verdict" shows "^$verdict +${FRAMES:-20000} +${FRAMES:-20000} "
done
plan
