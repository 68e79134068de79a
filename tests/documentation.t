#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Documentation/bpf/bpf_prog_run.rst of the tree: its programs compile, its commands run, and the frames they send arrive.
#
#   veth0 ------------- veth1 in the network namespace far
#                       XDP: count_drop
. "$TESTS/lib/tap"
. "$TESTS/lib/far"
pins=/sys/fs/bpf/documentation
tmp=$(mktemp -d); cd "$tmp" || exit 1
trap 'far_del; rm -rf $pins $pins-maps /sys/fs/bpf/generate /sys/fs/bpf/redirect /sys/fs/bpf/maps "$tmp"' EXIT
CPATH="$BUILD/tools/include:$BUILD/linux/tools/include/uapi:/usr/include/$(gcc -dumpmachine)"
export CPATH

# runs FRAMES BLOCK: the commands succeed, and FRAMES frames arrive
runs() {
	far_start
	sh -e "$2" > out 2>&1 || return 1
	! far_got "$1" || return 0
	echo "$(($(far) - start)) of $1 arrived" >> out
	return 1
}

{
	far_add index 200
	bpftool prog loadall "$PROGRAMS/frames.bpf.o" $pins pinmaps $pins-maps
	far_attach $pins/*count_drop $pins-maps/counts
	{ head -c 12 /dev/zero; printf '\210\265'; head -c 50 /dev/zero; } > packet  # 0x88b5, which the cookbook's program redirects
} >&2 || exit 1

# The blocks of the document, in order: c1 sh1 c2 sh2 ...; the redirect program is the cookbook's.
python3 - "$BUILD/linux/Documentation/bpf/bpf_prog_run.rst" "$TOP/docs/cookbook.md" <<'P' > out 2>&1
import re, sys, textwrap
count = {}
for kind, text in re.findall(r'^\.\. code-block:: (\w+)\n\n((?: {4}.*\n|\n)+)', open(sys.argv[1]).read(), re.M):
    count[kind] = count.get(kind, 0) + 1
    open(f'{kind}{count[kind]}', 'w').write(textwrap.dedent(text))
assert count == {'c': 2, 'sh': 4}, count
open('redirect.c', 'w').write(re.search(r'^```c redirect.bpf.c\n(.*?)^```$', open(sys.argv[2]).read(), re.M | re.S)[1])
P
result "the blocks are those that are tested here" $?
cp c1 generate.c
clang -O2 -g -Wall -target bpf -c generate.c > out 2>&1 && clang -O2 -g -target bpf -c redirect.c >> out 2>&1
result "the program compiles" $?
runs 1000000 sh1; result "bpftool sends a million" $?
cat c2 - > send.c <<'C'
int main(void)
{
	char packet[64] = {};

	return send_frames(bpf_obj_get("/sys/fs/bpf/generate"), "veth0", packet, sizeof(packet), 1000) ||
	       send_frames(bpf_obj_get("/sys/fs/bpf/generate"), "eth7", packet, sizeof(packet), 1000) != -ENODEV;
}
C
gcc -Wall -Werror send.c -o send "$BUILD/tools/bpftool/libbpf/libbpf.a" -lelf -lz > out 2>&1
echo ./send > sh0
runs 1000 sh0 && grep -q '^1000 frames, [1-9][0-9]* ns per frame$' out; result "the C function sends 1000" $?
runs 100 sh2; result "a redirect is tested" $?
runs 500 sh3; result "a mean rate" $?
runs $((1000 * $(nproc))) sh4; result "several CPUs" $?
plan
