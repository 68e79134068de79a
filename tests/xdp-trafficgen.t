#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xdp-trafficgen of Debian's xdp-tools, as packaged, counted at the far end. $IN is what it is run in, if any (a chroot, by
# xdp-trafficgen-newest.t). It sends -n packets a thread; then version 1.3 goes on showing rates until SIGINT, and 1.6 ends.
#
#   veth0 ------------- veth1 in the network namespace far
#                       XDP: count_ports (veth takes XDP frames only if its peer has a program), TCP: server.py
#
# Nothing is expected within a time. A frame that finds the ring of veth1 full, since the far end does not get the CPU, is
# counted by veth0 (xdp_xmit_errors), and with those that arrive: no frame may be missing, and none too many. Not tx_dropped,
# in which are also packets of the stack (neighbour discovery) that found the ring full.
debug=/sys/kernel/debug/kmemleak
. "$TESTS/lib/tap"
. "$TESTS/lib/far"
pins=/sys/fs/bpf/trafficgen TCP=128
tmp=$(mktemp -d); cd "$tmp" || exit 1
cleanup() { kill $server 2> /dev/null; far_del; rm -rf $pins "$tmp"; }
trap cleanup EXIT
show() { echo "full: $(full), $full at the start"; tail -n 40 log counts; }
# Counted since the start: lines of "port packets", without zeroes
counts() {
	bpftool map dump pinned $pins/maps/packets | awk -F '[:,]' '
		/"key"/ { k = $2 + 0 }
		/"value":/ { n[k] += $2 }
		END { for (k in n) if (n[k]) print k, n[k] }' > counts
}
full() { ethtool -S veth0 | awk '/xdp_xmit_errors/ { n += $2 } END { print n + 0 }'; }
# accounted N: as many have arrived since the start, or found the ring full, which is empty for the first 256
accounted() {
	counts
	arrived=$(awk '{ n += $2 } END { print n + 0 }' counts)
	[ $((arrived + $(full) - full)) = "$1" ] && [ "$arrived" -ge 200 ]
}
ports() { cut -d ' ' -f 1 counts | sort -n | xargs; }
# start ARGS...: a new far end, and xdp-trafficgen
start() {
	rm -rf $pins; mkdir -p $pins
	bpftool prog loadall "$PROGRAMS/trafficgen.bpf.o" $pins pinmaps $pins/maps
	far_net detach xdpdrv
	far_net attach xdpdrv pinned $pins/*count_ports
	: > counts; : > log
	full=$(full)
	# A shell has its background jobs ignore SIGINT.
	env --default-signal=INT timeout -k 60 500 stdbuf -oL $IN xdp-trafficgen "$@" > log 2>&1 &
	pid=$!
}
# until_ COMMAND: it succeeds, within five minutes, or one after xdp-trafficgen has ended
until_() {
	tries=600
	while [ $((tries -= 1)) -gt 0 ]; do
		eval "$1" && return
		[ $tries -lt 120 ] || kill -0 $pid 2> /dev/null || tries=120
		sleep 0.5
	done
	return 1
}
# Version 1.3 always exits with 1; 1.6 may have ended already.
stop() { kill -INT $pid 2> /dev/null; wait $pid; [ $? -le 1 ]; }

{
	far_args="numrxqueues $(nproc)" far_add
	ip addr add fd00::1/64 dev veth0 nodad
	ip -n far addr add fd00::2/64 dev veth1 nodad
} >&2 || exit 1

start udp -t 2 -n 10000 veth0
until_ 'accounted 20000' && [ "$(ports)" = 1 ]; result "udp -t 2: 10000 packets to port 1 from each of two threads" $?
stop; result "udp -t 2: SIGINT ends it" $?
accounted 20000; result "udp -t 2: not one more" $?

# Not on the debug kernel, whose verifier takes half a minute for each of its programs, each time.
if [ ! -e $debug ]; then
	start udp -n 20000 veth0
	until_ 'accounted 20000' && [ "$(ports)" = 1 ]; result "udp: 20000 packets" $?
	stop

	start udp -d 100 -n 10000 veth0
	until_ 'accounted 10000' && [ "$(ports)" = "$(seq 0 99 | xargs)" ] && ! awk '$2 > 100' counts | grep .
	result "udp -d 100: 100 packets to each of 100 ports" $?
	stop; result "udp -d 100: SIGINT ends it" $?

	# Without -n, until SIGINT: in runs of 2^20 frames, the last of which it lets end
	start udp veth0
	until_ 'grep -qE "veth0 .* [1-9][0-9,]* xmit/s" log'; result "udp: shows a rate" $?
	total() { counts; echo $(($(awk '{ n += $2 } END { print n + 0 }' counts) + $(full) - full)); }
	until_ '[ "$(total)" -gt 0 ]'
	stop
	until_ '[ "$(total)" -gt 0 ] && [ $(($(total) % 1048576)) = 0 ]' && [ "$(ports)" = 1 ]
	result "udp: all frames of its runs arrive" $?
fi

cat > server.py <<'X'
import socket
listener = socket.create_server(("fd00::2", 10000), family=socket.AF_INET6)
connection, _ = listener.accept()
total = 0
while total < 1 << 20:
    data = connection.recv(1 << 20)
    if not data:
        break
    total += len(data)
print(total, flush=True)
while connection.recv(1 << 20):
    pass
X
ip netns exec far python3 server.py > total 2> server.err &
server=$!
until_ 'ip netns exec far ss -Hltn "sport = 10000" | grep -q .'
start tcp -i veth0 fd00::2
until_ '[ -s total ]'; got=$?
counts; stop
result "tcp: the socket at the far end gets a megabyte" $got
[ "$(sed -n "s/^$TCP //p" counts)" -gt 700 ]; result "tcp: in segments of XDP frames" $?
! ip netns exec far cat /proc/net/snmp | awk '/^Tcp: [0-9]/ { exit $NF == 0 }'; result "tcp: with good checksums" $?
plan
