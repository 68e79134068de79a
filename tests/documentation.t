#!/bin/sh
# Documentation/bpf/bpf_prog_run.rst of the tree: its programs compile and its commands run, and what they send arrives.
#
#   veth0 ------------- veth1 in the network namespace far
#                       XDP: count_drop
echo 1..7
n=0 pins=/sys/fs/bpf/documentation
tmp=$(mktemp -d); cd "$tmp" || exit 1
trap 'ip link del veth0; ip netns del far; rm -rf $pins $pins-maps /sys/fs/bpf/generate /sys/fs/bpf/redirect /sys/fs/bpf/maps "$tmp"' EXIT
export CPATH="$BUILD/tools/include:$BUILD/linux/tools/include/uapi:/usr/include/$(gcc -dumpmachine)"

result() { # NAME STATUS
	n=$((n + 1))
	if [ "$2" = 0 ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; sed 's/^/#   /' out; fi
}
# Frames that veth1 has counted, and those that its ring had no room for
far() { bpftool map lookup pinned $pins-maps/counts key 0 0 0 0 | cat - /sys/class/net/veth0/statistics/tx_dropped |
	awk -F '[:,]' '/"frames"/ { n += $2 } /^[0-9]+$/ { n += $1 } END { print n }'; }
# runs FRAMES BLOCK: the commands succeed, and so many arrive
runs() {
	start=$(far)
	sh -e "$2" > out 2>&1 || return 1
	for i in $(seq 300); do [ $(($(far) - start)) != "$1" ] || return 0; sleep 0.1; done
	echo "$(($(far) - start)) of $1 arrived" >> out
	return 1
}

{
	ip netns add far
	ip link add veth0 index 200 type veth peer name veth1 netns far
	ip link set veth0 addrgenmode none up
	ip -n far link set veth1 addrgenmode none up
	bpftool prog loadall "$PROGRAMS/frames.bpf.o" $pins pinmaps $pins-maps
	nsenter --net=/run/netns/far bpftool net attach xdpdrv pinned $pins/*count_drop dev veth1
	{ head -c 12 /dev/zero; printf '\210\265'; head -c 50 /dev/zero; } > packet  # 0x88b5, which the cookbook's program redirects
} >&2 || exit 1

# The blocks of the document, in order: c1 sh1 c2 sh2 ...; the program that a recipe redirects with is the cookbook's.
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
