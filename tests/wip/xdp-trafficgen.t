#!/bin/sh
# xdp-trafficgen of Debian's xdp-tools, as packaged, counted at the far end. It sends -n packets a thread and then goes
# on showing rates; SIGINT ends it.
#
#   veth0 ------------- veth1 in the network namespace far
#                       XDP: count_ports (veth takes XDP frames only if its peer has a program), TCP: server.py
echo 1..11
n=0 pins=/sys/fs/bpf/trafficgen TCP=128
tmp=$(mktemp -d); cd "$tmp" || exit 1
cleanup() { kill $server 2> /dev/null; ip link del veth0; ip netns del far; rm -rf $pins "$tmp"; }
trap cleanup EXIT
result() { # NAME STATUS
	n=$((n + 1))
	if [ "$2" = 0 ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; tail -n 40 log counts | sed 's/^/#   /'; fi
}
# Counted since the start: lines of "port packets", without zeroes
counts() {
	bpftool map dump pinned $pins/maps/packets | awk -F '[:,]' '
		/"key"/ { k = $2 + 0 }
		/"value":/ { n[k] += $2 }
		END { for (k in n) if (n[k]) print k, n[k] }' > counts
}
# Frames to port 1 that arrived, and those that veth had no room for: several CPUs send into one ring
one_or_full() { counts; echo $(($(sed -n 's/^1 //p' counts) + $(cat /sys/class/net/veth0/statistics/tx_dropped) - ${full:-0})); }
# start ARGS...: a new far end, and xdp-trafficgen for at most two minutes
start() {
	rm -rf $pins; mkdir -p $pins
	bpftool prog loadall "$PROGRAMS/trafficgen.bpf.o" $pins pinmaps $pins/maps
	nsenter --net=/run/netns/far bpftool net attach xdpdrv pinned $pins/xdp_count_ports dev veth1 overwrite
	: > counts; : > log
	# A shell has its background jobs ignore SIGINT.
	env --default-signal=INT timeout -k 30 120 xdp-trafficgen "$@" > log 2>&1 &
	pid=$!
}
# until COMMAND: it succeeds soon enough
until_() { for i in $(seq 60); do eval "$1" && return; sleep 0.5; done; return 1; }
# 1 is what it always exits with.
stop() { kill -INT $pid; wait $pid; [ $? -le 1 ]; }

{
	ip netns add far
	ip link add veth0 type veth peer name veth1 numrxqueues $(nproc) netns far
	ip link set veth0 up
	ip -n far link set veth1 up
	ip addr add fd00::1/64 dev veth0 nodad
	ip -n far addr add fd00::2/64 dev veth1 nodad
	events=/sys/kernel/tracing/events/bpf_test_run/xdp_live_run
	echo 1 > $events/enable
} >&2 || exit 1

start udp -n 20000 veth0
until_ 'counts; grep -qx "1 20000" counts'; result "udp: 20000 packets to port 1" $?
stop; result "udp: SIGINT ends it" $?
counts; [ "$(cat counts)" = "1 20000" ]; result "udp: not one more" $?

start udp -d 100 -n 10000 veth0
until_ 'counts; [ $(wc -l < counts) = 100 ] && ! grep -qv " 100$" counts'; result "udp -d 100: 100 packets to each of 100 ports" $?
stop; result "udp -d 100: SIGINT ends it" $?

full=$(cat /sys/class/net/veth0/statistics/tx_dropped)
start udp -t 2 -n 10000 veth0
until_ '[ "$(one_or_full)" = 20000 ]'; result "udp -t 2: 10000 packets from each of two threads" $?
stop

# Without -n, until SIGINT: in runs of 2^20 frames, of which it ends the last
echo > /sys/kernel/tracing/trace
full=$(cat /sys/class/net/veth0/statistics/tx_dropped)
start udp veth0
sleep 10
stop
grep -qE "veth0 .* [1-9][0-9,]* xmit/s" log; result "udp: shows a rate" $?
ran=$(sed -n 's/.* redirected=\([0-9]*\) .* failed=0 err=\(0\|-4\) .*/\1/p' /sys/kernel/tracing/trace | awk '{ n += $1 } END { print n + 0 }')
[ "$ran" -ge 1048576 ] && until_ '[ "$(one_or_full)" = "$ran" ]'; result "udp: all $ran frames arrive" $?

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
for i in $(seq 40); do ip netns exec far ss -Hltn 'sport = 10000' | grep -q . && break; sleep 0.5; done
start tcp -i veth0 fd00::2
until_ '[ -s total ]'; got=$?
counts; stop
result "tcp: the socket at the far end gets a megabyte" $got
[ "$(sed -n "s/^$TCP //p" counts)" -gt 700 ]; result "tcp: in segments of XDP frames" $?
! ip netns exec far cat /proc/net/snmp | awk '/^Tcp: [0-9]/ { exit $NF == 0 }'; result "tcp: with good checksums" $?
echo 0 > $events/enable
